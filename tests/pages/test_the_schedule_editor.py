"""An administrator sees the week, looks at what a change does and whom it touches, and only then saves it."""

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from govdesk import clock
from govdesk.actor import VISITOR
from govdesk.booking import service as booking
from govdesk.booking.models import Appointment, Slot, SlotSchedule
from govdesk.booking.schedule.making import make_slots
from govdesk.booking.schedule.models import Displacement, ScheduleException
from govdesk.catalog.models import Holiday, Season
from govdesk.db import reading, transaction
from govdesk.people.models import Person
from tests.desk import Desk, preset
from tests.makers import SUNDAY, Cast, make_schedule, moment

SignIn = Callable[[str], Desk]
MONDAY = SUNDAY + dt.timedelta(days=1)
RULE = {
    "starts": "13:00", "ends": "15:00", "slot_minutes": "٢٠", "capacity": "3", "kept_walkins": "1",
    "kept_staff": "1", "lead_minutes": "60", "horizon_days": "14", "every_weeks": "1", "weekdays": ["0", "2"],
}  # fmt: skip
CLOSURE = {
    "kind": "shut", "scope": "all", "first_on": str(MONDAY), "last_on": str(MONDAY), "name_ar": "صيانة",
    "name_en": "Maintenance",
}  # fmt: skip


@pytest.fixture
def city(cast: Cast) -> Cast:
    """Renewal at the north from nine to noon, one desk; Nora has booked Monday at nine."""
    with transaction() as session:
        session.add(Holiday(day=dt.date(2026, 9, 23), name_ar="اليوم الوطني", name_en="National Day"))
        make_schedule(session, branch=cast.north, service=cast.renewal, capacity=1, horizon_days=14)
        make_slots(session, branch_id=cast.north.id, service_id=cast.renewal.id)
        slot_id = session.scalars(select(Slot.id).where(Slot.starts_at == moment("09:00", MONDAY))).one()
        booking.book(
            session, actor=VISITOR, slot_id=slot_id, service_id=cast.renewal.id,
            person=session.get_one(Person, cast.nora.id),
        )  # fmt: skip
    return cast


@pytest.fixture
def adam(city: Cast, sign_in: SignIn) -> Desk:
    return sign_in("adam")


def rule() -> SlotSchedule:
    return reading().scalars(select(SlotSchedule)).first()  # type: ignore[return-value]


def noras() -> Appointment:
    return reading().scalars(select(Appointment)).one()


def test_every_page_is_in_order_in_both_languages(adam: Desk, city: Cast) -> None:
    with transaction() as session:
        session.add(
            ScheduleException(
                branch_id=city.north.id,
                kind="shut",
                first_on=MONDAY,
                last_on=MONDAY,
                name_ar="س",
                name_en="S",
            )
        )
    north, number = "/admin/branches/north", rule().id
    for path in (
        f"{north}/schedules", f"{north}/schedules?service=renewal", f"{north}/schedules?week=2027-01-05",
        f"{north}/schedules?week=x", f"{north}/schedules/new", f"{north}/schedules/new?service=deed",
        f"{north}/schedules/{number}", f"{north}/schedules/{number}/remove", f"{north}/exceptions/new",
        f"{north}/exceptions/1", f"{north}/exceptions/1/withdraw", "/admin/seasons", "/admin/seasons/new",
        "/admin/seasons/new?ramadan=1", "/admin/calls",
    ):  # fmt: skip
        assert adam.get(path, status=200).heading


def test_a_rule_of_another_branch_is_not_found_here(adam: Desk, city: Cast) -> None:
    assert adam.get(f"/admin/branches/harbour/schedules/{rule().id}").status == 404
    assert adam.get(f"/admin/branches/harbour/schedules/{rule().id}/remove").status == 404


@pytest.mark.parametrize("username", ["omar", "reem", "sara", "huda", "aziz"])
def test_nobody_else_edits_the_schedules(city: Cast, sign_in: SignIn, username: str) -> None:
    browser = sign_in(username)
    for path in ("branches/north/schedules", "branches/north/exceptions/new", "seasons"):
        assert browser.get(f"/admin/{path}").status == 403


def test_the_week_shows_stretches_with_both_dates(adam: Desk, city: Cast) -> None:
    page = adam.get("/admin/branches/north/schedules?service=renewal", language="en")
    assert "09:00–12:00" in page.main
    assert "6 times" in page.main
    assert "4 October" in page.main
    assert "Rabi" in page.main  # 4 October 2026 is in Rabi al-Thani 1448


def test_a_new_rule_is_looked_at_and_then_saved_with_the_same_data(adam: Desk, city: Cast) -> None:
    path = "/admin/branches/north/schedules/new?service=passport"
    typed = RULE | {"service": str(city.passport.id)}
    looked = adam.post(path, typed | {"step": "look"}, language="en", status=200)
    # two Mondays and two Wednesdays within two weeks, six times of twenty minutes each
    assert "24 new times" in looked.main
    assert "No conflicts" in looked.main
    assert reading().scalar(select(func.count()).select_from(SlotSchedule)) == 1
    saved = adam.submit(looked, {"step": "save"}, status=302)
    assert saved.location == "/admin/branches/north/schedules?service=passport"
    slots = (
        reading()
        .execute(select(Slot.capacity, Slot.kept_staff).where(Slot.service_id == city.passport.id))
        .all()
    )
    assert [tuple(slot) for slot in slots] == [(1, 1)] * 24


def test_saving_without_having_looked_shows_first(adam: Desk, city: Cast) -> None:
    typed = RULE | {"service": str(city.passport.id), "step": "save"}
    page = adam.post("/admin/branches/north/schedules/new", typed, language="en", status=409)
    assert "Look again" in page.main
    assert reading().scalar(select(func.count()).select_from(SlotSchedule)) == 1


def test_what_was_changed_after_looking_is_looked_at_again(adam: Desk, city: Cast) -> None:
    path = "/admin/branches/north/schedules/new"
    looked = adam.post(path, RULE | {"service": str(city.passport.id), "step": "look"}, status=200)
    again = adam.submit(looked, {"step": "save", "capacity": "9"}, language="en", status=409)
    assert 'value="9"' in again.html
    adam.submit(again, {"step": "save"}, status=302)


def test_saving_twice_saves_once(adam: Desk, city: Cast) -> None:
    path = "/admin/branches/north/schedules/new"
    looked = adam.post(path, RULE | {"service": str(city.passport.id), "step": "look"}, status=200)
    first = adam.submit(looked, {"step": "save"}, status=302)
    again = adam.submit(looked, {"step": "save"}, status=302)
    assert first.location == again.location
    assert reading().scalar(select(func.count()).select_from(SlotSchedule)) == 2


def test_conflicts_are_told_before_saving(adam: Desk, city: Cast) -> None:
    typed = RULE | {
        "service": str(city.renewal.id), "starts": "11:00", "ends": "17:10", "weekdays": ["6", "4"],
        "step": "look",
    }  # fmt: skip
    page = adam.post("/admin/branches/north/schedules/new", typed, language="en", status=200)
    assert "3 things to check" in page.main
    assert "overlaps another" in page.main
    assert "too few for a slot (10)" in page.main
    assert "outside the opening hours" in page.main


@pytest.mark.parametrize(
    ("typed", "field", "says"),
    [
        ({"weekdays": []}, "weekdays", "at least one day"),
        ({"ends": "12:00"}, "ends", "before the beginning"),
        ({"every_weeks": "2"}, "anchor", "first day"),
        ({"kept_staff": "3"}, "kept_walkins", "More places are kept"),
        ({"lead_minutes": "20160"}, "horizon_days", "close before it opens"),
        ({"valid_from": "2026-10-05", "valid_until": "2026-10-04"}, "valid_until", "before the first"),
        ({"slot_minutes": "0"}, "slot_minutes", ""),
    ],
)
def test_numbers_without_sense_are_refused_beside_their_field(
    adam: Desk, city: Cast, typed: dict[str, str], field: str, says: str
) -> None:
    sent = RULE | {"service": str(city.passport.id), "name_en": "Afternoons", "step": "look"} | typed
    page = adam.post("/admin/branches/north/schedules/new", sent, language="en", status=422)
    assert says in page.errors()[field]
    assert 'value="Afternoons"' in page.html


def test_who_would_be_left_outside_is_named_with_a_mask_and_moved_when_saved(adam: Desk, city: Cast) -> None:
    path = f"/admin/branches/north/schedules/{rule().id}"
    looked = adam.post(path, {"starts": "10:00", "step": "look"}, language="en", status=200)
    assert "1 person who has booked is affected" in looked.main
    assert noras().reference in looked.main
    assert "N•••" in looked.main
    assert "Nora" not in looked.main
    reason = {"reason_ar": "تعديل", "reason_en": "New hours"}
    silent = adam.submit(looked, {"step": "save"}, language="en", status=422)
    assert "why these people are moved" in silent.errors()["reason_ar"]
    adam.submit(silent, reason | {"step": "save"}, status=302)
    assert noras().starts_at == moment("10:00", MONDAY)
    assert reading().scalars(select(Displacement.reason_en)).one() == "New hours"


def test_who_is_left_in_place_keeps_the_time(adam: Desk, city: Cast) -> None:
    path = f"/admin/branches/north/schedules/{rule().id}"
    looked = adam.post(path, {"starts": "10:00", "step": "look"}, status=200)
    adam.submit(looked, {"step": "save", "people": "stay"}, status=302)
    assert noras().starts_at == moment("09:00", MONDAY)


def test_a_closure_tells_whom_it_touches_and_moves_them(adam: Desk, city: Cast) -> None:
    looked = adam.post(
        "/admin/branches/north/exceptions/new", CLOSURE | {"step": "look"}, language="en", status=200
    )
    assert "6 times go" in looked.main
    assert noras().reference in looked.main
    adam.submit(looked, {"step": "save"}, status=302)
    assert noras().starts_at == moment("09:00", MONDAY + dt.timedelta(days=1))
    assert noras().sequence == 1


def test_someone_who_books_between_looking_and_saving_is_not_overlooked(adam: Desk, city: Cast) -> None:
    looked = adam.post("/admin/branches/north/exceptions/new", CLOSURE | {"step": "look"}, status=200)
    with transaction() as session:
        slot_id = session.scalars(select(Slot.id).where(Slot.starts_at == moment("10:00", MONDAY))).one()
        booking.book(
            session, actor=VISITOR, slot_id=slot_id, service_id=city.renewal.id,
            person=session.get_one(Person, city.raj.id),
        )  # fmt: skip
    again = adam.submit(looked, {"step": "save"}, language="en", status=409)
    assert "2 people who have booked are affected" in again.main


def test_an_exception_is_withdrawn_after_a_look(adam: Desk, city: Cast) -> None:
    looked = adam.post("/admin/branches/north/exceptions/new", CLOSURE | {"step": "look"}, status=200)
    adam.submit(looked, {"step": "save"}, status=302)
    number = reading().scalars(select(ScheduleException.id)).one()
    path = f"/admin/branches/north/exceptions/{number}/withdraw"
    looked = adam.post(path, {"step": "look"}, language="en", status=200)
    assert "6 new times" in looked.main
    adam.submit(looked, {"step": "save"}, status=302)
    monday = select(Slot.is_closed).where(Slot.starts_at == moment("09:00", MONDAY))
    assert reading().scalar(monday) is False


def test_half_an_hour_of_a_closure_is_refused(adam: Desk, city: Cast) -> None:
    sent = CLOSURE | {"starts": "09:00", "step": "look"}
    page = adam.post("/admin/branches/north/exceptions/new", sent, language="en", status=422)
    assert page.errors()["ends"]


def test_a_rule_is_removed_after_a_look(adam: Desk, city: Cast) -> None:
    path = f"/admin/branches/north/schedules/{rule().id}/remove"
    looked = adam.post(path, {"step": "look"}, language="en", status=200)
    assert "1 person who has booked is affected" in looked.main
    adam.submit(looked, {"step": "save", "reason_ar": "انتهت", "reason_en": "Ended"}, status=302)
    assert reading().scalars(select(SlotSchedule)).all() == []
    # nothing else is offered, so Nora keeps her reference and is called
    assert reading().scalars(select(Displacement.moved_to)).one() is None


def test_a_season_changes_the_slots_and_asks_when_people_are_outside(adam: Desk, city: Cast) -> None:
    season = {
        "branch": str(city.north.id), "name_ar": "موسم", "name_en": "Season", "first_on": str(MONDAY),
        "last_on": str(MONDAY), "hours_0": "10:00", "closes_0": "12:00",
    }  # fmt: skip
    asked = adam.post("/admin/seasons/new", season, language="en", status=409)
    assert "1 person has booked a time that would fall outside" in asked.main
    with transaction() as session:
        mine = session.scalars(select(Appointment)).one()
        assert mine.reference in asked.main
    adam.submit(asked, {"anyway": "y"}, status=302)
    with transaction() as session:  # the nearest place within the new hours, with priority from now on
        moved = session.get_one(Appointment, mine.id)
        assert moved.starts_at == moment("10:00", MONDAY)
        assert session.scalars(select(Displacement.reason_en)).one() == "Season"
    assert reading().scalars(select(Season.name_en)).one() == "Season"
    nine = select(Slot.is_closed).where(Slot.starts_at == moment("09:00", MONDAY))
    assert reading().scalar(nine) is True
    number = reading().scalars(select(Season.id)).one()
    adam.post(f"/admin/seasons/{number}/withdraw", {}, page="/admin/seasons", status=302)
    assert reading().scalar(nine) is False


def test_two_seasons_of_a_place_do_not_meet(adam: Desk, city: Cast) -> None:
    season = {
        "branch": "0", "name_ar": "موسم", "name_en": "Season", "first_on": "2027-01-05",
        "last_on": "2027-01-09", "hours_0": "10:00", "closes_0": "12:00",
    }  # fmt: skip
    adam.post("/admin/seasons/new", season, status=302)
    page = adam.post("/admin/seasons/new", season | {"last_on": "2027-01-05"}, language="en", status=422)
    assert "shares some of these days" in page.errors()["first_on"]


def test_the_next_ramadan_is_offered_by_umm_al_qura(adam: Desk, city: Cast) -> None:
    page = adam.get("/admin/seasons/new?ramadan=1", language="en")
    # 1 Ramadan 1448 is 8 February 2027, and the month has 29 days
    assert 'value="2027-02-08"' in page.html
    assert 'value="2027-03-08"' in page.html


def test_reception_calls_who_has_no_place_at_its_branch_and_notes_it(
    adam: Desk, city: Cast, sign_in: SignIn
) -> None:
    whole = CLOSURE | {"first_on": str(SUNDAY), "last_on": str(SUNDAY + dt.timedelta(days=30))}
    looked = adam.post("/admin/branches/north/exceptions/new", whole | {"step": "look"}, status=200)
    adam.submit(looked, {"step": "save"}, status=302)
    reem, rana = sign_in("reem"), sign_in("rana")
    assert noras().reference not in rana.get("/admin/calls").main
    page = reem.get("/admin/calls", language="en")
    assert noras().reference in page.main
    assert "no place yet" in page.main
    number = reading().scalars(select(Displacement.id)).one()
    own = preset(rana.get("/admin/calls").forms()[0])
    assert rana.send(f"/admin/calls/{number}/settle", own).status == 404
    reem.post(f"/admin/calls/{number}/settle", {}, page="/admin/calls", status=302)
    assert noras().reference not in reem.get("/admin/calls").main
    assert reading().scalars(select(Displacement.settled_by)).one() == f"staff:{city.staff['reem'].id}"
    assert clock.now() == reading().scalars(select(Displacement.settled_at)).one()
