"""Keep the store of facts true: begin it, count what has changed, give the moment that it is true for."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.booking.models import Appointment
from govdesk.booking.past_models import PastAppointment
from govdesk.cases.commitments.models import CommitmentEvent
from govdesk.cases.models import Case, Visit
from govdesk.cases.recovery.models import Recovery
from govdesk.catalog.scenario_models import AvoidedVisit
from govdesk.config import settings
from govdesk.db import snapshot, transaction
from govdesk.feedback.answers.models import Response
from govdesk.feedback.asking.models import Invitation
from govdesk.feedback.complaints.models import Complaint, ComplaintRound
from govdesk.kpi.facts import building, standing
from govdesk.kpi.facts.covering import DAY
from govdesk.kpi.facts.families import KEPT, Family
from govdesk.kpi.facts.models import FactMark, FactState
from govdesk.kpi.question import Places, Question, Scope
from govdesk.queue.models import Ticket

SINCE = (
    Visit.started_on, Case.opened_at, Appointment.starts_at, PastAppointment.starts_at, Complaint.received_at,
    AvoidedVisit.day, Response.week, Invitation.week, CommitmentEvent.due_on, ComplaintRound.begun_at,
    Recovery.opened_at, Appointment.booked_at, Ticket.day,
)  # fmt: skip
MOST_PIECES = 60  # weeks and months made in one run of the job
NAMED = {family.name: family for family in KEPT.values()}
AT_ONCE = 14  # days counted between two writings


def run_refresh() -> int:
    """Count again what has changed, then make some of the weeks and months that lack a cell."""
    counted = refresh()
    add_up(most=MOST_PIECES)
    return counted


def refresh() -> int:
    """Count every day again on which something has changed; the number of such days and families.

    Everything is read from one state of the database, without keeping anybody from writing:

    1. The snapshot begins, and after it the moment is taken: all that it shows happened before.
    2. The marks in it are read, with the days that time alone has changed; these days are counted.
    3. In one short transaction their cells are replaced, exactly the marks that were read are removed, and
       the moment is set. Who writes meanwhile makes a mark of their own, which stays for the next time.

    Killed before 3 nothing has happened. Where nothing is kept yet, or it was counted by another catalog, all
    days are counted, some at a time; until the last of them is there nothing is read from the cells.
    """
    with snapshot() as session:
        question = _question(session)
        before = standing.as_of(session, question.places)
        marks = session.execute(select(FactMark.id, FactMark.kind, FactMark.at, FactMark.branch_id)).all()
        days = _days(session, question, before, marks) if before is not None else {}
        cells = dict(building.count_together(session, question, days))
    if before is None:
        return rebuild()
    with transaction(patient=True) as session:
        if standing.as_of(session, question.places) != before:
            return 0  # another one was quicker
        for family, some in days.items():
            building.write(session, family, sorted(some), cells[family])
        _consume(session, [mark[0] for mark in marks])
        _set(session, question)
    return sum(map(len, days.values()))


def rebuild() -> int:
    """Count all days from nothing, some at a time; the number of days."""
    question, days = begin()
    for some in parts(days):
        build(question, some)
    add_up()
    finish(question)
    return len(days)


def begin() -> tuple[Question, list[dt.date]]:
    """Declare what is kept untrue; the moment for which it will be made anew, and the days.

    The cells of these days stay until others take their place: to take away all of them first takes minutes
    of a large office, in which nobody could write.
    """
    with transaction() as session:
        session.execute(delete(FactMark))
        session.execute(delete(FactState))
        _declare(session, None, _question(session), "")
    with snapshot() as session:
        question = _question(session)
    days = all_days(question)
    with transaction(patient=True) as session:
        building.keep_only(session, NAMED, days)
    return question, days


def all_days(question: Question) -> list[dt.date]:
    """Every day on which there may be facts, up to that of the question."""
    last = max(standing.today(question.places, question.as_of).values())
    with snapshot() as session:
        begins = [session.scalar(select(func.min(column))) for column in SINCE]
        ahead = session.scalars(
            select(CommitmentEvent.due_on).where(CommitmentEvent.due_on > last).distinct()
        )
        promised = {day for day in ahead if day is not None}
    first = min((_earliest(one) for one in begins if one is not None), default=None)
    return sorted(promised | (_days_from(first, last) if first is not None else set()))


def _earliest(one: dt.date) -> dt.date:
    """A local day, or the earliest one that a moment can lie on."""
    return one.date() - DAY if isinstance(one, dt.datetime) else one


def parts(days: Sequence[dt.date]) -> Iterator[Sequence[dt.date]]:
    """Days that are counted between two writings."""
    for place in range(0, len(days), AT_ONCE):
        yield days[place : place + AT_ONCE]


def build(question: Question, days: Sequence[dt.date]) -> None:
    """Count some days of every family, and write them."""
    with snapshot() as session:
        counted = list(building.count_together(session, question, dict.fromkeys(KEPT.values(), days)))
    for family, cells in counted:
        with transaction(patient=True) as session:
            building.write(session, family, days, cells)


def add_up(
    families: Collection[Family] | None = None, most: int | None = None, share: tuple[int, int] = (0, 1)
) -> int:
    """Make the weeks and months that are over and lack a cell (at most some of them); how many.

    Of a share (k, n) only those whose first day is the k-th of n, so that n processes make all of them.
    """
    own, number = share
    made = 0
    for family in families or KEPT.values():
        with snapshot() as session:
            question = _question(session)
            over = min(standing.today(question.places, question.as_of).values())
            pieces = [
                piece
                for piece in building.missing(session, family, over)
                if piece.starts_on.toordinal() % number == own
            ]
        for piece in pieces:
            if made == most:
                return made
            with snapshot() as session:
                before = standing.state(session)
                cells = list(building.add_up(session, family, piece))
            with transaction(patient=True) as session:
                if _is_same(before, standing.state(session)):  # else its days may have changed meanwhile
                    building.keep(session, cells)
            made += 1
    return made


def finish(question: Question) -> None:
    """Say that everything is there, as it was known at the moment of the question.

    What was written while it was counted has made marks: these days are counted again by the next refresh.
    """
    with transaction(patient=True) as session:
        _set(session, question)


def question_at(moment: dt.datetime) -> Question:
    """A question about everything as of a moment."""
    with snapshot() as session:
        return replace(_question(session), as_of=moment)


def _question(session: Session) -> Question:
    places = Places(session, settings().default_timezone)  # the snapshot begins with its first statement
    everything = Scope(is_of_reader=True)  # what may be read of it: answers that are settled
    return Question(clock.now().astimezone(places.default_zone), None, None, everything, places)


def _days(
    session: Session, question: Question, before: dt.datetime, marks: Sequence[tuple[int, str, str, int]]
) -> Mapping[Family, set[dt.date]]:
    """The days of each family that are not what they were: marked, restless, or young on a new day."""
    places = question.places
    today = standing.today(places, question.as_of)
    found: dict[Family, set[dt.date]] = defaultdict(set)
    of_kind: dict[str, set[dt.date]] = defaultdict(set)
    for _id, kind, at, branch_id in marks:
        of_kind[kind].add(standing.day_of(places, at, branch_id))
    before_day, newest = min(standing.today(places, before).values()), max(today.values())
    restless = standing.restless_days(session, places, question.as_of) | _days_from(before_day - DAY, newest)
    for family in KEPT.values():
        for kind in family.fed_by:
            found[family] |= of_kind[kind]
        if family.is_of_closed:
            unkept = standing.unkept_weeks(session, question, family)
            found[family] |= standing.closed_weeks(session, question, unkept)
            continue
        found[family] |= restless | standing.changing_days(session, family, question.as_of)
        if standing.today(places, before) != today:
            found[family] |= _days_from(before_day - family.young_days * DAY, newest)
    return found


def _days_from(first: dt.date, last: dt.date) -> set[dt.date]:
    return {first + number * DAY for number in range((last - first).days + 1)}


def _consume(session: Session, ids: Sequence[int]) -> None:
    for place in range(0, len(ids), 500):
        session.execute(delete(FactMark).where(FactMark.id.in_(ids[place : place + 500])))


def _set(session: Session, question: Question) -> None:
    _declare(session, question.as_of, question, standing.catalog_of(question.places))


def _declare(session: Session, as_of: dt.datetime | None, question: Question, catalog: str) -> None:
    closed_to = standing.closed_to(question.places, question.as_of)
    session.execute(delete(FactState))
    session.execute(insert(FactState).values(id=1, as_of=as_of, closed_to=closed_to, catalog=catalog))


def _is_same(one: FactState | None, other: FactState | None) -> bool:
    return (one and one.as_of) == (other and other.as_of)
