"""Forms are sent, so many a second, to one server of two processes: is each taken once, and how quickly?

Each has a face, ticks and words, and comes at its own moment, whether or not those before it were answered;
its time counts from that moment. Every tenth is sent twice. Fails when the 99th of 100 takes longer than
300 ms, or an answer is lost or doubled.

With GOVDESK_TEST_DATABASE=postgresql over a PostgreSQL that flushes each commit.

    python tests/bench/bench_answers.py [--rate 200] [--seconds 20] [--clients 32] [--warm 2]
"""

import argparse
import itertools
import os
import re
import signal
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).parents[2]))

from sqlalchemy import func, select

from govdesk import clock, config, schema
from govdesk.app import create_app
from govdesk.catalog.models import Branch
from govdesk.db import db, reading, transaction
from govdesk.feedback.answers.models import Comment, Response
from govdesk.feedback.asking import service as asking
from tests import databases
from tests.bench.bench_officers import database, serve
from tests.bench.wire import Wire
from tests.makers import make_cast, make_person, make_questionnaire

MOST = 0.3  # seconds that 99 of 100 may take
TWICE = 10  # one of so many is sent twice
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
COOKIE = re.compile(r"(?i)\nset-cookie: ([^;\r]*)")
LOCATION = re.compile(r"(?i)\nlocation: ([^\r]+)")
FORM = {
    "overall": "2", "better": ["ease", "efficiency"], "seen": "better comment overall", "act": "send",
    "comment": "انتظرت طويلًا، ورقمي 0501234567",
}  # fmt: skip


def prepare(count: int) -> list[str]:
    """Let so many people open their link; its secrets."""
    schema.upgrade()
    with transaction() as session:
        cast = make_cast(session)
        make_questionnaire(session)
        here = session.get_one(Branch, cast.north.id)
        tokens = []
        for number in range(count):
            one = asking.invite(
                session, kind="after_service", about=f"ticket:{number}", occasion="served", branch=here,
                person=make_person(session), service=cast.renewal, ended_at=clock.now(), language="ar",
            )  # fmt: skip
            assert one is not None
            tokens.append(asking.show(session, invitation=one, mode="qr").token)
    return tokens


class Senders:
    """Connections that send each form when its moment has come."""

    def __init__(self, port: int, tokens: list[str], rate: float, warm: int) -> None:
        self.port, self.tokens, self.rate, self.warm = port, tokens, rate, warm
        self.turns = itertools.count()
        self.seconds: list[float] = []
        self.said: Counter[str] = Counter()
        self.began = 0.0
        status, head, text = Wire(port).ask("GET", f"/q/{tokens[0]}", "")
        found, cookie = TOKEN.search(text), COOKIE.search(head)
        assert found is not None, status
        self.csrf, self.cookie = found[1], cookie[1] if cookie else ""

    def run(self) -> None:
        """Send what is next until all are sent."""
        wire = Wire(self.port)
        body = urlencode({**FORM, "csrf_token": self.csrf, "part": "visit"}, doseq=True)
        while (turn := next(self.turns)) < len(self.tokens):
            due = self.began + turn / self.rate
            time.sleep(max(0.0, due - time.perf_counter()))
            for _ in range(2 if turn % TWICE == 0 else 1):
                status, head, _text = wire.ask("POST", f"/q/{self.tokens[turn]}", self.cookie, body)
                where = LOCATION.search(head)
                self.said[f"{status} {where[1].rpartition('/')[2] if where else ''}"] += 1
            if turn >= self.warm:
                self.seconds.append(time.perf_counter() - due)


def judge(senders: Senders, rate: float) -> int:
    """Say what happened; 1 where something took too long, or was lost or doubled."""
    cuts = statistics.quantiles(senders.seconds, n=100)
    took = max(time.perf_counter() - senders.began, 0.001)
    taken = reading().scalar(select(func.count()).select_from(Response)) or 0
    words = reading().scalar(select(func.count()).select_from(Comment)) or 0
    print(f"{databases.KIND}: {taken} of {len(senders.tokens)} answers in {took:.1f} s: "
          f"{taken / took:.0f} of {rate:.0f} a second")  # fmt: skip
    print(f"each: median {cuts[49] * 1000:.1f} ms, p99 {cuts[98] * 1000:.1f} ms, "
          f"longest {max(senders.seconds) * 1000:.0f} ms")  # fmt: skip
    print(dict(senders.said))
    is_whole = taken == words == len(senders.tokens)
    return 0 if is_whole and cuts[98] <= MOST else 1


def main() -> int:
    """Prepare, serve, send, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rate", type=float, default=200)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--warm", type=float, default=2, help="seconds at first in which nothing is timed")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, database(), socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        os.environ["GOVDESK_INSTANCE"] = folder
        settings, _origins = config.load()
        with create_app(settings).app_context():
            tokens = prepare(int(given.rate * (given.warm + given.seconds)))
            db.engine.dispose()
            server = serve(port, folder)
            senders = Senders(port, tokens, given.rate, int(given.rate * given.warm))
            threads = [threading.Thread(target=senders.run) for _ in range(given.clients)]
            senders.began = time.perf_counter() + 0.2
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            failed = judge(senders, given.rate)
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(timeout=30)
            db.engine.dispose()
    return failed


if __name__ == "__main__":
    sys.exit(main())
