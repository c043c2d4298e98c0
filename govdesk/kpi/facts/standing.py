"""For which moment the cells are true, and what has changed since."""

import datetime as dt
from collections.abc import Collection, Iterable

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.kpi import inviting
from govdesk.kpi.facts.families import Family
from govdesk.kpi.facts.models import FactCell, FactMark, FactState
from govdesk.kpi.question import Places, Question
from govdesk.queue.models import Ticket

VERSION = 14  # of what the cells hold; with another one they are made anew
DAY = dt.timedelta(days=1)
WEEK = 7 * DAY
CLOSING = 4 * WEEK  # by then nobody answers about an end any more: see the rules of asking
FRESH = dt.timedelta(minutes=10)
LIVE = text("state IN ('waiting', 'called', 'serving', 'held')")  # in the words of the index of live tickets


def state(session: Session) -> FactState | None:
    """The state of the store."""
    return session.scalar(select(FactState))


def catalog_of(places: Places) -> str:
    """By what the cells were counted."""
    return f"{VERSION}:{places.fingerprint}"


def as_of(session: Session, places: Places) -> dt.datetime | None:
    """The moment that every cell is true for; None where there is none, or another catalog counted."""
    own = state(session)
    return own.as_of if own is not None and own.catalog == catalog_of(places) else None


def fresh(session: Session, places: Places) -> dt.datetime | None:
    """The moment for which pages ask: that of the cells while it is fresh; else None, for now."""
    own = as_of(session, places)
    return own if own is not None and dt.timedelta(0) <= clock.now() - own <= FRESH else None


def changed_days(session: Session, question: Question, family: Family) -> frozenset[dt.date] | None:
    """Give the days of a period that the cells do not tell of at this moment; None where they tell nothing.

    Asked for their own moment they tell everything. Later, on the same day, they tell all but the days on
    which something has changed since, and the last two, on which time itself changes what is counted.
    """
    moment = as_of(session, question.places)
    if moment is None or question.as_of < moment:
        return None
    found = unkept_weeks(session, question, family) if family.is_of_closed else set()
    if question.as_of == moment:
        return frozenset(day for day in found if question.has(day))
    if today(question.places, moment) != today(question.places, question.as_of):
        return None
    found |= marked_days(session, question.places, family.fed_by)
    found |= restless_days(session, question.places, question.as_of)
    found |= changing_days(session, family, question.as_of)
    return frozenset(day for day in found if question.has(day))


def today(places: Places, moment: dt.datetime) -> dict[str, dt.date]:
    """The local day of a moment in each zone."""
    zones = {places.default_zone, *places.zones.values()}
    return {str(zone): clock.local_day(moment, zone) for zone in zones}


def restless_days(session: Session, places: Places, moment: dt.datetime) -> set[dt.date]:
    """The days that time changes from minute to minute: the last two, and those on which somebody waits."""
    days = today(places, moment).values()
    last, newest = min(days) - DAY, max(days)
    found = {last + DAY * number for number in range((newest - last).days + 1)}
    return found | set(session.scalars(select(Ticket.day).where(LIVE).distinct()))


def marked_days(session: Session, places: Places, kinds: Collection[str]) -> set[dt.date]:
    """The local days on which something of these kinds has changed."""
    query = select(FactMark.at, FactMark.branch_id).where(FactMark.kind.in_(kinds)).distinct()
    return {day_of(places, at, branch_id) for at, branch_id in session.execute(query)}


def changing_days(session: Session, family: Family, moment: dt.datetime) -> set[dt.date]:
    """The days of a family that time alone has changed by a moment, since something was written ahead."""
    query = select(FactCell.starts_on).where(FactCell.family == family.name, FactCell.changes_at <= moment)
    return set(session.scalars(query))


def closed_to(places: Places, moment: dt.datetime) -> dt.date:
    """The last week in which what changes who was invited makes a mark, from a moment on."""
    return _monday(min(today(places, moment).values())) - CLOSING


def closed_weeks(session: Session, question: Question, days: Iterable[dt.date]) -> set[dt.date]:
    """The weeks that begin on one of these days and in which nobody can answer any more.

    Only those in which a change makes a mark; whoever answers does so before, and leaves none.
    """
    own = state(session)
    last = own.closed_to if own is not None else None
    weeks = {day for day in days if day == _monday(day) and last is not None and day <= last}
    return weeks - inviting.open_weeks(session, question, weeks)


def unkept_weeks(session: Session, question: Question, family: Family) -> set[dt.date]:
    """The weeks up to that of the question of which a family keeps nothing."""
    query = select(FactCell.starts_on).where(
        FactCell.family == family.name, FactCell.by == "", FactCell.span == "day"
    )
    kept, last = set(session.scalars(query)), _monday(question.today(None))
    first = min(kept, default=last)
    found = {first + number * WEEK for number in range((last - first) // WEEK + 1)}
    return (found | inviting.weeks_before(session, first)) - kept


def _monday(day: dt.date) -> dt.date:
    return day - day.weekday() * DAY


def day_of(places: Places, at: str, branch_id: int) -> dt.date:
    """Read what a mark says: a local day, or a moment in UTC at a branch."""
    moment = dt.datetime.fromisoformat(at)
    if len(at) == len("2026-10-01"):
        return moment.date()
    zone = places.zones.get(branch_id, places.default_zone)
    return clock.local_day(moment.replace(tzinfo=dt.UTC), zone)
