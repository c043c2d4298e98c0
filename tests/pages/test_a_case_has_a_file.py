"""The case file and the work lists: who may look finds everything, acts once; others find a shut door."""

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import select

from govdesk import clock
from govdesk.cases.commitments import service as commitments
from govdesk.cases.file_models import CaseAct, CaseAsk
from govdesk.cases.models import Case
from govdesk.cases.work import watching
from govdesk.db import reading, transaction
from govdesk.people.models import PersonContact
from govdesk.queue import service
from tests.desk import Desk
from tests.flows import office_days as day
from tests.makers import SUNDAY, Cast

SignIn = Callable[[str], Desk]


@pytest.fixture
def city(cast: Cast) -> Cast:
    day.sit_down(cast)
    with transaction() as session:
        session.merge(cast.renewal).resolve_days = 4
        session.get_one(PersonContact, cast.nora.id).phone = "+966501234567"
    day.serve(cast, 0, cast.nora, "unresolved", cause="papers", object_ref="ID-7")
    return cast


def the_case() -> int:
    (case,) = day.cases()
    return case.id


def kinds() -> list[str]:
    reading().rollback()
    return list(reading().scalars(select(CaseAct.kind).order_by(CaseAct.id)))


def test_an_officer_finds_the_case_takes_it_and_sees_everything(city: Cast, sign_in: SignIn) -> None:
    with clock.at(day.when(0, "11:00")):
        omar = sign_in("omar")
        hub = omar.get("/work", language="en")
        assert "/cases/unit" in hub.links()
        listed = omar.get("/cases/unit?show=free", language="en")
        assert "Nora" in listed.main
        path = f"/cases/{the_case()}"
        file = omar.get(path, language="en", status=200)
        assert "Not resolved" in file.main
        assert "Waited 11 min, served 9 min" in file.main
        omar.submit(file, action=f"{path}/take", status=302)
        omar.submit(file, action=f"{path}/take", status=302)  # the same page once more
        assert kinds() == ["assigned"]
        assert "Nora" in omar.get("/cases/mine", language="en").main
        file = omar.get(path, language="en")
        assert "02:00:00" in file.main  # from nine to eleven


def test_what_was_asked_is_answered_by_the_private_link(city: Cast, sign_in: SignIn, desk: Desk) -> None:
    until = SUNDAY + dt.timedelta(days=3)
    path = f"/cases/{the_case()}"
    with clock.at(day.when(0, "11:00")):
        omar = sign_in("omar")
        file = omar.get(path, language="en")
        wrong = omar.submit(file, {"ask-asked": "", "ask-until": SUNDAY}, action=f"{path}/ask", status=422)
        assert set(wrong.errors()) == {"ask-asked"}
        asked = {"ask-reason": "papers", "ask-asked": "The policy number?", "ask-until": until}
        wrong = omar.submit(file, {**asked, "ask-until": SUNDAY}, action=f"{path}/ask", status=422)
        assert set(wrong.errors()) == {"ask-until"}
        assert "The policy number?" in wrong.html
        omar.submit(wrong, asked, action=f"{path}/ask", status=302)
        assert "Waiting on the person" in omar.get("/cases/unit?show=waiting", language="en").main
        token = reading().scalars(select(CaseAsk.token)).one()
    with clock.at(day.when(1, "11:00")):
        shown = desk.get(f"/asked/{token}", language="en", status=200)
        assert "The policy number?" in shown.main
        assert "Nora" not in shown.main
        assert kinds() == ["asked"]  # looking changes nothing
        desk.submit(shown, {"words": "  "}, status=422)
        desk.submit(shown, {"words": "77-12"}, status=302)
        assert desk.get(f"/asked/{token}", language="en").heading == "Your answer has arrived"
        assert "77-12" in sign_in("othman").get(path, language="en").main
        assert "Nora" in sign_in("othman").get("/cases/unit?show=answered", language="en").main
    desk.get("/asked/nonsense", status=404)


def test_an_answer_after_the_day_is_too_late(city: Cast, sign_in: SignIn, desk: Desk) -> None:
    path = f"/cases/{the_case()}"
    asked = {"ask-reason": "papers", "ask-asked": "Which?", "ask-until": SUNDAY + dt.timedelta(days=1)}
    with clock.at(day.when(0, "11:00")):
        sign_in("omar").post(f"{path}/ask", asked, page=path, status=302)
        token = reading().scalars(select(CaseAsk.token)).one()
        shown = desk.get(f"/asked/{token}", language="en")
    with clock.at(day.when(2, "00:00")):
        late = desk.submit(shown, {"words": "77-12"}, status=410)
        assert "too late" in late.main
        assert reading().scalars(select(CaseAsk.answer)).one() is None


def test_a_need_is_met_and_opened_again_from_the_file(city: Cast, sign_in: SignIn) -> None:
    path = f"/cases/{the_case()}"
    with clock.at(day.when(1, "11:00")):
        sara = sign_in("sara")
        omar_id = city.staff["omar"].id
        sara.post(f"{path}/assign", {"assign-to": f"staff-{omar_id}"}, page=path, status=302)
        sara.post(f"{path}/resolve", {"resolve-words": "Sent by post."}, page=path, status=302)
        assert "Need met" in sara.get(path, language="en").main
        assert "No case is in your hands" in sign_in("omar").get("/cases/mine", language="en").main
        sara.post(f"{path}/reopen", {"reopen-words": "It came back."}, page=path, status=302)
        handed = {"hand-over-to": f"branch-{city.harbour.id}", "hand-over-words": "Nearer to her."}
        sara.post(f"{path}/hand-over", handed, page=path, status=302)
        assert "Nora" in sign_in("hamad").get("/cases/unit", language="en").main
    assert kinds() == ["assigned", "resolved", "reopened", "handed_over"]


def test_what_is_late_reaches_the_supervisor_and_then_the_head(city: Cast, sign_in: SignIn) -> None:
    for days in (3, 7):
        with clock.at(day.when(days, "15:00")):
            watching.run_watch()
    with clock.at(day.when(7, "15:00")):
        assert "Raised to the supervisor" in sign_in("sara").get("/cases/raised", language="en").main
        assert "No case has come so far" in sign_in("huda").get("/cases/raised", language="en").main
        sign_in("omar").get("/cases/raised", status=403)
    with clock.at(day.when(9, "10:00")):
        watching.run_watch()
        assert "Raised to the head" in sign_in("huda").get("/cases/raised", language="en").main


@pytest.mark.parametrize("username", ["hamad", "rana", "salim", "aziz", "adam"])
def test_nobody_opens_another_units_file(city: Cast, sign_in: SignIn, username: str) -> None:
    stranger = sign_in(username)
    stranger.get(f"/cases/{the_case()}", status=403)
    if username in {"hamad", "rana", "salim"}:
        assert "Nora" not in stranger.get("/cases/unit", language="en").main


def test_the_counter_and_reception_reach_the_file_of_who_is_there(city: Cast, sign_in: SignIn) -> None:
    ticket = day.arrive(city, 2, "09:00", city.nora, object_ref="ID-7")
    with clock.at(day.when(2, "09:05")):
        reception = sign_in("reem").get(f"/cases/of-ticket/{ticket}")
        assert reception.location == f"/cases/{the_case()}"
        sign_in("hamad").get(f"/cases/of-ticket/{ticket}", status=403)
    day.call(city, 2, "09:06")
    with clock.at(day.when(2, "09:07")):
        assert f"/cases/{the_case()}" in sign_in("omar").get("/counter", language="en").links()
    new = day.arrive(city, 2, "09:10", city.raj)
    with clock.at(day.when(2, "09:11")):
        assert "new" in sign_in("reem").get(f"/cases/of-ticket/{new}", language="en").main


def test_a_person_known_at_another_branch_is_known_here_when_they_come(city: Cast, sign_in: SignIn) -> None:
    with transaction() as session:
        case = session.scalars(select(Case)).one()
        case_id = case.id
    with clock.at(day.when(2, "09:00")):
        hamad = sign_in("hamad")
        hamad.get(f"/cases/{case_id}", status=403)
        with transaction() as session:
            service.issue(
                session, actor=city.staff["rana"].actor, branch=session.merge(city.harbour),
                service=session.merge(city.renewal), person=session.merge(city.nora), object_ref="ID-7",
            )  # fmt: skip
        hamad.get(f"/cases/{case_id}", status=200)


def test_a_promise_made_at_the_counter_stands_in_the_file(city: Cast, sign_in: SignIn) -> None:
    with clock.at(day.when(1, "10:00")), transaction() as session:
        north, renewal = session.merge(city.north), session.merge(city.renewal)
        to = commitments.Recipient(city.nora.id, renewal, north, "ar")
        due_on = SUNDAY + dt.timedelta(days=4)
        actor = city.staff["omar"].actor
        commitments.promise(session, actor=actor, to=to, what="The card by post", due_on=due_on)
    with clock.at(day.when(1, "11:00")):
        assert "Promised The card by post" in sign_in("omar").get(f"/cases/{the_case()}", language="en").main
