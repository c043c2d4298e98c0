"""Help before a second journey: offered as soon as somebody books for a need that we failed to meet."""

import datetime as dt
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from govdesk import audit, clock, i18n, outbox
from govdesk.actor import SYSTEM, Actor
from govdesk.booking import service as booking
from govdesk.booking.models import Appointment
from govdesk.booking.telling import when
from govdesk.cases import places_ahead
from govdesk.cases.past import history
from govdesk.cases.returns.models import HelpOffer, HelpStep, ReturnWords
from govdesk.cases.returns.rules import ASKED, ENDINGS, LONGEST_WISH, WISHES, leads_to
from govdesk.cases.units import holds, within
from govdesk.catalog.models import Branch
from govdesk.config import settings
from govdesk.errors import DeskError, NotFoundError
from govdesk.notify import service as messages
from govdesk.people.models import Person
from govdesk.queue.models import Ticket

HELPERS = ("officer", "reception", "supervisor", "head")
THEIRS = "citizen_side"  # the one cause of a failed visit that is not ours
PAGE = "/appointment/{}/help"  # of the citizen
TOLD_WITHIN = dt.timedelta(days=2)


class HelpError(DeskError):
    """A wish or an answer that cannot be taken so; the field says where."""

    key = "returns.help_over"
    status = 409


def offer_help(session: Session, payload: dict[str, Any]) -> None:
    """Hear `appointment.booked`: to whom would be a return by the rules, offer help, once, and apologise."""
    appointment = session.get(Appointment, payload["appointment_id"])
    if appointment is None or appointment.state != "booked" or appointment.person_id is None:
        return
    if of_appointment(session, appointment.id) is not None:
        return
    past = history(
        session,
        person_id=appointment.person_id,
        family=appointment.service.family,
        object_ref=appointment.object_ref,
        at=appointment.starts_at,
        branch=appointment.branch,
    )
    if past is None or not past.is_failure:
        return
    offer = HelpOffer(
        appointment_id=appointment.id, person_id=appointment.person_id, branch_id=past.last.branch_id,
        service_id=past.last.service_id, last_source=past.last.source, last_visit_no=past.last.visit_no,
        last_on=past.last.ended_on, cause=past.last.cause, state="offered", wish=None, words="",
        made_at=clock.now(),
    )  # fmt: skip
    session.add(offer)
    session.flush()
    _note(session, offer, "offered", SYSTEM)
    outbox.emit(session, "help.offered", offer_id=offer.id)
    _tell(session, offer, "help_before_visit", expires_at=appointment.starts_at)


def of_appointment(session: Session, appointment_id: int) -> HelpOffer | None:
    """The offer made for an appointment."""
    query = select(HelpOffer).where(HelpOffer.appointment_id == appointment_id)
    return session.scalars(query).unique().one_or_none()


def open_offer(session: Session, appointment: Appointment) -> HelpOffer | None:
    """The offer whose page its person may use: before the appointment, and while it is theirs."""
    offer = of_appointment(session, appointment.id)
    if offer is None or offer.person_id != appointment.person_id:
        return None
    return offer if appointment.state == "booked" and appointment.starts_at > clock.now() else None


def wish(
    session: Session,
    *,
    actor: Actor,
    appointment: Appointment,
    wanted: str,
    words: str = "",
    phone: str | None = None,
) -> HelpOffer:
    """Ask to be called, write what went wrong, or say that one comes all the same; the last word counts.

    `phone` (E.164) is where they want to be called, else the number we know. HelpError beside `wish`,
    `words` or `phone`; when there is no offer, or its time is over.
    """
    offer = open_offer(session, appointment)
    if offer is None:
        raise HelpError
    session.refresh(offer, ["state"], with_for_update=True)
    said = words.strip()
    if wanted not in WISHES:
        raise HelpError("errors.choose", field="wish", status=422)
    if len(said) > LONGEST_WISH:
        raise HelpError("returns.words_long", field="words", status=422, longest=LONGEST_WISH)
    if wanted == "write" and not said:
        raise HelpError("returns.words_missing", field="words", status=422)
    if wanted == "call" and phone is None and not phone_of(session, offer):
        raise HelpError("returns.phone_missing", field="phone", status=422)
    _step(session, offer, "wished" if wanted in ASKED else "coming", actor, wish=wanted)
    offer.wish, offer.words, offer.asked_at = wanted, said, clock.now()
    offer.phone = phone if wanted == "call" else None
    if wanted == "come":
        family = offer.appointment.service.family
        about = f"help_offer:{offer.id}"
        places_ahead.give(session, actor=actor, about=about, person_id=offer.person_id, family=family)
    session.flush()
    outbox.emit(session, "help.wished", offer_id=offer.id, wish=wanted)
    return offer


def settle(
    session: Session, *, actor: Actor, offer_id: int, ending: str, words: str = "", cancels: bool = False
) -> HelpOffer:
    """Note what came of a wish: solved without a visit, answered, or tried and not reached.

    `words` are told to the person; where it was solved the appointment may be given up with it. HelpError
    beside `ending` or `words`, or when it is settled already; NotFoundError, also to another unit.
    """
    offer = session.get(HelpOffer, offer_id, with_for_update={"of": HelpOffer})
    if offer is None or not may_help(actor, offer):
        raise NotFoundError
    said = words.strip()
    if ending not in ENDINGS:
        raise HelpError("errors.choose", field="ending", status=422)
    if ending != "not_reached" and not said:
        raise HelpError("returns.answer_missing", field="words", status=422)
    if len(said) > LONGEST_WISH:
        raise HelpError("returns.words_long", field="words", status=422, longest=LONGEST_WISH)
    _step(session, offer, ending, actor, **({"words": said} if said else {}))
    session.flush()
    outbox.emit(session, "help.settled", offer_id=offer.id, ending=ending)
    if ending == "not_reached":
        return offer
    offer.phone = None
    key = "help_solved" if ending == "solved" else "help_answered"
    _tell(session, offer, key, expires_at=clock.now() + TOLD_WITHIN, said=said)
    if ending == "solved" and cancels and offer.appointment.state == "booked":
        booking.cancel(session, actor=actor, appointment=offer.appointment)
    return offer


def asked(session: Session, actor: Actor) -> list[HelpOffer]:
    """Who waits for help from somebody's units, the next appointment first."""
    query = select(HelpOffer).join(Appointment, Appointment.id == HelpOffer.appointment_id)
    query = query.where(HelpOffer.state == "asked", within(actor, HELPERS, HelpOffer))
    return list(session.scalars(query.order_by(Appointment.starts_at, HelpOffer.id)).unique())


def count_asked(session: Session, actor: Actor) -> int:
    """How many wait for help from somebody's units."""
    mine = HelpOffer.state == "asked", within(actor, HELPERS, HelpOffer)
    return session.scalar(select(func.count()).select_from(HelpOffer).where(*mine)) or 0


def may_help(actor: Actor, offer: HelpOffer) -> bool:
    """Whether somebody belongs to the unit whose visit failed."""
    return holds(actor, HELPERS, branch_id=offer.branch_id, service=offer.service)


def phone_of(session: Session, offer: HelpOffer) -> str | None:
    """Where somebody wants to be called: as they said, else as we know."""
    contact = session.get_one(Person, offer.person_id).contact
    return offer.phone or (contact.phone if contact is not None else None)


def is_ours(session: Session, ticket: Ticket) -> bool:
    """Whether a ticket is of a booking for which help was offered, and the fault was not the person's."""
    offer = of_appointment(session, ticket.appointment_id) if ticket.appointment_id is not None else None
    return offer is not None and offer.person_id == ticket.person_id and offer.cause != THEIRS


def forget_person(session: Session, payload: dict[str, Any]) -> None:
    """Hear `person.contact_removed`: what they said of themselves in words goes, and their number."""
    own = select(Ticket.id).where(Ticket.person_id == payload["person_id"])
    session.execute(update(ReturnWords).where(ReturnWords.ticket_id.in_(own)).values(words=""))
    of_person = HelpOffer.person_id == payload["person_id"]
    session.execute(update(HelpOffer).where(of_person).values(words="", phone=None))


def _step(session: Session, offer: HelpOffer, kind: str, actor: Actor, **detail: Any) -> None:
    state = leads_to(kind, offer.state)
    if state is None:
        raise HelpError
    offer.state = state
    _note(session, offer, kind, actor, **detail)


def _note(session: Session, offer: HelpOffer, kind: str, actor: Actor, **detail: Any) -> None:
    session.add(HelpStep(offer_id=offer.id, at=clock.now(), kind=kind, actor=actor.label, detail=detail))
    session.flush()
    told = {name: value for name, value in detail.items() if name != "words"}
    audit.record(session, actor=actor, action=f"help.{kind}", subject=f"help_offer:{offer.id}", **told)


def _tell(session: Session, offer: HelpOffer, key: str, *, expires_at: dt.datetime, said: str = "") -> None:
    appointment = offer.appointment
    branch = session.get_one(Branch, appointment.branch_id)
    with i18n.speaking(appointment.language):
        values = {
            "service": i18n.named(appointment.service),
            "branch": i18n.named(branch),
            "when": when(appointment.starts_at, branch.timezone),
            "before": i18n.date_long(offer.last_on),
            "said": said,
            "link": settings().base_address + PAGE.format(appointment.link_token),
        }
    messages.queue(
        session, key=key, about=f"appointment:{appointment.id}", language=appointment.language,
        values=values, person=session.get(Person, offer.person_id), expires_at=expires_at,
        zone=branch.timezone,
    )  # fmt: skip
