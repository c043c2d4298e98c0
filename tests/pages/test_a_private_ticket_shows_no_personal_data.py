"""The phone page of a ticket: it follows the turn, lets one leave, and knows nobody's name."""

import datetime as dt

import pytest
from sqlalchemy import select

from govdesk import clock
from govdesk.db import reading, transaction
from govdesk.notify.models import Message
from govdesk.queue import counters, service
from govdesk.queue.models import Ticket
from tests.desk import Desk, Page
from tests.makers import Cast, make_appointment, make_person, make_slot, moment


@pytest.fixture
def queue(cast: Cast) -> list[Ticket]:
    """Omar sits at counter 1; four came at 09:00, 09:01, 09:02, 09:03, the last of them Nora."""
    with transaction() as session:
        counters.open_counter(session, actor=cast.staff["omar"].actor, counter_id=cast.north_1.id)
    return [arrive(cast, f"09:0{turn}", person=cast.nora if turn == 3 else None) for turn in range(4)]


def arrive(cast: Cast, at: str, **given: object) -> Ticket:
    with clock.at(moment(at)), transaction() as session:
        options = {"service": cast.renewal, "branch": cast.north, **given}
        return service.issue(session, actor=cast.staff["reem"].actor, **options)  # type: ignore[arg-type]


def call(cast: Cast, at: str) -> None:
    with clock.at(moment(at)), transaction() as session:
        service.call_next(session, actor=cast.staff["omar"].actor)


def state(ticket: Ticket) -> str:
    reading().rollback()
    return reading().get_one(Ticket, ticket.id).state


def test_it_says_how_many_are_ahead_and_how_long_it_takes(queue: list[Ticket], desk: Desk) -> None:
    with clock.at(moment("09:05")):
        page = desk.get(f"/ticket/{queue[3].token}", language="en", status=200)
    assert page.words("p", "number") == ["A004"]
    said = dict(zip(page.words("dt"), page.words("dd"), strict=True))
    assert said["Ahead of you"] == "3 people"
    assert said["Expected wait"] == "11–55 min"  # three departures of 10 minutes: p10 11.02, p90 53.22
    assert page.words("li", "now") == ["Waiting fourth"]


def test_it_holds_no_name_and_no_contact(cast: Cast, desk: Desk) -> None:
    with transaction() as session:
        salma = make_person(session, name="Salma Haddad", phone="+966500000001")
        ticket = service.issue(
            session,
            actor=cast.staff["reem"].actor,
            branch=cast.north,
            service=cast.renewal,
            person=salma,
            object_ref="ABC-1234",
        )
    pages = [desk.get(f"/ticket/{ticket.token}{end}", status=200) for end in ("", "/leave", "/state.json")]
    for page in pages:
        text = page.data.decode()
        for secret in ("Salma", "Haddad", "500000001", "ABC-1234", salma.pseudonym):
            assert secret not in text
    assert pages[0].headers["Referrer-Policy"] == "no-referrer"
    assert pages[0].headers["Cache-Control"] == "no-store"


def test_a_ticket_is_found_by_its_secret_only(queue: list[Ticket], desk: Desk) -> None:
    assert desk.get(f"/ticket/{queue[0].id}").status == 404
    assert desk.get("/ticket/nonsense/state.json").status == 404


def test_its_state_is_sent_again_only_when_it_changed(queue: list[Ticket], cast: Cast, desk: Desk) -> None:
    address = f"/ticket/{queue[1].token}/state.json"
    with clock.at(moment("09:05")):
        first = desk.get(address, status=200)
        assert first.json["ahead"] == 1
        assert first.json["near"] is True
        assert desk.get(address, headers={"If-None-Match": first.headers["ETag"]}).status == 304
        call(cast, "09:05")
        then = desk.get(address, headers={"If-None-Match": first.headers["ETag"]}, status=200)
    assert then.json["ahead"] == 0


def test_when_called_it_says_to_which_counter(queue: list[Ticket], cast: Cast, desk: Desk) -> None:
    call(cast, "09:04")
    page = desk.get(f"/ticket/{queue[0].token}", language="en")
    assert page.heading == "Please come to counter 1"
    assert page.links() == [link for link in page.links() if not link.endswith("/leave")]


def test_a_promise_is_shown_while_it_holds_and_when_it_is_late(queue: list[Ticket], desk: Desk) -> None:
    quoted = queue[3].quoted_high
    assert quoted is not None
    before = moment("09:03") + dt.timedelta(minutes=quoted)
    with clock.at(before - dt.timedelta(minutes=2)):
        assert "We are on time" in desk.get(f"/ticket/{queue[3].token}", language="en").main
    with clock.at(before + dt.timedelta(minutes=2)):
        page = desk.get(f"/ticket/{queue[3].token}", language="en")
    assert "we are late. We are sorry" in page.main


def test_leaving_is_asked_first_and_done_once(queue: list[Ticket], desk: Desk) -> None:
    address = f"/ticket/{queue[1].token}/leave"
    asked = desk.get(address, status=200)
    assert state(queue[1]) == "waiting"
    for _twice in range(2):
        page = desk.follow(desk.submit(asked, action=address, status=302))
    assert state(queue[1]) == "abandoned"
    assert "Leave" not in page.main
    assert desk.get(address).status == 302  # there is nothing left to leave


def test_who_is_called_at_that_moment_no_longer_leaves(queue: list[Ticket], cast: Cast, desk: Desk) -> None:
    asked = desk.get(f"/ticket/{queue[0].token}/leave")
    call(cast, "09:05")
    answer = desk.submit(asked, action=f"/ticket/{queue[0].token}/leave", language="en", status=409)
    assert "This ticket changed before your request arrived" in answer.main
    assert state(queue[0]) == "called"


def test_after_a_transfer_the_same_link_follows_the_next_stage(
    queue: list[Ticket], cast: Cast, desk: Desk
) -> None:
    call(cast, "09:05")
    with clock.at(moment("09:06")), transaction() as session:
        service.transfer(
            session, actor=cast.staff["omar"].actor, ticket_id=queue[0].id, service=cast.passport
        )
    page = desk.get(f"/ticket/{queue[0].token}", language="en", status=200)
    assert page.words("p", "number") == ["A001"]
    assert "Passport" in page.main
    assert page.words("li", "done") == ["Transferred 09:06", "Waiting"]


def test_who_came_before_the_appointment_is_told_when_it_is(cast: Cast, desk: Desk) -> None:
    with transaction() as session:
        counters.open_counter(session, actor=cast.staff["omar"].actor, counter_id=cast.north_1.id)
        slot = make_slot(session, branch=cast.north, service=cast.renewal, starts_at=moment("09:40"))
        appointment = make_appointment(session, slot=slot, person=cast.nora)
        ticket = service.check_in(session, actor=cast.staff["reem"].actor, appointment=appointment)
    page = desk.get(f"/ticket/{ticket.token}", language="en")
    assert "Your appointment is at 09:40" in page.main
    assert "40–45 min" in page.words("dd")


@pytest.mark.parametrize(
    ("ended", "said"),
    [
        ("served", "Your service is complete"),
        ("turned_away", "We could not serve you today"),
        ("noshow", "you get the same place back"),
        ("abandoned", "You left the queue"),
        ("closed_unserved", "the failing is ours"),
        ("held", "your place is kept"),
    ],
)
def test_every_end_has_its_sentence(queue: list[Ticket], desk: Desk, ended: str, said: str) -> None:
    with transaction() as session:
        ticket = session.get_one(Ticket, queue[0].id)
        ticket.state = ended
    assert said in desk.get(f"/ticket/{queue[0].token}", language="en", status=200).main


def parts(page: Page) -> set[str]:
    """What the script of a page brings up to date, by name."""
    return {element.attrib["data-part"] for element in page.all("*") if "data-part" in element.attrib}


def test_what_follows_an_end_comes_to_the_open_page(queue: list[Ticket], cast: Cast, desk: Desk) -> None:
    address = f"/ticket/{queue[1].token}"
    with clock.at(moment("09:05")):
        waiting = desk.get(address, status=200)
        with transaction() as session:
            service.abandon(session, actor=cast.staff["reem"].actor, ticket_id=queue[1].id)
        left = desk.get(address, status=200)
    after = {"rejoin", "why"}

    def ways(page: Page, name: str) -> set[str]:
        """Where the links of a part lead."""
        (part,) = [element for element in page.all("*") if element.attrib.get("data-part") == name]
        return {link.attrib["href"].rpartition("/")[2] for link in part.iter("a")}

    assert parts(waiting) == parts(left)  # the script puts each into its like, so none may be missing
    assert (ways(waiting, "after"), ways(waiting, "leave")) == (set(), {"leave"})
    assert (ways(left, "after"), ways(left, "leave"), ways(left, "acts")) == (after, set(), set())


def test_who_waits_is_told_on_the_phone_that_they_type(queue: list[Ticket], desk: Desk) -> None:
    address = f"/ticket/{queue[3].token}"
    with clock.at(moment("09:05")):
        assert f"{address}/by-message" in desk.get(address).links()
        wrong = desk.post(f"{address}/by-message", {"phone": "none"}, status=422)
        assert set(wrong.errors()) == {"phone"}
        shown = desk.get(f"{address}/by-message", language="en")
        for _twice in range(2):
            desk.submit(shown, {"phone": "٠٥٠١٢٣٤٥٦٧"}, action=f"{address}/by-message", status=302)
        message = reading().scalars(select(Message)).one()
        assert (message.key, message.address, message.language) == ("ticket_link", "+966501234567", "en")
        page = desk.get(address, language="en")
        assert f"{address}/by-message" not in page.links()
        assert "We tell you by message when your turn is near." in page.main
        assert "1234567" not in page.html
