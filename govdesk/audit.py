"""The audit: an append-only chain of entries that nobody can quietly change.

Each entry carries an HMAC over its content and the HMAC of the entry before it. The key lives in the instance
folder, not in the database, so whoever can edit rows cannot make the chain fit again. The head row, itself
signed, says how long the chain is, so that cutting off its end is found too.
"""

import datetime as dt
import functools
import hashlib
import hmac
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from govdesk import clock, db
from govdesk.actor import Actor
from govdesk.config import settings
from govdesk.db import Base, connection_of, table_of
from govdesk.prepared import Prepared

START = "0" * 64
HEAD = 1
ENTRY = ("position", "at", "actor", "action", "subject", "detail", "seal")
MOST_AT_ONCE = 4  # entries; each number is a statement of its own


class AuditEntry(Base):
    """One thing that was done: by whom, to what, when, and the link to what was done before."""

    __tablename__ = "audit_entry"
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[dt.datetime]
    actor: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str] = mapped_column(index=True)
    detail: Mapped[dict[str, Any]]
    seal: Mapped[str]


class AuditHead(Base):
    """Where the chain ends: one row, signed, locked while the chain grows."""

    __tablename__ = "audit_head"
    id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int]
    seal: Mapped[str]
    signature: Mapped[str]


# made once: these run inside every transaction, under its lock
_heads = table_of(AuditHead)
_READ_HEAD = Prepared(select(_heads.c.position, _heads.c.seal).where(_heads.c.id == HEAD).with_for_update())
_APPEND = Prepared(insert(table_of(AuditEntry)), *ENTRY)
_move_head = (
    update(_heads)
    .where(_heads.c.id == HEAD)
    .values(position=bindparam("to_position"), seal=bindparam("to_seal"), signature=bindparam("to_signature"))
)
_MOVE_HEAD = Prepared(_move_head)


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with the chain, and where."""

    position: int
    problem: str  # changed | missing | cut | head


def record(session: Session, *, actor: Actor, action: str, subject: str, **detail: Any) -> None:
    """Remember an act; it is sealed into the chain when its transaction commits, in the order of acts."""
    session.info.setdefault("audit", []).append((clock.now(), actor.label, action, subject, detail))


def seal_pending(session: Session) -> None:
    """Append what this transaction recorded to the chain.

    1. The head row is locked, as late as possible (on SQLite the transaction already excludes others).
    2. Each entry is sealed over the seal before it.
    3. The head moves. Commit follows at once, so the lock is short.
    """
    pending = session.info.pop("audit", [])
    if not pending:
        return
    session.flush()
    connection = connection_of(session)
    plain_details = [json.loads(json.dumps(detail, default=str)) for *_, detail in pending]
    position, seal = _READ_HEAD.first(connection, {})
    rows = []
    for (at, actor, action, subject, _), plain in zip(pending, plain_details, strict=True):
        position += 1
        seal = _seal(seal, position, at, actor, action, subject, plain)
        rows.append((position, at, actor, action, subject, plain, seal))
    moved = {"to_position": position, "to_seal": seal, "to_signature": _sign(position, seal)}
    if connection.dialect.name == "postgresql" and len(rows) <= MOST_AT_ONCE:
        _at_once(len(rows)).run(connection, moved | _named(rows))
        return
    for row in rows:
        _APPEND.run(connection, dict(zip(ENTRY, row, strict=True)))
    _MOVE_HEAD.run(connection, moved)


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
    """Make the head of an empty chain, once."""
    if session.get(AuditHead, HEAD) is None:
        session.add(AuditHead(id=HEAD, position=0, seal=START, signature=_sign(0, START)))


def verify(session: Session) -> Iterator[Finding]:
    """Every place where the chain does not hold: edited, deleted, reordered or cut entries."""
    expected, seal = 0, START
    for entry in session.scalars(
        select(AuditEntry).order_by(AuditEntry.position).execution_options(yield_per=1000)
    ):
        expected += 1
        while expected < entry.position:
            yield Finding(expected, "missing")
            expected += 1
            seal = ""
        if seal and not hmac.compare_digest(entry.seal, _seal_of(entry, seal)):
            yield Finding(entry.position, "changed")
        seal = entry.seal
    head = session.get(AuditHead, HEAD)
    if head is None or not hmac.compare_digest(head.signature, _sign(head.position, head.seal)):
        yield Finding(expected, "head")
    elif head.position != expected:
        yield Finding(expected + 1, "cut")
    elif expected and seal != head.seal:
        yield Finding(expected, "changed")


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


def _sign(position: int, seal: str) -> str:
    return hmac.new(_key(), f"head {position} {seal}".encode(), hashlib.sha256).hexdigest()


def _key() -> bytes:
    return bytes.fromhex(settings().audit_key)


db.before_commit.append(seal_pending)
