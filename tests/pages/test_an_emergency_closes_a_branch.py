"""An emergency closes a branch by one press: nobody is lost silently, and twice is once."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from govdesk import clock
from govdesk.audit import AuditEntry
from govdesk.booking.hours.closures import ShutError
from govdesk.booking.schedule.models import Displacement
from govdesk.db import reading, transaction
from govdesk.notify.models import Message
from govdesk.outbox import deliver_due
from govdesk.people import service as people
from govdesk.queue import counters, service
from govdesk.queue.models import CounterSession, Ticket
from govdesk.wiring import HANDLERS
from tests.desk import Desk
from tests.makers import Cast, make_appointment, make_slot, moment

SignIn = Callable[[str], Desk]
PATH = "/floor/north/emergency"
WHY = {"reason_ar": "حريق", "reason_en": "Fire"}


@pytest.fixture
def hall(cast: Cast) -> Cast:
    """Omar serves one, Othman has a break; Nora, who can be reached, and another wait; one booked."""
    reem, omar, othman = (cast.staff[name].actor for name in ("reem", "omar", "othman"))
    with transaction() as session:
        nora = session.merge(cast.nora)
        people.note_contact(session, actor=reem, person=nora, name="Nora", phone="+966501234567")
        counters.open_counter(session, actor=omar, counter_id=cast.north_1.id)
        counters.open_counter(session, actor=othman, counter_id=cast.north_2.id)
        counters.pause_counter(session, actor=othman)
        for person in (None, nora, None):
            service.issue(
                session, actor=reem, branch=cast.north, service=cast.renewal, person=person, language="en"
            )
        service.call_next(session, actor=omar)
        at_eleven = make_slot(
            session, branch=cast.north, service=cast.renewal, starts_at=moment("11:00"),
            ends_at=moment("11:30"),
        )  # fmt: skip
        make_appointment(session, slot=at_eleven, person=cast.raj)
    return cast


def states() -> list[tuple[str, str, str | None]]:
    found = reading().execute(select(Ticket.number, Ticket.state, Ticket.cause).order_by(Ticket.id))
    return [(number, state, cause) for number, state, cause in found]


def test_all_that_the_page_announces_happens_once(hall: Cast, sign_in: SignIn) -> None:
    sara = sign_in("sara")
    page = sara.get(PATH, language="en")
    for said in (
        "2 tickets that wait end unserved. 1 person left a contact",
        "2 counters are open and close once nobody is there. 1 person is at a counter",
        "1 person with an appointment later today",
    ):
        assert said in page.main
    for _ in range(2):
        sara.submit(page, WHY, action=PATH, status=302)
    ends = ("closed_unserved", "emergency")
    assert states() == [("A001", "called", None), ("A002", *ends), ("A003", *ends)]
    seats = reading().scalars(select(CounterSession.counter_id).where(CounterSession.closed_at.is_(None)))
    assert list(seats) == [hall.north_1.id]
    moved = reading().scalars(select(Displacement)).one()
    assert (moved.was_at, moved.reason_en) == (moment("11:00"), "Fire")
    deliver_due(HANDLERS)
    message = reading().scalars(select(Message).where(Message.key == "branch_closed")).one()
    assert message.values is not None
    assert (message.person_id, message.values["reason"]) == (hall.nora.id, "Fire")
    with transaction() as session, pytest.raises(ShutError):
        service.issue(
            session, actor=hall.staff["reem"].actor, branch=hall.north, service=hall.deed, language="en"
        )
    acts = reading().scalars(select(AuditEntry.action).where(AuditEntry.action == "branch.closed"))
    assert len(list(acts)) == 1


def test_a_phone_says_why_its_number_is_not_called(hall: Cast, sign_in: SignIn) -> None:
    sara = sign_in("sara")
    sara.post(PATH, WHY, status=302)
    token = reading().scalars(select(Ticket.token).where(Ticket.number == "A003")).one()
    assert "The branch had to close" in sara.get(f"/ticket/{token}", language="en").main


def test_a_second_close_sends_home_only_who_came_back(hall: Cast, sign_in: SignIn) -> None:
    sara, omar = sign_in("sara"), hall.staff["omar"].actor
    sara.post(PATH, WHY, status=302)
    with transaction() as session:
        counters.leave(session, actor=omar)  # gives A001 back to the line
    with clock.at(moment("09:05")):
        sara.post(PATH, WHY, status=302)
    assert states()[0] == ("A001", "closed_unserved", "emergency")
    stops = reading().scalars(select(AuditEntry.action).where(AuditEntry.action == "joining.stopped"))
    assert len(list(stops)) == 1


def test_reopening_gives_tickets_again(hall: Cast, sign_in: SignIn) -> None:
    sara = sign_in("sara")
    sara.post(PATH, WHY, status=302)
    page = sara.get(PATH, language="en")
    assert "Closed since 09:00. Fire" in page.main
    for _ in range(2):
        sara.submit(page, action=PATH + "/reopen", status=302)
    with transaction() as session:
        given = service.issue(
            session, actor=hall.staff["reem"].actor, branch=hall.north, service=hall.renewal, language="en"
        )
        assert given.number == "A004"


def test_only_who_supervises_the_branch_closes_it(cast: Cast, sign_in: SignIn) -> None:
    assert [sign_in(name).get(PATH).status for name in ("omar", "salim", "huda")] == [403] * 3


def test_what_happens_often_needs_no_typing(hall: Cast, sign_in: SignIn) -> None:
    sara = sign_in("sara")
    assert set(sara.post(PATH, {"reason_ar": "حريق"}, status=422).errors()) == {"reason_en"}
    assert set(sara.post(PATH, {"why": "moon"}, status=422).errors()) == {"why"}
    sara.post(PATH, {"why": "power"}, status=302)
    assert "Closed since 09:00. Power cut" in sara.get(PATH, language="en").main
    assert "انقطاع الكهرباء" in sara.get(PATH, language="ar").main


def test_the_kiosk_says_when_the_branch_truly_opens_again(hall: Cast, desk: Desk, sign_in: SignIn) -> None:
    sign_in("sara").post(PATH, WHY, status=302)
    assert "It opens on Monday 5 October 2026 at 08:00." in desk.get("/kiosk/north", language="en").main
