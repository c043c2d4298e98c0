"""What an officer sees: the person at the counter, what was before, and the line that waits."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from flask import Response, request
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload
from wtforms.fields.choices import SelectChoice

from govdesk import clock, i18n
from govdesk.cases import places_ahead
from govdesk.cases.commitments import lists as commitments
from govdesk.cases.episodes import LIVE
from govdesk.cases.past import Past, of_ticket
from govdesk.cases.returns import asking
from govdesk.catalog.models import Branch, BranchService, Cause, Counter, PublicService
from govdesk.faces.counter import promise_card, reason_card
from govdesk.faces.counter.forms import (
    ANYBODY,
    CLOSE,
    NOTHING,
    NOTHING_ELSE,
    PAUSE,
    CloseForm,
    ConcludeForm,
    HoldForm,
    PauseForm,
    PersonForm,
    TransferForm,
)
from govdesk.faces.fields import plan_word
from govdesk.people.models import Person
from govdesk.queue import (
    closing,
    counters,
    explaining,
    holding,
    lane,
    limits,
    live,
    meant,
    pause_reasons,
    policies,
    promises,
    rules,
    undoing,
    wrapping,
)
from govdesk.queue.models import CounterSession, Ticket
from govdesk.queue.pause_models import PauseReason
from govdesk.web import DeskForm, actor, page

SHOWN = 7
MISSED = 6
OUTCOMES = (*rules.OUTCOMES, "left")  # those that have words; an imported visit may have any, or none


@dataclass(frozen=True, slots=True)
class Promise:
    """The first wait quoted to a person: the moment before which the call was due, and whether it was."""

    before: dt.datetime
    is_kept: bool


def seat_and_branch(session: Session) -> tuple[CounterSession | None, Branch | None]:
    """Where the officer of this request sits, and the branch of that counter."""
    seat = counters.seat_of(session, actor())
    return seat, session.get_one(Branch, seat.counter.branch_id) if seat else None


def show(session: Session, seat: CounterSession, *, wrong: DeskForm | None = None) -> Response:
    """The workspace; `wrong` is the form whose refusal it shows."""
    branch = session.get_one(Branch, seat.counter.branch_id)
    ticket = _at_counter(session, seat.counter_id)
    context: dict[str, Any] = {
        "seat": seat,
        "branch": branch,
        "place": i18n.named(branch),
        "ticket": ticket,
        "live": live_parts(session, seat, branch, ticket),
        "here": here(seat, ticket),
        "policy": policies.in_force(session, branch.id),
        "undoable": undoing.last_step(session, actor()),
        "pressing": commitments.count_pressing(session, seat.staff_id),
        "form": wrong,
        **_rest(session, seat, wrong),
        "closing": _closing(session, branch, wrong) if ticket is None else None,
        "wrapping": wrapping.going_on(session, branch).get(seat.counter_id) if ticket is None else None,
        "wrap_limit": limits.of(session, branch.id).wrap_up if ticket is None else None,
        "may_wrap": ticket is None and wrapping.has_served(session, seat),
    }
    if ticket is not None:
        context |= _service(session, branch, ticket, wrong)
        context["call"] = explaining.last_call(session, ticket.id)
    return page("counter/bench.html", **context)


def _rest(session: Session, seat: CounterSession, wrong: DeskForm | None) -> dict[str, object]:
    """The break that goes on, or the form that begins one."""
    pause = counters.pause_of(session, seat) if seat.paused_at else None
    form = wrong if type(wrong) is PauseForm else PauseForm(formdata=None, prefix=PAUSE)
    offered = pause_reasons.offered(session, is_closing=False)
    form.reason.choices = [SelectChoice(one.code, i18n.named(one)) for one in offered]
    return {
        "pausing": form,
        "pause": pause,
        "pause_reason": session.get(PauseReason, pause.reason) if pause else None,
    }


def _closing(session: Session, branch: Branch, wrong: DeskForm | None) -> CloseForm | None:
    """The form that asks why the counter closes, where the branch does not close yet."""
    if not closing.asks_why(session, branch):
        return None
    form = wrong if isinstance(wrong, CloseForm) else CloseForm(formdata=None, prefix=CLOSE)
    offered = pause_reasons.offered(session, is_closing=True)
    form.reason.choices = [NOTHING, *(SelectChoice(one.code, i18n.named(one)) for one in offered)]
    return form


def live_parts(
    session: Session, seat: CounterSession, branch: Branch, ticket: Ticket | None
) -> dict[str, object]:
    """What the page refreshes by itself: the line, the set aside, the missed."""
    counter = seat.counter
    return {
        "lane": lane.lane(
            session, branch_id=branch.id, service_ids=counter.service_ids, shown=SHOWN, seat=seat
        ),
        "promises": {one.ticket_id: one.promise for one in promises.threatened(session, branch.id)},
        "held": live.held(session, branch.id),
        "missed": lane.missed(session, branch, shown=MISSED),
        "is_free": ticket is None and seat.paused_at is None,
        "serving": ticket,
        "seat": seat,
        "branch": branch,
        "now": clock.now(),
        "paused": seat.paused_at is not None,
    }


def here(seat: CounterSession, ticket: Ticket | None) -> str:
    """A short text that changes when the officer's own state does: the page is old when it differs."""
    at = f"{ticket.id}.{ticket.state}.{ticket.call_count}.{ticket.person_id}" if ticket else "free"
    return f"{seat.id}.{bool(seat.paused_at):d}.{at}"


def promise_of(ticket: Ticket) -> Promise | None:
    """The quoted wait as a promise, once the person was called; None when nothing was quoted."""
    if ticket.quoted_at is None or ticket.quoted_high is None or ticket.called_at is None:
        return None
    before = ticket.quoted_at + dt.timedelta(minutes=max(1.0, ticket.quoted_high))
    return Promise(before, ticket.called_at <= before)


def waited(ticket: Ticket) -> float:
    """Minutes from when the wait counts to the first call."""
    return max(0.0, ((ticket.called_at or clock.now()) - ticket.callable_at).total_seconds() / 60)


def _at_counter(session: Session, counter_id: int) -> Ticket | None:
    query = (
        select(Ticket)
        .where(Ticket.counter_id == counter_id, Ticket.state.in_(("called", "serving")))
        .options(
            joinedload(Ticket.service).lazyload(PublicService.department),
            joinedload(Ticket.person).joinedload(Person.contact),
        )
    )
    return session.scalars(query).one_or_none()


def _service(session: Session, branch: Branch, ticket: Ticket, wrong: DeskForm | None) -> dict[str, object]:
    past = of_ticket(session, ticket)
    causes = session.scalars(select(Cause).order_by(Cause.position, Cause.code)).all()
    conclude = _conclusion(ticket, wrong)
    named = [NOTHING, *(SelectChoice(cause.code, i18n.named(cause)) for cause in causes if cause.is_active)]
    conclude.cause.choices, conclude.return_reason.choices = named, named[1:]
    if past is not None and past.is_failure and not conclude.is_submitted():
        conclude.return_words.data = asking.words_of(session, ticket.id)
    reasons = ticket.service.policy.allowed_reasons
    conclude.plan_reason.choices = [NOTHING, *(SelectChoice(code, plan_word(code)) for code in reasons)]
    today = clock.local_day(clock.now(), branch.timezone)
    transfer = _transfer(session, branch, ticket, wrong)
    offered = [choice for choice in transfer.service.choices if choice.value != ticket.service_id]
    conclude.also.choices = [NOTHING_ELSE, *offered]
    return {
        **reason_card.parts(session, ticket, wrong),
        **promise_card.parts(session, ticket, wrong),
        "past": past,
        "place_ahead": places_ahead.of_ticket(session, ticket),
        "conclude": conclude,
        "person_form": wrong if isinstance(wrong, PersonForm) else PersonForm(formdata=None),
        "transfer": transfer,
        "hold": _hold(wrong),
        "is_last_call": ticket.state == "called"
        and ticket.call_count >= max(rules.CALLS, branch.calls_before_noshow),
        "calls_left": rules.calls_left(ticket.call_count, branch.calls_before_noshow),
        "promise": promise_of(ticket),
        "waited": waited(ticket),
        "today": today,
        "cause_names": {cause.code: i18n.named(cause) for cause in causes},
        "where": _where(session, past),
        "plan_word": plan_word,
        "outcomes": OUTCOMES,
    }


def _conclusion(ticket: Ticket, wrong: DeskForm | None) -> ConcludeForm:
    """The form of the conclusion; as it was chosen, when another form of the page carried that along.

    With somebody who is only called no outcome is chosen yet: the key that calls, pressed twice, would end as
    served a person who is still on the way.
    """
    if isinstance(wrong, ConcludeForm):
        return wrong
    if wrong is not None:
        return ConcludeForm(request.form)
    is_carried = request.args.get("ticket") == str(ticket.id)
    form = ConcludeForm(request.args if is_carried else None)
    if not is_carried and ticket.state == "serving":
        form.outcome.data = "resolved"
    return form


def _transfer(session: Session, branch: Branch, ticket: Ticket, wrong: DeskForm | None) -> TransferForm:
    form = wrong if isinstance(wrong, TransferForm) else TransferForm(formdata=None)
    offered = session.execute(
        select(PublicService.id, PublicService.prefix, PublicService.name_ar, PublicService.name_en)
        .join(BranchService, BranchService.service_id == PublicService.id)
        .where(BranchService.branch_id == branch.id, PublicService.is_active)
        .where(PublicService.id != ticket.service_id)
        .order_by(PublicService.prefix, PublicService.id)
    )
    form.service.choices = [
        SelectChoice(service.id, f"{service.prefix} · {i18n.named(service)}") for service in offered
    ]
    others = meant.places(
        session, branch.id, {ticket.service_id, *(one.value for one in form.service.choices)}
    )
    others = [seat for seat in others if seat.staff_id != int(actor().id)]
    if others:
        same = i18n.t("counter.transfer_same", service=i18n.named(ticket.service))
        form.service.choices.append(SelectChoice(ticket.service_id, same))
    form.to.choices = [ANYBODY]
    for seat in others:
        where = i18n.t("counter.numbered", number=i18n.num(seat.counter.number))
        who = i18n.named(seat.staff)
        form.to.choices += [SelectChoice(f"counter-{seat.counter_id}", where)]
        form.to.choices += [
            SelectChoice(f"staff-{seat.staff_id}", i18n.t("counter.at", who=who, where=where))
        ]
    return form


def _hold(wrong: DeskForm | None) -> HoldForm:
    form = wrong if isinstance(wrong, HoldForm) else HoldForm(formdata=None)
    form.minutes.choices = [
        SelectChoice(0, "counter.hold_open"),
        *(SelectChoice(length, i18n.minutes(length)) for length in holding.MINUTES),
    ]
    return form


def _where(session: Session, past: Past | None) -> dict[str, int]:
    """Of each earlier visit that came from a ticket: the number of its counter."""
    if past is None:
        return {}
    numbers = [visit.visit_no for visit in past.visits if visit.source == LIVE]
    query = (
        select(Ticket.id, Counter.number)
        .join(Counter, Counter.id == Ticket.counter_id)
        .where(Ticket.id.in_([int(number) for number in numbers if number.isdecimal()]))
    )
    return {str(ticket_id): number for ticket_id, number in session.execute(query)}
