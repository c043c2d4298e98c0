"""Delivery to webhooks: outside every transaction, at least once, and nobody waits for another's server.

1. A transaction claims the webhooks for which something is due: none is claimed again before its lease ends.
2. A thread for each sends what is due, one after the other, with a time-out. No lock is held meanwhile.
3. What came of each is noted in a transaction of its own; at the end the webhook is free again.
Killed between 2 and 3, a delivery goes out again when the lease has ended, under the same name. A server that
cannot be reached rests as a whole; an answer that is no success delays that delivery alone. After a day a
delivery is given up, and shown so.
"""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from govdesk import abreast, clock
from govdesk.db import reading, transaction
from govdesk.webhooks import posting, rules, service
from govdesk.webhooks.models import Webhook, WebhookDelivery

LEASE = timedelta(minutes=5)  # longer than a whole batch takes when each takes the whole deadline
BATCH, AT_ONCE = 20, 8
PATIENCE = 1.0  # seconds; who is slower is sent to while others go on
WELL = range(200, 300)
log = logging.getLogger("govdesk.webhooks")
Post = Callable[[str, Mapping[str, str], bytes], int]


def run_send() -> int:
    """The job: send what is due; how many arrived while it looked."""
    return send_due(posting.post, patience=PATIENCE)


def send_due(post: Post, *, patience: float | None = None) -> int:
    """Send what is due to each webhook, in a thread each; waits so many seconds for them, or for all."""
    claimed = _claim_due()
    return abreast.each(lambda webhook_id: _send(webhook_id, post), claimed, patience=patience)


def _claim_due() -> Sequence[int]:
    now = clock.now()
    is_due = exists().where(
        WebhookDelivery.webhook_id == Webhook.id,
        WebhookDelivery.state == "waiting",
        WebhookDelivery.due_at <= now,
    )
    free = select(Webhook.id).where(Webhook.free_at <= now, is_due).order_by(Webhook.free_at).limit(AT_ONCE)
    is_any = reading().scalar(free.limit(1)) is not None
    reading().rollback()
    if not is_any:
        return ()
    with transaction(patient=True) as session:
        claimed = session.scalars(free.with_for_update(skip_locked=True)).all()
        session.execute(update(Webhook).where(Webhook.id.in_(claimed)).values(free_at=now + LEASE))
    return claimed


def _send(webhook_id: int, post: Post) -> int:
    """Send what is due to one webhook; how many arrived. Whatever happens, it is free again afterwards."""
    arrived, rest = 0, rules.FIRST_DELAY
    try:
        arrived, rest = _send_batch(webhook_id, post)
    except Exception:
        log.exception("webhook %s was not sent to", webhook_id)
    with transaction(patient=True) as session:
        free = update(Webhook).where(Webhook.id == webhook_id).values(free_at=clock.now() + rest)
        session.execute(free)
    return arrived


def _send_batch(webhook_id: int, post: Post) -> tuple[int, timedelta]:
    """How many arrived, and how long the webhook rests because nobody answered there."""
    session = reading()
    webhook = session.get_one(Webhook, webhook_id)
    url, secret, is_let_in = webhook.url, webhook.secret, service.is_let_in(session, webhook)
    due = select(WebhookDelivery.id, WebhookDelivery.token, WebhookDelivery.body).where(
        WebhookDelivery.webhook_id == webhook_id,
        WebhookDelivery.state == "waiting",
        WebhookDelivery.due_at <= clock.now(),
    )
    rows = session.execute(due.order_by(WebhookDelivery.id).limit(BATCH)).all()
    session.rollback()
    arrived = 0
    for delivery_id, token, told in rows:
        if not is_let_in or secret is None:
            _note(delivery_id, "token" if secret is not None else "secret", is_over=True)
            continue
        body = json.dumps(told, separators=(",", ":")).encode()
        try:
            status = post(url, _headers(token, secret, body), body)
        except posting.UnreachedError as problem:
            return arrived, _note(delivery_id, str(problem))
        if status in WELL:
            arrived += 1
            _note(delivery_id, None)
        else:
            _note(delivery_id, f"HTTP {status}")
    return arrived, timedelta()


def _headers(token: str, secret: str, body: bytes) -> dict[str, str]:
    timestamp = str(int(clock.world().timestamp()))
    return {
        "Content-Type": "application/json",
        "User-Agent": "govdesk",
        "Connection": "close",
        "X-Govdesk-Delivery": token,
        "X-Govdesk-Timestamp": timestamp,
        "X-Govdesk-Signature": rules.signature(secret, timestamp, body),
    }


def _note(delivery_id: int, error: str | None, *, is_over: bool = False) -> timedelta:
    """Note what came of one; how long until it is tried again."""
    with transaction(patient=True) as session:
        return _noted(session, delivery_id, error, is_over=is_over)


def _noted(session: Session, delivery_id: int, error: str | None, *, is_over: bool) -> timedelta:
    delivery = session.get(WebhookDelivery, delivery_id, with_for_update=True)
    if delivery is None:  # the webhook was removed meanwhile
        return timedelta()
    now = clock.now()
    delivery.attempts += 1
    delivery.last_error = error
    if error is None:
        delivery.state, delivery.ended_at = "delivered", now
        return timedelta()
    delay = rules.delay_after(delivery.attempts)
    delivery.due_at = now + delay
    if is_over or delivery.due_at >= delivery.give_up_at:
        delivery.state, delivery.ended_at = "given_up", now
    return delay
