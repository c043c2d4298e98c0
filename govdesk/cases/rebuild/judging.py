"""One part of all visits judged: what of their classes must be written, and whose cases have strayed."""

from typing import Any, NamedTuple

from sqlalchemy import Connection

from govdesk.cases import episodes
from govdesk.cases.classifying import judge
from govdesk.cases.models import Case
from govdesk.cases.rebuild import reading
from govdesk.cases.rebuild.reading import Knots, Part
from govdesk.cases.records import Places, VisitRow, in_parts, table_of

case = table_of(Case)
CASE_NAMES = (
    "id",
    "case_no",
    "opened_at",
    "service_id",
    "branch_id",
    "family",
    "unit",
    "channel",
    "person_id",
    "object_ref",
    "first_response_at",
    "first_resolved_at",
    "resolved_at",
    "reopened_at",
)


class Found(NamedTuple):
    """What differs in a part."""

    changes: list[dict[str, Any]]
    people: set[int]  # whose cases do not say what their visits say
    visits: set[int]


def look(connection: Connection, part: Part, knots: Knots, places: Places) -> Found:
    """Judge a part; changes nothing."""
    rows = reading.read(connection, part, knots)
    classified, changes = judge(rows, places)
    known = _cases(connection, part, rows)
    if not known and all(row.source != episodes.LIVE for row in rows):
        return Found(changes, set(), set())
    booked = episodes.booked_at(connection, episodes.firsts(rows, classified))
    return Found(changes, *episodes.strayed(rows, classified, known, booked))


def _cases(connection: Connection, part: Part, rows: list[VisitRow]) -> dict[str, dict[str, Any]]:
    people = {row.person_id for row in rows if row.person_id is not None}
    if not people:
        return {}
    if part.people is None:
        wheres = [case.c.person_id.between(part.first, part.last)]
    else:
        wheres = [case.c.person_id.in_(some) for some in in_parts(people)]
    found = [
        dict(zip(CASE_NAMES, values, strict=True))
        for where in wheres
        for values in reading.raw(connection, case, CASE_NAMES, where & (case.c.source == episodes.LIVE))
    ]
    return {one["case_no"]: one for one in found if one["person_id"] in people}
