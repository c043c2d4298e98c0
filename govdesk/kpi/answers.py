"""What people answer: the statements, the faces, and what they say could have been better (KPI.md §5)."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from govdesk.feedback.answers.models import Answer, Response
from govdesk.feedback.answers.service import LIVE
from govdesk.feedback.forms.rules import Question as Asking
from govdesk.kpi.asked_forms import GOOD, Asked, asked
from govdesk.kpi.columns import BESIDE, Columns
from govdesk.kpi.figures import share
from govdesk.kpi.gathering import Gathering
from govdesk.kpi.groups import By, Grouping, Tallies
from govdesk.kpi.question import Question
from govdesk.kpi.samples import Stratum, post_stratified
from govdesk.kpi.weighing import Ends, Key, Unit, key_of, may_weigh, populations

FACES, AGREEMENT = "faces", "agreement"
POINTS = {FACES: (1, 2, 3), AGREEMENT: (1, 2, 3, 4, 5)}
COLUMNS: Mapping[str, ColumnElement[Any]] = {
    "channel": Response.channel.expression,
    "kind": Response.person_kind.expression,
    "language": Response.language.expression,
    "mode": Response.mode.expression,
    "occasion": Response.occasion.expression,
    "outcome": Response.outcome.expression,
    "priority": Response.priority.expression,
}


@dataclass(slots=True)
class Tally:
    """Answers of a group: how many gave each number to each statement, in which mode, of which stratum."""

    numbers: Counter[tuple[str, int]] = field(default_factory=Counter)
    modes: Counter[tuple[str, str]] = field(default_factory=Counter)
    strata: Counter[tuple[str, Unit, Key, bool]] = field(default_factory=Counter)
    people: dict[tuple[Unit, Key], int] = field(default_factory=dict, metadata=BESIDE)  # of known strata


@dataclass(slots=True)
class Named:
    """Those who were asked what could have been better, and those who named it."""

    asked: int = 0
    named: int = 0


def tally(session: Session, question: Question, bys: Sequence[By]) -> list[Tallies[Tally]]:
    """Count the answers of the weeks that begin in a period, and the people of their strata."""
    found = [columns.tallies(Tally) for columns in gather(session, question, bys)]
    weigh(session, question, bys, found)
    return found


def gather(session: Session, question: Question, bys: Sequence[By]) -> list[Columns]:
    """Count them without the people."""
    rows = Gathering(Grouping(bys, question.places, has_weeks=True))
    known = {key: one for key, one in asked(session).items() if one.measure is not None}
    for one, number, count, unit, key, mode, values, week in _answers(
        session, question, rows.grouping, known
    ):
        rows.row(values, week)
        rows.count("numbers", (one.measure, number), count)
        rows.count("modes", (one.measure, mode), count)
        rows.count("strata", (one.measure, unit, key, number >= GOOD[one.question.kind]), count)
    return rows.columns()


def tally_named(session: Session, question: Question, bys: Sequence[By]) -> list[Tallies[Named]]:
    """Count who was asked what could have been better, and who named what; one may name several."""
    grouping = Grouping(bys, question.places, has_weeks=True)
    found: list[Tallies[Named]] = [Tallies(Named) for _ in bys]
    for one in (one for one in asked(session).values() if one.question.kind == "drivers"):
        drivers = [choice.key for choice in one.question.choices]
        for count, chosen, row in _named(session, question, grouping, one):
            for place, (tallies, by) in enumerate(zip(found, grouping.bys, strict=True)):
                if (chosen is not None) != ("driver" in by):
                    continue
                for driver in drivers if chosen == "" else [chosen]:
                    values = _values(grouping, one, row, driver)
                    at = tallies[grouping.of(values, row["week"])[place]]
                    if row["is_named"]:
                        at.named += count
                    else:
                        at.asked += count
    return found


def reading(measure: str) -> Any:
    """Give the reading of one statement: its share of good answers, its distribution, its modes, weighted."""

    def read(one: Tally, _question: Question) -> dict[str, Any]:
        points = POINTS[FACES if measure == FACES else AGREEMENT]
        counts = {point: one.numbers[measure, point] for point in points}
        good = sum(count for point, count in counts.items() if point >= GOOD[_kind(measure)])
        modes = {mode: count for (named, mode), count in sorted(one.modes.items()) if named == measure}
        return {
            **share(good, sum(counts.values())),
            "detail": {
                "distribution": {str(point): count for point, count in counts.items()},
                "modes": modes,
                "weighted": _weighted(one, measure),
            },
        }

    return read


def driver_named(one: Named, _question: Question) -> dict[str, Any]:
    """Those who named something (or the one thing of the group), of those who were asked."""
    return share(one.named, one.asked)


def _kind(measure: str) -> str:
    return FACES if measure == FACES else AGREEMENT


def _weighted(one: Tally, measure: str) -> dict[str, Any] | None:
    units = {unit for named, unit, _key, _is_good in one.strata if named == measure}
    strata = [
        Stratum(
            people,
            one.strata[measure, unit, key, True] + one.strata[measure, unit, key, False],
            one.strata[measure, unit, key, True],
        )
        for (unit, key), people in sorted(one.people.items())
        if unit in units
    ]
    found = post_stratified(strata)
    return None if found is None else {**asdict(found), "interval": list(found.interval)}


def is_weighed(question: Question, bys: Iterable[By]) -> bool:
    """Whether any group in these breakdowns stands for people: in all branches, and no stratum is cut."""
    return question.scope.is_everywhere and any(map(may_weigh, bys))


def weigh(
    session: Session, question: Question, bys: Sequence[By], found: Sequence[Tallies[Tally]],
    ends: Ends | None = None,
) -> None:  # fmt: skip
    """Add to each group the people of its strata; `ends`, where who was at an end is counted already."""
    if not is_weighed(question, bys):
        return
    grouping = Grouping(bys, question.places, has_weeks=True)
    places = [place for place, by in enumerate(bys) if may_weigh(by)]
    for unit, key, people, facts in populations(session, question, ends):
        values = [*(facts.get(name) for name in grouping.names), facts["service_id"], None]
        groups = grouping.of(values, question.as_of.date())
        for place in places:
            if groups[place] in found[place]:
                found[place][groups[place]].people[unit, key] = people


def _answers(
    session: Session, question: Question, grouping: Grouping, known: Mapping[tuple[int, str], Asked]
) -> Iterator[tuple[Asked, int, int, Unit, Key, str, Sequence[Any], dt.date]]:
    if not known:
        return
    columns = [Response.wave_id, Response.stratum, Response.channel.label("way"), Response.mode.label("how")]
    inner = (
        select(Response.version_id, Answer.question, Answer.number, *columns, *_of_group(grouping))
        .join(Answer, Answer.response_id == Response.id)
        .where(
            Response.questionnaire_id.in_({one.questionnaire_id for one in known.values()}),  # of the index
            Response.version_id.in_({version for version, _ in known}),
            Answer.question.in_({key for _, key in known}),
            Answer.number.is_not(None),
            *during(question, Response.week),
            *readable(question),
            *question.scope.conditions(Response),
        )
        .subquery()
    )
    counted = select(*inner.c, func.count().label("count")).group_by(*inner.c)
    for found in session.execute(counted.execution_options(yield_per=2000)).mappings():
        row = dict(found)
        one = known.get((row["version_id"], row["question"]))
        if one is not None:
            unit, key = key_of(row["wave_id"], row["stratum"], one.questionnaire_id, row)
            values = _values(grouping, one, row)
            yield one, row["number"], row["count"], unit, key, row["how"], values, row["week"]


def _named(
    session: Session, question: Question, grouping: Grouping, one: Asked
) -> Iterator[tuple[int, str | None, dict[str, Any]]]:
    """Counts of one question: with "" those who were asked, with a driver who named it, with None whole."""
    base = select(*_of_group(grouping)).where(
        Response.questionnaire_id == one.questionnaire_id,
        Response.version_id == one.version_id,
        *_was_shown(one.question),
        *during(question, Response.week),
        *readable(question),
        *question.scope.conditions(Response),
    )
    own = and_(Answer.response_id == Response.id, Answer.question == one.question.key)
    ways: list[tuple[Any, tuple[str | None, ...], bool]] = [
        (base.subquery(), ("", None), False),
        (base.where(select(Answer.response_id).where(own).exists()).subquery(), (None,), True),
    ]
    for choice in one.question.choices:
        ticked = select(Answer.response_id).where(own, Answer.choice == choice.key).exists()
        ways.append((base.where(ticked).subquery(), (choice.key,), True))
    for inner, chosen, is_named in ways:
        counted = select(*inner.c, func.count().label("count")).group_by(*inner.c)
        for row in session.execute(counted).mappings():
            for word in chosen:
                yield row["count"], word, {**row, "is_named": is_named}


def _was_shown(asking: Asking) -> list[ColumnElement[bool]]:
    """Whether a question was asked at all, where it depends on another answer."""
    if asking.shown is None:
        return []
    before = aliased(Answer)
    numbers = [answer for answer in asking.shown.answers if isinstance(answer, int)]
    choices = [answer for answer in asking.shown.answers if isinstance(answer, str)]
    told = or_(before.number.in_(numbers), before.choice.in_(choices) & before.number.is_(None))
    own = and_(before.response_id == Response.id, before.question == asking.shown.question, told)
    return [select(before.response_id).where(own).exists()]


def during(question: Question, column: Any) -> list[ColumnElement[bool]]:
    """Weeks that begin in the period, and no later than `as_of`."""
    return [column <= question.today(None), *question.days(column)]


def readable(question: Question) -> list[ColumnElement[bool]]:
    """What those who lead read: settled answers, and what came in from elsewhere.

    Whoever looks at figures today and again tomorrow could else tell what was answered between.
    """
    return [or_(Response.is_settled, Response.source != LIVE)] if question.scope.is_of_reader else []


def _of_group(grouping: Grouping) -> list[ColumnElement[Any]]:
    named = [COLUMNS[name].label(f"g_{name}") for name in grouping.names if name in COLUMNS]
    wave = [Response.wave_id.label("g_wave")] if "wave" in grouping.names else []
    places: list[Any] = [Response.week, Response.service_id, Response.branch_id]
    return [*named, *wave, *places]


def _values(
    grouping: Grouping, one: Asked, row: Mapping[str, Any], driver: str | None = None
) -> tuple[Any, ...]:
    """The values of a row in the order of the grouping."""
    own = {"questionnaire": one.questionnaire, "wording": one.wording, "driver": driver, "family": None}
    if row.get("g_wave") is not None:
        own["wave"] = str(row["g_wave"])
    words = (own[name] if name in own else row.get(f"g_{name}") for name in grouping.names)
    return (*words, row["service_id"], row["branch_id"])
