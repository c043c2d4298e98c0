"""What is asked of a measure: the period, the moment of knowledge, and whose facts may be seen."""

import datetime as dt
import functools
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, Self
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, Select, and_, false, or_, select, true
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.actor import Actor
from govdesk.catalog.models import Branch, PublicService

_local_day = functools.lru_cache(maxsize=64)(clock.local_day)  # asked for each row
NOON, FARTHEST = dt.time(12, tzinfo=dt.UTC), dt.timedelta(hours=26)  # no clock is farther off
READERS = ("head", "supervisor", "admin", "auditor")  # the roles that read figures

Place = tuple[int | None, int | None]  # a branch and a department; None: any


@dataclass(frozen=True, slots=True)
class Scope:
    """Which facts are counted: of any of these places (None: all); `branch_id` and `service_id` narrow it.

    `is_of_reader`: it is of somebody who leads, or of a program; not of who runs the server.
    """

    places: frozenset[Place] | None = None
    branch_id: int | None = None
    service_id: int | None = None
    is_of_reader: bool = False

    @classmethod
    def of(cls, actor: Actor) -> Self:
        """What an actor may see: the places of the roles that read figures, each by itself.

        Another role there or elsewhere widens it by nothing. A program has no roles in places, but a scope.
        """
        if actor.grants:
            places = {(branch, department) for role, branch, department in actor.grants if role in READERS}
        else:
            places = set(product(actor.branch_ids or (None,), actor.department_ids or (None,)))
            if frozenset() in (actor.branch_ids, actor.department_ids):
                places = set()
        return cls(None if (None, None) in places else frozenset(places), is_of_reader=True)

    def narrowed(self, *, branch_id: int | None = None, service_id: int | None = None) -> "Scope":
        """Look at one branch or one service only, within what may be seen."""
        return replace(self, branch_id=branch_id, service_id=service_id)

    def in_department(self, department_id: int) -> "Scope":
        """Look at one department only, within what may be seen."""
        if self.places is None:
            return replace(self, places=frozenset({(None, department_id)}))
        inside = {(branch, department_id) for branch, dept in self.places if dept in (None, department_id)}
        return replace(self, places=frozenset(inside))

    @property
    def is_everywhere(self) -> bool:
        """Whether no branch is left out, so that what happens at none (at home) is counted too."""
        return self.branch_id is None and all(branch is None for branch, _department in self.places or ())

    def has_branch(self, branch_id: int) -> bool:
        """Whether anything of this branch may be seen."""
        return self.places is None or any(branch in (None, branch_id) for branch, _department in self.places)

    def has_department(self, department_id: int) -> bool:
        """Whether anything of this department may be seen."""
        return self.places is None or any(
            department in (None, department_id) for _branch, department in self.places
        )

    def has(self, branch_id: int | None, service_id: int | None, department_id: int | None) -> bool:
        """Whether facts of a branch and a service (with its department) are counted, as `conditions` says."""
        if self.branch_id not in {None, branch_id} or self.service_id not in {None, service_id}:
            return False
        return self.places is None or any(
            branch in {None, branch_id} and department in {None, department_id}
            for branch, department in self.places
        )

    def conditions(self, model: Any) -> list[ColumnElement[bool]]:
        """Give the conditions on a table that has `branch_id` and `service_id`."""
        found = []
        if self.places is not None:
            found.append(or_(false(), *(_inside(model, *place) for place in sorted(self.places, key=str))))
        if self.branch_id is not None:
            found.append(model.branch_id == self.branch_id)
        if self.service_id is not None:
            found.append(model.service_id == self.service_id)
        return found


def _inside(model: Any, branch_id: int | None, department_id: int | None) -> ColumnElement[bool]:
    theirs = select(PublicService.id).where(PublicService.department_id == department_id)
    in_branch = true() if branch_id is None else model.branch_id == branch_id
    in_department = true() if department_id is None else model.service_id.in_(theirs)
    return and_(in_branch, in_department)


@dataclass(frozen=True, slots=True)
class Service:
    """What the figures need to know of a service."""

    code: str
    department: str
    family: str
    window_days: int
    lag_days: int
    wait_target: int
    cycle_days: int | None = None  # of a service that recurs

    @property
    def rules(self) -> tuple[int, int, int, int | None]:
        """All that decides how its visits are counted."""
        return self.window_days, self.lag_days, self.wait_target, self.cycle_days


def each_row(session: Session, query: Select[*tuple[Any, ...]]) -> Iterator[Row[*tuple[Any, ...]]]:
    """Read columns of very many rows, some at a time, past what a session does for objects."""
    session.flush()  # as a session does itself before it reads
    found = session.connection().execute(query.execution_options(yield_per=2000))
    for some in found.partitions():
        yield from some


def each_part(
    session: Session, query: Select[*tuple[Any, ...]], number: int
) -> Iterator[Sequence[Row[*tuple[Any, ...]]]]:
    """The same, so many rows at a time."""
    session.flush()
    found = session.connection().execute(query.execution_options(yield_per=number))
    yield from found.partitions()


class Places:
    """Services and branches by id, read once for a question."""

    def __init__(self, session: Session, default_zone: str) -> None:
        self.default_zone = ZoneInfo(default_zone)
        services = session.scalars(select(PublicService)).all()
        self.departments = {service.department.code: service.department_id for service in services}
        self.own_departments = frozenset(one.department_id for one in services if not one.is_imported)
        self.services = {
            service.id: Service(
                service.code,
                service.department.code,
                service.family,
                service.policy.window_days if service.policies else 30,
                service.policy.lag_days if service.policies else 2,
                service.wait_target_minutes,
                service.policy.cycle_days if service.policies else None,
            )
            for service in services
        }
        branches = session.execute(select(Branch.id, Branch.code, Branch.timezone)).all()
        self.branches = {branch_id: code for branch_id, code, _ in branches}
        self.zones = {branch_id: ZoneInfo(zone) for branch_id, _, zone in branches}

    @property
    def longest_window(self) -> int:
        """The days within which a return to any service is a failure."""
        return max((service.window_days for service in self.services.values()), default=0)

    @property
    def fingerprint(self) -> str:
        """Tells whether anything of what figures know of services and branches has changed."""
        zones = {branch_id: str(zone) for branch_id, zone in self.zones.items()}
        told = (sorted(self.services.items()), sorted(self.branches.items()), sorted(zones.items()))
        return hashlib.sha256(repr((told, str(self.default_zone))).encode()).hexdigest()

    def zone(self, branch_id: int | None) -> ZoneInfo:
        """The zone in which a branch cuts its days; the installation's where there is no branch."""
        return self.default_zone if branch_id is None else self.zones[branch_id]


@dataclass(frozen=True, slots=True)
class Question:
    """A period of local days (either end may be open), a moment of knowledge, a scope, and the catalog."""

    as_of: dt.datetime
    from_day: dt.date | None
    to_day: dt.date | None
    scope: Scope
    places: Places

    def today(self, branch_id: int | None) -> dt.date:
        """The local day on which the branch stood at `as_of`."""
        return _local_day(self.as_of, self.places.zone(branch_id))

    def has(self, day: dt.date) -> bool:
        """Whether a local day lies in the period."""
        return (self.from_day is None or day >= self.from_day) and (self.to_day is None or day <= self.to_day)

    def days(self, column: Any, *, until: dt.date | None = None) -> list[ColumnElement[bool]]:
        """Give the conditions of the period on a column of local days, none of them after `until`.

        There is one upper bound: of two SQLite would read all up to the one that is named first.
        """
        bounds = []
        if self.from_day is not None:
            bounds.append(column >= self.from_day)
        last = min((day for day in (self.to_day, until) if day is not None), default=None)
        if last is not None:
            bounds.append(column <= last)
        return bounds

    def at(self, model: Any, column: Any) -> list[ColumnElement[bool]]:
        """Give the conditions of the period and of the scope on a table with local days at branches."""
        return [*self.days(column), *self.scope.conditions(model), *self.everywhere(model)]

    def everywhere(self, model: Any) -> list[ColumnElement[bool]]:
        """Name every branch where a first day is given: many an index is by branch and then by time."""
        if self.from_day is None or self.scope.branch_id is not None:
            return []
        return [model.branch_id.in_(sorted(self.places.branches))]

    def beside(self, column: Any) -> Any:
        """Give a column of texts for a condition beside those of `at`, whose index is the better one.

        SQLite does not know that half of all rows have the same text, and would take the index of this one.
        """
        return column if self.from_day is None else column.concat("")

    def since(self, column: Any) -> list[ColumnElement[bool]]:
        """Give a wide condition on a column of moments: not long before the period."""
        if self.from_day is None:
            return []
        return [column >= dt.datetime.combine(self.from_day, NOON) - FARTHEST]

    def moments(self, column: Any) -> list[ColumnElement[bool]]:
        """Give wide conditions on a column of moments: about the period, and known at `as_of`."""
        end = None if self.to_day is None else dt.datetime.combine(self.to_day, NOON) + FARTHEST
        return [*self.since(column), self._before(column, end)]

    def soon(self, ended_on: Any, started_at: Any, days: int) -> list[ColumnElement[bool]]:
        """Give a wide condition on what followed so many days after the end of a visit of the period.

        Without it all that ever followed is read, though what came later changes no figure.
        """
        if self.to_day is None:
            return []
        last = dt.datetime.combine(self.to_day + dt.timedelta(days=days + 3), dt.time(12, tzinfo=dt.UTC))
        lasted_long = ended_on > self.to_day + dt.timedelta(days=1)
        return [or_(lasted_long, started_at <= last)]

    def known(self, column: Any) -> list[ColumnElement[bool]]:
        """Give conditions on a column of moments: in the period, whose own day `has` decides, and known.

        They are as narrow as the zones of all branches allow, with room for a clock put back past midnight.
        """
        zones, spare = {self.places.default_zone, *self.places.zones.values()}, dt.timedelta(hours=2)
        first, end = self.from_day, None
        if self.to_day is not None:
            end = max(clock.day_bounds(self.to_day, zone)[1] for zone in zones) + spare
        begins = [] if first is None else [min(clock.day_bounds(first, zone)[0] for zone in zones) - spare]
        return [*(column >= begin for begin in begins), self._before(column, end)]

    def _before(self, column: Any, end: dt.datetime | None) -> ColumnElement[bool]:
        """One bound, as in `days`."""
        is_over = end is not None and end <= self.as_of
        found: ColumnElement[bool] = column < end if is_over else column <= self.as_of
        return found
