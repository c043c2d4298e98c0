"""The counter's page: sit down, call, serve, transfer, hold, take back, conclude; each press once."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from sqlalchemy import func, select

from govdesk import clock
from govdesk.db import reading, transaction
from govdesk.queue import counters, service
from govdesk.queue.models import CounterSession, Ticket, TicketEvent
from tests.desk import Desk, Page, preset
from tests.makers import Cast, make_appointment, make_slot, moment

SignIn = Callable[[str], Desk]
BENCH = "/counter"


@pytest.fixture
def omar(cast: Cast, sign_in: SignIn) -> Desk:
    """Omar's browser; he sits at counter 1 of the north."""
    browser = sign_in("omar")
    sit(browser, cast.north_1.id)
    return browser


def sit(browser: Desk, counter_id: int) -> None:
    browser.post("/counter/open", {"counter": counter_id}, page=BENCH, status=302)


def arrive(cast: Cast, at: str = "09:00", **given: Any) -> Ticket:
    with clock.at(moment(at)), transaction() as session:
        options = {"service": cast.renewal, "branch": cast.north, **given}
        return service.issue(session, actor=cast.staff["reem"].actor, **options)


def press(browser: Desk, path: str, values: Mapping[str, object] | None = None, at: str = "09:10") -> Page:
    with clock.at(moment(at)):
        answer = browser.post(f"/counter/{path}", values, page=BENCH, status=302)
        return browser.follow(answer)


def step(browser: Desk, ticket: Ticket, name: str, at: str = "09:10") -> Page:
    return press(browser, f"ticket/{ticket.id}/{name}", at=at)


def state(ticket: Ticket) -> str:
    reading().rollback()
    return reading().get_one(Ticket, ticket.id).state


def number_shown(page: Page) -> list[str]:
    return page.words("p", "number")


def kinds(ticket: Ticket) -> list[str]:
    query = select(TicketEvent.kind).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.id)
    return list(reading().scalars(query))


def test_who_sits_at_no_counter_chooses_a_free_one(cast: Cast, sign_in: SignIn) -> None:
    othman = sign_in("othman")
    sit(othman, cast.north_2.id)
    page = sign_in("omar").get(BENCH, language="en")
    assert page.heading == "Which counter are you at?"
    assert [field.get("value") for field in page.all("input") if field.get("name") == "counter"] == [
        str(cast.north_1.id)
    ]
    assert "Counter 2 Othman" in page.main


def test_a_counter_taken_meanwhile_is_refused_beside_the_choice(cast: Cast, sign_in: SignIn) -> None:
    omar, othman = sign_in("omar"), sign_in("othman")
    page = omar.get(BENCH)
    sit(othman, cast.north_1.id)
    answer = omar.submit(page, {"counter": cast.north_1.id}, action="/counter/open", status=409)
    assert "counter" in answer.errors()


def test_a_person_is_called_served_and_concluded(cast: Cast, omar: Desk) -> None:
    ticket = arrive(cast)
    page = press(omar, "next")
    assert number_shown(page) == [ticket.number]
    step(omar, ticket, "start", "09:11")
    press(omar, f"ticket/{ticket.id}/conclude", {"outcome": "resolved"}, "09:20")
    assert state(ticket) == "served"
    assert kinds(ticket) == ["issued", "called", "started", "concluded"]


def test_conclude_and_call_is_one_press(cast: Cast, omar: Desk) -> None:
    first, second = arrive(cast), arrive(cast, "09:01")
    press(omar, "next")
    page = press(omar, f"ticket/{first.id}/conclude", {"outcome": "resolved", "then": "call"}, "09:20")
    assert (state(first), state(second)) == ("served", "called")
    assert number_shown(page) == [second.number]


def test_when_nobody_waits_the_page_says_so_after_concluding(cast: Cast, omar: Desk) -> None:
    ticket = arrive(cast)
    press(omar, "next")
    page = press(omar, f"ticket/{ticket.id}/conclude", {"outcome": "resolved", "then": "call"})
    assert state(ticket) == "served"
    assert page.words("div", "flashes")[-1]


def test_a_double_click_on_call_next_gives_one_call(cast: Cast, omar: Desk) -> None:
    arrive(cast)
    arrive(cast, "09:01")
    page = omar.get(BENCH)
    answers = [omar.submit(page, action="/counter/next", status=302) for _ in range(2)]
    assert answers[0].location == answers[1].location
    assert reading().scalar(select(func.count()).where(Ticket.state == "called")) == 1
    assert reading().scalar(select(func.count()).where(Ticket.state == "waiting")) == 1


def test_a_second_call_from_another_tab_is_refused_while_someone_is_there(cast: Cast, omar: Desk) -> None:
    arrive(cast)
    arrive(cast, "09:01")
    first, second = omar.get(BENCH), omar.get(BENCH)
    omar.submit(first, action="/counter/next", status=302)
    answer = omar.follow(omar.submit(second, action="/counter/next", status=302))
    assert answer.words("div", "flashes")[-1]
    assert reading().scalar(select(func.count()).where(Ticket.state == "waiting")) == 1


def test_a_held_person_is_skipped_and_taken_up_again(cast: Cast, omar: Desk) -> None:
    first, second = arrive(cast), arrive(cast, "09:01")
    press(omar, "next")
    step(omar, first, "hold")
    page = press(omar, "next")
    assert number_shown(page) == [second.number]
    press(omar, f"ticket/{second.id}/conclude", {"outcome": "resolved"})
    page = step(omar, first, "resume", "09:30")
    assert number_shown(page) == [first.number]
    assert state(first) == "serving"


def test_the_third_recall_makes_a_ticket_missed_and_it_can_be_taken_back(cast: Cast, omar: Desk) -> None:
    ticket = arrive(cast)
    press(omar, "next", at="09:10")
    for at in ("09:11", "09:12"):
        step(omar, ticket, "recall", at)
    reading().rollback()
    assert reading().get_one(Ticket, ticket.id).called_at == moment("09:10")
    step(omar, ticket, "recall", "09:13")
    assert state(ticket) == "noshow"
    step(omar, ticket, "take-back", "09:20")
    page = press(omar, "next", at="09:21")
    assert number_shown(page) == [ticket.number]
    assert kinds(ticket) == ["issued", "called", "recalled", "recalled", "noshow", "taken_back", "called"]


def test_a_transferred_person_keeps_number_and_place(cast: Cast, omar: Desk) -> None:
    first, other = arrive(cast), arrive(cast, "09:05", service=cast.passport)
    press(omar, "next")
    press(omar, f"ticket/{first.id}/transfer", {"service": cast.passport.id}, "09:15")
    assert state(first) == "transferred"
    page = press(omar, "next", at="09:16")
    assert number_shown(page) == [first.number]
    assert state(other) == "waiting"


def test_a_future_appointment_is_not_called_and_one_due_at_its_minute_is(cast: Cast, omar: Desk) -> None:
    with transaction() as session:
        slot = make_slot(session, branch=cast.north, service=cast.renewal, starts_at=moment("10:00"))
        booked = make_appointment(session, slot=slot, person=cast.nora)
    with clock.at(moment("09:30")), transaction() as session:
        booked = session.merge(booked, load=True)
        ticket = service.check_in(session, actor=cast.staff["reem"].actor, appointment=booked)
    early = press(omar, "next", at="09:59")
    assert number_shown(early) == []
    assert "10:00" in omar.get(BENCH, language="en").main
    assert number_shown(press(omar, "next", at="10:00")) == [ticket.number]


def test_a_walk_in_of_two_hours_is_not_passed_by_due_appointments(cast: Cast, omar: Desk) -> None:
    walk_in = arrive(cast, "09:00")
    with clock.at(moment("10:50")), transaction() as session:
        slot = make_slot(session, branch=cast.north, service=cast.renewal, starts_at=moment("11:00"))
        booked = make_appointment(session, slot=slot, person=cast.nora)
        service.check_in(session, actor=cast.staff["reem"].actor, appointment=booked)
    assert number_shown(press(omar, "next", at="11:00")) == [walk_in.number]


def test_what_an_outcome_wants_is_asked_beside_its_field_and_nothing_typed_is_lost(
    cast: Cast, omar: Desk
) -> None:
    ticket = arrive(cast)
    press(omar, "next")
    path = f"/counter/ticket/{ticket.id}/conclude"
    unmet = omar.post(path, {"outcome": "unresolved"}, page=BENCH, status=422)
    assert list(unmet.errors()) == ["cause"]
    planned = {"outcome": "planned_next_step", "plan_reason": "biometrics", "plan_due": "2026-10-03"}
    past = omar.post(path, planned, page=BENCH, status=422)
    assert list(past.errors()) == ["plan_due"]
    kept = preset(past.form(path))
    assert kept["outcome"] == ["planned_next_step"]
    assert (kept["plan_reason"], kept["plan_due"]) == ("biometrics", "2026-10-03")
    assert state(ticket) == "called"
    arabic = {**planned, "plan_due": "٢٠٢٦-١٠-١١"}
    press(omar, f"ticket/{ticket.id}/conclude", arabic)
    assert reading().get_one(Ticket, ticket.id).plan_due == dt.date(2026, 10, 11)


def test_an_officer_of_another_branch_can_do_nothing_to_a_ticket(
    cast: Cast, omar: Desk, sign_in: SignIn
) -> None:
    ticket = arrive(cast)
    press(omar, "next")
    hamad = sign_in("hamad")
    sit(hamad, cast.harbour_1.id)
    token = preset(hamad.get(BENCH).form("/counter/next"))["csrf_token"]
    for name in ("start", "recall", "hold", "noshow", "conclude", "transfer"):
        values = {"csrf_token": token, "outcome": "resolved", "service": cast.passport.id}
        assert hamad.send(f"/counter/ticket/{ticket.id}/{name}", values).status == 403
    assert state(ticket) == "called"


def test_a_counter_of_another_branch_cannot_be_opened(cast: Cast, sign_in: SignIn) -> None:
    omar = sign_in("omar")
    answer = omar.post("/counter/open", {"counter": cast.harbour_1.id}, page=BENCH)
    assert answer.status == 403
    assert reading().scalar(select(func.count(CounterSession.id))) == 0


@pytest.mark.parametrize("username", ["reem", "huda", "aziz"])
def test_who_is_no_officer_has_no_counter(cast: Cast, sign_in: SignIn, username: str) -> None:
    assert sign_in(username).get(BENCH).status == 403


def test_a_stranger_is_asked_to_sign_in(cast: Cast, desk: Desk) -> None:
    assert "/staff/sign-in" in (desk.get(BENCH, status=302).location or "")


def test_a_paused_counter_calls_nobody_and_goes_on_later(cast: Cast, omar: Desk) -> None:
    ticket = arrive(cast)
    calling = omar.get(BENCH)
    page = press(omar, "pause")
    assert all(page.action(form) != "/counter/next" for form in page.forms())
    omar.submit(calling, action="/counter/next", status=302)
    assert state(ticket) == "waiting"
    press(omar, "unpause")
    assert number_shown(press(omar, "next")) == [ticket.number]


def test_an_officer_finishes_notes_before_the_next_call(cast: Cast, omar: Desk) -> None:
    first, second = arrive(cast), arrive(cast, "09:01")
    assert all("wrap-up" not in str(form.get("action")) for form in omar.get(BENCH).forms())
    press(omar, "next")
    press(omar, f"ticket/{first.id}/conclude", {"outcome": "resolved"}, "09:20")
    assert "Finishing notes" not in omar.get(BENCH, language="en").main
    press(omar, "wrap-up", at="09:21")
    assert "Finishing notes · 09:21" in omar.get(BENCH, language="en").main
    assert number_shown(press(omar, "next", at="09:25")) == [second.number]
    assert reading().get_one(Ticket, first.id).ended_at == moment("09:20")


def test_who_closes_before_the_branch_does_is_asked_why(cast: Cast, omar: Desk, sign_in: SignIn) -> None:
    with clock.at(moment("11:00")):
        refused = omar.post("/counter/close", page=BENCH, status=422)
        assert list(refused.errors()) == ["close-reason"]
        why = {"close-reason": "other_closing", "close-words": "fire drill"}
        omar.post("/counter/close", why, page=BENCH, status=302)
        seats = sign_in("sara").get("/floor/north/counters", language="en")
    assert "Closed before the branch does, today Counter 1 closed at 11:00" in seats.main
    assert "Something else · fire drill" in seats.main


def test_who_closes_at_the_end_of_the_day_is_asked_nothing(cast: Cast, omar: Desk) -> None:
    with clock.at(moment("16:00")):
        omar.post("/counter/close", page=BENCH, status=302)
    assert counters.seat_of(reading(), cast.staff["omar"].actor) is None


def test_a_counter_with_someone_is_not_closed(cast: Cast, omar: Desk) -> None:
    ticket = arrive(cast)
    closing = omar.get(BENCH)
    press(omar, "next")
    page = omar.follow(omar.submit(closing, action="/counter/close", status=302))
    assert number_shown(page) == [ticket.number]
    assert page.words("div", "flashes")[-1]


def test_the_line_is_fetched_again_only_when_it_changed(cast: Cast, omar: Desk) -> None:
    first = omar.get("/counter/live.json")
    tag = first.headers["ETag"]
    assert omar.get("/counter/live.json", headers={"If-None-Match": tag}).status == 304
    ticket = arrive(cast)
    news = omar.get("/counter/live.json", headers={"If-None-Match": tag}, status=200)
    assert ticket.number in news.json["html"]
    assert news.headers["Cache-Control"] == "private, no-cache"


def test_the_line_says_why_each_stands_where_they_stand(cast: Cast, omar: Desk) -> None:
    arrive(cast, "09:00")
    arrive(cast, "09:05", priority="infant")
    with clock.at(moment("09:10")):
        page = omar.get(BENCH, language="en")
    late = "its promise is over"  # both found the counter free, and so were promised to be called at once
    assert page.words("span", "why") == [f"Next: Priority by law · {late}", f"By arrival · {late}"]


@pytest.mark.parametrize(
    ("act", "form"),
    [("conclude", {"outcome": "resolved"}), ("noshow", {}), ("hold", {}), ("start", {})],
)
def test_a_colleagues_ticket_is_not_mine_to_end(
    cast: Cast, sign_in: SignIn, act: str, form: dict[str, str]
) -> None:
    with transaction() as session:
        othman = cast.staff["othman"].actor
        counters.open_counter(session, actor=othman, counter_id=cast.north_2.id)
        ticket = service.issue(session, actor=othman, branch=cast.north, service=cast.renewal)
        service.call_next(session, actor=othman)
    omar = sign_in("omar")
    omar.post("/counter/open", {"counter": cast.north_1.id}, page=BENCH, status=302)
    with transaction() as session:
        service.issue(session, actor=othman, branch=cast.north, service=cast.renewal)
    omar.post("/counter/next", page=BENCH, status=302)
    own = omar.get(BENCH)
    token = next(field.get("value") for field in own.all("input") if field.get("name") == "csrf_token")
    refused = omar.send(
        f"/counter/ticket/{ticket.id}/{act}", {**form, "csrf_token": token, "once": f"try-{act}"}
    )
    assert refused.status == 403
    assert reading().get_one(Ticket, ticket.id).state == "called"
