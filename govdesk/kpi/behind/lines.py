"""A line of the lists behind figures."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select

from govdesk.kpi.question import Question


@dataclass(frozen=True, slots=True)
class Line:
    """One of them: when, whose, where, and what the figure holds against it (of the kind of the list).

    Where that is no visit and no need, `subject` says which row has a page of its own.
    """

    id: int
    at: dt.datetime
    service_id: int | None
    branch_id: int | None
    person_id: int | None
    case_id: int | None
    why: str
    length: dt.timedelta | None = None
    limit: dt.timedelta | None = None
    number: int | None = None
    cause: str | None = None
    day: dt.date | None = None
    subject: tuple[str, int] | None = None  # complaint | recovery | obstacle | member, and its number
    about: str | None = None  # a code: of a complaint, or of an obstacle


Judging = Callable[[Any, Question], Line | None]
Source = tuple[Select[*tuple[Any, ...]], ColumnElement[int], Judging]  # rows, their number, which of them


def line(row: Any, why: str, *, case_id: int | None = None, **more: Any) -> Line:
    """Make a line of a row that begins with its number, moment, service, branch and person."""
    number, at, service_id, branch_id, person_id = row[:5]
    return Line(number, at, service_id, branch_id, person_id, case_id, why, **more)
