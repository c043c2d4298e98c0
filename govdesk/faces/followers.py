"""Those who follow a branch: snapshots kept as bytes, answered before all else is loaded, and streams."""

import hashlib
import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, Response, current_app, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.config import settings
from govdesk.db import db, reading
from govdesk.errors import DeskError
from govdesk.queue import rules
from govdesk.queue.estimates import Foretold
from govdesk.queue.models import Ticket
from govdesk.queue.watching import PAUSE, Watch
from govdesk.web import HEADERS

AT_MOST_EVERY = 0.3  # seconds between two snapshots of a branch
FOLLOWED = 30.0  # seconds since a phone has asked
LEARN_EVERY = 1.0  # seconds between two readings of who may ask
APART = 7  # seconds between the minutes of two branches, so that not all are drawn anew at once
SHARE = 5  # a snapshot that takes long is made seldom: a fifth of the time at most
MOST_PHONES = 50_000
MOST_AUDIENCES = 64
PING, LONGEST, LOOK_EVERY = 15.0, 300.0, 0.25  # seconds of a stream
Told = Mapping[str, Any]  # what a phone is told of its ticket
Maker = Callable[[Session, int], tuple[Foretold, Mapping[str, Told]]]  # of a branch: by the tickets' secrets
MakerOfOne = Callable[[Session, Ticket], Told]
Drawer = Callable[[Foretold | None], str]  # of a board, from what is foretold already
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_PREFIX, _SUFFIX = "/ticket/", "/state.json"
_SENT = [
    *((name, value) for name, value in HEADERS.items() if name != "Referrer-Policy"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Robots-Tag", "noindex"),
    ("Cache-Control", "private, no-cache"),
]


class StreamsFullError(DeskError):
    """As many streams as may be are open; the page asks again and again instead."""

    key = "errors.too_many"
    status = 503


@dataclass(slots=True)
class Body:
    """An answer kept as bytes, and the tag by which it is known."""

    tag: str
    data: bytes


@dataclass(slots=True)
class Snapshot:
    """What is shown of a branch at one serial number and minute; made once for all who ask."""

    key: tuple[int, int] = (-1, -1)
    made: float = 0.0
    took: float = 0.0  # seconds
    has_phones: bool = False
    foretold: Foretold | None = None  # what the waits rest on, if phones were told of them
    asked: float = float("-inf")  # when a phone asked last
    phones: dict[str, Body] = field(default_factory=dict)
    boards: dict[tuple[str, ...], Body] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Followers:
    """The snapshots of this process, and how many streams it holds. Stands before the application."""

    def __init__(self, app: Flask, maker: Maker, maker_of_one: MakerOfOne) -> None:
        self.app, self.maker, self.maker_of_one, self.inner = app, maker, maker_of_one, app.wsgi_app
        self.pid, self.watch = 0, None  # type: int, Watch | None
        self.snapshots: dict[int, Snapshot] = {}
        self.homes: dict[str, int] = {}  # the branch of each ticket that may be asked for, by secret
        self.learning, self.learnt = threading.Lock(), float("-inf")  # when the homes were read last
        self.streams, self.counting = 0, threading.Lock()
        self.is_ending = False

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        """Answer a phone from memory where that is possible; all else goes on to the application."""
        path = environ["PATH_INFO"]
        if path.endswith(_SUFFIX) and path.startswith(_PREFIX) and environ["REQUEST_METHOD"] == "GET":
            body = self._phone(path[len(_PREFIX) : -len(_SUFFIX)])
            if body is not None:
                head = [*_SENT, ("ETag", f'"{body.tag}"')]
                if body.tag in environ.get("HTTP_IF_NONE_MATCH", ""):
                    start("304 NOT MODIFIED", head)
                    return [b""]
                length = ("Content-Length", str(len(body.data)))
                start("200 OK", [*head, ("Content-Type", "application/json"), length])
                return [body.data]
        return self.inner(environ, start)

    def serial(self, branch_id: int) -> int:
        """How much has happened at a branch; the connection for it is opened in each process."""
        if self.watch is None or self.pid != os.getpid():
            with self.counting:
                if self.watch is None or self.pid != os.getpid():
                    with self.app.app_context():
                        self.watch = Watch(db.engine, 0.0 if self.app.testing else PAUSE)
                    self.pid = os.getpid()
        return self.watch.serial(branch_id)

    def board(
        self, branch_id: int, audience: tuple[str, ...], make: Callable[[Foretold | None], str]
    ) -> Body:
        """What one kind of board is sent: made once for each snapshot."""
        shot = self._snapshot(branch_id)
        found = shot.boards.get(audience)
        if found is None:
            found = _body(make(shot.foretold))
            if len(shot.boards) < MOST_AUDIENCES:
                shot.boards[audience] = found
        return found

    def follow(self, ticket: Ticket) -> Body:
        """Remember that this ticket's branch is followed by phones; what its phone is sent now."""
        self._remember(ticket.token, ticket.branch_id)
        return _body(_written(self.maker_of_one(reading(), ticket)))

    def stream(self, branch_id: int) -> Response:
        """A word each time something happened at a branch; StreamsFullError where too many follow already.

        Each open stream holds a thread, so that half of the threads stay free for everybody else.
        """
        with self.counting:
            if self.streams >= settings().threads // 2 or self.is_ending:
                raise StreamsFullError(seconds=30)
            self.streams += 1
        answer = Response(self._words(branch_id), mimetype="text/event-stream")
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["X-Accel-Buffering"] = "no"
        answer.call_on_close(self._left)
        return answer

    def _words(self, branch_id: int) -> Iterator[str]:
        begun = said = time.monotonic()
        known = self.serial(branch_id)
        yield f"retry: 5000\ndata: {known}\n\n"
        while not self.is_ending and (now := time.monotonic()) - begun < LONGEST:
            serial = self.serial(branch_id)
            if serial != known:
                known, said = serial, now
                yield f"data: {known}\n\n"
            elif now - said > PING:
                said = now
                yield ": still here\n\n"
            time.sleep(LOOK_EVERY)

    def _left(self) -> None:
        with self.counting:
            self.streams -= 1

    def _phone(self, token: str) -> Body | None:
        """What a phone is told, from memory; None for a ticket that is not known or no longer live.

        The first question after a start is not asked of the application either: all phones ask then, at once.
        """
        branch_id = self.homes.get(token) or self._home(token)
        return self._snapshot(branch_id, with_phones=True).phones.get(token) if branch_id else None

    def _home(self, token: str) -> int | None:
        """The branch of a live ticket, by its secret; all of them are learnt at once, once a second at most.

        After a start all phones ask at the same moment: one reading serves them all.
        """
        with self.learning:
            known = self.homes.get(token)
            if known is not None or time.monotonic() - self.learnt < LEARN_EVERY:
                return known
            with self.app.app_context():
                live = select(Ticket.token, Ticket.branch_id).where(Ticket.state.in_(rules.LIVE))
                found: dict[str, int] = dict(reading().execute(live.limit(MOST_PHONES)).all())
                db.session.remove()
            self.homes, self.learnt = found, time.monotonic()
            return found.get(token)

    def _remember(self, token: str, branch_id: int) -> None:
        if len(self.homes) >= MOST_PHONES:
            self.homes.clear()
        self.homes[token] = branch_id

    def _snapshot(self, branch_id: int, *, with_phones: bool = False) -> Snapshot:
        """The snapshot of a branch as it is now: one thread makes it, others have the last one meanwhile."""
        shot = self.snapshots.get(branch_id)
        if shot is None:
            shot = self.snapshots.setdefault(branch_id, Snapshot())
        now = time.monotonic()
        if with_phones:
            shot.asked = now
        key = self.serial(branch_id), (int(clock.now().timestamp()) + APART * branch_id) // 60
        is_new = shot.key[0] < 0 or (with_phones and not shot.has_phones)
        rest = max(AT_MOST_EVERY, SHARE * shot.took)
        if shot.key == key and not is_new:
            return shot
        if not is_new and not self.app.testing and now - shot.made < rest:
            return shot
        if shot.lock.acquire(blocking=is_new):
            try:
                if shot.key != key or (with_phones and not shot.has_phones):
                    self._make(branch_id, shot, key)
            finally:
                shot.lock.release()
        return shot

    def _make(self, branch_id: int, shot: Snapshot, key: tuple[int, int]) -> None:
        begun = time.monotonic()
        phones: dict[str, Body] = {}
        foretold: Foretold | None = None
        has_phones = begun - shot.asked < FOLLOWED
        if has_phones:
            with self.app.app_context():
                foretold, told = self.maker(reading(), branch_id)
                db.session.remove()
            for token, state in told.items():
                phones[token] = _body(_written(state))
                self._remember(token, branch_id)
        shot.phones, shot.has_phones, shot.foretold = phones, has_phones, foretold
        shot.boards, shot.key, shot.made = {}, key, time.monotonic()
        shot.took = shot.made - begun


def _body(text: str) -> Body:
    data = text.encode()
    return Body(hashlib.blake2b(data, digest_size=9).hexdigest(), data)


def _written(state: Mapping[str, Any]) -> str:
    return _JSON.encode(state)


def configure(app: Flask, maker: Maker, maker_of_one: MakerOfOne) -> None:
    """Stand before an application; the makers say what phones are told of their tickets."""
    app.extensions["followers"] = followers = Followers(app, maker, maker_of_one)
    app.wsgi_app = followers  # type: ignore[assignment]


def followers() -> Followers:
    """Those of the application in whose context this runs."""
    found: Followers = current_app.extensions["followers"]
    return found


def answer(body: Body) -> Response:
    """The kept answer, or 304 for who knows it."""
    given = Response(body.data, mimetype="application/json")
    given.set_etag(body.tag)
    given.headers["Cache-Control"] = "private, no-cache"
    given.make_conditional(request)
    return given
