"""Whoever edits, removes, reorders, cuts or forges entries of the audit is found, and the place is named."""

import datetime as dt

import pytest
from flask import Flask
from sqlalchemy import delete, insert, select, update

from govdesk import audit, clock
from govdesk.actor import SYSTEM, Actor
from govdesk.audit import AuditEntry, AuditHead, Finding
from govdesk.db import reading, transaction
from tests.processes import together

OMAR = Actor(kind="staff", id="7")


@pytest.fixture
def five(app: Flask) -> None:
    """Five entries, in three transactions."""
    for round_ in ((1, 2), (3,), (4, 5)):
        with transaction() as session:
            for number in round_:
                audit.record(
                    session, actor=OMAR, action="ticket.called", subject=f"ticket:{number}", counter=number
                )


def findings() -> list[Finding]:
    return list(audit.verify(reading()))


def entry(position: int) -> AuditEntry:
    return reading().get_one(AuditEntry, (audit.FIRST, position))


def test_an_untouched_chain_holds(five: None) -> None:
    assert findings() == []
    assert [e.position for e in reading().scalars(select(AuditEntry).order_by(AuditEntry.position))] == [
        1,
        2,
        3,
        4,
        5,
    ]


@pytest.mark.parametrize("count", [1, 2, audit.MOST_AT_ONCE, audit.MOST_AT_ONCE + 1, 9])
def test_what_one_transaction_did_is_sealed_in_its_order(app: Flask, count: int) -> None:
    for round_ in range(2):
        with transaction() as session:
            for number in range(count):
                subject = f"ticket:{round_}.{number}"
                audit.record(session, actor=OMAR, action="ticket.called", subject=subject, counter=number)
    assert findings() == []
    chain = list(reading().scalars(select(AuditEntry).order_by(AuditEntry.position)))
    named = [f"ticket:{round_}.{number}" for round_ in range(2) for number in range(count)]
    assert [(one.position, one.subject) for one in chain] == list(enumerate(named, start=1))
    assert [one.detail for one in chain] == [{"counter": number} for number in range(count)] * 2


def test_an_entry_says_who_did_what_to_whom_when(app: Flask, morning: None) -> None:
    with transaction() as session:
        audit.record(
            session,
            actor=OMAR,
            action="ticket.called",
            subject="ticket:1",
            counter=4,
            day=dt.date(2026, 10, 4),
        )
    found = entry(1)
    assert (found.actor, found.action, found.subject) == ("staff:7", "ticket.called", "ticket:1")
    assert found.at == clock.now()
    assert found.detail == {"counter": 4, "day": "2026-10-04"}


def test_what_is_rolled_back_leaves_no_entry(five: None) -> None:
    with pytest.raises(KeyError), transaction() as session:
        audit.record(session, actor=SYSTEM, action="ticket.called", subject="ticket:9")
        raise KeyError
    assert reading().get(AuditEntry, (audit.FIRST, 6)) is None
    assert findings() == []


@pytest.mark.tampers
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("actor", "staff:8"),
        ("action", "ticket.held"),
        ("subject", "ticket:99"),
        ("detail", {"counter": 99}),
        ("at", dt.datetime(2020, 1, 1, tzinfo=dt.UTC)),
    ],
)
def test_an_edited_entry_is_found_where_it_is(five: None, column: str, value: object) -> None:
    with transaction() as session:
        session.execute(update(AuditEntry).where(AuditEntry.position == 3).values({column: value}))
    assert findings() == [Finding(3, "changed")]


@pytest.mark.tampers
def test_a_removed_entry_is_found_where_it_was(five: None) -> None:
    with transaction() as session:
        session.execute(delete(AuditEntry).where(AuditEntry.position == 2))
    assert Finding(2, "missing") in findings()


@pytest.mark.tampers
def test_the_first_entry_cannot_be_removed_unseen(five: None) -> None:
    with transaction() as session:
        session.execute(delete(AuditEntry).where(AuditEntry.position == 1))
    assert Finding(1, "missing") in findings()


@pytest.mark.tampers
def test_a_removed_entry_is_found_when_the_rest_moves_up(five: None) -> None:
    with transaction() as session:
        session.execute(delete(AuditEntry).where(AuditEntry.position == 3))
        for position in (4, 5):
            session.execute(
                update(AuditEntry).where(AuditEntry.position == position).values(position=position - 1)
            )
    assert findings()[0] == Finding(3, "changed")
    assert findings()[-1] == Finding(5, "cut")


@pytest.mark.tampers
def test_two_entries_that_changed_places_are_found(five: None) -> None:
    with transaction() as session:
        for old, new in ((2, 20), (3, 2), (20, 3)):
            session.execute(update(AuditEntry).where(AuditEntry.position == old).values(position=new))
    assert [finding.position for finding in findings()][:2] == [2, 3]


@pytest.mark.tampers
def test_a_cut_end_is_found(five: None) -> None:
    with transaction() as session:
        session.execute(delete(AuditEntry).where(AuditEntry.position > 3))
    assert findings() == [Finding(4, "cut")]


@pytest.mark.tampers
def test_a_cut_end_is_found_when_the_head_was_moved_back_too(five: None) -> None:
    kept = entry(3).seal
    with transaction() as session:
        session.execute(delete(AuditEntry).where(AuditEntry.position > 3))
        session.execute(update(AuditHead).where(AuditHead.id == audit.FIRST).values(position=3, seal=kept))
    assert findings() == [Finding(3, "head")]


@pytest.mark.tampers
def test_an_emptied_chain_is_found(five: None) -> None:
    with transaction() as session:
        session.execute(delete(AuditEntry))
        session.execute(delete(AuditHead))
    assert {finding.problem for finding in findings()} == {"head"}


@pytest.mark.tampers
def test_an_invented_entry_is_found(five: None) -> None:
    row = {
        "strand": audit.FIRST, "position": 6, "at": clock.now(), "actor": "staff:7",
        "action": "ticket.called", "subject": "ticket:6", "detail": {}, "seal": "0" * 64,
    }  # fmt: skip
    with transaction() as session:
        session.execute(insert(AuditEntry).values(row))
    assert Finding(6, "changed") in findings()


def test_many_processes_make_one_chain(five: None, app: Flask) -> None:
    script = (
        "from govdesk import audit\nfrom govdesk.actor import SYSTEM\nfrom govdesk.db import transaction\n"
        "for number in range(15):\n"
        "    with transaction() as session:\n"
        "        audit.record(session, actor=SYSTEM, action='test.counted', subject=f'test:{number}')\n"
    )
    together(script, count=3, settings=app.extensions["govdesk"])
    assert findings() == []
    assert audit.length(reading()) == 5 + 3 * 15
