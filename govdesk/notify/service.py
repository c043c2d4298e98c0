"""Verbs of messages: queue, drop, stop; and whether somebody could be reached.

A message is queued in the transaction of what it tells of, so it leaves only if that committed. It is its own
record: no verb here but the person's own choice is told to the audit.
"""

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from govdesk import audit, chance, clock
from govdesk.actor import Actor
from govdesk.catalog.service import agency_of
from govdesk.config import settings
from govdesk.db import connection_of, table_of, written
from govdesk.i18n import named, speaking
from govdesk.notify import rules, templates
from govdesk.notify.kinds import KINDS, Kind
from govdesk.notify.models import Enclosure, Message, MessageEnclosure, OptOut
from govdesk.people.contact import masked_email, masked_phone
from govdesk.people.models import Person, PersonContact
from govdesk.prepared import Prepared

LOST = ("failed", "undeliverable")  # and not what our own fault kept here
Values = Mapping[str, str]
_messages = table_of(Message)
_DROP = Prepared(
    update(_messages)
    .where(_messages.c.about == bindparam("of_about"), _messages.c.state == written("queued"))
    .values(state="dropped", ended_at=bindparam("now"))
)


def queue(
    session: Session,
    *,
    key: str,
    about: str,
    language: str,
    values: Values,
    expires_at: dt.datetime,
    person: Person | None = None,
    address: str | None = None,
    send_after: dt.datetime | None = None,
    zone: str | None = None,
) -> Message | None:
    """Queue a message of a kind, to a person's contact or to one address (E.164 or e-mail).

    `values` are texts in the language of the message; what the kind knows and nobody gives is empty. `about`
    names what it is about (`appointment:12`), `zone` where its reader is, for the quiet hours. None where
    it cannot or must not be sent: nobody to reach, switched off by the person, or too late by `expires_at`
    (an answer, and what is not put off, goes at any hour).
    """
    kind = templates.kind_of(key)
    if person is not None and kind.stopped_by and is_stopped(session, person.id, kind.stopped_by):
        return None
    channels = [channel_of(address)] if address else _reachable(session, person)
    moment = _moment(kind, send_after or clock.now(), expires_at, zone or settings().default_timezone)
    if not channels or moment is None:
        return None
    return _put(
        session, kind, channels[0], about=about, language=language, values=values, person=person,
        address=address, moment=moment, expires_at=expires_at,
    )  # fmt: skip


def enclose(session: Session, message: Message, enclosure: Enclosure) -> None:
    """Let a file go along with a queued e-mail."""
    session.add(MessageEnclosure(message_id=message.id, enclosure_id=enclosure.id))


def queue_again(session: Session, message: Message) -> Message | None:
    """Queue on the person's other channel what one channel cannot bring; None where there is no other.

    Only one step: a message that has been sent around before is not sent around again.
    """
    if message.person is None or message.values is None or clock.now() >= message.expires_at:
        return None
    tried = select(Message.channel).where(Message.about == message.about, Message.key == message.key)
    used = set(session.scalars(tried.where(Message.state.in_(LOST))))
    left = [channel for channel in _reachable(session, message.person) if channel not in used]
    if not left:
        return None
    return _put(
        session, templates.kind_of(message.key), left[0], about=message.about, language=message.language,
        values=message.values, person=message.person, address=None, moment=clock.now(),
        expires_at=message.expires_at,
    )  # fmt: skip


def drop_about(session: Session, about: str, keys: Collection[str] | None = None) -> int:
    """Drop what still waits about a thing, of all kinds or of these; how many. What has left has left."""
    waiting = update(Message).where(Message.about == about, Message.state == "queued")
    if keys is not None:
        waiting = waiting.where(Message.key.in_(keys))
    dropped = waiting.values(state="dropped", ended_at=clock.now()).returning(Message.id)
    return len(session.execute(dropped.execution_options(synchronize_session="fetch")).all())


def drop_unsent(session: Session, about: str) -> None:
    """The same of all kinds, past the objects of the session: for what happens hundreds of times a second."""
    _DROP.run(connection_of(session), {"of_about": about, "now": clock.now()})


def forget_person(session: Session, payload: dict[str, Any]) -> None:
    """Drop what waits for a person whose contact was removed, and forget what was said to whom."""
    own = Message.person_id == payload["person_id"]
    waiting = update(Message).where(own, Message.state == "queued")
    session.execute(waiting.values(state="dropped", ended_at=clock.now()))
    session.execute(update(Message).where(own).values({"address": None, "values": None, "shown": None}))


def unreached(session: Session, abouts: Collection[str]) -> dict[str, str]:
    """For each thing whose last finished message did not arrive: the address, masked, that was tried last."""
    rows = session.execute(
        select(Message.about, Message.state, Message.shown)
        .where(Message.about.in_(abouts), Message.state.in_(("sent", "delivered", *LOST)))
        .order_by(Message.ended_at, Message.id)
    )
    last = {row.about: row for row in rows}
    return {about: row.shown or "" for about, row in last.items() if row.state in LOST}


def stop(session: Session, *, actor: Actor, person: Person, what: str) -> None:
    """Send a person no more of these, and drop what waits of them; twice is once."""
    if is_stopped(session, person.id, what):
        return
    session.add(OptOut(person_id=person.id, what=what, since=clock.now()))
    keys = [kind.key for kind in KINDS if kind.stopped_by == what]
    waiting = Message.person_id == person.id, Message.state == "queued", Message.key.in_(keys)
    session.execute(update(Message).where(*waiting).values(state="dropped", ended_at=clock.now()))
    audit.record(session, actor=actor, action="message.stopped", subject=f"person:{person.id}", what=what)


def resume(session: Session, *, actor: Actor, person: Person, what: str) -> None:
    """Send a person these again, from the next one on; twice is once."""
    own = delete(OptOut).where(OptOut.person_id == person.id, OptOut.what == what).returning(OptOut.what)
    if session.execute(own).first() is not None:
        subject = f"person:{person.id}"
        audit.record(session, actor=actor, action="message.resumed", subject=subject, what=what)


def is_stopped(session: Session, person_id: int, what: str) -> bool:
    """Whether a person has switched these off."""
    return session.get(OptOut, (person_id, what)) is not None


def channel_of(address: str) -> str:
    """Return by which channel an address is reached."""
    return "email" if "@" in address else "sms"


def address_of(session: Session, message: Message) -> str | None:
    """Return where a message goes; None when the person's contact is gone."""
    if message.address is not None:
        return str(message.address)
    contact = session.get(PersonContact, message.person_id) if message.person_id else None
    if contact is None:
        return None
    return contact.email if message.channel == "email" else contact.phone


def masked(address: str) -> str:
    """Return what its owner recognises of an address."""
    return masked_email(address) if "@" in address else masked_phone(address, settings().country)


def _reachable(session: Session, person: Person | None) -> list[str]:
    """The channels by which a person can be reached: first those that really leave the house, SMS before."""
    contact = session.get(PersonContact, person.id) if person is not None else None
    if contact is None:
        return []
    own = [channel for channel, to in (("sms", contact.phone), ("email", contact.email)) if to]
    return sorted(own, key=lambda channel: not settings().leaves_by(channel))


def _moment(kind: Kind, wanted: dt.datetime, expires_at: dt.datetime, zone: str) -> dt.datetime | None:
    """When it goes. A reminder that the quiet hours make late is none; a change is told even at night."""
    quiet = None if kind.is_answer else rules.Quiet(settings().quiet_from, settings().quiet_until)
    moment = rules.send_at(wanted, expires_at=expires_at, zone=zone, quiet=quiet)
    if moment is None and kind.stopped_by is None:
        moment = rules.send_at(wanted, expires_at=expires_at, zone=zone, quiet=None)
    return moment


def _put(
    session: Session, kind: Kind, channel: str, *, about: str, language: str, values: Values,
    person: Person | None, address: str | None, moment: dt.datetime, expires_at: dt.datetime,
) -> Message:  # fmt: skip
    text = templates.current(session, kind.key, channel, language)
    agency = agency_of(session)
    with speaking(language):
        common = {"agency": named(agency) if agency else ""}
    whole = dict.fromkeys(kind.values, "") | common | dict(values)
    body = rules.render(text.body, whole)
    message = Message(
        token=chance.token(), key=kind.key, channel=channel, language=language, version=text.version,
        person_id=person and person.id, address=address, values=whole, about=about, created_at=clock.now(),
        send_after=moment, due_at=moment, expires_at=expires_at, state="queued",
        parts=rules.sms_parts(body).count if channel == "sms" else 1,
    )  # fmt: skip
    session.add(message)
    session.flush()
    return message
