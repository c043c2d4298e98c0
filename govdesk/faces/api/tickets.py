"""Tickets, and the live state of a branch."""

from typing import Any

from flask import Response, jsonify, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk import clock, i18n
from govdesk.booking.hours import stops
from govdesk.booking.hours.closures import of_stop
from govdesk.booking.hours.models import JoinStop
from govdesk.booking.hours.opening import opening_of
from govdesk.catalog.models import Branch, PublicService
from govdesk.catalog.service import calendar_of, offered
from govdesk.db import reading
from govdesk.errors import DeskError
from govdesk.faces import polling
from govdesk.faces.api import priority, shapes
from govdesk.faces.api.fields import Field, InvalidError, body
from govdesk.faces.api.offers import branch_of, service_of
from govdesk.faces.api.persons import LANGUAGE
from govdesk.faces.api.shapes import Json
from govdesk.once import once
from govdesk.people import service as people
from govdesk.people.identity import Identity, identify
from govdesk.queue import admission, live, service
from govdesk.queue.errors import NotOfferedError, TicketNotFoundError
from govdesk.queue.finding import by_token
from govdesk.queue.models import Ticket
from govdesk.web import actor

ISSUE = (
    Field(name="branch", kind="text", required=True, example="north"),
    Field(name="service", kind="text", required=True, example="renewal"),
    Field(name="identity", kind="text", example="1000000008"),
    priority.PRIORITY,
    LANGUAGE,
    Field(name="object", kind="text", longest=120, example="plate 1234"),
)


def issue() -> Response:
    """Give a place in the queue."""
    sent = body(ISSUE)
    identity = None
    if sent["identity"] is not None:
        try:
            identity = identify(sent["identity"])
        except DeskError as problem:
            raise InvalidError.of("identity", problem.key, **problem.params) from problem
    return once(lambda session: _issue(session, sent, identity))


def show(ticket_id: int) -> Response:
    """A ticket now; after a transfer, its latest stage."""
    session = reading()
    ticket = session.get(Ticket, ticket_id)
    if ticket is None or not actor().sees_branch(ticket.branch_id):
        raise TicketNotFoundError
    return jsonify(shapes.ticket(session, by_token(session, ticket.token)))


def live_state(branch: str) -> Response:
    """Who is called where, how many wait for what, which counters are open; 304 while nothing changed."""
    session = reading()
    here = branch_of(session, branch)
    return polling.answer(polling.version(session, here), lambda: _live(session, here))


def _issue(session: Session, sent: dict[str, Any], identity: Identity | None) -> ResponseReturnValue:
    branch = branch_of(session, sent["branch"], field="branch")
    wanted = service_of(session, sent["service"], field="service")
    if wanted.id not in {one.id for one in offered(session, branch)}:
        raise NotOfferedError(field="service")
    is_kiosk = not actor().has("counter")
    if is_kiosk:
        _refuse_closed(session, branch)
        admission.refuse_when_full(session, branch=branch, wanted=wanted)
    language, standing = sent["language"] or i18n.language(), priority.read(sent)
    person = None
    if identity is not None:
        person = people.identify(session, actor=actor(), identity=identity, language=language)
    ticket = service.issue(
        session,
        actor=actor(),
        branch=branch,
        service=wanted,
        person=person,
        priority=standing,
        language=language,
        channel="kiosk" if is_kiosk else "api",
        object_ref=sent["object"],
    )
    answer = jsonify(shapes.ticket(session, ticket))
    answer.headers["Location"] = url_for("api.show_ticket", ticket_id=ticket.id)
    return answer, 201


def _refuse_closed(session: Session, branch: Branch) -> None:
    """A kiosk gives nobody a number that nobody will call; staff may, before the doors open."""
    if not calendar_of(session, branch, is_strict=False).is_open(clock.now()):
        raise DeskError("api.branch_closed")


def _live(session: Session, branch: Branch) -> Json:
    zone = branch.timezone
    opening = opening_of(session, branch)
    changes = opening.until if opening.is_open else opening.opens
    return {
        "branch": branch.code,
        "day": clock.local_day(clock.now(), zone).isoformat(),
        "is_open": opening.is_open,
        "changes_at": shapes.moment(changes, zone) if changes else None,
        "stops": [_stop(session, branch, stop) for stop in stops.in_force(session, branch.id)],
        "called": [
            {
                "ticket": call.ticket_id,
                "number": call.number,
                "counter": call.counter,
                "called_at": shapes.moment(call.called_at, zone),
                "calls": call.count,
            }
            for call in live.calls(session, branch)
        ],
        "waiting": [
            {"service": one.code, "waiting": count, "wait": shapes.wait(quote)}
            for one, count, quote in live.waits(session, branch)
        ],
        "counters": [
            {"id": seat.counter_id, "number": seat.counter.number, "is_paused": seat.paused_at is not None}
            for seat in live.seats(session, branch.id)
        ],
    }


def _stop(session: Session, branch: Branch, stop: JoinStop) -> Json:
    """Where no tickets are given for a while; without a service, in the whole branch."""
    closure = of_stop(session, branch, stop)
    wanted = session.get(PublicService, stop.service_id) if stop.service_id else None
    return {
        "service": wanted.code if wanted else None,
        "reason": closure.words,
        "until": shapes.moment(closure.until, branch.timezone) if closure.until else None,
    }
