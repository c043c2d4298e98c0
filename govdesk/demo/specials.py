"""What is not everyday in the demo city: a family, an interpreter, calls by phone and video, who is late."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import chance, clock
from govdesk.actor import SYSTEM
from govdesk.booking import chains, managing, slots
from govdesk.booking import service as booking
from govdesk.booking.errors import Place
from govdesk.booking.models import Appointment
from govdesk.booking.visit import courses
from govdesk.booking.visit import service as visits
from govdesk.catalog.models import Branch, PublicService
from govdesk.catalog.service import branch_of, service_of
from govdesk.chance import Draw
from govdesk.config import settings
from govdesk.demo import people
from govdesk.people import service as known_people
from govdesk.people.contact import clean_phone
from govdesk.people.models import Person

BRANCH = "rawdah"
ADDRESS = "حي الروضة، شارع الأمير، مبنى ١٢"
WAYS = ("phone", "video", "home")  # each where the branch offers it
DAYS = 6
FAMILY = ("birth-registration", "residence-renewal")
FIRST_NUMBER = 900_000  # of residents who are nobody else in the city


class Specials:
    """Makes them one after the other, each of people of their own."""

    def __init__(self, session: Session, seed: int) -> None:
        self.session, self.seed, self.number = session, seed, FIRST_NUMBER
        self.draw: Draw = chance.seeded((seed, "specials"))
        self.branch = branch_of(session, BRANCH)

    def make(self) -> None:
        """All of them, at the present moment of the city."""
        self._family()
        self._alone("licence-renewal", interpreter="ur")
        self._alone("vehicle-transfer", interpreter="sign", priority="disability")
        for kind in WAYS:
            for offer in self.branch.offers:
                if kind in offer.kinds:
                    self._alone(offer.service.code, kind=kind, home_address=ADDRESS)
        self._said()

    def _person(self) -> tuple[Person, str]:
        self.number += 1
        resident = people.resident(self.session, self.seed, self.number, self.draw)
        phone = people.phone(self.number)
        known_people.note_contact(
            self.session, actor=SYSTEM, person=resident.person, name=resident.name, phone=phone
        )
        return resident.person, clean_phone(phone, settings().country)

    def _alone(self, code: str, *, days: int = DAYS, **more: str) -> Appointment | None:
        service = service_of(self.session, code)
        place = self._free(service, days, interpreter=more.get("interpreter"))
        if place is None:
            return None
        person, contact = self._person()
        return booking.book(
            self.session,
            actor=SYSTEM,
            slot_id=place.slot_id,
            service_id=service.id,
            person=person,
            channel="web",
            contact=contact,
            interpreter=more.get("interpreter"),
            kind=more.get("kind", "on_site"),
            priority=more.get("priority", "none"),
            home_address=more.get("home_address"),
        )

    def _family(self) -> None:
        """A parent with two services, and two children beside the first: one visit, all places or none."""
        birth, residence = (service_of(self.session, code) for code in FAMILY)
        wanted = [(birth.id, 0), (residence.id, 0), (birth.id, 1), (birth.id, 2)]
        parts = courses.parts_of(self.session, wanted)
        today = clock.local_day(clock.now(), self.branch.timezone)
        found = courses.possible(
            self.session,
            parts=parts,
            branch=self.branch,
            from_day=today,
            to_day=today + dt.timedelta(days=DAYS),
        )
        if not found:
            return
        first = self.draw.choice(found)[0][0]
        held = visits.hold(
            self.session, actor=SYSTEM, slot_id=first.slot_id, parts=parts, branch_id=self.branch.id
        )
        family = [self._person() for _ in range(3)]
        visits.confirm(
            self.session,
            actor=SYSTEM,
            appointment=held[0],
            people={member: person for member, (person, _contact) in enumerate(family)},
            fields=dict.fromkeys(range(3), ""),
            contact=family[0][1],
            priority="infant",
        )

    def _said(self) -> None:
        """Two who are expected soon say that they come, one of them late."""
        for code in ("licence-renewal", "vehicle-transfer", "licence-renewal"):
            self._alone(code, days=0)
        now = clock.now()
        ahead = self.session.scalars(
            select(Appointment)
            .where(Appointment.branch_id == self.branch.id, Appointment.state == "booked")
            .where(Appointment.starts_at > now)
            .order_by(Appointment.starts_at, Appointment.id)
        )
        near = [one for one in ahead if managing.can_say_coming(one)]
        for one, late in zip(near, (0, 20), strict=False):
            managing.say_coming(self.session, actor=SYSTEM, appointment=one, late_minutes=late)

    def _free(self, service: PublicService, days: int, interpreter: str | None) -> Place | None:
        today = clock.local_day(clock.now(), self.branch.timezone)
        offered = slots.day_places(
            self.session,
            service_id=service.id,
            branch=self.branch,
            from_day=today,
            to_day=today + dt.timedelta(days=days),
        )
        minutes = booking.minutes_needed(self.session, service.id, interpreter=interpreter)
        free = chains.with_room(offered, minutes)
        return self.draw.choice(free) if free else None


def make(session: Session, *, seed: int) -> None:
    """Make the specials, where the city is the one we know."""
    if session.scalar(select(Branch.id).where(Branch.code == BRANCH)) is not None:
        Specials(session, seed).make()
