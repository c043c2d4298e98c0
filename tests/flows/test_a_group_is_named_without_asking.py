"""The groups whom the law puts first are kept in memory: no page asks for them, and a change is soon seen."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event, update

from govdesk.actor import SYSTEM
from govdesk.catalog import priorities
from govdesk.catalog.priority_models import PriorityGroup
from govdesk.db import db, reading, transaction
from govdesk.queue import service
from tests.desk import Desk
from tests.makers import Cast, make_ticket, open_counter

SignIn = Callable[[str], Desk]


@contextmanager
def heard() -> Iterator[list[str]]:
    """The statements of the block that speak of groups."""
    found: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if "priority_group" in statement:
            found.append(statement)

    event.listen(db.engine, "before_cursor_execute", hear)
    yield found
    event.remove(db.engine, "before_cursor_execute", hear)


def rename(name: str) -> None:
    """As the page of the administrator does it."""
    with transaction() as session:
        priorities.describe_group(session, actor=SYSTEM, code="infant", name_ar="مع رضيع", name_en=name)


def rename_elsewhere(name: str) -> None:
    """As another process does it: this one is not told."""
    with transaction() as session:
        session.execute(update(PriorityGroup).where(PriorityGroup.code == "infant").values(name_en=name))


def english() -> str:
    return priorities.kept(reading())["infant"].name_en


def test_a_press_at_the_counter_asks_for_no_group(cast: Cast, sign_in: SignIn, morning: object) -> None:
    with transaction() as session:
        for _ in range(2):
            make_ticket(session, branch=cast.north, service=cast.renewal, priority="infant")
        open_counter(session, counter=cast.north_1, staff=cast.staff["omar"])
    omar = sign_in("omar")
    omar.get("/counter", language="en")
    with heard() as statements:
        with transaction() as session:
            called = service.call_next(session, actor=cast.staff["omar"].actor)
        assert called is not None
        assert "With an infant" in omar.get("/counter", language="en").main
    assert statements == []


def test_a_change_is_seen_at_once_where_it_was_made(cast: Cast) -> None:
    assert english() == "With an infant"
    rename("With a baby")
    assert english() == "With a baby"


def test_a_change_that_was_not_committed_is_never_seen(cast: Cast) -> None:
    assert english() == "With an infant"
    with pytest.raises(ZeroDivisionError), transaction() as session:
        priorities.describe_group(
            session, actor=SYSTEM, code="infant", name_ar="مع رضيع", name_en="With a baby"
        )
        assert priorities.read(session, "nobody") == "none"
        raise ZeroDivisionError
    assert english() == "With an infant"


def test_a_change_made_elsewhere_is_seen_after_its_time(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    assert english() == "With an infant"
    rename_elsewhere("With a baby")
    assert english() == "With an infant"
    monkeypatch.setattr(priorities, "KEPT", 0.0)
    assert english() == "With a baby"


def test_a_group_that_was_added_elsewhere_counts_at_once(cast: Cast, morning: object) -> None:
    assert english() == "With an infant"
    with transaction() as session:
        session.add(
            PriorityGroup(
                code="donor", name_ar="متبرع", name_en="Donor", position=5, is_stated=True, is_active=True
            )
        )
    with transaction() as session:
        ticket = service.issue(
            session, actor=SYSTEM, branch=cast.north, service=cast.renewal, priority="donor"
        )
        assert (ticket.priority, ticket.call_class) == ("donor", "priority")
