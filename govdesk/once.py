"""Each act once: a repeated press, tab or retry gets the first answer, not a second act."""

import datetime as dt
import hashlib
from collections.abc import Callable

from flask import Response, current_app, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import bindparam, delete, func, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from govdesk import chance, clock
from govdesk.db import Base, table_of, transaction

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


# made once: these run inside every posted act, under its lock
_answers = table_of(GivenAnswer)
_CLAIM = {
    name: insert(_answers)
    .values(status=0, kind="", body="")
    .on_conflict_do_nothing()
    .returning(_answers.c.key)
    for name, insert in (("sqlite", sqlite_insert), ("postgresql", postgresql_insert))
}
_GIVE = update(_answers).where(_answers.c.key == bindparam("of_key"))


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
        connection = session.connection()
        claim = _CLAIM[connection.dialect.name]
        if connection.execute(claim, {"key": key, "at": clock.now()}).first() is None:
            return _repeat(session.get_one(GivenAnswer, key))
        answer = current_app.make_response(act(session))
        given = {"of_key": key, "status": answer.status_code, "location": answer.headers.get("Location")}
        body = answer.get_data(as_text=True)
        connection.execute(_GIVE, {**given, "kind": answer.mimetype or "", "body": body})
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
