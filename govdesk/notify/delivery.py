"""Delivery: messages that are due go out, outside every transaction, at least once.

1. A transaction claims the most urgent due messages: each counts an attempt and is due again when the lease
   ends. On PostgreSQL two that claim at once skip each other's rows; SQLite has one writer.
2. Each is read once more, so that what was dropped meanwhile stays here, and is handed to its transport.
   No lock is held, however slow a mail server is.
3. Another transaction notes what came of it.
Killed between 2 and 3, a message was sent and nobody knows: when its lease has ended it goes out again, with
the same Message-ID or key, by which a provider may know it. Killed between 1 and 2, it goes out late.
"""

import datetime as dt
import logging
from collections.abc import Mapping, Sequence

from sqlalchemy import case, delete, or_, select, update
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.config import settings
from govdesk.db import reading, transaction
from govdesk.notify import files, mail, rules, service, sms, templates
from govdesk.notify.letters import (
    Attached,
    ChannelDownError,
    Letter,
    NotNowError,
    OwnFaultError,
    RefusedError,
    Transport,
)
from govdesk.notify.models import Message, MessageEnclosure

LEASE = dt.timedelta(minutes=5)  # longer than a whole batch takes when each one times out
BATCH, BATCHES = 20, 25
VALUES_KEPT, KEPT = dt.timedelta(days=30), dt.timedelta(days=400)
log = logging.getLogger("govdesk.messages")


def transports() -> dict[str, Transport]:
    """How each channel leaves this installation: by what is set, else into files."""
    here = settings()
    return {
        "email": mail.send if here.leaves_by("email") else files.write,
        "sms": sms.send if here.leaves_by("sms") else files.write,
    }


def run_send() -> int:
    """The job: send what is due."""
    return send_due(transports())


def send_due(ways: Mapping[str, Transport]) -> int:
    """Send what is due now, the most urgent first; how many went out."""
    sent = 0
    for _ in range(BATCHES):
        if not _is_any_due():
            break
        with transaction() as session:
            claimed = claim(session)
        if not claimed:
            break
        sent += _send_all(claimed, ways)
    return sent


def claim(session: Session) -> Sequence[int]:
    """Give up on what is too late, and claim the most urgent of what is due; their ids."""
    now = clock.now()
    waiting = Message.state == "queued"
    session.execute(
        update(Message)
        .where(waiting, Message.expires_at <= now)
        .values(
            state=case(
                (Message.attempts == 0, "dropped"), (Message.is_own_fault, "not_sent"), else_="failed"
            ),
            ended_at=now,
        )
        .execution_options(synchronize_session=False)
    )
    ids = session.scalars(
        select(Message.id)
        .where(waiting, Message.due_at <= now)
        .order_by(Message.expires_at, Message.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    session.execute(
        update(Message)
        .where(Message.id.in_(ids))
        .values(due_at=now + LEASE, attempts=Message.attempts + 1)
        .execution_options(synchronize_session=False)
    )
    return ids


def letter_of(session: Session, message: Message) -> Letter | None:
    """Write the letter of a message; None where nobody can be reached or its values can no longer be read."""
    to = service.address_of(session, message)
    if to is None or message.values is None:
        return None
    wanted = message.key, message.channel, message.language, message.version
    text = templates.version(session, *wanted)
    kind = templates.kind_of(message.key)
    found = session.get(MessageEnclosure, message.id) if kind.has_enclosure else None
    file = found and found.enclosure
    return Letter(
        token=message.token, channel=message.channel, language=message.language, to=to,
        subject=rules.render(text.subject, message.values), text=rules.render(text.body, message.values),
        stop_link=message.values.get("stop_link", "") if kind.stopped_by is not None else "",
        attached=Attached(file.name, file.mimetype, file.content) if file else None,
    )  # fmt: skip


def forget_old(session: Session) -> int:
    """Forget what ended messages said, later the messages themselves; how many were removed."""
    now = clock.now()
    session.execute(
        update(Message)
        .where(Message.ended_at < now - VALUES_KEPT, Message.values.is_not(None))
        .values({"values": None, "address": None})
    )
    old = delete(Message).where(Message.ended_at < now - KEPT).returning(Message.id)
    return len(session.execute(old).all())


def _is_any_due() -> bool:
    """Look before taking the writer's place: most of the time nothing is due."""
    now = clock.now()
    due = select(Message.id).where(
        Message.state == "queued", or_(Message.due_at <= now, Message.expires_at <= now)
    )
    found = reading().scalar(due.limit(1)) is not None
    reading().rollback()
    return found


def _send_all(ids: Sequence[int], ways: Mapping[str, Transport]) -> int:
    """Send these one after the other; what is down is not asked again for each. How many went out."""
    sent, down = 0, dict[str, Transport]()
    for message_id in ids:
        message = reading().get(Message, message_id, populate_existing=True)
        if message is None or message.state != "queued":
            reading().rollback()
            continue
        letter = letter_of(reading(), message)
        reading().rollback()
        if letter is None:
            _note(message_id, None, state="dropped", last_error="no address")
            continue
        failure = _send(letter, {**ways, **down}, message_id)
        sent += failure is None
        if isinstance(failure, ChannelDownError):
            down[letter.channel] = _raising(failure)
    return sent


def _send(letter: Letter, ways: Mapping[str, Transport], message_id: int) -> Exception | None:
    """Send one and note what came of it; why it did not go."""
    try:
        provider_id = ways[letter.channel](letter)
    except RefusedError as refused:
        _note(message_id, letter, state="undeliverable", last_error=_words(refused, letter))
        return refused
    except Exception as failed:  # noqa: BLE001 - whatever it is, it delays this message and no other
        log.warning("message %s was not sent: %s", message_id, _words(failed, letter))
        _postpone(message_id, letter, failed)
        return failed
    _note(message_id, letter, state="sent", provider_id=provider_id, last_error=None)
    return None


def _raising(error: Exception) -> Transport:
    def refuse(_letter: Letter) -> None:
        raise error

    return refuse


def _note(message_id: int, letter: Letter | None, *, state: str, **found: str | None) -> None:
    """Note how a message ended; one that its address refuses is tried on the person's other channel."""
    with transaction() as session:
        message = session.get_one(Message, message_id, with_for_update=True)
        if state == "sent" and message.state in ("delivered", "undeliverable"):  # its receipt was faster
            message.provider_id = found.get("provider_id")
            return
        message.state, message.ended_at, message.is_own_fault = state, clock.now(), False
        for name, value in found.items():
            setattr(message, name, value)
        if letter is not None:
            message.shown = service.masked(letter.to)
        if templates.kind_of(message.key).is_secret and state == "sent":
            message.values = None
        if state == "undeliverable":
            service.queue_again(session, message)


def _postpone(message_id: int, letter: Letter, error: Exception) -> None:
    with transaction() as session:
        message = session.get_one(Message, message_id)
        message.due_at = clock.now() + rules.delay_after(message.attempts)
        message.last_error = _words(error, letter)
        message.is_own_fault = isinstance(error, OwnFaultError) or not isinstance(error, NotNowError)
        message.shown = service.masked(letter.to)


def _words(error: Exception, letter: Letter) -> str:
    """Why, without the address that servers like to repeat."""
    is_plain = isinstance(error, RefusedError | NotNowError)
    text = f"{error}" if is_plain else f"{type(error).__name__}: {error}"
    for own in (letter.to, letter.to.lstrip("+")):
        text = text.replace(own, service.masked(letter.to))
    return text[:500]
