"""From the slip, from a ticket that has ended and from a missed appointment one button leads to the form."""

import datetime as dt

import pytest

from govdesk import clock
from govdesk.actor import VISITOR
from govdesk.db import transaction
from govdesk.feedback.answers import drafting
from govdesk.people.models import Person
from govdesk.queue import service as queue
from tests.desk import Desk
from tests.flows.asked import ask_everybody, came, hear, invitation, invitations, ticket, visited
from tests.makers import SUNDAY, Cast, make_appointment, make_slot, moment


@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_ticket_that_has_ended_leads_to_its_own_questions(desk: Desk, cast: Cast, language: str) -> None:
    ask_everybody()
    own = ticket(visited(cast, "10:00", None))
    with clock.at(moment("10:20")):
        page = desk.get(f"/ticket/{own.token}", language=language)
        assert invitations() == []  # looking asks nothing
        done = desk.submit(page, action=f"/ticket/{own.token}/tell", status=302)
        asked = invitation()
        assert done.location == f"/q/{asked.token}"
        assert (asked.state, asked.mode) == ("shown", "qr")
        desk.submit(page, action=f"/ticket/{own.token}/tell", status=302)
        assert len(invitations()) == 1


def test_one_touch_on_a_face_begins_the_form(desk: Desk, cast: Cast) -> None:
    ask_everybody()
    own = ticket(visited(cast, "10:00", None))
    with clock.at(moment("10:20")):
        page = desk.get(f"/ticket/{own.token}", language="en")
        assert "How was our service?" in page.main
        assert [(one.get("name"), one.get("value")) for one in page.all("button") if one.get("value")] == [
            ("face", "3"),
            ("face", "2"),
            ("face", "1"),
        ]
        for touched, kept in (("2", 2), ("3", 3), ("9", 3)):  # again: another mind
            page = desk.get(f"/ticket/{own.token}", language="en")
            desk.submit(page, {"face": touched}, action=f"/ticket/{own.token}/tell", status=302)
            assert invitation().state == "shown"
            assert drafting.answers_of(invitation()) == {"overall": kept}


def test_a_touch_that_is_left_alone_is_an_answer_after_an_hour(desk: Desk, cast: Cast) -> None:
    ask_everybody()
    own = ticket(visited(cast, "10:00", None))
    with clock.at(moment("10:20")):
        page = desk.get(f"/ticket/{own.token}", language="en")
        page = desk.follow(desk.submit(page, {"face": "1"}, action=f"/ticket/{own.token}/tell", status=302))
        assert "What could have been better?" in page.main
    with clock.at(moment("11:19")):
        assert drafting.run_take_in() == 0
    with clock.at(moment("11:21")):
        assert drafting.run_take_in() == 1
        assert "/tell" not in desk.get(f"/ticket/{own.token}").html
    assert (invitation().state, invitation().draft, invitation().mode) == ("answered", None, None)


def test_a_ticket_asks_nothing_where_nothing_is_asked_or_it_was_answered(desk: Desk, cast: Cast) -> None:
    own = ticket(visited(cast, "10:00", None))
    with clock.at(moment("10:20")):
        assert "/tell" not in desk.get(f"/ticket/{own.token}").html
        ask_everybody()
        page = desk.get(f"/ticket/{own.token}", language="en")
        desk.submit(page, action=f"/ticket/{own.token}/tell", status=302)
        with transaction() as session:
            session.merge(invitation()).state = "answered"
        assert "/tell" not in desk.get(f"/ticket/{own.token}").html


def test_who_left_goes_on_after_saying_why(desk: Desk, cast: Cast) -> None:
    ask_everybody()
    own = ticket(came(cast, "10:00", cast.nora, state="waiting", called_at=None, started_at=None))
    with clock.at(moment("10:10")):
        with transaction() as session:
            queue.abandon(session, actor=VISITOR, ticket_id=own.id)
        hear()
        path = f"/ticket/{own.token}/why"
        page = desk.get(path, language="en")
        assert "/tell" not in page.html
        page = desk.follow(desk.submit(page, {"reason": "too_long"}, action=path, status=302))
        assert "Would you like to say more?" in page.main
        desk.submit(page, action=f"/ticket/{own.token}/tell", status=302)
    assert (invitation().occasion, invitation().mode) == ("left", "qr")


def test_who_did_not_come_goes_on_after_saying_why(desk: Desk, cast: Cast) -> None:
    ask_everybody("missed")
    yesterday = SUNDAY - dt.timedelta(days=1)
    with transaction() as session:
        slot = make_slot(
            session, branch=cast.north, service=cast.renewal, starts_at=moment("10:00", yesterday)
        )
        nora = session.get_one(Person, cast.nora.id)
        missed = make_appointment(session, slot=slot, person=nora, state="noshow")
    path = f"/appointment/{missed.link_token}/why"
    page = desk.get(path, language="en")
    assert "/tell" not in page.html
    page = desk.follow(desk.submit(page, {"reason": "forgot"}, action=path, status=302))
    desk.submit(page, action=f"/appointment/{missed.link_token}/tell", status=302)
    assert (invitation().occasion, invitation().mode) == ("noshow", "page")


def test_a_stale_button_is_refused_in_words(desk: Desk, cast: Cast) -> None:
    ask_everybody()
    own = ticket(visited(cast, "10:00", None))
    with clock.at(moment("10:20")):
        page = desk.get(f"/ticket/{own.token}", language="en")
    with clock.at(moment("10:20", SUNDAY + dt.timedelta(days=15))):
        refused = desk.submit(page, action=f"/ticket/{own.token}/tell", status=410)
    assert "not any more" in refused.main
