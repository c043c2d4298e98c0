"""What a person answered in the guide before coming stands beside the reason, in the words of that day."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from govdesk import clock
from govdesk.actor import SYSTEM
from govdesk.booking import sweeps
from govdesk.booking.models import Appointment
from govdesk.catalog import guides
from govdesk.catalog.entries import Name
from govdesk.catalog.scenario_models import GuidedWay
from govdesk.db import reading, transaction
from govdesk.queue import service
from govdesk.queue.models import Ticket
from tests.api import Program, make_token
from tests.desk import Desk, Page
from tests.flows import office_days as day
from tests.makers import MORNING, Cast, make_slot
from tests.pages.test_the_kiosk_asks_why import GUIDE, WHY, go

SignIn = Callable[[str], Desk]
TOMORROW = MORNING + dt.timedelta(days=1)
WHO = {"name": "نورة العتيبي", "phone": "0501234567"}


@pytest.fixture(autouse=True)
def slots(cast: Cast) -> list[int]:
    """A guide with two questions, of which the first one's answer may lead to booking; places tomorrow."""
    walk_in = replace(GUIDE.scenarios[2], action="bring")
    entry = replace(GUIDE, scenarios=(*GUIDE.scenarios[:2], walk_in))
    with transaction() as session:
        renewal = session.merge(cast.renewal)
        guides.set_guide(session, actor=SYSTEM, service=renewal, entry=entry)
        return [
            make_slot(session, branch=cast.north, service=renewal, starts_at=TOMORROW + n * HALF).id
            for n in range(3)
        ]


HALF = dt.timedelta(minutes=30)


def kept() -> list[GuidedWay]:
    reading().rollback()
    return list(reading().scalars(select(GuidedWay).order_by(GuidedWay.id)))


def press(desk: Desk, page: Page, words: str) -> Page:
    """Follow a link of a page by its words."""
    address = next(one.attrib["href"] for one in page.root.iter("a") if words in "".join(one.itertext()))
    reached = desk.get(address, language="en")
    return desk.follow(reached) if reached.location else reached


def held_by_guide(desk: Desk, slot_id: int) -> Page:
    first = desk.get("/guide/renewal", language="en")
    told = press(desk, press(desk, first, "I have it"), "In years")
    times = press(desk, told, "Book a time")
    there = press(desk, times, "North") if "slot" not in times.html else times
    sent = {"slot": str(slot_id)}
    return desk.follow(desk.submit(there, sent, action="/book/renewal/time", status=302))


def reword(cast: Cast) -> None:
    """The guide says it otherwise from now on."""
    first = replace(GUIDE.questions[0], name=Name("سؤال جديد", "A new question"))
    with transaction() as session:
        entry = replace(GUIDE, questions=(first, *GUIDE.questions[1:]))
        guides.set_guide(session, actor=SYSTEM, service=session.merge(cast.renewal), entry=entry)


def test_the_officer_and_the_file_of_the_case_read_it_as_it_stood_then(
    desk: Desk, cast: Cast, sign_in: SignIn, slots: list[int]
) -> None:
    day.sit_down(cast)
    held = held_by_guide(desk, slots[0])
    assert "expiry" not in held.path
    booked = desk.follow(desk.submit(held, WHO, action=held.path, status=302))
    (way,) = kept()
    assert way.codes == (("priority", "mine"), ("expiry", "later"))
    assert "In years" not in booked.main  # it is for those who serve
    reword(cast)
    with clock.at(TOMORROW), transaction() as session:
        reem = cast.staff["reem"].actor
        appointment = session.scalars(select(Appointment)).one()
        service.check_in(session, actor=reem, appointment=appointment)
    with clock.at(TOMORROW + dt.timedelta(minutes=5)):
        with transaction() as session:
            called = service.call_next(session, actor=cast.staff["omar"].actor)
            assert called is not None
        omar = sign_in("omar")
        for language, question, answer in (
            ("en", "When does it expire?", "In years"),
            ("ar", "متى تنتهي؟", "بعد سنوات"),
        ):
            bench = omar.get("/counter", language=language).main
            assert question in bench
            assert answer in bench
            assert "Where is your card?" in bench or "أين بطاقتك؟" in bench
        with transaction() as session:
            service.conclude(
                session, actor=cast.staff["omar"].actor, ticket_id=called.id, outcome="unresolved",
                cause="papers",
            )  # fmt: skip
    day.hear(2)
    (case,) = day.cases()
    with clock.at(TOMORROW + dt.timedelta(hours=1)):
        for language, question in (("en", "Where is your card?"), ("ar", "أين بطاقتك؟")):
            assert question in omar.get(f"/cases/{case.id}", language=language, status=200).main


@pytest.mark.parametrize(
    "query",
    [
        "scenario=lost&way=priority:mine,expiry:later",  # leads elsewhere
        "scenario=early&way=priority:mine",  # leads nowhere yet
        "scenario=early&way=nonsense",
        "scenario=early",
        "way=priority:lost",  # no reason is named
    ],
)
def test_answers_that_do_not_lead_to_the_reason_are_not_kept(
    desk: Desk, slots: list[int], query: str
) -> None:
    shown = desk.get(f"/book/renewal/time?branch=north&day=2026-10-05&{query}", language="en")
    desk.submit(shown, {"slot": str(slots[0])}, action="/book/renewal/time", status=302)
    assert kept() == []


def test_another_time_keeps_them_and_what_is_never_booked_is_forgotten(desk: Desk, slots: list[int]) -> None:
    held = held_by_guide(desk, slots[0])
    again = desk.follow(desk.submit(held, action=f"{held.path}/release", status=302))
    desk.submit(again, {"slot": str(slots[1])}, action="/book/renewal/time", status=302)
    assert [way.codes for way in kept()] == [(("priority", "mine"), ("expiry", "later"))] * 2
    with clock.at(MORNING + dt.timedelta(days=3)), transaction() as session:
        sweeps.expire_holds(session)
        sweeps.expire_holds(session)
    assert kept() == []


def test_the_ticket_of_a_kiosk_has_them(desk: Desk, cast: Cast, sign_in: SignIn) -> None:
    day.sit_down(cast)
    page = go(desk, go(desk, desk.get(WHY, language="en"), "It is lost"), "Take a ticket")
    desk.submit(page, status=302)
    (way,) = kept()
    assert (way.about.partition(":")[0], way.codes) == ("ticket", (("priority", "lost"),))
    day.call(cast, 0, "09:30")
    with clock.at(day.when(0, "09:31")):
        assert "It is lost" in sign_in("omar").get("/counter", language="en").main
    with clock.at(day.when(0, "09:32")), transaction() as session:
        ticket = session.scalars(select(Ticket)).one()
        omar = cast.staff["omar"].actor
        service.transfer(session, actor=omar, ticket_id=ticket.id, service=session.merge(cast.passport))
    day.call(cast, 0, "09:33")
    with clock.at(day.when(0, "09:34")):
        assert "It is lost" in sign_in("omar").get("/counter", language="en").main


def test_a_program_that_asks_tells_what_was_answered(app: Flask, cast: Cast, slots: list[int]) -> None:
    program = Program(app, make_token("booking", branch=cast.north))
    answers = [{"question": "priority", "answer": "lost"}]
    sent = {"slot": slots[0], "service": "renewal", "scenario": "lost", "answers": answers}
    wrong = sent | {"answers": [{"question": "priority", "answer": "mine"}]}
    assert program.post("/holds", wrong, status=422)["errors"][0]["field"] == "answers"
    held = program.post("/holds", sent, status=201)["hold"]
    person = {"name": "Nora Ali", "phone": "+966501234567"}
    program.post("/appointments", {"hold": held, "person": person}, status=201)
    assert [way.codes for way in kept()] == [(("priority", "lost"),)]
