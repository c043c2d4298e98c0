"""A supervisor seats and moves officers, pauses and closes counters, and takes back who was left at one."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from govdesk.audit import AuditEntry
from govdesk.db import reading, transaction
from govdesk.errors import NotAllowedError, NotFoundError
from govdesk.queue import counters, overseeing, service
from govdesk.queue.errors import CounterClosedError
from govdesk.queue.models import CounterPause, CounterSession, Ticket
from govdesk.queue.pause_models import EarlyClosing
from tests.desk import Desk
from tests.makers import Cast

SignIn = Callable[[str], Desk]
PATH = "/floor/north/counters"


def sitting() -> list[tuple[int, int]]:
    found = select(CounterSession.staff_id, CounterSession.counter_id)
    rows = reading().execute(found.where(CounterSession.closed_at.is_(None)).order_by(CounterSession.id))
    return [(staff_id, counter_id) for staff_id, counter_id in rows]


def test_an_officer_is_seated_moved_paused_and_closed(cast: Cast, sign_in: SignIn) -> None:
    sara, omar = sign_in("sara"), cast.staff["omar"]
    for counter in (cast.north_1, cast.north_2):
        sara.post(PATH, {"officer": omar.id, "counter": counter.id}, status=302)
        assert sitting() == [(omar.id, counter.id)]
    for what in ("pause", "unpause"):
        page = sara.get(PATH, language="en")
        path = next(page.action(form) for form in page.forms() if page.action(form).endswith(f"/{what}"))
        sara.submit(page, action=path, status=302)
        sara.submit(page, action=path, status=302)
    (rest,) = reading().scalars(select(CounterPause))
    assert (rest.reason, rest.ended_at is None) == ("by_supervisor", False)
    page = sara.get(PATH, language="en")
    closing = sara.get(next(link for link in page.links() if link.endswith("/close")), status=200)
    refused = sara.submit(closing, {"words": "fetched"}, status=422)
    assert list(refused.errors()) == ["reason"]
    assert "fetched" in refused.html
    for _ in range(2):
        sara.submit(refused, {"reason": "called_away"}, status=302)
    assert sitting() == []
    why = reading().scalars(select(EarlyClosing)).one()
    assert (why.reason, why.words) == ("called_away", "fetched")
    acts = reading().execute(
        select(AuditEntry.action, AuditEntry.actor)
        .where(AuditEntry.action.like("counter.%"))
        .order_by(AuditEntry.position)
    )
    by_sara = cast.staff["sara"].actor.label
    names = ["opened", "closed", "opened", "paused", "unpaused", "closed"]
    assert [tuple(row) for row in acts] == [(f"counter.{name}", by_sara) for name in names]


def test_who_was_left_at_a_counter_goes_back_to_their_place(cast: Cast, sign_in: SignIn) -> None:
    omar, reem = cast.staff["omar"].actor, cast.staff["reem"].actor
    with transaction() as session:
        counters.open_counter(session, actor=omar, counter_id=cast.north_1.id)
        for _ in range(2):
            service.issue(session, actor=reem, branch=cast.north, service=cast.renewal)
        service.call_next(session, actor=omar)
    sara = sign_in("sara")
    page = sara.get(PATH, language="en")
    back = next(page.action(form) for form in page.forms() if page.action(form).endswith("/take-back"))
    for _ in range(2):
        sara.submit(page, action=back, status=302)
    states = reading().execute(select(Ticket.number, Ticket.state).order_by(Ticket.id))
    assert [tuple(row) for row in states] == [("A001", "waiting"), ("A002", "waiting")]
    with transaction() as session, pytest.raises(CounterClosedError):
        service.call_next(session, actor=omar)  # paused: nobody is called to who is away
    with transaction() as session:
        counters.unpause_counter(session, actor=omar)
        called = service.call_next(session, actor=omar)
        assert called is not None
        assert called.number == "A001"


def test_a_counter_with_a_person_neither_closes_nor_loses_its_officer(cast: Cast, sign_in: SignIn) -> None:
    omar, reem = cast.staff["omar"], cast.staff["reem"].actor
    with transaction() as session:
        seat = counters.open_counter(session, actor=omar.actor, counter_id=cast.north_1.id).id
        service.issue(session, actor=reem, branch=cast.north, service=cast.renewal)
        service.call_next(session, actor=omar.actor)
    sara = sign_in("sara")
    refused = sara.post(PATH, {"officer": omar.id, "counter": cast.north_2.id})
    assert set(refused.errors()) == {"officer"}
    page = sara.get(PATH)
    assert f"{PATH}/{seat}/close" not in [page.action(form) for form in page.forms()]
    assert sitting() == [(omar.id, cast.north_1.id)]


def test_a_break_that_a_supervisor_ends_is_over(cast: Cast) -> None:
    omar = cast.staff["omar"].actor
    with transaction() as session:
        seat = counters.open_counter(session, actor=omar, counter_id=cast.north_1.id)
        counters.pause_counter(session, actor=omar)
        overseeing.act(
            session, actor=cast.staff["sara"].actor, branch=cast.north, seat_id=seat.id, what="unpause"
        )
        assert (seat.paused_at, counters.pause_of(session, seat)) == (None, None)


def test_only_who_answers_for_the_branch_acts_there(cast: Cast) -> None:
    with transaction() as session:
        seat = counters.open_counter(session, actor=cast.staff["omar"].actor, counter_id=cast.north_1.id)
        salim, hamad = cast.staff["salim"].actor, cast.staff["hamad"]
        with pytest.raises(NotAllowedError):
            overseeing.act(session, actor=salim, branch=cast.north, seat_id=seat.id, what="pause")
        with pytest.raises(NotFoundError):
            overseeing.act(session, actor=salim, branch=cast.harbour, seat_id=seat.id, what="pause")
        with pytest.raises(NotFoundError):
            overseeing.seat(
                session, actor=salim, branch=cast.harbour, staff_id=hamad.id, counter_id=cast.north_2.id
            )
