"""What the guide spares and what it tells: visits avoided, visits with a known reason, papers missing."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Integer, case, cast, exists, func, literal, select
from sqlalchemy.orm import Session

from govdesk.cases.classes import ATTENDED_STATUSES
from govdesk.cases.episodes import LIVE
from govdesk.cases.models import Visit
from govdesk.catalog.models import PublicService
from govdesk.catalog.scenario_models import AvoidedVisit, Scenario, ScenarioPaper
from govdesk.kpi import visits
from govdesk.kpi.columns import Columns
from govdesk.kpi.figures import in_order, share
from govdesk.kpi.gathering import Adding, Gathering
from govdesk.kpi.groups import By, Grouping, Tallies, scenario_of
from govdesk.kpi.question import Question, each_row
from govdesk.kpi.visits import Reading
from govdesk.queue.models import MissingPaper

ATTENDED = (
    Visit.source.concat("") == LIVE,  # so that SQLite takes the index by day
    Visit.status.in_(ATTENDED_STATUSES),
    Visit.direction == "inbound",
    Visit.transfer_of.is_(None),
)
TOLD = (
    case((Visit.scenario_id.is_not(None), 1), else_=0),
    case((exists().where(ScenarioPaper.scenario_id == Visit.scenario_id).correlate(Visit), 1), else_=0),
    case((Visit.missing_papers > 0, 1), else_=0),
)


@dataclass(slots=True)
class Tally:
    """Visits that were not needed, and those that were made."""

    avoided: int = 0
    attended: int = 0
    foreseen: int = 0  # with a scenario
    asked: int = 0  # with a scenario that asks for papers
    lacking: int = 0  # of these, with at least one paper missing
    papers: Counter[str] = field(default_factory=Counter)  # how often each was: service/scenario/paper


def reading(session: Session, question: Question, _grouping: Grouping) -> Reading:
    """What is asked of the live visits of a period, and of what was pressed in the guide meanwhile."""
    return Reading(TOLD, ATTENDED, _count, beside=partial(_count_avoided, session, question))


def reading_visits(session: Session, question: Question, _grouping: Grouping) -> Reading:
    """What is asked of the live visits of a period, and of the papers that they lacked."""
    return Reading(TOLD, ATTENDED, _count, beside=partial(_count_lacked, session, question))


def gather(session: Session, question: Question, bys: Sequence[By]) -> list[Columns]:
    """Count the live visits that began in a period, and what was pressed in the guide meanwhile."""
    return visits.gather(session, question, bys, reading)


def gather_visits(session: Session, question: Question, bys: Sequence[By]) -> list[Columns]:
    """Count the live visits that began in a period, and the papers that they lacked."""
    return visits.gather(session, question, bys, reading_visits)


def tally(session: Session, question: Question, bys: Sequence[By]) -> list[Tallies[Tally]]:
    """Give the visits of a period, and what was pressed in the guide."""
    return [columns.tallies(Tally) for columns in gather(session, question, bys)]


def tally_visits(session: Session, question: Question, bys: Sequence[By]) -> list[Tallies[Tally]]:
    """Give the visits of a period."""
    return [columns.tallies(Tally) for columns in gather_visits(session, question, bys)]


def visits_avoided(one: Tally, question: Question) -> dict[str, Any]:
    """Needs that ended in the guide, of those that ended there or came; no data for a single branch."""
    if not question.scope.is_everywhere:
        return share(0, 0)
    return share(one.avoided, one.avoided + one.attended)


def scenario_share(one: Tally, _question: Question) -> dict[str, Any]:
    """Attended visits whose reason was one of the guide's, of all attended visits."""
    return share(one.foreseen, one.attended)


def papers_missing(one: Tally, _question: Question) -> dict[str, Any]:
    """Attended visits that lacked a paper, of those whose reason asks for papers.

    The detail says how often each paper was missing, the most frequent first; a visit that lacked two counts
    with both.
    """
    return share(one.lacking, one.asked) | {"detail": {"papers": in_order(one.papers)}}


def _count(row: Adding, values: Sequence[Any], _places: Sequence[Any]) -> None:
    is_foreseen, is_asked, is_lacking = values
    row.add("attended")
    row.add("foreseen", is_foreseen)
    row.add("asked", is_asked)
    row.add("lacking", is_lacking)


def _count_avoided(session: Session, question: Question, rows: Gathering) -> None:
    for day, count, places in _avoided(session, question, rows.grouping):
        rows.row(places, day)
        rows.add("avoided", count)


def _count_lacked(session: Session, question: Question, rows: Gathering) -> None:
    for day, paper, count, places in _lacked(session, question, rows.grouping):
        rows.row(places, day)
        rows.count("papers", paper, count)


def _lacked(
    session: Session, question: Question, grouping: Grouping
) -> Iterator[tuple[dt.date, str, int, Sequence[Any]]]:
    """Give (day, paper, how many, places) of the papers that were missing."""
    known = (
        select(ScenarioPaper.id, PublicService.code, Scenario.code, ScenarioPaper.code)
        .join(Scenario, Scenario.id == ScenarioPaper.scenario_id)
        .join(PublicService, PublicService.id == Scenario.service_id)
        .order_by(ScenarioPaper.id)
    )
    names = {row[0]: "/".join(row[1:]) for row in session.execute(known)}
    ticket_id = cast(case((Visit.source == LIVE, Visit.visit_no)), Integer)  # of others it may be any text
    inner = (
        grouping.select(select(Visit.started_on, MissingPaper.paper_id), Visit, scenario=scenario_of(Visit))
        .join(MissingPaper, MissingPaper.ticket_id == ticket_id)
        .where(
            Visit.missing_papers > 0,
            *ATTENDED,
            Visit.ended_at <= question.as_of,
            *question.at(Visit, Visit.started_on),
        )
    )
    for row in each_row(session, grouping.counted(inner)):
        yield row[0], names[row[1]], row[-1], row[2:-1]


def _avoided(
    session: Session, question: Question, grouping: Grouping
) -> Iterator[tuple[dt.date, int, Sequence[Any]]]:
    """What was pressed, by day; it belongs to no branch."""
    if not question.scope.is_everywhere:
        return
    known: dict[str, ColumnElement[Any]] = {"scenario": scenario_of(AvoidedVisit)}
    inner = (
        select(
            AvoidedVisit.day,
            *(known.get(name, literal(None).label(name)) for name in grouping.names),
            AvoidedVisit.service_id,
            literal(None).label("branch_id"),
        )
        .where(
            AvoidedVisit.noted_at <= question.as_of,
            *question.days(AvoidedVisit.day),
            *question.scope.conditions(AvoidedVisit),
        )
        .subquery()
    )
    counted = select(*inner.c, func.count()).group_by(*inner.c)
    for row in session.execute(counted):
        yield row[0], row[-1], row[1:-1]
