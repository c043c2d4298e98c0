"""When a branch is open today, in words."""

import datetime as dt
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from govdesk import clock, i18n
from govdesk.catalog.models import Branch
from govdesk.catalog.service import calendar_of


def today(session: Session, branch: Branch) -> str:
    """Open until when, opens today at, or next opens on; empty where it never opens."""
    calendar = calendar_of(session, branch, is_strict=False)
    now = clock.now()
    if calendar.is_open(now):
        day = clock.local_day(now, branch.timezone)
        closes = next(end for start, end in calendar.open_intervals(day) if start <= now < end)
        return i18n.t("citizen.open_until", time=i18n.time_of(closes, branch.timezone))
    opens = calendar.next_opening(now)
    if opens is None:
        return ""
    return i18n.t("citizen.opens_at", when=_when(opens, now, branch.timezone))


def _when(opens: dt.datetime, now: dt.datetime, zone: str) -> str:
    time, ahead = i18n.time_of(opens, zone), (opens.date() - now.astimezone(ZoneInfo(zone)).date()).days
    if ahead <= 1:
        return i18n.t("citizen.tomorrow_at" if ahead else "citizen.today_at", time=time)
    return i18n.t(
        "citizen.day_at", weekday=i18n.weekday(opens.date()), date=i18n.date_short(opens.date()), time=time
    )
