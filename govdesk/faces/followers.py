"""Those who follow a branch: answered from memory before all else is loaded, and by streams."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from email.utils import format_datetime
from typing import Any, NamedTuple

from flask import Flask, Response, current_app, request
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.config import settings
from govdesk.db import db, reading
from govdesk.errors import DeskError
from govdesk.faces.following import question
from govdesk.faces.following.question import Body
from govdesk.faces.following.snapshots import Drawer, Maker, Snapshots, Told, written
from govdesk.queue.models import Ticket
from govdesk.queue.watching import PAUSE, Watch
from govdesk.web import HEADERS

LEARN_EVERY = 1.0  # seconds between two readings of who may ask
LET_IN = 5.0  # seconds for which a screen is answered without looking again who asks
STEP = 15  # seconds of the clock at which pages may show another minute
MOST_SCREENS = 5_000
PING, LONGEST, LOOK_EVERY = 15.0, 300.0, 0.25  # seconds of a stream
MakerOfOne = Callable[[Session, Ticket], Told]
_HEARD = "govdesk.heard"  # when a question came
_PREFIX, _SUFFIX = "/ticket/", "/state.json"
_KEPT = ("Cache-Control", "private, no-cache")
_SENT = [
    *((name, value) for name, value in HEADERS.items() if name != "Referrer-Policy"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Robots-Tag", "noindex"),
    _KEPT,
]
_PHONE, _BOARD = question.lines(_SENT), question.lines([*HEADERS.items(), _KEPT])


class StreamsFullError(DeskError):
    """As many streams as may be are open; the page asks again and again instead."""

    key = "errors.too_many"
    status = 503


class LetIn(NamedTuple):
    """A screen that was answered by the application a moment ago, and what it may be told without it."""

    until: float
    branch_id: int
    audience: tuple[str, ...] = ()  # of a board
    tag: str = ""  # of a page that had all there was when the branch stood at `key`
    key: tuple[int, int] | None = None


class Followers:
    """Who follows in this process, and how many streams it holds. Stands before the application."""

    def __init__(self, app: Flask, maker: Maker, maker_of_one: MakerOfOne) -> None:
        self.app, self.maker, self.maker_of_one, self.inner = app, maker, maker_of_one, app.wsgi_app
        self.pid, self.watch = 0, None  # type: int, Watch | None
        self.snapshots = Snapshots(app, maker, self.serial)
        self.screens: dict[bytes, LetIn] = {}
        self.learning, self.learnt = threading.Lock(), float("-inf")  # when the homes were read last
        self.streams, self.counting = 0, threading.Lock()
        self.dated, self.date = -1, b""
        self.is_ending = False

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        """Answer a phone from memory where that is possible; all else goes on to the application."""
        environ[_HEARD] = time.monotonic()
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

    def at_once(self, data: bytes, *, is_last: bool = False) -> tuple[bytes, bool] | None:
        """The whole answer to what came over a line, if it is in memory; and whether the line stays open.

        For the loop that listens to all lines: it asks nothing of the database and waits for nobody.
        """
        asked = question.read(data)
        if asked is None:
            return None
        body = self._phone_at_once(asked.secret) if asked.secret else self._screen_at_once(asked)
        if body is None:
            return None
        goes_on = asked.goes_on and not is_last
        line = b"Connection: keep-alive\r\n" if goes_on else b"Connection: close\r\n"
        head = self._dated() + line + (_PHONE if asked.secret else _BOARD)
        return question.sent(asked.known, body, head), goes_on

    def serial(self, branch_id: int) -> int:
        """How much has happened at a branch; the connection for it is opened in each process."""
        if self.watch is None or self.pid != os.getpid():
            with self.counting:
                if self.watch is None or self.pid != os.getpid():
                    with self.app.app_context():
                        self.watch = Watch(db.engine, 0.0 if self.app.testing else PAUSE)
                    self.pid = os.getpid()
        return self.watch.serial(branch_id)

    def board(self, branch_id: int, audience: tuple[str, ...], draw: Drawer) -> Body:
        """What one kind of board is sent."""
        return self.snapshots.board(branch_id, audience, draw)

    def let_in(self, branch_id: int, audience: tuple[str, ...]) -> None:
        """Remember for some seconds that who asks now may see this board."""
        self._remember(LetIn(time.monotonic() + LET_IN, branch_id, audience))

    def has_all(self, branch_id: int, tag: str) -> None:
        """Remember for some seconds that who asks now has all there is, until something happens there.

        Only where the branch has stood as it stands since before the question came: else what has happened
        may not be in what was compared.
        """
        key = self.snapshots.stands_since(branch_id, request.environ.get(_HEARD, 0.0))
        if key is not None:
            left = STEP - clock.now().timestamp() % STEP
            self._remember(LetIn(time.monotonic() + min(LET_IN, left), branch_id, tag=tag, key=key))

    def _remember(self, screen: LetIn) -> None:
        if len(self.screens) >= MOST_SCREENS:
            self.screens.clear()
        given = request.environ
        parts = (str(given.get(name, "")) for name in ("RAW_URI", "HTTP_COOKIE", "HTTP_ACCEPT_LANGUAGE"))
        self.screens[question.asker(*(part.encode("latin-1") for part in parts))] = screen

    def follow(self, ticket: Ticket) -> Body:
        """Remember that this ticket's branch is followed by phones; what its phone is sent now."""
        self.snapshots.remember({ticket.token: ticket.branch_id})
        return question.body(written(self.maker_of_one(reading(), ticket)))

    def end(self) -> None:
        """Let streams and the thread that keeps snapshots come to their end."""
        self.is_ending = True
        self.snapshots.ending.set()

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
        branch_id = self.snapshots.homes.get(token) or self._home(token)
        return self.snapshots.of(branch_id, with_phones=True).phones.get(token) if branch_id else None

    def _phone_at_once(self, token: str) -> Body | None:
        branch_id = self.snapshots.homes.get(token)
        shot = self.snapshots.at_hand(branch_id, with_phones=True) if branch_id else None
        return shot.phones.get(token) if shot else None

    def _screen_at_once(self, asked: question.Question) -> Body | None:
        screen = self.screens.get(asked.asker)
        if screen is None or time.monotonic() > screen.until:
            return None
        shot = self.snapshots.at_hand(screen.branch_id, with_phones=False)
        if shot is None or screen.key is None:
            return shot.boards.get(screen.audience) if shot else None
        has_all = screen.key == shot.seen and screen.tag.encode("latin-1") in asked.known
        return Body(screen.tag, b"") if has_all else None

    def _dated(self) -> bytes:
        second = int(time.monotonic())
        if second != self.dated:
            self.date = f"Date: {format_datetime(clock.world(), usegmt=True)}\r\n".encode()
            self.dated = second
        return self.date

    def _home(self, token: str) -> int | None:
        """The branch of a live ticket, by its secret; all of them are learnt at once, once a second at most.

        After a start all phones ask at the same moment: one reading serves them all.
        """
        with self.learning:
            known = self.snapshots.homes.get(token)
            if known is not None or time.monotonic() - self.learnt < LEARN_EVERY:
                return known
            self.snapshots.learn()
            self.learnt = time.monotonic()
            return self.snapshots.homes.get(token)


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
