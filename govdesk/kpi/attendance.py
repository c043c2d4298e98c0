"""Who came, who left and who did not come: outcomes of arrivals and of appointments (KPI.md §3)."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import Any

from sqlalchemy import case, exists, func, select
from sqlalchemy.orm import Session, aliased

from govdesk import clock
from govdesk.booking.absence.models import Absence
from govdesk.booking.absence.service import CAME
from govdesk.booking.models import Appointment
from govdesk.booking.past_models import PastAppointment
from govdesk.booking.rebooking import is_without_place
from govdesk.cases.models import Visit
from govdesk.kpi import visits
from govdesk.kpi.columns import Columns
from govdesk.kpi.figures import in_order, share
from govdesk.kpi.gathering import Adding, Gathering
from govdesk.kpi.groups import By, Grouping, Tallies
from govdesk.kpi.question import Question, each_row
from govdesk.kpi.visits import Reading

LIVE = "live"
KEPT = frozenset({"arrived", "fulfilled"})
ARRIVED = frozenset({"served", "turned_away", "abandoned", "no_show"})
APART = ("cancelled_by_person", "cancelled_by_us", "excused", "says_came")
EXPECTED = KEPT | {"noshow", "says_came"}


@dataclass(slots=True)
class Tally:
    """How arrivals ended, and how appointments did."""

    arrivals: Counter[str] = field(default_factory=Counter)
    away: Counter[str] = field(default_factory=Counter)  # why people were sent away; "" where none said it
    at_night: int = 0
    expected: int = 0
    missed: int = 0
    unknown: int = 0
    set_aside: int = 0  # imported ones that end before they begin: their end counts all the same
    apart: Counter[str] = field(default_factory=Counter)  # what is kept apart from not coming


def reading(session: Session, question: Question, _grouping: Grouping) -> Reading:
    """What is asked of the visits of a period, and of its appointments.

    The cause is told of those sent away; imported visits were expected.

    Of an import those by appointment were; in one that names no appointment at all every visit counts as
    expected, or its no-shows would stand alone. A visit by appointment is counted with its appointment where
    appointments are known: a live one, and one of an import that brought appointments too.
    """
    brought = exists().where(PastAppointment.source == Visit.source).correlate(Visit)
    other = aliased(Visit)
    names_some = (
        exists().where(other.source == Visit.source, other.appointment_at.is_not(None)).correlate(Visit)
    )
    is_expected = case(
        (Visit.source == LIVE, 0),
        (brought, 0),
        (Visit.appointment_at.is_not(None), 1),
        (names_some, 0),
        else_=1,
    )
    cause = case((Visit.status == "turned_away", func.coalesce(Visit.cause, "")))
    has_arrived = case((Visit.arrived_at.is_not(None), 1), else_=0)
    return Reading(
        (Visit.status, cause, has_arrived, is_expected),
        (Visit.direction == "inbound", Visit.transfer_of.is_(None)),
        _count, at=Visit.started_at, beside=partial(_count_ended, session, question),
    )  # fmt: skip


def gather(session: Session, question: Question, bys: Sequence[By]) -> list[Columns]:
    """Count the outcomes of a period; appointments whose time had not come at `as_of` are not counted yet."""
    return visits.gather(session, question, bys, reading)


def _count(row: Adding, values: Sequence[Any], _places: Sequence[Any]) -> None:
    status, cause, has_arrived, is_expected = values
    if cause is not None:
        row.count("away", cause)
    row.add("at_night", status == "closed_unserved")
    if status in ARRIVED and (has_arrived or status != "no_show"):
        row.count("arrivals", status)
    if is_expected and status in ARRIVED:
        row.add("expected")
        row.add("missed", status == "no_show")


def _count_ended(session: Session, question: Question, rows: Gathering) -> None:
    ended = chain(_appointments(session, question, rows.grouping), _past(session, question, rows.grouping))
    for starts_at, end, is_set_aside, places in ended:
        day = clock.local_day(starts_at, question.places.zone(places[-1]))
        if not question.has(day):
            continue
        rows.row(places, day, starts_at)
        rows.add("unknown", end == "booked")
        rows.add("set_aside", is_set_aside)
        rows.add("expected", end in EXPECTED)
        rows.add("missed", end == "noshow")
        if end in APART:
            rows.count("apart", end)


def tally(session: Session, question: Question, bys: Sequence[By]) -> list[Tallies[Tally]]:
    """Give the outcomes of a period."""
    return [columns.tallies(Tally) for columns in gather(session, question, bys)]


def noshow_rate(one: Tally, _question: Question) -> dict[str, Any]:
    """Appointments nobody came for, of those with a known end; the unknown ones are a share of their own.

    Cancelled (by the person, by us) and excused ones do not count; who says that they came counts as expected
    and not as missed. Each kind stands in the detail.
    """
    past = one.expected + one.unknown
    quality = {
        "unknown_outcome": one.unknown,
        "unknown_share": one.unknown / past if past else None,
        "set_aside": one.set_aside,
    }
    detail = {kind: one.apart[kind] for kind in APART}
    return {**share(one.missed, one.expected), "open": one.unknown, "data_quality": quality, "detail": detail}


def abandonment_rate(one: Tally, _question: Question) -> dict[str, Any]:
    """Those who left before being served, of all who took a place in a queue and whose turn has ended."""
    detail = {status: one.arrivals[status] for status in sorted(ARRIVED)}
    quality = {"closed_at_night": one.at_night}
    return {
        **share(one.arrivals["abandoned"], one.arrivals.total()),
        "data_quality": quality,
        "detail": detail,
    }


def turned_away_rate(one: Tally, question: Question) -> dict[str, Any]:
    """Those sent away without what they came for (at the desk, or at the door), of the same arrivals.

    The detail also has their recorded causes, the most frequent first; "" is of those without one.
    """
    row = abandonment_rate(one, question)
    detail = row["detail"] | {"causes": in_order(one.away)}
    return row | share(one.arrivals["turned_away"], one.arrivals.total()) | {"detail": detail}


def _appointments(
    session: Session, question: Question, grouping: Grouping
) -> Iterator[tuple[dt.datetime, str, bool, Sequence[Any]]]:
    """Give (start, end, False, places) of the appointments booked here."""
    told = select(Absence.is_excused).where(Absence.appointment_id == Appointment.id)
    reason = select(Absence.reason).where(Absence.appointment_id == Appointment.id).scalar_subquery()
    is_missed, is_cancelled = Appointment.state == "noshow", Appointment.state == "cancelled"
    end = case(
        (is_missed & told.scalar_subquery().is_(True), "excused"),
        (is_missed & reason.in_(CAME), "says_came"),
        (is_cancelled & is_without_place(), "cancelled_by_us"),
        (is_cancelled, "cancelled_by_person"),
        else_=Appointment.state,
    )
    query = grouping.select(select(Appointment.starts_at, end), Appointment).where(
        question.beside(Appointment.state).in_(["booked", "cancelled", "noshow", *KEPT]),
        Appointment.booked_at.is_not(None),
        *question.known(Appointment.starts_at),
        *question.everywhere(Appointment),
        *question.scope.conditions(Appointment),
    )
    for starts_at, ended, *places in each_row(session, query):
        yield starts_at, ended, False, places


def _past(
    session: Session, question: Question, grouping: Grouping
) -> Iterator[tuple[dt.datetime, str, bool, Sequence[Any]]]:
    """Give (start, end, whether set aside, places) of imported appointments."""
    columns = PastAppointment.starts_at, PastAppointment.status, PastAppointment.is_set_aside
    query = grouping.select(select(*columns), PastAppointment).where(
        *question.known(PastAppointment.starts_at),
        *question.scope.conditions(PastAppointment),
    )
    for starts_at, status, is_set_aside, *places in each_row(session, query):
        end = "cancelled_by_person" if status == "cancelled" else status
        yield starts_at, end, is_set_aside, places
