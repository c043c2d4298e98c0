"""Recompute every class from the visits alone, and write what differs."""

import os
from collections.abc import Iterator

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    Integer,
    MetaData,
    Table,
    Text,
    insert,
    update,
)
from sqlalchemy.orm import Session

from govdesk.cases import histories
from govdesk.cases.classifying import reclassify
from govdesk.cases.models import Visit
from govdesk.cases.rebuild import helping, judging, reading
from govdesk.cases.rebuild.judging import Found
from govdesk.cases.records import RESULTS, Places, in_parts, table_of

MOST_HELPERS = 2
WORTH_HELP = 20  # parts; beginning a process takes as long as judging some
visit = table_of(Visit)
said = Table(
    "visit_class_said",
    MetaData(),
    Column("visit_id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("class_name", Text),
    Column("index_visit_id", BigInteger),
    Column("charged_visit_id", BigInteger),
    Column("charged_unit", Text),
    Column("gap_days", BigInteger),
    Column("repeat_visit_id", BigInteger),
    Column("mature_on", Date),
    Column("is_excluded", Boolean),
    Column("closing_visit_id", BigInteger),
    Column("return_cause", Text),
    prefixes=["TEMPORARY"],
)


def reclassify_all(session: Session, *, is_alone: bool = False) -> int:
    """Recompute every class from the visits alone, part by part; how many rows changed.

    After incremental work this changes none: classes are a pure function of visits.
    1. All visits are read once, raw, in parts that can be judged apart (`reading.parts`).
    2. What differs is kept in a temporary table and written at the end in the order of the visits, so that
       each page of the database is written once; what is right already is not written at all.
    3. The cases of live visits are compared too; those that strayed are followed as at any late fact, and so
       are those that have a history of their own.
    4. Where this is all that the transaction does (`is_alone`), many visits are judged by processes side by
       side (`helping`); the result is the same.
    """
    session.flush()
    connection = session.connection()
    places = Places(session)
    people: set[int] = set()
    visits: set[int] = set()
    changed = 0
    for found in _looks(connection, places, is_alone=is_alone):
        if found.changes:
            if not changed:
                said.create(connection)
            connection.execute(insert(said), found.changes)
        changed += len(found.changes)
        people |= found.people
        visits |= found.visits
    if changed:
        _write(session, connection)
    people |= histories.people_of(session)
    for some in in_parts(sorted(people)):
        reclassify(session, some, places=places)
    for some in in_parts(sorted(visits)):
        reclassify(session, (), some, places=places)
    return changed


def _looks(connection: Connection, places: Places, *, is_alone: bool) -> Iterator[Found]:
    parts, knots = reading.parts(connection)
    helpers = min(os.cpu_count() or 1, MOST_HELPERS)
    if is_alone and helpers > 1 and len(parts) >= WORTH_HELP:
        yield from helping.side_by_side(connection, parts, knots, helpers)
    else:
        for part in parts:
            yield judging.look(connection, part, knots, places)


def _write(session: Session, connection: Connection) -> None:
    names = {visit.c[name]: said.c[name] for name in RESULTS}
    connection.execute(update(visit).values(names).where(visit.c.id == said.c.visit_id))
    said.drop(connection)
    for known in session.identity_map.values():
        if isinstance(known, Visit):
            session.expire(known, RESULTS)
