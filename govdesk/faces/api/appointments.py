"""Hold a place, book it, look, move, cancel, check in."""

from typing import Any

from flask import Response, jsonify, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk import clock, i18n
from govdesk.booking import service as booking
from govdesk.booking.errors import (
    AppointmentNotFoundError,
    AppointmentStateError,
    SlotUnknownError,
    TooManyBookingsError,
)
from govdesk.booking.models import Appointment, Slot
from govdesk.booking.slots import LARGEST_ID
from govdesk.catalog.scenarios import scenario_in_use
from govdesk.config import settings
from govdesk.db import reading
from govdesk.errors import DeskError
from govdesk.faces.api import proving, shapes
from govdesk.faces.api.fields import Field, InvalidError, body, no_body
from govdesk.faces.api.offers import service_of
from govdesk.once import once
from govdesk.people import service as people
from govdesk.people import tokens
from govdesk.people.contact import clean_email, clean_name, clean_phone
from govdesk.people.identity import Identity, IdentityKind, identify
from govdesk.people.models import Person, PersonContact
from govdesk.queue import service as queue
from govdesk.web import actor

DOCUMENTS: dict[str, IdentityKind] = {"citizen": "national", "resident": "residence", "visitor": "passport"}
SLOT = Field(name="slot", kind="whole", most=LARGEST_ID, example=4711)
SERVICE = Field(name="service", kind="text", example="renewal")
SCENARIO = Field(name="scenario", kind="text", example="lost")
LANGUAGE = Field(name="language", kind="text", choices=tuple(i18n.LANGUAGES), example="ar")
PERSON = (
    Field(name="name", kind="text", required=True, example="Nora Ali"),
    Field(name="phone", kind="text", example="+966501234567"),
    Field(name="email", kind="text", example="nora@example.org"),
    Field(name="identity", kind="text", example="1000000008"),
    Field(name="kind", kind="text", choices=tuple(DOCUMENTS), example="citizen"),
    LANGUAGE,
)
HOLD = (
    Field(name="slot", kind="whole", required=True, example=4711),
    Field(name="service", kind="text", required=True, example="renewal"),
    SCENARIO,
)
BOOK = (
    Field(name="hold", kind="text", example="m3vHq0Zk"),
    SLOT,
    SERVICE,
    SCENARIO,
    Field(name="person", kind="object", required=True, fields=PERSON),
    proving.CODE,
)
MOVE = (Field(name="slot", kind="whole", required=True, example=4712),)


def hold() -> Response:
    """Keep a place for five minutes."""
    sent = body(HOLD)
    return once(lambda session: _hold(session, sent))


def book() -> Response:
    """Book what is held, or a place at once."""
    sent = body(BOOK)
    if (sent["hold"] is None) == (sent["slot"] is None):
        raise InvalidError.of("hold", "api.hold_or_slot")
    if sent["slot"] is not None and sent["service"] is None:
        raise InvalidError.of("service", "api.missing")
    person = _read_person(sent["person"])
    contact, code = person["phone"] or person["email"], sent["code"]
    proven: list[str] = []

    def ready() -> None:
        if proving.is_needed(contact):
            proving.prove(contact, code)
            proven.append(code)

    try:
        return once(lambda session: _book(session, sent, person, is_proven=bool(proven)), ready)
    except Exception:
        if proven:
            proving.give_back(contact, code)
        raise


def show(reference: str) -> Response:
    """An appointment; a token for bookings also sees how its person is reached, masked."""
    found = visible(reading(), reference)
    shown = shapes.appointment(found)
    return jsonify(shown | {"contact": shapes.contact(found)} if actor().has("booking") else shown)


def cancel(reference: str) -> Response:
    """Give a place up. Cancelling twice is cancelling once."""

    def act(session: Session) -> ResponseReturnValue:
        booking.cancel(session, actor=actor(), appointment=visible(session, reference))
        return Response(status=204)

    return once(act)


def move(reference: str) -> Response:
    """Take another time; reference and link stay."""
    sent = body(MOVE)

    def act(session: Session) -> ResponseReturnValue:
        _refuse_elsewhere(session, sent["slot"])
        found = visible(session, reference)
        return jsonify(
            shapes.appointment(booking.move(session, actor=actor(), appointment=found, slot_id=sent["slot"]))
        )

    return once(act)


def check_in(reference: str) -> Response:
    """The person is here: their ticket; a second time the same one."""
    no_body()

    def act(session: Session) -> ResponseReturnValue:
        found = _own(session, reference)
        if not actor().sees_branch(found.branch_id):
            raise AppointmentStateError("booking.other_branch")
        given = queue.check_in(session, actor=actor(), appointment=found)
        session.flush()
        return jsonify(shapes.ticket(session, given))

    return once(act)


def visible(session: Session, reference: str) -> Appointment:
    """The booked appointment behind a reference, the token's own to see, at a branch that it may see."""
    found = _own(session, reference)
    if not actor().sees_branch(found.branch_id):
        raise AppointmentNotFoundError(field="reference")
    return found


def _own(session: Session, text: str) -> Appointment:
    """The booked appointment that a program may ask for.

    A program of the hall (`kiosk`, `counter`) asks for any, as people stand before it with their references.
    One that books asks for those which it made, and for others by their private link, which is a secret; a
    reference is not. Raises AppointmentNotFoundError.
    """
    found = booking.find(session, text)
    if actor().has("kiosk", "counter") or text == found.link_token:
        return found
    if found.made_by is None or found.made_by not in tokens.labels_of_program(session, actor()):
        raise AppointmentNotFoundError(field="reference")
    return found


def _hold(session: Session, sent: dict[str, Any]) -> ResponseReturnValue:
    _refuse_elsewhere(session, sent["slot"])
    held = booking.hold(session, **_wanted(session, sent))
    assert held.held_until is not None
    until = shapes.moment(held.held_until, held.branch.timezone)
    return jsonify({"hold": held.link_token, "expires_at": until}), 201


def _book(
    session: Session, sent: dict[str, Any], person: dict[str, Any], *, is_proven: bool
) -> ResponseReturnValue:
    if sent["hold"] is None:
        _refuse_elsewhere(session, sent["slot"])
        held = booking.hold(session, **_wanted(session, sent))
    else:
        held = _held(session, sent)
    reached_by = "identity" if person["identity"] else "phone" if person["phone"] else "email"
    try:
        booked = booking.confirm(
            session,
            actor=actor(),
            appointment=held,
            person=_note_person(session, person),
            language=person["language"],
            contact=person["phone"] or person["email"],
            field=f"person.{reached_by}",
        )
    except TooManyBookingsError as problem:
        problem.field = f"person.{'phone' if person['phone'] else 'email'}"
        raise
    booked.made_by = actor().label
    booked.verified_at = clock.now() if is_proven else None
    address = url_for("citizen.booked", token=booked.link_token, _external=True)
    answer = jsonify(shapes.appointment(booked) | {"manage_url": address})
    answer.headers["Location"] = url_for("api.show_appointment", reference=booked.reference)
    return answer, 201


def _wanted(session: Session, sent: dict[str, Any]) -> dict[str, Any]:
    """What `booking.hold` is told."""
    service = service_of(session, sent["service"], field="service")
    scenario = scenario_in_use(session, service.id, sent["scenario"] or "")
    if sent["scenario"] is not None and scenario is None:
        raise InvalidError.of("scenario", "catalog.scenario_unknown", code=sent["scenario"])
    return {
        "actor": actor(),
        "slot_id": sent["slot"],
        "service_id": service.id,
        "language": i18n.language(),
        "channel": "api",
        "scenario_id": scenario.id if scenario else None,
    }


def _held(session: Session, sent: dict[str, Any]) -> Appointment:
    """The hold that was named, if it is the token's to see, and of the service that was named with it."""
    try:
        held = booking.by_token(session, sent["hold"])
    except AppointmentNotFoundError as problem:
        raise InvalidError.of("hold", "api.hold_unknown") from problem
    if not actor().sees_branch(held.branch_id):
        raise InvalidError.of("hold", "api.hold_unknown")
    if sent["service"] not in (None, held.service.code):
        raise InvalidError.of("service", "api.hold_other_service", code=held.service.code)
    return held


def _refuse_elsewhere(session: Session, slot_id: int) -> None:
    """Refuse a slot of a branch that the token may not see, as one that is not there."""
    slot = session.get(Slot, slot_id)
    if slot is None or not actor().sees_branch(slot.branch_id):
        raise SlotUnknownError(field="slot")


def _read_person(sent: dict[str, Any]) -> dict[str, Any]:
    """Read a person with the rules of `people`. Raises InvalidError with all that is wrong."""
    kind = DOCUMENTS.get(sent["kind"])
    readers: dict[str, Any] = {
        "name": clean_name,
        "phone": lambda text: clean_phone(text, settings().country),
        "email": clean_email,
        "identity": lambda text: identify(text, kind),
    }
    read = {"language": sent["language"] or i18n.language()}
    wrong = []
    for part, reader in readers.items():
        try:
            read[part] = reader(sent[part]) if sent[part] else None
        except DeskError as problem:
            wrong.append((f"person.{part}", i18n.t(problem.key, **problem.params)))
    if not (sent["phone"] or sent["email"]):
        wrong.append(("person.phone", i18n.t("api.contact_missing")))
    if wrong:
        raise InvalidError(wrong)
    return read


def _note_person(session: Session, read: dict[str, Any]) -> Person:
    """Whose matter it is. No program may overwrite what is known of a person: only gaps are filled."""
    known_by: Identity | None = read["identity"]
    if known_by is not None:
        person = people.identify(session, actor=actor(), identity=known_by, language=read["language"])
    else:
        told = {part: read[part] for part in ("phone", "email", "name", "language")}
        person = people.identify_contact(session, actor=actor(), **told)
    known = session.get(PersonContact, person.id)
    given = {part: read[part] for part in ("name", "phone", "email")}
    given["identity_hint"] = known_by.hint if known_by else None
    gaps = {part: text for part, text in given.items() if known is None or not getattr(known, part)}
    people.note_contact(session, actor=actor(), person=person, **gaps)
    return person
