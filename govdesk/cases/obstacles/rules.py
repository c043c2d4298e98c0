"""Who answers for an obstacle, until when, who is told next, and how old it is: pure rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import date, datetime

CATEGORIES = (
    "system", "equipment", "premises", "rules", "information", "partner", "staffing", "other"
)  # fmt: skip
LINKS = ("cause", "service", "unit")
DUE_WORKING_DAYS = 10
RUNG_WORKING_DAYS = 5  # after each of these an overdue obstacle goes one rung higher
LONGEST_SEARCH = 400  # days
MANAGERS = ("supervisor", "head", "admin")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Someone who may answer for obstacles: one row for each role held, and where it holds."""

    staff_id: int
    role: str
    branch_id: int | None = None
    department_id: int | None = None
    open_obstacles: int = 0


def ladder(
    candidates: Sequence[Candidate],
    *,
    branch_id: int | None,
    department_id: int | None,
    departments_here: Iterable[int] = (),
) -> list[list[Candidate]]:
    """Give who may answer, rung by rung upwards; a rung on which nobody stands is left out.

    Of a department: its head, then the heads of all, then the administrators. Of a branch: its own head, or
    without one its supervisors; then the heads of all or of a department that works there; then the
    administrators. `departments_here` are those departments.
    """
    heads = [one for one in candidates if one.role == "head"]
    everywhere = [one for one in heads if one.branch_id is None and one.department_id is None]
    admins = [one for one in candidates if one.role == "admin"]
    if department_id is not None:
        rungs = [[one for one in heads if one.department_id == department_id], everywhere, admins]
    elif branch_id is not None:
        own = [one for one in heads if one.branch_id == branch_id]
        floor = [one for one in candidates if one.role == "supervisor" and one.branch_id == branch_id]
        here = set(departments_here)
        theirs = [one for one in heads if one.department_id in here]
        rungs = [own or floor, everywhere or theirs, admins]
    else:
        rungs = [everywhere or heads, admins]
    return [rung for rung in rungs if rung]


def owner_of(rungs: Sequence[Sequence[Candidate]]) -> int | None:
    """Give who answers first: of the lowest rung whoever has the fewest open obstacles, then the first.

    None where there is nobody at all.
    """
    return _of_rung(rungs[0]) if rungs else None


def next_above(rungs: Sequence[Sequence[Candidate]], holder_id: int | None) -> int | None:
    """Give who is told when an obstacle stays overdue: one of the next rung; None at the top.

    Whoever stands on no rung (it was given to a colleague) counts as below the lowest.
    """
    places = [place for place, rung in enumerate(rungs) if any(one.staff_id == holder_id for one in rung)]
    above = rungs[max(places) + 1 :] if places else rungs
    others = ([one for one in rung if one.staff_id != holder_id] for rung in above)
    return next((_of_rung(rung) for rung in others if rung), None)


def due_on(raised_on: date, is_open: Callable[[date], bool], days: int = DUE_WORKING_DAYS) -> date:
    """Give the last of `days` working days after the one on which it was raised.

    Where no day is open the days of the calendar count, so that everything has a date.
    """
    day, left = raised_on, days
    for _ in range(LONGEST_SEARCH):
        day += timedelta(days=1)
        left -= is_open(day)
        if left == 0:
            return day
    return raised_on + timedelta(days=days)


def is_overdue(state: str, due: date, today: date) -> bool:
    """Whether it is still open after its last day."""
    return state == "open" and today > due


def must_rise(*, due: date, escalated_on: date | None, today: date, is_open: Callable[[date], bool]) -> bool:
    """Whether an open obstacle goes one rung higher today: once overdue, then after each few working days.

    A date that was moved after the last escalation counts anew.
    """
    if today <= due:
        return False
    if escalated_on is None or escalated_on <= due:
        return True
    return today >= due_on(escalated_on, is_open, RUNG_WORKING_DAYS)


def open_at(history: Iterable[tuple[datetime, str]], moment: datetime) -> datetime | None:
    """Give since when an obstacle has been open at a moment, from its events in order; None if it was not.

    One that was closed and is back has been open since it was raised: closing it in between did not help.
    """
    raised, is_open = None, False
    for at, kind in history:
        if at > moment:
            break
        if kind in {"raised", "reopened"}:
            raised, is_open = raised or at, True
        elif kind == "closed":
            is_open = False
    return raised if is_open else None


def open_stretches(
    history: Iterable[tuple[datetime, str]],
) -> Iterator[tuple[datetime, datetime, datetime | None]]:
    """Give each stretch in which an obstacle was open: since when it counts, its begin, its end if any."""
    raised = begun = None
    for at, kind in history:
        if kind in {"raised", "reopened"}:
            raised, begun = raised or at, begun or at
        elif kind == "closed" and raised is not None and begun is not None:
            yield raised, begun, at
            begun = None
    if raised is not None and begun is not None:
        yield raised, begun, None


def answers_for(
    grants: Iterable[tuple[str, int | None, int | None]], *, branch_id: int | None, department_id: int | None
) -> bool:
    """Whether somebody with these roles (role, branch, department) manages where an obstacle is.

    A head of a department answers for what is in that department, and for what is in none; a supervisor or
    head of a branch for what is there; an administrator for all.
    """
    for role, branch, department in grants:
        is_here = branch is None or branch == branch_id
        is_theirs = department is None or department_id is None or department == department_id
        if role == "admin" or (role in MANAGERS and is_here and is_theirs):
            return True
    return False


def _of_rung(rung: Sequence[Candidate]) -> int:
    return min(rung, key=lambda one: (one.open_obstacles, one.staff_id)).staff_id
