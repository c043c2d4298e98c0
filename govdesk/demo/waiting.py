"""Who waits in the demo city, what is offered to them, and why some did not come."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import chance, clock
from govdesk.actor import SYSTEM, VISITOR
from govdesk.booking import offering, waiting
from govdesk.booking import service as booking
from govdesk.booking.absence import service as absences
from govdesk.booking.models import Appointment
from govdesk.catalog.models import Branch, PublicService
from govdesk.chance import Draw
from govdesk.demo import people
from govdesk.people import service as known_people
from govdesk.people.models import Person

BRANCH = "rawdah"
FIRST_NUMBER = 950_000  # of residents who are nobody else in the city
ANSWERED, EXCUSED = 0.7, 0.15  # of those who did not come
AHEAD = 6  # days in which a day is full
# priority, people, hours ago, whether any day of two weeks will do
LINE = (("none", 1, 40, True), ("elderly", 1, 20, False), ("none", 3, 30, False), ("none", 1, 10, False))


def wait(session: Session, *, seed: int) -> None:
    """Fill a day of a service, and let a few people stand in its line; one of them is offered another day."""
    branch = session.scalars(select(Branch).where(Branch.code == BRANCH)).one_or_none()
    if branch is None:
        return
    draw = chance.seeded((seed, "waiting"))
    chosen, day, free = _scarcest(session, branch)
    for number, slot_id in enumerate(free):
        person, language = _resident(session, seed, draw, FIRST_NUMBER + 100 + number)
        booking.book(
            session, actor=SYSTEM, slot_id=slot_id, service_id=chosen.id, person=person, language=language
        )
    for number, (priority, together, ago, is_any) in enumerate(LINE):
        with clock.at(clock.now() - dt.timedelta(hours=ago)):
            person, language = _resident(session, seed, draw, FIRST_NUMBER + number)
            today = clock.local_day(clock.now(), branch.timezone)
            first, last = (today, today + dt.timedelta(days=14)) if is_any else (day, day)
            waiting.join(
                session, actor=VISITOR, service=chosen, person=person, branch_ids=[branch.id],
                first_on=first, last_on=last, priority=priority, people=together, language=language,
            )  # fmt: skip
    offering.offer_places(session, chosen.id)
    _late_wish(session, draw)


def say_why(session: Session, *, day: dt.date, seed: int, zone: str) -> None:
    """Let those who did not come on a day say why, most of them, on the morning after it."""
    draw = chance.seeded((seed, day, "why"))
    first, after = clock.day_bounds(day, zone)
    missed = session.scalars(
        select(Appointment)
        .where(Appointment.state == "noshow", Appointment.starts_at >= first, Appointment.starts_at < after)
        .order_by(Appointment.id)
    ).all()
    with clock.at(after + dt.timedelta(hours=10)):
        for appointment in missed:
            luck, reason = draw.random(), draw.choice(absences.REASONS)
            if luck < EXCUSED:
                absences.excuse(session, actor=SYSTEM, appointment=appointment, reason=reason)
            elif luck < ANSWERED:
                absences.explain(session, actor=VISITOR, appointment=appointment, reason=reason)


def _scarcest(session: Session, branch: Branch) -> tuple[PublicService, dt.date, list[int]]:
    """The service and the day soon with the fewest free places, and these: a slot's id for each."""
    today = clock.local_day(clock.now(), branch.timezone)
    found = []
    for service in sorted((offer.service for offer in branch.offers), key=lambda service: service.id):
        for ahead in range(1, AHEAD):
            day = today + dt.timedelta(days=ahead)
            free = booking.free_slots(
                session, service_id=service.id, branch_id=branch.id, from_day=day, to_day=day
            )
            ids = [place.slot_id for place in free for _ in range(place.free)]
            if ids:
                found.append((service, day, ids))
    return min(found, key=lambda one: len(one[2]))


def _resident(session: Session, seed: int, draw: Draw, number: int) -> tuple[Person, str]:
    resident = people.resident(session, seed, number, draw)
    known_people.note_contact(
        session, actor=SYSTEM, person=resident.person, name=resident.name, phone=people.phone(number)
    )
    return resident.person, resident.language


def _late_wish(session: Session, draw: Draw) -> None:
    """Somebody with an appointment far ahead would rather come sooner."""
    far = select(Appointment).where(
        Appointment.state == "booked", Appointment.starts_at > clock.now() + dt.timedelta(days=5)
    )
    found = session.scalars(far.order_by(Appointment.id)).all()
    if found:
        waiting.wish_earlier(session, actor=VISITOR, appointment=draw.choice(found))
