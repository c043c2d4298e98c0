"""A person is told of a booking, its changes and its end, and is reminded in time or not at all."""

import datetime as dt

import pytest
from flask import Flask

from govdesk import clock
from govdesk.actor import SYSTEM, VISITOR
from govdesk.booking import service as booking
from govdesk.booking import telling
from govdesk.booking.models import Appointment
from govdesk.booking.visit import courses, together
from govdesk.booking.visit import service as visits
from govdesk.catalog.scenario_models import Scenario, ScenarioPaper
from govdesk.db import transaction
from govdesk.notify import service
from govdesk.people import service as people
from govdesk.people.models import Person
from tests.flows.messages import EMAIL, PHONE, Postman, book, give_contact, hear, keys, messages, send
from tests.makers import SUNDAY, Cast, make_slot, moment

DAY = dt.timedelta(days=1)


@pytest.fixture
def city(app: Flask, cast: Cast) -> Cast:
    """The cast, with a phone for Nora."""
    with transaction() as session:
        give_contact(session, session.get_one(Person, cast.nora.id))
    return cast


def test_a_booking_is_confirmed_at_once_and_reminded_of_twice(city: Cast) -> None:
    appointment = book(city)
    assert keys("queued") == ["booked", "reminder_days", "reminder_eve"]
    assert [message.send_after for message in messages()] == [
        moment("09:00"),
        moment("10:30", SUNDAY + 3 * DAY),
        moment("10:30", SUNDAY + 7 * DAY),
    ]
    postman = Postman()
    assert send(postman) == 1
    (letter,) = postman.letters
    assert (letter.channel, letter.to) == ("sms", PHONE)
    assert letter.text == (
        "Your appointment: Identity renewal, Monday 12 October, 10:30, North Branch.\n"
        f"Reference {appointment.reference}\n"
        f"See, move or cancel: http://127.0.0.1:8000/appointment/{appointment.link_token}"
    )
    for days in (3, 7):
        with clock.at(moment("10:31", SUNDAY + days * DAY)):
            assert send(postman) == 1
    assert keys("sent") == ["booked", "reminder_days", "reminder_eve"]
    assert "cancel now so that someone who waits gets your place" in postman.letters[1].text


def book_family(city: Cast) -> list[Appointment]:
    """Nora at ten for a renewal and then for a passport, her son beside her; reached at one number."""
    with transaction() as session:
        at_ten = SUNDAY + 8 * DAY
        first, *_rest = [
            make_slot(
                session, branch=city.north, service=one, capacity=2,
                starts_at=moment("10:00", at_ten) + n * dt.timedelta(minutes=30),
            )
            for one in (city.renewal, city.passport)
            for n in range(3)
        ]  # fmt: skip
        wanted = [(city.renewal.id, 0), (city.passport.id, 0), (city.renewal.id, 1)]
        son = people.identify_contact(
            session, actor=VISITOR, phone=PHONE, email=None, name="Sami", language="en"
        )
        people.note_contact(session, actor=VISITOR, person=son, phone=PHONE, name="Sami")
        return visits.book(
            session, actor=VISITOR, slot_id=first.id, parts=courses.parts_of(session, wanted),
            people={0: session.get_one(Person, city.nora.id), 1: son}, fields={0: "phone", 1: "name_1"},
            language="en", contact=PHONE,
        )  # fmt: skip


def test_a_family_is_told_once_of_a_visit_and_reminded_once(city: Cast) -> None:
    booked = book_family(city)
    hear()
    assert keys("queued") == ["booked", "reminder_days", "reminder_eve"]
    postman = Postman()
    send(postman)
    assert postman.letters[0].text.startswith(
        "Your appointment: Identity renewal, Identity renewal (10:00), Passport (10:30), Monday 12 October"
    )
    with transaction() as session:
        booking.cancel(session, actor=VISITOR, appointment=session.get_one(Appointment, booked[0].id))
    hear()
    assert sorted(keys("queued")) == ["cancelled", "reminder_days", "reminder_eve"]
    send(postman)
    with clock.at(moment("10:31", SUNDAY + 7 * DAY)):
        send(postman)
    assert "near: Identity renewal, Passport (10:30), Monday 12 October, 10:00" in postman.letters[-1].text


def test_a_visit_that_is_moved_whole_is_told_once_and_reminded_of_once(city: Cast) -> None:
    booked = book_family(city)
    hear()
    send(Postman())
    with transaction() as session:
        first = session.get_one(Appointment, booked[0].id)
        visits.move(session, actor=VISITOR, appointment=first, slot_id=first.slot_id + 1)
    hear()
    assert sorted(keys("queued")) == ["moved", "reminder_days", "reminder_eve"]
    postman = Postman()
    send(postman)
    assert "Identity renewal, Identity renewal (10:30), Passport (11:00)" in postman.letters[0].text
    assert len(postman.letters) == 1


def test_a_visit_that_is_cancelled_whole_is_told_once(city: Cast) -> None:
    booked = book_family(city)
    hear()
    send(Postman())
    with transaction() as session:
        visits.cancel(session, actor=VISITOR, appointment=session.get_one(Appointment, booked[2].id))
    hear()
    assert keys("queued") == ["cancelled"]
    postman = Postman()
    send(postman)
    assert "Identity renewal, Identity renewal (10:00), Passport (10:30)" in postman.letters[0].text


def test_what_is_added_to_a_visit_later_is_told_by_itself(city: Cast) -> None:
    first = book(city)
    with transaction() as session:
        after = moment("11:00", SUNDAY + 8 * DAY)
        slot = make_slot(session, branch=city.north, service=city.passport, starts_at=after)
        together.accompany(
            session, actor=VISITOR, appointment=session.get_one(Appointment, first.id), slot_id=slot.id,
            service_id=city.passport.id,
        )  # fmt: skip
    hear()
    assert keys("queued").count("booked") == 2


def test_the_message_speaks_the_language_of_the_booking(city: Cast) -> None:
    book(city, language="ar")
    postman = Postman()
    send(postman)
    assert postman.letters[0].text.startswith(
        "موعدك: تجديد الهوية، الاثنين ١٢ أكتوبر، الساعة ١٠:٣٠، فرع الشمال."
    )


def test_a_moved_appointment_sends_its_change_not_the_old_reminder(city: Cast) -> None:
    appointment = book(city, days=8)
    postman = Postman()
    send(postman)
    with clock.at(moment("12:00", SUNDAY + DAY)):
        with transaction() as session:
            slot = make_slot(
                session, branch=city.north, service=city.renewal, starts_at=moment("11:00", SUNDAY + 20 * DAY)
            )
            moved = session.get_one(Appointment, appointment.id)
            booking.move(session, actor=VISITOR, appointment=moved, slot_id=slot.id)
        assert keys("queued") == []  # dropped with the move itself, before anybody has heard of it
        hear()
        assert keys("dropped") == ["reminder_days", "reminder_eve"]
        assert keys("queued") == ["moved", "reminder_days", "reminder_eve"]
        send(postman)
        assert postman.letters[-1].text.startswith(
            "Your appointment has moved: Identity renewal, Saturday 24 October, 11:00, North Branch."
        )
    with clock.at(moment("12:00", SUNDAY + 8 * DAY)):  # when the old reminders would have gone
        assert send(postman) == 0


def test_a_cancelled_appointment_is_said_and_reminds_of_nothing(city: Cast) -> None:
    appointment = book(city)
    postman = Postman()
    send(postman)
    with transaction() as session:
        booking.cancel(session, actor=VISITOR, appointment=session.get_one(Appointment, appointment.id))
    hear()
    assert keys("queued") == ["cancelled"]
    send(postman)
    assert "is cancelled as you asked" in postman.letters[-1].text
    with clock.at(moment("12:00", SUNDAY + 7 * DAY)):
        assert send(postman) == 0


def test_what_the_office_does_is_said_with_an_apology_and_its_reason(city: Cast) -> None:
    with transaction() as session:
        give_contact(session, session.get_one(Person, city.nora.id), phone=None, email=EMAIL)
    appointment = book(city)
    told = {
        "appointment_id": appointment.id,
        "by": "office",
        "reason_en": "The hall is flooded",
        "reason_ar": "",
    }
    with transaction() as session:
        telling.tell_cancelled(session, told)
        telling.tell_displaced(session, told)
        telling.tell_moved(session, {**told, "before": moment("09:00").isoformat()})
    assert keys("dropped") == ["booked", "reminder_days", "reminder_eve", "cancelled_by_us"]
    postman = Postman()
    send(postman)
    displaced, moved = postman.letters
    assert displaced.subject == "We cannot keep your appointment: Identity renewal, Monday 12 October, 10:30"
    assert "Reason: The hall is flooded\n" in displaced.text
    assert "Before: Sunday 4 October, 09:00\nReason: The hall is flooded\n" in moved.text


def test_a_person_who_books_at_night_is_answered_at_night_but_reminded_by_day(city: Cast) -> None:
    with clock.at(moment("23:30")):
        book(city, days=2, time="22:00")
        (booked, eve) = messages("queued")
        assert booked.due_at == moment("23:30")
        assert eve.due_at == moment("08:00", SUNDAY + 2 * DAY)


def test_a_reminder_whose_time_has_passed_is_not_planned(city: Cast) -> None:
    book(city, days=1, time="08:30")
    assert keys() == ["booked"]


def test_a_reminder_that_would_arrive_after_its_appointment_is_dropped(city: Cast) -> None:
    book(city, days=2)
    postman = Postman()
    send(postman)
    with clock.at(moment("10:30", SUNDAY + 2 * DAY)):  # nobody ran the jobs for a day
        assert send(postman) == 0
    assert [(message.key, message.state) for message in messages()] == [
        ("booked", "sent"),
        ("reminder_eve", "dropped"),
    ]


def test_planning_twice_is_planning_once(city: Cast) -> None:
    appointment = book(city)
    with transaction() as session:
        telling.plan_reminders(session, session.get_one(Appointment, appointment.id))
    assert keys("queued") == ["booked", "reminder_days", "reminder_eve"]


def test_what_to_bring_is_said_where_a_reason_was_chosen(city: Cast) -> None:
    with transaction() as session:
        give_contact(session, session.get_one(Person, city.nora.id), phone=None, email=EMAIL)
        lost = Scenario(
            service_id=city.renewal.id,
            code="lost",
            position=1,
            action="book",
            name_ar="فقدتها",
            name_en="Lost it",
        )
        names = [("report", "بلاغ", "Police report", True), ("photo", "صورة شخصية", "Photograph", False)]
        lost.all_papers = [
            ScenarioPaper(code=code, position=place, name_ar=ar, name_en=en, is_required=is_required)
            for place, (code, ar, en, is_required) in enumerate(names)
        ]
        session.add(lost)
    appointment = book(city)
    with transaction() as session:
        row = session.get_one(Appointment, appointment.id)
        row.scenario_id = lost.id
        session.flush()
        session.expire(row, ["scenario"])
        telling.send_link(session, appointment=row)
        telling.plan_reminders(session, row)
    postman = Postman()
    with clock.at(moment("10:30", SUNDAY + 3 * DAY)):
        send(postman)
    reminder = next(letter for letter in postman.letters if letter.subject.startswith("Reminder"))
    assert (
        "Please bring:\n- Police report (original)\n- Photograph (original), if you have it\n"
        in reminder.text
    )
    assert reminder.stop_link.endswith(f"/appointment/{appointment.link_token}/messages")


def test_nobody_to_reach_gets_no_message(app: Flask, cast: Cast) -> None:
    book(cast)
    assert messages() == []


def test_who_switched_reminders_off_hears_of_changes_only(city: Cast) -> None:
    appointment = book(city)
    for verb in (service.stop, service.stop):
        with transaction() as session:
            verb(session, actor=VISITOR, person=session.get_one(Person, city.nora.id), what="reminders")
    assert keys("queued") == ["booked"]
    with transaction() as session:
        telling.plan_reminders(session, session.get_one(Appointment, appointment.id))
    assert keys("queued") == ["booked"]
    with transaction() as session:
        service.resume(session, actor=VISITOR, person=session.get_one(Person, city.nora.id), what="reminders")
        telling.plan_reminders(session, session.get_one(Appointment, appointment.id))
    assert keys("queued") == ["booked", "reminder_days", "reminder_eve"]


def test_whose_contact_is_removed_gets_nothing_more_and_nothing_is_remembered(city: Cast) -> None:
    book(city)
    postman = Postman()
    send(postman)
    with transaction() as session:
        people.remove_contact(session, actor=SYSTEM, person=session.get_one(Person, city.nora.id))
    hear()
    assert keys("dropped") == ["reminder_days", "reminder_eve"]
    assert {(message.shown, message.values, message.address) for message in messages()} == {
        (None, None, None)
    }
    with clock.at(moment("12:00", SUNDAY + 7 * DAY)):
        assert send(postman) == 0
