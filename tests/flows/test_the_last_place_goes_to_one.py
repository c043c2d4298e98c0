"""Many want the last place at once: as many get it as there are places, the others hear what else is free."""

import datetime as dt
import multiprocessing
import threading
from collections import Counter
from collections.abc import Callable

from flask import Flask
from sqlalchemy import func, select

from govdesk import clock
from govdesk.actor import VISITOR
from govdesk.app import create_app
from govdesk.booking import service as booking
from govdesk.booking.errors import SlotTakenError
from govdesk.booking.models import Appointment, Slot
from govdesk.booking.slots import alternatives_to
from govdesk.config import Settings
from govdesk.db import reading, transaction
from tests.makers import MORNING, Cast, make_slot


def slots_at(app: Flask, cast: Cast, *, capacity: int) -> tuple[int, int]:
    """A slot with so many places, and a free one after it; their ids."""
    with transaction() as session:
        wanted = make_slot(session, branch=cast.north, service=cast.renewal, capacity=capacity)
        later = wanted.ends_at
        other = make_slot(session, branch=cast.north, service=cast.renewal, starts_at=later, capacity=100)
        return wanted.id, other.id


def try_to_hold(app: Flask, slot_id: int, service_id: int) -> str:
    """Ask for a place; `won`, or what else was offered."""
    with app.app_context(), clock.at(MORNING):
        try:
            with transaction() as session:
                booking.hold(session, actor=VISITOR, slot_id=slot_id, service_id=service_id)
        except SlotTakenError as taken:
            others = alternatives_to(reading(), taken.slot_id)
            return ",".join(str(place.slot_id) for place in others)
        return "won"


def all_at_once(count: int, act: Callable[[], str]) -> Counter[str]:
    """What comes of `count` threads that act at the same moment."""
    gate, said = threading.Barrier(count), []

    def run() -> None:
        gate.wait()
        said.append(act())

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(said)


def test_40_people_ask_for_3_places_and_3_get_one(app: Flask, cast: Cast) -> None:
    slot_id, other = slots_at(app, cast, capacity=3)
    said = all_at_once(40, lambda: try_to_hold(app, slot_id, cast.renewal.id))
    assert said == {"won": 3, str(other): 37}
    with transaction() as session:
        assert session.get_one(Slot, slot_id).booked == 3
        assert session.scalar(select(func.count()).where(Appointment.slot_id == slot_id)) == 3


def test_20_people_ask_for_the_last_place_and_one_gets_it(app: Flask, cast: Cast) -> None:
    slot_id, other = slots_at(app, cast, capacity=1)
    said = all_at_once(20, lambda: try_to_hold(app, slot_id, cast.renewal.id))
    assert said == {"won": 1, str(other): 19}


def _process(settings: Settings, slot_id: int, service_id: int, gate: object, answers: object) -> None:
    app = create_app(settings)
    gate.wait()  # type: ignore[attr-defined]
    said = all_at_once(10, lambda: try_to_hold(app, slot_id, service_id))
    answers.put(dict(said))  # type: ignore[attr-defined]


def test_4_processes_of_10_people_ask_for_3_places_and_3_get_one(
    app: Flask, settings: Settings, cast: Cast
) -> None:
    slot_id, other = slots_at(app, cast, capacity=3)
    spawn = multiprocessing.get_context("spawn")
    gate, answers = spawn.Barrier(4), spawn.Queue()
    given = (settings, slot_id, cast.renewal.id, gate, answers)
    processes = [spawn.Process(target=_process, args=given) for _ in range(4)]
    for process in processes:
        process.start()
    said: Counter[str] = Counter()
    for _ in processes:
        said.update(answers.get(timeout=60))
    for process in processes:
        process.join(30)
    assert said == {"won": 3, str(other): 37}
    with transaction() as session:
        assert session.get_one(Slot, slot_id).booked == 3


def test_two_who_swap_places_both_get_them(app: Flask, cast: Cast) -> None:
    first_id, second_id = slots_at(app, cast, capacity=2)
    with transaction() as session:
        held = [
            booking.book(session, actor=VISITOR, slot_id=slot, service_id=cast.renewal.id, person=person)
            for slot, person in ((first_id, cast.nora), (second_id, cast.raj))
        ]
        ids = [(held[0].id, second_id), (held[1].id, first_id)]

    def swap(turn: list[tuple[int, int]]) -> str:
        appointment_id, slot_id = turn.pop()
        with app.app_context(), clock.at(MORNING + dt.timedelta(minutes=1)), transaction() as session:
            mine = session.get_one(Appointment, appointment_id)
            booking.move(session, actor=VISITOR, appointment=mine, slot_id=slot_id)
        return "moved"

    assert all_at_once(2, lambda: swap(ids)) == {"moved": 2}
    with transaction() as session:
        assert [session.get_one(Slot, slot).booked for slot in (first_id, second_id)] == [1, 1]
