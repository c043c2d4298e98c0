"""An answer is given once; nothing leads from it to a person, a ticket or a moment, unless they wish it."""

import datetime as dt
import json
import threading
from collections.abc import Sequence
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from govdesk import clock, outbox
from govdesk.audit import AuditEntry
from govdesk.catalog.models import Branch
from govdesk.db import reading, transaction
from govdesk.feedback.answers import drafting, service, settling
from govdesk.feedback.answers.drafting import Begun
from govdesk.feedback.answers.models import Answer, Comment, Response
from govdesk.feedback.asking import links
from govdesk.feedback.asking import service as asking
from govdesk.feedback.asking.models import Invitation
from govdesk.feedback.forms.presets import presets
from govdesk.outbox import OutboxEvent
from govdesk.people.models import Person
from tests.makers import MORNING, Cast, moment
from tests.question_makers import make_questionnaire


def invited(cast: Cast, person: Person, about: str = "ticket:7") -> int:
    """Somebody opened the form of their ticket."""
    with transaction() as session:
        if not asking.is_asked(session, "after_service", None):
            make_questionnaire(session, form=presets()["after_service"].form, kind="after_service")
        made = asking.invite(
            session, kind="after_service", about=about, occasion="served", outcome="resolved",
            person=session.get_one(Person, person.id), branch=session.get_one(Branch, cast.north.id),
            service=cast.renewal, ended_at=clock.now(), language="ar", channel="kiosk",
        )  # fmt: skip
        assert made is not None
        return asking.show(session, invitation=made, mode="qr").id


def give(invitation_id: int, answers: dict[str, Any], wish: service.ContactWish | None = None) -> None:
    with transaction() as session:
        here = session.get_one(Invitation, invitation_id)
        service.give(session, invitation=here, answers=answers, contact_wish=wish)


def rows(table: type[Any]) -> Sequence[Any]:
    reading().rollback()
    return reading().scalars(select(table)).all()


def test_an_answer_keeps_the_week_alone(cast: Cast) -> None:
    one = invited(cast, cast.nora)
    words = "Omar said: call 0501234567"
    give(one, {"overall": "1", "better": ["ease", "employee"], "comment": words})
    (response,) = rows(Response)
    assert (response.week, response.mode, response.branch_id) == (dt.date(2026, 9, 28), "qr", cast.north.id)
    assert sorted((row.question, row.choice, row.number) for row in rows(Answer)) == [
        ("better", "ease", None), ("better", "employee", None), ("overall", "", 1)
    ]  # fmt: skip
    assert [row.text for row in rows(Comment)] == ["*** said: call ***"]
    (invitation,) = rows(Invitation)
    assert (invitation.state, invitation.mode, invitation.draft) == ("answered", None, None)
    assert invitation.about != "ticket:7"
    told = [*(row.payload for row in rows(OutboxEvent)), *(row.detail for row in rows(AuditEntry))]
    assert str(response.id) not in json.dumps(told, default=str)
    assert not [row for row in rows(OutboxEvent) if row.name.startswith(("rating", "response"))]


def test_the_same_form_is_taken_once_and_late_ones_not_at_all(cast: Cast) -> None:
    one = invited(cast, cast.nora)
    give(one, {"overall": 3})
    with pytest.raises(service.AnsweredError):
        give(one, {"overall": 1})
    other = invited(cast, cast.raj, "ticket:8")
    with clock.at(MORNING + dt.timedelta(days=15)), pytest.raises(service.AnsweredError):
        give(other, {"overall": 1})
    assert len(rows(Response)) == 1


def test_what_is_missing_is_said_by_question_and_nothing_is_kept(cast: Cast) -> None:
    one = invited(cast, cast.nora)
    with pytest.raises(service.RefusedAnswersError) as refusal:
        give(one, {"comment": "x" * 20_000})
    assert set(refusal.value.refused) == {"overall", "comment"}
    assert rows(Response) == []
    assert rows(Invitation)[0].state == "shown"


def test_only_who_wishes_a_call_is_told_of_and_only_after_a_low_score(cast: Cast) -> None:
    give(invited(cast, cast.nora), {"overall": 1, "comment": "Call me"}, service.ContactWish(with_words=True))
    give(invited(cast, cast.raj, "ticket:8"), {"overall": 3}, service.ContactWish())
    give(invited(cast, cast.vera, "ticket:9"), {"overall": 1})
    (told,) = [row.payload for row in rows(OutboxEvent) if row.name == "rating.low"]
    assert (told["person_id"], told["score"], told["most"]) == (cast.nora.id, 1, 3)
    assert told["words"] == "Call me"


def test_a_week_of_fewer_than_five_waits_for_the_next(cast: Cast) -> None:
    for number, person in enumerate((cast.nora, cast.raj, cast.vera)):
        give(invited(cast, person, f"ticket:{number}"), {"overall": 3})
    assert settling.run_settle() == 0
    with clock.at(moment("09:00", dt.date(2026, 10, 5))):
        assert settling.run_settle() == 0
    assert {(row.week, row.is_settled) for row in rows(Response)} == {(dt.date(2026, 10, 5), False)}
    with clock.at(moment("08:00", dt.date(2026, 10, 6))):
        for number, person in enumerate((cast.nora, cast.raj)):
            give(invited(cast, person, f"ticket:1{number}"), {"overall": 1})
    with clock.at(moment("09:00", dt.date(2026, 10, 12))):
        assert [settling.run_settle(), settling.run_settle()] == [5, 0]
    assert {(row.week, row.is_settled) for row in rows(Response)} == {(dt.date(2026, 10, 5), True)}


def test_a_waiting_event_reaches_who_makes_good(cast: Cast) -> None:
    from govdesk.wiring import HANDLERS  # noqa: PLC0415 - only here

    give(invited(cast, cast.nora), {"overall": 1}, service.ContactWish())
    assert outbox.deliver_due({"rating.low": HANDLERS["rating.low"]}) > 0


def test_eight_presses_at_once_are_one_answer(app: Flask, cast: Cast) -> None:
    one = invited(cast, cast.nora)
    refused: list[str] = []

    def press() -> None:
        with app.app_context(), clock.at(MORNING):
            try:
                give(one, {"overall": 3})
            except service.AnsweredError as refusal:
                refused.append(refusal.key)

    threads = [threading.Thread(target=press) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(rows(Response)), len(refused)) == (1, 7)


def test_what_was_saved_meanwhile_is_never_lost(cast: Cast) -> None:
    """Two tabs read the same link; one saves, and the other finds that it is not as it was read."""
    one = invited(cast, cast.nora)
    first = links.asked_by_id(reading(), one)
    assert first is not None
    with transaction() as session:
        drafting.save(session, first, Begun({"overall": 1}, "visit"))
    with transaction() as session:
        assert not links.save(session, first, {})
        assert not links.answer(session, first)
    form = presets()["after_service"].form
    with pytest.raises(service.AnsweredError), transaction() as session:
        service.take(session, one=first, filled=service.fill(session, form, {"overall": 3}, "ar"))
    assert rows(Response) == []
    assert drafting.answers_of(rows(Invitation)[0]) == {"overall": 1}
    now = links.asked_by_id(reading(), one)
    assert now is not None
    with transaction() as session:
        service.take(session, one=now, filled=service.fill(session, form, {"overall": 1}, "ar"))
    assert len(rows(Response)) == 1
