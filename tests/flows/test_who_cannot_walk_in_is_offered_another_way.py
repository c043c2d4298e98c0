"""When nobody else can walk in: a time, a call or the way online; and who goes home counts as turned away."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from govdesk import outbox, wiring
from govdesk.actor import SYSTEM
from govdesk.booking import service as booking
from govdesk.booking.models import Appointment
from govdesk.cases.models import Visit
from govdesk.catalog import branches
from govdesk.catalog.models import Branch, BranchService
from govdesk.config import Settings
from govdesk.db import reading, transaction
from govdesk.queue import admission, counters, own_turn, service
from govdesk.queue.device_models import CallBack
from govdesk.queue.models import Ticket, TicketEvent
from tests.desk import Desk
from tests.makers import MORNING, Cast, make_slot
from tests.processes import together

TAKE = "/kiosk/north/services/renewal"
DESK = "/reception/north"


def limit(cast: Cast, daily: int | None = None, longest: int | None = None, kept: int = 0) -> None:
    with transaction() as session:
        offer = session.get_one(BranchService, (cast.north.id, cast.renewal.id))
        branches.limit_offer(
            session, actor=SYSTEM, offer=offer, daily_walkins=daily, longest_wait_minutes=longest,
            kept_for_hall=kept,
        )  # fmt: skip


def tickets(**where: Any) -> list[Ticket]:
    reading().rollback()
    return list(reading().scalars(select(Ticket).filter_by(**where).order_by(Ticket.id)))


def reason(cast: Cast, *, is_remote: bool = False) -> str | None:
    with transaction() as session:
        north = session.get_one(Branch, cast.north.id)
        try:
            admission.refuse_when_full(session, branch=north, wanted=cast.renewal, is_remote=is_remote)
        except admission.FullError as refusal:
            return refusal.reason
    return None


def test_the_last_ticket_of_the_day_goes_to_one(cast: Cast, desk: Desk) -> None:
    limit(cast, daily=2)
    early, late = desk.get(TAKE), desk.get(TAKE)
    desk.post(TAKE, status=302)
    desk.submit(early, action=TAKE, status=302)
    refused = desk.submit(late, action=TAKE, status=409, language="en")
    assert "Today’s tickets for this service are all given" in refused.main
    assert len(tickets()) == 2
    assert "Today’s tickets" in desk.get(TAKE, language="en", status=200).main


WALK_IN = """
from govdesk.actor import SYSTEM
from govdesk.catalog.service import branch_of, service_of
from govdesk.db import transaction
from govdesk.queue import admission, service
given = 0
for _press in range(5):
    try:
        with transaction() as session:
            here, wanted = branch_of(session, "north"), service_of(session, "renewal")
            admission.refuse_when_full(session, branch=here, wanted=wanted)
            service.issue(session, actor=SYSTEM, branch=here, service=wanted)
        given += 1
    except admission.FullError:
        pass
print(given)
"""


def test_four_doors_at_once_give_as_many_tickets_as_there_are(cast: Cast, settings: Settings) -> None:
    limit(cast, daily=7)
    given = [int(said) for said in together(WALK_IN, count=4, settings=settings)]
    assert sum(given) == 7
    with transaction() as session:
        assert session.scalar(select(func.count()).select_from(Ticket)) == 7


def test_appointments_and_other_services_use_nothing_of_it(cast: Cast, desk: Desk) -> None:
    limit(cast, daily=0)
    with transaction() as session:
        soon = MORNING + dt.timedelta(minutes=30)
        slot = make_slot(session, branch=cast.north, service=cast.renewal, starts_at=soon)
    desk.post("/kiosk/north/services/passport", status=302)
    with transaction() as session:
        booked = booking.book(
            session, actor=SYSTEM, slot_id=slot.id, service_id=cast.renewal.id, person=cast.nora
        )
    desk.post("/kiosk/north/appointment", {"reference": booked.reference}, status=302)
    assert [one.state for one in tickets()] == ["waiting", "waiting"]


def test_places_are_kept_for_people_in_the_hall(cast: Cast, desk: Desk) -> None:
    limit(cast, daily=3, kept=2)
    assert (reason(cast), reason(cast, is_remote=True)) == (None, None)
    desk.post(TAKE, status=302)
    assert (reason(cast), reason(cast, is_remote=True)) == (None, "contingent")


def test_who_joins_from_elsewhere_leaves_them_to_people_in_the_hall(cast: Cast) -> None:
    limit(cast, daily=1, kept=1)
    with transaction() as session:
        counters.open_counter(session, actor=cast.staff["omar"].actor, counter_id=cast.north_1.id)
        north = session.get_one(Branch, cast.north.id)
        north.allows_remote, north.remote_share = True, 100
        session.flush()
        with pytest.raises(admission.FullError):
            own_turn.join(
                session, actor=SYSTEM, branch=north, wanted=cast.renewal, person=cast.nora, language="ar"
            )


def test_a_wait_that_would_be_too_long_is_not_asked_of_anybody(cast: Cast, desk: Desk) -> None:
    limit(cast, longest=30)
    for _ in range(5):
        desk.post(TAKE, status=302)  # no counter is open: nothing can be announced, so nothing is too long
    with transaction() as session:
        counters.open_counter(session, actor=cast.staff["omar"].actor, counter_id=cast.north_1.id)
    assert reason(cast) == "wait"
    assert "too long to ask of you" in desk.get(TAKE, language="en").main


def test_who_goes_home_is_an_attended_visit_that_failed(cast: Cast, desk: Desk) -> None:
    limit(cast, daily=0)
    form = desk.get("/kiosk/north/services/passport")
    known = {"identity": cast.nora_number}
    limit_page = desk.submit(form, known, action="/kiosk/north/services/passport", status=302)
    assert limit_page.location
    page = desk.get(TAKE)
    desk.submit(page, known, action=f"{TAKE}/away", status=302)
    (gone,) = tickets(state="turned_away")
    assert (gone.cause, gone.outcome, gone.person_id, gone.channel) == (
        "full", "turned_away", cast.nora.id, "kiosk"
    )  # fmt: skip
    outbox.deliver_due(wiring.HANDLERS)
    visit = reading().scalars(select(Visit).where(Visit.person_id == cast.nora.id)).one()
    assert (visit.outcome, visit.cause) == ("unresolved", "full")
    with transaction() as session:  # and it used none of the day's tickets
        assert admission.given_today(session, session.get_one(Branch, cast.north.id), cast.renewal.id) == 0


def test_a_wish_to_be_called_waits_on_a_list_until_it_is_settled(
    cast: Cast, desk: Desk, sign_in: Callable[[str], Desk]
) -> None:
    limit(cast, daily=0)
    page = desk.get(TAKE)
    desk.submit(page, {"phone": "12"}, action=f"{TAKE}/call-back", status=409)
    for _twice in range(2):
        done = desk.submit(page, {"phone": "0501234512"}, action=f"{TAKE}/call-back", status=302)
    assert "We will call you" in desk.get(str(done.location), language="en").main
    assert len(tickets(state="turned_away")) == 1
    reem = sign_in("reem")
    listed = reem.get("/admin/calls")
    assert "050 123 4512" in listed.main
    wish = reading().scalars(select(CallBack)).one()
    assert sign_in("rana").get("/admin/calls").main.count("050 123") == 0
    reem.submit(listed, action=f"/admin/calls/wishes/{wish.id}/settle", status=302)
    reading().rollback()
    wish = reading().scalars(select(CallBack)).one()
    assert (wish.phone, wish.settled_by, wish.settled_at) == (None, cast.staff["reem"].id, MORNING)


def test_one_of_the_three_nearest_times_is_booked_at_the_kiosk(cast: Cast, desk: Desk) -> None:
    limit(cast, daily=0)
    with transaction() as session:
        for days in range(1, 5):
            make_slot(
                session, branch=cast.north, service=cast.renewal, starts_at=MORNING + dt.timedelta(days=days)
            )
    ways = [link for link in desk.get(TAKE).links() if "/place/" in link]
    assert len(ways) == 3
    assert set(desk.post(ways[0], status=422).errors()) == {"phone"}
    made = desk.post(ways[0], {"phone": "0501234512"}, status=302)
    booked = reading().scalars(select(Appointment)).one()
    assert (booked.state, booked.channel) == ("booked", "kiosk")
    assert booked.reference in desk.get(str(made.location)).main
    assert [one.person_id for one in tickets(state="turned_away")] == [booked.person_id]


def test_reception_may_give_a_ticket_all_the_same(cast: Cast, sign_in: Callable[[str], Desk]) -> None:
    limit(cast, daily=0)
    reem = sign_in("reem")
    full = reem.post(f"{DESK}/tickets", {"service": "renewal"}, page=DESK, status=409, language="en")
    assert f"{DESK}/turned-away?service=renewal&cause=full" in full.links()
    reem.submit(full, {"anyway": "y"}, action=f"{DESK}/tickets", status=302)
    assert [one.state for one in tickets()] == ["waiting"]


def test_the_gate_takes_other_words_and_a_number_to_call(cast: Cast, sign_in: Callable[[str], Desk]) -> None:
    reem = sign_in("reem")
    gate = f"{DESK}/turned-away"
    told = {
        "service": "renewal",
        "cause": "not_eligible",
        "words": "The lift is broken",
        "phone": "0501234512",
    }
    reem.post(gate, told | {"phone": "0501234512"}, status=302)
    (gone,) = tickets()
    assert (gone.state, gone.cause) == ("turned_away", "not_eligible")
    words = reading().scalars(select(TicketEvent).where(TicketEvent.kind == "words_noted")).one()
    assert words.detail == {"words": "The lift is broken"}
    assert reading().scalars(select(CallBack.ticket_id)).all() == [gone.id]


def test_the_number_of_a_wish_goes_with_the_contact_of_its_person(cast: Cast) -> None:
    with transaction() as session:
        gone = admission.send_away(
            session, actor=SYSTEM, branch=session.get_one(Branch, cast.north.id), wanted=cast.renewal,
            person=cast.nora,
        )  # fmt: skip
        admission.wish_call(session, actor=SYSTEM, ticket=gone, phone="+966501234512")
        admission.forget_person(session, {"person_id": cast.nora.id})
    assert reading().scalars(select(CallBack.phone)).all() == [None]
    assert service.waiting_count(reading(), cast.north.id) == 0
