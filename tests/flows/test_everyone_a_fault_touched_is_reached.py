"""A fault found late is mended with everyone it touched, and nobody is taken off the list to look better."""

import datetime as dt

import pytest
from sqlalchemy import select

from govdesk import clock
from govdesk.actor import SYSTEM, VISITOR, Actor
from govdesk.cases.recall import finding, listing, reaching, service, telling, watching
from govdesk.cases.recall.finding import Asked
from govdesk.cases.recall.models import Recall, RecallMember, RecallStep
from govdesk.cases.recall.steps import RecallError
from govdesk.db import reading, transaction
from govdesk.errors import NotAllowedError
from govdesk.kpi import service as kpi
from govdesk.kpi.figures import Row
from govdesk.notify.models import Message
from govdesk.outbox import OutboxEvent
from govdesk.people import service as people
from govdesk.people.models import ApiToken, PersonContact
from govdesk.queue import undoing
from govdesk.webhooks import gathering
from govdesk.webhooks import service as webhooks
from govdesk.webhooks.models import Webhook, WebhookDelivery
from tests.flows import office_days as day
from tests.makers import SUNDAY, Cast

ASKED = Asked(from_on=SUNDAY, until_on=SUNDAY, services=("renewal",))
DUE = SUNDAY + dt.timedelta(days=20)


@pytest.fixture
def city(cast: Cast) -> Cast:
    """On the first day Nora and Raj are served for a renewal, Vera for a passport, and somebody unnamed."""
    with transaction() as session:
        session.get_one(PersonContact, cast.nora.id).phone = "+966501234567"
    day.sit_down(cast)
    day.serve(cast, 0, cast.nora, at=9)
    day.serve(cast, 0, cast.raj, at=10)
    day.serve(cast, 0, cast.vera, at=11, what=cast.passport)
    day.serve(cast, 0, None, at=12)
    return cast


def started(city: Cast, *, tells: bool = True) -> int:
    sara = city.staff["sara"].actor
    with clock.at(day.when(5, "09:00")), transaction() as session:
        made = service.start(
            session, actor=sara, title="Wrong dates", fault_ar="تاريخ خاطئ", fault_en="A wrong date",
            asked=ASKED, due_on=DUE, expected=3,
        )  # fmt: skip
        if tells:
            service.tell(session, actor=sara, recall_id=made.id)
            assert telling.tell_next(session) == 2
        return made.id


def member(of: int) -> RecallMember:
    reading().rollback()
    return reading().scalars(select(RecallMember).where(RecallMember.person_id == of)).unique().one()


def coverage(days: int) -> Row:
    reading().rollback()
    return kpi.figure(reading(), "recall_coverage", as_of=day.when(days, "23:30")).total


def kinds(of: RecallMember) -> list[str]:
    return [step.kind for step in reaching.steps_of(reading(), of)]


def test_the_preview_counts_and_the_list_is_what_was_seen(city: Cast) -> None:
    sara, salim = city.staff["sara"].actor, city.staff["salim"].actor
    with clock.at(day.when(5, "09:00")), transaction() as session:
        found = finding.preview(session, actor=sara, asked=ASKED)
        assert (found.visits, found.people, found.by_message, found.unknown) == (3, 2, 1, 1)
        assert (found.members, found.without_contact) == (3, 1)
        assert finding.preview(session, actor=salim, asked=ASKED).members == 0  # of another branch
        assert session.scalars(select(Recall)).unique().all() == []
        given = {"title": "x", "fault_ar": "أ", "fault_en": "a", "asked": ASKED, "due_on": DUE}
        with pytest.raises(RecallError) as changed:
            service.start(session, actor=sara, expected=2, **given)  # type: ignore[arg-type]
        assert changed.value.key == "recall.list_changed"
        with pytest.raises(NotAllowedError):
            service.start(session, actor=city.staff["omar"].actor, **given)  # type: ignore[arg-type]


def test_who_comes_because_we_asked_is_called_first_and_is_no_repeat(city: Cast) -> None:
    started(city)
    nora = member(city.nora.id)
    assert (nora.state, member(city.raj.id).state) == ("told", "listed")
    said = reading().scalars(select(Message).where(Message.key == "recall_told")).one()
    assert "/recall/" + nora.token in str(said.values)
    with clock.at(day.when(5, "12:00")), transaction() as session:
        mine = listing.by_token(session, nora.token)
        reaching.answer(session, actor=VISITOR, member=mine, wish="place")
    assert coverage(5).detail["reached"] == 1
    ticket = day.serve(city, 6, city.nora)  # nobody asks why she came back
    visit = day.visit_of(ticket)
    assert (visit.reason, visit.class_name) == ("recall", "recall")
    nora = member(city.nora.id)
    assert (nora.state, nora.end, nora.came_no) == ("ended", "remedied", str(ticket))
    assert kinds(nora) == ["told", "answered", "invited", "came", "remedied"]
    row = coverage(6)
    assert (row.numerator, row.denominator, row.open) == (1, 3, 1)
    assert row.detail["unknown"] == 1
    assert coverage(5).numerator == 0  # what was known then
    first = day.visits()[0]
    assert (first.class_name, first.outcome) == ("index_new", "resolved")  # the fault itself stays


def test_who_was_not_invited_is_a_repeat_as_ever(city: Cast) -> None:
    started(city)
    ticket = day.serve(city, 6, city.raj, return_reason="other")
    assert day.visit_of(ticket).class_name == "repeat"
    assert member(city.raj.id).end is None


def test_an_end_that_was_none_leaves_somebody_invited(city: Cast) -> None:
    started(city)
    with clock.at(day.when(5, "12:00")), transaction() as session:
        reaching.answer(
            session, actor=VISITOR, member=listing.by_token(session, member(city.nora.id).token), wish="place"
        )
    ticket = day.serve(city, 6, city.nora, outcome="unresolved", cause="papers")
    assert (member(city.nora.id).state, member(city.nora.id).end) == ("came", None)
    with clock.at(day.when(6, "09:21")), transaction() as session:
        omar = city.staff["omar"].actor
        last = undoing.last_step(session, omar)
        assert last is not None
        assert undoing.undo(session, actor=omar, event_id=last.event_id).id == ticket
    day.hear(6)
    assert (member(city.nora.id).state, member(city.nora.id).came_no) == ("invited", None)
    day.act(city, 6, "09:40", "conclude", ticket, outcome="resolved")
    day.hear(6)
    assert member(city.nora.id).end == "remedied"
    assert day.visit_of(ticket).class_name == "recall"


def test_nobody_is_given_up_before_two_channels_and_it_ends_with_the_last(city: Cast) -> None:
    recall_id = started(city)
    sara, omar = city.staff["sara"].actor, city.staff["omar"].actor
    raj, nora = member(city.raj.id).id, member(city.nora.id).id
    with clock.at(day.when(6, "09:00")), transaction() as session:
        with pytest.raises(NotAllowedError):
            reaching.attempt(session, actor=omar, member_id=raj, channel="phone", is_reached=False)
        reaching.attempt(session, actor=sara, member_id=raj, channel="letter", is_reached=False)
        with pytest.raises(RecallError) as early:
            reaching.give_up(session, actor=sara, member_id=raj)
        assert early.value.key == "recall.not_tried_enough"
        with pytest.raises(RecallError) as unheard:
            reaching.remedy(session, actor=sara, member_id=raj, words="done")
        assert unheard.value.key == "recall.reach_first"
        reaching.attempt(session, actor=sara, member_id=raj, channel="counter", is_reached=False)
        reaching.give_up(session, actor=sara, member_id=raj)
        with pytest.raises(RecallError) as left:
            service.end(session, actor=sara, recall_id=recall_id)
        assert (left.value.key, left.value.params["left"]) == ("recall.not_everybody", 1)
        reaching.attempt(session, actor=sara, member_id=nora, channel="phone", is_reached=True)
        reaching.remedy(session, actor=sara, member_id=nora, words="A new card by post")
        service.end(session, actor=sara, recall_id=recall_id)
    row = coverage(6)
    assert (row.numerator, row.denominator, row.open) == (1, 3, 0)
    assert (row.detail["reached"], row.detail["unreached"]) == (1, 1)
    with clock.at(day.when(7, "09:00")), transaction() as session:
        service.reopen(session, actor=sara, recall_id=recall_id, due_on=DUE, words="A new number was found")
    assert (member(city.raj.id).state, member(city.raj.id).end) == ("listed", None)
    assert coverage(7).open == 1
    assert coverage(6).open == 0
    told = reading().scalars(select(OutboxEvent.name).order_by(OutboxEvent.id))
    assert [name for name in told if name.startswith("recall.")] == [
        "recall.started", "recall.ended", "recall.reopened",
    ]  # fmt: skip


def test_a_person_who_is_forgotten_stays_counted(city: Cast) -> None:
    started(city)
    with clock.at(day.when(5, "10:00")), transaction() as session:
        person = session.get_one(type(city.nora), city.nora.id)
        people.remove_contact(session, actor=SYSTEM, person=person)
    day.hear(5)
    assert member(city.nora.id).end == "forgotten"
    row = coverage(5)
    assert (row.numerator, row.denominator, row.detail["forgotten"]) == (0, 3, 1)
    words = reading().scalars(select(RecallStep.words).order_by(RecallStep.id))
    assert set(words) == {""}


def test_it_is_reminded_of_and_goes_up_once(city: Cast) -> None:
    recall_id = started(city)
    done = []
    for days in (16, 17, 18, 21, 22):
        with clock.at(day.when(days, "09:00")), transaction() as session:
            done.append(watching.watch(session, recall_id))
    assert done == [False, True, False, True, False]
    with clock.at(day.when(22, "10:00")), transaction() as session:
        sara = city.staff["sara"].actor
        service.move(session, actor=sara, recall_id=recall_id, due_on=DUE + dt.timedelta(days=9), words="x")
    assert reading().get_one(Recall, recall_id).escalated_at is None


def test_programs_are_told_that_it_began_and_nothing_of_anybody(city: Cast) -> None:
    with transaction() as session:
        session.add(
            ApiToken(
                name="portal", digest="x", scopes=["webhooks"], branch_id=None, created_at=clock.now(),
                expires_at=day.when(30, "09:00"),
            )
        )  # fmt: skip
        session.flush()
        token = session.scalars(select(ApiToken)).one()
        program = Actor("token", str(token.id))
        webhooks.subscribe(
            session, actor=program, url="https://example.org/hook", events=["recall.started"],
            secret="kept by both of us, and long",
        )  # fmt: skip
    recall_id = started(city)
    with clock.at(day.when(5, "09:01")), transaction() as session:
        webhook = session.scalars(select(Webhook)).one()
        assert gathering.gather(session, webhook) == 1
        body = session.scalars(select(WebhookDelivery)).one().body
    assert {name: body[name] for name in ("event", "recall", "branch", "due")} == {
        "event": "recall.started", "recall": recall_id, "branch": "north", "due": DUE.isoformat(),
    }  # fmt: skip
    assert set(body) == {"delivery", "event", "at", "recall", "branch", "due"}
