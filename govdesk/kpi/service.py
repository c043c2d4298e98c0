"""Ask for a figure: the one way in for pages, commands and the API."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.config import settings
from govdesk.errors import NotFoundError
from govdesk.feedback.forms.rules import STATEMENTS
from govdesk.kpi import (
    answers,
    attendance,
    burden,
    commitments,
    complaining,
    costs,
    counters,
    digital,
    durations,
    groups,
    guided,
    matters,
    obstacles,
    parts,
    recalling,
    repeats,
    responding,
    returns,
    shadow,
    silent,
    speed,
    waits,
    working_time,
)
from govdesk.kpi.facts import reading as facts
from govdesk.kpi.facts import standing
from govdesk.kpi.figures import Figure, Row
from govdesk.kpi.groups import By, Group, Tallies
from govdesk.kpi.question import Places, Question, Scope
from govdesk.kpi.registry import BY_KEY

ALL = Scope()
Tallying = Callable[[Session, Question, Sequence[By]], list[Tallies[Any]]]
Reading = Callable[[Any, Question], dict[str, Any]]


class UnknownMeasureError(NotFoundError):
    """There is no measure with this key."""

    key = "kpi.unknown_measure"


@dataclass(frozen=True, slots=True)
class Counting:
    """How a measure is made: the pass that gathers its facts, and its own reading of them."""

    tally: Tallying
    read: Reading


COUNTING: Mapping[str, Counting] = {
    "repeat_visit_rate": Counting(repeats.tally, repeats.repeat_visit_rate),
    "first_contact_resolution": Counting(repeats.tally, repeats.first_contact_resolution),
    "avoidable_visit_share": Counting(repeats.tally, repeats.avoidable_visit_share),
    "planned_share": Counting(repeats.tally, repeats.planned_share),
    "shadow_repeat_rate": Counting(shadow.tally, shadow.shadow_repeat_rate),
    "returned_in_90_days": Counting(speed.tally, speed.returned_in_90_days),
    "repeat_staff_hours": Counting(burden.tally, burden.repeat_staff_hours),
    "repeat_hall_hours": Counting(burden.tally, burden.repeat_hall_hours),
    "visits_per_matter": Counting(matters.tally, matters.visits_per_matter),
    "abandon_returns": Counting(returns.tally, returns.abandon_returns),
    "time_to_resolution": Counting(durations.tally, durations.time_to_resolution),
    "net_time_to_resolution": Counting(working_time.tally, working_time.net_time_to_resolution),
    "business_time_to_resolution": Counting(working_time.tally, working_time.business_time_to_resolution),
    "sla_attainment": Counting(durations.tally, durations.sla_attainment),
    "staff_minutes_per_case": Counting(costs.tally, costs.staff_minutes_per_case),
    "elapsed_parts": Counting(parts.tally, parts.elapsed_parts),
    "waiting_time": Counting(waits.tally, waits.waiting_time),
    "waiting_p90": Counting(waits.tally, waits.waiting_p90),
    "service_time": Counting(waits.tally, waits.service_time),
    "service_level": Counting(waits.tally, waits.service_level),
    "noshow_rate": Counting(attendance.tally, attendance.noshow_rate),
    "abandonment_rate": Counting(attendance.tally, attendance.abandonment_rate),
    "turned_away_rate": Counting(attendance.tally, attendance.turned_away_rate),
    "promise_kept": Counting(waits.tally, waits.promise_kept),
    "commitments_kept": Counting(commitments.tally, commitments.commitments_kept),
    "visits_avoided": Counting(guided.tally, guided.visits_avoided),
    "digital_share": Counting(digital.tally, digital.digital_share),
    "scenario_share": Counting(guided.tally_visits, guided.scenario_share),
    "recall_coverage": Counting(recalling.tally, recalling.recall_coverage),
    "unheard_estimate": Counting(silent.tally, silent.unheard_estimate),
    "silent_need_help": Counting(silent.tally_asked, silent.silent_need_help),
    "obstacle_age": Counting(obstacles.tally, obstacles.obstacle_age),
    "obstacles_open": Counting(obstacles.tally, obstacles.obstacles_open),
    "wrap_up_time": Counting(counters.tally, counters.wrap_up_time),
    "counter_occupancy": Counting(counters.tally, counters.counter_occupancy),
    "idle_with_queue": Counting(counters.tally, counters.idle_with_queue),
    "papers_missing": Counting(guided.tally_visits, guided.papers_missing),
    "complaints_per_thousand": Counting(complaining.tally_rate, complaining.complaints_per_thousand),
    "complaints_in_time": Counting(complaining.tally_answers, complaining.complaints_in_time),
    "recovered_in_time": Counting(complaining.tally_recoveries, complaining.recovered_in_time),
    "response_rate": Counting(responding.tally, responding.response_rate),
    "csat": Counting(answers.tally, answers.reading("satisfied")),
    "good_faces": Counting(answers.tally, answers.reading(answers.FACES)),
    **{key: Counting(answers.tally, answers.reading(key)) for key in STATEMENTS if key != "satisfied"},
    "driver_named": Counting(answers.tally_named, answers.driver_named),
}


def figure(
    session: Session,
    key: str,
    *,
    from_day: dt.date | None = None,
    to_day: dt.date | None = None,
    by: Sequence[str] = (),
    as_of: dt.datetime | None = None,
    scope: Scope = ALL,
) -> Figure:
    """Give one measure over a period of local days (of the visit, of the index visit, of a case's opening).

    `by` names the breakdowns, `as_of` the moment of knowledge (now): later facts are ignored. `scope` limits
    the rows that are counted. Raises UnknownMeasureError and UnknownGroupingError.
    """
    asked = ask(session, from_day=from_day, to_day=to_day, as_of=as_of, scope=scope)
    return figures(session, asked, [(key, tuple(by))])[0]


def ask(
    session: Session,
    *,
    from_day: dt.date | None = None,
    to_day: dt.date | None = None,
    as_of: dt.datetime | None = None,
    scope: Scope = ALL,
) -> Question:
    """Give a question, which several figures can answer together."""
    places = Places(session, settings().default_timezone)
    moment = (as_of or clock.now()).astimezone(places.default_zone)
    return Question(moment, from_day, to_day, scope, places)


def ask_lately(
    session: Session,
    *,
    from_day: dt.date | None = None,
    to_day: dt.date | None = None,
    scope: Scope = ALL,
) -> Question:
    """Give a question as known some minutes ago, where the store of facts answers it at once; else as of now.

    Whoever shows the answer says its moment.
    """
    asked = ask(session, from_day=from_day, to_day=to_day, scope=scope)
    moment = standing.fresh(session, asked.places)
    return replace(asked, as_of=moment.astimezone(asked.places.default_zone)) if moment else asked


def figures(
    session: Session,
    question: Question,
    wanted: Sequence[tuple[str, Sequence[str]]],
    *,
    is_from_rows: bool = False,
) -> list[Figure]:
    """Give several figures of one question, each a key with its breakdown; facts they share are read once.

    They are the same from the rows alone; only slower.
    """
    checked = [(key, _checked(key, by)) for key, by in wanted]
    passes: dict[Tallying, list[By]] = {}
    for key, by in checked:
        bys = passes.setdefault(COUNTING[key].tally, [])
        if by not in bys:
            bys.append(by)
    read = _from_rows if is_from_rows else facts.tallies
    found = {
        (tallying, by): tallies
        for tallying, bys in passes.items()
        for by, tallies in zip(bys, read(session, question, tallying, bys), strict=True)
    }
    return [_figure(key, by, found[COUNTING[key].tally, by], question) for key, by in checked]


def _from_rows(
    session: Session, question: Question, tally: Tallying, bys: Sequence[By]
) -> list[Tallies[Any]]:
    return tally(session, question, bys)


def _checked(key: str, by: Sequence[str]) -> By:
    if key not in BY_KEY:
        raise UnknownMeasureError(measure=key)
    return groups.check(by, BY_KEY[key].family)


def _figure(key: str, by: By, tallies: Tallies[Any], question: Question) -> Figure:
    if not by:
        tallies[()] = tallies[()]  # a figure that is not broken down always has its one row
    return Figure(
        key=key,
        definition_version=BY_KEY[key].definition_version,
        as_of=question.as_of,
        from_day=question.from_day,
        to_day=question.to_day,
        by=by,
        rows=tuple(_rows(key, by, tallies, question)),
    )


def _rows(key: str, by: By, tallies: Tallies[Any], question: Question) -> Iterator[Row]:
    is_split = "cause" in by and BY_KEY[key].family == "repeats"  # only the numerator has a cause
    inner = tuple(word for word in by if not is_split or word != "cause")
    for group in groups.in_order(tallies):
        one = tallies[group]
        named = dict(zip(inner, group, strict=True))
        if is_split:
            yield from _causes(key, by, named, one)
        else:
            row = Row(group=named, **COUNTING[key].read(one, question))
            if row.n or "wording" not in by:  # a wording of another statement is no group of this one
                yield row


def _causes(key: str, by: By, named: dict[str, str | None], one: repeats.Tally) -> Iterator[Row]:
    row = repeats.avoidable_cause_row if key == "avoidable_visit_share" else repeats.cause_row
    for cause, count in repeats.by_cause(one, key):
        group: Group = tuple(cause if word == "cause" else named[word] for word in by)
        yield row(dict(zip(by, group, strict=True)), one, count)
