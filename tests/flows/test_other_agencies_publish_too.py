"""What another agency publishes is read, checked and kept; what is wrong is noted, nothing is believed."""

import dataclasses
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from govdesk import clock
from govdesk.audit import AuditEntry
from govdesk.config import Settings
from govdesk.db import reading, transaction
from govdesk.errors import DeskError
from govdesk.kpi.feeds import fetching, rules, service
from govdesk.kpi.feeds.getting import get
from govdesk.kpi.feeds.models import Feed, FeedDocument
from govdesk.kpi.periods import document
from govdesk.outbox import OutboxEvent
from tests.feeds import figure, index, published
from tests.makers import Cast, moment

INDEX = "/open-data/figures.json"
Answer = tuple[int, dict[str, str], bytes]


class Door(BaseHTTPRequestHandler):
    """Answers as the server that it stands in was told."""

    server: "Neighbour"

    def do_GET(self) -> None:
        """Give what lies at the address."""
        if self.path in self.server.slow:
            self.server.released.wait(10)
        status, headers, body = self.server.answers.get(self.path, (404, {}, b"{}"))
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.server.asked.append(self.path)
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


class Neighbour(ThreadingHTTPServer):
    """The open data of another agency, on this machine."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Door)
        self.answers: dict[str, Answer] = {}
        self.slow: set[str] = set()
        self.asked: list[str] = []
        self.released = threading.Event()
        self.documents: list[dict[str, Any]] = []

    @property
    def address(self) -> str:
        """Where it stands."""
        return f"http://127.0.0.1:{self.server_port}"

    def publish(self, *documents: dict[str, Any]) -> None:
        """Lay documents out, the newest version of each period."""
        newest = {one["period"]: one for one in (*self.documents, *documents)}
        self.documents = list(newest.values())
        for one in self.documents:
            self.give(f"/open-data/{one['period']}.json", one)
        self.give(INDEX, index(self.documents, self.address))

    def give(self, path: str, found: Any, **headers: str) -> None:
        """Lay anything out as JSON."""
        self.answers[path] = (200, headers, json.dumps(found).encode())


@pytest.fixture
def neighbour() -> Iterator[Neighbour]:
    """A server that serves a feed."""
    server = Neighbour()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.released.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def feed(app: Flask, settings: Settings, cast: Cast, neighbour: Neighbour) -> int:
    """A feed on this machine, for debugging."""
    app.extensions["govdesk"] = dataclasses.replace(settings, debug=True)
    neighbour.publish(published("2026-08"), published("2026-09"))
    with transaction() as session:
        return service.register(session, actor=cast.staff["adam"].actor, url=neighbour.address + INDEX).id


def turn(at: str = "09:00", fetch: Callable[[str], bytes] = get) -> int:
    """Let the job take its turn."""
    with clock.at(moment(at)):
        return fetching.fetch_due(fetch)


def state(feed_id: int) -> tuple[str | None, str, int]:
    reading().rollback()
    row = reading().get_one(Feed, feed_id)
    return row.problem, row.problem_detail, row.failures


def versions(feed_id: int) -> list[tuple[str, int]]:
    rows = select(FeedDocument.period, FeedDocument.version).where(FeedDocument.feed_id == feed_id)
    found = reading().execute(rows.order_by(FeedDocument.period, FeedDocument.version))
    return [(row.period, row.version) for row in found]


def test_what_is_published_is_kept_version_by_version(feed: int, neighbour: Neighbour) -> None:
    assert turn() == 2
    assert versions(feed) == [("2026-08", 1), ("2026-09", 1)]
    row = reading().get_one(Feed, feed)
    assert (row.name_ar, row.name_en, row.problem) == ("بلدية الجوار", "Neighbour City", None)
    assert turn("09:10") == 0  # not before six hours
    neighbour.publish(published("2026-09", version=2, reason={"ar": "عدد خاطئ", "en": "a count was wrong"}))
    assert turn("15:10") == 1
    assert versions(feed) == [("2026-08", 1), ("2026-09", 1), ("2026-09", 2)]
    newest = service.newest(reading(), "2026-09")
    assert [one.version for one in newest] == [2]
    assert rules.told(json.loads(newest[0].frozen))["repeat_visit_rate"].numerator == 30
    assert service.periods(reading()) == ["2026-09", "2026-08"]
    acts = reading().scalars(select(AuditEntry.action).order_by(AuditEntry.position)).all()
    assert [act for act in acts if act.startswith("feed.")] == ["feed.added", *["feed.document_kept"] * 3]


def test_what_was_published_once_is_never_changed(feed: int, neighbour: Neighbour) -> None:
    turn()
    neighbour.publish(published("2026-09", figures=[figure("repeat_visit_rate", 1, 200)]))
    assert turn("15:10") == 0
    assert state(feed) == ("changed", "2026-09", 1)
    assert versions(feed) == [("2026-08", 1), ("2026-09", 1)]


def test_a_document_that_does_not_fit_its_seal_is_refused(feed: int, neighbour: Neighbour) -> None:
    wrong = {**published("2026-09"), "as_of": "2026-10-02T00:00:00+03:00"}
    neighbour.give("/open-data/2026-09.json", wrong)
    assert turn() == 1  # the other one is kept
    assert state(feed)[0] == "seal"
    other = published("2026-07")
    neighbour.give("/open-data/2026-09.json", other)
    turn("09:15")
    assert state(feed) == ("other_document", "", 2)


@pytest.mark.parametrize(
    ("path", "answer", "problem"),
    [
        (INDEX, (200, {}, b"[" * 100_000), "not_json"),
        (INDEX, (200, {}, b'{"format": NaN}'), "not_json"),
        (INDEX, (200, {"Content-Type": "text/html"}, b"<h1>Figures</h1>"), "not_json"),
        (INDEX, (200, {"Content-Encoding": "gzip"}, b"{}"), "not_json"),
        (INDEX, (200, {}, b"{}"), "not_a_feed"),
        (INDEX, (200, {}, b'{"format": "govdesk-figures/9"}'), "other_format"),
        (INDEX, (500, {}, b"{}"), "status"),
        (INDEX, (302, {"Location": "http://127.0.0.1:1/admin"}, b""), "moved"),
        ("/open-data/2026-09.json", (301, {"Location": "https://10.0.0.1/"}, b""), "moved"),
    ],
)
def test_what_is_no_feed_is_told_and_not_kept(
    feed: int, neighbour: Neighbour, path: str, answer: Answer, problem: str
) -> None:
    neighbour.answers[path] = answer
    turn()
    assert state(feed)[0] == problem
    assert ("2026-09", 1) not in versions(feed)


def test_an_index_that_leads_elsewhere_is_not_followed(feed: int, neighbour: Neighbour) -> None:
    for where in ("http://127.0.0.1:1/x.json", "https://[::1]/x.json", "file:///etc/passwd"):
        listed = index(neighbour.documents, neighbour.address)
        listed["periods"][0]["url"] = where
        neighbour.give(INDEX, listed)
        with transaction() as session:
            session.get_one(Feed, feed).free_at = moment("09:00")
        turn()
        assert state(feed)[0] == "elsewhere"
    assert neighbour.asked == [INDEX] * 3


def test_too_much_and_too_slow_is_cut_off(feed: int, neighbour: Neighbour) -> None:
    turn(fetch=lambda url: get(url, largest=100))
    assert state(feed)[0] == "too_large"
    neighbour.slow.add(INDEX)
    turn("09:15", fetch=lambda url: get(url, timeout=0.1))
    assert state(feed) == ("slow", "", 2)
    neighbour.slow.clear()
    assert turn("09:20") == 0  # a quarter of an hour, then half an hour of rest
    assert turn("09:45") == 2
    assert state(feed) == (None, "", 0)
    failed = select(OutboxEvent.name).where(OutboxEvent.name == "feed.failed")
    assert len(reading().scalars(failed).all()) == 1


def test_our_own_network_is_not_looked_into(app: Flask, settings: Settings, cast: Cast) -> None:
    for debug, url, problem in (
        (False, "http://127.0.0.1:1/figures.json", "address_plain"),
        (True, "http://10.0.0.1/figures.json", "address_plain"),
        (False, "https://127.0.0.1:1/figures.json", "address_private"),
        (True, "https://192.168.1.1/figures.json", "address_private"),
        (False, "https://user@example.org/figures.json", "address_unusable"),
        (False, "ftp://example.org/figures.json", "address_unusable"),
    ):
        app.extensions["govdesk"] = dataclasses.replace(settings, debug=debug)
        with pytest.raises(rules.ProblemError) as refused:
            get(url)
        assert refused.value.problem == problem, url


def test_a_feed_is_read_once_and_no_more_when_it_is_ended(
    feed: int, cast: Cast, neighbour: Neighbour
) -> None:
    adam = cast.staff["adam"].actor
    turn()
    with pytest.raises(DeskError, match="feed_known"), transaction() as session:
        service.register(session, actor=adam, url=neighbour.address + INDEX)
    with transaction() as session:
        service.end(session, actor=adam, feed=session.get_one(Feed, feed))
    assert turn("15:10") == 0
    assert (service.known(reading()), service.newest(reading(), "2026-09")) == ([], [])
    assert len(versions(feed)) == 2  # what was read stays
    with transaction() as session:
        service.register(session, actor=adam, url=neighbour.address + INDEX)
    assert [one.version for one in service.newest(reading(), "2026-09")] == [1]


def test_what_cannot_be_a_figure_is_refused() -> None:
    good = figure("repeat_visit_rate", 30, 200)
    for bad in (
        figure("repeat_visit_rate", 300, 200),
        {**good, "key": "<b>"},
        {**good, "rows": []},
        {**good, "rows": [{**good["rows"][0], "value": "12"}]},
        {**good, "rows": [{**good["rows"][0], "n": -1}]},
        {**good, "rows": [{**good["rows"][0], "interval": [None]}]},
    ):
        found = published("2026-09", figures=[bad])
        listed = rules.read_index(
            index([found], "https://a.example"), "https://a.example/open-data/figures.json"
        )
        with pytest.raises(rules.ProblemError):
            rules.read_document(found, listed.entries[0])
    assert document.is_whole(published("2026-09"))
