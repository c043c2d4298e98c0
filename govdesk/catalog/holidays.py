"""Holidays: taken over from the calendar of the state, then kept by the administrator."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

import holidays as calendars
from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import audit, clock
from govdesk.actor import SYSTEM, Actor
from govdesk.catalog.editing import CatalogEditError, describe
from govdesk.catalog.models import Branch, Holiday
from govdesk.config import settings


def declare(
    session: Session,
    *,
    actor: Actor,
    day: dt.date,
    name_ar: str,
    name_en: str,
    branch: Branch | None = None,
    hours: tuple[dt.time, dt.time] | None = None,
    is_new: bool = False,
) -> Holiday:
    """Declare a day shut, or open at other `hours`, in one branch or (without) in all of them.

    Raises CatalogEditError when the hours end first, or when `is_new` and the day is a holiday there already.
    """
    if hours and hours[1] <= hours[0]:
        raise CatalogEditError("catalog.closes_first", field="closes")
    branch_id = branch.id if branch else None
    known = select(Holiday).where(Holiday.day == day, Holiday.branch_id.is_not_distinct_from(branch_id))
    holiday = session.scalars(known).one_or_none()
    if is_new and holiday is not None:
        raise CatalogEditError("catalog.holiday_taken", field="day")
    opens, closes = hours or (None, None)
    values: dict[str, Any] = {"name_ar": name_ar, "name_en": name_en, "opens": opens, "closes": closes}
    subject = f"holiday:{day}" + (f"/{branch.code}" if branch else "")
    holiday = holiday or Holiday(day=day, branch_id=branch_id)
    describe(session, actor=actor, thing=holiday, subject=subject, **values)
    return holiday


def withdraw(session: Session, *, actor: Actor, holiday: Holiday) -> None:
    """Make a holiday an ordinary day again."""
    session.delete(holiday)
    session.flush()
    name = {"name_ar": holiday.name_ar, "name_en": holiday.name_en}
    audit.record(session, actor=actor, action="holiday.withdrawn", subject=f"holiday:{holiday.day}", **name)


def seed(session: Session, *, actor: Actor, years: Iterable[int]) -> int:
    """Take over the public holidays of the country for these years; how many came. Those declared stay.

    Source: the `holidays` library (moon-dependent days are its estimates until the state announces them).
    Raises CatalogEditError for a country that it does not know.
    """
    known = set(session.scalars(select(Holiday.day).where(Holiday.branch_id.is_(None))))
    found = sorted((day, names) for day, names in _public(list(years)).items() if day not in known)
    for day, (name_ar, name_en) in found:
        declare(session, actor=actor, day=day, name_ar=name_ar, name_en=name_en)
    return len(found)


def keep_ahead(session: Session) -> int:
    """Take over last, this and the next year where nothing is declared in them; how many days came.

    A year unknown is not open, so this runs daily.
    """
    today = clock.local_day(clock.now(), settings().default_timezone)
    wanted = {today.year - 1, today.year, today.year + 1}
    return seed(session, actor=SYSTEM, years=sorted(wanted - years_known(session)))


def years_known(session: Session) -> set[int]:
    """Return the years in which holidays of all branches are declared."""
    days = session.scalars(select(Holiday.day).where(Holiday.branch_id.is_(None)))
    return {day.year for day in days}


def named(session: Session, branch: Branch, days: Iterable[dt.date]) -> dict[dt.date, Holiday]:
    """Return which of these days are holidays in a branch; its own word goes before that for all."""
    here = Holiday.branch_id.is_(None) | (Holiday.branch_id == branch.id)
    rows = session.scalars(select(Holiday).where(here, Holiday.day.in_(list(days))))
    return {row.day: row for row in sorted(rows, key=lambda row: row.branch_id is not None)}


def _public(years: list[int]) -> dict[dt.date, tuple[str, str]]:
    country = settings().country
    if not years:
        return {}
    try:
        tongues = calendars.country_holidays(country).supported_languages
    except NotImplementedError as problem:
        raise CatalogEditError("catalog.country_unknown", country=country) from problem
    arabic = next((tongue for tongue in tongues if tongue.startswith("ar")), None)
    english = next((tongue for tongue in tongues if tongue.startswith("en")), None)
    in_arabic = calendars.country_holidays(country, years=years, language=arabic or english)
    in_english = calendars.country_holidays(country, years=years, language=english or arabic)
    return {day: (in_arabic.get(day, name), name) for day, name in in_english.items()}
