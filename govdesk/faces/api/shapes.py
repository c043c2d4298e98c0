"""How things look as JSON: moments with the offset of their branch, names in the caller's language."""

import datetime as dt
import functools
from zoneinfo import ZoneInfo

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import Session, object_session

from govdesk import i18n
from govdesk.booking.errors import Place
from govdesk.booking.models import Appointment
from govdesk.booking.visit import together
from govdesk.catalog.entries import Name
from govdesk.catalog.models import Branch, Counter
from govdesk.config import settings
from govdesk.i18n import Named
from govdesk.people.contact import masked_email, masked_phone
from govdesk.queue import counters, estimates, live
from govdesk.queue.models import CounterSession, Ticket

Json = dict[str, object]


def moment(at: dt.datetime, zone: str) -> str:
    """A moment as the branch's wall shows it, to the second, with its offset."""
    return at.astimezone(_zone(zone)).isoformat(timespec="seconds")


def names(thing: Named) -> Json:
    """The name in the caller's language, and in both."""
    return {"name": i18n.named(thing), "names": {"ar": thing.name_ar, "en": thing.name_en}}


def said(text: Name) -> str:
    """A text in the caller's language, or in the other."""
    return (text.ar or text.en) if i18n.language() == "ar" else (text.en or text.ar)


def place(found: Place, branch: Branch) -> Json:
    """A place that is free."""
    return {
        "id": found.slot_id,
        "starts_at": moment(found.starts_at, branch.timezone),
        "ends_at": moment(found.ends_at, branch.timezone),
        "branch": branch.code,
        "free": found.free,
    }


def appointment(booked: Appointment) -> Json:
    """An appointment, without whose it is; with the others of its visit, in the order of time."""
    session = object_session(booked)
    others = together.of_visit(session, booked) if session is not None else []
    return _appointment(booked) | {"visit": [_appointment(one) for one in others]}


def _appointment(booked: Appointment) -> Json:
    return {
        "reference": booked.reference,
        "id": booked.id,
        "state": booked.state,
        "kind": booked.kind,
        "service": booked.service.code,
        "branch": booked.branch.code,
        "starts_at": moment(booked.starts_at, booked.branch.timezone),
        "ends_at": moment(booked.ends_at, booked.branch.timezone),
    }


def contact(booked: Appointment) -> Json:
    """How the person is reached, as only they recognise it."""
    known = booked.person.contact if booked.person else None
    return {
        "phone": masked_phone(known.phone, settings().country) if known and known.phone else None,
        "email": masked_email(known.email) if known and known.email else None,
    }


def ticket(session: Session, given: Ticket) -> Json:
    """A ticket as its own page shows it: nobody's name, the place and the wait while it waits."""
    branch = session.get_one(Branch, given.branch_id)
    is_waiting = given.state == "waiting"
    quote = live.place_of(session, given) if is_waiting else None
    return {
        "id": given.id,
        "number": given.number,
        "branch": branch.code,
        "service": given.service.code,
        "state": given.state,
        "counter": given.counter.number if given.counter and not is_waiting else None,
        "arrived_at": moment(given.arrived_at, branch.timezone),
        "called_at": moment(given.called_at, branch.timezone) if given.called_at else None,
        "ahead": quote.ahead if quote else None,
        "wait": wait(quote),
        "status_url": url_for("ticket.show", token=given.token, _external=True),
    }


def counter(session: Session, shown: Counter) -> Json:
    """A counter now: whether somebody sits there, and the ticket that is called to it or served."""
    sitting = select(CounterSession.paused_at).where(
        CounterSession.counter_id == shown.id, CounterSession.closed_at.is_(None)
    )
    seat = session.execute(sitting).one_or_none()
    there = counters.ticket_at(session, shown.id)
    return {
        "id": shown.id,
        "number": shown.number,
        "branch": session.get_one(Branch, shown.branch_id).code,
        "state": "closed" if seat is None else "open" if seat.paused_at is None else "paused",
        "ticket": there.id if there else None,
    }


def wait(quote: estimates.Quote | None) -> Json | None:
    """A wait in whole minutes; None where nothing honest can be said."""
    return {"low": round(quote.low), "high": round(quote.high)} if quote else None


@functools.cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
