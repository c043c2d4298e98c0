"""An administrator makes a token, sees its secret once, and shuts the program out again."""

from collections.abc import Callable

from flask import Flask
from sqlalchemy import select

from govdesk import clock
from govdesk.db import reading, transaction
from govdesk.once import GivenAnswer
from govdesk.people.models import ApiToken
from govdesk.webhooks.models import Webhook, WebhookDelivery
from tests.api import Program, make_token
from tests.desk import Desk, Page
from tests.makers import Cast

NEW = {"name": "North kiosk", "scopes": ["kiosk"], "days": "٩٠"}


def make(adam: Desk, cast: Cast, **given: object) -> Page:
    values = {**NEW, "branch": cast.north.id, **given}
    return adam.post("/admin/tokens/new", values, language="en")


def secret_of(page: Page) -> str:
    return page.words("p", "raw")[0]


def test_the_secret_is_shown_once(app: Flask, cast: Cast, sign_in: Callable[[str], Desk]) -> None:
    adam = sign_in("adam")
    answer = make(adam, cast)
    assert answer.location == "/admin/tokens"
    answer = adam._open("GET", "/admin/tokens", "en")
    secret = secret_of(answer)
    assert [branch["id"] for branch in Program(app, secret).get("/branches")] == ["north"]
    again = adam.get("/admin/tokens", language="en")
    assert again.all("p", "raw") == []
    assert "North kiosk" in again.main
    assert "kiosk" in again.words("bdi", "code")


def test_no_table_holds_the_secret(cast: Cast, sign_in: Callable[[str], Desk]) -> None:
    adam = sign_in("adam")
    make(adam, cast)
    secret = secret_of(adam._open("GET", "/admin/tokens", "en"))
    kept = reading().scalars(select(GivenAnswer.body)).all()
    assert kept
    assert not any(secret in body for body in kept)


def test_what_cannot_be_is_said_beside_its_field(cast: Cast, sign_in: Callable[[str], Desk]) -> None:
    adam = sign_in("adam")
    make_token("board", name="Taken")
    assert set(make(adam, cast, scopes=[]).errors()) == {"scopes"}
    assert set(make(adam, cast, name="Taken").errors()) == {"name"}
    assert set(make(adam, cast, days="0").errors()) == {"days"}
    wrong = make(adam, cast, name=" ")
    assert wrong.status == 422
    assert set(wrong.errors()) == {"name"}
    assert len(reading().scalars(select(ApiToken)).all()) == 1


def test_revoking_asks_first_and_shuts_out_at_once(
    app: Flask, cast: Cast, sign_in: Callable[[str], Desk]
) -> None:
    adam = sign_in("adam")
    program = Program(app, make_token("board", name="Board"))
    token = reading().scalars(select(ApiToken)).one()
    page = adam.get(f"/admin/tokens/{token.id}/revoke", language="en", status=200)
    program.get("/branches")
    adam.submit(page, action=f"/admin/tokens/{token.id}/revoke", status=302)
    program.get("/branches", status=401)
    assert "Revoked" in adam.get("/admin/tokens", language="en").main


def test_only_administrators_come_here(cast: Cast, sign_in: Callable[[str], Desk]) -> None:
    sara = sign_in("sara")
    for path in ("/admin/tokens", "/admin/tokens/new", "/admin/tokens/1/revoke"):
        sara.get(path, status=403)


def test_it_is_seen_where_programs_are_told_of_events(cast: Cast, sign_in: Callable[[str], Desk]) -> None:
    with transaction() as session:
        webhook = Webhook(
            program="City", url="https://city.example.org/events?key=hidden", events=["ticket.called"],
            secret="nobody reads this here", created_at=clock.now(), ticket_seen=0, outbox_seen=0,
            free_at=clock.now(),
        )  # fmt: skip
        session.add(webhook)
        session.flush()
        lost = WebhookDelivery(
            token="abc", webhook_id=webhook.id, source="ticket_event", source_id=1, event="ticket.called",
            body={}, happened_at=clock.now(), state="given_up", due_at=clock.now(), give_up_at=clock.now(),
            last_error="HTTP 503",
        )  # fmt: skip
        session.add(lost)
    page = sign_in("adam").get("/admin/tokens", language="en")
    assert "https://city.example.org/events" in page.main
    assert "HTTP 503" in page.main
    assert "hidden" not in page.main
    assert "nobody reads" not in page.main
