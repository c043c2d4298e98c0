"""Reception: a ticket for who walks in, an arrival, who left, who was sent home; in its own branch only."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from govdesk import clock
from govdesk.booking.models import Appointment
from govdesk.db import reading, transaction
from govdesk.notify.models import Message
from govdesk.people.identity import sample_identity
from govdesk.queue import counters, service
from govdesk.queue.models import Ticket
from tests.desk import Desk
from tests.makers import Cast, make_appointment, make_slot, moment

SignIn = Callable[[str], Desk]
DESK = "/reception/north"


@pytest.fixture
def reem(sign_in: SignIn) -> Desk:
    """Reem receives at the north."""
    return sign_in("reem")


def last() -> Ticket:
    reading().rollback()
    return reading().scalars(select(Ticket).order_by(Ticket.id.desc()).limit(1)).one()


def tickets() -> int:
    reading().rollback()
    return reading().scalar(select(func.count(Ticket.id))) or 0


def give(reem: Desk, **values: str) -> None:
    reem.post(f"{DESK}/tickets", {"service": "renewal", **values}, page=DESK, status=302)


def booked(cast: Cast, at: str = "09:40") -> Appointment:
    with transaction() as session:
        slot = make_slot(session, branch=cast.north, service=cast.renewal, starts_at=moment(at))
        return make_appointment(session, slot=slot, person=cast.nora)


def test_a_ticket_holds_all_that_was_said(cast: Cast, reem: Desk) -> None:
    agent = sample_identity(7, "residence").number
    give(
        reem, identity=cast.nora_number, whom="other", visitor=agent, priority="disability", language="en",
        object_ref="ABC 1234",
    )  # fmt: skip
    ticket = last()
    assert (ticket.person_id, ticket.priority, ticket.language, ticket.object_ref, ticket.channel) == (
        cast.nora.id, "disability", "en", "abc1234", "reception"
    )  # fmt: skip
    assert ticket.visitor_id not in (None, cast.nora.id)


def test_the_visitor_is_not_asked_when_the_matter_is_their_own(cast: Cast, reem: Desk) -> None:
    give(reem, identity=cast.nora_number, visitor="nonsense")
    assert (last().person_id, last().visitor_id) == (cast.nora.id, None)


def test_the_slip_is_in_the_language_of_the_person(cast: Cast, reem: Desk) -> None:
    give(reem, language="en")
    slip = reem.get(f"{DESK}/tickets/{last().id}", language="ar", status=200)
    paper = slip.all("div", "slip")[0]
    assert (paper.get("lang"), paper.get("dir")) == ("en", "ltr")
    assert "Identity renewal" in slip.main
    assert slip.all("img", "qr")


def test_bad_input_is_refused_beside_the_field_and_nothing_typed_is_lost(cast: Cast, reem: Desk) -> None:
    page = reem.post(
        f"{DESK}/tickets",
        {"identity": "10A8765432", "whom": "other", "visitor": "99", "object_ref": "x" * 300},
        page=DESK,
        language="en",
        status=422,
    )
    assert set(page.errors()) == {"service", "identity", "visitor", "object_ref"}
    typed = {field.get("name"): field.get("value") for field in page.all("input")}
    assert (typed["identity"], typed["visitor"], typed["object_ref"]) == ("10A8765432", "99", "x" * 300)
    unknown = reem.submit(reem.get(DESK), {"service": "nothing"}, action=f"{DESK}/tickets", status=422)
    assert "service" in unknown.errors()
    assert tickets() == 0


def test_a_double_click_gives_one_ticket(cast: Cast, reem: Desk) -> None:
    shown = reem.get(DESK)
    answers = [reem.submit(shown, {"service": "renewal"}, action=f"{DESK}/tickets") for _ in range(2)]
    assert answers[0].location == answers[1].location
    assert tickets() == 1


def test_an_appointment_arrives_by_reference_or_from_the_list_once(cast: Cast, reem: Desk) -> None:
    appointment = booked(cast)
    shown = reem.get(DESK)
    assert appointment.reference in shown.main
    first = reem.submit(shown, {"reference": appointment.reference}, action=f"{DESK}/arrivals", status=302)
    second = reem.post(f"{DESK}/arrivals", {"reference": appointment.reference}, page=DESK, status=302)
    assert first.location == second.location
    assert tickets() == 1
    assert reading().get_one(Appointment, appointment.id).state == "arrived"
    assert f'value="{appointment.reference}"' not in reem.get(DESK).html


def test_a_wrong_reference_is_said_beside_the_field(cast: Cast, reem: Desk) -> None:
    page = reem.post(f"{DESK}/arrivals", {"reference": "🙂"}, page=DESK, status=422)
    assert page.errors()["reference"]
    assert tickets() == 0


def test_the_hall_shows_who_waits_how_long_and_why(cast: Cast, reem: Desk) -> None:
    give(reem)
    give(reem, priority="elderly")
    with clock.at(moment("09:12")):
        lines = [line for line in reem.get(DESK, language="en").words("li") if line.startswith("A0")]
    assert lines == [
        "A002 Identity renewal Priority by law 12 min Left A002",
        "A001 Identity renewal By arrival 12 min Left A001",
    ]


def test_who_left_is_noted_after_a_question_and_once(cast: Cast, reem: Desk) -> None:
    give(reem)
    address = f"{DESK}/tickets/{last().id}/left"
    asked = reem.get(address, status=200)
    assert last().state == "waiting"
    for _twice in range(2):
        reem.submit(asked, action=address, status=302)
    assert last().state == "abandoned"
    assert reem.submit(reem.get(address), action=address).status == 409


def test_who_is_sent_home_at_the_door_is_a_visit_with_a_cause(cast: Cast, reem: Desk) -> None:
    gate = f"{DESK}/turned-away"
    page = reem.post(gate, {"service": "renewal"}, status=422)
    assert set(page.errors()) == {"cause"}
    reem.post(gate, {"service": "renewal", "cause": "papers", "identity": cast.nora_number}, status=302)
    ticket = last()
    assert (ticket.state, ticket.outcome, ticket.cause, ticket.person_id) == (
        "turned_away", "turned_away", "papers", cast.nora.id
    )  # fmt: skip
    assert tickets() == 1


def test_a_missed_person_gets_the_same_place_back(cast: Cast, reem: Desk) -> None:
    give(reem)
    with transaction() as session:
        actor = cast.staff["omar"].actor
        counters.open_counter(session, actor=actor, counter_id=cast.north_1.id)
        service.call_next(session, actor=actor)
        service.noshow(session, actor=actor, ticket_id=last().id)
    stood = last().order_at
    reem.post(f"{DESK}/tickets/{last().id}/back", page=DESK, status=302)
    assert (last().state, last().order_at) == ("waiting", stood)


def test_outside_the_hours_reception_may_give_a_ticket_and_is_told(cast: Cast, reem: Desk) -> None:
    with clock.at(moment("16:05")):
        assert "The branch is outside its hours" in reem.get(DESK, language="en").main
        give(reem)
    assert last().state == "waiting"


@pytest.mark.parametrize(
    ("username", "status"), [("sara", 200), ("rana", 403), ("salim", 403), ("omar", 403), ("huda", 403)]
)
def test_only_reception_and_supervisors_of_the_branch_come_in(
    cast: Cast, reem: Desk, sign_in: SignIn, username: str, status: int
) -> None:
    give(reem)
    other = sign_in(username)
    for end in ("", "/state.json", "/turned-away", f"/tickets/{last().id}", f"/tickets/{last().id}/left"):
        assert other.get(f"{DESK}{end}").status == status


def test_a_ticket_of_another_branch_is_not_reached_through_ones_own(
    cast: Cast, reem: Desk, sign_in: SignIn
) -> None:
    give(reem)
    rana = sign_in("rana")
    assert rana.get(f"/reception/harbour/tickets/{last().id}").status == 404
    assert rana.get(f"/reception/harbour/tickets/{last().id}/left").status == 404


def test_the_list_is_fetched_again_only_when_it_changed(cast: Cast, reem: Desk) -> None:
    tag = {"If-None-Match": reem.get(f"{DESK}/state.json", status=200).headers["ETag"]}
    assert reem.get(f"{DESK}/state.json", headers=tag).status == 304
    give(reem)
    assert reem.get(f"{DESK}/state.json", headers=tag, status=200).json["count"] == 1


def test_a_ticket_is_sent_to_the_phone_of_who_holds_it(cast: Cast, reem: Desk) -> None:
    give(reem, language="en")
    page = f"{DESK}/tickets/{last().id}"
    wrong = reem.post(f"{page}/send", {"phone": "12"}, page=page, status=422)
    assert set(wrong.errors()) == {"phone"}
    assert 'value="12"' in wrong.html
    shown = reem.get(page, language="en")
    for _twice in range(2):
        reem.submit(shown, {"phone": "٠٥٠١٢٣٤٥٦٧"}, action=f"{page}/send", status=302)
    message = reading().scalars(select(Message).where(Message.key == "ticket_link")).one()
    assert (message.address, message.language, message.person_id) == ("+966501234567", "en", None)
    assert f"Ticket {last().number} was sent." in reem.get(page, language="en").html
    assert "Sent to" in reem.get(page, language="en").main
    assert "0501234567" not in reem.get(page, language="en").html
