"""The list of tasks, one task with all that is done at it, and the person's own page."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from govdesk import clock
from govdesk.actor import SYSTEM
from govdesk.cases.recovery import opening, redressing
from govdesk.cases.recovery.models import Recovery, RecoveryStep, Redress
from govdesk.db import reading, transaction
from govdesk.people.models import PersonContact
from tests.desk import Desk, Page
from tests.makers import Cast, make_ticket, open_counter


@pytest.fixture
def task(app: Flask, cast: Cast) -> Recovery:
    """Nora had to come back."""
    with transaction() as session:
        session.get_one(PersonContact, cast.nora.id).phone = "+966501234567"
        return opening.place(
            session, actor=SYSTEM, kind="returned", at=clock.now(), person_id=cast.nora.id,
            need=cast.renewal.family, service_id=cast.renewal.id, branch_id=cast.north.id,
        ).task  # fmt: skip


def now(task: Recovery) -> Recovery:
    reading().rollback()
    return reading().get_one(Recovery, task.id)


@pytest.mark.parametrize("language", ["ar", "en"])
def test_an_officer_takes_tries_gives_and_hears_the_word(
    sign_in: Callable[[str], Desk], task: Recovery, language: str
) -> None:
    omar = sign_in("omar")
    hub = omar.get("/work", language=language)
    assert "/work/recovery" in hub.links()
    page = omar.get("/work/recovery?part=free", language=language)
    assert f"/work/recovery/{task.id}" in page.links()
    path = f"/work/recovery/{task.id}"
    omar.post(f"{path}/take", page=path, status=302)
    assert now(task).owner_id is not None
    omar.post(f"{path}/attempt", {"channel": "phone", "reached": "no"}, page=path, status=302)
    omar.post(f"{path}/give", {"code": "priority_place"}, page=path, status=302)
    wrong = omar.post(f"{path}/give", {"code": "fee_refund", "cost": "؟", "words": "بقي"}, page=path)
    assert (wrong.status, "cost" in wrong.errors()) == (422, True)
    assert "بقي" in wrong.html
    omar.post(f"{path}/give", {"code": "fee_refund", "cost": "٢٠٠"}, page=path, status=302)
    omar.post(f"{path}/sorry", {"words": "Salma"}, page=path, status=302)
    states = [
        (row.kind_code, row.cost, row.state)
        for row in reading().scalars(select(Redress).order_by(Redress.id))
    ]
    assert states == [("priority_place", 0, "given"), ("fee_refund", 200, "asked")]
    omar.post(f"{path}/word", {"good": "yes", "channel": "phone", "words": "شكرًا"}, page=path, status=302)
    shown = omar.get(path, language=language)
    assert now(task).closed_by == "word"
    assert "شكرًا" in shown.main
    assert f"{path}/word" not in [shown.action(form) for form in shown.forms()]


def test_a_supervisor_decides_and_another_branch_is_refused(
    sign_in: Callable[[str], Desk], task: Recovery, cast: Cast
) -> None:
    with transaction() as session:
        omar = cast.staff["omar"].actor
        row = redressing.give(session, actor=omar, recovery_id=task.id, code="fee_refund", cost=200)
    path = f"/work/recovery/{task.id}"
    sara = sign_in("sara")
    assert path in sara.get("/work/recovery?part=decide").links()
    action = f"{path}/redress/{row.id}"
    sara.submit(sara.get(path), {"decision": "give"}, action=action, status=302)
    reading().rollback()
    assert reading().get_one(Redress, row.id).state == "given"
    hamad = sign_in("hamad")
    assert hamad.get(path).status == 403
    assert hamad.send(f"{path}/take", {}).status in {400, 403}
    sign_in("aziz").get(path, status=403)


@pytest.mark.parametrize("language", ["ar", "en"])
def test_the_person_closes_it_and_looking_does_not(desk: Desk, task: Recovery, language: str) -> None:
    path = f"/recovery/{task.token}"
    page = desk.get(path, language=language)
    assert now(task).closed_at is None
    assert "+966" not in page.html
    desk.submit(page, {"words": "لم يصل"}, action=f"{path}/not-yet", status=302)
    assert now(task).closed_at is None
    button = {button.get("formaction") for button in page.all("button")}
    assert f"{path}/good" in button
    answer = desk.flask.post(f"{path}/good", data={"csrf_token": _token(page)})
    assert answer.status_code == 302
    assert now(task).closed_by == "link"
    said = reading().scalars(select(RecoveryStep.words).where(RecoveryStep.kind == "said_not_good")).all()
    assert said == ["لم يصل"]
    again = desk.get(path, language=language)
    desk.submit(again, {"words": ""}, action=f"{path}/not-yet", status=302)
    assert (now(task).closed_at, now(task).reopened) == (None, 1)


def test_an_unknown_link_is_nothing(desk: Desk, cast: Cast) -> None:
    desk.get("/recovery/unknown", status=404)


def test_the_counter_makes_it_good_in_one_press(sign_in: Callable[[str], Desk], cast: Cast) -> None:
    with transaction() as session:
        open_counter(session, counter=cast.north_1, staff=cast.staff["omar"])
        ticket = make_ticket(session, branch=cast.north, service=cast.renewal, person=cast.nora)
    omar = sign_in("omar")
    path = f"/work/recovery/now/{ticket.id}"
    token = _token(omar.get("/counter"))
    answer = omar.flask.post(path, data={"csrf_token": token, "once": "a"})
    assert answer.status_code == 302
    task = reading().scalars(select(Recovery)).one()
    assert (answer.headers["Location"], task.apologised_at is not None) == (f"/work/recovery/{task.id}", True)


def _token(page: Page) -> str:
    found = [e.get("value") for e in page.root.iter("input") if e.get("name") == "csrf_token"]
    return str(found[0])
