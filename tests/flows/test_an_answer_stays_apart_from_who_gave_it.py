"""Whoever reads every table tries to join answers to people, and fails; each test is one such attack."""

import datetime as dt
import json
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import inspect, select, text

from govdesk import clock
from govdesk.actor import SYSTEM
from govdesk.cases.silent.models import Voice
from govdesk.catalog.models import Branch
from govdesk.db import Base, reading, transaction
from govdesk.feedback.answers import service, settling
from govdesk.feedback.answers.models import Answer, Comment, Response
from govdesk.feedback.answers.service import ContactWish
from govdesk.feedback.asking import service as asking
from govdesk.feedback.asking.models import Invitation, Wave
from govdesk.feedback.forms import service as forms
from govdesk.people.models import Person
from tests import databases
from tests.flows.asked import make_programme, make_wave
from tests.makers import MORNING, SUNDAY, Cast, make_person, make_questionnaire, moment

MONDAY = moment("09:00", SUNDAY + dt.timedelta(days=1))
ANSWERS = {"overall": 1, "better": ["ease"], "comment": "It took long"}


def invited(cast: Cast, count: int, **facts: Any) -> list[int]:
    """So many people are asked about a visit, a minute after one another."""
    with transaction() as session:
        if not asking.is_asked(session, "after_service", None):
            make_questionnaire(session)
        made = []
        for number in range(count):
            person = make_person(session)
            invitation = asking.invite(
                session, kind="after_service", about=f"ticket:{person.id}", occasion="served",
                person=session.get_one(Person, person.id), branch=session.get_one(Branch, cast.north.id),
                service=cast.renewal, ended_at=MORNING, language="ar", channel="kiosk",
            )  # fmt: skip
            assert invitation is not None, number
            asking.show(session, invitation=invitation, mode=facts.get("mode", "qr"))
            for name, value in facts.items():
                setattr(invitation, name, value)
            made.append(invitation.id)
    return made


def give(ids: list[int], answers: dict[str, Any], wish: ContactWish | None = None) -> None:
    """They answer in the order in which they were asked, a transaction each."""
    for number, invitation_id in enumerate(ids):
        with clock.at(MORNING + dt.timedelta(minutes=number)), transaction() as session:
            one = session.get_one(Invitation, invitation_id)
            service.give(session, invitation=one, answers=answers, contact_wish=wish)


def settle() -> None:
    with clock.at(MONDAY):
        settling.run_settle()


def rows(table: type[Any]) -> list[Any]:
    reading().rollback()
    return list(reading().scalars(select(table)))


def whole_database() -> dict[str, str]:
    """Every row of every table, as text."""
    reading().rollback()
    return {
        table.name: json.dumps([list(row) for row in reading().execute(select(table))], default=str)
        for table in Base.metadata.sorted_tables
    }


def test_the_number_of_an_answer_stands_nowhere_else(cast: Cast) -> None:
    give(invited(cast, 3), ANSWERS, ContactWish(with_words=True))
    found = whole_database()
    theirs = {"response", "answer", "comment"}
    for number in [row.id for table in (Response, Comment) for row in rows(table)]:
        assert {name for name, content in found.items() if str(number) in content} <= theirs


def test_an_answer_has_no_moment_and_leads_to_no_table_of_people() -> None:
    apart = {"person", "ticket", "invitation", "visit", "case", "appointment", "staff", "device"}
    for table in (Response.__table__, Answer.__table__, Comment.__table__):
        assert not {key.column.table.name for key in table.foreign_keys} & apart
        kinds = {column.name: column.type.python_type for column in table.columns}
        assert dt.datetime not in kinds.values(), kinds
        assert [name for name, kind in kinds.items() if kind is dt.date] in ([], ["week"])


def test_the_order_of_rows_is_not_the_order_of_answers(cast: Cast) -> None:
    ids = invited(cast, 12)
    order: list[int] = []
    for one in ids:
        give([one], {"overall": 3})
        (new,) = {row.id for row in rows(Response)} - set(order)
        order.append(new)
    assert sorted(order) != order
    read = [row[0] for row in reading().execute(text("SELECT id FROM response"))]
    assert databases.KIND == "postgresql" or read == sorted(order)


def test_nothing_that_an_answered_invitation_keeps_tells_which_answer_it_was(cast: Cast) -> None:
    give(invited(cast, 1), ANSWERS)
    (one,) = rows(Invitation)
    assert (one.draft, one.mode, one.answered_week) == (None, None, dt.date(2026, 9, 28))
    assert not str(one.about).startswith("ticket")
    columns = {column.key for column in inspect(Invitation).columns}
    moments = {name for name in columns if isinstance(getattr(one, name), dt.datetime)}
    assert moments == {"send_after", "closes_at"}  # both are known before it is answered


def test_no_act_tells_the_audit_the_outbox_or_the_keys_of_acts_when_it_was_answered(cast: Cast) -> None:
    ids = invited(cast, 2)
    before = whole_database()
    give(ids, ANSWERS)
    after = whole_database()
    assert {name for name in after if after[name] != before[name]} == {
        "response", "answer", "comment", "invitation", "voice"
    }  # fmt: skip


def test_that_somebody_spoke_is_noted_at_the_end_of_the_week(cast: Cast) -> None:
    give(invited(cast, 2), ANSWERS)
    assert {clock.local_day(one.at, "Asia/Riyadh") for one in rows(Voice)} == {SUNDAY}
    assert len({one.at for one in rows(Voice)}) == 1


@pytest.mark.parametrize(
    "rare",
    [
        {"priority": "elderly"},
        {"language": "en"},
        {"channel": "phone"},
        {"occasion": "left"},
        {"mode": "email"},
    ],
    ids=lambda facts: next(iter(facts)),
)
def test_who_alone_was_asked_so_is_not_found_by_it_once_the_week_is_over(
    cast: Cast, rare: dict[str, Any]
) -> None:
    """The attack: five answers have the facts of five invitations, so the one left over is the sixth's."""
    give(invited(cast, 7), {"overall": 3})
    give(invited(cast, 1, **rare), {"overall": 1})
    settle()
    known = ("mode", "occasion", "priority", "person_kind", "language", "outcome", "channel", "service_id")
    shared = Counter(tuple(getattr(row, name) for name in (*known, "branch_id")) for row in rows(Response))
    assert min(shared.values()) >= 5, shared


def test_who_answered_an_older_wording_is_not_found_by_it(cast: Cast) -> None:
    ids = invited(cast, 5)
    with transaction() as session:
        old = session.get_one(Invitation, ids[0]).version
        asked = old.questionnaire
        forms.revise(session, actor=SYSTEM, questionnaire=asked, form=forms.form_of(old))
        forms.publish(session, actor=SYSTEM, questionnaire=asked)
    give(ids, {"overall": 1})
    settle()
    (answered,) = {row.version_id for row in rows(Invitation)}
    (old_one,) = {row.version_id for row in rows(Response)}
    assert answered > old_one


@pytest.mark.skipif(databases.KIND != "postgresql", reason="PostgreSQL keeps with each row who wrote it")
def test_rows_written_together_are_no_longer_known_by_it_once_the_week_is_over(cast: Cast) -> None:
    """The attack: one transaction wrote the answer and the invitation, and PostgreSQL keeps which."""
    give(invited(cast, 6), ANSWERS)
    joined = text("SELECT count(*) FROM response r JOIN invitation i ON i.xmin::text = r.xmin::text")
    assert reading().execute(joined).scalar() == 6
    settle()
    reading().rollback()
    assert reading().execute(joined).scalar() == 0
    for table in ("response", "answer", "comment"):
        written = reading().execute(text(f"SELECT count(DISTINCT xmin::text) FROM {table}")).scalar()  # noqa: S608
        assert written == 1, table
    order = [row[0] for row in reading().execute(text("SELECT response_id FROM comment ORDER BY ctid"))]
    assert order == [row[0] for row in reading().execute(text("SELECT response_id FROM comment ORDER BY id"))]


def test_who_answered_a_wave_in_a_week_of_their_own_is_not_found_by_the_week(cast: Cast) -> None:
    ids = invited(cast, 6)
    with transaction() as session:
        asked = session.get_one(Invitation, ids[0]).questionnaire
        wave = make_wave(session, make_programme(session, asked))
        for one in ids:
            session.get_one(Invitation, one).wave_id = wave.id
        wave_id = wave.id
    give(ids[:5], {"overall": 3})
    with clock.at(MONDAY), transaction() as session:
        service.give(session, invitation=session.get_one(Invitation, ids[5]), answers={"overall": 1})
    assert len({row.week for row in rows(Response)}) == 2
    with transaction() as session:
        session.get_one(Wave, wave_id).state = "closed"
    settle()
    assert {row.week for row in rows(Response)} == {dt.date(2026, 9, 28)}
