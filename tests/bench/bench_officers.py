"""32 officers call at once over 2,000 waiting tickets through two real server processes.

Prints calls a second and how long a call took. Fails when a ticket was called twice or lost, or when somebody
was told that nobody waits while somebody did. With --kill N the server is killed with -9 at N moments of the
work chosen by chance (the same for the same --seed) and started again each time, and the officers go on,
repeating the press that had no answer with the same key; then also the audit, the events, the visits made of
them and the file of the database must hold. With GOVDESK_TEST_DATABASE=postgresql the same over a PostgreSQL
that flushes each commit.

    python tests/bench/bench_officers.py [--tickets 2000] [--officers 32] [--kill [N]] [--seed 1]
"""

import argparse
import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections import Counter as Tally
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import func, select, text

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from govdesk import audit, chance, config, outbox, schema, wiring
from govdesk.app import create_app
from govdesk.audit import AuditEntry
from govdesk.cases.models import Visit
from govdesk.db import db, reading, transaction
from govdesk.outbox import OutboxEvent
from govdesk.queue import counters
from govdesk.queue.models import Ticket, TicketEvent
from tests import databases
from tests.bench.wire import Wire
from tests.makers import (
    PASSWORD,
    make_branch,
    make_counter,
    make_department,
    make_service,
    make_staff,
    make_ticket,
)

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
COOKIE = re.compile(r"(?i)set-cookie: ([^=]+)=([^;\r]*)")
LOCATION = re.compile(r"(?i)\nlocation: ([^\r]+)")
CALLED = re.compile(r"called=(\d+)")


class Officer(threading.Thread):
    """One officer's browser: signs in, then concludes and calls until nobody waits."""

    def __init__(self, port: int, username: str, start: threading.Barrier) -> None:
        super().__init__()
        self.username, self.ready = username, start
        self.cookies: dict[str, str] = {}
        self.times: list[float] = []
        self.called: list[int] = []
        self.last_began = 0.0  # when the last press that got a ticket was sent
        self.told_empty = float("inf")  # when this officer was told that nobody waits
        self.failure = ""
        self.wire = Wire(port)

    def send(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
        """One request; after a broken connection the same one again, until the server is back."""
        body = urllib.parse.urlencode(form) if form else ""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        for _ in range(3000):
            try:
                status, head, text = self.wire.ask(method, path, cookies, body)
            except (OSError, ValueError):
                time.sleep(0.1)
                continue
            for name, value in COOKIE.findall(head):
                self.cookies[name] = value
            found = LOCATION.search(head)
            return status, found[1] if found else "", text
        raise TimeoutError(path)

    def run(self) -> None:
        """Work."""
        try:
            self.work()
        except Exception as error:  # noqa: BLE001 - told at the end
            self.failure = repr(error)

    def sign_in(self, page: str) -> None:
        """Send the form of the sign-in page."""
        token = TOKEN.search(page)
        assert token is not None
        form = {"csrf_token": token[1], "username": self.username, "password": PASSWORD}
        status, _location, _page = self.send("POST", "/staff/sign-in", form)
        assert status in {302, 303}, status

    def work(self) -> None:
        """Sign in, wait for the others, then press until the queue is empty."""
        _status, _location, page = self.send("GET", "/staff/sign-in")
        self.sign_in(page)
        _status, _location, page = self.send("GET", "/counter")
        token = TOKEN.search(page)
        assert token is not None
        self.ready.wait()
        ticket = ""
        while True:
            form = {"csrf_token": token[1], "once": chance.token(16)}
            path = "/counter/next"
            if ticket:
                path, form = (
                    f"/counter/ticket/{ticket}/conclude",
                    {**form, "outcome": "resolved", "then": "call"},
                )
            began = time.perf_counter()
            status, location, _text = self.send("POST", path, form)
            self.times.append(time.perf_counter() - began)
            assert status in {302, 303}, (status, path, _text[:300])
            found = CALLED.search(location)
            if found is None:
                self.told_empty = time.perf_counter()
                return
            self.last_began = began
            ticket = found[1]
            self.called.append(int(ticket))


def prepare(officers: int, tickets: int) -> None:
    """A branch with that many counters, officers and waiting people."""
    schema.upgrade()
    with transaction() as session:
        department = make_department(session, "desk")
        branch = make_branch(session, "hall")
        service = make_service(session, "renewal", department=department, branches=(branch,))
        for number in range(1, officers + 1):
            staff = make_staff(session, f"officer{number}", branch=branch)
            counter = make_counter(session, branch=branch, number=number)
            counters.open_counter(session, actor=staff.actor, counter_id=counter.id)
        for _ in range(tickets):
            make_ticket(session, branch=branch, service=service)


@contextlib.contextmanager
def database() -> Iterator[None]:
    """Where the tickets are kept: SQLite in the instance, or a PostgreSQL that is started for it."""
    if databases.KIND == "sqlite":
        yield
        return
    server = databases.PostgresServer(is_durable=True)
    os.environ[databases.SERVER] = server.start()
    os.environ["GOVDESK_DATABASE_URL"] = databases.create("bench")
    try:
        yield
    finally:
        server.stop()


def serve(port: int, folder: str) -> subprocess.Popen[bytes]:
    """Start the real server with two processes and wait until it answers."""
    govdesk = str(Path(sys.executable).parent / "govdesk")
    command = [govdesk, "serve", "--port", str(port), "--workers", "2"]
    environment = {**os.environ, "GOVDESK_INSTANCE": folder, "GOVDESK_RATE_LIMITS": "no"}
    server = subprocess.Popen(
        command, env=environment, cwd=ROOT, stderr=subprocess.DEVNULL, start_new_session=True
    )
    for _ in range(1200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return server
        time.sleep(0.1)
    raise TimeoutError("the server did not start")


def moments(kills: int, tickets: int, seed: str) -> list[tuple[int, float]]:
    """When to kill: after how many answers, and how many seconds later."""
    draw = chance.seeded(f"kills {seed}")
    return [(after, draw.uniform(0, 0.05)) for after in sorted(draw.sample(range(tickets), kills))]


def kill(
    server: subprocess.Popen[bytes],
    people: list[Officer],
    moment: tuple[int, float],
    again: Callable[[], subprocess.Popen[bytes]],
) -> subprocess.Popen[bytes]:
    """Kill the server with all its processes at a moment of the work, and start it again."""
    answers, later = moment
    while sum(len(officer.called) for officer in people) < answers:
        if not any(officer.is_alive() for officer in people):
            return server
        time.sleep(0.001)
    time.sleep(later)
    os.killpg(server.pid, signal.SIGKILL)
    server.wait()
    at_work = sum(officer.is_alive() for officer in people)
    done = sum(len(officer.called) for officer in people)
    print(f"killed after {done} answers, {at_work} officers at work", flush=True)
    return again()


def inspect(tickets: int) -> list[str]:
    """What does not hold in the database after the kills: nothing may be half done, doubled or unsaid."""
    outbox.deliver_due(wiring.HANDLERS, limit=10 * tickets)
    session = reading()
    wrong = [
        f"the audit: entry {audit.numbered(one.strand, one.position)} is {one.problem}"
        for one in audit.verify(session)
    ]
    kinds = Tally(session.scalars(select(TicketEvent.kind)))
    if kinds != {"called": tickets, "concluded": tickets}:
        wrong.append(f"the events are {dict(kinds)}")
    of_tickets = AuditEntry.subject.like("ticket:%")
    told = Tally(session.scalars(select(AuditEntry.action).where(of_tickets)))
    if told != {f"ticket.{kind}": amount for kind, amount in kinds.items()}:
        wrong.append(f"the audit of the tickets is {dict(told)}")
    visits = Tally(session.scalars(select(Visit.visit_no)))
    if len(visits) != tickets or set(visits.values()) != {1}:
        wrong.append(f"{len(visits)} visits were heard of, {sum(visits.values())} noted")
    late = session.scalar(
        select(func.count()).select_from(OutboxEvent).where(OutboxEvent.delivered_at.is_(None))
    )
    if late:
        wrong.append(f"{late} events were not delivered")
    if databases.KIND == "sqlite":
        wrong += [
            f"the file: {line}" for line in session.scalars(text("PRAGMA integrity_check")) if line != "ok"
        ]
    return wrong


def judge(people: list[Officer], tickets: int, seconds: float) -> list[str]:
    """What went wrong, if anything; prints the figures."""
    tally = Tally(reading().scalars(select(TicketEvent.ticket_id).where(TicketEvent.kind == "called")))
    answered = Tally(ticket for officer in people for ticket in officer.called)
    left = reading().scalar(select(func.count()).where(Ticket.state != "served")) or 0
    wrong = [officer.failure for officer in people if officer.failure]
    if len(tally) != tickets or left:
        wrong.append(f"{tickets - len(tally)} tickets were never called, {left} are not served")
    if set(tally.values()) != {1}:
        wrong.append(f"{sum(count > 1 for count in tally.values())} tickets were called twice")
    if answered != tally:
        wrong.append("an officer was told another ticket than the record says")
    if min(officer.told_empty for officer in people) < max(officer.last_began for officer in people):
        wrong.append("somebody was told that nobody waits, and a later press still got a ticket")
    times = sorted(moment for officer in people for moment in officer.times)
    at = {share: times[min(len(times) - 1, int(len(times) * share))] * 1000 for share in (0.5, 0.95, 0.99)}
    print(
        f"{databases.KIND}: {tickets} calls by {len(people)} officers in {seconds:.2f} s: "
        f"{tickets / seconds:.0f} calls/s, "
        f"p50 {at[0.5]:.0f} ms, p95 {at[0.95]:.0f} ms, p99 {at[0.99]:.0f} ms, worst {times[-1] * 1000:.0f} ms"
    )
    return wrong


def main() -> int:
    """Prepare, serve, call, judge."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tickets", type=int, default=2000)
    parser.add_argument("--officers", type=int, default=32)
    parser.add_argument("--kill", type=int, nargs="?", const=1, default=0, metavar="N")
    parser.add_argument("--seed", default="1")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, database(), socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        os.environ["GOVDESK_INSTANCE"] = folder
        settings, _origins = config.load()
        with create_app(settings).app_context():
            prepare(given.officers, given.tickets)
            db.engine.dispose()
            server = serve(port, folder)
            start = threading.Barrier(given.officers + 1)
            people = [Officer(port, f"officer{number}", start) for number in range(1, given.officers + 1)]
            for officer in people:
                officer.start()
            start.wait(timeout=120)
            began, spent = time.perf_counter(), time.process_time()
            for after in moments(given.kill, given.tickets, given.seed):
                server = kill(server, people, after, lambda: serve(port, folder))
            for officer in people:
                officer.join()
            seconds, spent = time.perf_counter() - began, time.process_time() - spent
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(timeout=30)
            wrong = judge(people, given.tickets, seconds)
            print(f"of it the officers' own processor time: {spent * 1000 / given.tickets:.2f} ms a call")
            if given.kill:
                wrong += inspect(given.tickets)
            db.engine.dispose()
    for sentence in wrong:
        print(f"WRONG: {sentence}", file=sys.stderr)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
