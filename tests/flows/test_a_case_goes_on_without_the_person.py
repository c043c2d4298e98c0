"""What the office does with a case between visits counts, stays, and follows the visits wherever they go."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select

from govdesk import clock
from govdesk.actor import SYSTEM
from govdesk.cases import exporting
from govdesk.cases.file_models import CaseAct, CaseAsk, CaseDesk
from govdesk.cases.models import Case, CasePause, Visit
from govdesk.cases.service import reclassify, reclassify_all, record_ticket
from govdesk.cases.work import asking, service, timing, watching
from govdesk.cases.work.asking import AskError
from govdesk.cases.work.service import CaseError
from govdesk.catalog.entries import RepeatEntry
from govdesk.catalog.organisation import describe_service
from govdesk.db import reading, transaction
from govdesk.errors import NotAllowedError
from govdesk.notify.models import Message
from govdesk.people.models import PersonContact
from tests.flows import office_days as day
from tests.makers import SUNDAY, Cast


@pytest.fixture
def city(cast: Cast) -> Cast:
    day.sit_down(cast)
    with transaction() as session:
        session.merge(cast.renewal).resolve_days = 4
        contact = session.get_one(PersonContact, cast.nora.id)
        contact.phone = "+966501234567"
    return cast


def do(city: Cast, days: int, at: str, verb: str, case_id: int, who: str = "omar", **given: Any) -> Any:
    """Somebody of staff does something with a case."""
    module = asking if verb == "ask" else service
    with clock.at(day.when(days, at)), transaction() as session:
        return getattr(module, verb)(session, actor=city.staff[who].actor, case_id=case_id, **given)


def the_case() -> Case:
    (case,) = day.cases()
    return case


def desk() -> CaseDesk:
    reading().rollback()
    return reading().scalars(select(CaseDesk)).one()


def kinds() -> list[str]:
    reading().rollback()
    return list(reading().scalars(select(CaseAct.kind).order_by(CaseAct.at, CaseAct.id)))


def watch(days: int, at: str) -> str:
    with clock.at(day.when(days, at)):
        return watching.run_watch()


def everything() -> list[str]:
    """All that is told of cases, without the numbers of rows."""
    reading().rollback()
    told = select(
        Case.case_no, Case.opened_at, Case.first_response_at, Case.first_resolved_at, Case.resolved_at,
        Case.reopened_at, Case.due_at, CaseDesk.due_at, CaseDesk.owner_id, CaseDesk.branch_id, CaseDesk.rung,
        CaseDesk.resolve_days,
    ).join(CaseDesk, CaseDesk.case_id == Case.id)  # fmt: skip
    acts = select(CaseAct.id, Case.case_no).join(Case, Case.id == CaseAct.case_id)
    visits = select(Visit.visit_no, Case.case_no).join(Case, Case.id == Visit.case_id)
    pauses = select(CasePause.id, Case.case_no).join(Case, Case.id == CasePause.case_id)
    return sorted(str(row) for query in (told, acts, visits, pauses) for row in reading().execute(query))


def test_a_need_is_met_by_message_and_the_case_is_complete(city: Cast) -> None:
    day.serve(city, 0, city.nora, "unresolved", cause="system")
    case_id = the_case().id
    do(city, 0, "10:00", "take", case_id)
    do(city, 1, "10:00", "resolve", case_id, words="The card is on its way.")
    case = the_case()
    assert (case.first_resolved_at, case.resolved_at) == (day.when(1, "10:00"), day.when(1, "10:00"))
    assert desk().owner_id == city.staff["omar"].id
    letter = reading().scalars(select(Message).where(Message.key == "case_resolved")).one()
    assert letter.values
    assert letter.values["words"] == "The card is on its way."
    with pytest.raises(CaseError):
        do(city, 1, "10:05", "resolve", case_id, words="Again.")
    assert kinds() == ["assigned", "resolved"]


def test_who_cannot_be_reached_is_told_by_telephone_or_not_at_all(city: Cast) -> None:
    day.serve(city, 0, city.raj, "unresolved", cause="system")
    case_id = the_case().id
    with pytest.raises(CaseError) as refusal:
        do(city, 1, "10:00", "resolve", case_id, words="Done.")
    assert refusal.value.key == "cases.cannot_reach"
    assert the_case().resolved_at is None
    assert kinds() == []
    do(city, 1, "10:00", "resolve", case_id, words="Done.", by="telephone")
    assert the_case().resolved_at == day.when(1, "10:00")


def test_first_response_first_completion_and_the_last_one_stay_apart(city: Cast) -> None:
    day.serve(city, 0, city.nora, "unresolved", cause="papers")
    case_id = the_case().id
    do(city, 1, "10:00", "resolve", case_id, words="Sent.")
    do(city, 2, "10:00", "reopen", case_id, words="It came back.")
    case = the_case()
    assert (case.resolved_at, case.reopened_at) == (None, day.when(2, "10:00"))
    do(city, 3, "10:00", "resolve", case_id, words="Sent again.")
    case = the_case()
    assert [case.first_response_at, case.first_resolved_at, case.resolved_at, case.reopened_at] == [
        day.when(0, "09:11"), day.when(1, "10:00"), day.when(3, "10:00"), day.when(2, "10:00"),
    ]  # fmt: skip


def test_waiting_on_the_citizen_stops_the_net_clock_alone_and_ends_with_the_answer(city: Cast) -> None:
    """Sunday 09:00 to Wednesday 09:00 is 24 open hours; from Monday 10:00 to Tuesday 10:00, 8 are waited."""
    day.serve(city, 0, city.nora, "unresolved", cause="papers")
    case_id = the_case().id
    asked = do(
        city, 1, "10:00", "ask", case_id, reason="papers", asked="The policy number?",
        until=SUNDAY + dt.timedelta(days=5),
    )  # fmt: skip
    letter = reading().scalars(select(Message).where(Message.key == "case_ask")).one()
    assert letter.values
    assert letter.values["asked"] == "The policy number?"
    assert letter.values["link"].endswith(f"/asked/{asked.token}")
    with pytest.raises(AskError):
        do(
            city,
            1,
            "11:00",
            "ask",
            case_id,
            reason="papers",
            asked="And?",
            until=SUNDAY + dt.timedelta(days=5),
        )
    with clock.at(day.when(2, "10:00")), transaction() as session:
        asking.answer(session, actor=city.staff["reem"].actor, token=asked.token, words="77-12")
    with clock.at(day.when(2, "10:01")), pytest.raises(AskError), transaction() as session:
        asking.answer(session, actor=city.staff["reem"].actor, token=asked.token, words="77-13")
    assert watch(2, "11:00") == "0 ended, 0 raised"
    with clock.at(day.when(3, "09:00")):
        reading().rollback()
        found = timing.timing_of(reading(), the_case())
    assert found is not None
    hours = dt.timedelta(hours=1)
    assert (found.clocks.elapsed, found.clocks.business, found.clocks.net) == (
        72 * hours,
        24 * hours,
        16 * hours,
    )
    assert sum(found.parts.values()) == 72 * 3600
    assert found.parts == {
        "service": 540, "queue_wait": 660, "waiting_on_citizen": 86400, "booking_lead": 0,
        "back_office": 72 * 3600 - 540 - 660 - 86400,
    }  # fmt: skip
    assert kinds() == ["asked", "answered"]


def test_waiting_ends_by_itself_at_its_day(city: Cast) -> None:
    day.serve(city, 0, city.nora, "unresolved", cause="papers")
    until = SUNDAY + dt.timedelta(days=2)
    do(city, 1, "10:00", "ask", the_case().id, reason="papers", asked="The number?", until=until)
    assert watch(2, "15:00") == "0 ended, 0 raised"
    assert watch(4, "12:00").startswith("1 ended")
    assert watch(4, "12:05").startswith("0 ended")
    pause = reading().scalars(select(CasePause)).one()
    assert (pause.from_at, pause.to_at) == (day.when(1, "10:00"), day.when(3, "00:00"))
    assert reading().scalars(select(CaseAsk.ended_by)).one() == "date"
    (row,) = exporting.cases(reading())
    assert dict(zip(exporting.CASES, row, strict=True))["pauses"] == [
        {"from": "2026-10-05T10:00:00+03:00", "to": "2026-10-07T00:00:00+03:00", "reason": "papers"}
    ]


def test_waiting_ends_when_the_person_comes_or_cannot_be_reached(city: Cast) -> None:
    day.serve(city, 0, city.nora, "unresolved", cause="papers")
    until = SUNDAY + dt.timedelta(days=9)
    do(city, 1, "10:00", "ask", the_case().id, reason="papers", asked="The number?", until=until)
    day.serve(city, 2, city.nora, "unresolved", cause="papers", return_reason="papers")
    assert watch(2, "12:00").startswith("1 ended")
    assert reading().scalars(select(CasePause.to_at)).one() == day.when(2, "09:00")
    do(city, 3, "10:00", "ask", the_case().id, reason="other", asked="The number?", until=until)
    with clock.at(day.when(3, "10:05")), transaction() as session:
        letter = session.scalars(select(Message).where(Message.state == "queued")).one()
        letter.state, letter.ended_at = "undeliverable", clock.now()
    assert watch(3, "10:10").startswith("1 ended")
    assert reading().scalars(select(CaseAsk.ended_by).order_by(CaseAsk.id)).all() == ["visit", "unreached"]


def test_who_is_late_is_raised_in_working_hours_only_and_once(city: Cast) -> None:
    """Due at the end of Thursday: 39 open hours. Warned after 29.25, at 14:15 on Wednesday; then Sunday."""
    day.serve(city, 0, city.nora, "unresolved", cause="system")
    assert desk().due_at == day.when(5, "00:00")
    assert watch(3, "14:14") == "0 ended, 0 raised"
    assert watch(3, "14:15") == "0 ended, 1 raised"
    assert watch(3, "14:20") == "0 ended, 0 raised"
    assert watch(6, "12:00") == "0 ended, 0 raised"  # late, on a Saturday
    assert watch(7, "08:00") == "0 ended, 1 raised"
    assert watch(8, "20:00") == "0 ended, 0 raised"  # at night
    assert watch(9, "08:00") == "0 ended, 1 raised"
    assert watch(9, "08:05") == "0 ended, 0 raised"
    reading().rollback()
    assert list(reading().scalars(select(CaseAct.rung).order_by(CaseAct.id))) == [1, 2, 3]


def test_nobody_is_raised_while_the_office_waits_on_the_person(city: Cast) -> None:
    day.serve(city, 0, city.nora, "unresolved", cause="system")
    until = SUNDAY + dt.timedelta(days=7)
    do(city, 1, "10:00", "ask", the_case().id, reason="papers", asked="The number?", until=until)
    assert watch(7, "12:00") == "0 ended, 0 raised"
    assert watch(8, "08:00") == "1 ended, 2 raised"


def test_a_case_keeps_the_policy_of_the_day_on_which_it_was_opened(city: Cast) -> None:
    def promise(days: int, resolve_days: int) -> None:
        with clock.at(day.when(days, "07:00")), transaction() as session:
            service_row = session.merge(city.renewal)
            describe_service(
                session, actor=SYSTEM, code="renewal", department=session.merge(city.civil),
                repeat=RepeatEntry(), resolve_days=resolve_days, family=service_row.family,
                prefix=service_row.prefix, minutes=10,
            )  # fmt: skip

    promise(0, 4)
    day.serve(city, 0, city.nora, "unresolved", cause="system")
    promise(1, 2)
    day.serve(city, 1, city.raj, "unresolved", cause="system")
    with clock.at(day.when(1, "12:00")), transaction() as session:
        reclassify_all(session)
    reading().rollback()
    rows = reading().execute(
        select(CaseDesk.policy_version, CaseDesk.resolve_days, CaseDesk.due_at).order_by(CaseDesk.case_id)
    )
    assert [tuple(row) for row in rows] == [(1, 4, day.when(5, "00:00")), (2, 2, day.when(4, "00:00"))]


def test_who_has_a_case_is_said_and_others_leave_it_alone(city: Cast) -> None:
    day.serve(city, 0, city.nora, "unresolved", cause="system")
    case_id = the_case().id
    do(city, 0, "10:00", "take", case_id)
    with pytest.raises(CaseError):
        do(city, 0, "10:01", "take", case_id, who="othman")
    with pytest.raises(CaseError):
        do(
            city,
            0,
            "10:01",
            "hand_over",
            case_id,
            who="othman",
            words="Mine",
            staff_id=city.staff["othman"].id,
        )
    with pytest.raises(NotAllowedError):
        do(city, 0, "10:01", "note", case_id, who="hamad", words="From afar")
    do(city, 0, "10:02", "hand_over", case_id, words="At the harbour.", branch_id=city.harbour.id)
    assert (desk().owner_id, desk().branch_id) == (None, city.harbour.id)
    do(city, 0, "10:03", "take", case_id, who="hamad")
    assert desk().owner_id == city.staff["hamad"].id
    do(city, 0, "10:04", "hand_over", case_id, who="hamad", words="Back.", branch_id=city.north.id)
    assert (desk().owner_id, desk().branch_id) == (None, None)


def test_what_was_done_with_a_case_goes_where_its_visits_go(city: Cast) -> None:
    """A late visit joins two matters: the second case is no more, but nothing done with it is lost."""
    first = day.serve(city, 0, city.nora)
    day.serve(city, 40, city.nora, "unresolved", cause="system")
    second = day.cases()[1].id
    until = SUNDAY + dt.timedelta(days=45)
    do(city, 41, "10:00", "take", second)
    do(city, 41, "10:01", "ask", second, reason="papers", asked="The number?", until=until)
    between = day.arrive(city, 20, "09:00", city.nora)
    day.call(city, 20, "09:10")
    day.act(city, 20, "09:20", "conclude", between, outcome="resolved", return_reason="other")
    day.hear(42)
    case = the_case()
    assert case.case_no == str(first)
    assert desk().owner_id == city.staff["omar"].id
    assert kinds() == ["assigned", "asked"]
    assert {act.case_id for act in reading().scalars(select(CaseAct))} == {case.id}
    assert [pause.case_id for pause in reading().scalars(select(CasePause))] == [case.id]


def test_a_case_with_a_history_stays_when_its_only_visit_is_taken_back(city: Cast) -> None:
    ticket = day.serve(city, 0, city.nora, "unresolved", cause="system")
    case_id = the_case().id
    do(city, 0, "10:00", "note", case_id, words="Called the data centre.")
    with transaction() as session:
        session.execute(Visit.__table__.delete())  # type: ignore[attr-defined]
    with clock.at(day.when(0, "11:00")), transaction() as session:
        reclassify(session, [city.nora.id])
    case = the_case()
    assert (case.id, case.resolved_at) == (case_id, None)
    with clock.at(day.when(0, "11:30")), transaction() as session:
        record_ticket(session, {"ticket_id": ticket})
    assert the_case().id == day.visit_of(ticket).case_id == case_id
    assert kinds() == ["noted"]


def test_telling_all_cases_anew_changes_none(city: Cast) -> None:
    day.serve(city, 0, city.nora, "unresolved", cause="system")
    day.serve(city, 0, city.raj, "unresolved", cause="papers", at=10)
    nora, raj = (case.id for case in day.cases())
    until = SUNDAY + dt.timedelta(days=3)
    do(city, 0, "11:00", "take", nora)
    do(city, 0, "11:05", "ask", nora, reason="papers", asked="The number?", until=until)
    do(city, 1, "11:00", "resolve", raj, words="Done.", by="telephone")
    watch(4, "12:00")
    watch(9, "12:00")
    do(city, 9, "13:00", "resolve", nora, words="Done.")
    do(city, 10, "13:00", "reopen", nora, words="It came back.")
    day.serve(city, 11, city.raj, "unresolved", cause="papers", return_reason="papers")
    before = everything()
    with clock.at(day.when(11, "12:00")), transaction() as session:
        assert reclassify_all(session) == 0
    assert everything() == before
    with transaction() as session:  # forget all that was told, and tell it from visits and acts alone
        for case in session.scalars(select(Case)):
            case.first_response_at = case.first_resolved_at = case.resolved_at = case.reopened_at = None
        for row in session.scalars(select(CaseDesk)):
            session.delete(row)
    with clock.at(day.when(11, "12:00")), transaction() as session:
        reclassify_all(session)
    assert everything() == before
