"""Several services, or a family, in one visit: chosen on one page, then held, booked and moved whole."""

import datetime as dt
from collections.abc import Callable

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import select

from govdesk import clock
from govdesk.booking.models import Appointment, Slot
from govdesk.db import transaction
from govdesk.people.models import PersonContact
from tests.desk import Desk, Page, preset
from tests.makers import MORNING, Cast, make_slot

TOMORROW = MORNING + dt.timedelta(days=1)
DAY = "branch=north&day=2026-10-05"
WHO = {"name": "نورة العتيبي", "phone": "0501234567"}


@pytest.fixture
def slot_ids(app: Flask, cast: Cast) -> dict[str, list[int]]:
    """Tomorrow at the north branch: renewals and passports at nine, half past nine, ten and half past ten."""
    with transaction() as session:
        return {
            service.code: [
                make_slot(
                    session, branch=cast.north, service=service,
                    starts_at=TOMORROW + n * dt.timedelta(minutes=30),
                ).id
                for n in range(4)
            ]
            for service in (cast.renewal, cast.passport)
        }  # fmt: skip


def appointments() -> list[Appointment]:
    with transaction() as session:
        return list(session.scalars(select(Appointment).order_by(Appointment.id)))


def hold(desk: Desk, slot_id: int, query: str) -> Page:
    shown = desk.get(f"/book/renewal/time?{DAY}&{query}", language="en")
    return desk.follow(desk.submit(shown, {"slot": str(slot_id)}, action="/book/renewal/time", status=302))


def test_two_services_are_chosen_on_one_page_and_booked_by_one_press(
    desk: Desk, slot_ids: dict[str, list[int]]
) -> None:
    choose = desk.get("/book/renewal/visit", language="en")
    assert "After Identity renewal, which comes first." in choose.main
    times = desk.get(f"/book/renewal/time?{DAY}&also=passport&others=&others=", language="en")
    assert "Identity renewal, for you" in times.main
    assert times.words("label", "gone") == ["10:30 taken"]  # nothing follows the last
    held = hold(desk, slot_ids["renewal"][0], "also=passport")
    assert "09:30 · Passport" in held.main
    booked = desk.follow(desk.submit(held, WHO, action=held.path, status=302))
    assert [(one.state, one.slot_id) for one in appointments()] == [
        ("booked", slot_ids["renewal"][0]), ("booked", slot_ids["passport"][1]),
    ]  # fmt: skip
    assert "Change the time of the whole visit" in booked.main
    entries = Calendar.from_ical(desk.get(f"{booked.path}/appointment.ics", status=200).data).walk("VEVENT")
    assert [entry.decoded("dtstart") for entry in entries] == [
        TOMORROW, TOMORROW + dt.timedelta(minutes=30),
    ]  # fmt: skip
    assert len({entry["uid"] for entry in entries}) == len({entry["url"] for entry in entries}) == 2
    moved = desk.get(f"{booked.path}/move/visit/to?slot={slot_ids['renewal'][2]}", language="en")
    assert "Move the whole visit?" in moved.main
    desk.submit(moved, {"slot": str(slot_ids["renewal"][2])}, status=302)
    assert [one.slot_id for one in appointments()] == [slot_ids["renewal"][2], slot_ids["passport"][3]]
    desk.submit(desk.get(f"{booked.path}/cancel"), {"whole": "y"}, status=302)
    assert {one.state for one in appointments()} == {"cancelled"}


def test_each_of_a_family_is_named_and_one_is_reached_for_all(
    desk: Desk, cast: Cast, slot_ids: dict[str, list[int]]
) -> None:
    held = hold(desk, slot_ids["renewal"][0], "others=renewal,passport")
    refused = desk.submit(held, WHO | {"name_1": "سارة", "identity_2": "1"}, action=held.path, status=422)
    assert list(refused.errors()) == ["name_2"]
    names = {"name_1": "سارة العتيبي", "name_2": "خالد العتيبي", "identity_2": cast.raj_number}
    desk.submit(refused, names, action=held.path, status=302)
    booked = appointments()
    with transaction() as session:
        known = {one.person_id: one.name for one in session.scalars(select(PersonContact))}
    assert [known[one.person_id or 0] for one in booked] == ["نورة العتيبي", "سارة العتيبي", "Raj"]
    assert booked[2].person_id == cast.raj.id
    assert {one.state for one in booked} == {"booked"}


def test_a_visit_that_was_taken_meanwhile_is_refused_whole_with_other_starts(
    desk: Desk, slot_ids: dict[str, list[int]]
) -> None:
    shown = desk.get(f"/book/renewal/time?{DAY}&also=passport", language="en")
    with transaction() as session:
        for slot_id in slot_ids["passport"][1:3]:
            session.get_one(Slot, slot_id).booked = 1
    refused = desk.submit(
        shown, {"slot": str(slot_ids["renewal"][0])}, action="/book/renewal/time", language="en", status=409
    )
    assert "not all of the visit can be had" in refused.main
    assert "tomorrow 09:30" in refused.main
    assert "tomorrow 10:00" in refused.main
    assert appointments() == []
    given_back = hold(desk, slot_ids["renewal"][1], "also=passport")
    desk.submit(given_back, action=f"{given_back.path}/release", status=302)
    assert {one.state for one in appointments()} == {"cancelled"}


@pytest.mark.parametrize(
    ("shown", "door"),
    [("/kiosk/north/appointment",) * 2, ("/reception/north", "/reception/north/arrivals")],
)
def test_who_came_along_is_checked_in_from_the_slip_of_the_first(
    desk: Desk, sign_in: Callable[[str], Desk], slot_ids: dict[str, list[int]], shown: str, door: str
) -> None:
    held = hold(desk, slot_ids["renewal"][0], "others=passport")
    desk.submit(held, WHO | {"name_1": "سارة العتيبي"}, action=held.path, status=302)
    first, second = appointments()
    with clock.at(TOMORROW - dt.timedelta(minutes=10)):
        hall = sign_in("reem") if "reception" in door else desk
        given = hall.follow(hall.post(door, {"reference": first.reference}, page=shown, status=302))
        assert {"reference": second.reference}.items() <= preset(given.form(door)).items()
        assert "سارة" not in given.main
        given = hall.follow(hall.submit(given, action=door, status=302))
        assert {one.state for one in appointments()} == {"arrived"}
        assert all(form.get("action") != door for form in given.forms())
