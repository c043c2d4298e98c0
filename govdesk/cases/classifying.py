"""The classes of visits in the database, brought up to date for some people."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from govdesk.cases import episodes
from govdesk.cases.classes import Classified
from govdesk.cases.models import Visit
from govdesk.cases.records import AT_ONCE, RESULTS, Places, VisitRow, record_of, table_of, together
from govdesk.cases.rules import classify

UNCLASSIFIED = ""  # a row between its insertion and the end of its transaction


def reclassify(
    session: Session,
    person_ids: Iterable[int],
    visit_ids: Iterable[int] = (),
    *,
    places: Places | None = None,
) -> int:
    """Bring the classes of these people's visits (and of these visits) up to date; how many rows changed.

    The result equals that of `rebuild`: everything that can hang together is classified together.
    The cases of live visits follow their matters.
    """
    people = set(person_ids)
    rows = together(session, people, visit_ids)
    places = places or Places(session)
    classified, changes = judge(rows.values(), places)
    _write(session, changes)
    episodes.follow(session, people, rows.values(), classified, places)
    return len(changes)


def judge(rows: Collection[VisitRow], places: Places) -> tuple[dict[str, Classified], list[dict[str, Any]]]:
    """What the rules say of visits that hang together, by key, and what must be written of it."""
    classified = classify((record_of(row, places) for row in rows), places.rule_for)
    ids = {row.key: row.id for row in rows}
    changes = (_change(row, classified[key], ids) for row, key in zip(rows, ids, strict=True))
    return classified, [change for change in changes if change is not None]


def classify_new(session: Session) -> Iterable[int]:
    """Classify what an import left unclassified, some people at a time; yields the rows changed by each."""
    places = Places(session)
    new = Visit.class_name == UNCLASSIFIED
    people = select(Visit.person_id).where(new, Visit.person_id.is_not(None)).distinct().limit(AT_ONCE)
    while some := session.scalars(people).all():
        yield reclassify(session, [one for one in some if one is not None], places=places)
    nobodys = select(Visit.id).where(new).limit(AT_ONCE)
    while ids := session.scalars(nobodys).all():
        yield reclassify(session, (), ids, places=places)


def _change(row: VisitRow, found: Classified, ids: Mapping[str, int]) -> dict[str, Any] | None:
    """What must be written of a visit's class; None where all of it is there already."""
    said = {
        "class_name": found.visit_class.value,
        "index_visit_id": ids[found.index_visit] if found.index_visit else None,
        "charged_visit_id": ids[found.charged_visit] if found.charged_visit else None,
        "charged_unit": found.charged_unit,
        "gap_days": found.gap_days,
        "repeat_visit_id": ids[found.next_visit] if found.is_failed and found.next_visit else None,
        "mature_on": _mature_on(found) if found.is_index else None,
        "is_excluded": found.is_index and found.is_withdrawn,
        "closing_visit_id": _closing(row, found, ids),
        "return_cause": found.cause,
    }
    if all(getattr(row, name) == said[name] for name in RESULTS):
        return None
    return {"visit_id": row.id, **said}


def _closing(row: VisitRow, found: Classified, ids: Mapping[str, int]) -> int | None:
    """Of the ticket that stands for a visit: another one that ended it."""
    return ids[found.closing] if found.head == row.key != found.closing else None


def _mature_on(found: Classified) -> dt.date:
    return found.ended_on + dt.timedelta(days=found.rule.window_days + found.rule.lag_days)


def _write(session: Session, changes: list[dict[str, Any]]) -> None:
    if not changes:
        return
    visit = table_of(Visit)
    session.execute(update(visit).where(visit.c.id == bindparam("visit_id")), changes)
    changed = {change["visit_id"] for change in changes}
    for known in session.identity_map.values():
        if isinstance(known, Visit) and known.id in changed:
            session.expire(known, RESULTS)
