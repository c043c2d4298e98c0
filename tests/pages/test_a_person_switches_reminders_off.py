"""Reminders are switched off by the private link and a press; what tells of a change is not."""

from flask import Flask
from sqlalchemy import select

from govdesk.db import reading, transaction
from govdesk.notify.models import OptOut
from govdesk.people.models import Person
from tests.desk import Desk
from tests.flows.messages import EMAIL, Postman, book, give_contact, keys, send
from tests.makers import Cast


def test_the_link_of_a_mail_asks_and_the_press_stops(app: Flask, cast: Cast, desk: Desk) -> None:
    with transaction() as session:
        give_contact(session, session.get_one(Person, cast.nora.id), phone=None, email=EMAIL)
    appointment = book(cast)
    address = f"/appointment/{appointment.link_token}/messages"
    page = desk.get(address, language="en", status=200)
    assert "Always sent" in page.main
    assert reading().scalars(select(OptOut)).all() == []  # a mail scanner follows links
    done = desk.follow(desk.submit(page, action=address, status=302))
    assert "Switched off" in desk.get(address, language="en").main
    assert done.status == 200
    assert keys("queued") == ["booked"]
    desk.post(address, status=302)
    assert keys("queued") == ["booked", "reminder_days", "reminder_eve"]


def test_a_double_press_switches_once(app: Flask, cast: Cast, desk: Desk) -> None:
    appointment = book(cast)
    address = f"/appointment/{appointment.link_token}/messages"
    page = desk.get(address)
    first, again = desk.submit(page, action=address), desk.submit(page, action=address)
    assert (first.status, again.location) == (302, first.location)
    assert len(reading().scalars(select(OptOut)).all()) == 1


def test_links_in_messages_lead_to_pages(app: Flask, cast: Cast, desk: Desk) -> None:
    with transaction() as session:
        give_contact(session, session.get_one(Person, cast.nora.id), phone=None, email=EMAIL)
    book(cast)
    postman = Postman()
    send(postman)
    (link,) = [line for line in postman.letters[0].text.splitlines() if line.startswith("http")]
    assert desk.get(link.removeprefix("http://127.0.0.1:8000"), status=200).heading


def test_nobody_switches_by_a_link_that_is_not_theirs(app: Flask, cast: Cast, desk: Desk) -> None:
    assert desk.get("/appointment/nonsense/messages").status == 404
