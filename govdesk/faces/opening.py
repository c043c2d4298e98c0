"""Whether a branch is open, in words."""

import datetime as dt

from sqlalchemy.orm import Session

from govdesk import i18n
from govdesk.booking.hours.opening import Opening, opening_of
from govdesk.catalog.entries import Name
from govdesk.catalog.models import Branch

DAYS_BY_NAME = 6  # ahead; a weekday alone could mean two days beyond that


def said(opening: Opening, zone: str) -> str:
    """Open until when, or why it is shut and when it opens next."""
    if opening.is_open:
        if opening.until is None:
            return i18n.t("public.open_always")
        return i18n.t("public.open_until", time=_time(opening.until, opening.today, zone))
    shut = "public.closed_today" if opening.is_whole_day else "public.closed_now"
    closed = i18n.t(f"{shut}_why", why=words(opening.why)) if opening.why else i18n.t(shut)
    if opening.opens is None:
        return closed
    return i18n.t("public.closed_opens", closed=closed, when=_when(opening.opens, opening.today, zone))


def today(session: Session, branch: Branch) -> str:
    """The same of a branch as it stands now."""
    return said(opening_of(session, branch), branch.timezone)


def words(name: Name) -> str:
    """A name in the language spoken now, or in the other."""
    return (name.ar or name.en) if i18n.language() == "ar" else (name.en or name.ar)


def _time(moment: dt.datetime, today: dt.date, zone: str) -> str:
    """A time of today as such, any other with its day; midnight tonight is still of today."""
    if moment.date() == today or moment <= _midnight(today, moment):
        return i18n.time_of(moment, zone)
    return _when(moment, today, zone)


def _midnight(today: dt.date, moment: dt.datetime) -> dt.datetime:
    return dt.datetime.combine(today + dt.timedelta(days=1), dt.time(0), moment.tzinfo)


def _when(moment: dt.datetime, today: dt.date, zone: str) -> str:
    time, ahead = i18n.time_of(moment, zone), (moment.date() - today).days
    if ahead <= 1:
        return i18n.t("citizen.tomorrow_at" if ahead else "citizen.today_at", time=time)
    day = i18n.weekday(moment.date())
    if ahead <= DAYS_BY_NAME:
        return i18n.t("public.weekday_at", weekday=day, time=time)
    return i18n.t("citizen.day_at", weekday=day, date=i18n.date_short(moment.date()), time=time)
