"""How soon and how far ahead a start can be booked: lead and horizon."""

import datetime as dt
from typing import NamedTuple
from zoneinfo import ZoneInfo

from govdesk.booking.rules import SlotRuleError

MIDNIGHT = dt.time(0)
_DAY = dt.timedelta(days=1)


class Window(NamedTuple):
    """From when and until when a start can be booked; half-open, in UTC."""

    opens_at: dt.datetime
    closes_at: dt.datetime

    def holds(self, moment: dt.datetime) -> bool:
        """Whether a slot that starts then can be booked now."""
        return self.opens_at <= moment < self.closes_at


def bookable_window(
    now: dt.datetime, lead: dt.timedelta | None, horizon: dt.timedelta | None, zone: ZoneInfo
) -> Window:
    """Return from when and until when starts can be booked at `now` (aware).

    A lead of whole days counts days: with one day, nothing today and all of tomorrow. Any other lead counts
    from now. The horizon counts from now, its days on the wall clock, so that a clock change moves it by
    nothing. Raises SlotRuleError where either is missing, negative, or leaves nothing between them.
    """
    for name, length in (("lead", lead), ("horizon", horizon)):
        if length is None:
            raise SlotRuleError(f"booking.{name}_missing", field=name)
        if length < dt.timedelta():
            raise SlotRuleError(f"booking.{name}_negative", field=name)
    assert lead is not None
    assert horizon is not None
    if horizon <= lead:
        raise SlotRuleError("booking.horizon_within_lead", field="horizon")
    here = now.astimezone(zone)
    if lead and not lead % _DAY:
        opens_at = dt.datetime.combine(here.date() + lead, MIDNIGHT, zone).astimezone(dt.UTC)
    else:
        opens_at = now.astimezone(dt.UTC) + lead
    rest = horizon % _DAY
    return Window(opens_at, (here + (horizon - rest)).astimezone(dt.UTC) + rest)


def book_until(starts_at: dt.datetime, lead: dt.timedelta, zone: ZoneInfo) -> dt.datetime:
    """Return the last moment (UTC) at which a start is still inside the lead of `bookable_window`.

    A lead of whole days ends with a local day: with one day, at the midnight before the slot's day, itself
    too late.
    """
    if not lead or lead % _DAY:
        return starts_at.astimezone(dt.UTC) - lead
    day = starts_at.astimezone(zone).date() - lead + _DAY
    return dt.datetime.combine(day, MIDNIGHT, zone).astimezone(dt.UTC)
