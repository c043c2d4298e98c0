"""Sign in, sign out, change one's password, and go to where one works."""

import datetime as dt

from flask import Blueprint, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, logout_user
from wtforms.fields.choices import SelectChoice

from govdesk import clock, limits
from govdesk.catalog.models import Branch
from govdesk.config import settings
from govdesk.db import reading, transaction
from govdesk.demo import people as demo
from govdesk.errors import DeskError
from govdesk.faces.navigation import areas_of, entrances
from govdesk.faces.paths import local_path
from govdesk.faces.staff.forms import NOTHING, LeaveForm, PasswordForm, SignInForm
from govdesk.faces.staff.signed_in import enter
from govdesk.i18n import named, t
from govdesk.people import sign_in as entry
from govdesk.people import staff as people
from govdesk.people.models import Staff
from govdesk.people.staff import clean_username
from govdesk.queue import closing, counters, pause_reasons
from govdesk.queue.errors import PauseError
from govdesk.queue.models import CounterSession, Ticket
from govdesk.web import actor, client_address, page, public, staff_only

bp = Blueprint("staff", __name__)
WINDOW = dt.timedelta(minutes=15)
TRIES_OF_A_NAME = 20
TRIES_OF_AN_ADDRESS = 200  # a whole office may share one


@bp.route("/staff/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    """Ask for username and password; a right pair gets a session of its own, a wrong one a sentence."""
    form = SignInForm()
    if request.method == "GET":
        form.next.data = local_path(request.args.get("next"), "")
        if current_user.is_authenticated:
            return redirect(form.next.data or url_for("staff.home"))
    if form.validate_on_submit():
        try:
            enter(_token(form.username.data or "", form.password.data or ""))
            return redirect(local_path(form.next.data, url_for("staff.home")))
        except DeskError as refusal:
            form.refuse(refusal)
    here = settings()
    return page(
        "staff/sign_in.html",
        form=form,
        demo=demo if here.is_demo else None,
        moment=clock.now(),
        zone=here.default_timezone,
    )


@bp.post("/staff/sign-out")
@staff_only()
def sign_out() -> ResponseReturnValue:
    """End the session here and in the table; an officer's counter closes, and nobody is left standing there.

    With a person at the counter it asks first: to stay, or to give the person back to the line. Before the
    branch closes it asks why the counter does.
    """
    seat = counters.seat_of(reading(), actor())
    there = counters.ticket_at(reading(), seat.counter_id) if seat else None
    form = LeaveForm()
    form.reason.choices = [NOTHING, *_reasons(seat)]
    is_asked = len(form.reason.choices) > 1
    if there is not None and form.hand_back.data != str(there.id):
        return _ask(form, there, is_asked=is_asked)
    try:
        if is_asked and not form.is_asked.data:
            return _ask(form, there, is_asked=True)
        with transaction() as writing:
            closing.leave(writing, actor=actor(), reason=form.reason.data or "", words=form.words.data or "")
            entry.sign_out(writing, actor=actor(), token=current_user.get_id())
    except PauseError as refusal:
        form.refuse(refusal)
        return _ask(form, there, is_asked=True)
    logout_user()
    session.clear()
    flash(t("staff.signed_out"), "good")
    return redirect(url_for("staff.sign_in"))


def _reasons(seat: CounterSession | None) -> list[SelectChoice]:
    """From which reasons one chooses on leaving a seat; none where nothing is asked."""
    if seat is None or not closing.asks_why(reading(), reading().get_one(Branch, seat.counter.branch_id)):
        return []
    return [SelectChoice(one.code, named(one)) for one in pause_reasons.offered(reading(), is_closing=True)]


def _ask(form: LeaveForm, there: Ticket | None, *, is_asked: bool) -> ResponseReturnValue:
    form.hand_back.data = str(there.id) if there else ""
    form.is_asked.data = "y" if is_asked else ""
    return page("staff/leave.html", status=409, form=form, ticket=there, is_asked=is_asked)


@bp.get("/staff")
@staff_only()
def home() -> ResponseReturnValue:
    """Go to the one place where this person works, or offer the places."""
    who = actor()
    offers = [(area, entrances(who, area)) for area in areas_of(who)]
    ways = [url for area, found in offers if not area.is_aside for url, _branch in found]
    if len(ways) == 1:
        return redirect(ways[0])
    return page("staff/home.html", offers=offers)


@bp.route("/staff/password", methods=["GET", "POST"])
@staff_only()
def password() -> ResponseReturnValue:
    """Change one's own password; every other session of this person ends."""
    form = PasswordForm()
    if form.validate_on_submit():
        try:
            enter(_renewed(form.current.data or "", form.password.data or ""))
            flash(t("staff.password_changed"), "good")
            return redirect(url_for("staff.home"))
        except entry.SignInError as refusal:
            form.refuse(DeskError("staff.password_wrong", field="current", status=refusal.status))
        except DeskError as refusal:
            form.refuse(refusal)
    return page("staff/password.html", form=form)


def _token(username: str, password: str) -> str:
    """Prove and begin; each attempt counts, each refusal is recorded, and no writer waits for the hashing."""
    _spend(username)
    try:
        staff = entry.prove(reading(), username=username, password=password)
        with transaction() as writing:
            return entry.begin(writing, staff=staff)
    except entry.SignInError:
        with transaction() as writing:
            entry.note_refusal(writing, username=username)
        raise


def _renewed(current: str, wanted: str) -> str:
    _spend(current_user.username)
    staff = entry.prove(reading(), username=current_user.username, password=current)
    with transaction() as writing:
        mine = writing.get_one(Staff, staff.id)
        people.reset_password(writing, actor=actor(), staff=mine, password=wanted)
        return entry.begin(writing, staff=mine)


def _spend(username: str) -> None:
    limits.spend("sign_in.address", client_address(), allowed=TRIES_OF_AN_ADDRESS, window=WINDOW)
    limits.spend("sign_in.username", clean_username(username), allowed=TRIES_OF_A_NAME, window=WINDOW)
