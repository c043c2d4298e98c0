"""Verbs of webhooks: subscribe, remove, replay; and what became of what was sent."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from govdesk import audit, clock
from govdesk.actor import Actor
from govdesk.errors import DeskError, NotFoundError
from govdesk.outbox import OutboxEvent
from govdesk.people.models import ApiToken
from govdesk.queue.models import TicketEvent
from govdesk.webhooks import addresses, rules
from govdesk.webhooks.models import Webhook, WebhookDelivery

SCOPE = "webhooks"
MOST = 20  # of one program
SHORTEST_SECRET = 16
KEPT = dt.timedelta(days=30)


@dataclass(frozen=True, slots=True)
class State:
    """A webhook with how many deliveries wait and were given up, and what was said last of these."""

    webhook: Webhook
    waiting: int
    given_up: int
    last_error: str | None


def subscribe(session: Session, *, actor: Actor, url: str, events: Sequence[str], secret: str) -> Webhook:
    """Tell a program of events from now on. Raises AddressError, DeskError beside `events` or `secret`.

    The address must have been resolved before this transaction: the name service may be slow.
    """
    addresses.read(url)
    if not events or set(events) - set(rules.EVENTS):
        raise DeskError("errors.choose_known", field="events", status=422)
    if len(secret) < SHORTEST_SECRET:
        raise DeskError("webhooks.secret_short", field="secret", status=422, least=SHORTEST_SECRET)
    token = session.get_one(ApiToken, int(actor.id), with_for_update=True)
    if len(known(session, program=token.name)) >= MOST:
        raise DeskError("webhooks.too_many", status=409, most=MOST)
    webhook = Webhook(
        program=token.name, branch_id=token.branch_id, url=url, secret=secret, created_at=clock.now(),
        events=[event for event in rules.EVENTS if event in events], free_at=clock.now(),
        ticket_seen=session.scalar(select(func.max(TicketEvent.id))) or 0,
        outbox_seen=session.scalar(select(func.max(OutboxEvent.id))) or 0,
    )  # fmt: skip
    session.add(webhook)
    session.flush()
    audit.record(
        session, actor=actor, action="webhook.added", subject=_subject(webhook),
        host=addresses.read(url).host, events=webhook.events,
    )  # fmt: skip
    return webhook


def remove(session: Session, *, actor: Actor, webhook: Webhook) -> None:
    """Tell it nothing more, and forget what was told."""
    session.execute(delete(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook.id))
    session.delete(webhook)
    audit.record(session, actor=actor, action="webhook.removed", subject=_subject(webhook))


def replay(
    session: Session,
    *,
    actor: Actor,
    webhook: Webhook,
    delivery: str | None = None,
    since: dt.datetime | None = None,
) -> int:
    """Send one delivery again, or all whose event happened since a moment; how many.

    Each keeps its name, by which a receiver knows it again, and has a whole day once more. NotFoundError for
    a delivery that is not this webhook's, or is forgotten.
    """
    wanted = [WebhookDelivery.webhook_id == webhook.id]
    if delivery is not None:
        wanted.append(WebhookDelivery.token == delivery)
    if since is not None:
        wanted.append(WebhookDelivery.happened_at >= since)
    now = clock.now()
    again = (
        update(WebhookDelivery)
        .where(*wanted)
        .values(
            state="waiting", attempts=0, due_at=now, give_up_at=now + rules.GIVEN_UP_AFTER, last_error=None,
            ended_at=None,
        )
        .returning(WebhookDelivery.id)
    )  # fmt: skip
    count = len(session.execute(again.execution_options(synchronize_session=False)).all())
    if delivery is not None and not count:
        raise NotFoundError("webhooks.delivery_unknown", field="delivery")
    audit.record(session, actor=actor, action="webhook.replayed", subject=_subject(webhook), count=count)
    return count


def known(session: Session, *, program: str | None = None) -> list[Webhook]:
    """All webhooks, or those of a program."""
    query = select(Webhook).order_by(Webhook.program, Webhook.id)
    return list(session.scalars(query if program is None else query.where(Webhook.program == program)))


def of_program(session: Session, actor: Actor) -> list[Webhook]:
    """The webhooks of the program that shows a token, in the places that it may see."""
    name = session.scalars(select(ApiToken.name).where(ApiToken.id == int(actor.id))).one()
    own = known(session, program=name)
    return [one for one in own if actor.branch_ids is None or one.branch_id in actor.branch_ids]


def states(session: Session, webhooks: Sequence[Webhook]) -> list[State]:
    """How each of these stands."""
    rows = session.execute(
        select(WebhookDelivery.webhook_id, WebhookDelivery.state, func.count(), func.max(WebhookDelivery.id))
        .where(WebhookDelivery.webhook_id.in_([one.id for one in webhooks]))
        .where((WebhookDelivery.state == "given_up") | WebhookDelivery.last_error.is_not(None)
               | (WebhookDelivery.state == "waiting"))
        .group_by(WebhookDelivery.webhook_id, WebhookDelivery.state)
    ).all()  # fmt: skip
    counts = {(row[0], row[1]): (row[2], row[3]) for row in rows}
    found = []
    for one in webhooks:
        waiting, given_up = counts.get((one.id, "waiting"), (0, 0)), counts.get((one.id, "given_up"), (0, 0))
        failing = select(WebhookDelivery.last_error).where(
            WebhookDelivery.webhook_id == one.id,
            WebhookDelivery.state.in_(("waiting", "given_up")),
            WebhookDelivery.last_error.is_not(None),
        )
        last = session.scalars(failing.order_by(WebhookDelivery.id.desc()).limit(1)).one_or_none()
        found.append(State(one, waiting[0], given_up[0], last))
    return found


def is_let_in(session: Session, webhook: Webhook) -> bool:
    """Whether its program still has a token that may be told: revoked, it ends; renewed, it goes on."""
    live = select(ApiToken).where(
        ApiToken.name == webhook.program, ApiToken.revoked_at.is_(None), ApiToken.expires_at > clock.now()
    )
    return any(
        SCOPE in token.scopes and token.branch_id in (None, webhook.branch_id)
        for token in session.scalars(live)
    )


def forget_old(session: Session) -> int:
    """Forget what was told, or given up, long ago; how many."""
    old = delete(WebhookDelivery).where(WebhookDelivery.ended_at < clock.now() - KEPT)
    return len(session.execute(old.returning(WebhookDelivery.id)).all())


def _subject(webhook: Webhook) -> str:
    return f"webhook:{webhook.id}"
