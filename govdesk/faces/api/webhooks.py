"""Events that a program wants to be told of: subscribe, look, remove, replay."""

from flask import Response, jsonify, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk.catalog.models import Branch
from govdesk.config import settings
from govdesk.db import reading
from govdesk.errors import NotFoundError
from govdesk.faces.api import paging, shapes
from govdesk.faces.api.fields import Field, InvalidError, body, query
from govdesk.faces.api.shapes import Json
from govdesk.once import once
from govdesk.web import actor
from govdesk.webhooks import addresses, rules, service
from govdesk.webhooks.models import Webhook, WebhookDelivery

ADD = (
    Field(
        name="url", kind="text", required=True, longest=addresses.LONGEST,
        example="https://city.example.org/events",
    ),
    Field(name="events", kind="texts", required=True, choices=rules.EVENTS, example=["ticket.called"]),
    Field(name="secret", kind="text", required=True, longest=200, example="a long random text, kept by both"),
)  # fmt: skip
REPLAY = (
    Field(name="delivery", kind="text", example="m3vHq0Zk"),
    Field(name="since", kind="moment", example="2026-10-04T08:00:00+03:00"),
)
OF_WEBHOOKS = paging.PAGED


def add() -> Response:
    """Be told of events from now on."""
    sent = body(ADD)

    def ready() -> None:
        addresses.resolve(addresses.read(sent["url"]))

    def act(session: Session) -> ResponseReturnValue:
        webhook = service.subscribe(session, actor=actor(), **sent)
        answer = jsonify(_shape(session, service.states(session, [webhook])[0]))
        answer.headers["Location"] = url_for("api.list_deliveries", webhook_id=webhook.id)
        return answer, 201

    return once(act, ready)


def known() -> Response:
    """What the program is told of, and how it stands."""
    session, asked = reading(), query(OF_WEBHOOKS)
    found = service.states(session, service.of_program(session, actor()))
    return paging.pages(found, asked, lambda one: (one.webhook.id,), lambda one: _shape(session, one))


def remove(webhook_id: int) -> Response:
    """Be told nothing more there."""

    def act(session: Session) -> ResponseReturnValue:
        service.remove(session, actor=actor(), webhook=_own(session, webhook_id))
        return Response(status=204)

    return once(act)


def deliveries(webhook_id: int) -> Response:
    """What was sent, the oldest first, and what became of it."""
    session, asked = reading(), query(OF_WEBHOOKS)
    webhook = _own(session, webhook_id)
    after = paging.position(asked, (0,))
    rows_of = select(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook.id)
    if after is not None:
        rows_of = rows_of.where(WebhookDelivery.id > after[0])
    rows = session.scalars(rows_of.order_by(WebhookDelivery.id).limit(paging.limit(asked) + 1)).all()
    zone = _zone(session, webhook)
    return paging.answer(rows, asked, lambda one: (one.id,), lambda one: _sent(one, zone))


def replay(webhook_id: int) -> Response:
    """Send a delivery again, or all since a moment."""
    sent = body(REPLAY)
    if (sent["delivery"] is None) == (sent["since"] is None):
        raise InvalidError.of("delivery", "api.delivery_or_since")

    def act(session: Session) -> ResponseReturnValue:
        count = service.replay(session, actor=actor(), webhook=_own(session, webhook_id), **sent)
        return jsonify({"count": count}), 202

    return once(act)


def _own(session: Session, webhook_id: int) -> Webhook:
    for one in service.of_program(session, actor()):
        if one.id == webhook_id:
            return one
    raise NotFoundError("webhooks.unknown")


def _zone(session: Session, webhook: Webhook) -> str:
    branch = session.get(Branch, webhook.branch_id) if webhook.branch_id else None
    return branch.timezone if branch else settings().default_timezone


def _shape(session: Session, state: service.State) -> Json:
    """A webhook as programs see it; its secret is never shown."""
    webhook = state.webhook
    branch = session.get(Branch, webhook.branch_id) if webhook.branch_id else None
    return {
        "id": webhook.id,
        "url": webhook.url,
        "events": webhook.events,
        "branch": branch.code if branch else None,
        "created_at": shapes.moment(webhook.created_at, _zone(session, webhook)),
        "waiting": state.waiting,
        "given_up": state.given_up,
        "last_error": state.last_error,
    }


def _sent(delivery: WebhookDelivery, zone: str) -> Json:
    is_waiting = delivery.state == "waiting"
    return {
        "id": delivery.token,
        "event": delivery.event,
        "at": shapes.moment(delivery.happened_at, zone),
        "state": delivery.state,
        "attempts": delivery.attempts,
        "due_at": shapes.moment(delivery.due_at, zone) if is_waiting else None,
        "last_error": delivery.last_error,
    }
