"""What people answer: the statements, the faces, and what they say could have been better (KPI.md §5)."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, TypeAlias

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
from govdesk.kpi.weighing import Key, Unit, key_of, may_weigh, populations, tally_ends

Reading: TypeAlias = Callable[[Session, Question, Any, Sequence[By]], list[Tallies[Any]]]
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


Part: TypeAlias = tuple[str, Unit, Key, bool]  # of a stratum: those with a good answer, or those without


@dataclass(slots=True)
class Tally:
    """Answers of a group: how many gave each number to each statement, in which mode, of which stratum."""

    numbers: Counter[tuple[str, int]] = field(default_factory=Counter)
    modes: Counter[tuple[str, str]] = field(default_factory=Counter)
    strata: Counter[Part] = field(default_factory=Counter, metadata=BESIDE)
    people: dict[tuple[Unit, Key], int] = field(default_factory=dict, metadata=BESIDE)  # of known strata


@dataclass(slots=True)
class Strata:
    """Answers of a group in each part of each stratum."""

    strata: Counter[Part] = field(default_factory=Counter)


@dataclass(slots=True)
class Named:
    """Those who were asked what could have been better, and those who named it."""

    asked: int = 0
    named: int = 0


def tally(session: Session, question: Question, bys: Sequence[By]) -> list[Tallies[Tally]]:
    """Count the answers of the weeks that begin in a period, and the people of their strata."""
    found = [columns.tallies(Tally) for columns in gather(session, question, bys)]
    weigh(session, question, dict(zip(bys, found, strict=True)), _from_rows)
    return found


def gather(session: Session, question: Question, bys: Sequence[By]) -> list[Columns]:
    """Count them without their strata."""
    rows = Gathering(Grouping(bys, question.places, has_weeks=True))
    for one, number, count, _part, mode, values, week in _answers(session, question, rows.grouping):
        rows.row(values, week)
        rows.count("numbers", (one.measure, number), count)
        rows.count("modes", (one.measure, mode), count)
    return rows.columns()


def tally_strata(session: Session, question: Question, bys: Sequence[By]) -> list[Tallies[Strata]]:
    """Give the strata of the answers of the weeks that begin in a period."""
    return [columns.tallies(Strata) for columns in gather_strata(session, question, bys)]


def gather_strata(session: Session, question: Question, bys: Sequence[By]) -> list[Columns]:
    """Count them."""
    rows = Gathering(Grouping(bys, question.places, has_weeks=True))
    for _one, _number, count, part, _mode, values, week in _answers(session, question, rows.grouping):
        rows.row(values, week)
        rows.count("strata", part, count)
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


def weigh(session: Session, question: Question, found: Mapping[By, Tallies[Tally]], read: Reading) -> None:
    """Add the strata and their people where a breakdown cuts through no stratum, and all branches are in it.

    `read` gives the tallies of a pass.
    """
    bys = [by for by in found if may_weigh(by)]
    if not bys or not question.scope.is_everywhere:
        return
    for by, strata in zip(bys, read(session, question, tally_strata, bys), strict=True):
        for group, one in strata.items():
            found[by][group].strata = one.strata
    grouping = Grouping(bys, question.places, has_weeks=True)
    ends = read(session, question, tally_ends, [()])[0][()]
    for unit, key, people, facts in populations(session, question, ends):
        values = [*(facts.get(name) for name in grouping.names), facts["service_id"], None]
        for by, group in zip(bys, grouping.of(values, question.as_of.date()), strict=True):
            if group in found[by]:
                found[by][group].people[unit, key] = people


def _from_rows(session: Session, question: Question, tally: Any, bys: Sequence[By]) -> list[Tallies[Any]]:
    found: list[Tallies[Any]] = tally(session, question, bys)
    return found


def _answers(
    session: Session, question: Question, grouping: Grouping
) -> Iterator[tuple[Asked, int, int, Part, str, Sequence[Any], dt.date]]:
    """Give each answer, how many say the same, the part of its stratum, its mode, its groups, its week."""
    known = {key: one for key, one in asked(session).items() if one.measure is not None}
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
            part = one.measure or "", unit, key, row["number"] >= GOOD[one.question.kind]
            yield one, row["number"], row["count"], part, row["how"], values, row["week"]


def _named(
    session: Session, question: Question, grouping: Grouping, one: Asked
) -> Iterator[tuple[int, str | None, dict[str, Any]]]:
    """Counts of one question: with "" those who were asked, with a driver who named it, with None whole."""
    base = select(*_of_group(grouping)).where(
        Response.questionnaire_id == one.questionnaire_id,
        Response.version_id == one.version_id,
        *was_shown(one.question),
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


def was_shown(asking: Asking) -> list[ColumnElement[bool]]:
    """Give the condition that a question was asked at all, where it depends on another answer."""
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
    return question.days(column, until=question.today(None))


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
