"""The day of a branch on paper: bookings and tickets; names only where reception shows them."""

import datetime as dt
from collections.abc import Callable

import pytest

from govdesk import clock
from govdesk.db import transaction
from govdesk.queue import counters, service
from tests.desk import Desk
from tests.makers import SUNDAY, Cast, make_appointment, make_slot, moment

SignIn = Callable[[str], Desk]
LIST = "/floor/north/day"
MONDAY = SUNDAY + dt.timedelta(days=1)


@pytest.fixture
def day(cast: Cast) -> Cast:
    """Nora has booked for ten and is there, Raj for eleven tomorrow; somebody came without and was served."""
    reem, omar = cast.staff["reem"].actor, cast.staff["omar"].actor
    with transaction() as session:
        for person, at in ((cast.nora, moment("10:00")), (cast.raj, moment("11:00", MONDAY))):
            slot = make_slot(session, branch=cast.north, service=cast.renewal, starts_at=at)
            booked = make_appointment(session, slot=slot, person=person, reference=f"REF-{person.id}")
            if person is cast.nora:
                service.check_in(session, actor=reem, appointment=booked)
        service.issue(session, actor=reem, branch=cast.north, service=cast.deed)
        counters.open_counter(session, actor=omar, counter_id=cast.north_1.id)
    with clock.at(moment("09:05")), transaction() as session:
        service.call_next(session, actor=omar)
    return cast


def test_the_list_has_the_appointments_and_the_tickets_of_the_day(day: Cast, sign_in: SignIn) -> None:
    with clock.at(moment("09:20")):
        page = sign_in("sara").get(LIST, language="en", status=200)
    assert page.heading == "List of the day"
    assert page.words("caption") == ["1 appointment", "2 tickets"]
    booked, ticket, walk_in = page.words("tr")[1], *page.words("tr")[3:]
    assert booked == f"10:00 Nora Identity renewal REF-{day.nora.id} A001 Here"
    assert ticket == "A001 Identity renewal 09:00 — — — waiting"
    assert walk_in == "C001 Land deed 09:00 09:05 1 — called"


@pytest.mark.parametrize("username", ["huda", "adam"])
def test_who_does_not_stand_at_reception_reads_no_names(day: Cast, sign_in: SignIn, username: str) -> None:
    page = sign_in(username).get(LIST, language="en", status=200)
    assert f"REF-{day.nora.id}" in page.main
    assert "Nora" not in page.main


def test_the_floor_leads_to_it_and_strangers_do_not_see_it(day: Cast, sign_in: SignIn) -> None:
    assert LIST in sign_in("sara").get("/floor/north").links()
    for username in ("omar", "salim"):
        assert sign_in(username).get(LIST).status == 403
