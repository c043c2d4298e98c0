"""The citizen's way to an appointment, page by page, in both languages."""

import datetime as dt
import re

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import select

from govdesk import clock
from govdesk.actor import VISITOR
from govdesk.booking import service as booking
from govdesk.booking import sweeps
from govdesk.booking.models import Appointment, Slot
from govdesk.db import transaction
from govdesk.people.models import PersonContact
from tests.desk import Desk, Page
from tests.makers import MORNING, Cast, make_slot, open_counter

TIME = "/book/renewal/time?branch=north&day=2026-10-05"
DETAILS = {"name": "نورة العتيبي", "phone": "0501234567"}


@pytest.fixture
def slot_ids(app: Flask, cast: Cast) -> list[int]:
    """Tomorrow at the north branch: nine, half past nine, ten, one place each; and nine at the harbour."""
    with transaction() as session:
        starts = [MORNING + dt.timedelta(days=1, minutes=minutes) for minutes in (0, 30, 60)]
        made = [make_slot(session, branch=cast.north, service=cast.renewal, starts_at=at) for at in starts]
        made.append(make_slot(session, branch=cast.harbour, service=cast.renewal))
        return [slot.id for slot in made]


def hold(desk: Desk, slot_id: int) -> Page:
    answer = desk.submit(desk.get(TIME), {"slot": str(slot_id)}, action="/book/renewal/time", status=302)
    return desk.follow(answer)


def book(desk: Desk, slot_id: int, **details: str) -> Page:
    shown = hold(desk, slot_id)
    return desk.follow(desk.submit(shown, DETAILS | details, action=shown.path, status=302))


def states() -> list[str]:
    with transaction() as session:
        return list(session.scalars(select(Appointment.state).order_by(Appointment.id)))


def places(slot_ids: list[int]) -> list[int]:
    with transaction() as session:
        return [session.get_one(Slot, slot_id).booked for slot_id in slot_ids]


def test_home_lists_services_by_department_and_branches_with_their_hours(desk: Desk, cast: Cast) -> None:
    page = desk.get("/", language="en", status=200)
    assert page.heading == "What do you come for?"
    assert page.words("h2")[:2] == ["Civil Affairs", "Lands"]
    assert "Open until 16:00" in page.main
    assert "/book/renewal" in page.links()


def test_home_says_how_long_one_waits_where_a_counter_serves(desk: Desk, cast: Cast) -> None:
    assert "Waiting now" not in desk.get("/", language="en").main
    with transaction() as session:
        open_counter(session, counter=cast.north_1, staff=cast.staff["omar"])
    assert desk.get("/", language="en").main.count("Waiting now without an appointment: 0–2 min") == 1


@pytest.mark.parametrize("question", ["تجديد هويتي", "الهوية", "هويه", "identity", "RENEWAL please"])
def test_search_finds_a_service_by_ones_own_words(desk: Desk, cast: Cast, question: str) -> None:
    page = desk.get(f"/?q={question}")
    assert "/book/renewal" in page.links()
    assert "/book/deed" not in page.links()


@pytest.mark.parametrize("field", ["whom", "document", "language"])
def test_a_choice_that_was_not_offered_is_refused_in_the_language_of_the_page(
    desk: Desk, slot_ids: list[int], field: str
) -> None:
    shown = hold(desk, slot_ids[0])
    refused = desk.submit(shown, DETAILS | {field: "nobody"}, action=shown.path, status=422)
    assert refused.errors()[field] == "خطأ: اختر واحدًا من القائمة."


def test_search_without_a_match_says_so_and_shows_all(desk: Desk, cast: Cast) -> None:
    page = desk.get("/?q=%3Cb%3Exyz", language="en")
    assert "Nothing matches “<b>xyz”" in page.main
    assert "/book/deed" in page.links()


def test_a_service_page_shows_where_and_the_nearest_time(desk: Desk, slot_ids: list[int]) -> None:
    page = desk.get("/book/renewal", language="en", status=200)
    assert page.main.count("Next free time: tomorrow 09:00") == 2
    assert desk.get("/book/deed", language="en").main.count("take a ticket at reception") == 1
    assert desk.get("/book/nothing").status == 404


def test_booking_from_the_time_to_the_private_page(desk: Desk, slot_ids: list[int]) -> None:
    shown = hold(desk, slot_ids[0])
    assert states() == ["held"]
    assert "نحفظ لك هذا الوقت حتى الساعة ٠٩:٠٥" in shown.main
    booked = desk.follow(desk.submit(shown, DETAILS, action=shown.path, status=302))
    assert booked.heading == "حُجز موعدك"
    assert re.fullmatch(r"[2-9A-HJ-NP-Z]{8}", booked.words("p", "reference")[0])
    assert booked.headers["Referrer-Policy"] == "no-referrer"
    assert booked.headers["Cache-Control"] == "no-store"
    assert "نورة" not in booked.html
    assert booked.all("img", "qr")[0].attrib["src"].startswith("data:image/svg+xml")
    assert states() == ["booked"]


def test_the_same_press_twice_is_one_booking_with_one_answer(desk: Desk, slot_ids: list[int]) -> None:
    chosen = desk.get(TIME)
    first, second = (
        desk.submit(chosen, {"slot": str(slot_ids[0])}, action="/book/renewal/time") for _ in range(2)
    )
    assert first.location == second.location
    shown = desk.follow(first)
    answers = [desk.submit(shown, DETAILS, action=shown.path, status=302).location for _ in range(2)]
    assert answers[0] == answers[1]
    assert states() == ["booked"]
    assert places(slot_ids) == [1, 0, 0, 0]


def test_a_time_that_was_just_taken_is_refused_with_alternatives(
    desk: Desk, app: Flask, slot_ids: list[int]
) -> None:
    chosen = desk.get(TIME, language="en")
    hold(Desk(app), slot_ids[0])
    page = desk.submit(
        chosen, {"slot": str(slot_ids[0])}, action="/book/renewal/time", language="en", status=409
    )
    assert page.heading == "This time has just been taken"
    assert page.words("legend") == ["The nearest free times"]
    cards = page.words("label", "branch")
    assert cards == ["tomorrow 09:30 North Branch", "tomorrow 10:00 North Branch"]
    assert "/book/renewal/time?branch=north&day=2026-10-05" in page.links()
    again = desk.submit(page, {"slot": str(slot_ids[1])}, action="/book/renewal/time", status=302)
    assert "/book/held/" in (again.location or "")


def test_a_full_branch_offers_the_times_of_another(desk: Desk, app: Flask, slot_ids: list[int]) -> None:
    chosen = desk.get(TIME, language="en")
    for slot_id in slot_ids[:3]:
        hold(Desk(app), slot_id)
    page = desk.submit(
        chosen, {"slot": str(slot_ids[1])}, action="/book/renewal/time", language="en", status=409
    )
    assert page.words("label", "branch") == ["tomorrow 09:00 Harbour Branch"]
    there = desk.submit(page, {"slot": str(slot_ids[3])}, action="/book/renewal/time", status=302)
    assert "/book/held/" in (there.location or "")
    assert places(slot_ids) == [1, 1, 1, 1]


def test_when_no_time_is_left_anywhere_the_page_of_times_says_so(
    desk: Desk, app: Flask, slot_ids: list[int]
) -> None:
    chosen = desk.get(TIME, language="en")
    for slot_id in slot_ids[:3]:
        hold(Desk(app), slot_id)
    with transaction() as session:
        session.get_one(Slot, slot_ids[3]).is_closed = True
    page = desk.submit(
        chosen, {"slot": str(slot_ids[1])}, action="/book/renewal/time", language="en", status=409
    )
    assert "No free appointments at present" in page.main


def test_after_the_hold_is_lost_the_typed_stays_and_an_alternative_books(
    desk: Desk, app: Flask, slot_ids: list[int]
) -> None:
    shown = hold(desk, slot_ids[0])
    with clock.at(MORNING + dt.timedelta(minutes=6)):
        with transaction() as session:
            sweeps.expire_holds(session)
        hold(Desk(app), slot_ids[0])
        page = desk.submit(shown, DETAILS, action=shown.path, language="en", status=409)
        assert "someone else took this time" in page.errors()["slot"]
        assert page.root.find(".//input[@id='name']").attrib["value"] == DETAILS["name"]  # type: ignore[union-attr]
        answer = desk.submit(page, {"slot": str(slot_ids[2])}, action=shown.path, status=302)
    assert desk.follow(answer).heading == "Your appointment is booked"
    assert places(slot_ids) == [1, 0, 1, 0]


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("name", "ن" * 300, "The name is too long"),
        ("name", "Nora 😀", "😀"),
        ("name", "", "Enter the name"),
        ("identity", "1O23456789", "“O”"),
        ("identity", "1000000001", "do not fit together"),
        ("identity", "12345", "you entered 5"),
        ("phone", "05012", "too short"),
        ("email", "nora@", "name@example.com"),
        ("language", "xx", "list"),
    ],
)
def test_what_cannot_be_read_is_said_beside_the_field_and_stays(
    desk: Desk, slot_ids: list[int], field: str, typed: str, sentence: str
) -> None:
    shown = hold(desk, slot_ids[0])
    page = desk.submit(shown, DETAILS | {field: typed}, action=shown.path, language="en", status=422)
    assert list(page.errors()) == [field]
    assert states() == ["held"]
    for name, value in (DETAILS | {field: typed}).items():
        if name != "language":
            assert page.root.find(f".//input[@id='{name}']").attrib["value"] == value  # type: ignore[union-attr]
    assert sentence in page.errors()[field]


def test_arabic_digits_are_read_like_any_others(desk: Desk, cast: Cast, slot_ids: list[int]) -> None:
    arabic = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
    details = {"phone": "٠٥٠١٢٣٤٥٦٧", "identity": cast.nora_number.translate(arabic)}
    book(desk, slot_ids[0], **details)
    with transaction() as session:
        person = session.scalars(select(Appointment)).one().person
        assert person is not None
        assert (person.kind, person.certainty) == ("citizen", "certain")
        contact = session.get_one(PersonContact, person.id)
        assert (contact.phone, contact.identity_hint) == ("+966501234567", cast.nora_number[-3:])


@pytest.mark.parametrize("sent", ["", "12a", "999999", "0", "-1", "9" * 40, "١٢٣٤٥٦", "1 OR 1=1", "😀"])
def test_a_slot_that_is_none_is_a_sentence_not_a_failure(desk: Desk, slot_ids: list[int], sent: str) -> None:
    page = desk.submit(desk.get(TIME), {"slot": sent}, action="/book/renewal/time", language="en", status=422)
    assert list(page.errors()) == ["slot"]
    assert states() == []


def test_a_slot_of_another_branch_or_service_is_refused(desk: Desk, slot_ids: list[int]) -> None:
    page = desk.submit(
        desk.get(TIME), {"slot": str(slot_ids[3])}, action="/book/renewal/time", language="en", status=422
    )
    assert "another branch" in page.errors()["slot"]


@pytest.mark.parametrize(
    ("query", "field", "sentence"),
    [
        ("day=2026-10-03", "day", "has passed"),
        ("day=yesterday", "day", "date"),
        ("day=2026-02-30", "day", "date"),
        ("branch=moon", "branch", "no such branch"),
        ("branch=%F0%9F%98%80&day=12a", "branch", "no such branch"),
    ],
)
def test_a_day_or_branch_that_cannot_be_is_said_and_another_shown(
    desk: Desk, slot_ids: list[int], query: str, field: str, sentence: str
) -> None:
    page = desk.get(f"/book/renewal/time?{query}", language="en", status=422)
    assert sentence in page.errors()[field]
    assert page.all("label", "branch")


def test_a_day_in_arabic_digits_is_that_day(desk: Desk, slot_ids: list[int]) -> None:
    page = desk.get("/book/renewal/time?branch=north&day=٢٠٢٦-١٠-٠٥", language="en", status=200)
    assert "Monday morning" in page.words("legend")


def test_full_days_and_taken_times_say_so(desk: Desk, app: Flask, slot_ids: list[int]) -> None:
    hold(Desk(app), slot_ids[0])
    page = desk.get(TIME, language="en")
    assert page.words("label", "gone") == ["09:00 taken"]
    for slot_id in slot_ids[1:3]:
        hold(Desk(app), slot_id)
    page = desk.get(TIME, language="en")
    assert "Monday 5 October 17 Jumada" not in page.main
    assert any("Full" in day for day in page.words("label", "shut"))


def test_a_stranger_learns_only_that_there_is_a_booking(
    desk: Desk, app: Flask, cast: Cast, slot_ids: list[int]
) -> None:
    mine = book(desk, slot_ids[0], identity=cast.nora_number)
    stranger, details = Desk(app), DETAILS | {"identity": cast.nora_number}
    shown = hold(stranger, slot_ids[1])
    page = stranger.submit(shown, details, action=shown.path, status=409)
    assert list(page.errors()) == ["identity"]
    token = mine.path.rsplit("/", 1)[-1]
    with transaction() as session:
        reference = booking.by_token(session, token).reference
    assert token not in page.html
    assert reference not in page.html
    own = hold(desk, slot_ids[2])
    page = desk.submit(own, details, action=own.path, status=409)
    assert mine.path in page.links()


def test_nobody_on_the_web_overwrites_what_is_known_of_a_person(
    desk: Desk, app: Flask, cast: Cast, slot_ids: list[int]
) -> None:
    book(desk, slot_ids[0], identity=cast.nora_number)
    stranger = Desk(app)
    shown = hold(stranger, slot_ids[1])
    other = {"name": "Someone Else", "phone": "0559999999", "identity": cast.nora_number}
    stranger.submit(shown, other, action=shown.path, status=409)
    with transaction() as session:
        person_id = session.scalars(select(Appointment.person_id).where(Appointment.state == "booked")).one()
        assert person_id is not None
        assert session.get_one(PersonContact, person_id).phone == "+966501234567"


def test_cancelling_asks_first_and_kills_the_link(desk: Desk, slot_ids: list[int]) -> None:
    mine = book(desk, slot_ids[0])
    asked = desk.get(f"{mine.path}/cancel", status=200)
    assert states() == ["booked"]
    gone = desk.follow(desk.submit(asked, action=f"{mine.path}/cancel", status=302))
    assert gone.heading == "أُلغي هذا الموعد"
    assert gone.forms() == []
    left = [link for link in gone.links() if "/appointment/" in link and "/language/" not in link]
    assert left == [f"{mine.path}/appointment.ics"]  # it strikes the entry out of the calendar
    assert b"STATUS:CANCELLED" in desk.get(left[0], status=200).data
    for path in ("cancel", "move", f"move/to?slot={slot_ids[1]}"):
        assert desk.get(f"{mine.path}/{path}").status == 410
    assert states() == ["cancelled"]
    assert places(slot_ids) == [0, 0, 0, 0]


def test_moving_shows_both_times_asks_and_keeps_the_link(desk: Desk, slot_ids: list[int]) -> None:
    mine = book(desk, slot_ids[0])
    chosen = desk.get(f"{mine.path}/move?branch=north", status=200)
    assert desk.get(f"{mine.path}/move/to", language="en", status=422).errors() == {
        "slot": "Error: Choose a time."
    }
    asked = desk.get(f"{mine.path}/move/to?slot={slot_ids[2]}", language="en", status=200)
    assert "Monday 5 October 2026, 09:00" in asked.main
    assert "Monday 5 October 2026, 10:00, North Branch" in asked.main
    assert chosen.path.startswith(mine.path)
    assert places(slot_ids) == [1, 0, 0, 0]
    moved = desk.follow(desk.submit(asked, action=f"{mine.path}/move/to", status=302))
    assert moved.path == mine.path
    assert "Monday 5 October Time 10:00" in moved.main
    assert places(slot_ids) == [0, 0, 1, 0]


def test_moving_to_a_time_just_taken_keeps_the_old_one(desk: Desk, app: Flask, slot_ids: list[int]) -> None:
    mine = book(desk, slot_ids[0])
    asked = desk.get(f"{mine.path}/move/to?slot={slot_ids[2]}")
    hold(Desk(app), slot_ids[2])
    page = desk.submit(asked, action=f"{mine.path}/move/to", language="en", status=409)
    assert "just been taken" in page.errors()["slot"]
    assert places(slot_ids) == [1, 0, 1, 0]


def test_the_calendar_file_is_in_the_branchs_zone_and_grows_with_moves(
    desk: Desk, slot_ids: list[int]
) -> None:
    mine = book(desk, slot_ids[0])
    file = desk.get(f"{mine.path}/appointment.ics", status=200)
    assert file.headers["Content-Type"].startswith("text/calendar")
    first = Calendar.from_ical(file.data).walk("VEVENT")[0]
    assert first.decoded("dtstart") == MORNING + dt.timedelta(days=1)
    assert b"DTSTART;TZID=Asia/Riyadh:20261005T090000" in file.data
    assert b"BEGIN:VTIMEZONE" in file.data
    asked = desk.get(f"{mine.path}/move/to?slot={slot_ids[1]}")
    desk.submit(asked, action=f"{mine.path}/move/to", status=302)
    second = Calendar.from_ical(desk.get(f"{mine.path}/appointment.ics").data).walk("VEVENT")[0]
    assert (first["uid"], first["sequence"]) == (second["uid"], 0)
    assert second["sequence"] == 1
    assert second.decoded("dtstart") == MORNING + dt.timedelta(days=1, minutes=30)


def test_giving_a_held_time_back_frees_it_at_once(desk: Desk, slot_ids: list[int]) -> None:
    shown = hold(desk, slot_ids[0])
    desk.submit(shown, action=f"{shown.path}/release", status=302)
    assert places(slot_ids) == [0, 0, 0, 0]


def test_looking_changes_nothing(desk: Desk, slot_ids: list[int]) -> None:
    mine = book(desk, slot_ids[0])
    held = hold(desk, slot_ids[1])
    for path in ("", "/cancel", "/move", f"/move/to?slot={slot_ids[2]}", "/appointment.ics"):
        desk.get(mine.path + path, status=200)
    desk.get(held.path)
    assert desk.flask.get(f"{held.path}/release").status_code == 405
    assert states() == ["booked", "held"]


def test_an_unknown_link_is_not_found(desk: Desk, cast: Cast) -> None:
    for path in ("/appointment/nothing", "/book/held/nothing", "/appointment/😀/cancel"):
        assert desk.get(path).status == 404


def test_a_browser_holds_three_times_and_is_told_when_it_may_hold_again(
    desk: Desk, app: Flask, cast: Cast, slot_ids: list[int]
) -> None:
    held = [hold(desk, slot_id) for slot_id in slot_ids[:2]]
    elsewhere = desk.get("/book/renewal/time?branch=harbour&day=2026-10-05")
    held.append(desk.submit(elsewhere, {"slot": str(slot_ids[3])}, action="/book/renewal/time", status=302))
    refused = desk.submit(
        desk.get(TIME), {"slot": str(slot_ids[2])}, action="/book/renewal/time", language="en", status=429
    )
    assert "three times already" in refused.errors()["slot"]
    assert "5 min" in refused.errors()["slot"]
    hold(Desk(app), slot_ids[2])  # another browser, of the same address, is not shut out
    assert states() == ["held"] * 4


def test_the_twenty_first_try_in_ten_minutes_waits(desk: Desk, app: Flask, slot_ids: list[int]) -> None:
    """A browser may try twenty times in ten minutes."""
    hold(Desk(app), slot_ids[0])
    chosen = desk.get(TIME)
    answers = [
        desk.submit(chosen, {"slot": str(slot_ids[0])}, action="/book/renewal/time").status for _ in range(21)
    ]
    assert answers == [409] * 20 + [429]


def test_an_appointment_that_has_begun_cannot_be_changed(cast: Cast, desk: Desk, slot_ids: list[int]) -> None:
    with transaction() as session:
        mine = booking.book(
            session, actor=VISITOR, slot_id=slot_ids[0], service_id=cast.renewal.id, person=cast.nora
        )
    with clock.at(MORNING + dt.timedelta(days=1, minutes=1)):
        page = desk.get(f"/appointment/{mine.link_token}", language="en", status=200)
        assert "If you are late, come anyway" in page.main
        assert desk.get(f"/appointment/{mine.link_token}/cancel").status == 409
