"""Weeks about which nobody can answer any more are kept; answering is seen in none of what is kept."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.db import reading, snapshot, transaction
from govdesk.feedback.asking.models import Invitation
from govdesk.feedback.forms.models import Questionnaire, QuestionnaireVersion
from govdesk.kpi import checking, responding, service
from govdesk.kpi.columns import Columns
from govdesk.kpi.facts import service as facts
from govdesk.kpi.facts import standing
from govdesk.kpi.facts.families import KEPT
from govdesk.kpi.facts.models import FactCell, FactMark, FactState
from govdesk.kpi.figures import Figure
from govdesk.kpi.groups import By
from govdesk.kpi.question import Question, Scope
from tests.answer_makers import WEEK, make_answers, make_invitations, make_questionnaire
from tests.makers import Cast, moment

SEVEN = dt.timedelta(days=7)
MINUTE = dt.timedelta(minutes=1)
NOW = moment("09:00", WEEK + 5 * SEVEN)
READER = Scope(is_of_reader=True)
STATES = ("answered", "expired", "undeliverable", "spared")
BYS: tuple[By, ...] = ((), ("week",), ("month",), ("branch",), ("week", "channel"), ("wave",))
WANTED = [*(("response_rate", by) for by in BYS), ("csat", ()), ("csat", ("service",))]


@pytest.fixture
def office(cast: Cast) -> Iterator[Cast]:
    """Ten weeks of people asked, the last of them this one; what was asked about eight of them is over."""
    with clock.at(NOW):
        with transaction() as session:
            version = make_questionnaire(session)
            for place in range(10):
                week = WEEK + (5 - place) * SEVEN
                state = STATES[place % 4] if place > 1 else "sent"
                closes_at = moment("10:00", week + 3 * SEVEN)
                at: dict[str, Any] = {
                    "week": week, "branch_id": cast.north.id, "service_id": cast.renewal.id,
                    "channel": ("desk", "online", None)[place % 3],
                }  # fmt: skip
                make_answers(session, version, 2, {"satisfied": 1 + place % 5}, **at)
                make_invitations(session, version, 3, "answered", closes_at=closes_at, **at)
                make_invitations(session, version, 1 + place, state, closes_at=closes_at, **at)
        facts.rebuild()
        yield cast


def kept_weeks() -> set[dt.date]:
    """The weeks of which something is kept."""
    query = select(FactCell.starts_on).where(FactCell.family == "invitations", FactCell.span == "day")
    with snapshot() as session:
        return set(session.scalars(query.where(FactCell.by == "")))


def marks() -> set[tuple[str, str]]:
    """What is marked."""
    with snapshot() as session:
        return {(one.kind, one.at) for one in session.scalars(select(FactMark))}


def told(**asked: Any) -> list[Figure]:
    """The figures from the cells, which are those of the rows."""
    reading().rollback()
    question = service.ask(reading(), **{"scope": READER, **asked})
    found = service.figures(reading(), question, WANTED)
    assert found == service.figures(reading(), question, WANTED, is_from_rows=True)
    return found


def refreshed(at: dt.datetime = NOW) -> None:
    """Everything is true again, and says what the rows say."""
    with clock.at(at + MINUTE):
        facts.refresh()
        with snapshot() as session:
            own = standing.state(session)
            assert own is not None
        told(as_of=own.as_of)
        told(from_day=WEEK - 2 * SEVEN, to_day=WEEK + 3 * SEVEN, as_of=own.as_of)


def invited(session: Session, week: dt.date, state: str) -> Invitation:
    """One of those who were invited in a week."""
    query = select(Invitation).where(Invitation.week == week, Invitation.state == state)
    return session.scalars(query.order_by(Invitation.id)).all()[0]


def test_weeks_are_kept_once_nobody_can_answer_any_more(office: Cast) -> None:
    assert office.north.id
    assert kept_weeks() == {WEEK - place * SEVEN for place in range(-1, 5)}
    refreshed()
    with snapshot() as session:
        assert list(checking.differences(session)) == []


def test_only_open_weeks_are_counted_from_rows(office: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    assert office.north.id
    asked: list[dt.date | None] = []

    def gather(session: Session, question: Question, bys: Sequence[By]) -> list[Columns]:
        asked.append(question.from_day)
        return responding.gather(session, question, bys)

    monkeypatch.setitem(KEPT, responding.tally, replace(KEPT[responding.tally], gather=gather))
    told(as_of=NOW)
    assert asked == [WEEK + 2 * SEVEN]


def test_answering_marks_nothing_and_is_counted_at_once(office: Cast) -> None:
    """Also where a wave was opened long ago: its week is not kept until it closes."""
    with transaction() as session:
        version = session.scalars(select(QuestionnaireVersion)).one()
        late = {"week": WEEK - 8 * SEVEN, "branch_id": office.north.id, "service_id": office.renewal.id}
        make_invitations(session, version, 2, "sent", closes_at=NOW + 3 * SEVEN, **late)
    facts.rebuild()
    before = told()[0].total.numerator or 0
    with transaction() as session:
        for week in (WEEK + 5 * SEVEN, WEEK - 8 * SEVEN):
            one = invited(session, week, "sent")
            one.state, one.answered_week = "answered", WEEK + 5 * SEVEN
        make_invitations(session, version, 1, "answered", week=WEEK + 4 * SEVEN, closes_at=NOW + SEVEN)
    assert marks() == set()
    assert told()[0].total.numerator == before + 3
    refreshed()
    assert WEEK - 8 * SEVEN not in kept_weeks()
    with transaction() as session:
        invited(session, WEEK - 8 * SEVEN, "sent").state = "answered"  # the last of them: still open
    refreshed()
    assert WEEK - 8 * SEVEN not in kept_weeks()
    assert marks() == set()
    with clock.at(NOW + 4 * SEVEN):
        facts.refresh()
        assert WEEK - 8 * SEVEN in kept_weeks()
    refreshed(NOW + 4 * SEVEN + MINUTE)


@pytest.mark.parametrize("act", ["invite", "hear late", "find no way", "forget", "move", "move on", "rename"])
def test_a_week_that_changes_afterwards_is_counted_again(office: Cast, act: str) -> None:
    with transaction() as session:
        version = session.scalars(select(QuestionnaireVersion)).one()
        one = invited(session, WEEK - SEVEN, "answered")
        if act == "invite":
            facts_: dict[str, Any] = {"branch_id": office.harbour.id, "closes_at": NOW - SEVEN}
            make_invitations(session, version, 2, "undeliverable", week=WEEK - SEVEN, **facts_)
            make_invitations(session, version, 1, "expired", week=WEEK - 20 * SEVEN, **facts_)
        elif act == "hear late":
            made = invited(session, WEEK, "expired")
            made.state, made.answered_week = "answered", WEEK
        elif act == "find no way":
            one.state, one.answered_week = "undeliverable", None
        elif act == "forget":
            session.execute(delete(Invitation).where(Invitation.week == WEEK - 2 * SEVEN))
        elif act == "move":
            one.week = WEEK + 4 * SEVEN
        elif act == "move on":
            one.week = WEEK
        else:
            session.scalars(select(Questionnaire)).one().code = "renamed"
    assert {kind for kind, _week in marks()} >= {"invitation"}
    with clock.at(NOW + MINUTE):
        told()
    refreshed()


def test_a_week_that_opens_again_is_counted_from_rows(office: Cast) -> None:
    assert office.north.id
    with transaction() as session:
        one = invited(session, WEEK, "answered")
        one.state, one.answered_week, one.closes_at = "sent", None, NOW + SEVEN
    refreshed()
    assert WEEK not in kept_weeks()


def test_nothing_is_marked_where_nothing_is_kept(cast: Cast) -> None:
    with transaction() as session:
        session.execute(delete(FactState))
        version = make_questionnaire(session)
        make_invitations(session, version, 2, "sent", branch_id=cast.north.id)
    assert marks() == set()
