"""What a press at the counter does, inside its transaction."""

from typing import Any

from flask import flash, request
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from govdesk.cases.returns import asking
from govdesk.catalog.models import PublicService
from govdesk.db import reading
from govdesk.faces.counter.forms import ConcludeForm, PersonForm, TransferForm
from govdesk.i18n import t
from govdesk.people import service as people
from govdesk.people.identity import identify
from govdesk.queue import calling, service, wrapping
from govdesk.queue.errors import WrongStepError
from govdesk.queue.finding import in_hands_of
from govdesk.queue.meant import ANYBODY, Meant
from govdesk.web import actor


def call(session: Session) -> int | None:
    """Call who stands first; say so when nobody may be called."""
    called = calling.call(session, actor=actor())
    if called is None:
        wrapping.end(session, actor=actor())
        flash(t("counter.nobody_waits"), "info")
    return called


def transferred(session: Session, ticket_id: int, form: TransferForm) -> None:
    """Send the person on to the chosen service, and to whom the form names."""
    in_hands_of(session, ticket_id, actor())
    target = session.get(PublicService, form.service.data or 0)
    if target is None:
        raise NotFound
    service.transfer(session, actor=actor(), ticket_id=ticket_id, service=target, to=_whom(form.to.data))


def _whom(chosen: str | None) -> Meant:
    """Whom a transfer names: `counter-3`, `staff-7`, or nobody."""
    kind, _dash, number = (chosen or "").partition("-")
    if kind not in {"counter", "staff"} or not number.isdecimal():
        return ANYBODY
    return Meant(counter_id=int(number)) if kind == "counter" else Meant(staff_id=int(number))


def named(session: Session, ticket_id: int, form: PersonForm) -> None:
    """Note whose matter it is, by the number on a card."""
    in_hands_of(session, ticket_id, actor())
    known = identify(form.identity.data or "", "passport" if form.kind.data == "passport" else None)
    person = people.identify(session, actor=actor(), identity=known)
    service.name_person(
        session, actor=actor(), ticket_id=ticket_id, person=person, object_ref=form.object_ref.data or None
    )


def concluded(
    session: Session, ticket_id: int, form: ConcludeForm, looked: asking.Looked | None
) -> int | None:
    """End the service as the form says; then call the next, or begin the further service, where asked."""
    outcome = form.outcome.data
    is_unmet = outcome in {"unresolved", "turned_away"}
    ending: dict[str, Any] = {
        "actor": actor(),
        "ticket_id": ticket_id,
        "outcome": outcome,
        "cause": (form.cause.data or None) if is_unmet else None,
        "return_reason": form.return_reason.data or None,
        "plan_reason": form.plan_reason.data or None,
        "plan_due": form.plan_due.data,
    }
    ending["return_words"] = form.return_words.data or ""
    if form.also.data:  # the counter stays taken: nobody is called
        in_hands_of(session, ticket_id, actor())
        further = session.get(PublicService, form.also.data)
        if further is None:
            raise NotFound
        asking.also_needs(session, service=further, **ending)
        return None
    try:
        asking.conclude(session, looked=looked, **ending)
    except WrongStepError:
        in_hands_of(session, ticket_id, actor())  # who has no business there is told that, and no more
        raise
    return call(session) if "call" in request.form.getlist("then") else None


def look_for_return(ticket_id: int, form: ConcludeForm) -> asking.Looked:
    """A return for the same need says why: without it nobody could mend what made it."""
    person_id = in_hands_of(reading(), ticket_id, actor())
    return asking.look(reading(), ticket_id, person_id, form.return_reason.data or None)
