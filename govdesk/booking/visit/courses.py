"""Where a whole visit can have its places: its parts, and every course that they could take."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.booking import slots
from govdesk.booking.errors import AppointmentStateError, Place, SlotTakenError, SlotUnknownError
from govdesk.booking.models import Appointment, Slot
from govdesk.booking.needs import minutes_needed
from govdesk.booking.visit.fitting import Part, fitted
from govdesk.booking.visit.together import LARGEST_VISIT
from govdesk.catalog.models import Branch
from govdesk.errors import DeskError

Course = list[list[Place]]  # the places of each part
SHOWN = 4
LOOKED_AT = dt.timedelta(days=14)  # around a time that was refused


def parts_of(
    session: Session,
    wanted: Iterable[tuple[int, int]],
    *,
    scenario_id: int | None = None,
    interpreter: str | None = None,
) -> list[Part]:
    """The parts of a visit from pairs of a service and a member; the reason is that of the first part.

    Raises DeskError: the same service twice for one person; AppointmentStateError: more than six.
    """
    asked = list(wanted)
    if len(set(asked)) < len(asked):
        raise DeskError("booking.visit_twice", field="also", status=422)
    if len(asked) > LARGEST_VISIT:
        raise AppointmentStateError("booking.visit_full")
    reasons = [scenario_id, *(None for _part in asked[1:])]
    return [
        Part(id_, member, minutes_needed(session, id_, scenario_id=reason, interpreter=interpreter))
        for (id_, member), reason in zip(asked, reasons, strict=True)
    ]


def possible(
    session: Session,
    *,
    parts: Sequence[Part],
    branch: Branch,
    from_day: dt.date,
    to_day: dt.date,
    own: Mapping[int, int] | None = None,
    for_staff: bool = False,
) -> list[Course]:
    """Every way to have all parts at a branch, each within one of these local days, in the order of time.

    There is one for each start of the first part. `own` are places that count as free: those of the visit
    that is to be moved.
    """
    zone = ZoneInfo(branch.timezone)
    by_day: dict[dt.date, dict[int, list[Place]]] = {}
    for service_id in {part.service_id for part in parts}:
        offered = slots.day_places(
            session, service_id=service_id, branch=branch, from_day=from_day, to_day=to_day,
            for_staff=for_staff,
        )  # fmt: skip
        freed = [place._replace(booked=place.booked - (own or {}).get(place.slot_id, 0)) for place in offered]
        for day, on_it in groupby(freed, key=lambda place: place.starts_at.astimezone(zone).date()):
            by_day.setdefault(day, {})[service_id] = list(on_it)
    return [
        course
        for _day, there in sorted(by_day.items())
        for first in there.get(parts[0].service_id, ())
        if first.free and (course := fitted(parts, there, first.starts_at))
    ]


def near(
    session: Session,
    *,
    parts: Sequence[Part],
    slot_id: int,
    own: Mapping[int, int] | None = None,
) -> list[Course]:
    """The courses of a visit nearest to a slot at its branch, in the order of time: what a refusal names."""
    slot = session.get(Slot, slot_id)
    if slot is None:
        return []
    branch = session.get_one(Branch, slot.branch_id)
    days = [
        clock.local_day(moment, branch.timezone)
        for moment in (max(slot.starts_at - LOOKED_AT, clock.now()), slot.starts_at + LOOKED_AT)
    ]
    found = possible(session, parts=parts, branch=branch, from_day=days[0], to_day=days[1], own=own)
    nearest = sorted(found, key=lambda course: abs(course[0][0].starts_at - slot.starts_at))[:SHOWN]
    return sorted(nearest, key=lambda course: course[0][0].starts_at)


def course_of_move(
    session: Session, visit: Sequence[Appointment], slot_id: int, *, for_staff: bool = False
) -> Course:
    """The course that what is ahead of a visit would have from this slot on; as `move` refuses."""
    own = own_places(visit)
    return course_from(session, slot_id, parts_ahead(visit), own=own, for_staff=for_staff)


def course_from(
    session: Session,
    slot_id: int,
    parts: Sequence[Part],
    *,
    branch_id: int | None = None,
    own: Mapping[int, int] | None = None,
    for_staff: bool = False,
) -> Course:
    """The course of a visit from this slot on. Raises SlotUnknownError, SlotTakenError."""
    slot = session.get(Slot, slot_id) if 0 < slot_id <= slots.LARGEST_ID else None
    if slot is None or slot.service_id != parts[0].service_id:
        raise SlotUnknownError(field="slot")
    if branch_id not in (None, slot.branch_id):
        raise SlotUnknownError("booking.slot_elsewhere", field="slot")
    branch = session.get_one(Branch, slot.branch_id)
    day = clock.local_day(slot.starts_at, branch.timezone)
    found = possible(
        session, parts=parts, branch=branch, from_day=day, to_day=day, own=own, for_staff=for_staff
    )
    course = next((one for one in found if one[0][0].slot_id == slot_id), None)
    if course is None:
        raise SlotTakenError("booking.visit_taken", slot_id=slot_id)
    return course


def parts_held(held: Iterable[Appointment]) -> list[Part]:
    """What was held together, as parts."""
    return [Part(one.service_id, one.member, one.minutes or 0) for one in held]


def parts_ahead(visit: Sequence[Appointment]) -> list[Part]:
    """The parts of appointments that are to be moved: each person is a member of their own."""
    members = list(dict.fromkeys(one.person_id for one in visit))
    return [Part(one.service_id, members.index(one.person_id), one.minutes or 0) for one in visit]


def own_places(visit: Iterable[Appointment]) -> Counter[int]:
    """How many places appointments have in which slots."""
    return Counter(slot_id for one in visit for slot_id in one.slot_ids)
