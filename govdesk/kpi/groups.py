"""In what groups a figure is broken down, and how rows find their group."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, literal, select

from govdesk.catalog.models import PublicService
from govdesk.catalog.scenario_models import Scenario
from govdesk.errors import DeskError
from govdesk.kpi.question import Places
from govdesk.people.models import Person

TIMES = ("day", "week", "month", "quarter", "year")
BY_PLACE = ("service", "branch", "department", "family")
BY_PERSON = ("kind", "language")
OF_CASES = (*BY_PLACE, "channel", "unit", *BY_PERSON, *TIMES)
OF_VISITS = (*OF_CASES, "priority")
OF_RETURNS = (*OF_VISITS, "scenario", "cause")
OF_CLOCK = ("weekday", "hour")  # ISO weekdays, "1" is Monday; "09" is from nine to ten by the branch's clock
WEEKLY = TIMES[1:]  # of an answer nobody knows the day
OF_ANSWERS = (
    *BY_PLACE, "channel", "outcome", "occasion", *BY_PERSON, "priority", "questionnaire", "wave", *WEEKLY,
)  # fmt: skip
DIMENSIONS = {
    "repeats": OF_RETURNS,
    "plans": (*OF_VISITS, "scenario"),
    "shadow": (*OF_VISITS, "scenario"),
    "speed": (*OF_VISITS, "scenario"),
    "burden": OF_RETURNS,
    "abandons": OF_VISITS,
    "matters": OF_VISITS,
    "cases": (*OF_CASES, "policy"),
    "parts": OF_CASES,
    "waits": (*OF_VISITS, *OF_CLOCK),
    "attendance": (*OF_VISITS, *OF_CLOCK),
    "commitments": (*BY_PLACE, "unit", *BY_PERSON, *TIMES),
    "guide": ("service", "department", "family", "scenario", *TIMES),
    "costs": OF_CASES,
    "digital": (*BY_PLACE, *BY_PERSON, *TIMES),
    "reasons": OF_VISITS,
    "papers": (*OF_VISITS, "scenario"),
    "complaints": (*BY_PLACE, *TIMES),
    "recoveries": (*BY_PLACE, *TIMES),
    "recalls": (*BY_PLACE, *BY_PERSON, *TIMES),
    "obstacles": ("branch", "department", "category", *TIMES),
    "unheard": (*BY_PLACE, *BY_PERSON, *TIMES),
    "asked": (*BY_PLACE, *BY_PERSON, *TIMES),
    "counters": ("branch", *OF_CLOCK, *TIMES),
    "answers": (*OF_ANSWERS, "mode", "wording"),
    "drivers": (*OF_ANSWERS, "mode", "wording", "driver"),
    "invitations": OF_ANSWERS,
}
APART = ("mode", "wording")  # over time, answers of different modes and wordings are never one line
SUNDAY = 6
MOST_EQUAL = 2  # words beside place and time: with more of them hardly any rows are equal
HOURS = tuple(f"{hour:02}" for hour in range(24))

By = tuple[str, ...]
Group = tuple[str | None, ...]
Tally = TypeVar("Tally")


class UnknownGroupingError(DeskError):
    """A measure cannot be broken down in this way."""

    key = "kpi.cannot_group"
    status = 400


def check(by: Sequence[str], family: str) -> By:
    """Give the breakdown as asked; UnknownGroupingError for an unknown word, twice the same, or two times.

    Answers over time are always broken down by mode and wording too.
    """
    allowed = DIMENSIONS[family]
    for word in by:
        if word not in allowed or by.count(word) > 1:
            raise UnknownGroupingError(word=word, allowed=", ".join(allowed))
    if sum(word in TIMES for word in by) > 1:
        raise UnknownGroupingError(word=", ".join(by), allowed="one of " + ", ".join(TIMES))
    if any(word in TIMES for word in by):
        by = [*by, *(word for word in APART if word in allowed and word not in by)]
    return tuple(by)


def period_of(day: dt.date, time: str) -> str:
    """Name the period of a day: its date, its week's Sunday, 2026-10, 2026-Q4, 2026, or its weekday."""
    if time == "day":
        return day.isoformat()
    if time == "week":
        return week_of(day).isoformat()
    if time == "weekday":
        return str(day.isoweekday())
    if time == "month":
        return f"{day:%Y-%m}"
    return f"{day.year}-Q{(day.month + 2) // 3}" if time == "quarter" else str(day.year)


def hour_of(moment: dt.datetime, zone: ZoneInfo) -> str:
    """Name the hour of a moment by the clock of a zone: 09 is from nine to ten."""
    return HOURS[moment.astimezone(zone).hour]


def week_of(day: dt.date) -> dt.date:
    """Give the Sunday on which the week of a day begins."""
    return day - dt.timedelta(days=(day.weekday() - SUNDAY) % 7)


class Grouping:
    """Several breakdowns of one pass over rows: each row belongs to one group of each of them.

    `select` adds the columns that the breakdowns need to a query; `of` turns their values back into groups.
    A breakdown by cause is left to the measure where only its numerator has a cause (`has_cause` is false).
    """

    def __init__(
        self, bys: Iterable[By], places: Places, *, has_weeks: bool = False, has_cause: bool = False
    ) -> None:
        self.bys = [tuple(word for word in by if has_cause or word != "cause") for by in bys]
        self.places = places
        self.has_weeks = has_weeks  # the days are first days of weeks already
        inner = {word for by in self.bys for word in by} - set(TIMES) - set(BY_PLACE) - set(OF_CLOCK)
        self.names = [*sorted(inner), *(["family"] if any("family" in by for by in self.bys) else [])]
        self.has_hours = any("hour" in by for by in self.bys)
        self._known: dict[Any, tuple[Group, ...]] = {}

    def select(self, query: Any, model: Any, **instead: ColumnElement[Any]) -> Any:
        """Add the columns of the breakdowns, then service and branch, to a query over a model.

        `instead` gives another expression for a breakdown's column, by its name.
        """
        if any(name in BY_PERSON and name not in instead for name in self.names):
            query = query.outerjoin(Person, Person.id == model.person_id)
        columns = [instead[name] if name in instead else column_of(model, name) for name in self.names]
        return query.add_columns(*columns, model.service_id, model.branch_id)

    def reduced(self, bys: Iterable[By]) -> "Grouping":
        """Other breakdowns of the same rows, with no words beside these."""
        found = Grouping(bys, self.places, has_weeks=self.has_weeks)
        found.names = self.names
        return found

    def counted(self, query: Any, *, is_alike: bool = True) -> Any:
        """Let the database count equal rows of a query, where few breakdowns leave many equal ones."""
        if len(self.names) > MOST_EQUAL or not is_alike:
            return query.add_columns(literal(1))
        inner = query.subquery()
        return select(*inner.c, func.count()).group_by(*inner.c)

    @property
    def width(self) -> int:
        """How many columns `select` adds."""
        return len(self.names) + 2

    def of(self, values: Sequence[Any], day: dt.date, at: dt.datetime | None = None) -> tuple[Group, ...]:
        """Give the group of a row in each breakdown, from the values of the added columns and its day.

        `at` is the moment whose hour counts, by the clock of the row's branch; without one it is not known.
        """
        hour = hour_of(at, self.places.zone(values[-1])) if at is not None and self.has_hours else None
        known = (*values, day, hour)
        if known not in self._known:
            self._known[known] = tuple(
                tuple(hour if word == "hour" else self.word(word, values, day) for word in by)
                for by in self.bys
            )
        return self._known[known]

    def word(self, word: str, values: Sequence[Any], day: dt.date) -> str | None:
        """Give one word of the group of a row; the hour is not known here."""
        service_id, branch_id = values[-2:]
        if word in TIMES or word == "weekday":
            return day.isoformat() if self.has_weeks and word == "week" else period_of(day, word)
        if word == "branch":
            return None if branch_id is None else self.places.branches[branch_id]
        if word not in BY_PLACE:
            return values[self.names.index(word)] or None
        if service_id is None:  # of a complaint that names no service, an answer at a tablet
            return None
        service = self.places.services[service_id]
        if word == "family":
            return values[self.names.index(word)] or service.family
        return service.code if word == "service" else service.department


class Tallies(dict[Group, Tally]):
    """The tallies of a breakdown: one for each group, made when first asked for."""

    def __init__(self, make: Callable[[], Tally]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, group: Group) -> Tally:
        made = self[group] = self._make()
        return made


def in_order(groups: Iterable[Group]) -> list[Group]:
    """Give groups in their natural order: by name, what has no name last."""
    return sorted(groups, key=lambda group: tuple((word is None, word or "") for word in group))


def scenario_of(model: Any) -> ColumnElement[Any]:
    """The scenario of a row that has `scenario_id`, as licence-renewal/lost."""
    return (
        select(PublicService.code + "/" + Scenario.code)
        .join(Scenario, Scenario.service_id == PublicService.id)
        .where(Scenario.id == model.scenario_id)
        .correlate(model)
        .scalar_subquery()
        .label("scenario")
    )


def column_of(model: Any, name: str) -> ColumnElement[Any]:
    """The column of a model that a word of a breakdown is in; of what it does not know there is none."""
    if name == "kind":
        return Person.kind.expression
    if name == "scenario" and hasattr(model, "scenario_id"):
        return scenario_of(model)
    own = getattr(model, name, None)
    if name == "language":
        return func.coalesce(own, Person.language) if own is not None else Person.language.expression
    return literal(None).label(name) if own is None else own
