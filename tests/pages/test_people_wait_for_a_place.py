"""Who finds no time is told when one is free: joins without an account, takes the place or leaves it."""

import dataclasses
import datetime as dt
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from govdesk import clock, outbox
from govdesk.actor import VISITOR
from govdesk.booking import offering
from govdesk.booking import service as booking
from govdesk.booking.models import Appointment, Slot
from govdesk.booking.waiting_models import PlaceOffer, WaitingEntry
from govdesk.config import Settings
from govdesk.db import transaction
from govdesk.notify.models import Message
from govdesk.wiring import HANDLERS
from tests.desk import Desk, Page
from tests.makers import MORNING, SUNDAY, Cast, make_appointment, make_person, make_slot, moment

DAY = dt.timedelta(days=1)
WAIT = "/book/renewal/wait"
WHO = {"name": "نورة العتيبي", "phone": "0501234567"}


@pytest.fixture
def slot_id(app: Flask, cast: Cast) -> int:
    """One place on Wednesday at the north branch, taken."""
    with transaction() as session:
        start = moment("10:00", SUNDAY + 3 * DAY)
        slot = make_slot(session, branch=cast.north, service=cast.renewal, starts_at=start)
        make_appointment(session, slot=slot, person=make_person(session))
        return slot.id


def join(desk: Desk, language: str = "en", **values: str) -> Page:
    shown = desk.get(f"{WAIT}?branch=north&day=2026-10-07", language=language)
    return desk.follow(desk.submit(shown, WHO | values, action=WAIT, status=302))


def free(slot_id: int) -> None:
    """Whoever has the place cancels; the events of it are heard."""
    with transaction() as session:
        booked = session.scalars(select(Appointment).where(Appointment.slot_id == slot_id)).one()
        booking.cancel(session, actor=VISITOR, appointment=booked)
    outbox.deliver_due(HANDLERS)
    outbox.deliver_due(HANDLERS)


def entry() -> WaitingEntry:
    with transaction() as session:
        return session.scalars(select(WaitingEntry)).one()


def messages() -> list[str]:
    with transaction() as session:
        return list(
            session.scalars(select(Message.key).where(Message.about.like("waiting:%")).order_by(Message.id))
        )


@pytest.mark.parametrize("language", ["ar", "en"])
def test_the_page_of_times_leads_to_the_list(desk: Desk, slot_id: int, language: str) -> None:
    page = desk.get("/book/renewal/time", language=language)
    links = [link for link in page.links() if link.startswith(WAIT)]
    assert len(links) == 1
    assert desk.get(links[0], language=language).status == 200


def test_joining_gives_a_private_page_with_the_place_in_the_line(
    desk: Desk, cast: Cast, slot_id: int
) -> None:
    page = join(desk)
    assert page.heading == "You are on the waiting list"
    assert "You are number 1" in page.main
    assert "No place that suits your wish has become free yet" in page.main
    made = entry()
    assert (made.first_on, made.last_on, made.branch_ids) == (
        SUNDAY + 3 * DAY,
        SUNDAY + 3 * DAY,
        [cast.north.id],
    )
    outbox.deliver_due(HANDLERS)
    assert messages() == ["waiting_joined"]


def test_an_offered_place_is_taken_with_one_press(desk: Desk, slot_id: int) -> None:
    page = join(desk)
    free(slot_id)
    assert messages() == ["waiting_joined", "place_free"]
    shown = desk.get(page.path, language="en")
    assert shown.heading == "A place is kept for you"
    assert "It is kept for you until today 09:30" in shown.main
    booked = desk.follow(desk.submit(shown, action=f"{page.path.split('?')[0]}/accept", status=302))
    assert booked.path.startswith("/appointment/")
    after = desk.get(page.path, language="en")
    assert after.heading == "You have an appointment"


def test_looking_at_an_offer_takes_nothing(desk: Desk, slot_id: int) -> None:
    page = join(desk)
    free(slot_id)
    for _ in range(3):
        desk.get(page.path)
        assert desk.get(f"{page.path.split('?')[0]}/accept").status == 405
    with transaction() as session:
        assert session.scalars(select(PlaceOffer.state)).all() == ["open"]


def test_what_is_refused_stays_refused_and_the_page_says_why(desk: Desk, slot_id: int) -> None:
    page = join(desk)
    path = page.path.split("?")[0]
    free(slot_id)
    shown = desk.get(path, language="en")
    left = desk.follow(desk.submit(shown, action=f"{path}/refuse", status=302))
    assert "You left the place to the next" in left.main
    mine = entry()
    with transaction() as session:
        assert session.get_one(Slot, slot_id).booked == 0
        make = make_person(session)
        other = WaitingEntry(
            reference="OTHER", link_token="other", service_id=mine.service_id, person_id=make.id,
            branch_ids=mine.branch_ids, first_on=SUNDAY, last_on=SUNDAY + 5 * DAY, language="ar",
            state="waiting", joined_at=clock.now(),
        )  # fmt: skip
        session.add(other)
    outbox.deliver_due(HANDLERS)
    again = desk.get(path, language="en")
    assert "We had told you of another place that day" in again.main


def test_an_offer_that_is_over_says_so_and_keeps_the_turn(desk: Desk, slot_id: int) -> None:
    page = join(desk)
    path = page.path.split("?")[0]
    free(slot_id)
    shown = desk.get(path, language="en")
    with clock.at(MORNING + dt.timedelta(minutes=31)):
        late = desk.submit(shown, action=f"{path}/accept", status=410)
    assert "This offer is over" in late.main


def test_leaving_is_asked_first(desk: Desk, slot_id: int) -> None:
    page = join(desk)
    path = page.path.split("?")[0]
    done = desk.follow(desk.post(f"{path}/leave", language="en", status=302))
    assert done.heading == "You left the waiting list"
    assert desk.get(f"{path}/leave").status == 302


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"people": "7"}, "people", "outside what is allowed"),
        ({"people": "x"}, "people", "whole number"),
        ({"last_on": "2026-10-01"}, "last_on", "before the first"),
        ({"first_on": "nonsense"}, "first_on", "date"),
        ({"name": ""}, "name", "name"),
        ({"phone": ""}, "phone", "phone"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(
    desk: Desk, slot_id: int, values: dict[str, str], field: str, words: str
) -> None:
    shown = desk.get(f"{WAIT}?branch=north&day=2026-10-07", language="en")
    refused = desk.submit(shown, WHO | values, action=WAIT)
    assert refused.status in (409, 422)
    assert words in refused.errors()[field]
    assert 'value="2026-10-07"' in refused.html or field in ("first_on", "last_on")


def test_a_second_time_in_the_same_line_is_refused(desk: Desk, slot_id: int) -> None:
    join(desk)
    shown = desk.get(f"{WAIT}?branch=north&day=2026-10-07", language="en")
    refused = desk.submit(shown, WHO, action=WAIT, status=409)
    assert "on the waiting list for this service already" in refused.errors()["phone"]


def test_a_wish_on_the_page_of_an_appointment_has_a_turn_of_its_own(
    app: Flask, desk: Desk, cast: Cast
) -> None:
    with transaction() as session:
        start = moment("10:00", SUNDAY + 14 * DAY)
        slot = make_slot(session, branch=cast.north, service=cast.renewal, starts_at=start)
        mine = make_appointment(session, slot=slot, person=cast.nora)
        token = mine.link_token
        make_slot(
            session, branch=cast.north, service=cast.renewal, starts_at=moment("10:00", SUNDAY + 8 * DAY)
        )
    desk.post(f"/appointment/{token}/earlier", status=302)
    page = desk.get(f"/appointment/{token}", language="en")
    own = next(link for link in page.links() if link.startswith("/waiting/"))
    offering.run_offer_places()
    outbox.deliver_due(HANDLERS)
    shown = desk.get(own, language="en")
    assert "Instead of your appointment" in shown.main
    desk.submit(shown, action=f"{own}/accept", status=302)
    with transaction() as session:
        assert session.get_one(Appointment, mine.id).starts_at == moment("10:00", SUNDAY + 8 * DAY)


def test_a_stranger_without_the_link_sees_nothing(desk: Desk, slot_id: int) -> None:
    assert desk.get("/waiting/nonsense").status == 404


def test_a_lost_link_is_sent_to_its_contact_only_and_the_answer_tells_nothing(
    desk: Desk, app: Flask, slot_id: int
) -> None:
    page = join(desk)
    mine = entry()

    def ask(reference: str, contact: str) -> tuple[str, str, int]:
        browser = Desk(app)
        given = {"reference": reference, "contact": contact}
        answer = browser.post("/appointment/find", given, language="en", status=302)
        return answer.location or "", browser.follow(answer).main, messages().count("waiting_again")

    right = ask(mine.reference.lower(), "050 123 4567")
    assert right[2] == 1
    for wrong in (("ABCDEFGH", "0501234567"), (mine.reference, "0507654321")):
        assert ask(*wrong) == right
    assert mine.link_token not in right[1]
    desk.post(f"{page.path.split('?')[0]}/leave", status=302)
    assert ask(mine.reference, "0501234567") == right


def test_where_contacts_are_proven_an_unproven_one_is_sent_nothing(
    app: Flask, desk: Desk, settings: Settings, slot_id: int
) -> None:
    join(desk)
    app.extensions["govdesk"] = dataclasses.replace(settings, verify_contact="new")
    given = {"reference": entry().reference, "contact": "0501234567"}
    for is_proven in (False, True):
        with transaction() as session:
            session.scalars(select(WaitingEntry)).one().verified_at = MORNING if is_proven else None
        Desk(app).post("/appointment/find", given, status=302)
        assert messages().count("waiting_again") == is_proven


def test_staff_see_why_each_stands_where_and_take_one_off_with_a_reason(
    desk: Desk, sign_in: Callable[[str], Desk], slot_id: int
) -> None:
    page = join(desk)
    mine = entry()
    reception = sign_in("reem")
    shown = reception.get("/reception/north/waiting", language="en")
    assert "By the time of joining" in shown.main
    asked = f"/reception/north/waiting/{mine.id}/remove"
    assert asked in shown.links()
    refused = reception.post(asked, {}, language="en")
    assert refused.status in (400, 422)
    assert list(refused.errors()) == ["reason"]
    done = reception.follow(reception.post(asked, {"reason": "served"}, language="en", status=302))
    assert f"Number {mine.reference} is off the list" in done.html
    assert "because you have been served" in desk.get(page.path, language="en").main
    outbox.deliver_due(HANDLERS)
    assert messages()[-1] == "waiting_removed"


def test_nobody_takes_off_the_list_of_another_branch(
    desk: Desk, sign_in: Callable[[str], Desk], slot_id: int
) -> None:
    join(desk)
    other = sign_in("rana")
    assert other.get(f"/reception/harbour/waiting/{entry().id}/remove").status == 404
    assert other.get(f"/reception/north/waiting/{entry().id}/remove").status == 403


def test_reception_and_admin_find_the_lists(desk: Desk, sign_in: Callable[[str], Desk], slot_id: int) -> None:
    join(desk)
    assert "/reception/north/waiting" in sign_in("reem").get("/reception/north/missed").links()
    admin = sign_in("adam")
    shown = admin.get("/admin/waiting", language="en")
    assert "/reception/north/waiting" in shown.links()
    assert "/admin/waiting" in admin.get("/admin").links()
