"""Many people want the last place at once, through the real forms of a real server with two processes.

python tests/bench/last_place.py [--clients 200]          one place: one success, all others refused kindly
python tests/bench/last_place.py --kill [--clients 200]   half as many places; kill -9 in the middle, retry
"""

import argparse
import contextlib
import datetime as dt
import functools
import http.client
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from sqlalchemy import func, select

from govdesk import audit, clock, config, schema
from govdesk.app import create_app
from govdesk.booking.models import Appointment, Slot
from govdesk.db import db, transaction
from tests.makers import make_cast, make_slot

PATIENCE = 60  # seconds
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


@dataclass
class Client:
    """A browser with its own cookies; `seconds` is how long the press of the button took."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    form: dict[str, str] = field(default_factory=dict)
    status: int = 0
    location: str = ""
    text: str = ""
    seconds: float = 0.0

    def open(self, path: str) -> None:
        """Open a page and remember the form that POSTs."""
        self._send("GET", path)
        start = self.text.index('method="post"')
        self.form = dict(HIDDEN.findall(self.text[start : self.text.index("</form>", start)]))

    def press(self, path: str, **typed: str) -> bool:
        """Send the form; whether an answer came."""
        began = time.perf_counter()
        try:
            self._send("POST", path, urlencode(self.form | typed))
        except (OSError, http.client.HTTPException):
            self.status = 0
            return False
        self.seconds = time.perf_counter() - began
        return True

    def insist(self, path: str, **typed: str) -> None:
        """Send the same form, with the same key, until an answer comes."""
        until = time.monotonic() + PATIENCE
        while not self.press(path, **typed) or self.status >= 500:
            assert time.monotonic() < until, "no answer within a minute"
            time.sleep(0.2)

    def _send(self, method: str, path: str, body: str | None = None) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        with contextlib.closing(connection):
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            self.status, self.location = answer.status, answer.headers.get("Location", "")
            self.text = answer.read().decode()
            for cookie in answer.headers.get_all("Set-Cookie", []):
                name, value = cookie.split(";", 1)[0].split("=", 1)
                self.cookies[name] = value


class Server:
    """`govdesk serve` in a process group of its own, which can be killed whole."""

    def __init__(self, port: int, environment: dict[str, str]) -> None:
        self.port, self.environment = port, environment

    def start(self) -> None:
        """Start, and return when it answers."""
        command = [str(ROOT / ".venv/bin/govdesk"), "serve", "--workers", "2", "--port", str(self.port)]
        self.process = subprocess.Popen(
            command, env=self.environment, cwd=ROOT, start_new_session=True, stderr=subprocess.DEVNULL
        )
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.05)
        raise RuntimeError("the server did not start")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End every process of the group."""
        os.killpg(self.process.pid, how)
        self.process.wait(PATIENCE)


@contextlib.contextmanager
def city(capacity: int) -> Iterator[tuple[Server, int, int]]:
    """A temporary instance with one wanted slot and a free one after it; its server and the slots' ids."""
    with tempfile.TemporaryDirectory() as folder:
        quiet = {"GOVDESK_RATE_LIMITS": "false", "GOVDESK_JOBS": "no"}
        environment = os.environ | {"GOVDESK_INSTANCE": folder} | quiet
        settings, _origins = config.load(environment)
        app = create_app(settings)
        with app.app_context(), socket.socket() as probe:
            schema.upgrade()
            tomorrow = clock.now().replace(minute=0, second=0, microsecond=0) + dt.timedelta(days=1)
            with transaction() as session:
                cast = make_cast(session)
                make = functools.partial(make_slot, session, branch=cast.north, service=cast.renewal)
                wanted = make(starts_at=tomorrow, capacity=capacity)
                free = make(starts_at=wanted.ends_at, capacity=1000)
                slot_id, free_id = wanted.id, free.id
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
            probe.close()
            server = Server(port, environment)
            server.start()
            try:
                yield server, slot_id, free_id
            finally:
                server.stop()
                db.engine.dispose()


def everyone(
    clients: list[Client], act: Callable[[Client], object], *, gate: threading.Barrier | None = None
) -> None:
    """Let every client act in a thread of its own, at once where there is a gate."""

    def run(client: Client) -> None:
        if gate:
            gate.wait()
        act(client)

    threads = [threading.Thread(target=run, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def measure(count: int) -> bool:
    """One place, `count` people: print what came of it; whether it is as it must be."""
    with city(1) as (server, slot_id, free_id):
        clients = [Client(server.port) for _ in range(count)]
        for client in clients:
            client.open("/book/renewal/time?branch=north")
        gate = threading.Barrier(count)
        began = time.perf_counter()
        everyone(clients, lambda c: c.press("/book/renewal/time", slot=str(slot_id)), gate=gate)
        whole = time.perf_counter() - began
        winners = [client for client in clients if client.status == 302]
        kindly = [c for c in clients if c.status == 409 and f'value="{free_id}"' in c.text]
        for winner in winners:
            page = winner.location
            winner.open(page)
            winner.insist(
                page, name="Nora", phone="0501234567", language="ar", whom="self", document="number"
            )
        times = sorted(client.seconds for client in clients)
        say(f"{count} people, 1 place: {len(winners)} held it, {len(kindly)} were offered other times")
        p50, p99 = statistics.median(times) * 1000, times[int(0.99 * count) - 1] * 1000
        say(f"p50 {p50:.0f} ms, p99 {p99:.0f} ms, {count / whole:.0f} answers/s")
        booked, rows = stored(slot_id)
        say(f"stored: {booked} taken, {rows}")
        is_booked = [winner.location.startswith("/appointment/") for winner in winners] == [True]
        return is_booked and len(kindly) == count - 1 and booked == 1 and rows == {"booked": 1}


def measure_killed(count: int) -> bool:
    """Half as many places as people; kill -9 amid holding and amid confirming; retry with the same keys."""
    capacity = count // 2
    with city(capacity) as (server, slot_id, _free_id):
        clients = [Client(server.port) for _ in range(count)]
        for client in clients:
            client.open("/book/renewal/time?branch=north")

        def hold(client: Client) -> None:
            client.insist("/book/renewal/time", slot=str(slot_id))

        killed_after = with_a_kill(server, clients, hold)
        first = [client.location for client in clients]
        everyone(clients, hold)  # once more: the same answers
        same = first == [client.location for client in clients]
        winners = [client for client in clients if client.location.startswith("/book/held/")]
        links = {client.location for client in winners}
        say(f"{count} people, {capacity} places, kill -9 after {killed_after} answers: {len(links)} held one")
        pages = {id(client): client.location for client in winners}
        for client in winners:
            client.open(pages[id(client)])

        def confirm(client: Client) -> None:
            details = {"name": f"Nora {chr(65 + clients.index(client) % 26)}", "language": "ar"}
            phone = f"+9665{clients.index(client):08}"
            client.insist(pages[id(client)], phone=phone, whom="self", document="number", **details)

        killed_after = with_a_kill(server, winners, confirm)
        booked, rows = stored(slot_id)
        done = {client.location for client in winners if client.location.startswith("/appointment/")}
        say(f"kill -9 after {killed_after} confirmations: {len(done)} booked; stored: {booked} taken, {rows}")
        say("the same answer the second time" if same else "ANOTHER answer the second time")
        exact = len(winners) == len(links) == len(done) == booked == capacity
        return same and exact and rows == {"booked": capacity}


def with_a_kill(server: Server, clients: list[Client], act: Callable[[Client], object]) -> int:
    """Everyone acts; once a third has an answer, the server is killed and restarted; how many had one."""
    for client in clients:
        client.status = 0
    crowd = threading.Thread(target=everyone, args=(clients, act))
    crowd.start()
    while answered(clients) < len(clients) // 3:
        time.sleep(0.002)
    before = answered(clients)
    server.stop(signal.SIGKILL)
    time.sleep(0.3)
    server.start()
    crowd.join()
    return before


def say(sentence: str) -> None:
    """Tell the reader."""
    sys.stdout.write(sentence + "\n")


def answered(clients: list[Client]) -> int:
    """How many have had an answer."""
    return sum(client.status > 0 for client in clients)


def stored(slot_id: int) -> tuple[int, dict[str, int]]:
    """What the database says: places taken, and appointments by state; the audit chain must hold."""
    with transaction() as session:
        assert list(audit.verify(session)) == []
        states = select(Appointment.state, func.count()).where(Appointment.slot_id == slot_id)
        rows = {state: count for state, count in session.execute(states.group_by(Appointment.state))}  # noqa: C416
        return session.get_one(Slot, slot_id).booked, rows


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--kill", action="store_true")
    given = parser.parse_args()
    is_right = measure_killed(given.clients) if given.kill else measure(given.clients)
    sys.exit(0 if is_right else "NOT as it must be")
