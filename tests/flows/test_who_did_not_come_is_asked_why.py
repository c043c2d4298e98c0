"""Not coming has several kinds: each is kept apart, and only the true one counts."""

import datetime as dt

import pytest
from flask import Flask
from sqlalchemy import select

from govdesk import clock, outbox
from govdesk.actor import VISITOR, Actor
from govdesk.booking import rebooking, sweeps
from govdesk.booking.absence import service as absences
from govdesk.booking.errors import AppointmentStateError
from govdesk.booking.models import Appointment, Slot, SlotSchedule
from govdesk.booking.schedule import making, shows
from govdesk.catalog.entries import Name
from govdesk.catalog.models import Holiday
from govdesk.db import reading, transaction
from govdesk.errors import DeskError, NotAllowedError
from govdesk.kpi import service as kpi
from govdesk.notify.models import Message
from govdesk.wiring import HANDLERS
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

DAY = dt.timedelta(days=1)


def missed(cast: Cast, count: int = 1) -> list[int]:
    """So many appointments of Sunday at ten to which nobody came; it is noted in the afternoon."""
    with transaction() as session:
        slot = make_slot(
            session, branch=cast.north, service=cast.renewal, starts_at=moment("10:00"), capacity=count
        )
        people = [make_person(session, phone="+966501234567") for _ in range(count)]
        ids = [make_appointment(session, slot=slot, person=person).id for person in people]
    with clock.at(moment("15:00")), transaction() as session:
        sweeps.note_missed(session)
    return ids


def explain(appointment_id: int, reason: str) -> None:
    with transaction() as session:
        appointment = session.get_one(Appointment, appointment_id)
        absences.explain(session, actor=VISITOR, appointment=appointment, reason=reason)


def reem(cast: Cast) -> Actor:
    return cast.staff["reem"].actor


def test_each_kind_is_kept_apart_and_only_the_true_one_counts(cast: Cast) -> None:
    forgot, no_way, solved, waited, unseen, silent, excused, came = missed(cast, 8)
    with clock.at(moment("09:30", SUNDAY + DAY)):
        for one, reason in (
            (forgot, "forgot"), (no_way, "no_way"), (solved, "solved"), (waited, "waited_left"),
            (unseen, "not_seen"),
        ):  # fmt: skip
            explain(one, reason)
        with transaction() as session:
            absences.excuse(
                session, actor=reem(cast), appointment=session.get_one(Appointment, excused), reason="other"
            )
            session.get_one(Appointment, came).state = "fulfilled"
            gone = make_slot(session, branch=cast.north, service=cast.renewal, starts_at=moment("12:00"))
            given_up = make_appointment(session, slot=gone, person=make_person(session))
            given_up.state = "cancelled"
        row = kpi.figure(reading(), "noshow_rate").as_json()["rows"][0]
    # missed: forgot, solved, silent; expected: these, waited, unseen and who came
    assert (row["numerator"], row["denominator"]) == (3, 6)
    assert row["detail"] == {
        "cancelled_by_person": 1, "cancelled_by_us": 0, "excused": 2, "says_came": 2
    }  # fmt: skip
    assert silent


def test_whom_we_sent_away_did_not_cancel_by_themselves(cast: Cast) -> None:
    with transaction() as session:
        slot = make_slot(session, branch=cast.north, service=cast.renewal, starts_at=moment("12:00"))
        shut = make_appointment(session, slot=slot, person=cast.nora)
        slot.is_closed = True
        rebooking.rebook(session, actor=reem(cast), appointments=[shut], reason=Name("عطل", "Fault"))
    with clock.at(moment("15:00")), transaction() as session:
        assert rebooking.cancel_unplaced(session) == 1
    with clock.at(moment("16:00")):
        row = kpi.figure(reading(), "noshow_rate").as_json()["rows"][0]
    assert (row["denominator"], row["detail"]["cancelled_by_us"]) == (0, 1)


def test_the_question_goes_out_next_morning_and_only_once(cast: Cast) -> None:
    missed(cast)
    with clock.at(moment("15:01")):
        outbox.deliver_due(HANDLERS)
        outbox.deliver_due(HANDLERS)
    with transaction() as session:
        message = session.scalars(select(Message).where(Message.key == "missed_why")).one()
        assert message.send_after == moment("09:00", SUNDAY + DAY)


def test_a_person_may_answer_again_but_not_undo_what_staff_excused(cast: Cast) -> None:
    first, second = missed(cast, 2)
    explain(first, "forgot")
    explain(first, "solved")
    with transaction() as session:
        known = absences.absence_of(session, session.get_one(Appointment, first))
        assert known is not None
        assert (known.reason, known.is_excused) == ("solved", False)
        appointment = session.get_one(Appointment, second)
        absences.excuse(session, actor=reem(cast), appointment=appointment, reason="no_way")
    explain(second, "forgot")
    with transaction() as session:
        known = absences.absence_of(session, session.get_one(Appointment, second))
        assert known is not None
        assert (known.reason, known.is_excused) == ("no_way", True)


def test_what_cannot_be_said_is_refused(cast: Cast) -> None:
    one = missed(cast)[0]
    with pytest.raises(DeskError, match="choose_known"):
        explain(one, "nonsense")
    with clock.at(MORNING + 15 * DAY), pytest.raises(AppointmentStateError, match="too_late"):
        explain(one, "forgot")
    rana = cast.staff["rana"].actor
    with pytest.raises(NotAllowedError), transaction() as session:
        absences.excuse(session, actor=rana, appointment=session.get_one(Appointment, one), reason="other")


def test_a_pool_is_overbooked_only_where_it_may_and_as_far_as_its_own_past_allows(
    app: Flask, cast: Cast
) -> None:
    with transaction() as session:
        session.add(Holiday(day=dt.date(2026, 9, 23), name_ar="اليوم الوطني", name_en="National Day"))
        past = make_slot(
            session, branch=cast.north, service=cast.renewal, starts_at=moment("09:00", SUNDAY - 7 * DAY),
            capacity=2000,
        )  # fmt: skip
        for number in range(1000):
            state = "noshow" if number % 5 == 0 else "fulfilled"
            make_appointment(session, slot=past, person=None, state=state)
        rule = make_schedule(session, branch=cast.north, service=cast.renewal, capacity=20)
        rule_id = rule.id
        making.make_slots(session, branch_id=cast.north.id, service_id=cast.renewal.id)
        assert capacity(session.scalars(select(Slot).where(Slot.id != past.id)).all()) == {20}
    shows.run_set_extra()
    with transaction() as session:
        assert session.get_one(SlotSchedule, rule_id).extra == 0
        session.get_one(SlotSchedule, rule_id).may_overbook = True
    assert shows.run_set_extra() == "1 of 1 schedules changed"
    assert shows.run_set_extra() == "0 of 1 schedules changed"
    with transaction() as session:
        # (800 + 30) / (1000 + 30) = .8058: P(more than 20 of 22 come) = .0545, so 21
        assert session.get_one(SlotSchedule, rule_id).extra == 1
        making.make_slots(session, branch_id=cast.north.id, service_id=cast.renewal.id)
        session.expire_all()  # what was read before may still be there, as it was
        made = session.scalars(select(Slot).where(Slot.starts_at > clock.now())).all()
        assert capacity(made) == {21}
        session.get_one(SlotSchedule, rule_id).may_overbook = False
    shows.run_set_extra()
    with transaction() as session:
        assert session.get_one(SlotSchedule, rule_id).extra == 0


def capacity(slots: object) -> set[int]:
    """The capacities that there are."""
    return {slot.capacity for slot in slots}  # type: ignore[attr-defined]
