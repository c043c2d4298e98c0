"""The reason for coming goes from the booking to the counter, and what was missing stays known."""

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from govdesk import audit, clock
from govdesk.actor import SYSTEM
from govdesk.audit import AuditEntry
from govdesk.booking import service as booking
from govdesk.cases import service as visits
from govdesk.cases.models import Visit
from govdesk.catalog import scenarios
from govdesk.catalog.models import PublicService
from govdesk.catalog.scenario_models import Scenario
from govdesk.db import reading, transaction
from govdesk.errors import DeskError, NotAllowedError
from govdesk.queue import reasons, service
from govdesk.queue.errors import WrongStepError
from govdesk.queue.models import Ticket, TicketEvent, UnforeseenReason
from tests.makers import MORNING, Cast, make_slot, make_ticket, open_counter


@pytest.fixture(autouse=True)
def nine(cast: Cast) -> Iterator[None]:
    with clock.at(MORNING):
        yield


@pytest.fixture
def lost(cast: Cast) -> Scenario:
    with transaction() as session:
        row = scenarios.describe_scenario(
            session, actor=SYSTEM, service=session.get_one(PublicService, cast.renewal.id), code="lost",
            name_ar="ضياع", name_en="Lost", action="bring", extra_minutes=5,
        )  # fmt: skip
        for code in ("report", "photo"):
            scenarios.describe_paper(
                session, actor=SYSTEM, scenario=row, code=code, name_ar="ورقة", name_en=code
            )
        assert len(row.papers) == 2
        return row


@pytest.fixture
def ticket(cast: Cast, lost: Scenario) -> Ticket:
    with transaction() as session:
        open_counter(session, counter=cast.north_1, staff=cast.staff["omar"])
        return make_ticket(
            session, branch=cast.north, service=cast.renewal, person=cast.nora, state="serving",
            counter_id=cast.north_1.id, staff_id=cast.staff["omar"].id, called_at=clock.now(),
            started_at=clock.now(), scenario_id=lost.id,
        )  # fmt: skip


def kinds(ticket: Ticket) -> list[str]:
    query = select(TicketEvent.kind).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.id)
    return list(reading().scalars(query))


def miss(cast: Cast, ticket: Ticket, *codes: str) -> None:
    with transaction() as session:
        papers = session.get_one(Scenario, ticket.scenario_id).all_papers
        reasons.note_missing(
            session, actor=cast.staff["omar"].actor, ticket_id=ticket.id,
            paper_ids=[paper.id for paper in papers if paper.code in codes],
        )  # fmt: skip


def foresee(cast: Cast, ticket: Ticket, words: str, who: str = "omar") -> None:
    with transaction() as session:
        reasons.note_unforeseen(session, actor=cast.staff[who].actor, ticket_id=ticket.id, words=words)


def test_the_booked_reason_is_on_the_ticket_and_on_the_visit(cast: Cast, lost: Scenario) -> None:
    with transaction() as session:
        slot = make_slot(session, branch=cast.north, service=cast.renewal, starts_at=MORNING.replace(hour=10))
        made = booking.book(
            session, actor=SYSTEM, slot_id=slot.id, service_id=cast.renewal.id, person=cast.nora,
            scenario_id=lost.id,
        )  # fmt: skip
    with transaction() as session:
        held = booking.find(session, made.reference)
        ticket = service.check_in(session, actor=SYSTEM, appointment=held)
        assert ticket.scenario_id == lost.id
        service.abandon(session, actor=SYSTEM, ticket_id=ticket.id)
    with transaction() as session:
        visits.record_ticket(session, {"ticket_id": ticket.id})
    visit = reading().scalars(select(Visit)).one()
    assert (visit.scenario_id, visit.missing_papers) == (lost.id, 0)


def test_what_is_ticked_is_kept_and_the_same_again_is_no_event(cast: Cast, ticket: Ticket) -> None:
    miss(cast, ticket, "report", "photo")
    miss(cast, ticket, "photo")
    miss(cast, ticket, "photo")
    assert kinds(ticket) == ["papers_missing", "papers_missing"]
    assert len(reasons.missing_of(reading(), ticket.id)) == 1
    with transaction() as session:
        actor = cast.staff["omar"].actor
        service.conclude(session, actor=actor, ticket_id=ticket.id, outcome="unresolved", cause="papers")
    with transaction() as session:
        visits.record_ticket(session, {"ticket_id": ticket.id})
    assert reading().scalars(select(Visit.missing_papers)).one() == 1
    assert list(audit.verify(reading())) == []
    with pytest.raises(WrongStepError):
        miss(cast, ticket, "report")


def test_another_reason_forgets_the_ticks_of_the_first(cast: Cast, ticket: Ticket) -> None:
    miss(cast, ticket, "report")
    with transaction() as session:
        reasons.choose_scenario(session, actor=cast.staff["omar"].actor, ticket_id=ticket.id, scenario=None)
    assert reasons.missing_of(reading(), ticket.id) == set()
    assert kinds(ticket) == ["papers_missing", "scenario_chosen"]


def test_a_reason_of_another_service_is_refused(cast: Cast, ticket: Ticket, lost: Scenario) -> None:
    with transaction() as session:
        other = make_ticket(session, branch=cast.north, service=cast.passport)
    with pytest.raises(DeskError) as refusal, transaction() as session:
        reasons.choose_scenario(session, actor=SYSTEM, ticket_id=other.id, scenario=lost)
    assert refusal.value.key == "queue.reason_other_service"
    with pytest.raises(DeskError) as unknown, transaction() as session:
        reasons.note_missing(session, actor=SYSTEM, ticket_id=ticket.id, paper_ids=[999_999])
    assert unknown.value.key == "queue.paper_unknown"


def test_an_officer_of_another_branch_notes_nothing(cast: Cast, ticket: Ticket) -> None:
    with pytest.raises(NotAllowedError):
        foresee(cast, ticket, "A new kind of plate", who="hamad")


def test_an_unforeseen_reason_stays_until_it_is_settled_and_then_its_words_go(
    cast: Cast, ticket: Ticket, lost: Scenario
) -> None:
    foresee(cast, ticket, "  A licence   from abroad ")
    foresee(cast, ticket, "A licence from abroad")
    waiting = reasons.unsettled(reading(), cast.renewal.id)
    assert [reason.words for reason in waiting] == ["A licence from abroad"]
    assert reasons.unsettled_counts(reading()) == {cast.renewal.id: 1}
    for _ in range(2):
        with transaction() as session:
            reasons.settle(session, actor=SYSTEM, reason_id=waiting[0].id, scenario=session.merge(lost))
    settled = reading().scalars(select(UnforeseenReason)).one()
    assert (settled.state, settled.words, settled.scenario_id) == ("adopted", "", lost.id)
    with pytest.raises(DeskError) as late:
        foresee(cast, ticket, "Something else")
    assert late.value.key == "queue.reason_settled"


def test_the_words_of_an_officer_stand_in_no_record(cast: Cast, ticket: Ticket) -> None:
    foresee(cast, ticket, "Zanzibar")
    foresee(cast, ticket, "")
    assert reading().scalar(select(func.count()).select_from(UnforeseenReason)) == 0
    told = [*reading().scalars(select(AuditEntry.detail)), *reading().scalars(select(TicketEvent.detail))]
    assert kinds(ticket) == ["unforeseen", "unforeseen"]
    assert "Zanzibar" not in repr(told)


def test_two_hundred_characters_are_enough(cast: Cast, ticket: Ticket) -> None:
    foresee(cast, ticket, "x" * 200)
    with pytest.raises(DeskError) as long:
        foresee(cast, ticket, "x" * 201)
    assert long.value.key == "queue.reason_long"
