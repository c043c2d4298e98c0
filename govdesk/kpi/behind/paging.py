"""The cases behind a figure: one by one, what it counts against us, the newest first, page by page.

Each list is of rows by their number, counted down; a page goes on below the last number of the one before.
What only the facts of a row can tell (how long somebody waited) is decided row by row, by the same rules as
the figure; a page looks through a limited number of rows, and says where it stopped.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from govdesk.kpi.behind import again, needs, repairs, visits, waiting
from govdesk.kpi.behind.lines import Line, Source
from govdesk.kpi.question import Question

AT_ONCE = 30
CHUNK, MOST_READ = 200, 4000  # rows read at a time, and for one page
LISTS: Mapping[str, str] = {
    "repeat_visit_rate": "failed",
    "first_contact_resolution": "failed",
    "avoidable_visit_share": "returns",
    "service_level": "waited",
    "waiting_time": "waited",
    "waiting_p90": "waited",
    "promise_kept": "unkept",
    "abandonment_rate": "left",
    "turned_away_rate": "turned_away",
    "noshow_rate": "noshow",
    "papers_missing": "papers",
    "time_to_resolution": "open",
    "sla_attainment": "late",
    "net_time_to_resolution": "open_in_hours",
    "business_time_to_resolution": "open_in_hours",
    "commitments_kept": "commitments",
    "shadow_repeat_rate": "shadow",
    "returned_in_90_days": "ninety",
    "abandon_returns": "abandoned",
    "complaints_per_thousand": "complaints",
    "complaints_in_time": "rounds",
    "recovered_in_time": "recoveries",
    "recall_coverage": "uncovered",
    "obstacles_open": "obstacles",
    "obstacle_age": "obstacles",
}


@dataclass(frozen=True, slots=True)
class Part:
    """A page of a list; `below` is where the next one goes on, None at the end."""

    lines: list[Line]
    below: int | None


_SOURCES: Mapping[str, Callable[[Session, Question], Source]] = {
    "failed": visits.failed,
    "returns": visits.returns,
    "waited": visits.waited,
    "unkept": visits.unkept,
    "left": visits.left,
    "turned_away": visits.turned_away,
    "papers": visits.papers,
    "noshow": needs.noshow,
    "open": needs.unmet,
    "late": needs.late,
    "open_in_hours": needs.unmet_in_hours,
    "commitments": needs.commitments,
    "shadow": again.came_for_anything,
    "ninety": again.came_in_90_days,
    "abandoned": again.came_after_leaving,
    "complaints": repairs.complaints,
    "rounds": repairs.rounds,
    "recoveries": repairs.recoveries,
    "uncovered": repairs.uncovered,
    "obstacles": repairs.obstacles,
}
_NOW: Mapping[str, Callable[[Session, Question], list[Line]]] = {  # before the rows, on the first page
    "waited": waiting.late,
    "unkept": waiting.unkept,
}


def part(
    session: Session, question: Question, key: str, *, below: int | None = None, most: int = AT_ONCE
) -> Part:
    """Give a page of the list of a measure, of the rows whose number lies below `below`.

    The first page has those who wait now too, beside `most` rows.
    """
    query, number, judge = _SOURCES[LISTS[key]](session, question)
    found = _NOW[LISTS[key]](session, question) if below is None and LISTS[key] in _NOW else []
    most += len(found)
    read = 0
    while read < MOST_READ:
        chunk = query.order_by(number.desc()).limit(CHUNK)
        rows = session.execute(chunk if below is None else chunk.where(number < below)).all()
        for row in rows:
            below = row[0]
            line = judge(row, question)
            if line is not None:
                found.append(line)
                if len(found) == most:
                    return Part(found, below)
        read += len(rows)
        if len(rows) < CHUNK:
            return Part(found, None)
    return Part(found, below)


def every(session: Session, question: Question, key: str, most: int) -> Iterator[Line]:
    """Give the first `most` of a list, for a file."""
    below, count = None, 0
    while count < most:
        page = part(session, question, key, below=below, most=CHUNK)
        yield from page.lines[: most - count]
        count += len(page.lines)
        if page.below is None:
            return
        below = page.below
