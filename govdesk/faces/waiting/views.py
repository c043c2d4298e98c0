"""Stand in the line of a service without an account; take what is offered, leave it, or leave."""

import datetime as dt
from collections.abc import Callable
from urllib.parse import urlencode

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.booking import answering, waiting
from govdesk.booking.waiting_models import LIVE, WaitingEntry
from govdesk.catalog import service as catalog
from govdesk.catalog.models import Branch, PublicService
from govdesk.db import reading
from govdesk.errors import DeskError
from govdesk.faces.citizen import choosing, fairness, proving, wishes
from govdesk.faces.citizen.confirming import note_person
from govdesk.faces.citizen.views import service_of
from govdesk.faces.waiting import standing
from govdesk.faces.waiting.forms import JoinForm
from govdesk.i18n import t
from govdesk.once import once
from govdesk.web import DeskForm, actor, page, private_link, public

bp = Blueprint("waiting", __name__)
AHEAD = dt.timedelta(days=14)  # of days at first
ANSWERS = 30  # in a window, from one browser


@bp.context_processor
def _words() -> dict[str, object]:
    return {"local_day": clock.local_day, "when": choosing.when}


@bp.route("/book/<code>/wait", methods=["GET", "POST"])
@public
def join(code: str) -> ResponseReturnValue:
    """Ask to be told when a place is free; who is told, and for which place."""
    chosen = service_of(code)
    wish = wishes.read(reading(), chosen, request.values)
    offered = [one for one in catalog.branches_offering(reading(), chosen) if wish.is_met_at(one.id)]
    form = JoinForm(offered)
    if form.validate_on_submit():
        try:
            fairness.spend("waiting.join")
            return once(
                lambda session: _join(session, chosen, offered, wish, form), lambda: proving.prove(form)
            )
        except proving.CodeSentError:
            form.is_proving = True
        except DeskError as refusal:
            form.refuse(refusal)
    if request.method == "GET":
        _prefill(form, offered)
    back = f"{url_for('citizen.time', code=code)}?{urlencode(wish.along())}"
    return page("waiting/join.html", service=chosen, form=form, wish=wish, back=back)


@bp.get("/waiting/<token>")
@private_link
def show(token: str) -> Response:
    """Where one stands, what is offered, and why not me."""
    entry = waiting.by_token(reading(), token)
    return _page(entry, DeskForm())


@bp.post("/waiting/<token>/accept")
@private_link
def accept(token: str) -> ResponseReturnValue:
    """Take the place that is kept."""

    def act(session: Session, entry: WaitingEntry) -> ResponseReturnValue:
        made = answering.accept(session, actor=actor(), entry=entry)
        if entry.people > 1:
            return redirect(url_for("waiting.show", token=token))
        return redirect(url_for("citizen.booked", token=made.link_token))

    return _answer(token, act)


@bp.post("/waiting/<token>/refuse")
@private_link
def refuse(token: str) -> ResponseReturnValue:
    """Leave the place to the next in the line."""

    def act(session: Session, entry: WaitingEntry) -> ResponseReturnValue:
        answering.refuse(session, actor=actor(), entry=entry)
        flash(t("waiting.refused_done"), "good")
        return redirect(url_for("waiting.show", token=token))

    return _answer(token, act)


@bp.route("/waiting/<token>/leave", methods=["GET", "POST"])
@private_link
def leave(token: str) -> ResponseReturnValue:
    """Ask, then leave the line."""

    def act(session: Session, entry: WaitingEntry) -> ResponseReturnValue:
        answering.leave(session, actor=actor(), entry=entry)
        return redirect(url_for("waiting.show", token=token))

    if request.method == "POST":
        return _answer(token, act)
    entry = waiting.by_token(reading(), token)
    if entry.state not in LIVE:
        return redirect(url_for("waiting.show", token=token))
    return page("waiting/leave.html", entry=entry)


def _answer(token: str, act: Callable[[Session, WaitingEntry], ResponseReturnValue]) -> ResponseReturnValue:
    form = DeskForm()
    if form.validate_on_submit():
        try:
            fairness.spend("waiting.answer", of_browser=ANSWERS)
            return once(lambda session: act(session, waiting.by_token(session, token)))
        except DeskError as refusal:
            form.refuse(refusal)
    return _page(waiting.by_token(reading(), token), form)


def _page(entry: WaitingEntry, form: DeskForm) -> Response:
    return page("waiting/show.html", form=form, entry=entry, here=standing.of(reading(), entry))


def _prefill(form: JoinForm, offered: list[Branch]) -> None:
    """The branch and the day that were looked at; else all branches and the two weeks ahead."""
    today = clock.local_day(clock.now(), offered[0].timezone) if offered else clock.now().date()
    day, _problem = choosing.read_day(request.args.get("day", ""), today)
    asked = [branch.code for branch in offered if branch.code == request.args.get("branch")]
    form.branches.data = asked or [branch.code for branch in offered]
    form.first_on.data, form.last_on.data = day or today, day or today + AHEAD


def _join(
    session: Session, chosen: PublicService, offered: list[Branch], wish: wishes.Wish, form: JoinForm
) -> ResponseReturnValue:
    today = clock.local_day(clock.now(), offered[0].timezone) if offered else clock.now().date()
    first_on = form.first_on.data or today
    entry = waiting.join(
        session,
        actor=actor(),
        service=session.get_one(PublicService, chosen.id),
        person=note_person(session, form),
        branch_ids=[branch.id for branch in offered if branch.code in (form.branches.data or [])],
        first_on=first_on,
        last_on=form.last_on.data or first_on + AHEAD,
        part=form.part.data,
        people=form.people.data,
        kind=wish.kind,
        interpreter=wish.interpreter or None,
        scenario_id=wish.scenario.id if wish.scenario else None,
        priority=form.priority.data,
        language=form.language.data,
        contact=form.contact_read,
        field="identity" if form.identity_read else "phone" if form.phone_read else "email",
    )
    if proving.is_proven(form.contact_read):
        entry.verified_at = clock.now()
    return redirect(url_for("waiting.show", token=entry.link_token, joined=1))
