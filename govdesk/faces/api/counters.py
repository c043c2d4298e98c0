"""What programs do at counters, and with the tickets there: each act in the name of an officer."""

import math
from collections.abc import Callable
from typing import Any

from flask import Response, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.actor import Actor
from govdesk.cases.returns import asking
from govdesk.cases.returns.rules import LONGEST_WORDS as LONGEST_SAID
from govdesk.catalog.models import Counter
from govdesk.db import reading
from govdesk.faces.api import paging, shapes
from govdesk.faces.api.fields import Field, InvalidError, body, body_if_any, no_body, query
from govdesk.faces.api.offers import branch_of, service_of
from govdesk.once import once
from govdesk.queue import closing, counters, on_behalf, rules, service
from govdesk.queue.meant import MeantError
from govdesk.queue.models import Ticket
from govdesk.queue.policy import MINUTE
from govdesk.web import actor

LONGEST_HOLD, LONGEST_WORDS = 240, 120
OF_COUNTERS = paging.PAGED
OPEN = (Field(name="officer", kind="text", required=True, example="salma"),)
CLOSE = (
    Field(name="reason", kind="text", example="shift_over"),
    Field(name="words", kind="text", longest=LONGEST_WORDS),
)
HOLD = (
    Field(name="minutes", kind="whole", least=1, most=LONGEST_HOLD, example=15),
    Field(name="until", kind="moment"),
    Field(name="for", kind="text", choices=("anybody", "officer"), example="officer"),
)
TRANSFER = (
    Field(name="service", kind="text", example="passport"),
    Field(name="counter", kind="whole"),
    Field(name="officer", kind="text"),
)
CONCLUDE = (
    Field(name="outcome", kind="text", required=True, choices=rules.OUTCOMES, example="planned_next_step"),
    Field(name="cause", kind="text"),
    Field(name="return_reason", kind="text", example="missing_document"),
    Field(name="return_words", kind="text", longest=LONGEST_SAID),
    Field(
        name="next_step",
        kind="object",
        fields=(
            Field(name="reason", kind="text", required=True, example="collect_document"),
            Field(name="due", kind="day", required=True, example="2026-10-18"),
        ),
    ),
)
Step = Callable[[Session, Actor], object]


def known(branch: str) -> Response:
    """The counters of a branch, open or not."""
    session, asked = reading(), query(OF_COUNTERS)
    here = branch_of(session, branch)
    of_branch = select(Counter).where(Counter.branch_id == here.id, Counter.is_active)
    return paging.pages(
        session.scalars(of_branch).all(), asked, lambda one: (one.number,),
        lambda one: shapes.counter(session, one),
    )  # fmt: skip


def open_(counter_id: int) -> Response:
    """Open a counter for an officer."""
    sent = body(OPEN)

    def act(session: Session) -> ResponseReturnValue:
        counter = on_behalf.counter_for(session, program=actor(), counter_id=counter_id)
        officer = on_behalf.named(
            session, program=actor(), counter=counter, username=sent["officer"], act="open"
        )
        counters.open_counter(session, actor=officer, counter_id=counter.id)
        return jsonify(shapes.counter(session, counter))

    return once(act)


def close(counter_id: int) -> Response:
    """Close a counter, with the reason where one is sent; one that is closed stays so."""
    sent = body_if_any(CLOSE)

    def act(session: Session) -> ResponseReturnValue:
        counter = on_behalf.counter_for(session, program=actor(), counter_id=counter_id)
        if shapes.counter(session, counter)["state"] != "closed":
            officer = on_behalf.at_counter(session, program=actor(), counter=counter, act="close")
            if sent["reason"] is None:
                counters.close_counter(session, actor=officer)
            else:
                closing.close(session, actor=officer, reason=sent["reason"], words=sent["words"] or "")
        return jsonify(shapes.counter(session, counter))

    return once(act)


def call_next(counter_id: int) -> Response:
    """Call who stands first; an empty answer when nobody waits."""
    no_body()

    def act(session: Session) -> ResponseReturnValue:
        counter = on_behalf.counter_for(session, program=actor(), counter_id=counter_id)
        officer = on_behalf.at_counter(session, program=actor(), counter=counter, act="next")
        called = service.call_next(session, actor=officer)
        return ("", 204) if called is None else jsonify(shapes.ticket(session, called))

    return once(act)


def recall(ticket_id: int) -> Response:
    """Call again."""
    return _plain("recall", ticket_id, service.recall)


def start(ticket_id: int) -> Response:
    """The person is at the counter."""
    return _plain("start", ticket_id, service.start)


def hold(ticket_id: int) -> Response:
    """Set aside: until somebody goes on with them, or for a time; for anybody, or for the same officer."""
    sent = body_if_any(HOLD)

    def step(session: Session, officer: Actor) -> object:
        is_mine = sent["for"] == "officer"
        return service.hold(
            session, actor=officer, ticket_id=ticket_id, minutes=_minutes(sent), is_mine=is_mine
        )

    return once(lambda session: _answer(session, "hold", ticket_id, step))


def resume(ticket_id: int) -> Response:
    """Go on with who was set aside."""
    return _plain("resume", ticket_id, service.resume)


def noshow(ticket_id: int) -> Response:
    """Nobody came."""
    return _plain("noshow", ticket_id, service.noshow)


def transfer(ticket_id: int) -> Response:
    """Send on to another service, one counter or one officer; the answer is the new stage."""
    sent = body(TRANSFER)
    if all(value is None for value in sent.values()):
        raise InvalidError.of("service", "api.missing")
    if sent["counter"] is not None and sent["officer"] is not None:
        raise InvalidError.of("officer", "api.not_both", other="counter")

    def step(session: Session, officer: Actor) -> object:
        ticket = session.get_one(Ticket, ticket_id)
        wanted = service_of(session, sent["service"], field="service") if sent["service"] else ticket.service
        to = on_behalf.whom(
            session, branch_id=ticket.branch_id, counter_id=sent["counter"], username=sent["officer"]
        )
        try:
            return service.transfer(session, actor=officer, ticket_id=ticket_id, service=wanted, to=to)
        except MeantError as refusal:
            refusal.field = "counter" if sent["officer"] is None else "officer"
            raise

    return once(lambda session: _answer(session, "transfer", ticket_id, step))


def conclude(ticket_id: int) -> Response:
    """End a service with its outcome; of a return for the same need also with why they had to come back."""
    sent = body(CONCLUDE)
    plan: dict[str, Any] = sent["next_step"] or {}

    def step(session: Session, officer: Actor) -> object:
        asking.conclude(
            session, actor=officer, ticket_id=ticket_id, outcome=sent["outcome"], cause=sent["cause"],
            return_reason=sent["return_reason"], return_words=sent["return_words"] or "",
            plan_reason=plan.get("reason"), plan_due=plan.get("due"),
        )  # fmt: skip
        return session.get(Ticket, ticket_id, populate_existing=True)

    return once(lambda session: _answer(session, "conclude", ticket_id, step))


def _minutes(sent: dict[str, Any]) -> int | None:
    """For how long somebody is set aside, in whole minutes; None while it is open."""
    until = sent["until"]
    if until is None:
        minutes: int | None = sent["minutes"]
        return minutes
    if sent["minutes"] is not None:
        raise InvalidError.of("until", "api.not_both", other="minutes")
    minutes = math.ceil((until - clock.now()) / MINUTE)
    if not 1 <= minutes <= LONGEST_HOLD:
        raise InvalidError.of("until", "api.hold_until", longest=LONGEST_HOLD)
    return minutes


def _plain(name: str, ticket_id: int, verb: Callable[..., object]) -> Response:
    no_body()
    return once(
        lambda session: _answer(
            session, name, ticket_id, lambda own, officer: verb(own, actor=officer, ticket_id=ticket_id)
        )
    )


def _answer(session: Session, name: str, ticket_id: int, step: Step) -> ResponseReturnValue:
    """Take a step in the name of who has the ticket in hand, and show the ticket that it leaves."""
    officer = on_behalf.in_hand(session, program=actor(), ticket_id=ticket_id, act=name)
    left = step(session, officer)
    ticket = left if isinstance(left, Ticket) else session.get_one(Ticket, ticket_id)
    return jsonify(shapes.ticket(session, ticket))
