"""From what happened to what is told: events become deliveries, each once for each webhook.

Nothing is written while somebody is called: the events of tickets and the outbox are read afterwards.

1. Read, past what the webhook has seen, the rows whose event it wants and for which no delivery stands.
2. Add a delivery for each; the unique constraint on webhook and source lets no second one in.
3. What lies half a minute back counts as seen. Ids are given before their transactions commit, so a younger
   id may be there first; until then the same rows are looked at again.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from govdesk import chance, clock
from govdesk.booking.models import Appointment
from govdesk.cases.recall.models import Recall
from govdesk.catalog.models import Branch, PublicService
from govdesk.config import settings
from govdesk.db import reading, transaction
from govdesk.feedback.asking.models import Wave
from govdesk.outbox import OutboxEvent
from govdesk.queue.models import Ticket, TicketEvent
from govdesk.webhooks import rules
from govdesk.webhooks.models import Webhook, WebhookDelivery

KINDS = {"ticket.issued": "issued", "ticket.called": "called"}  # the others are told by the outbox
SETTLED = dt.timedelta(seconds=30)
BATCH = 500
SKIPPED = 1000  # so many rows that nobody wants are noted as seen, and not each


@dataclass(frozen=True, slots=True)
class Counted:
    """How many answered a questionnaire in a week (None: too few to say); of no branch, person or moment."""

    questionnaire: str
    week: str
    count: int | None
    branch_id: None = None


@dataclass(frozen=True, slots=True)
class Closed:
    """A wave that is over, of all branches."""

    wave: Wave
    branch_id: None = None


@dataclass(frozen=True, slots=True)
class Recalled:
    """A recall that began or ended; of a branch where all of it happened there. Nothing of anybody in it."""

    recall: Recall
    branch_id: int | None


Subject = Ticket | Appointment | Counted | Closed | Recalled


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened: where it is written, what, when, and what it is about."""

    source: str
    source_id: int
    event: str
    at: dt.datetime
    subject: Subject


def run_gather() -> int:
    """The job: write the deliveries of what is new, a transaction for each webhook; how many."""
    session = reading()
    waiting = [webhook.id for webhook in session.scalars(select(Webhook)) if _is_any(session, webhook)]
    session.rollback()
    count = 0
    for webhook_id in waiting:
        with transaction(patient=True) as writing:
            webhook = writing.get(Webhook, webhook_id, with_for_update=True)
            if webhook is not None:
                count += gather(writing, webhook)
    return count


def gather(session: Session, webhook: Webhook) -> int:
    """Add the deliveries of what is new to a webhook; how many."""
    tickets, told = list(_tickets(session, webhook)), list(_outbox(session, webhook))
    found = [*tickets, *told]
    added = 0
    for one in sorted(found, key=_order):
        if webhook.branch_id in (None, one.subject.branch_id):
            session.add(_delivery(session, webhook, one))
            added += 1
    webhook.ticket_seen = _seen(session, TicketEvent.id, TicketEvent.at, webhook.ticket_seen, tickets)
    webhook.outbox_seen = _seen(session, OutboxEvent.id, OutboxEvent.created_at, webhook.outbox_seen, told)
    return added


def _order(one: Happening) -> tuple[dt.datetime, int, int]:
    """By the moment; of one moment as the events follow each other."""
    return one.at, rules.EVENTS.index(one.event), one.source_id


def _is_any(session: Session, webhook: Webhook) -> bool:
    """Look before taking the writer's place."""
    newest = session.scalar(select(func.max(TicketEvent.id))) or 0
    newest_told = session.scalar(select(func.max(OutboxEvent.id))) or 0
    if newest - webhook.ticket_seen > SKIPPED or newest_told - webhook.outbox_seen > SKIPPED:
        return True
    if newest < webhook.ticket_seen or newest_told < webhook.outbox_seen:
        return True  # a table was emptied and counts from the beginning
    return any(True for _ in _tickets(session, webhook)) or any(True for _ in _outbox(session, webhook))


def _tickets(session: Session, webhook: Webhook) -> Iterator[Happening]:
    names = {kind: event for event, kind in KINDS.items() if event in webhook.events}
    if not names:
        return
    rows = session.execute(
        select(TicketEvent, Ticket)
        .join(Ticket, Ticket.id == TicketEvent.ticket_id)
        .where(
            TicketEvent.id > webhook.ticket_seen,
            TicketEvent.kind.in_(names),
            TicketEvent.at >= webhook.created_at,
            ~_is_told(webhook, "ticket_event", TicketEvent.id),
        )
        .order_by(TicketEvent.id)
        .limit(BATCH)
    )
    for event, ticket in rows.all():
        yield Happening("ticket_event", event.id, names[event.kind], event.at, ticket)


def _outbox(session: Session, webhook: Webhook) -> Iterator[Happening]:
    names = [event for event in webhook.events if event not in KINDS]
    if not names:
        return
    rows = session.scalars(
        select(OutboxEvent)
        .where(
            OutboxEvent.id > webhook.outbox_seen,
            OutboxEvent.name.in_(names),
            OutboxEvent.created_at >= webhook.created_at,
            ~_is_told(webhook, "outbox_event", OutboxEvent.id),
        )
        .order_by(OutboxEvent.id)
        .limit(BATCH)
    )
    for event in rows.all():
        subject = _subject(session, event.name, event.payload)
        if subject is not None:
            yield Happening("outbox_event", event.id, event.name, event.created_at, subject)


def _is_told(webhook: Webhook, source: str, source_id: Any) -> ColumnElement[bool]:
    return exists().where(
        WebhookDelivery.webhook_id == webhook.id,
        WebhookDelivery.source == source,
        WebhookDelivery.source_id == source_id,
    )


def _subject(session: Session, name: str, payload: dict[str, Any]) -> Subject | None:
    if name == "response.given":
        return Counted(payload["questionnaire"], payload["week"], payload["count"])
    if name == "wave.closed":
        wave = session.get(Wave, payload["wave_id"])
        return None if wave is None else Closed(wave)
    if "recall_id" in payload:
        recall = session.get(Recall, payload["recall_id"])
        return None if recall is None else Recalled(recall, recall.branch_id)
    if "ticket_id" in payload:
        return session.get(Ticket, payload["ticket_id"])
    return session.get(Appointment, payload["appointment_id"])


def _seen(session: Session, key: Any, at: Any, seen: int, found: Sequence[Happening]) -> int:
    """Up to where nothing is left; where a whole batch was found, there may be more behind it."""
    settled = session.scalar(select(func.max(key)).where(key > seen, at < clock.now() - SETTLED))
    if settled is None:
        return min(seen, session.scalar(select(func.max(key))) or 0)
    return min(settled, found[-1].source_id) if len(found) == BATCH else int(settled)


def _delivery(session: Session, webhook: Webhook, one: Happening) -> WebhookDelivery:
    token, now = chance.token(), clock.now()
    return WebhookDelivery(
        token=token, webhook_id=webhook.id, source=one.source, source_id=one.source_id, event=one.event,
        body={"delivery": token, "event": one.event, **_body(session, one)}, happened_at=one.at,
        state="waiting", due_at=now, give_up_at=now + rules.GIVEN_UP_AFTER,
    )  # fmt: skip


def _body(session: Session, one: Happening) -> dict[str, Any]:
    """What is told: ids, branch, service, moments; nothing of the person."""
    if isinstance(one.subject, Counted):
        told = one.subject
        return {"questionnaire": told.questionnaire, "week": told.week, "count": told.count}
    if isinstance(one.subject, Closed):
        return _wave(one.at, one.subject.wave)
    if isinstance(one.subject, Recalled):
        return _recall(session, one.at, one.subject.recall)
    branch = session.get_one(Branch, one.subject.branch_id)
    zone = ZoneInfo(branch.timezone)
    common = {
        "at": one.at.astimezone(zone).isoformat(timespec="seconds"),
        "branch": branch.code,
        "service": session.get_one(PublicService, one.subject.service_id).code,
    }
    if isinstance(one.subject, Ticket):
        ended = {"state": one.subject.state} if one.event == "ticket.ended" else {}
        return {**common, "ticket": one.subject.id, **ended}
    starts = one.subject.starts_at.astimezone(zone).isoformat(timespec="seconds")
    return {**common, "appointment": one.subject.id, "starts_at": starts}


def _recall(session: Session, at: dt.datetime, recall: Recall) -> dict[str, Any]:
    branch = session.get(Branch, recall.branch_id) if recall.branch_id is not None else None
    zone = ZoneInfo(branch.timezone if branch is not None else settings().default_timezone)
    return {
        "at": at.astimezone(zone).isoformat(timespec="seconds"),
        "recall": recall.id,
        "branch": branch.code if branch is not None else None,
        "due": recall.due_on.isoformat(),
    }


def _wave(at: dt.datetime, wave: Wave) -> dict[str, Any]:
    zone = ZoneInfo(settings().default_timezone)
    return {
        "at": at.astimezone(zone).isoformat(timespec="seconds"),
        "questionnaire": wave.programme.questionnaire.code,
        "wave": wave.id,
        "number": wave.number,
        "from": wave.from_on.isoformat(),
        "to": wave.to_on.isoformat(),
        "drawn": wave.drawn,
    }
