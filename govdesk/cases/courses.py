"""The course of a case: what its visits and its own history tell of it, always anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

ANSWERS = frozenset({"asked", "resolved"})  # acts that are a word from the office to the person
KINDS = (
    "assigned", "handed_over", "asked", "answered", "ask_ended", "resolved", "reopened", "noted", "raised",
)  # fmt: skip
WARNED, SUPERVISOR, HEAD = 1, 2, 3  # how far a late case has come


@dataclass(frozen=True, slots=True)
class Attendance:
    """One visit of a case: arrival, first word with an officer, end, and what came of it."""

    arrived_at: datetime
    served_at: datetime | None
    ended_at: datetime
    outcome: str | None


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that the office or the person did with a case between visits.

    `owner_id` and `branch_id` say who has it after an act that hands it on (None: nobody, its own branch);
    `rung` how far a late case has come after an act that says so.
    """

    at: datetime
    kind: str  # one of KINDS
    owner_id: int | None = None
    branch_id: int | None = None
    rung: int = 0


@dataclass(frozen=True, slots=True)
class Course:
    """The moments of a case. `resolved_at` is the last completion, None while it is open again."""

    first_response_at: datetime | None
    first_resolved_at: datetime | None
    resolved_at: datetime | None
    reopened_at: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Who has a case now (None: nobody), where it is worked on (None: at its own branch), how late it is."""

    owner_id: int | None = None
    branch_id: int | None = None
    rung: int = 0


def course_of(attendances: Iterable[Attendance], acts: Iterable[Act] = ()) -> Course:
    """Tell the course of a case from its attendances in order and its own acts.

    A visit after a completion opens it again, and so does an act that says so; a case that is complete is
    not completed once more. What happens at one moment: the visits first, in their order.
    """
    response = first = resolved = reopened = None
    for moment, what in sorted(_happenings(attendances, acts), key=lambda one: one[0]):
        if what == "response":
            response = response or moment
        elif what in {"came", "reopened"} and resolved is not None:
            reopened, resolved = moment, None
        elif what == "resolved" and resolved is None:
            resolved = moment
            first = first or resolved
    return Course(response, first, resolved, reopened)


def standing_of(acts: Iterable[Act], reopened_at: datetime | None = None) -> Standing:
    """Tell who has a case and how late it is; a case that was opened again begins to be late anew."""
    owner = branch = None
    rung = 0
    for act in sorted(acts, key=lambda act: act.at):
        if act.kind in {"assigned", "handed_over"}:
            owner, branch = act.owner_id, act.branch_id
        if act.kind == "raised" and (reopened_at is None or act.at >= reopened_at):
            rung = max(rung, act.rung)
    return Standing(owner, branch, rung)


def _happenings(attendances: Iterable[Attendance], acts: Iterable[Act]) -> Iterable[tuple[datetime, str]]:
    for attendance in attendances:
        yield attendance.arrived_at, "came"
        if attendance.served_at is not None:
            yield attendance.served_at, "response"
        if attendance.outcome == "resolved":
            yield attendance.ended_at, "resolved"
    for act in acts:
        if act.kind in ANSWERS:
            yield act.at, "response"
        if act.kind in {"resolved", "reopened"}:
            yield act.at, act.kind
