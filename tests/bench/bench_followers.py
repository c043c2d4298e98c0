"""2,000 phones and 50 boards follow one server of two processes while officers call.

Each phone asks for its ticket every 1.8 s (as its page does); boards hear by stream, or ask every second
where no stream is left. All send what a browser sends, over kept lines. Prints how long calls took, how old
the news of a call was when the phone and the boards of its branch had it, and how much processor time the
server, the screens and the officers took. Fails when the 99th of 100 calls takes longer than 300 ms, or a
screen is older than 3 s.

    python tests/bench/bench_followers.py [--phones 2000] [--boards 50] [--branches 10] [--seconds 20]
"""

import argparse
import asyncio
import heapq
import json
import os
import re
import selectors
import signal
import sys
import tempfile
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from socket import create_connection, socket

sys.path.insert(0, str(Path(__file__).parents[2]))

from sqlalchemy import select

from govdesk import chance, config, schema
from govdesk.app import create_app
from govdesk.db import db, reading, transaction
from govdesk.queue import counters
from govdesk.queue.models import Ticket
from tests.bench.bench_officers import TOKEN, Officer, serve
from tests.makers import make_branch, make_counter, make_department, make_service, make_staff, make_ticket

EVERY, BOARD_EVERY = 1.8, 1.0  # seconds, as in the pages
WARM = 12.0  # seconds in which all begin to follow, before the first call
OK, UNCHANGED = 200, 304
LENGTH = re.compile(rb"Content-Length: (\d+)", re.IGNORECASE)
TAG = re.compile(rb"ETag: ([^\r]+)", re.IGNORECASE)
MOST_CALL, MOST_OLD = 0.3, 3.0
BROWSER = (
    b"Host: desk.example\r\n"
    b"User-Agent: Mozilla/5.0 (Linux; Android 14; Pixel 7) AppleWebKit/537.36 (KHTML, like Gecko) "
    b"Chrome/126.0.0.0 Mobile Safari/537.36\r\n"
    b"Accept: application/json\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n"
    b"Accept-Language: ar-SA,ar;q=0.9,en;q=0.8\r\nCache-Control: no-cache\r\nPragma: no-cache\r\n"
    b"Cookie: language=ar\r\nSec-Fetch-Dest: empty\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Site: same-origin\r\n"
    b"Connection: keep-alive\r\n"
)


@dataclass
class Seen:
    """What a process of screens has noted; sent to the one that judges."""

    first: dict[tuple[int, str], float] = field(default_factory=dict)  # when a screen first showed a call
    asked: int = 0
    unchanged: int = 0
    streams: int = 0
    times: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    processor: float = 0.0  # seconds it took itself


class Phone:
    """A phone that asks for its ticket over a kept connection, as the page of a ticket does."""

    def __init__(self, port: int, token: str) -> None:
        self.port, self.token = port, token
        self.socket: socket | None = None
        self.tag, self.began, self.heard = b"", 0.0, b""

    def ask(self) -> socket:
        """Send the question; the answer comes to the socket."""
        self.began, self.heard = time.perf_counter(), b""
        if self.socket is None:
            self.socket = create_connection(("127.0.0.1", self.port))
        known = b"If-None-Match: " + self.tag + b"\r\n" if self.tag else b""
        path = f"GET /ticket/{self.token}/state.json HTTP/1.1\r\n".encode()
        self.socket.sendall(path + BROWSER + known + b"\r\n")
        return self.socket

    def hear(self) -> int | None:
        """Take what came: the status once the answer is whole, None before; 0 where the line was cut."""
        assert self.socket is not None
        some = self.socket.recv(65536)
        if not some:
            self.hang_up()
            return 0
        self.heard += some
        head, cut, body = self.heard.partition(b"\r\n\r\n")
        if not cut:
            return None
        status = int(head[9:12])
        if status != UNCHANGED and len(body) < int(LENGTH.findall(head)[0]):
            return None
        self.tag = next(iter(TAG.findall(head)), b"")
        if b"Connection: close" in head:
            self.hang_up()
        return status

    @property
    def is_called(self) -> bool:
        """Whether the last answer says that one waits no more."""
        return b'"state"' in self.heard and b'"state":"waiting"' not in self.heard

    def hang_up(self) -> None:
        """Close the connection; the next question opens another."""
        if self.socket is not None:
            self.socket.close()
        self.socket = None


def follow_by_phone(port: int, tokens: list[str], until: float) -> Seen:
    """All phones, in one process that does as little as it can: the server needs the processors."""
    seen, waiting, own = Seen(), selectors.DefaultSelector(), time.process_time()
    phones = [Phone(port, token) for token in tokens]
    pace = chance.seeded("phones")
    begin = time.perf_counter()
    due = [(begin + EVERY * place / len(phones), place) for place in range(len(phones))]
    heapq.heapify(due)
    while (now := time.perf_counter()) < until:
        while due and due[0][0] <= now:
            place = heapq.heappop(due)[1]
            waiting.register(phones[place].ask(), selectors.EVENT_READ, place)
        pause = min(until, due[0][0] if due else until) - now
        for key, _events in waiting.select(max(0.0, min(pause, 0.05))):
            phone = phones[key.data]
            status = phone.hear()
            if status is None:
                continue
            waiting.unregister(key.fileobj)
            now = time.perf_counter()
            if status:
                seen.asked += 1
                seen.times.append(now - phone.began)
                seen.unchanged += status == UNCHANGED
                if status not in {200, UNCHANGED}:
                    seen.failures.append(f"{status} for a phone")
                if status == OK and phone.is_called:
                    seen.first[0, phone.token] = now
                    phone.hang_up()
                    continue
            heapq.heappush(due, (now + EVERY * pace.uniform(0.9, 1.1), key.data))
    seen.processor = time.process_time() - own
    return seen


class Boards:
    """All boards, in one process."""

    def __init__(self, port: int, until: float) -> None:
        self.port, self.until, self.seen = port, until, Seen()

    async def board(self, number: int, code: str) -> None:
        """Hear by stream, or ask every second; take what changed."""
        tag, line, stream = (
            b"",
            await asyncio.open_connection("127.0.0.1", self.port),
            await self.listen(code),
        )
        while time.perf_counter() < self.until:
            try:
                tag, text = await self.ask(line, code, tag)
                now = time.perf_counter()
                for call in json.loads(text)["calls"] if text else ():
                    self.seen.first.setdefault((number, call["number"]), now)
                if stream is None:
                    await asyncio.sleep(BOARD_EVERY)
                else:
                    await asyncio.wait_for(stream.readuntil(b"\n\n"), 5)
            except TimeoutError:
                continue
            except (OSError, asyncio.IncompleteReadError):
                stream, line = None, await asyncio.open_connection("127.0.0.1", self.port)

    async def ask(
        self, line: tuple[asyncio.StreamReader, asyncio.StreamWriter], code: str, tag: bytes
    ) -> tuple[bytes, bytes]:
        """One question: the tag, and the body if anything is new."""
        reader, writer = line
        known = b"If-None-Match: %b\r\n" % tag if tag else b""
        writer.write(b"GET /board/%b/state.json HTTP/1.1\r\n%b%b\r\n" % (code.encode(), BROWSER, known))
        head = await reader.readuntil(b"\r\n\r\n")
        length = LENGTH.search(head) if b" 304 " not in head[:16] else None
        body = await reader.readexactly(int(length[1])) if length else b""
        return next(iter(TAG.findall(head)), b""), body

    async def listen(self, code: str) -> asyncio.StreamReader | None:
        """Open a stream; None when as many as may be are open."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(b"GET /board/%b/stream HTTP/1.1\r\n%b\r\n" % (code.encode(), BROWSER))
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            writer.close()
            return None
        self.seen.streams += 1
        return reader


def follow_by_board(port: int, codes: list[str], until: float) -> Seen:
    """So many boards, each of its branch, in one process."""

    own = time.process_time()

    async def follow() -> Seen:
        boards = Boards(port, until)
        await asyncio.gather(*(boards.board(number, code) for number, code in enumerate(codes)))
        boards.seen.processor = time.process_time() - own
        return boards.seen

    return asyncio.run(follow())


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


def spread(times: list[float]) -> str:
    """Middle, 95th, 99th of a hundred and worst, in milliseconds."""
    row = sorted(times)
    if not row:
        return "none"
    at = [row[min(len(row) - 1, int(len(row) * share))] * 1000 for share in (0.5, 0.95, 0.99)]
    return "p50 {:.0f}, p95 {:.0f}, p99 {:.0f}".format(*at) + f", worst {row[-1] * 1000:.0f} ms"


def process() -> ProcessPoolExecutor:
    """A process for screens."""
    return ProcessPoolExecutor(1, mp_context=get_context("forkserver"))


def processor_of(server: int) -> float:
    """Seconds of processor time that a server and its processes have taken."""
    pids = [server, *map(int, Path(f"/proc/{server}/task/{server}/children").read_text().split())]
    rows = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
    return sum(int(row[11]) + int(row[12]) for row in rows) / os.sysconf("SC_CLK_TCK")


def judge(
    phones: Seen,
    boards: Seen,
    callers: list[Caller],
    waiting: dict[str, list[tuple[int, str, str]]],
    count: int,
) -> list[str]:
    """Print the figures; what was too slow, too old or missing."""
    calls = {ticket: at for caller in callers for ticket, at in caller.calls.items()}
    times = [time_ for caller in callers for time_ in caller.times]
    wrong = [caller.failure for caller in callers if caller.failure] + phones.failures[:3]
    codes = sorted(waiting)
    on_phones, on_boards = [], []
    for place, code in enumerate(codes):
        for ticket, token, number in waiting[code]:
            if ticket not in calls:
                continue
            on_phones.append(phones.first.get((0, token), float("inf")) - calls[ticket])
            here = range(place, count, len(codes))
            on_boards += [boards.first.get((board, number), float("inf")) - calls[ticket] for board in here]
    missing = sum(old == float("inf") for old in on_phones + on_boards)
    on_phones = [max(0, old) for old in on_phones if old != float("inf")]
    on_boards = [max(0, old) for old in on_boards if old != float("inf")]
    share = phones.unchanged / max(1, phones.asked)
    print(f"{len(calls)} calls: {spread(times)}")
    print(f"{phones.asked} questions of phones ({share:.0%} unchanged): {spread(phones.times)}")
    print(f"age of the news on phones: {spread(on_phones)}")
    print(f"on {count} boards, {boards.streams} of them by stream: {spread(on_boards)}")
    if not times or sorted(times)[int(len(times) * 0.99)] > MOST_CALL:
        wrong.append("calls take longer than 300 ms")
    if max(on_phones + on_boards, default=MOST_OLD + 1) > MOST_OLD:
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
        try:
            until: list[float] = []  # known when all have signed in
            ready = threading.Barrier(given.branches * given.officers + 1)
            callers = [
                Caller(port, f"officer{place}-{number}", 4.0, ready, until)
                for place in range(given.branches)
                for number in range(1, given.officers + 1)
            ]
            for caller in callers:
                caller.start()
            codes = sorted(waiting)
            tokens = [token for rows in waiting.values() for _id, token, _number in rows]
            shown_at = [codes[number % len(codes)] for number in range(given.boards)]
            with process() as one, process() as other:
                for screens in (one, other):
                    screens.submit(time.process_time).result()  # so that it has begun before it is counted on
                while ready.n_waiting < len(callers):
                    time.sleep(0.1)
                until.append(time.perf_counter() + WARM + given.seconds + 2 * EVERY)
                phones = one.submit(follow_by_phone, port, tokens, until[0])
                boards = other.submit(follow_by_board, port, shown_at, until[0])
                began, taken, own = time.perf_counter(), processor_of(server.pid), time.process_time()
                time.sleep(WARM)
                ready.wait(timeout=60)
                for caller in callers:
                    caller.join()
                seen = phones.result(), boards.result()
                taken, lasted = processor_of(server.pid) - taken, time.perf_counter() - began
            shares = (taken, *(one.processor for one in seen), time.process_time() - own)
            told = "processor: server {:.0%}, phones {:.0%}, boards {:.0%}, officers {:.0%}"
            print(told.format(*(share / lasted for share in shares)), f"of one, in {lasted:.0f} s")
        finally:
            began = time.perf_counter()
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(timeout=30)
            print(f"the server stopped in {time.perf_counter() - began:.1f} s")
        wrong = judge(*seen, callers, waiting, given.boards)
    for sentence in wrong:
        print(f"WRONG: {sentence}", file=sys.stderr)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
