"""A supervisor describes a fault, looks, starts, reaches people; they say how they want it put right."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from govdesk import clock
from govdesk.cases.recall import service, telling
from govdesk.cases.recall.finding import Asked
from govdesk.cases.recall.models import Recall, RecallMember
from govdesk.db import reading, transaction
from govdesk.people.models import PersonContact
from tests.desk import Desk
from tests.kpi_makers import make_visit
from tests.makers import SUNDAY, Cast, moment

FAULT: dict[str, Any] = {
    "title": "Wrong dates",
    "fault_ar": "تاريخ الانتهاء خاطئ",
    "fault_en": "The expiry date is wrong",
}
DAYS = {"from_on": "2026-09-01", "until_on": "2026-09-30", "due_on": "2026-10-30"}


@pytest.fixture
def touched(app: Flask, cast: Cast) -> Cast:
    """Nora and Raj were served in September, and somebody unknown."""
    with transaction() as session:
        session.get_one(PersonContact, cast.nora.id).phone = "+966501234567"
        for person in (cast.nora, cast.raj, None):
            make_visit(session, "09-10", branch=cast.north, service=cast.renewal, person=person)
    return cast


@pytest.fixture
def running(touched: Cast) -> int:
    """A recall of these three."""
    asked = Asked(from_on=SUNDAY.replace(month=9, day=1), until_on=SUNDAY)
    with transaction() as session:
        sara = touched.staff["sara"].actor
        made = service.start(
            session, actor=sara, asked=asked, due_on=SUNDAY.replace(day=30), **FAULT
        )  # fmt: skip
        service.tell(session, actor=sara, recall_id=made.id)
        telling.tell_next(session)
        return made.id


def of(person_id: int) -> RecallMember:
    reading().rollback()
    mine = select(RecallMember).where(RecallMember.person_id == person_id)
    return reading().scalars(mine).unique().one()


@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_supervisor_looks_before_starting(
    sign_in: Callable[[str], Desk], touched: Cast, language: str
) -> None:
    sara = sign_in("sara")
    assert "/recalls" in sara.get("/work", language=language).links()
    assert "/recalls/new" in sara.get("/recalls", language=language).links()
    sara.get("/recalls/new", language=language)
    wrong = sara.post("/recalls/new", {**FAULT, "title": "", "step": "look"})
    assert (wrong.status, "title" in wrong.errors()) == (422, True)
    shown = sara.post("/recalls/new", {**FAULT, **DAYS, "step": "look"})
    assert 'name="expected" value="3"' in shown.html
    assert reading().scalars(select(Recall)).unique().all() == []
    late = sara.post("/recalls/new", {**FAULT, **DAYS, "step": "start", "expected": "2"})
    assert late.status == 409
    sara.post("/recalls/new", {**FAULT, **DAYS, "step": "start", "expected": "3"}, status=302)
    reading().rollback()
    made = reading().scalars(select(Recall)).unique().one()
    page = sara.get(f"/recalls/{made.id}", language=language)
    sara.post(f"/recalls/{made.id}/tell", page=f"/recalls/{made.id}", status=302)
    assert f"/recalls/members/{of(touched.nora.id).id}" in page.links()
    assert "Wrong dates" in sara.get("/recalls", language=language).main


@pytest.mark.parametrize("language", ["ar", "en"])
def test_staff_reach_and_end(
    sign_in: Callable[[str], Desk], running: int, touched: Cast, language: str
) -> None:
    sara = sign_in("sara")
    raj = of(touched.raj.id).id
    path = f"/recalls/members/{raj}"
    early = sara.post(f"{path}/end", {"how": "remedied", "words": "x"}, page=path)
    assert early.status == 409
    sara.post(
        f"{path}/attempt", {"channel": "phone", "reached": "yes", "words": "مرحبا"}, page=path, status=302
    )
    sara.post(f"{path}/invite", page=path, status=302)
    shown = sara.get(path, language=language)
    assert "مرحبا" in shown.main
    sara.post(f"{path}/end", {"how": "remedied", "words": "new card"}, page=path, status=302)
    sara.get(path, language=language)
    assert of(touched.raj.id).end == "remedied"
    one = f"/recalls/{running}"
    for part in ("call", "waiting", "coming", "ended"):
        sara.get(f"{one}?part={part}", language=language)
    sara.post(f"{one}/move", {"due_on": "2026-11-02", "words": ""}, page=one, status=422)
    sara.post(f"{one}/move", {"due_on": "2026-11-02", "words": "more time"}, page=one, status=302)
    for name in ("salim", "aziz"):
        other = sign_in(name)
        other.get(one, status=403)
        other.get(path, status=403)


@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_person_chooses_and_looking_chooses_nothing(
    desk: Desk, running: int, touched: Cast, language: str
) -> None:
    path = f"/recall/{of(touched.nora.id).token}"
    page = desk.get(path, language=language)
    assert (of(touched.nora.id).wish, "+966" in page.html, "Nora" in page.html) == (None, False, False)
    assert desk.post(path, {"wish": ""}, page=path).status == 422
    desk.post(path, {"wish": "call", "words": "after four"}, page=path, status=302)
    desk.post(path, {"wish": "place"}, page=path, status=302)
    assert of(touched.nora.id).state == "invited"
    desk.get(path, language=language)
    desk.post(path, {"wish": "none"}, page=path, status=302)
    assert of(touched.nora.id).end == "declined"
    desk.get(path, language=language)
    desk.get("/recall/nonsense", status=404)
    with clock.at(moment("10:00")):
        assert desk.get(path, language=language).status == 200
    assert running
