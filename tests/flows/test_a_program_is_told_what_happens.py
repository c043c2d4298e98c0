"""A program is told what happens: signed, once, again when it fails; nobody waits for another."""

import dataclasses
import datetime as dt
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from govdesk import clock
from govdesk.actor import VISITOR
from govdesk.booking import service as booking
from govdesk.catalog.models import Branch
from govdesk.config import Settings
from govdesk.db import reading, transaction
from govdesk.people import tokens
from govdesk.people.models import ApiToken
from govdesk.queue import counters, service
from govdesk.webhooks import addresses, delivery, gathering, posting
from govdesk.webhooks.models import Webhook, WebhookDelivery
from tests.api import Program, make_token
from tests.makers import MORNING, Cast, make_appointment, make_slot

SECRET = "kept by both of us, and long"
SECOND = dt.timedelta(seconds=1)


class Ear(BaseHTTPRequestHandler):
    """Answers as the server that it stands in says, and keeps what it was sent."""

    server: "Listening"

    def do_POST(self) -> None:
        """Hear."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((dict(self.headers), body))
        if self.path == "/slow":
            self.server.released.wait(10)
        self.send_response(self.server.status)
        self.send_header("Location", self.server.address + "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


class Listening(ThreadingHTTPServer):
    """A server of a program, on this machine."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Ear)
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.status = 200
        self.released = threading.Event()

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"

    def told(self) -> list[dict[str, Any]]:
        """What it was told, in order."""
        return [json.loads(body) for _headers, body in self.heard]


@pytest.fixture
def ear() -> Iterator[Listening]:
    """A server that hears."""
    server = Listening()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.released.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def inside(app: Flask, settings: Settings) -> None:
    """Our own network may be told, without TLS."""
    app.extensions["govdesk"] = dataclasses.replace(settings, debug=True, webhooks_private_networks=True)


def subscribe(app: Flask, url: str, *events: str, branch: Branch | None = None, name: str = "City") -> int:
    """Subscribe as a program does; the id of its webhook."""
    program = Program(app, make_token("webhooks", branch=branch, name=name))
    asked = {"url": url, "events": events or ["ticket.issued", "ticket.called", "ticket.ended"]}
    return int(program.post("/webhooks", {**asked, "secret": SECRET}, status=201)["id"])


def work(cast: Cast, at: dt.datetime = MORNING + SECOND) -> int:
    """One ticket in the north, issued, called and concluded."""
    with clock.at(at), transaction() as session:
        branch = session.get_one(Branch, cast.north.id)
        omar = cast.staff["omar"].actor
        given = service.issue(
            session, actor=cast.staff["reem"].actor, branch=branch, service=cast.renewal, person=cast.nora
        )
        counters.open_counter(session, actor=omar, counter_id=cast.north_1.id)
        service.call_next(session, actor=omar)
        service.conclude(session, actor=omar, ticket_id=given.id, outcome="resolved")
        return given.id


def tell(at: dt.datetime = MORNING + 2 * SECOND) -> int:
    """Gather and send, as the jobs do."""
    with clock.at(at):
        gathering.run_gather()
        return delivery.send_due(posting.post)


def states() -> list[tuple[str, int, str | None]]:
    reading().rollback()
    rows = reading().scalars(select(WebhookDelivery).order_by(WebhookDelivery.id))
    return [(row.state, row.attempts, row.last_error) for row in rows]


@pytest.mark.usefixtures("inside")
def test_what_happens_is_told_once_signed_and_without_a_name(app: Flask, cast: Cast, ear: Listening) -> None:
    work(cast, MORNING - SECOND)  # before anybody asked
    subscribe(app, ear.address + "/events")
    ticket_id = work(cast)
    assert tell() == 3
    assert tell(MORNING + 3 * SECOND) == 0
    assert [(one["event"], one["ticket"]) for one in ear.told()] == [
        ("ticket.issued", ticket_id), ("ticket.called", ticket_id), ("ticket.ended", ticket_id),
    ]  # fmt: skip
    first = ear.told()[0]
    assert set(first) == {"delivery", "event", "at", "branch", "service", "ticket"}
    assert (first["at"], first["branch"], first["service"]) == (
        "2026-10-04T09:00:01+03:00", "north", "renewal",
    )  # fmt: skip
    assert ear.told()[2]["state"] == "served"
    headers, body = ear.heard[0]
    stamped = headers["X-Govdesk-Timestamp"].encode() + b"." + body
    assert headers["X-Govdesk-Signature"] == hmac.new(SECRET.encode(), stamped, hashlib.sha256).hexdigest()
    assert headers["X-Govdesk-Delivery"] == first["delivery"]


@pytest.mark.usefixtures("inside")
def test_appointments_are_told_and_only_those_of_the_tokens_branch(
    app: Flask, cast: Cast, ear: Listening
) -> None:
    subscribe(app, ear.address, "appointment.cancelled", branch=cast.harbour, name="Harbour")
    subscribe(app, ear.address, "appointment.cancelled", name="City")
    with clock.at(MORNING + SECOND), transaction() as session:
        slot = make_slot(session, branch=cast.north, service=cast.renewal)
        booked = make_appointment(session, slot=slot, person=cast.nora)
        booking.cancel(session, actor=VISITOR, appointment=booked)
    assert tell() == 1
    told = ear.told()[0]
    assert (told["event"], told["appointment"]) == ("appointment.cancelled", booked.id)
    assert told["starts_at"] == "2026-10-05T09:00:00+03:00"
    assert "reference" not in told


@pytest.mark.usefixtures("inside")
def test_a_failure_is_tried_again_later_each_time_and_given_up_after_a_day(
    app: Flask, cast: Cast, ear: Listening
) -> None:
    subscribe(app, ear.address, "ticket.issued")
    work(cast)
    ear.status = 302  # nobody is followed elsewhere
    assert tell() == 0
    assert states() == [("waiting", 1, "HTTP 302")]
    assert len(ear.heard) == 1
    tell(MORNING + 11 * SECOND)
    assert len(ear.heard) == 1
    tell(MORNING + 13 * SECOND)
    assert states() == [("waiting", 2, "HTTP 302")]
    tell(MORNING + dt.timedelta(hours=24))
    assert states() == [("given_up", 3, "HTTP 302")]
    ear.status = 204
    assert tell(MORNING + dt.timedelta(hours=30)) == 0


@pytest.mark.usefixtures("inside")
def test_one_delivery_or_all_since_a_moment_are_replayed_under_their_names(
    app: Flask, cast: Cast, ear: Listening
) -> None:
    webhook_id = subscribe(app, ear.address)
    work(cast)
    tell()
    program = Program(app, make_token("webhooks", name="Other"))
    program.post(f"/webhooks/{webhook_id}/replay", {"since": MORNING.isoformat()}, status=404)
    with transaction() as session:
        tokens.revoke(session, actor=cast.staff["adam"].actor, token=tokens.find(session, "City"))
    program = Program(app, make_token("webhooks", name="City"))  # renewed
    name = ear.told()[1]["delivery"]
    path = f"/webhooks/{webhook_id}/replay"
    assert program.post(path, {"delivery": name}, key="k1", status=202) == {"count": 1}
    assert program.post(path, {"delivery": name}, key="k1", status=202) == {"count": 1}
    assert tell() == 1
    assert ear.told()[3] == ear.told()[1]
    since = (MORNING + SECOND).isoformat()
    assert program.post(path, {"since": since}, status=202) == {"count": 3}
    assert tell() == 3
    program.post(path, {"delivery": "unknown"}, status=404)
    program.post(path, {"delivery": name, "since": since}, status=422)


@pytest.mark.usefixtures("inside")
def test_a_server_that_does_not_answer_keeps_nobody_waiting(app: Flask, cast: Cast, ear: Listening) -> None:
    subscribe(app, ear.address + "/slow", "ticket.issued", name="Slow")
    subscribe(app, "http://127.0.0.1:9/", "ticket.issued", name="Shut")
    work(cast)
    with clock.at(MORNING + 2 * SECOND):
        gathering.run_gather()
        assert delivery.send_due(posting.post, patience=0.3) == 0
    subscribe(app, ear.address + "/quick", "ticket.called", name="Quick")
    work(cast, MORNING + 3 * SECOND)
    with clock.at(MORNING + 4 * SECOND):
        gathering.run_gather()
        assert (
            delivery.send_due(posting.post, patience=None) == 1
        )  # the slow one is leased, the shut one rests
    ear.released.set()
    assert ear.told()[-1]["event"] == "ticket.called"
    shut = select(Webhook.free_at).where(Webhook.program == "Shut")
    reading().rollback()
    assert reading().scalars(shut).one() == MORNING + 12 * SECOND


@pytest.mark.usefixtures("inside")
def test_a_revoked_token_is_told_nothing_more(app: Flask, cast: Cast, ear: Listening) -> None:
    subscribe(app, ear.address, "ticket.issued")
    work(cast)
    with transaction() as session:
        tokens.revoke(session, actor=cast.staff["adam"].actor, token=session.scalars(select(ApiToken)).one())
    assert tell() == 0
    assert states() == [("given_up", 1, "token")]
    assert ear.heard == []


def test_nothing_is_sent_into_a_private_network_nor_in_the_clear(
    app: Flask, cast: Cast, settings: Settings, ear: Listening
) -> None:
    program = Program(app, make_token("webhooks"))
    asked = {"events": ["ticket.issued"], "secret": SECRET}
    for url, kind in (
        ("http://city.example.org/", "address_plain"),
        ("https://127.0.0.1/", "address_private"),
        ("https://[::1]:8443/", "address_private"),
        ("https://169.254.169.254/latest", "address_private"),
        ("https://omar:word@8.8.8.8/", "address_unusable"),
        ("file:///etc/passwd", "address_unusable"),
    ):
        problem = program.post("/webhooks", {"url": url, **asked}, status=422)
        assert problem["type"].endswith(f"webhooks.{kind}"), url
    # a name that was public when it was given and leads inside when it is sent to
    app.extensions["govdesk"] = dataclasses.replace(settings, debug=True)
    with pytest.raises(posting.UnreachedError, match="address_private"):
        posting.post(ear.address, {}, b"{}")
    assert ear.heard == []
    assert addresses.read("https://city.example.org:8443/a?b=c").target == "/a?b=c"


@pytest.mark.usefixtures("inside")
def test_the_database_alone_does_not_show_the_secret(app: Flask, cast: Cast, ear: Listening) -> None:
    webhook_id = subscribe(app, ear.address)
    kept = reading().execute(text("SELECT secret FROM webhook")).scalars().one()
    assert SECRET not in kept
    program = Program(app, make_token("webhooks", name="Other"))
    assert program.get("/webhooks") == []
    assert program.ask("DELETE", f"/webhooks/{webhook_id}", status=404)
    reading().rollback()
    assert reading().get_one(Webhook, webhook_id).secret == SECRET
