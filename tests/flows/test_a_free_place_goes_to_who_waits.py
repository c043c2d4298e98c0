"""A place that comes free is held for who is next in the line; who is passed by can learn why."""

import datetime as dt

import pytest
from flask import Flask
from sqlalchemy import func, select

from govdesk import clock
from govdesk.actor import SYSTEM, VISITOR, Actor
from govdesk.booking import answering, offering, rebooking, sweeps, waiting
from govdesk.booking import service as booking
from govdesk.booking.errors import SlotTakenError
from govdesk.booking.models import Appointment, Slot, SlotSchedule
from govdesk.booking.schedule import making
from govdesk.booking.waiting_models import PlaceOffer, WaitingEntry, WaitingSkip
from govdesk.catalog.entries import Name
from govdesk.catalog.models import Holiday
from govdesk.config import settings
from govdesk.db import transaction
from govdesk.errors import DeskError, NotAllowedError
from govdesk.outbox import OutboxEvent
from govdesk.people.models import Person
from tests.flows.messages import give_contact, hear, keys
from tests.makers import (
    MORNING,
    SUNDAY,
    Cast,
    make_appointment,
    make_person,
    make_schedule,
    make_slot,
    moment,
)
from tests.processes import together

DAY = dt.timedelta(days=1)
HALF = dt.timedelta(minutes=30)


def full_slot(cast: Cast, days: int = 3, clock_time: str = "10:00", capacity: int = 1) -> int:
    """A slot of renewal at the north branch in which every place is booked."""
    with transaction() as session:
        slot = make_slot(
            session, branch=cast.north, service=cast.renewal, capacity=capacity,
            starts_at=moment(clock_time, SUNDAY + days * DAY),
        )  # fmt: skip
        for _ in range(capacity):
            make_appointment(session, slot=slot, person=make_person(session))
        return slot.id


def free_slot(cast: Cast, days: int, clock_time: str = "10:00", capacity: int = 1) -> int:
    with transaction() as session:
        return make_slot(
            session, branch=cast.north, service=cast.renewal, capacity=capacity,
            starts_at=moment(clock_time, SUNDAY + days * DAY),
        ).id  # fmt: skip


def join(cast: Cast, person: Person, **columns: object) -> int:
    given = {"first_on": SUNDAY, "last_on": SUNDAY + 30 * DAY, "branch_ids": [cast.north.id], **columns}
    with transaction() as session:
        return waiting.join(
            session,
            actor=VISITOR,
            service=cast.renewal,
            person=person,
            **given,  # type: ignore[arg-type]
        ).id


def give_up(slot_id: int) -> None:
    """Somebody who has booked this slot cancels."""
    with transaction() as session:
        booked = select(Appointment).where(Appointment.slot_id == slot_id, Appointment.state == "booked")
        booking.cancel(session, actor=VISITOR, appointment=session.scalars(booked.limit(1)).one())


def sweep(cast: Cast) -> int:
    with transaction() as session:
        return offering.offer_places(session, cast.renewal.id)


def state(entry_id: int) -> str:
    with transaction() as session:
        return session.get_one(WaitingEntry, entry_id).state


def offers(entry_id: int) -> list[str]:
    with transaction() as session:
        made = select(PlaceOffer.state).where(PlaceOffer.entry_id == entry_id).order_by(PlaceOffer.id)
        return list(session.scalars(made))


def skips(entry_id: int) -> list[str]:
    with transaction() as session:
        return list(session.scalars(select(WaitingSkip.reason).where(WaitingSkip.entry_id == entry_id)))


def booked(slot_id: int) -> int:
    with transaction() as session:
        return session.get_one(Slot, slot_id).booked


def accept(entry_id: int) -> Appointment:
    with transaction() as session:
        return answering.accept(session, actor=VISITOR, entry=session.get_one(WaitingEntry, entry_id))


def refuse(entry_id: int) -> None:
    with transaction() as session:
        answering.refuse(session, actor=VISITOR, entry=session.get_one(WaitingEntry, entry_id))


def remove(entry_id: int, actor: Actor, reason: str) -> None:
    with transaction() as session:
        answering.remove(session, actor=actor, entry=session.get_one(WaitingEntry, entry_id), reason=reason)


def told() -> list[str]:
    with transaction() as session:
        return list(session.scalars(select(OutboxEvent.name).order_by(OutboxEvent.id)))


def test_a_place_that_is_given_up_is_held_for_the_first_and_can_be_taken(cast: Cast) -> None:
    slot_id = full_slot(cast)
    nora, raj = join(cast, cast.nora), join(cast, cast.raj)
    assert sweep(cast) == 0
    give_up(slot_id)
    assert (sweep(cast), sweep(cast)) == (1, 0)
    assert (state(nora), state(raj), booked(slot_id)) == ("offered", "waiting", 1)
    with pytest.raises(SlotTakenError), transaction() as session:
        booking.hold(session, actor=VISITOR, slot_id=slot_id, service_id=cast.renewal.id)
    made = accept(nora)
    assert (made.state, made.person_id, made.slot_id) == ("booked", cast.nora.id, slot_id)
    assert made.visit_reference is None
    assert accept(nora).id == made.id
    assert (state(nora), booked(slot_id), told().count("waiting.offered")) == ("placed", 1, 1)


def test_a_hold_that_runs_out_is_offered_at_once(cast: Cast) -> None:
    slot_id = free_slot(cast, days=3)
    with transaction() as session:
        booking.hold(session, actor=VISITOR, slot_id=slot_id, service_id=cast.renewal.id)
    nora = join(cast, cast.nora)
    hear()
    with clock.at(MORNING + dt.timedelta(minutes=5)):
        with transaction() as session:
            assert sweeps.expire_holds(session) == 1
        hear()
        assert (state(nora), booked(slot_id)) == ("offered", 1)


def test_a_hold_that_is_given_back_is_offered_at_once(cast: Cast) -> None:
    slot_id = free_slot(cast, days=3)
    with transaction() as session:
        held = booking.hold(session, actor=VISITOR, slot_id=slot_id, service_id=cast.renewal.id)
    nora = join(cast, cast.nora)
    with transaction() as session:
        booking.cancel(session, actor=VISITOR, appointment=session.get_one(Appointment, held.id))
    hear()
    assert state(nora) == "offered"


def test_capacity_that_grows_is_offered_at_once_and_what_stays_the_same_tells_nothing(cast: Cast) -> None:
    columns = {"weekdays": [2], "starts": dt.time(10), "ends": dt.time(10, 30), "capacity": 1}
    with transaction() as session:
        session.add(Holiday(day=dt.date(2026, 9, 23), name_ar="اليوم الوطني", name_en="National Day"))
        rule = make_schedule(
            session, branch=cast.north, service=cast.renewal, horizon_days=6, **columns
        )  # the 7th of October, one place
        making.make_slots(session, branch_id=cast.north.id, service_id=cast.renewal.id)
        slot = session.scalars(select(Slot)).one()
        make_appointment(session, slot=slot, person=make_person(session))
    nora = join(cast, cast.nora)
    hear()
    assert state(nora) == "waiting"
    before = told().count("place.freed")
    with transaction() as session:
        making.make_slots(session, branch_id=cast.north.id, service_id=cast.renewal.id)
    assert told().count("place.freed") == before
    with transaction() as session:
        session.get_one(SlotSchedule, rule.id).capacity = 2
        session.flush()
        making.make_slots(session, branch_id=cast.north.id, service_id=cast.renewal.id)
    hear()
    assert (state(nora), booked(slot.id)) == ("offered", 2)


def test_who_is_taken_off_the_list_is_told_why_and_the_place_goes_on(cast: Cast) -> None:
    with transaction() as session:
        give_contact(session, session.get_one(Person, cast.nora.id))
    slot_id = full_slot(cast)
    nora, raj = join(cast, cast.nora), join(cast, cast.raj)
    give_up(slot_id)
    hear()
    reem, rana = (
        cast.staff["reem"].actor,
        cast.staff["rana"].actor,
    )  # rana is of the harbour, where nobody waits
    with pytest.raises(NotAllowedError):
        remove(nora, rana, "asked")
    with pytest.raises(DeskError, match="choose_known"):
        remove(nora, reem, "dislike")
    remove(nora, reem, "served")
    remove(nora, reem, "served")
    hear()
    with transaction() as session:
        entry = session.get_one(WaitingEntry, nora)
        assert (entry.state, entry.end_reason) == ("ended", "removed_served")
    assert (offers(nora), offers(raj), booked(slot_id)) == (["expired"], ["open"], 1)
    assert keys("queued") == ["waiting_removed"]


def test_what_is_refused_goes_to_the_next_and_is_not_offered_again_that_day(cast: Cast) -> None:
    slot_id = full_slot(cast)
    nora, raj = join(cast, cast.nora), join(cast, cast.raj)
    give_up(slot_id)
    sweep(cast)
    refuse(nora)
    refuse(nora)
    assert (booked(slot_id), sweep(cast)) == (0, 1)
    assert (offers(nora), offers(raj)) == (["refused"], ["open"])
    assert skips(nora) == ["notified_today"]
    with pytest.raises(answering.OfferOverError):
        accept(nora)


def test_an_offer_that_runs_out_goes_to_the_next_whoever_sweeps_first(cast: Cast) -> None:
    slot_id = full_slot(cast)
    nora, raj = join(cast, cast.nora), join(cast, cast.raj)
    give_up(slot_id)
    sweep(cast)
    with clock.at(MORNING + HALF):
        with pytest.raises(answering.OfferOverError):
            accept(nora)
        with transaction() as session:
            assert sweeps.expire_holds(session) == 1
        assert booked(slot_id) == 0
        assert sweep(cast) == 1
    assert (offers(nora), offers(raj), booked(slot_id)) == (["expired"], ["open"], 1)


def test_after_three_notices_on_three_days_there_is_no_fourth(cast: Cast) -> None:
    free_slot(cast, days=20)
    nora = join(cast, cast.nora)
    for day in range(3):
        with clock.at(MORNING + day * DAY):
            assert (sweep(cast), state(nora)) == (1, "offered")
        with clock.at(MORNING + day * DAY + HALF):
            assert sweep(cast) == 0
    with clock.at(MORNING + 3 * DAY):
        assert sweep(cast) == 0
    with transaction() as session:
        entry = session.get_one(WaitingEntry, nora)
        assert (entry.state, entry.end_reason, entry.notices) == ("ended", "three_notices", 3)


def test_displaced_comes_before_priority_and_priority_before_the_others(cast: Cast) -> None:
    join(cast, cast.nora)
    raj = join(cast, cast.raj, priority="elderly")
    with transaction() as session:
        slot = make_slot(
            session, branch=cast.north, service=cast.renewal, starts_at=moment("09:00", SUNDAY + DAY)
        )
        shut = make_appointment(session, slot=slot, person=cast.vera)
        slot.is_closed = True
        rebooking.rebook(session, actor=SYSTEM, appointments=[shut], reason=Name("عطل", "Fault"))
        offering.enter_displaced(session, {"appointment_id": shut.id})
        shut_id = shut.id
    free_slot(cast, days=5)
    assert sweep(cast) == 1
    with transaction() as session:
        offered = session.scalars(select(WaitingEntry).where(WaitingEntry.state == "offered")).one()
        assert (offered.appointment_id, offered.is_displaced) == (shut_id, True)
        offered_id = offered.id
    moved = accept(offered_id)
    assert (moved.id, clock.local_day(moved.starts_at, "Asia/Riyadh")) == (shut_id, SUNDAY + 5 * DAY)
    free_slot(cast, days=6)
    assert (sweep(cast), state(raj)) == (1, "offered")


def test_a_group_gets_places_in_a_row_and_hears_when_there_were_too_few(cast: Cast) -> None:
    single = free_slot(cast, days=2)
    family = join(cast, cast.nora, people=3)
    assert (sweep(cast), skips(family)) == (0, ["too_few"])
    first, second = free_slot(cast, 3, "10:00", capacity=2), free_slot(cast, 3, "10:30")
    assert (sweep(cast), booked(first), booked(second), booked(single)) == (1, 2, 1, 0)
    made = accept(family)
    with transaction() as session:
        own = select(Appointment).where(Appointment.visit_reference == made.visit_reference)
        kept = session.scalars(own.order_by(Appointment.id)).all()
        assert [one.state for one in kept] == ["booked", "held", "held"]
        assert kept[1].held_until == MORNING + HALF


def test_an_earlier_place_is_taken_for_the_later_one_and_the_eve_is_worth_no_notice(cast: Cast) -> None:
    late = free_slot(cast, days=14)
    with transaction() as session:
        mine = booking.book(
            session, actor=VISITOR, slot_id=late, service_id=cast.renewal.id, person=cast.nora
        )
        entry = waiting.wish_earlier(session, actor=VISITOR, appointment=mine)
        assert entry is not None
        entry_id, token = entry.id, mine.link_token
    free_slot(cast, days=13)
    assert (sweep(cast), skips(entry_id)) == (0, ["no_gain"])
    better = free_slot(cast, days=8)
    assert (sweep(cast), sweep(cast)) == (1, 0)
    assert (booked(better), booked(late)) == (1, 1)
    moved = accept(entry_id)
    assert (moved.link_token, moved.slot_id, moved.wants_earlier) == (token, better, False)
    assert (booked(better), booked(late)) == (1, 0)
    with transaction() as session:
        held = select(func.count()).where(Appointment.state == "held")
        assert session.scalar(held) == 0
    assert told().count("appointment.moved") == 1


def test_a_wish_set_elsewhere_enters_the_line_and_a_wish_taken_back_leaves_it(cast: Cast) -> None:
    late = free_slot(cast, days=14)
    with transaction() as session:
        mine = booking.book(
            session, actor=VISITOR, slot_id=late, service_id=cast.renewal.id, person=cast.nora
        )
        mine.wants_earlier = True
    with transaction() as session:
        assert (offering.enter_wishes(session), offering.enter_wishes(session)) == (1, 0)
    with transaction() as session:
        session.get_one(Appointment, mine.id).wants_earlier = False
    sweep(cast)
    with transaction() as session:
        entry = session.scalars(select(WaitingEntry)).one()
        assert (entry.state, entry.end_reason) == ("ended", "no_wish")


def test_leaving_gives_the_offered_place_back(cast: Cast) -> None:
    slot_id = free_slot(cast, days=3)
    nora = join(cast, cast.nora)
    sweep(cast)
    for _ in range(2):
        with transaction() as session:
            answering.leave(session, actor=VISITOR, entry=session.get_one(WaitingEntry, nora))
    assert (state(nora), offers(nora), booked(slot_id)) == ("left", ["refused"], 0)


def test_nobody_is_woken_an_offer_of_the_evening_stands_until_the_morning(cast: Cast) -> None:
    free_slot(cast, days=3)
    join(cast, cast.nora)
    with clock.at(moment("22:30")):
        assert sweep(cast) == 1
    with transaction() as session:
        offer = session.scalars(select(PlaceOffer)).one()
        assert offer.expires_at == moment("08:30", SUNDAY + DAY)


@pytest.mark.parametrize(
    ("columns", "field", "key"),
    [
        ({"first_on": SUNDAY - DAY}, "first_on", "errors.date_past"),
        ({"last_on": SUNDAY - DAY}, "last_on", "waiting.days_reversed"),
        ({"last_on": SUNDAY + 91 * DAY}, "last_on", "waiting.too_far"),
        ({"branch_ids": []}, "branches", "waiting.branch_missing"),
        ({"people": 7}, "people", "waiting.group_large"),
        ({"part": "night"}, "part", "errors.choose_known"),
    ],
)
def test_what_cannot_be_wished_for_is_refused_beside_its_field(
    cast: Cast, columns: dict[str, object], field: str, key: str
) -> None:
    with pytest.raises(waiting.WaitingError) as refusal:
        join(cast, cast.nora, **columns)
    assert (refusal.value.field, refusal.value.key) == (field, key)


def test_a_person_stands_once_in_a_line_and_not_with_an_appointment(cast: Cast) -> None:
    join(cast, cast.nora)
    with pytest.raises(waiting.WaitingError, match="already"):
        join(cast, cast.nora)
    slot_id = free_slot(cast, days=3)
    with transaction() as session:
        booking.book(session, actor=VISITOR, slot_id=slot_id, service_id=cast.renewal.id, person=cast.raj)
    with pytest.raises(waiting.WaitingError, match="has_appointment"):
        join(cast, cast.raj)


SWEEP = (
    "import datetime as dt\n"
    "from govdesk import clock\n"
    "from govdesk.booking import offering\n"
    "from govdesk.db import transaction\n"
    f"with clock.at(dt.datetime.fromisoformat('{MORNING.isoformat()}')):\n"
    "    print(sum(int(offering.run_offer_places().split()[2]) for _ in range(5)))\n"
)


def test_4_processes_sweep_at_once_and_each_place_is_offered_once(app: Flask, cast: Cast) -> None:
    slot_ids = [free_slot(cast, days) for days in (3, 4, 5)]
    with transaction() as session:
        people = [make_person(session) for _ in range(10)]
    entries = [join(cast, person) for person in people]
    outputs = together(SWEEP, count=4, settings=settings())
    assert sum(int(line) for line in outputs) == 3
    assert [state(entry) for entry in entries] == ["offered"] * 3 + ["waiting"] * 7
    assert [booked(slot_id) for slot_id in slot_ids] == [1, 1, 1]
    assert told().count("waiting.offered") == 3


ANSWER = (
    "import datetime as dt\n"
    "from govdesk import clock\n"
    "from govdesk.actor import VISITOR\n"
    "from govdesk.booking import answering, offering, sweeps\n"
    "from govdesk.booking.waiting_models import WaitingEntry\n"
    "from govdesk.db import transaction\n"
    "from govdesk.errors import DeskError\n"
    "verb, entry_id, at = sys.argv[1], int(sys.argv[2]), dt.datetime.fromisoformat(sys.argv[3])\n"
    "for verb in (verb, 'refuse', 'accept'):\n"
    "    with clock.at(at):\n"
    "        try:\n"
    "            with transaction() as session:\n"
    "                getattr(answering, verb)(\n"
    "                    session, actor=VISITOR, entry=session.get_one(WaitingEntry, entry_id))\n"
    "            print(verb)\n"
    "        except DeskError as refusal:\n"
    "            print('no', refusal.key)\n"
    "        sweeps.run_expire_holds()\n"
    "        offering.run_offer_places()\n"
)


def test_4_processes_answer_and_sweep_and_the_place_has_one_owner(app: Flask, cast: Cast) -> None:
    slot_id = free_slot(cast, days=3)
    nora, raj = join(cast, cast.nora), join(cast, cast.raj)
    sweep(cast)
    given = ["accept", str(nora), MORNING.isoformat()]
    together(ANSWER, count=4, settings=settings(), arguments=given)
    assert booked(slot_id) == 1
    assert (offers(nora), state(nora), state(raj)) == (["accepted"], "placed", "waiting")
    with transaction() as session:
        owners = select(func.count()).where(Appointment.slot_id == slot_id, Appointment.state == "booked")
        assert session.scalar(owners) == 1


def test_4_processes_at_the_last_moment_leave_the_place_with_one(app: Flask, cast: Cast) -> None:
    slot_id = free_slot(cast, days=3)
    nora, raj = join(cast, cast.nora), join(cast, cast.raj)
    sweep(cast)
    given = ["accept", str(nora), (MORNING + HALF).isoformat()]
    together(ANSWER, count=4, settings=settings(), arguments=given)
    assert (offers(nora), offers(raj), booked(slot_id)) == (["expired"], ["open"], 1)
