"""Each act once: a repeated press, tab or retry gets the first answer, not a second act."""

import datetime as dt
import hashlib
from collections.abc import Callable

from flask import Response, current_app, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import delete, func
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from govdesk import chance, clock
from govdesk.config import settings
from govdesk.db import Base, transaction

FIELD = "once"
HEADER = "Idempotency-Key"
KEPT = dt.timedelta(days=2)
LONGEST = 200


class GivenAnswer(Base):
    """The answer that a key has had."""

    __tablename__ = "given_answer"
    key: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(index=True)
    status: Mapped[int]
    location: Mapped[str | None]
    kind: Mapped[str]
    body: Mapped[str]


def fresh_key() -> str:
    """A key for a form that is being shown."""
    return chance.token(16)


def once(act: Callable[[Session], ResponseReturnValue]) -> Response:
    """Run `act` in one transaction, unless this very request was answered before: then give that answer.

    1. The key (with actor, path and content) is written first; the row excludes a concurrent twin: on SQLite
       there is one writer, on PostgreSQL the twin's insert waits for this commit.
    2. The act and its answer commit together, so after a crash either both are there or neither, and a retry
       does it once.
    A request without a key is simply done.
    """
    key = _key()
    with transaction() as session:
        if key is None:
            return current_app.make_response(act(session))
        insert = sqlite_insert if settings().is_sqlite else postgresql_insert
        claim = (
            insert(GivenAnswer)
            .values(key=key, at=clock.now(), status=0, kind="", body="")
            .on_conflict_do_nothing()
            .returning(GivenAnswer.key)
        )
        if session.execute(claim).first() is None:
            return _repeat(session.get_one(GivenAnswer, key))
        answer = current_app.make_response(act(session))
        given = session.get_one(GivenAnswer, key)
        given.status, given.location = answer.status_code, answer.headers.get("Location")
        given.kind, given.body = answer.mimetype or "", answer.get_data(as_text=True)
        return answer


def forget_old(session: Session) -> int:
    """Remove answers that nobody will ask for again; how many."""
    old = (
        delete(GivenAnswer).where(GivenAnswer.at < clock.now() - KEPT).returning(func.length(GivenAnswer.key))
    )
    return len(session.execute(old).all())


def _key() -> str | None:
    sent = request.headers.get(HEADER) or request.form.get(FIELD)
    if not sent:
        return None
    who = current_user.get_id() if current_user and current_user.is_authenticated else ""
    content = sorted((name, value) for name, value in request.form.items(multi=True) if name != "csrf_token")
    whole = repr((sent[:LONGEST], who, request.path, content, request.get_data() if request.is_json else b""))
    return hashlib.sha256(whole.encode()).hexdigest()


def _repeat(given: GivenAnswer) -> Response:
    answer = Response(given.body, status=given.status, mimetype=given.kind)
    if given.location:
        answer.headers["Location"] = given.location
    return answer
