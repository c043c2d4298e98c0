"""Take a ticket at the kiosk: once, on paper or on the screen, or sent to one's phone."""

import datetime as dt
from collections.abc import Iterable

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk import clock, i18n
from govdesk.booking.hours.closures import stopped
from govdesk.booking.visit import together
from govdesk.cases.past import of_ticket
from govdesk.catalog import guides, ways
from govdesk.catalog.models import Branch, PublicService
from govdesk.catalog.scenario_models import Scenario
from govdesk.catalog.scenarios import scenarios_in_use
from govdesk.catalog.service import offered
from govdesk.config import settings
from govdesk.db import reading
from govdesk.errors import DeskError, NotFoundError
from govdesk.faces import priorities, qr_code, slips
from govdesk.faces.devices import device, served_branch
from govdesk.faces.kiosk import full
from govdesk.faces.kiosk.forms import PhoneForm, TicketForm
from govdesk.faces.kiosk.views import ANSWER, answers, bp, large, offered_here, page, while_open
from govdesk.faces.ticket import standing
from govdesk.feedback.asking import ends
from govdesk.once import once
from govdesk.people import service as people
from govdesk.people.contact import clean_phone
from govdesk.queue import admission, live, reaching, service
from govdesk.queue import slips as paper
from govdesk.queue.admission import FullError
from govdesk.queue.errors import NotOfferedError
from govdesk.queue.finding import by_token
from govdesk.queue.models import Ticket
from govdesk.queue.reasons import reason_for
from govdesk.web import actor, private_link

SHOWN = dt.timedelta(minutes=10)  # afterwards the screen belongs to the next person


@bp.route("/kiosk/<branch>/services/<service>", methods=["GET", "POST"])
@device("kiosk")
@while_open
def take(branch: Branch, service: str) -> ResponseReturnValue:
    """Take a ticket, with an identity number or without; where nobody else can, what else there is."""
    chosen = offered_here(branch, service)
    foreseen = scenarios_in_use(reading(), [chosen.id])
    form, is_asked = TicketForm(foreseen), bool(guides.questions_of(reading(), chosen.id))
    if request.method == "GET":
        _preset(form, foreseen if is_asked else [])
        if stopped(reading(), branch, chosen.id) is not None:
            return full.shown(branch, chosen, "stopped")
        fullness = admission.reason_full(reading(), branch, chosen)
        if fullness is not None:
            return full.shown(branch, chosen, fullness)
    if form.validate_on_submit():
        try:
            slips.refuse_without_paper()
            return printed(once(lambda session: _issue(session, branch, service, form)))
        except FullError as refusal:
            return full.shown(branch, chosen, refusal.reason, form)
        except DeskError as refusal:
            form.refuse(refusal)
    quote = next((quote for one, _count, quote in live.waits(reading(), branch) if one.id == chosen.id), None)
    reason = next((one for one in foreseen if one.id == form.scenario.data), None)
    return page(
        "kiosk/take.html", branch, form=form, service=chosen, quote=quote, is_asked=is_asked, why=reason
    )


@bp.get("/kiosk/<branch>/ticket/<token>")
@private_link
def given(branch: str, token: str) -> ResponseReturnValue:
    """The ticket that was given: number, range, and the code that takes it to one's phone."""
    here = served_branch(branch)
    ticket = _ticket(reading(), here, token)
    if ticket.arrived_at < clock.now() - SHOWN and not _was_checked_in(ticket):
        return redirect(url_for("kiosk.start", branch=branch))
    return _given(here, ticket, PhoneForm(formdata=None))


@bp.post("/kiosk/<branch>/ticket/<token>/sms")
@device("kiosk")
@while_open
def send(branch: Branch, token: str) -> ResponseReturnValue:
    """Send the ticket's private page to a phone; the number is kept with the message only."""
    ticket, form = _ticket(reading(), branch, token), PhoneForm()
    if form.validate_on_submit():
        try:
            phone = clean_phone(form.phone.data or "", settings().country)
            return once(lambda session: _send(session, branch, token, phone))
        except DeskError as refusal:
            form.refuse(refusal)
    return _given(branch, ticket, form)


def printed(answer: Response) -> Response:
    """Print the ticket of an answer that leads to one, after it is committed; then give the answer."""
    token = (answer.location or "").partition("?")[0].rpartition("/")[2]
    if answer.status_code == 302 and token:  # noqa: PLR2004 - HTTP
        slips.print_at_kiosk(by_token(reading(), token))
    return answer


def _given(here: Branch, ticket: Ticket, form: PhoneForm) -> Response:
    address = url_for("ticket.show", token=ticket.token, _external=True)
    slip, own = paper.original_of(reading(), ticket.id), slips.kiosk()
    return page(
        "kiosk/given.html",
        here,
        here=standing.of(reading(), ticket),
        qr=qr_code.image(address),
        slip=slip,
        prints_itself=slip is None and own is not None and own.printing == "browser",
        has_paper=own is None or own.printing != "none",
        form=form,
        is_sent=bool(reaching.times_sent(reading(), ticket)),
        is_known=_is_known(reading(), ticket),
        is_asked=ends.will_be_asked(reading(), ticket.service),
        others=together.still_expected(reading(), ticket.appointment) if ticket.appointment else [],
    )


def _is_known(session: Session, ticket: Ticket) -> bool:
    """Whether the officer has an earlier visit for this need at hand; the screen says no more than that."""
    past = of_ticket(session, ticket)
    return past is not None and past.is_return


def _issue(session: Session, branch: Branch, code: str, form: TicketForm) -> ResponseReturnValue:
    here = session.get_one(Branch, branch.id)
    wanted = _offered(session, here, code)
    admission.refuse_when_full(session, branch=here, wanted=wanted)
    person = None
    if form.identity_read:
        person = people.identify(
            session, actor=actor(), identity=form.identity_read, language=i18n.language()
        )
    ticket = service.issue(
        session,
        actor=actor(),
        branch=here,
        service=wanted,
        scenario_id=reason_for(session, form.scenario.data, wanted.id),
        person=person,
        priority=form.priority.data,
        language=i18n.language(),
        channel="kiosk",
        object_ref=form.object_ref.data if wanted.object_kind else None,
    )
    given = {name.removeprefix(ANSWER): answer for name, answer in answers().items()}
    if ticket.scenario_id is not None:
        reason = session.get_one(Scenario, ticket.scenario_id)
        steps = ways.led_to(session, wanted, reason, given)
        ways.keep(session, about=f"ticket:{ticket.id}", service=wanted, scenario_id=reason.id, steps=steps)
    return redirect(url_for("kiosk.given", branch=here.code, token=ticket.token, large=large()))


def _send(session: Session, branch: Branch, token: str, phone: str) -> ResponseReturnValue:
    ticket = _ticket(session, branch, token)
    reaching.send(session, ticket=ticket, branch=branch, phone=phone, language=i18n.language())
    return redirect(url_for("kiosk.given", branch=branch.code, token=token, large=large()))


def _ticket(session: Session, here: Branch, token: str) -> Ticket:
    ticket = by_token(session, token)
    if ticket.branch_id != here.id:
        raise NotFoundError
    return ticket


def _was_checked_in(ticket: Ticket) -> bool:
    """A second check-in shows the same ticket again, at any time of its day."""
    return ticket.appointment_id is not None and ticket.state in {"waiting", "called", "held"}


def _preset(form: TicketForm, asked: Iterable[Scenario]) -> None:
    """Take over what was chosen before; one of the reasons `asked` one by one may also be done at home."""
    if "priority" in request.args:
        form.priority.data = priorities.of_oneself(request.args["priority"])
    known = {str(choice.value) for choice in form.scenario.choices or ()} | {str(one.id) for one in asked}
    if request.args.get("scenario", "") in known:
        form.scenario.data = int(request.args["scenario"])


def _offered(session: Session, branch: Branch, code: str) -> PublicService:
    found = next((one for one in offered(session, branch) if one.code == code), None)
    if found is None:
        raise NotOfferedError(status=404)
    return found
