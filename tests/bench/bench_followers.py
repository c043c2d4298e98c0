"""2,000 phones and 50 boards follow one server of two processes while officers call.

Each phone asks for its ticket every 2.5 s (as its page does); boards hear by stream, or ask every second
where no stream is left. Prints how long calls took, and how old the news of a call was when the phone and the
boards of its branch had it. Fails when the 99th of 100 calls takes longer than 300 ms, or a screen is older
than 3 s.

    python tests/bench/bench_followers.py [--phones 2000] [--boards 50] [--branches 10] [--seconds 20]
"""

import argparse
import asyncio
import json
import os
import signal
import sys
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path
from socket import socket
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from sqlalchemy import select

from govdesk import chance, config, schema
from govdesk.app import create_app
from govdesk.db import db, reading, transaction
from govdesk.queue import counters
from govdesk.queue.models import Ticket
from tests.bench.bench_officers import TOKEN, Officer, serve
from tests.makers import make_branch, make_counter, make_department, make_service, make_staff, make_ticket

EVERY, BOARD_EVERY = 2.5, 1.0
MOST_CALL, MOST_OLD = 0.3, 3.0


class Followers:
    """All phones and boards, in one process; what each has seen, and when."""

    def __init__(self, port: int, until: float) -> None:
        self.port, self.until = port, until
        self.seen: dict[str, float] = {}  # phones: when a ticket was first shown as called
        self.shown: dict[tuple[int, str], float] = {}  # boards: when a board first showed a number
        self.asked = self.unchanged = self.streams = self.bytes = 0
        self.times: list[float] = []
        self.failures: list[str] = []

    async def ask(self, link: list[Any], path: str, tag: str) -> tuple[int, str, bytes]:
        """One question over a kept connection: status, tag, body."""
        if not link:
            link[:] = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = link
        known = f"If-None-Match: {tag}\r\n" if tag else ""
        writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nAccept: application/json\r\n{known}\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        fields = dict(row.lower().split(": ", 1) for row in head.split("\r\n")[1:] if ": " in row)
        status = int(head[9:12])
        body = b""
        if status != 304:
            body = await reader.readexactly(int(fields["content-length"]))
        self.bytes += len(head) + len(body)
        if fields.get("connection") == "close":
            writer.close()
            link.clear()
        tag = next(
            (row.split(": ", 1)[1] for row in head.split("\r\n") if row.lower().startswith("etag")), ""
        )
        return status, tag, body

    async def phone(self, token: str, delay: float) -> None:
        """Ask again and again, as the page of a ticket does."""
        await asyncio.sleep(delay)
        link: list[Any] = []
        tag = ""
        while time.perf_counter() < self.until:
            began = time.perf_counter()
            try:
                status, tag, body = await self.ask(link, f"/ticket/{token}/state.json", tag)
            except (OSError, asyncio.IncompleteReadError):
                link.clear()
                continue
            now = time.perf_counter()
            self.times.append(now - began)
            self.asked += 1
            self.unchanged += status == 304
            if status not in {200, 304}:
                self.failures.append(f"{status} for a phone")
            if status == 200 and json.loads(body)["state"] != "waiting":
                self.seen.setdefault(token, now)
                return
            await asyncio.sleep(max(0, EVERY - (now - began)))

    async def board(self, number: int, code: str) -> None:
        """Hear by stream, or ask every second; take what changed."""
        link: list[Any] = []
        tag = ""
        stream = await self.listen(code)
        while time.perf_counter() < self.until:
            try:
                status, tag, body = await self.ask(link, f"/board/{code}/state.json", tag)
            except (OSError, asyncio.IncompleteReadError):
                link.clear()
                continue
            now = time.perf_counter()
            if status == 200:
                for call in json.loads(body)["calls"]:
                    self.shown.setdefault((number, call["number"]), now)
            try:
                if stream is None:
                    await asyncio.sleep(BOARD_EVERY)
                else:
                    await asyncio.wait_for(stream.readuntil(b"\n\n"), 5)
            except TimeoutError:
                continue
            except asyncio.IncompleteReadError:
                stream = None

    async def listen(self, code: str) -> asyncio.StreamReader | None:
        """Open a stream; None when as many as may be are open."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(f"GET /board/{code}/stream HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            writer.close()
            return None
        self.streams += 1
        return reader


class Caller(Officer):
    """An officer who calls at the pace of a hall, and notes when each ticket was called."""

    def __init__(
        self, port: int, username: str, pause: float, ready: threading.Barrier, until: list[float]
    ) -> None:
        super().__init__(port, username, ready)
        self.pause, self.until = pause, until
        self.calls: dict[int, float] = {}

    def work(self) -> None:
        """Sign in, then conclude and call until the end."""
        _status, _location, page = self.send("GET", "/staff/sign-in")
        self.sign_in(page)
        _status, _location, page = self.send("GET", "/counter")
        token = TOKEN.search(page)
        assert token is not None
        ticket = ""
        self.ready.wait()
        time.sleep(self.pause * chance.seeded(self.username).random())
        while time.perf_counter() < self.until[0] - 2 * EVERY:
            form, path = {"csrf_token": token[1], "once": chance.token(16)}, "/counter/next"
            if ticket:
                path = f"/counter/ticket/{ticket}/conclude"
                form |= {"outcome": "resolved", "then": "call"}
            began = time.perf_counter()
            status, location, _text = self.send("POST", path, form)
            ended = time.perf_counter()
            assert status in {302, 303}, (status, path)
            self.times.append(ended - began)
            if "called=" not in location:
                return
            ticket = location.split("called=")[1].split("&")[0]
            self.calls[int(ticket)] = ended
            time.sleep(self.pause)


def prepare(branches: int, officers: int, phones: int) -> dict[str, list[tuple[int, str, str]]]:
    """Branches with officers at their counters, and everybody who waits: id, secret, number by branch."""
    schema.upgrade()
    with transaction() as session:
        department = make_department(session, "desk")
        for place in range(branches):
            branch = make_branch(session, f"hall{place}", demands_devices=False)
            service = make_service(session, f"renewal{place}", department=department, branches=(branch,))
            for number in range(1, officers + 1):
                staff = make_staff(session, f"officer{place}-{number}", branch=branch)
                counter = make_counter(session, branch=branch, number=number)
                counters.open_counter(session, actor=staff.actor, counter_id=counter.id)
            for _ in range(phones // branches):
                make_ticket(session, branch=branch, service=service)
    found: dict[str, list[tuple[int, str, str]]] = {}
    rows = reading().execute(select(Ticket.branch_id, Ticket.id, Ticket.token, Ticket.number)).all()
    for branch_id, ticket_id, token, shown in rows:
        found.setdefault(f"hall{branch_id - 1}", []).append((ticket_id, token, shown))
    db.session.remove()
    return found


async def follow(people: Followers, waiting: dict[str, list[tuple[int, str, str]]], boards: int) -> None:
    """Let everybody follow until the end."""
    tokens = [token for rows in waiting.values() for _id, token, _number in rows]
    codes = sorted(waiting)
    phones = [people.phone(token, EVERY * place / len(tokens)) for place, token in enumerate(tokens)]
    await asyncio.gather(*phones, *(people.board(n, codes[n % len(codes)]) for n in range(boards)))


def spread(times: list[float]) -> str:
    """Middle, 95th, 99th of a hundred and worst, in milliseconds."""
    row = sorted(times)
    if not row:
        return "none"
    at = [row[min(len(row) - 1, int(len(row) * share))] * 1000 for share in (0.5, 0.95, 0.99)]
    return "p50 {:.0f}, p95 {:.0f}, p99 {:.0f}".format(*at) + f", worst {row[-1] * 1000:.0f} ms"


def judge(
    people: Followers, callers: list[Caller], waiting: dict[str, list[tuple[int, str, str]]], boards: int
) -> list[str]:
    """Print the figures; what was too slow, too old or missing."""
    calls = {ticket: at for caller in callers for ticket, at in caller.calls.items()}
    times = [time_ for caller in callers for time_ in caller.times]
    wrong = [caller.failure for caller in callers if caller.failure] + people.failures[:3]
    codes = sorted(waiting)
    phones, screens, missing = [], [], 0
    for place, code in enumerate(codes):
        for ticket, token, number in waiting[code]:
            if ticket not in calls:
                continue
            phones.append(people.seen.get(token, float("inf")) - calls[ticket])
            here = range(place, boards, len(codes))
            screens += [people.shown.get((board, number), float("inf")) - calls[ticket] for board in here]
    missing = sum(old == float("inf") for old in phones + screens)
    phones = [max(0, old) for old in phones if old != float("inf")]
    screens = [max(0, old) for old in screens if old != float("inf")]
    share = people.unchanged / max(1, people.asked)
    print(f"{len(calls)} calls: {spread(times)}")
    print(f"{people.asked} questions of phones ({share:.0%} unchanged): {spread(people.times)}")
    print(f"age of the news on phones: {spread(phones)}")
    print(f"on {boards} boards, {people.streams} of them by stream: {spread(screens)}")
    if not times or sorted(times)[int(len(times) * 0.99)] > MOST_CALL:
        wrong.append("calls take longer than 300 ms")
    if max(phones + screens, default=MOST_OLD + 1) > MOST_OLD:
        wrong.append("a screen was older than 3 s")
    return wrong + ([f"{missing} screens never had the news"] if missing else [])


def main() -> int:
    """Prepare, serve, follow, judge."""
    parser = argparse.ArgumentParser()
    for name, usual in (("phones", 2000), ("boards", 50), ("branches", 10), ("officers", 4), ("seconds", 20)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    given = parser.parse_args()
    with closing(socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GOVDESK_INSTANCE"] = folder
        settings, _origins = config.load()
        with create_app(settings).app_context():
            waiting = prepare(given.branches, given.officers, given.phones)
            db.engine.dispose()
        server = serve(port, folder)
        until: list[float] = []  # known when all have signed in
        ready = threading.Barrier(given.branches * given.officers + 1)
        callers = [
            Caller(port, f"officer{place}-{number}", 4.0, ready, until)
            for place in range(given.branches)
            for number in range(1, given.officers + 1)
        ]
        for caller in callers:
            caller.start()
        time.sleep(8)
        until.append(time.perf_counter() + given.seconds + 2 * EVERY)
        people = Followers(port, until[0])
        ready.wait(timeout=60)
        asyncio.run(follow(people, waiting, given.boards))
        for caller in callers:
            caller.join()
        began = time.perf_counter()
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=30)
        print(f"the server stopped in {time.perf_counter() - began:.1f} s")
        wrong = judge(people, callers, waiting, given.boards)
    for sentence in wrong:
        print(f"WRONG: {sentence}", file=sys.stderr)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
