"""A gateway tells later whether an SMS arrived: by POST, at a secret address, in any order, once or twice."""

import dataclasses
import datetime as dt
from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from govdesk import clock
from govdesk.config import Settings
from govdesk.db import transaction
from govdesk.notify import delivery, service, sms
from govdesk.notify.letters import ChannelDownError, NotNowError
from govdesk.people.models import Person
from tests.desk import Desk
from tests.flows.messages import EMAIL, PHONE, Postman, give_contact, messages, send
from tests.makers import MORNING, Cast

HOUR = dt.timedelta(hours=1)
VALUES = {"reference": "R", "link": "https://x"}
ABOUT = "appointment:1"


@pytest.fixture(autouse=True)
def _still(app: Flask, morning: None) -> None:
    """Time moves only when a test says so."""


@pytest.fixture
def here(settings: Settings) -> Settings:
    """SMS leave by a gateway that wants a form, which calls the first one id-1."""
    return settings


def queue(person: Person | None = None) -> None:
    with transaction() as session:
        service.queue(
            session, key="booked", about=ABOUT, language="en", values=VALUES,
            address=None if person else PHONE, person=person and session.get_one(Person, person.id),
            expires_at=clock.now() + 9 * HOUR,
        )  # fmt: skip


def tell(app: Flask, status: str, *, sid: str = "id-1", query: str = "", secret: str = "") -> TestResponse:
    address = f"/receipts/sms/{secret}" if secret else sms.receipts_address(app.extensions["govdesk"])
    path = address.removeprefix("http://127.0.0.1:8000")
    return app.test_client().post(path + query, data={"MessageSid": sid, "MessageStatus": status})


def states() -> list[str]:
    return [message.state for message in messages()]


def unreached() -> dict[str, str]:
    with transaction() as session:
        return service.unreached(session, [ABOUT])


def test_what_arrived_is_delivered_whatever_is_told_afterwards(app: Flask, here: Settings) -> None:
    queue()
    send(Postman())
    for status, state in (("sent", "sent"), ("delivered", "delivered"), ("failed", "delivered")):
        answer = tell(app, status)
        assert (answer.status_code, answer.data, states()) == (204, b"", [state])
    assert unreached() == {}


def test_what_did_not_arrive_is_tried_on_the_other_channel_once(app: Flask, cast: Cast) -> None:
    with transaction() as session:
        give_contact(session, session.get_one(Person, cast.nora.id), email=EMAIL)
    queue(cast.nora)
    send(Postman())
    assert [tell(app, "undelivered").status_code for _ in range(2)] == [204, 204]
    assert [(one.channel, one.state) for one in messages()] == [("sms", "undeliverable"), ("email", "queued")]
    send(Postman())
    assert unreached() == {}


def test_who_has_no_other_channel_could_not_be_reached_until_it_arrives_after_all(
    app: Flask, here: Settings
) -> None:
    queue()
    send(Postman())
    tell(app, "undelivered")
    assert unreached() == {ABOUT: "05•• ••• •12"}
    tell(app, "delivered")
    assert unreached() == {}


def test_a_receipt_that_is_faster_than_our_own_note_holds(app: Flask, here: Settings) -> None:
    def deliver(letter: object) -> str:
        token = messages()[0].token
        assert tell(app, "delivered", sid="id-9", query=f"?message={token}").status_code == 204
        return "id-9"

    queue()
    delivery.send_due({"sms": deliver})
    assert [(one.state, one.provider_id) for one in messages()] == [("delivered", "id-9")]


def test_what_nobody_knows_is_answered_as_quietly(app: Flask, here: Settings) -> None:
    queue()
    send(Postman())
    for given in ({"sid": "id-7"}, {"query": "?message=nonsense"}):
        answer = tell(app, "delivered", **given)
        assert (answer.status_code, answer.data) == (204, b"")
    assert tell(app, "").status_code == 204
    assert states() == ["sent"]


def test_without_the_secret_nobody_tells_anything_and_looking_changes_nothing(
    app: Flask, here: Settings
) -> None:
    queue()
    send(Postman())
    assert tell(app, "delivered", secret="0" * 40).status_code == 404
    path = sms.receipts_address(here).removeprefix("http://127.0.0.1:8000")
    looked = app.test_client().get(f"{path}?MessageSid=id-1&MessageStatus=delivered")
    assert (looked.status_code, states()) == (405, ["sent"])


def test_a_gateway_may_tell_by_json_and_with_our_own_token(app: Flask, here: Settings) -> None:
    app.extensions["govdesk"] = dataclasses.replace(here, sms_shape="json")
    queue()
    send(Postman())
    path = sms.receipts_address(here).removeprefix("http://127.0.0.1:8000")
    told = {"client-ref": messages()[0].token, "messageId": "other", "status": "expired"}
    assert app.test_client().post(path, json=told).status_code == 204
    assert states() == ["undeliverable"]
    for strange in ("[1]", "{", "null"):
        answer = app.test_client().post(path, data=strange, content_type="application/json")
        assert answer.status_code == 204


@pytest.mark.parametrize(
    ("error", "state", "lost"),
    [
        (ChannelDownError("HTTP 401: wrong password"), "not_sent", []),
        (KeyError("a text that cannot be written"), "not_sent", []),
        (NotNowError("450 mailbox full"), "failed", [ABOUT]),
    ],
)
def test_our_own_fault_makes_nobody_unreachable(
    app: Flask, here: Settings, error: Exception, state: str, lost: list[str]
) -> None:
    queue()
    send(Postman(error))
    with clock.at(MORNING + 9 * HOUR):
        send(Postman())
        assert (states(), list(unreached())) == ([state], lost)


def test_the_page_of_messages_says_plainly_that_the_fault_is_ours(
    app: Flask, sign_in: Callable[[str], Desk]
) -> None:
    queue()
    send(Postman(ChannelDownError("HTTP 401: wrong password")))
    admin = sign_in("adam")
    for path in ("/admin/messages", "/admin/messages/log"):
        shown = admin.get(path, language="en").main
        assert "SMS cannot leave." in shown
        assert "1 message waits" in shown
        assert "HTTP 401: wrong password" in shown
    with clock.at(MORNING + HOUR):
        send(Postman())
    assert "cannot leave" not in admin.get("/admin/messages", language="en").main
