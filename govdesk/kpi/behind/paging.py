"""The cases behind a figure: one by one, what it counts against us, the newest first, page by page.

Each list is of rows by their number, counted down; a page goes on below the last number of the one before.
What only the facts of a row can tell (how long somebody waited) is decided row by row, by the same rules as
the figure; a page looks through a limited number of rows, and says where it stopped.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from govdesk.kpi.behind import needs, visits
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
    "promise_kept": "unkept",
    "abandonment_rate": "left",
    "noshow_rate": "noshow",
    "papers_missing": "papers",
    "time_to_resolution": "open",
    "sla_attainment": "late",
    "commitments_kept": "commitments",
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
    "papers": visits.papers,
    "noshow": needs.noshow,
    "open": needs.unmet,
    "late": needs.late,
    "commitments": needs.commitments,
}


def part(
    session: Session, question: Question, key: str, *, below: int | None = None, most: int = AT_ONCE
) -> Part:
    """Give a page of the list of a measure, of the rows whose number lies below `below`."""
    query, number, judge = _SOURCES[LISTS[key]](session, question)
    found: list[Line] = []
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
