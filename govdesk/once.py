"""Each act once: a repeated press, tab or retry gets the first answer, not a second act."""

import datetime as dt
import hashlib
from collections.abc import Callable
from typing import NamedTuple

from flask import Response, current_app, g, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import bindparam, delete, func, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from govdesk import chance, clock
from govdesk.db import Base, connection_of, reading, table_of, transaction
from govdesk.errors import DeskError
from govdesk.prepared import Prepared

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
    content: Mapped[str] = mapped_column(default="")  # digest of what a program sent with its key


# made once: these run with every posted act
_answers = table_of(GivenAnswer)
_KEEP = Prepared(insert(_answers), *_answers.c.keys())
_GIVEN = Prepared(
    select(
        _answers.c.status, _answers.c.location, _answers.c.kind, _answers.c.body, _answers.c.content
    ).where(_answers.c.key == bindparam("of_key"))
)


class KeyReusedError(DeskError):
    """The key of this request came before, with something else in it."""

    key = "errors.key_reused"
    status = 422


class _Key(NamedTuple):
    """The key of a request, and the digest of what a program sent with it."""

    digest: str
    content: str = ""


def fresh_key() -> str:
    """A key for a form that is being shown."""
    return chance.token(16)


def once(act: Callable[[Session], ResponseReturnValue], ready: Callable[[], None] | None = None) -> Response:
    """Run `act` in one transaction, unless this very request was answered before: then give that answer.

    `ready` refuses what can be seen by reading, before the act makes other writers wait.

    1. The key (of actor, path and content) is looked up before the act, outside every lock.
    2. The act and its answer commit together, so after a crash either both are there or neither.
    3. Of two that run at once the second finds the key taken, or is refused by what the first did: on SQLite
       there is one writer, on PostgreSQL its insert waits for the first's commit. It is undone whole, and
       gets the first one's answer; a refusal stands only where no twin was answered.
    A request without a key is simply done. A form's content is part of its key, so that other content is
    another act; a program that gives a key twice for different things has mistaken itself: KeyReusedError.
    """
    key = _key()
    before = _given(key) if key else None
    if before is not None:
        return before
    if ready is not None:
        ready()
    if key is None:
        with transaction() as session:
            return current_app.make_response(act(session))
    try:
        with transaction() as session:
            answer = current_app.make_response(act(session))
            _keep(session, key, answer)
    except Exception:
        meanwhile = _given(key)
        if meanwhile is None:
            raise
        return meanwhile
    return answer


def forget_old(session: Session) -> int:
    """Remove answers that nobody will ask for again; how many."""
    old = (
        delete(GivenAnswer).where(GivenAnswer.at < clock.now() - KEPT).returning(func.length(GivenAnswer.key))
    )
    return len(session.execute(old).all())


def _key() -> _Key | None:
    header, field = request.headers.get(HEADER), request.form.get(FIELD)
    if not (header or field):
        return None
    who = _who()
    content = repr(
        (
            sorted((name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"),
            request.get_data() if request.is_json else b"",
        )
    )
    if header:
        return _Key(_digest((header[:LONGEST], who, request.method, request.path)), _digest(content))
    return _Key(_digest(((field or "")[:LONGEST], who, request.path, content)))


def _who() -> str:
    device: str | None = g.get("device")
    if device is not None:
        return device
    return str(current_user.get_id()) if current_user and current_user.is_authenticated else ""


def _digest(what: object) -> str:
    return hashlib.sha256(repr(what).encode()).hexdigest()


def _given(key: _Key) -> Response | None:
    """The answer that this key has had. Raises KeyReusedError."""
    given = _GIVEN.first(reading().connection(), {"of_key": key.digest})
    if given is None:
        return None
    if given.content != key.content:
        raise KeyReusedError
    answer = Response(given.body, status=given.status, mimetype=given.kind)
    if given.location:
        answer.headers["Location"] = given.location
    return answer


def _keep(session: Session, key: _Key, answer: Response) -> None:
    session.flush()
    _KEEP.run(
        connection_of(session),
        {
            "key": key.digest,
            "content": key.content,
            "at": clock.now(),
            "status": answer.status_code,
            "location": answer.headers.get("Location"),
            "kind": answer.mimetype or "",
            "body": answer.get_data(as_text=True),
        },
    )
