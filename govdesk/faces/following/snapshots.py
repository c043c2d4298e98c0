"""What is shown of each branch, made once for all who follow it, and kept new by a thread of its own."""

import hashlib
import json
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.db import db, reading
from govdesk.faces.following.question import Body, body
from govdesk.faces.following.shelf import Kept, Shelf
from govdesk.queue import rules
from govdesk.queue.estimates import Foretold
from govdesk.queue.models import Ticket

TICK = 0.1  # seconds between two looks at what has happened
AT_MOST_EVERY = 0.5  # seconds between two snapshots of a branch
SHARE = 5  # a snapshot that takes long is made seldom: a fifth of the time at most
FOLLOWED = 30.0  # seconds since somebody has asked
MOST_AHEAD = 500  # people of a branch; of more, a snapshot takes seconds and is made for who asks only
RETURN = 4.0  # seconds after a start in which those who followed before ask again
LASTS = 2.0  # seconds since the thread looked; what is older is looked at by who asks
APART = 7  # seconds between the minutes of two branches, so that not all are drawn anew at once
MOST_AUDIENCES = 64
MOST_PHONES = 50_000
Told = Mapping[str, Any]  # what a phone is told of its ticket
Maker = Callable[[Session, int], tuple[Foretold, Mapping[str, Told]]]  # of a branch: by the tickets' secrets
Drawer = Callable[[Foretold | None], str]  # of a board, from what is foretold already
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_NEVER = float("-inf")
log = logging.getLogger("govdesk.followers")


@dataclass(slots=True)
class Snapshot:
    """What is shown of a branch at one serial number and minute; made once for all who ask."""

    key: tuple[int, int] = (-1, -1)
    seen: tuple[int, int] = (-1, -1)  # the newest key that was noticed
    noticed: float = _NEVER  # when
    begun: float = _NEVER  # when its reading began
    took: float = 0.0  # seconds
    looked: float = _NEVER  # when it was held against what has happened
    asked: float = _NEVER  # when somebody asked last
    asked_by_phone: float = _NEVER
    has_phones: bool = False
    foretold: Foretold | None = None  # what the waits rest on, if phones were told of them here
    phones: dict[str, Body] = field(default_factory=dict)
    boards: dict[tuple[str, ...], Body] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Snapshots:
    """The snapshots of this process; those that another process of the server has made are taken from it."""

    def __init__(self, app: Flask, maker: Maker, serial: Callable[[int], int]) -> None:
        self.app, self.maker, self.serial = app, maker, serial
        self.shelf: Shelf | None = None
        self.by_branch: dict[int, Snapshot] = {}
        self.homes: dict[str, int] = {}  # the branch of each ticket that may be asked for, by secret
        self.is_kept, self.ending = False, threading.Event()

    def keep(self) -> None:
        """Begin to keep them new, apart from those who ask and those who call."""
        self.is_kept = True
        threading.Thread(target=self._keep, name="followers", daemon=True).start()

    def at_hand(self, branch_id: int, *, with_phones: bool) -> Snapshot | None:
        """The snapshot of a branch if it is known to be new; asks nothing of the database and never waits."""
        shot, now = self.by_branch.get(branch_id), time.monotonic()
        if shot is None or now - shot.looked > LASTS or (with_phones and not shot.has_phones):
            return None
        _note(shot, now, with_phones=with_phones)
        return shot

    def of(self, branch_id: int, *, with_phones: bool = False) -> Snapshot:
        """The snapshot of a branch as it is now: one thread makes it, others have the last one meanwhile."""
        shot = self.at_hand(branch_id, with_phones=with_phones)
        if shot is not None:
            return shot
        shot, now = self.by_branch.setdefault(branch_id, Snapshot()), time.monotonic()
        _note(shot, now, with_phones=with_phones)
        key = self._key(branch_id, shot)
        is_new = shot.key[0] < 0 or (with_phones and not shot.has_phones)
        if not is_new and (shot.key == key or self._rests(shot, now)):
            return shot
        if shot.lock.acquire(blocking=is_new):
            try:
                if shot.key != key or (with_phones and not shot.has_phones):
                    self._renew(branch_id, shot, key, is_new=is_new)
            finally:
                shot.lock.release()
        if self.is_kept:
            shot.looked = now
        return shot

    def board(self, branch_id: int, audience: tuple[str, ...], draw: Drawer) -> Body:
        """What one kind of board is sent: drawn once for each snapshot."""
        shot = self.of(branch_id)
        boards, begun = shot.boards, shot.begun
        found = boards.get(audience)
        if found is None:
            kind = hashlib.blake2b(repr(audience).encode(), digest_size=9).hexdigest()
            name = f"{branch_id}-{kind}"
            there = self.shelf.take(name, begun) if self.shelf else None
            found = body(there.data.decode() if there else draw(shot.foretold))
            if self.shelf and not there:
                self.shelf.put(name, Kept(begun, found.data))
            if len(boards) < MOST_AUDIENCES:
                boards[audience] = found
        return found

    def stands_since(self, branch_id: int, moment: float) -> tuple[int, int] | None:
        """What a branch stands at, if nothing has happened since this moment; it is followed from now on."""
        shot = self.by_branch.setdefault(branch_id, Snapshot())
        _note(shot, time.monotonic(), with_phones=False)
        seen = shot.seen
        return seen if shot.noticed < moment else None

    def look(self) -> None:
        """Renew what has changed of the branches that are followed."""
        for branch_id, shot in list(self.by_branch.items()):
            now = time.monotonic()
            if now - shot.asked > FOLLOWED:
                continue
            key = self._key(branch_id, shot)
            if shot.key != key and not self._rests(shot, now):
                with shot.lock:
                    if shot.key != key:
                        self._renew(branch_id, shot, key)
            shot.looked = now

    def learn(self) -> None:
        """Learn where all live tickets are, in one reading."""
        with self.app.app_context():
            live = select(Ticket.token, Ticket.branch_id).where(Ticket.state.in_(rules.LIVE))
            self.homes = dict(reading().execute(live.order_by(Ticket.id).limit(MOST_PHONES)).all())
            db.session.remove()

    def _begin(self) -> None:
        """After a start all phones ask at the same moment: have ready what they will ask for."""
        self.learn()
        lately = time.monotonic() - FOLLOWED + RETURN
        for branch_id, waiting in Counter(self.homes.values()).items():
            if waiting <= MOST_AHEAD:
                _note(self.by_branch.setdefault(branch_id, Snapshot()), lately, with_phones=True)

    def _keep(self) -> None:
        has_begun = False
        while not self.ending.wait(TICK):
            try:
                if not has_begun:
                    self._begin()
                    has_begun = True
                self.look()
            except Exception:
                log.exception("the followers' snapshots cannot be made")
                self.ending.wait(LASTS)  # who asks meanwhile is answered, or told, by the application

    def _key(self, branch_id: int, shot: Snapshot) -> tuple[int, int]:
        """What has happened at a branch, as a number, and its minute, since waits pass with time."""
        key = self.serial(branch_id), (int(clock.now().timestamp()) + APART * branch_id) // 60
        if key != shot.seen:
            shot.noticed, shot.seen = time.monotonic(), key
        return key

    def _rests(self, shot: Snapshot, now: float) -> bool:
        return not self.app.testing and now - shot.begun < max(AT_MOST_EVERY, SHARE * shot.took)

    def _renew(self, branch_id: int, shot: Snapshot, key: tuple[int, int], *, is_new: bool = False) -> None:
        """Take what another process began to read since the change was noticed, or make it for all."""
        has_phones = time.monotonic() - shot.asked_by_phone < FOLLOWED
        if self.shelf is None or not has_phones:
            self._make(branch_id, shot, key, has_phones=has_phones)
            return
        name = str(branch_id)
        there = self.shelf.take(name, shot.noticed)
        if there is None:
            with self.shelf.making(name) as is_mine:
                there = self.shelf.take(name, shot.noticed)
                if there is None and (is_mine or is_new):
                    self._make(branch_id, shot, key, has_phones=True)
                    self.shelf.put(name, Kept(shot.begun, _packed(shot.phones)))
        if there is not None:
            self._show(branch_id, shot, _unpacked(there.data), None)
            shot.begun, shot.boards, shot.key = there.begun, {}, key

    def _make(self, branch_id: int, shot: Snapshot, key: tuple[int, int], *, has_phones: bool) -> None:
        begun = time.monotonic()
        phones: dict[str, Body] = {}
        foretold: Foretold | None = None
        if has_phones:
            with self.app.app_context():
                foretold, told = self.maker(reading(), branch_id)
                db.session.remove()
            phones = {secret: body(written(state)) for secret, state in told.items()}
        self._show(branch_id, shot, phones, foretold)
        shot.has_phones, shot.took = has_phones, time.monotonic() - begun
        shot.begun, shot.boards, shot.key = begun, {}, key

    def _show(
        self, branch_id: int, shot: Snapshot, phones: dict[str, Body], foretold: Foretold | None
    ) -> None:
        """Show them to phones; the boards follow last, since whoever draws one looks for its moment then."""
        shot.phones, shot.foretold, shot.has_phones = phones, foretold, True
        self.remember(dict.fromkeys(phones, branch_id))

    def remember(self, homes: Mapping[str, int]) -> None:
        """Remember where tickets are, by their secrets."""
        if len(self.homes) >= MOST_PHONES:
            self.homes.clear()
        self.homes.update(homes)


def written(state: Told) -> str:
    """What a phone is told, as text."""
    return _JSON.encode(state)


def _note(shot: Snapshot, now: float, *, with_phones: bool) -> None:
    shot.asked = now
    if with_phones:
        shot.asked_by_phone = now


def _packed(phones: Mapping[str, Body]) -> bytes:
    return b"\n".join(b"%b %b %b" % (one.encode(), to.tag.encode(), to.data) for one, to in phones.items())


def _unpacked(data: bytes) -> dict[str, Body]:
    rows = (row.split(b" ", 2) for row in data.split(b"\n") if row)
    return {secret.decode(): Body(tag.decode(), told) for secret, tag, told in rows}
