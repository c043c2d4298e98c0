"""Hold a place, book it, look, move, cancel, check in."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Response, jsonify, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.booking import service as booking
from govdesk.booking.errors import (
    AppointmentNotFoundError,
    AppointmentStateError,
    SlotTakenError,
    TooManyBookingsError,
)
from govdesk.booking.models import Appointment
from govdesk.booking.slots import alternatives_to
from govdesk.booking.visit import courses
from govdesk.booking.visit import service as visits
from govdesk.booking.visit.fitting import Part
from govdesk.db import reading
from govdesk.faces.api import persons, priority, proving, shapes, visiting
from govdesk.faces.api.fields import Field, InvalidError, body, no_body, query
from govdesk.once import once
from govdesk.people import tokens
from govdesk.queue import service as queue
from govdesk.web import actor

HOLD = (
    Field(name="slot", kind="whole", required=True, example=4711),
    Field(name="service", kind="text", required=True, example="renewal"),
    *visiting.OF_APPOINTMENT,
    visiting.ANSWERS,
    Field(name="others", kind="objects", fields=(Field(name="service", kind="text", required=True),)),
)
BOOK = (
    Field(name="hold", kind="text", example="m3vHq0Zk"),
    visiting.SLOT,
    visiting.SERVICE,
    *visiting.OF_APPOINTMENT,
    visiting.ANSWERS,
    Field(name="person", kind="object", required=True, fields=persons.PERSON),
    Field(
        name="others",
        kind="objects",
        fields=(visiting.SERVICE, persons.NAME, persons.IDENTITY, persons.KIND, visiting.OBJECT),
    ),
    priority.PRIORITY,
    Field(name="home_address", kind="text"),
    visiting.OBJECT,
    visiting.ALSO_OBJECTS,
    proving.CODE,
)
WHOLE = Field(name="whole", kind="flag", example=True)
MOVE = (Field(name="slot", kind="whole", required=True, example=4712), WHOLE)
CANCEL = (WHOLE,)


def hold() -> Response:
    """Keep a place for five minutes, or the places of a whole visit."""
    sent = body(HOLD)

    def wish(session: Session) -> visiting.Wish:
        return visiting.read(session, sent, others=[one["service"] for one in sent["others"] or ()])

    def act(session: Session) -> ResponseReturnValue:
        return _hold(session, sent["slot"], wish(session))

    return _or_others(lambda: once(act), lambda: wish(reading()).parts)


def book() -> Response:
    """Book what is held, or a place at once."""
    sent = body(BOOK)
    if (sent["hold"] is None) == (sent["slot"] is None):
        raise InvalidError.of("hold", "api.hold_or_slot")
    person = persons.read(sent["person"])
    others = persons.read_others(sent["others"] or (), person)
    contact, code = person["phone"] or person["email"], sent["code"]
    proven: list[str] = []

    def ready() -> None:
        if proving.is_needed(contact):
            proving.prove(contact, code)
            proven.append(code)

    def act(session: Session) -> ResponseReturnValue:
        wish = _wish_of(session, sent)
        held = visiting.hold(session, sent["slot"], wish) if wish else _held(session, sent)
        booked = _confirm(session, held, sent, [person, *others])
        for one in booked:
            one.made_by, one.verified_at = actor().label, clock.now() if proven else None
        return _booked(booked[0])

    def parts() -> Sequence[Part]:
        wish = _wish_of(reading(), sent)
        return wish.parts if wish else courses.parts_held(_held(reading(), sent))

    try:
        return _or_others(lambda: once(act, ready), parts)
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
    """Give a place up, or with `whole` all of a visit that is ahead. Cancelling twice is cancelling once."""
    is_whole = query(CANCEL)["whole"]

    def act(session: Session) -> ResponseReturnValue:
        verb = visits.cancel if is_whole else booking.cancel
        verb(session, actor=actor(), appointment=visible(session, reference))
        return Response(status=204)

    return once(act)


def move(reference: str) -> Response:
    """Take another time, or with `whole` for all of a visit that is ahead; reference and link stay."""
    sent = body(MOVE)

    def ahead() -> list[Appointment]:
        found = visible(reading(), reference)
        return visits.ahead(reading(), found) if sent["whole"] else [found]

    def act(session: Session) -> ResponseReturnValue:
        visiting.refuse_elsewhere(session, sent["slot"])
        verb = visits.move if sent["whole"] else booking.move
        mine = visible(session, reference)
        verb(session, actor=actor(), appointment=mine, slot_id=sent["slot"])
        return jsonify(shapes.appointment(mine))

    return _or_others(lambda: once(act), lambda: courses.parts_ahead(ahead()), ahead)


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


def _or_others(
    act: Callable[[], Response],
    parts_of: Callable[[], Sequence[Part]],
    moved: Callable[[], Sequence[Appointment]] = list,
) -> Response:
    """Act; where somebody else was faster, find what is free instead for all that was wanted.

    The places of what is `moved` count as free for it.
    """
    try:
        return act()
    except SlotTakenError as taken:
        parts = parts_of()
        if len(parts) > 1:
            own = courses.own_places(moved())
            near = courses.near(reading(), parts=parts, slot_id=taken.slot_id, own=own)
            taken.others = visiting.first_places(near)
        else:
            taken.others = alternatives_to(reading(), taken.slot_id, parts[0].minutes)
        raise


def _hold(session: Session, slot_id: int, wish: visiting.Wish) -> ResponseReturnValue:
    held = visiting.hold(session, slot_id, wish)[0]
    assert held.held_until is not None
    until = shapes.moment(held.held_until, held.branch.timezone)
    return jsonify({"hold": held.link_token, "expires_at": until}), 201


def _wish_of(session: Session, sent: dict[str, Any]) -> visiting.Wish | None:
    """What is booked at once; none where a hold is booked, which says itself what it is of."""
    others = [one["service"] for one in sent["others"] or ()]
    if sent["slot"] is None:
        named = [name for name in ("also", "scenario", "answers", "interpreter", "kind") if sent[name]]
        if named or any(others):
            raise InvalidError.of(named[0] if named else "others", "api.visit_hold")
        return None
    if sent["service"] is None:
        raise InvalidError.of("service", "api.missing")
    missing = [number for number, service in enumerate(others) if not service]
    if missing:
        raise InvalidError.of(f"others.{missing[0]}.service", "api.missing")
    return visiting.read(session, sent, others=others)


def _held(session: Session, sent: dict[str, Any]) -> list[Appointment]:
    """What was held together, if it is the token's to see, and of the service that was named with it."""
    try:
        held = booking.by_token(session, sent["hold"])
    except AppointmentNotFoundError as problem:
        raise InvalidError.of("hold", "api.hold_unknown") from problem
    if not actor().sees_branch(held.branch_id):
        raise InvalidError.of("hold", "api.hold_unknown")
    if sent["service"] not in (None, held.service.code):
        raise InvalidError.of("service", "api.hold_other_service", code=held.service.code)
    visit = visits.of_hold(session, held)
    members = len({one.member for one in visit}) - 1
    if len(sent["others"] or ()) != members and held.booked_at is None:
        raise InvalidError.of("others", "api.visit_people", count=members)
    return visit


def _confirm(
    session: Session, held: Sequence[Appointment], sent: dict[str, Any], people: Sequence[dict[str, Any]]
) -> list[Appointment]:
    """Book what is held for these people, the first of whom books."""
    person = people[0]
    given: dict[str, Any] = {
        "actor": actor(),
        "appointment": held[0],
        "language": person["language"],
        "contact": person["phone"] or person["email"],
        "priority": priority.read(sent),
    }
    noted = {member: persons.note(session, one) for member, one in enumerate(people)}
    fields = {member: persons.field_of(one, member) for member, one in enumerate(people)}
    try:
        if held[0].visit_reference is not None:
            about = visiting.objects_of(held, sent)
            return visits.confirm(session, people=noted, fields=fields, objects=about, **given)
        if sent["also_objects"]:
            raise InvalidError.of("also_objects", "api.object_not_booked")
        return [
            booking.confirm(
                session,
                person=noted[0],
                home_address=sent["home_address"],
                field=fields[0],
                object_ref=sent["object"],
                **given,
            )
        ]
    except TooManyBookingsError as problem:
        problem.field = f"person.{'phone' if person['phone'] else 'email'}"
        raise


def _booked(booked: Appointment) -> ResponseReturnValue:
    address = url_for("citizen.booked", token=booked.link_token, _external=True)
    answer = jsonify(shapes.appointment(booked) | {"manage_url": address})
    answer.headers["Location"] = url_for("api.show_appointment", reference=booked.reference)
    return answer, 201
