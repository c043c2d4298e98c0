"""Whoever serves is asked at the end of each month what stands in the way; once, and without a name."""

import datetime as dt
import threading
from collections import Counter

import pytest
from flask import Flask
from sqlalchemy import select, update

from govdesk import clock
from govdesk.db import reading, transaction
from govdesk.errors import NotFoundError
from govdesk.feedback.answers import calling, service, settling
from govdesk.feedback.answers.models import Response
from govdesk.feedback.asking import colleagues, rules
from govdesk.feedback.asking.models import Invitation
from govdesk.kpi import service as kpi
from govdesk.people.models import Staff
from tests.flows.asked import ask_everybody, invitations, visited
from tests.makers import Cast, make_questionnaire, make_staff, moment

LATE = dt.date(2026, 10, 25)
ANSWERS = {"in_the_way": ["papers"], "tools": 2}
SERVING = {"reem", "omar", "othman", "sara", "huda", "hamad", "rana", "salim"}  # not adam, aziz


def asked_on(day: dt.date, at: str = "08:00") -> str:
    with clock.at(moment(at, day)):
        return colleagues.run_ask()


def asked(cast: Cast) -> Counter[str]:
    """Who was asked in October, by name."""
    by_about = {colleagues.about_of(one.id, "2026-10"): name for name, one in cast.staff.items()}
    return Counter(by_about[one.about or ""] for one in invitations())


def answer(cast: Cast, name: str, day: dt.date = LATE) -> None:
    with clock.at(moment("12:00", day)), transaction() as session:
        (one,) = colleagues.mine(session, cast.staff[name].actor)
        service.give(session, invitation=one.invitation, answers=ANSWERS)


@pytest.mark.parametrize(
    ("day", "is_asked"),
    [
        (dt.date(2026, 10, 21), False),
        (dt.date(2026, 10, 22), True),
        (dt.date(2026, 10, 31), True),
        (dt.date(2026, 11, 1), False),
        (dt.date(2028, 2, 19), False),  # a leap year: the 20th to the 29th
        (dt.date(2028, 2, 20), True),
        (dt.date(2026, 12, 31), True),
    ],
)
def test_the_last_ten_days_of_a_month_ask(day: dt.date, *, is_asked: bool) -> None:
    assert rules.is_staff_asked(day) is is_asked


def test_everyone_who_serves_is_asked_once_and_nobody_else(cast: Cast) -> None:
    ask_everybody("staff")
    with transaction() as session:
        session.execute(update(Staff).where(Staff.username == "othman").values(is_active=False))
    assert asked_on(dt.date(2026, 10, 10)) == "0 asked"
    assert asked_on(LATE) == f"{len(SERVING) - 1} asked"
    assert asked_on(LATE, "09:00") == "0 asked"
    assert asked(cast) == Counter(SERVING - {"othman"})
    north = {colleagues.about_of(cast.staff[name].id, "2026-10") for name in ("reem", "omar", "sara")}
    assert {one.branch_id for one in invitations() if one.about in north} == {cast.north.id}
    assert {one.closes_at for one in invitations()} == {moment("00:00", dt.date(2026, 11, 1))}


def test_whoever_answered_is_not_asked_again_until_the_next_month(cast: Cast) -> None:
    ask_everybody("staff")
    asked_on(LATE)
    answer(cast, "omar")
    assert asked_on(dt.date(2026, 10, 27)) == "0 asked"
    with clock.at(moment("13:00", LATE)):
        assert [one.is_answered for one in colleagues.mine(reading(), cast.staff["omar"].actor)] == [True]
        assert colleagues.count_waiting(reading(), cast.staff["omar"].actor) == 0
        assert colleagues.count_waiting(reading(), cast.staff["sara"].actor) == 1
    assert asked_on(dt.date(2026, 11, 25)) == f"{len(SERVING)} asked"


def test_many_runs_at_once_ask_each_of_them_once(app: Flask, cast: Cast) -> None:
    ask_everybody("staff")

    def run() -> None:
        with app.app_context():
            asked_on(LATE)

    with clock.at(moment("08:00", LATE)):
        together = [threading.Thread(target=run) for _ in range(4)]
        for one in together:
            one.start()
        for one in together:
            one.join(60)
    assert asked(cast) == Counter(SERVING)


def test_those_who_are_bound_to_a_department_are_asked_by_it(cast: Cast) -> None:
    ask_everybody("staff")
    with transaction() as session:
        own = make_questionnaire(session, "staff", department=cast.lands).id
        lead = make_staff(session, "lina", role="head", department=cast.lands)
        assert [one.questionnaire_id for one in colleagues.asked_of(session, lead.actor)] == [own]
        (usual,) = colleagues.asked_of(session, cast.staff["omar"].actor)
        assert usual.questionnaire_id != own


def test_an_answer_leads_to_nobody_and_small_branches_are_not_named(cast: Cast) -> None:
    ask_everybody("staff")
    asked_on(LATE)
    for name in SERVING:
        answer(cast, name)
    assert {one.about and one.about.startswith("staff:") for one in invitations()} == {False}
    reading().rollback()
    with clock.at(moment("09:00", dt.date(2026, 11, 3))):
        settling.run_settle()
    reading().rollback()
    given = reading().scalars(select(Response)).all()
    assert len(given) == len(SERVING)
    assert {(one.branch_id, one.person_kind, one.is_settled) for one in given} == {(None, None, True)}


def test_it_is_no_part_of_the_response_rate_of_people(cast: Cast) -> None:
    ask_everybody("staff", "after_service")
    visited(cast, "10:00", cast.nora)
    asked_on(LATE)
    answer(cast, "omar")
    with clock.at(moment("09:00", dt.date(2026, 11, 20))):
        question = kpi.ask(reading())
        (figure,) = kpi.figures(reading(), question, [("response_rate", ())])
    assert (figure.rows[0].numerator or 0, figure.rows[0].denominator or 0) == (0, 0)
    with clock.at(moment("09:00", dt.date(2026, 11, 20))):
        staff = next(one for one in invitations() if one.occasion == "staff").questionnaire_id
        assert colleagues.answered_of(reading(), staff, None, None) == (1, len(SERVING))


def test_nobody_who_serves_is_offered_a_call(cast: Cast) -> None:
    ask_everybody("staff")
    asked_on(LATE)
    one = next(one for one in invitations() if one.branch_id is not None)
    assert not calling.may_leave_contact(one)


def test_nobody_opens_what_another_was_asked(cast: Cast) -> None:
    ask_everybody("staff")
    asked_on(LATE)
    with clock.at(moment("12:00", LATE)), transaction() as session:
        (own,) = colleagues.mine(session, cast.staff["omar"].actor)
        with pytest.raises(NotFoundError):
            colleagues.open_mine(session, cast.staff["sara"].actor, own.invitation.id, "en")
        assert (
            colleagues.open_mine(session, cast.staff["omar"].actor, own.invitation.id, "en").language == "en"
        )
        assert session.get_one(Invitation, own.invitation.id).state == "shown"
