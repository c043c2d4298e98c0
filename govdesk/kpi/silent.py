"""The unheard: the unhappy by two lists that overlap, and what the silent ones answer (KPI.md §5)."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.cases.classes import VisitClass
from govdesk.cases.classifying import UNCLASSIFIED
from govdesk.cases.models import Visit
from govdesk.cases.silent.models import SilentOne, Voice
from govdesk.cases.silent.rules import chapman
from govdesk.db import written
from govdesk.kpi.columns import Columns
from govdesk.kpi.figures import share
from govdesk.kpi.gathering import Gathering
from govdesk.kpi.groups import By, Grouping, Tallies
from govdesk.kpi.question import Question
from govdesk.queue.models import Ticket
from govdesk.queue.unserved_models import UnservedAnswer

CLASSES = (UNCLASSIFIED, *VisitClass)  # all: the index of the days of their ends is by class
KINDS = ("complaint", "dissatisfied")  # of voices: the lists that are compared
OURS = (
    "too_long",
    "not_called",
    "until_closing",
    "elsewhere",
)  # why somebody left that we could have changed


@dataclass(slots=True)
class Tally:
    """People of a group who complained, and who said in a sample that they are dissatisfied."""

    complained: set[int] = field(default_factory=set)
    dissatisfied: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Asked:
    """The silent ones of a group: how many were asked, answered, and need help."""

    found: int = 0
    asked: int = 0
    answered: int = 0
    need_help: int = 0


def tally(session: Session, question: Question, bys: Sequence[By]) -> list[Tallies[Tally]]:
    """Gather who spoke in a period: complaints, and answers of those all asked, whatever they did."""
    grouping = Grouping(bys, question.places)
    found: list[Tallies[Tally]] = [Tallies(Tally) for _ in bys]
    groups: dict[tuple[Any, ...], list[Tally]] = {}
    for kind, person_id, day, places in _voices(session, question, grouping):
        where = day, *places
        if where not in groups:
            of = zip(found, grouping.of(places, day), strict=True)
            groups[where] = [tallies[group] for tallies, group in of]
        for one in groups[where]:
            (one.complained if kind == "complaint" else one.dissatisfied).add(person_id)
    return found


def tally_asked(session: Session, question: Question, bys: Sequence[By]) -> list[Tallies[Asked]]:
    """Give the silent ones by the day of their visit."""
    return [columns.tallies(Asked) for columns in gather_asked(session, question, bys)]


def gather_asked(session: Session, question: Question, bys: Sequence[By]) -> list[Columns]:
    """Count them."""
    rows = Gathering(Grouping(bys, question.places))
    columns = SilentOne.asked_at, SilentOne.answered_at, SilentOne.answer, SilentOne.told_by, Visit.ended_on
    query = rows.grouping.select(
        select(*columns).join(Visit, Visit.id == SilentOne.visit_id), SilentOne
    ).where(
        SilentOne.found_at <= question.as_of,
        *question.days(Visit.ended_on),
        *(() if question.from_day is None else [Visit.class_name.in_(CLASSES)]),
        *question.scope.conditions(SilentOne),
    )
    for asked_at, answered_at, answer, told_by, day, *places in session.execute(query):
        has_answered = answered_at is not None and answered_at <= question.as_of
        was_asked = asked_at is not None and asked_at <= question.as_of
        rows.row(places, day)
        rows.add("found")
        rows.add("asked", was_asked or (has_answered and told_by == "staff"))
        rows.add("answered", has_answered)
        rows.add("need_help", has_answered and answer == "yes")
    return rows.columns()


def unheard_estimate(one: Tally, _question: Question) -> dict[str, Any]:
    """Unhappy people by Chapman, with the inputs beside; no data while the lists do not overlap."""
    both = one.complained & one.dissatisfied
    inputs = {
        "complained": len(one.complained),
        "dissatisfied": len(one.dissatisfied),
        "both": len(both),
    }
    known = len(one.complained | one.dissatisfied)
    found = chapman(**inputs)
    if found is None:
        return {"unit": "people", "n": known, "detail": {**inputs, "unheard": None}}
    return {
        "unit": "people",
        "value": found.value,
        "n": known,
        "interval": (found.low, found.high),
        "detail": {**inputs, "unheard": found.unheard},
    }


def silent_need_help(one: Asked, _question: Question) -> dict[str, Any]:
    """Those who still need help, of the silent ones who answered; how many answered stands beside."""
    detail = {"found": one.found, "asked": one.asked, "answered": one.answered}
    response = one.answered / one.asked if one.asked else None
    return {
        **share(one.need_help, one.answered),
        "open": one.asked - one.answered,
        "data_quality": {"response_rate": response},
        "detail": detail,
    }


def _voices(
    session: Session, question: Question, grouping: Grouping
) -> Iterator[tuple[str, int, dt.date, Sequence[Any]]]:
    spoke = grouping.select(select(Voice.kind, Voice.person_id, Voice.at), Voice).where(
        Voice.kind.in_([written(kind) for kind in KINDS]),
        Voice.service_id.is_not(None),
        *question.known(Voice.at),
        *question.scope.conditions(Voice),
    )
    left = grouping.select(
        select(UnservedAnswer.reason, Ticket.person_id, UnservedAnswer.told_at).join(
            Ticket, Ticket.id == UnservedAnswer.ticket_id
        ),
        Ticket,
    ).where(
        Ticket.person_id.is_not(None),
        or_(UnservedAnswer.reason.in_(OURS), UnservedAnswer.is_needed.is_(True)),
        *question.known(UnservedAnswer.told_at),
        *question.scope.conditions(Ticket),
    )
    for query, kind in ((spoke, None), (left, "dissatisfied")):
        for named, person_id, at, *places in session.execute(query):
            day = clock.local_day(at, question.places.zone(places[-1]))
            if question.has(day):
                yield kind or named, person_id, day, places
