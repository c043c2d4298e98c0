"""The public pages of a branch: where, whether it is open, how to book there; and a ticket from elsewhere."""

from collections.abc import Callable

from sqlalchemy import select

from govdesk import clock
from govdesk.actor import VISITOR
from govdesk.booking.schedule.models import ScheduleException
from govdesk.db import reading, transaction
from govdesk.people.identity import sample_identity
from govdesk.people.models import PersonContact
from govdesk.queue import counters, own_turn
from govdesk.queue.models import Ticket
from tests.desk import Desk
from tests.makers import Cast, moment

JOIN = "/branches/north/join"


def test_the_branch_says_where_it_is_and_leads_to_booking_there(cast: Cast, desk: Desk) -> None:
    with transaction() as session:
        branch = session.merge(cast.north)
        branch.phone, branch.access_en = "920000000", "A lift at the door"
    with clock.at(moment("09:00")):
        assert "/branches/north" in desk.get("/", language="en").links()
        assert "/branches/north" in desk.get("/branches", language="en", status=200).links()
        page = desk.get("/branches/north", language="en", status=200)
    assert page.heading == "North Branch"
    assert "920000000" in page.main
    assert "A lift at the door" in page.main
    assert f"/book/{cast.renewal.code}/time?branch=north" in page.links()


def test_a_closure_is_not_open_whatever_the_hours_say(cast: Cast, desk: Desk) -> None:
    with clock.at(moment("09:00")):
        assert "Open until" in desk.get("/branches/north", language="en").main
        today = clock.local_day(clock.now(), cast.north.timezone)
        with transaction() as session:
            session.add(
                ScheduleException(
                    branch_id=cast.north.id, kind="shut", first_on=today, last_on=today,
                    name_ar="تسرّب مياه", name_en="A water leak",
                )
            )  # fmt: skip
        page = desk.get("/branches/north", language="en")
    assert "Open until" not in page.main
    assert "Closed now" in page.main
    assert "A water leak" in page.main


def test_who_joins_from_elsewhere_gets_a_ticket_and_may_be_told(cast: Cast, desk: Desk) -> None:
    with clock.at(moment("09:00")):
        assert "not given from elsewhere" in desk.get(JOIN, language="en", status=200).main
        with transaction() as session:
            session.merge(cast.north).allows_remote = True
            counters.open_counter(session, actor=cast.staff["omar"].actor, counter_id=cast.north_1.id)
        form = desk.get(JOIN, status=200)
        given = {"service": cast.renewal.code, "phone": "0501234567"}
        wrong = desk.submit(form, {**given, "identity": "12"}, language="en")
        assert "identity" in wrong.errors()
        number = sample_identity(77, "national").number
        told = desk.submit(form, {**given, "identity": number}, language="en", status=302)
        page = desk.follow(told)
    assert "You took this ticket from elsewhere" in page.main
    ticket = reading().scalars(select(Ticket)).one()
    assert (ticket.is_remote, ticket.channel) == (True, "remote")
    contact = select(PersonContact.phone).where(PersonContact.person_id == ticket.person_id)
    assert reading().scalar(contact) == "+966501234567"


def test_a_notice_is_announced_shown_and_withdrawn(
    cast: Cast, desk: Desk, sign_in: Callable[[str], Desk]
) -> None:
    path = f"/admin/notices/{cast.north.id}/announce"
    with clock.at(moment("09:00")):
        adam = sign_in("adam")
        form = adam.get(path, language="en", status=200)
        words = {"text_ar": "المصعد معطل", "text_en": "The lift is out of order"}
        adam.submit(form, words, status=302)
        assert "The lift is out of order" in desk.get("/branches/north", language="en").main
        listed = adam.get(path, language="en")
        away = next(form.get("action") for form in listed.forms() if "withdraw" in (form.get("action") or ""))
        adam.submit(listed, action=away, status=302)
        assert "The lift is out of order" not in desk.get("/branches/north", language="en").main


def test_reception_says_that_somebody_from_elsewhere_is_here(
    cast: Cast, sign_in: Callable[[str], Desk]
) -> None:
    with clock.at(moment("09:00")):
        with transaction() as session:
            branch = session.merge(cast.north)
            branch.allows_remote = True
            counters.open_counter(session, actor=cast.staff["omar"].actor, counter_id=cast.north_1.id)
            far = own_turn.join(
                session, actor=VISITOR, branch=branch, wanted=cast.renewal, person=cast.nora, language="en"
            )
        reem, path = sign_in("reem"), f"/reception/north/tickets/{far.id}/here"
        reem.submit(reem.get("/reception/north", status=200), action=path, status=302)
        again = reem.get("/reception/north", language="en")
    assert path not in [form.get("action") for form in again.forms()]
    assert reading().get_one(Ticket, far.id).present_at == moment("09:00")
