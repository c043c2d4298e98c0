"""Rate limits that hold over processes: attempts counted in the database, by keyed name and window."""

import datetime as dt
import hashlib
import threading

from sqlalchemy import delete, func
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from govdesk import clock
from govdesk.config import settings
from govdesk.db import Base, transaction
from govdesk.errors import TooManyError

KEPT = dt.timedelta(days=2)
MOST_READERS = 10_000  # remembered by a process

_reads: dict[tuple[str, str], tuple[dt.datetime, int]] = {}
_reading = threading.Lock()


class Attempt(Base):
    """How often something was tried in one window."""

    __tablename__ = "attempt"
    bucket: Mapped[str] = mapped_column(primary_key=True)
    window_at: Mapped[dt.datetime] = mapped_column(primary_key=True, index=True)
    count: Mapped[int]


def spend(what: str, who: str, *, allowed: int, window: dt.timedelta) -> None:
    """Count one attempt of `who` at `what`; TooManyError beyond `allowed` in a window.

    Who it was is kept only as a digest. It counts in a transaction of its own, so that an attempt which is
    then refused still counts.
    """
    if not settings().rate_limits:
        return
    now = clock.now()
    start = _start(now, window)
    bucket = f"{what}:{hashlib.sha256((settings().secret_key + who).encode()).hexdigest()[:32]}"
    with transaction() as session:
        insert = sqlite_insert if settings().is_sqlite else postgresql_insert
        statement = (
            insert(Attempt)
            .values(bucket=bucket, window_at=start, count=1)
            .on_conflict_do_update(index_elements=["bucket", "window_at"], set_={"count": Attempt.count + 1})
            .returning(Attempt.count)
        )
        count = session.execute(statement).scalar_one()
    if count > allowed:
        raise TooManyError(seconds=max(1, int((start + window - now).total_seconds())))


def spend_reading(what: str, who: str, *, allowed: int, window: dt.timedelta) -> None:
    """Count one look, in this process only; TooManyError beyond `allowed` in a window.

    A look changes nothing, so that it is not worth a write for which others wait: n processes allow n times
    as much.
    """
    if not settings().rate_limits:
        return
    now = clock.now()
    start = _start(now, window)
    with _reading:
        if len(_reads) >= MOST_READERS:
            _reads.clear()
        begun, count = _reads.get((what, who), (start, 0))
        count = count + 1 if begun == start else 1
        _reads[what, who] = start, count
    if count > allowed:
        raise TooManyError(seconds=max(1, int((start + window - now).total_seconds())))


def _start(now: dt.datetime, window: dt.timedelta) -> dt.datetime:
    seconds = window.total_seconds()
    return dt.datetime.fromtimestamp(now.timestamp() // seconds * seconds, dt.UTC)


def forget_old(session: Session) -> int:
    """Remove attempts whose window is long past; how many."""
    old = delete(Attempt).where(Attempt.window_at < clock.now() - KEPT).returning(func.length(Attempt.bucket))
    return len(session.execute(old).all())
