"""The demo city, from nothing to the middle of a working day."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from importlib import resources

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from govdesk import chance, clock, outbox
from govdesk.actor import SYSTEM
from govdesk.booking import chains, sweeps
from govdesk.booking import service as booking
from govdesk.booking.errors import AlreadyBookedError
from govdesk.booking.models import Appointment
from govdesk.booking.schedule import making
from govdesk.cases import service as visits
from govdesk.catalog import service as catalog
from govdesk.catalog.models import Branch, PublicService
from govdesk.chance import Draw
from govdesk.db import reading, transaction
from govdesk.demo import (
    agencies,
    aims,
    back_office,
    closures,
    complaints,
    doors,
    hall,
    marks,
    obstacles,
    people,
    post,
    presence,
    questions,
    recalls,
    recoveries,
    reflections,
    reports,
    returns,
    silent,
    specials,
    waiting,
)
from govdesk.demo import identities as known_twice
from govdesk.demo.days import Coming, Day, offered, walk_in_moments
from govdesk.demo.errands import Errand
from govdesk.demo.presence import ZONE
from govdesk.demo.reasons import BOOKED, Reasons, keep_home
from govdesk.errors import DeskError
from govdesk.people import service as known_people
from govdesk.people.models import Staff
from govdesk.queue import catalog_document, lessons
from govdesk.queue import service as queue

Handlers = Mapping[str, Sequence[outbox.Handler]]
WALK_INS = {"rawdah": 12, "harbour": 8, "nakheel": 6}  # a day
BOOKINGS = {"rawdah": 4, "harbour": 3, "nakheel": 2}
CREW = {"rawdah": (1, 1, 2), "harbour": (1,), "nakheel": (1,)}  # officers of a past day; today all
RUSH = {"rawdah": 18, "harbour": 11, "nakheel": 8}  # more people in the half hour before the present
FIRST = ("elderly", "disability", "pregnant", "infant")
UNLINKED, PRIORITY, SHOWS = 0.05, 0.08, 0.88
CATALOG = ("demo_city.toml", "demo_guide.toml", "demo_dispatch.toml")
RENEWED_EVERY = 7  # days between two makings of slots


class NotEmptyError(DeskError):
    """The demo city is made in an empty database only."""

    key = "demo.not_empty"


class City:
    """The makers of the city, with what they must remember from day to day."""

    def __init__(
        self, *, seed: int, days: int, scale: float, present: dt.datetime, handlers: Handlers
    ) -> None:
        self.seed, self.days, self.scale, self.present, self.handlers = seed, days, scale, present, handlers
        self.numbers = 0
        self.teams: dict[str, list[Staff]] = {}
        self.returns: dict[tuple[str, dt.date], list[Errand]] = defaultdict(list)
        self.booked: dict[tuple[str, dt.date], list[tuple[int, Errand]]] = defaultdict(list)

    def found(self) -> None:
        """Load the catalog and hire the staff, as long ago as the city's past reaches."""
        with clock.at(self.present - dt.timedelta(days=self.days + 1)), transaction() as session:
            folder = resources.files("govdesk.catalog")
            text = "".join(folder.joinpath(name).read_text("utf-8") for name in CATALOG)
            catalog_document.load(session, actor=SYSTEM, text=text)
            self.teams = people.hire(session)
            questions.publish(session, seed=self.seed)
            aims.aim(session, clock.now().date())

    def live(self, day: dt.date) -> None:
        """One day of all branches: slots, bookings, the day itself, the night, and what follows from it."""
        with transaction() as session:
            branches = list(session.scalars(select(Branch).order_by(Branch.id)))
            for branch in branches:
                self._live_at(session, branch, day)
            midnight, next_midnight = clock.day_bounds(day, ZONE)
            draw = chance.seeded((self.seed, day, "guide"))
            until = min(next_midnight, self.present)
            keep_home(session, draw, midnight=midnight, until=until, scale=self.scale)
            if day < self.present.date():
                with clock.at(clock.day_bounds(day, ZONE)[1] + dt.timedelta(minutes=5)):
                    sweeps.note_missed(session)
                waiting.say_why(session, day=day, seed=self.seed, zone=ZONE)
            with clock.at(until):
                for branch in branches:
                    lessons.note(session, branch=branch, since=day)
                lessons.learn(session)
            outbox.deliver_within(session, self.handlers, {"ticket.ended": visits.record_tickets})
            questions.ask(session, day=day, seed=self.seed, until=until)
            questions.leave(session, day=day, seed=self.seed, until=until)
            silent.live(session, day=day, present=self.present, seed=self.seed, zone=ZONE)
            back_office.work(
                session, branches=branches, day=day, until=until, seed=self.seed, teams=self.teams,
                returning=self._returning(),
            )  # fmt: skip
            outbox.deliver_within(session, self.handlers)
            recoveries.make_good(session, day=day, seed=self.seed, present=self.present, teams=self.teams)
            post.bring(session, until=min(clock.day_bounds(day, ZONE)[1], self.present))
        questions.evening(day, seed=self.seed, present=self.present, zone=ZONE)

    def _returning(self) -> set[int]:
        """Who will come back by themselves."""
        errands = [errand for known in self.returns.values() for errand in known]
        return {errand.person.id for errand in errands if errand.person is not None}

    def _live_at(self, session: Session, branch: Branch, day: dt.date) -> None:
        draw = chance.seeded((self.seed, branch.code, day))
        midnight, next_midnight = clock.day_bounds(day, branch.timezone)
        calendar = catalog.calendar_of(session, branch)
        shifts = [(begin, end) for begin, end in calendar.open_intervals(day) if begin < end]
        services = sorted((offer.service for offer in branch.offers), key=lambda service: service.id)
        if (self.present.date() - day).days % RENEWED_EVERY == 0 or day <= self.first_day:
            with clock.at(midnight + dt.timedelta(minutes=5)):
                for service in services:
                    making.make_slots(session, branch_id=branch.id, service_id=service.id)
        ago = (self.present.date() - day).days
        closures.close(session, branch, day, ago=ago, booked=self.booked)
        if not shifts:
            for errand in self.returns.pop((branch.code, day), []):
                self.returns[branch.code, day + dt.timedelta(days=1)].append(errand)
            return
        is_today = day == clock.local_day(self.present, branch.timezone)
        with clock.at(midnight + dt.timedelta(hours=6)):
            comers = self._comers(session, branch, services, day, shifts)
            if is_today:
                comers += self._rush(session, branch, services)
            self._book_ahead(session, branch, services, day)
        team = self.teams[branch.code]
        crew = team if is_today else team[: draw.choice(CREW[branch.code])]
        played = Day(session, branch, crew, draw, self.present if is_today else next_midnight)
        if is_today:
            played.watch(shifts[0][0])
        played.play(shifts, comers)
        for back_on, errand in played.returns:
            self.returns[branch.code, max(back_on, day + dt.timedelta(days=1))].append(errand)
        if not is_today:
            with clock.at(next_midnight + dt.timedelta(minutes=5)):
                queue.close_day(session, branch=branch)

    @property
    def first_day(self) -> dt.date:
        """The first day of the city's past."""
        return self.present.date() - dt.timedelta(days=self.days)

    def _comers(
        self,
        session: Session,
        branch: Branch,
        services: list[PublicService],
        day: dt.date,
        shifts: list[tuple[dt.datetime, dt.datetime]],
    ) -> list[Coming]:
        draw = chance.seeded((self.seed, branch.code, day, "comers"))
        comers = []
        for appointment_id, errand in self.booked.pop((branch.code, day), []):
            appointment = session.get_one(Appointment, appointment_id)
            if appointment.state == "booked" and draw.random() < SHOWS:
                early = dt.timedelta(minutes=draw.triangular(-8, 25, 8))
                comers.append(Coming(appointment.starts_at - early, errand, appointment))
        count = round(WALK_INS[branch.code] * self.scale * draw.uniform(0.8, 1.2))
        fresh = [self._newcomer(session, services, draw) for _ in range(count)]
        errands = [*self.returns.pop((branch.code, day), []), *fresh]
        moments = walk_in_moments(draw, shifts, len(errands))
        draw.shuffle(errands)
        comers += [Coming(at, errand) for at, errand in zip(moments, errands, strict=True)]
        return comers

    def _rush(self, session: Session, branch: Branch, services: list[PublicService]) -> list[Coming]:
        draw = chance.seeded((self.seed, branch.code, "rush"))
        moments = sorted(draw.uniform(1, 30) for _ in range(RUSH[branch.code]))
        return [
            Coming(self.present - dt.timedelta(minutes=ago), self._newcomer(session, services, draw))
            for ago in moments
        ]

    def _newcomer(self, session: Session, services: list[PublicService], draw: Draw) -> Errand:
        service = offered(services, draw)
        priority = draw.choice(FIRST) if draw.random() < PRIORITY else "none"
        if draw.random() < UNLINKED:
            return Errand(service, None, "ar", priority, today=self.present.date())
        self.numbers += 1
        resident = people.resident(session, self.seed, self.numbers, draw)
        return Errand(
            service, resident.person, resident.language, priority,
            object_ref=known_twice.thing(service, self.numbers), today=self.present.date(),
        )  # fmt: skip

    def _book_ahead(
        self, session: Session, branch: Branch, services: list[PublicService], day: dt.date
    ) -> None:
        draw = chance.seeded((self.seed, branch.code, day, "bookings"))
        foreseen = Reasons(session, chance.seeded((self.seed, branch.code, day, "reasons")))
        for number in range(round(BOOKINGS[branch.code] * self.scale)):
            service = offered(services, draw)
            soon = draw.randint(1, 9)
            free = booking.free_slots(
                session,
                service_id=service.id,
                branch_id=branch.id,
                from_day=day + dt.timedelta(days=soon),
                to_day=day + dt.timedelta(days=soon + 2),
            )
            scenario_id = foreseen.foreseen(service, BOOKED)
            minutes = booking.minutes_needed(session, service.id, scenario_id=scenario_id)
            free = chains.with_room(free, minutes)
            if not free:
                continue
            slot = draw.choice(free)
            self.numbers += 1
            resident = people.resident(session, self.seed, self.numbers, draw)
            with clock.at(clock.now() + dt.timedelta(minutes=7 * number)):
                known_people.note_contact(
                    session,
                    actor=SYSTEM,
                    person=resident.person,
                    name=resident.name,
                    phone=people.phone(self.numbers),
                )
                try:
                    made = booking.book(
                        session,
                        actor=SYSTEM,
                        slot_id=slot.slot_id,
                        service_id=service.id,
                        person=resident.person,
                        language=resident.language,
                        channel="web",
                        scenario_id=scenario_id,
                    )
                except AlreadyBookedError:
                    continue
                foreseen.answered(f"appointment:{made.id}", service, scenario_id)
            errand = Errand(service, resident.person, resident.language, today=self.present.date())
            self.booked[branch.code, clock.local_day(made.starts_at, branch.timezone)].append(
                (made.id, errand)
            )


def found_city(
    *,
    seed: int,
    days: int,
    scale: float,
    present: dt.datetime,
    handlers: Handlers,
    tell: Callable[[int, int], None],
) -> None:
    """Fill an empty database with the city; `tell(day, days)` hears of the progress. Raises NotEmptyError."""
    if reading().scalar(select(func.count()).select_from(Branch)):
        raise NotEmptyError
    city = City(seed=seed, days=days, scale=scale, present=present, handlers=handlers)
    city.found()
    for number in range(days + 1):
        city.live(city.first_day + dt.timedelta(days=number))
        tell(number, days)
    questions.settle(present)
    with clock.at(present), transaction() as session:
        specials.make(session, seed=seed)
        doors.furnish(session)
        waiting.wait(session, seed=seed)
        hall.watch(session)
        known_twice.make(session)
        complaints.make(session, seed=seed, handlers=handlers)
        obstacles.tell(session, since=city.first_day)
        back_office.finish(session, seed=seed, teams=city.teams)
        returns.make(session, seed=seed, handlers=handlers)
        recalls.make(session, present=present)
        reflections.make(session, present=present)
        marks.write(session)
    marks.tell(present)
    reports.publish(since=city.first_day, present=present)
    agencies.neighbour(present, seed)
    presence.sleep(present)
