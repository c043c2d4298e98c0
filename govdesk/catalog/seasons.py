"""Seasons: days with a week of their own, such as Ramadan, whose dates move and are corrected by hand."""

import datetime as dt
from collections.abc import Iterable

from hijridate import Gregorian, Hijri
from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import audit
from govdesk.actor import Actor
from govdesk.catalog.branches import refuse_broken_week
from govdesk.catalog.editing import CatalogEditError, describe
from govdesk.catalog.entries import HoursEntry
from govdesk.catalog.models import Branch, Season, SeasonHours

RAMADAN = 9
LONGEST = 366


def declare(
    session: Session,
    *,
    actor: Actor,
    name_ar: str,
    name_en: str,
    first_on: dt.date,
    last_on: dt.date,
    week: Iterable[HoursEntry],
    branch: Branch | None = None,
    season: Season | None = None,
) -> Season:
    """Declare a season, or change one, in one branch or (without) in all of them; no hours mean shut.

    Raises CatalogEditError when it ends first, lasts more than a year, meets another of the same place, or
    its hours do not fit together (field `hours_<weekday>`).
    """
    if last_on < first_on:
        raise CatalogEditError("catalog.dates_reversed_here", field="last_on")
    if (last_on - first_on).days >= LONGEST:
        raise CatalogEditError("catalog.season_long", field="last_on")
    branch_id = branch.id if branch else None
    _refuse_meeting(session, first_on, last_on, branch_id, season)
    wanted = refuse_broken_week(week)
    season = season or Season(branch_id=branch_id)
    subject = f"season:{first_on}" + (f"/{branch.code}" if branch else "")
    values = {"name_ar": name_ar, "name_en": name_en, "first_on": first_on, "last_on": last_on}
    was = week_of(season)
    describe(session, actor=actor, thing=season, subject=subject, **values)
    if was != wanted:
        season.hours = [
            SeasonHours(weekday=row.weekday, opens=row.opens, closes=row.closes) for row in wanted
        ]
        session.flush()
        audit.record(session, actor=actor, action="season.hours_changed", subject=subject)
    return season


def withdraw(session: Session, *, actor: Actor, season: Season) -> None:
    """Let the usual week hold again."""
    session.delete(season)
    session.flush()
    name = {"name_ar": season.name_ar, "name_en": season.name_en}
    subject = f"season:{season.first_on}"
    audit.record(session, actor=actor, action="season.withdrawn", subject=subject, **name)


def beginning(session: Session, first_on: dt.date, branch: Branch | None) -> Season | None:
    """Return the season of a place that begins on a day."""
    place = Season.branch_id.is_not_distinct_from(branch.id if branch else None)
    return session.scalars(select(Season).where(place, Season.first_on == first_on)).one_or_none()


def week_of(season: Season) -> list[HoursEntry]:
    """Return its openings in order."""
    rows = [HoursEntry(row.weekday, row.opens, row.closes) for row in season.hours]
    return sorted(rows, key=lambda row: (row.weekday, row.opens))


def ramadan_after(day: dt.date) -> tuple[int, dt.date, dt.date]:
    """Return the Hijri year, first and last day of the Ramadan that is not over on a day.

    By the Umm al-Qura calendar, which the announcement of the state may still move by a day.
    """
    year = Gregorian.fromdate(day).to_hijri().year
    while True:
        first = Hijri(year, RAMADAN, 1).to_gregorian()
        last = dt.date(*first.datetuple()) + dt.timedelta(days=Hijri(year, RAMADAN, 1).month_length() - 1)
        if last >= day:
            return year, dt.date(*first.datetuple()), last
        year += 1


def _refuse_meeting(
    session: Session, first_on: dt.date, last_on: dt.date, branch_id: int | None, season: Season | None
) -> None:
    meeting = select(Season).where(
        Season.branch_id.is_not_distinct_from(branch_id),
        Season.first_on <= last_on,
        Season.last_on >= first_on,
    )
    if any(other is not season for other in session.scalars(meeting)):
        raise CatalogEditError("catalog.season_meets", field="first_on")
