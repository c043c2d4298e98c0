"""One questionnaire read whole: how each question was answered, and what goes with being dissatisfied."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from govdesk import clock
from govdesk.cases.silent.rules import Estimate, chapman
from govdesk.feedback.answers.models import Answer, Response
from govdesk.feedback.complaints.models import Complaint
from govdesk.feedback.forms.rules import Question as Asking
from govdesk.kpi.answers import during, readable, was_shown
from govdesk.kpi.asked_forms import GOOD, Asked
from govdesk.kpi.question import Question, each_row
from govdesk.kpi.samples import Effect, effect
from govdesk.kpi.suppression import Cell, hidden

OF_MANY = ("many", "drivers")  # questions to which any number of choices is an answer, none as well
FEWEST_WEIGHTS = 5  # answers, for an average to be told
BAD = {"agreement": 2, "faces": 1}  # up to here somebody says they are dissatisfied


@dataclass(frozen=True, slots=True)
class Cut:
    """Which answers of one questionnaire are read; the scope of the question narrows them further."""

    questionnaire_id: int
    mode: str | None = None
    wave_id: int | None = None

    def conditions(self, question: Question) -> list[ColumnElement[bool]]:
        """The conditions on the table of responses."""
        found = [
            Response.questionnaire_id == self.questionnaire_id,
            *during(question, Response.week),
            *readable(question),
            *question.scope.conditions(Response),
        ]
        if self.mode is not None:
            found.append(Response.mode == self.mode)
        if self.wave_id is not None:
            found.append(Response.wave_id == self.wave_id)
        return found


@dataclass(slots=True)
class Told:
    """How one wording of one question was answered: how often each number or choice, and by how many."""

    asking: Asking
    series: int
    n: int = 0
    counts: Counter[int | str] = field(default_factory=Counter)
    modes: dict[str, Counter[int | str]] = field(default_factory=lambda: defaultdict(Counter))

    @property
    def good(self) -> int:
        """How many answers are good ones, where the question has such."""
        edge = GOOD.get(self.asking.kind)
        return 0 if edge is None else sum(count for at, count in self.counts.items() if int(at) >= edge)

    def of_mode(self, mode: str) -> tuple[int, int]:
        """The good answers and all answers of one mode."""
        edge, counts = GOOD[self.asking.kind], self.modes[mode]
        return sum(count for at, count in counts.items() if int(at) >= edge), counts.total()


def responses(session: Session, question: Question, cut: Cut) -> int:
    """How many filled the form in."""
    return session.scalar(select(func.count()).select_from(Response).where(*cut.conditions(question))) or 0


def waiting(session: Session, question: Question, cut: Cut) -> int:
    """How many filled the form in whose week or wave is not over, so that nobody reads them yet."""
    everything = replace(question, scope=replace(question.scope, is_of_reader=False))
    return responses(session, everything, cut) - responses(session, question, cut)


def is_hidden(session: Session, question: Question, cut: Cut, fewest: int) -> bool:
    """Whether what was chosen is too small, or would tell of something too small beside it."""
    scope = question.scope
    chosen: dict[Any, Any] = {
        Response.branch_id: scope.branch_id,
        Response.service_id: scope.service_id,
        Response.mode: cut.mode,
        Response.wave_id: cut.wave_id,
    }
    names = [column for column, value in chosen.items() if value is not None]
    whole = Cut(cut.questionnaire_id).conditions(wide(question))
    rows = session.execute(select(*names, func.count()).where(*whole).group_by(*names))
    cells: dict[Cell, int] = {tuple(map(str, row[:-1])): row[-1] for row in rows}
    mine = tuple(str(chosen[name]) for name in names)
    return cells.get(mine, 0) > 0 and mine in hidden(cells, fewest)


def wide(question: Question) -> Question:
    """The same question without the branch and service that were chosen."""
    scope = question.scope.narrowed()
    return Question(question.as_of, question.from_day, question.to_day, scope, question.places)


def tell(
    session: Session, question: Question, cut: Cut, known: Mapping[tuple[int, str], Asked]
) -> list[Told]:
    """Count the answers to each wording of each question, in the order in which it is asked."""
    rows = session.execute(
        select(
            Response.version_id, Response.mode, Answer.question, Answer.series, Answer.number, Answer.choice,
            func.count(),
        )
        .join(Answer, Answer.response_id == Response.id)
        .where(*cut.conditions(question))
        .group_by(
            Response.version_id, Response.mode, Answer.question, Answer.series, Answer.number, Answer.choice
        )
    )  # fmt: skip
    order = {key: place for place, (_, key) in enumerate(known)}
    found: dict[tuple[str, int], Told] = {}
    for version_id, mode, key, series, number, choice, count in rows:
        one = known.get((version_id, key))
        if one is None:
            continue
        told = found.setdefault((key, series), Told(one.question, series))
        value = choice if number is None else number
        told.counts[value] += count
        told.modes[mode][value] += count
        if one.question.kind not in OF_MANY:
            told.n += count
    for (version_id, key), one in known.items():
        answered = found.get((key, one.question.series))
        if answered is not None and one.question.kind in OF_MANY:
            answered.n += _asked(session, question, cut, version_id, one.question)
    return sorted(found.values(), key=lambda told: (order[told.asking.key], -told.series))


def _asked(session: Session, question: Question, cut: Cut, version_id: int, asking: Asking) -> int:
    """How many were asked a question whose answer may be that nothing was ticked."""
    of_version = Response.version_id == version_id
    query = select(func.count()).select_from(Response)
    return session.scalar(query.where(of_version, *was_shown(asking), *cut.conditions(question))) or 0


@dataclass(frozen=True, slots=True)
class Driver:
    """What may go with being dissatisfied: a statement that was denied, or a thing that was ticked."""

    asking: Asking
    choice: str | None
    effect: Effect


@dataclass(slots=True)
class Together:
    """Answers of the same people: how satisfied they are, and what else they say."""

    satisfied: Counter[int] = field(default_factory=Counter)
    edge: int = 0  # up to here somebody is dissatisfied
    pairs: dict[str, Counter[tuple[int, int]]] = field(default_factory=lambda: defaultdict(Counter))
    ticks: dict[tuple[str, str], Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    offered: dict[tuple[str, str], Counter[int]] = field(
        default_factory=lambda: defaultdict(Counter)
    )  # could tick


def together(
    session: Session, question: Question, cut: Cut, known: Mapping[tuple[int, str], Asked]
) -> Together:
    """Read what those who say how satisfied they are say besides."""
    main = {
        key: one
        for (_, key), one in known.items()
        if one.questionnaire_id == cut.questionnaire_id and one.measure in {"satisfied", "faces"}
    }
    found = Together()
    if not main:
        return found
    found.edge = BAD[next(iter(main.values())).question.kind]
    first, other = aliased(Answer), aliased(Answer)
    base = (
        select(first.number)
        .join(Response, Response.id == first.response_id)
        .where(first.question.in_(main), first.number.is_not(None), *cut.conditions(question))
    )
    for number, count in session.execute(base.add_columns(func.count()).group_by(first.number)):
        found.satisfied[number] = count
    beside = (
        base.join(other, other.response_id == first.response_id)
        .where(other.question.not_in(main))
        .add_columns(other.question, other.number, other.choice, func.count())
        .group_by(first.number, other.question, other.number, other.choice)
    )
    for number, key, beside_number, choice, count in session.execute(beside):
        if beside_number is not None:
            found.pairs[key][number, beside_number] += count
        else:
            found.ticks[key, choice][number] += count
    for (version_id, key), one in known.items():
        if one.questionnaire_id == cut.questionnaire_id and one.question.kind == "drivers":
            of_version = base.where(Response.version_id == version_id, *was_shown(one.question))
            offered = dict(
                map(tuple, session.execute(of_version.add_columns(func.count()).group_by(first.number)))
            )
            for choice in one.question.choices:
                found.offered[key, choice.key].update(offered)
    return found


def drivers(found: Together, known: Mapping[tuple[int, str], Asked]) -> list[Driver]:
    """What goes with being dissatisfied, the largest attributable share first.

    Who ticked a thing is compared with who could have ticked it and did not.
    """
    askings = {key: one.question for (_, key), one in known.items()}
    made: list[Driver] = []
    for key, pairs in found.pairs.items():
        asking = askings.get(key)
        if asking is None or asking.kind != "agreement":
            continue
        met, others = Counter[bool](), Counter[bool]()
        for (number, said), count in pairs.items():
            group = met if said <= BAD["agreement"] else others
            group[number <= found.edge] += count
        one = effect(met.total(), met[True], others.total(), others[True])
        made += [Driver(asking, None, one)] if one else []
    for (key, choice), numbers in found.ticks.items():
        asking, others_of = askings.get(key), found.offered[key, choice] - numbers
        if asking is None or asking.kind != "drivers":
            continue
        met_bad, others_bad = (
            sum(count for number, count in each.items() if number <= found.edge)
            for each in (numbers, others_of)
        )
        one = effect(numbers.total(), met_bad, others_of.total(), others_bad)
        made += [Driver(asking, choice, one)] if one else []
    return sorted(made, key=lambda driver: -(driver.effect.attributable or 0.0))


def unheard(session: Session, question: Question, found: Together, complained_key: str) -> Estimate | None:
    """Estimate the dissatisfied from complaints on record and from answers that tell of a complaint.

    None where the lists do not overlap, or more say that they complained than have.
    """
    pairs = found.pairs.get(complained_key, Counter())
    dissatisfied = sum(count for (number, _), count in pairs.items() if number <= found.edge)
    both = sum(count for (number, said), count in pairs.items() if number <= found.edge and said)
    received = select(Complaint.received_at, Complaint.branch_id).where(
        *question.known(Complaint.received_at),
        *question.scope.conditions(Complaint),
    )
    places = question.places
    days = (clock.local_day(at, places.zone(branch)) for at, branch in each_row(session, received))
    on_record = sum(map(question.has, days))
    return None if both > on_record else chapman(on_record, dissatisfied, both)


def weights(session: Session, question: Question, known: Mapping[tuple[int, str], Asked]) -> dict[str, float]:
    """How important people say each statement is to them, on average of 0 to 1, in any questionnaire."""
    about = {
        (version, key): one.question.about
        for (version, key), one in known.items()
        if one.question.role == "importance" and one.question.about is not None
    }
    if not about:
        return {}
    rows = session.execute(
        select(Response.version_id, Answer.question, func.sum(Answer.number), func.count())
        .join(Answer, Answer.response_id == Response.id)
        .where(
            Response.version_id.in_({version for version, _ in about}),
            Answer.question.in_({key for _, key in about}),
            Answer.number.is_not(None),
            *during(question, Response.week),
            *readable(question),
            *question.scope.conditions(Response),
        )
        .group_by(Response.version_id, Answer.question)
    )
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for version, key, total, count in rows:
        if (version, key) in about:
            top = {"scale": 10, "agreement": 5}.get(known[version, key].question.kind, 1)
            sums[about[version, key]][0] += (total or 0) / top
            sums[about[version, key]][1] += count
    return {name: total / count for name, (total, count) in sums.items() if count >= FEWEST_WEIGHTS}


def last_week(question: Question) -> dt.date:
    """The Monday of the last week that was over at `as_of`."""
    today = question.today(None)
    return today - dt.timedelta(days=today.weekday() + 7)
