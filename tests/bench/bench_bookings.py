"""16 clients hold, confirm, move, cancel and let holds run out, all at once: is every place counted once?

python tests/bench/bench_bookings.py [--operations 10000] [--clients 16] [--database postgresql://…]
"""

import argparse
import datetime as dt
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from flask import Flask
from sqlalchemy import select

from govdesk import chance, clock, config, schema
from govdesk.actor import VISITOR
from govdesk.app import create_app
from govdesk.booking import service as booking
from govdesk.booking import sweeps
from govdesk.booking.models import Appointment, AppointmentSlot, Slot
from govdesk.catalog.models import PublicService
from govdesk.db import transaction
from govdesk.errors import DeskError
from govdesk.people.models import Person
from tests.makers import MORNING, make_cast, make_person, make_slot

SLOTS, CAPACITY, PEOPLE = 80, 3, 400
STEP = dt.timedelta(minutes=15)
LENGTHS = (10, 10, 10, 25, 40)  # minutes: one, two or three slots
TAKES = ("held", "booked", "arrived", "fulfilled", "noshow")
LATER = dt.timedelta(minutes=6)
ACTS = ("hold",) * 4 + ("confirm",) * 3 + ("move",) * 2 + ("cancel", "expire")


@dataclass
class Client:
    """One who acts: what was done, what was refused, how long each took."""

    app: Flask
    number: int
    slot_ids: list[int]
    person_ids: list[int]
    service_ids: list[int]
    own: list[int] = field(default_factory=list)
    said: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    def run(self, operations: int) -> None:
        """Act so many times."""
        draw = chance.seeded((self.number, "client"))
        with self.app.app_context(), clock.at(MORNING):
            for _ in range(operations):
                act = draw.choice(ACTS)
                began = time.perf_counter()
                try:
                    getattr(self, act)(draw)
                    self.said[act] += 1
                except DeskError as refusal:
                    self.said[f"{act}: {refusal.key}"] += 1
                self.seconds.append(time.perf_counter() - began)

    def hold(self, draw: chance.Draw) -> None:
        """Hold places for one of the services."""
        with transaction() as session:
            place = draw.randrange(len(self.service_ids))
            slot_id = draw.choice(self.slot_ids[place * SLOTS : (place + 1) * SLOTS])
            service_id = self.service_ids[place]
            held = booking.hold(session, actor=VISITOR, slot_id=slot_id, service_id=service_id)
            self.own.append(held.id)

    def confirm(self, draw: chance.Draw) -> None:
        """Book one of mine, perhaps too late."""
        with transaction() as session:
            mine = self._mine(session, draw)
            person = session.get_one(Person, draw.choice(self.person_ids))
            booking.confirm(session, actor=VISITOR, appointment=mine, person=person)

    def move(self, draw: chance.Draw) -> None:
        """Choose another time of the same service."""
        with transaction() as session:
            mine = self._mine(session, draw)
            place = self.service_ids.index(mine.service_id)
            slot_id = draw.choice(self.slot_ids[place * SLOTS : (place + 1) * SLOTS])
            booking.move(session, actor=VISITOR, appointment=mine, slot_id=slot_id)

    def cancel(self, draw: chance.Draw) -> None:
        """Give one of mine up."""
        with transaction() as session:
            booking.cancel(session, actor=VISITOR, appointment=self._mine(session, draw))

    def expire(self, draw: chance.Draw) -> None:
        """Let the holds of everyone run out."""
        assert draw
        with clock.at(MORNING + LATER), transaction() as session:
            sweeps.expire_holds(session)

    def _mine(self, session: object, draw: chance.Draw) -> Appointment:
        if not self.own:
            raise DeskError("errors.body_404", status=404)
        return session.get_one(Appointment, draw.choice(self.own))  # type: ignore[attr-defined, no-any-return]


def prepare(app: Flask) -> tuple[list[int], list[int], list[int]]:
    """Services of different lengths, their slots one after the other, and people."""
    with app.app_context(), clock.at(MORNING):
        schema.upgrade()
        with transaction() as session:
            cast = make_cast(session)
            services = [cast.renewal, cast.passport, cast.deed]
            for service, minutes in zip(services, (10, 25, 40), strict=True):
                session.get_one(PublicService, service.id).minutes = minutes
            slots = [
                make_slot(
                    session, branch=cast.north, service=service, capacity=CAPACITY,
                    starts_at=MORNING + dt.timedelta(days=1) + n * STEP,
                    ends_at=MORNING + dt.timedelta(days=1) + (n + 1) * STEP,
                )
                for service in services
                for n in range(SLOTS)
            ]  # fmt: skip
            people = [make_person(session).id for _ in range(PEOPLE)]
            return [slot.id for slot in slots], people, [service.id for service in services]


def problems(app: Flask) -> list[str]:
    """Where what slots count is not what appointments have."""
    with app.app_context(), transaction() as session:
        first = session.scalars(select(Appointment.slot_id).where(Appointment.state.in_(TAKES)))
        taken = Counter(first)
        taken.update(session.scalars(select(AppointmentSlot.slot_id)))
        return [
            f"slot {slot.id}: {slot.booked} counted, {taken[slot.id]} taken, {slot.capacity} there"
            for slot in session.scalars(select(Slot))
            if not slot.booked == taken[slot.id] <= slot.capacity
        ]


def main() -> int:
    """Run, say what happened; 1 if a place was lost or given twice."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--operations", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--database", default="")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        environ = {"GOVDESK_INSTANCE": folder, "GOVDESK_JOBS": "no"}
        settings, _origins = config.load(
            environ | ({"GOVDESK_DATABASE_URL": given.database} if given.database else {})
        )
        app = create_app(settings)
        slot_ids, person_ids, service_ids = prepare(app)
        clients = [Client(app, n, slot_ids, person_ids, service_ids) for n in range(given.clients)]
        began = time.perf_counter()
        threads = [
            threading.Thread(target=client.run, args=(given.operations // given.clients,))
            for client in clients
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = time.perf_counter() - began
        said: Counter[str] = sum((client.said for client in clients), Counter())
        seconds = sorted(second for client in clients for second in client.seconds)
        wrong = problems(app)
    cuts = statistics.quantiles(seconds, n=100)
    rate, median, slow = len(seconds) / took, cuts[49] * 1000, cuts[98] * 1000
    print(f"{len(seconds)} operations by {given.clients} clients in {took:.1f} s: {rate:.0f} a second")
    print(f"each: median {median:.1f} ms, p99 {slow:.1f} ms, longest {seconds[-1] * 1000:.0f} ms")
    for what, count in said.most_common():
        print(f"  {count:6}  {what}")
    print("\n".join(wrong) or "every place is counted once, and none above the capacity")
    is_whole = len(seconds) == given.operations // given.clients * given.clients
    return 1 if wrong or not is_whole else 0


if __name__ == "__main__":
    sys.exit(main())
