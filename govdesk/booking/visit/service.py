"""A whole visit at once: several services, or several people of a family, all places or none."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk.actor import Actor
from govdesk.booking import service, slots
from govdesk.booking.errors import Place, SlotTakenError
from govdesk.booking.models import Appointment, Slot
from govdesk.booking.steps import lock, refuse_begun, seat
from govdesk.booking.visit.courses import Course, course_from, course_of_move, own_places, parts_held
from govdesk.booking.visit.fitting import Part
from govdesk.booking.visit.together import is_ahead, of_visit
from govdesk.errors import DeskError
from govdesk.people.models import Person


def hold(
    session: Session,
    *,
    actor: Actor,
    slot_id: int,
    parts: Sequence[Part],
    branch_id: int | None = None,
    language: str = "ar",
    channel: str = "web",
    scenario_id: int | None = None,
    interpreter: str | None = None,
) -> list[Appointment]:
    """Keep the places of a whole visit for five minutes, the first part from this slot on: all or none.

    1. The course of the visit is found by reading, without a lock.
    2. Its places are taken in the order of slots with checked row counts (`_take_rows`). A part that
       filled up meanwhile refuses the whole: the caller's transaction is undone, and with it what was taken.
    3. The appointments share the reference of the first; the others' are the same with a number after it.
    What else is free is read after that: `courses.near`. Raises SlotTakenError, SlotUnknownError.
    """
    course = course_from(session, slot_id, parts, branch_id=branch_id, for_staff=actor.kind == "staff")
    _take_rows(session, _rows(parts, course), for_staff=actor.kind == "staff")
    held: list[Appointment] = []
    for number, (part, row) in enumerate(zip(parts, course, strict=True), 1):
        one = service.hold(
            session, actor=actor, slot_id=row[0].slot_id, service_id=part.service_id, language=language,
            channel=channel, scenario_id=scenario_id if number == 1 else None, interpreter=interpreter,
            reference=f"{held[0].reference}{number}" if held else None, taken=row,
        )  # fmt: skip
        one.member = part.member
        held.append(one)
        one.visit_reference, one.held_until = held[0].reference, held[0].held_until
    session.flush()
    return held


def of_hold(session: Session, appointment: Appointment) -> list[Appointment]:
    """The appointments that were held together and not yet booked, in the order of their parts."""
    if appointment.visit_reference is None:
        return [appointment]
    held = select(Appointment).where(
        Appointment.visit_reference == appointment.visit_reference, Appointment.booked_at.is_(None)
    )
    return list(session.scalars(held.order_by(Appointment.id))) or [appointment]


def release(session: Session, *, actor: Actor, appointment: Appointment) -> int:
    """Give back all that was held together; how many. Raises what `service.cancel` raises."""
    return _give_up(session, actor, of_hold(session, appointment))


def confirm(
    session: Session,
    *,
    actor: Actor,
    appointment: Appointment,
    people: Mapping[int, Person],
    fields: Mapping[int, str],
    objects: Mapping[int, str] | None = None,
    slot_id: int | None = None,
    language: str | None = None,
    contact: str | None = None,
    priority: str = "none",
) -> list[Appointment]:
    """Book a visit that was held, each part for its member (0 who books): all or none.

    `contact` and `fields` are as in `service.confirm`; `priority` is what who books says of themselves;
    `objects` what a part is about (a vehicle, a property), by its number from 0. `slot_id` books another
    start than the held one.

    1. The rows of all parts are locked in the order of ids: a twin of this request and the sweep wait.
    2. People's rows are locked in the order of ids, so that two families with a member in common wait for
       each other in one direction only.
    3. Where a hold was swept, or another start is wanted, all places are asked for anew at once. What was
       booked meanwhile stays as it is, and is the answer.
    4. Each part is booked as any other; what refuses one of them undoes all.

    Raises what `service.confirm` raises.
    """
    ids = sorted({person.id for person in people.values()})
    if len(ids) < len(people):
        raise DeskError("booking.visit_same_person", field=fields[max(fields)], status=422)
    visit = _locked(session, _whole(session, appointment))
    session.execute(select(Person.id).where(Person.id.in_(ids)).order_by(Person.id).with_for_update())
    is_open = all(one.state == "held" or service.is_lapsed(one) for one in visit)
    if is_open and (slot_id is not None or any(service.is_lapsed(one) for one in visit)):
        _ask_anew(session, visit, slot_id)
    about = objects or {}
    for number, one in enumerate(visit):
        service.confirm(
            session, actor=actor, appointment=one, person=people[one.member], language=language,
            contact=contact, priority=priority if one.member == 0 else "none", field=fields[one.member],
            object_ref=about.get(number),
        )  # fmt: skip
    if is_open:
        for one in visit:
            one.booked_at = visit[0].booked_at  # one act, which is told once
    return visit


def book(
    session: Session,
    *,
    actor: Actor,
    slot_id: int,
    parts: Sequence[Part],
    people: Mapping[int, Person],
    fields: Mapping[int, str],
    objects: Mapping[int, str] | None = None,
    branch_id: int | None = None,
    language: str = "ar",
    channel: str = "reception",
    scenario_id: int | None = None,
    interpreter: str | None = None,
    contact: str | None = None,
    priority: str = "none",
) -> list[Appointment]:
    """Book a whole visit without holding first: what desks and programs do.

    Raises what `hold` and `confirm` raise.
    """
    held = hold(
        session, actor=actor, slot_id=slot_id, parts=parts, branch_id=branch_id, language=language,
        channel=channel, scenario_id=scenario_id, interpreter=interpreter,
    )  # fmt: skip
    return confirm(
        session, actor=actor, appointment=held[0], people=people, fields=fields, objects=objects,
        contact=contact, priority=priority,
    )  # fmt: skip


def move(session: Session, *, actor: Actor, appointment: Appointment, slot_id: int) -> list[Appointment]:
    """Take another time for all that is still ahead of a visit, its first part from this slot on.

    All or none; references and links stay. The rows are locked and the places exchanged as in `confirm`; a
    place that was the visit's own counts as free. Raises SlotTakenError (all old places are kept),
    SlotUnknownError, AppointmentStateError.
    """
    visit = _locked(session, ahead(session, appointment))
    for one in visit:
        refuse_begun(one, "booked")
    course = course_of_move(session, visit, slot_id, for_staff=actor.kind == "staff")
    _take_rows(session, _rows(visit, course), old=own_places(visit), for_staff=actor.kind == "staff")
    rows = {one.id: row for one, row in zip(visit, course, strict=True)}
    moved = [one for one in visit if one.slot_ids != [place.slot_id for place in rows[one.id]]]
    ids = [one.id for one in moved]
    for one in moved:
        service.note_moved(session, actor=actor, appointment=one, row=rows[one.id], together=ids)
    return visit


def cancel(session: Session, *, actor: Actor, appointment: Appointment) -> int:
    """Cancel an appointment and the others of its visit that have not begun; how many.

    The rows are locked in the order of ids, then the slots in theirs, before anything is given back.
    Raises what `service.cancel` raises for the appointment itself.
    """
    others = [one for one in of_visit(session, appointment) if is_ahead(one)]
    return _give_up(session, actor, [appointment, *others])


def ahead(session: Session, appointment: Appointment) -> list[Appointment]:
    """What is still ahead of the visit of an appointment, itself included, in the order of time."""
    others = [one for one in of_visit(session, appointment) if is_ahead(one)]
    return sorted([appointment, *others], key=lambda one: (one.starts_at, one.id))


def _give_up(session: Session, actor: Actor, visit: Sequence[Appointment]) -> int:
    locked = _locked(session, visit)
    _lock_slots(session, own_places(locked))
    live = [one for one in locked if one.state != "cancelled"]
    for one in locked:
        service.cancel(session, actor=actor, appointment=one)
    for one in live:
        one.cancelled_at = live[0].cancelled_at  # one act, which is told once
    return len(locked)


def _ask_anew(session: Session, visit: Sequence[Appointment], slot_id: int | None) -> None:
    """Take places for parts whose hold was swept, or another start for all of them."""
    own = own_places(one for one in visit if one.state == "held")
    parts = parts_held(visit)
    try:
        course = course_from(session, slot_id or visit[0].slot_id, parts, own=own)
        _take_rows(session, _rows(parts, course), old=own)
    except SlotTakenError as taken:
        if slot_id is None:
            taken.key = "booking.hold_lapsed"
        raise
    for one, row in zip(visit, course, strict=True):
        one.state, one.cancelled_at = "held", None
        seat(one, row)
    session.flush()
    for one in visit:
        session.expire(one, ["branch", "slot"])


def _whole(session: Session, appointment: Appointment) -> list[Appointment]:
    """What was held together, booked meanwhile or not."""
    if appointment.visit_reference is None:
        return [appointment]
    of_visit_ = select(Appointment).where(Appointment.visit_reference == appointment.visit_reference)
    return list(session.scalars(of_visit_.order_by(Appointment.id)))


def _locked(session: Session, visit: Iterable[Appointment]) -> list[Appointment]:
    """The same, their rows held in the order of ids and read as they are now; in the order given."""
    given = list(visit)
    for one in sorted(given, key=lambda one: one.id):
        lock(session, one)
    return given


def _rows(parts: Sequence[Part | Appointment], course: Course) -> list[tuple[int, list[Place]]]:
    return [(part.service_id, row) for part, row in zip(parts, course, strict=True)]


def _take_rows(
    session: Session,
    rows: Collection[tuple[int, Sequence[Place]]],
    *,
    old: Mapping[int, int] | None = None,
    for_staff: bool = False,
) -> None:
    """Take the places of several rows of slots, each with its service, and give the `old` ones back.

    All or none: what each slot gains or loses is done in the order of ids, as in `slots.exchange`, so that
    visits that meet wait for each other in one direction only; the first that is full refuses the whole.
    Raises SlotTakenError, SlotUnknownError.
    """
    before = Counter(old or {})
    services = {place.slot_id: service_id for service_id, row in rows for place in row}
    wanted = Counter(place.slot_id for _service, row in rows for place in row)
    for slot_id in sorted({*wanted, *before}):
        more = wanted[slot_id] - before[slot_id]
        for _place_more in range(more):
            slots.take(session, slot_id, service_id=services[slot_id], for_staff=for_staff)
        if more < 0:
            slots.give_back(session, slot_id, -more)


def _lock_slots(session: Session, slot_ids: Iterable[int]) -> None:
    """Hold the rows of these slots, in the order of ids in which everyone waits for them."""
    ids = sorted(set(slot_ids))
    session.execute(select(Slot.id).where(Slot.id.in_(ids)).order_by(Slot.id).with_for_update())
