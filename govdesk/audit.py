"""The audit: an append-only chain of entries that nobody can quietly change.

Each entry carries an HMAC over its content and the HMAC of the entry before it. The key lives in the instance
folder, not in the database, so whoever can edit rows cannot make the chain fit again. The head row, itself
signed, says how long the chain is, so that cutting off its end is found too.

Where many write at once the chain has several strands, each a chain of its own with its own head: a
transaction takes one that nobody holds. Nobody waits for another's end, and every entry is sealed as before.
"""

import datetime as dt
import functools
import hashlib
import hmac
import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, literal_column, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from govdesk import clock, db
from govdesk.actor import Actor
from govdesk.config import settings
from govdesk.db import Base, connection_of, table_of
from govdesk.prepared import Prepared

FIRST = 1  # the strand of those who write alone
STRANDS = {"sqlite": 1, "postgresql": 32}  # SQLite has one writer at a time
ENTRY = ("strand", "position", "at", "actor", "action", "subject", "detail", "seal")
MOST_AT_ONCE = 4  # entries; each number is a statement of its own


class AuditEntry(Base):
    """One thing that was done: by whom, to what, when, and the link to what was done before."""

    __tablename__ = "audit_entry"
    strand: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, server_default="1")
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[dt.datetime] = mapped_column(index=True)
    actor: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str] = mapped_column(index=True)
    detail: Mapped[dict[str, Any]]
    seal: Mapped[str]


class AuditHead(Base):
    """Where a strand of the chain ends: a row, signed, locked while the strand grows."""

    __tablename__ = "audit_head"
    id: Mapped[int] = mapped_column(primary_key=True)  # the strand
    position: Mapped[int]
    seal: Mapped[str]
    signature: Mapped[str]


# made once: these run inside every transaction, under its lock
_heads = table_of(AuditHead)
_head = select(_heads.c.id, _heads.c.position, _heads.c.seal)
_FIRST_HEAD = Prepared(_head.where(_heads.c.id == literal_column(str(FIRST))).with_for_update())
_FREE_HEAD = Prepared(
    _head.order_by(_heads.c.id).limit(literal_column("1")).with_for_update(skip_locked=True)
)
_APPEND = Prepared(insert(table_of(AuditEntry)), *ENTRY)
_move_head = (
    update(_heads)
    .where(_heads.c.id == bindparam("to_strand"))
    .values(position=bindparam("to_position"), seal=bindparam("to_seal"), signature=bindparam("to_signature"))
)
_MOVE_HEAD = Prepared(_move_head)


NEWEST_FIRST = (AuditEntry.at.desc(), AuditEntry.strand.desc(), AuditEntry.position.desc())


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with the chain, and where."""

    position: int
    problem: str  # changed | missing | cut | head
    strand: int = FIRST


def numbered(strand: int, position: int) -> str:
    """How an entry is called: 17; in another strand than the first 3/17."""
    return f"{position}" if strand == FIRST else f"{strand}/{position}"


def record(session: Session, *, actor: Actor, action: str, subject: str, **detail: Any) -> None:
    """Remember an act; it is sealed into the chain when its transaction commits, in the order of acts."""
    session.info.setdefault("audit", []).append((clock.now(), actor.label, action, subject, detail))


def seal_pending(session: Session) -> None:
    """Append what this transaction recorded to the chain.

    1. The head of a strand is locked, as late as possible: on PostgreSQL of the first that nobody holds; on
       SQLite the transaction already excludes others.
    2. Each entry is sealed over the seal before it.
    3. The head moves. Commit follows at once, so the lock is short.
    """
    pending = session.info.pop("audit", [])
    if not pending:
        return
    session.flush()
    connection = connection_of(session)
    plain_details = [json.loads(json.dumps(detail, default=str)) for *_, detail in pending]
    strand, position, seal = _take_head(connection)
    rows = []
    for (at, actor, action, subject, _), plain in zip(pending, plain_details, strict=True):
        position += 1
        seal = _seal(seal, position, at, actor, action, subject, plain)
        rows.append((strand, position, at, actor, action, subject, plain, seal))
    signature = _sign(position, seal, STRANDS[connection.dialect.name])
    moved = {"to_strand": strand, "to_position": position, "to_seal": seal, "to_signature": signature}
    if connection.dialect.name == "postgresql" and len(rows) <= MOST_AT_ONCE:
        _at_once(len(rows)).run(connection, moved | _named(rows))
        return
    for row in rows:
        _APPEND.run(connection, dict(zip(ENTRY, row, strict=True)))
    _MOVE_HEAD.run(connection, moved)


def _take_head(connection: Connection) -> tuple[int, int, str]:
    """Lock the head of a strand; where all are held, wait for the first."""
    free = _FREE_HEAD.first(connection, {}) if connection.dialect.name == "postgresql" else None
    taken: tuple[int, int, str] = free or _FIRST_HEAD.first(connection, {})
    return taken


@functools.cache
def _at_once(count: int) -> Prepared:
    """Append some entries and move the head in one statement: the head is locked for one way less each.

    Only PostgreSQL lets a statement write two tables; its locks are held while the answer is on its way.
    """
    table = table_of(AuditEntry)
    rows = [
        {name: bindparam(f"{name}_{place}", type_=table.c[name].type) for name in ENTRY}
        for place in range(count)
    ]
    return Prepared(_move_head.add_cte(insert(table).values(rows).cte("told")))


def _named(rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    return {
        f"{name}_{place}": value
        for place, row in enumerate(rows)
        for name, value in zip(ENTRY, row, strict=True)
    }


def begin_chain(session: Session) -> None:
    """Make the heads of an empty chain, once; and further ones where the chain has had a single strand."""
    strands = STRANDS[connection_of(session).dialect.name]
    heads = {head.id: head for head in session.scalars(select(AuditHead).order_by(AuditHead.id))}
    first = heads.get(FIRST)
    if heads and not (first and _is_signed(first, strands=1)):
        return  # a head that is missing now was taken away
    if first:
        first.signature = _sign(first.position, first.seal, strands)
    for strand in range(1, strands + 1):
        if strand not in heads:
            begin = _start(strand)
            session.add(AuditHead(id=strand, position=0, seal=begin, signature=_sign(0, begin, strands)))


def verify(session: Session) -> Iterator[Finding]:
    """Every place where the chain does not hold: edited, deleted, reordered or cut entries."""
    strands = STRANDS[connection_of(session).dialect.name]
    heads = {head.id: head for head in session.scalars(select(AuditHead).order_by(AuditHead.id))}
    entries = session.scalars(
        select(AuditEntry).order_by(AuditEntry.strand, AuditEntry.position).execution_options(yield_per=1000)
    )
    seen = set()
    for strand, those in itertools.groupby(entries, lambda entry: entry.strand):
        seen.add(strand)
        yield from _verify_strand(strand, those, heads.get(strand), strands)
    for strand in sorted({*range(1, strands + 1), *heads} - seen):
        yield from _verify_strand(strand, (), heads.get(strand), strands)


def length(session: Session) -> int:
    """How many entries the chain has by its heads."""
    return session.scalar(select(func.sum(AuditHead.position))) or 0


def _verify_strand(
    strand: int, entries: Iterable[AuditEntry], head: AuditHead | None, strands: int
) -> Iterator[Finding]:
    expected, seal = 0, _start(strand)
    for entry in entries:
        expected += 1
        while expected < entry.position:
            yield Finding(expected, "missing", strand)
            expected += 1
            seal = ""
        if seal and not hmac.compare_digest(entry.seal, _seal_of(entry, seal)):
            yield Finding(entry.position, "changed", strand)
        seal = entry.seal
    if head is None or not _is_signed(head, strands):
        yield Finding(expected, "head", strand)
    elif head.position != expected:
        yield Finding(expected + 1, "cut", strand)
    elif seal != head.seal:
        yield Finding(expected, "changed", strand)


def _seal_of(entry: AuditEntry, before: str) -> str:
    content = (entry.position, entry.at, entry.actor, entry.action, entry.subject, entry.detail)
    return _seal(before, *content)


def _seal(
    before: str, position: int, at: dt.datetime, actor: str, action: str, subject: str, detail: dict[str, Any]
) -> str:
    moment = at.astimezone(dt.UTC).isoformat(timespec="microseconds")
    content = [before, position, moment, actor, action, subject, detail]
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.new(_key(), text.encode(), hashlib.sha256).hexdigest()


def _start(strand: int) -> str:
    """What the first entry of a strand is sealed over: its own for each, so that they cannot be swapped."""
    return f"{strand - FIRST:064x}"


def _sign(position: int, seal: str, strands: int) -> str:
    """Sign where a strand ends; and of how many it is one, so that none can be taken away with its head."""
    count = "" if strands == 1 else f" of {strands}"
    return hmac.new(_key(), f"head {position} {seal}{count}".encode(), hashlib.sha256).hexdigest()


def _is_signed(head: AuditHead, strands: int) -> bool:
    return hmac.compare_digest(head.signature, _sign(head.position, head.seal, strands))


def _key() -> bytes:
    return bytes.fromhex(settings().audit_key)


db.before_commit.append(seal_pending)
