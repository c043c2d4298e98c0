"""The counter: sit down, call, serve, conclude. Each press goes through `once`: pressed twice, done once."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.cases.returns import asking
from govdesk.db import has_one_writer, reading
from govdesk.errors import DeskError, NotAllowedError, NotFoundError
from govdesk.faces import followers
from govdesk.faces.counter import acts, choosing
from govdesk.faces.counter import bench as desk
from govdesk.faces.counter.forms import (
    CLOSE,
    PAUSE,
    ActForm,
    CloseForm,
    ConcludeForm,
    HoldForm,
    OpenForm,
    PauseForm,
    PersonForm,
    TransferForm,
    UndoForm,
)
from govdesk.i18n import t
from govdesk.once import once
from govdesk.queue import closing, counters, holding, live, service, undoing, wrapping
from govdesk.queue.finding import in_hands_of
from govdesk.queue.models import Ticket
from govdesk.web import DeskForm, actor, staff_only

bp = Blueprint("counter", __name__, url_prefix="/counter")
STEPS: dict[str, Callable[..., Ticket]] = {
    "recall": service.recall,
    "start": service.start,
    "resume": service.resume,
    "noshow": service.noshow,
    "take-back": service.take_back,
}

FROM_THE_HALL = {"resume", "take-back"}  # whoever is free may take back who was set aside or missed


@bp.get("")
@staff_only("officer")
def bench() -> ResponseReturnValue:
    """The workspace, or the counters to choose from for who sits at none.

    A script that sent a press asks for no page: it wants to know where the press leads, and what is said
    there is kept for the page that it opens.
    """
    if request.accept_mimetypes.best == "application/json":
        return Response(status=204, mimetype="application/json")
    seat = counters.seat_of(reading(), actor())
    if seat is None:
        return choosing.show(reading(), OpenForm(formdata=None))
    return desk.show(reading(), seat)


@bp.get("/live.json")
@staff_only("officer")
def live_json() -> Response:
    """What changes by itself, as HTML in JSON; 304 while nothing has changed and no minute has passed."""
    session = reading()
    seat, branch = desk.seat_and_branch(session)
    if seat is None or branch is None:
        return jsonify(here="closed", parts={})
    ticket = counters.ticket_at(session, seat.counter_id)
    own = desk.here(seat, ticket)
    minute = int(clock.now().timestamp() // 60)
    answer = Response()
    answer.set_etag(f"{live.version(session, branch)}-{minute}-{own}-{request.cookies.get('language', '')}")
    answer.headers["Cache-Control"] = "private, no-cache"
    if request.if_none_match.contains(answer.get_etag()[0] or ""):
        answer.status_code = 304
        followers.followers().has_all(branch.id, answer.get_etag()[0] or "")
        return answer
    html = render_template("counter/live.html", live=desk.live_parts(session, seat, branch, ticket))
    body = jsonify(here=own, html=html)
    answer.set_data(body.get_data())
    answer.mimetype = "application/json"
    return answer


@bp.post("/open")
@staff_only("officer")
def open_counter() -> ResponseReturnValue:
    """Sit down."""
    form = OpenForm()
    if form.validate_on_submit():
        try:
            return once(lambda session: _opened(session, form.counter.data))
        except DeskError as refusal:
            form.refuse(refusal)
    return choosing.show(reading(), form)


@bp.post("/close")
@staff_only("officer")
def close_counter() -> ResponseReturnValue:
    """Get up, and say why where the branch does not close yet; refused while a person is there."""
    form = CloseForm(prefix=CLOSE)

    def act(session: Session) -> None:
        closing.close(session, actor=actor(), reason=form.reason.data or "", words=form.words.data or "")
        flash(t("counter.said_closed"), "good")

    return _with_reason(form, act)


@bp.post("/pause")
@staff_only("officer")
def pause() -> ResponseReturnValue:
    """Call nobody for a while, and say why."""
    form = PauseForm(prefix=PAUSE)
    why = {"reason": form.reason.data or "", "words": form.words.data or ""}
    return _with_reason(form, lambda session: counters.pause_counter(session, actor=actor(), **why))


def _with_reason(form: PauseForm, act: Callable[[Session], object]) -> ResponseReturnValue:
    """Rest or close: do it, come back; a refusal stands beside its field, or above the page."""

    def acted(session: Session) -> ResponseReturnValue:
        act(session)
        return _back(None)

    if form.validate_on_submit():
        try:
            return once(acted)
        except DeskError as refusal:
            if refusal.field is None:
                flash(t(refusal.key, **refusal.params), "warn")
                return redirect(url_for("counter.bench"))
            form.refuse(refusal)
    seat = counters.seat_of(reading(), actor())
    return desk.show(reading(), seat, wrong=form) if seat else redirect(url_for("counter.bench"))


@bp.post("/unpause")
@staff_only("officer")
def unpause() -> ResponseReturnValue:
    """Go on."""
    return _press(lambda session: counters.unpause_counter(session, actor=actor()))


@bp.post("/wrap-up")
@staff_only("officer")
def wrap_up() -> ResponseReturnValue:
    """Finish notes before the next call."""
    return _press(lambda session: wrapping.begin(session, actor=actor()))


@bp.post("/wrap-up/done")
@staff_only("officer")
def wrapped_up() -> ResponseReturnValue:
    """The notes are finished."""
    return _press(lambda session: wrapping.end(session, actor=actor()))


@bp.post("/next")
@staff_only("officer")
def call_next() -> ResponseReturnValue:
    """Call who stands first."""
    return _press(acts.call)


@bp.post("/ticket/<int:ticket_id>/<any('recall', 'start', 'resume', 'noshow', 'take-back'):step>")
@staff_only("officer")
def take_step(ticket_id: int, step: str) -> ResponseReturnValue:
    """One step of one ticket."""
    verb = STEPS[step]

    def act(session: Session) -> None:
        if step not in FROM_THE_HALL:
            in_hands_of(session, ticket_id, actor())
        verb(session, actor=actor(), ticket_id=ticket_id)

    return _press(act)


@bp.post("/ticket/<int:ticket_id>/hold")
@staff_only("officer")
def hold(ticket_id: int) -> ResponseReturnValue:
    """Set a person aside, for some minutes or until somebody goes on with them."""
    form = HoldForm()

    def act(session: Session) -> None:
        in_hands_of(session, ticket_id, actor())
        minutes = form.minutes.data if form.minutes.data in holding.MINUTES else None
        holding.hold(
            session, actor=actor(), ticket_id=ticket_id, minutes=minutes, is_mine=bool(form.is_mine.data)
        )

    return fill(form, ticket_id, act)


@bp.post("/ticket/<int:ticket_id>/transfer")
@staff_only("officer")
def transfer(ticket_id: int) -> ResponseReturnValue:
    """Send a person on to another service, to one counter, or to one officer."""
    form = TransferForm()
    return fill(form, ticket_id, lambda session: acts.transferred(session, ticket_id, form))


@bp.post("/ticket/<int:ticket_id>/person")
@staff_only("officer")
def name_person(ticket_id: int) -> ResponseReturnValue:
    """Say whose matter it is."""
    form = PersonForm()
    return fill(form, ticket_id, lambda session: acts.named(session, ticket_id, form))


@bp.post("/ticket/<int:ticket_id>/conclude")
@staff_only("officer")
def conclude(ticket_id: int) -> ResponseReturnValue:
    """Conclude and, when asked, call the next in one transaction; where one writes at a time, look before."""
    form = ConcludeForm()
    looked: list[asking.Looked] = []

    def act(session: Session) -> int | None:
        return acts.concluded(session, ticket_id, form, looked[0] if looked else None)

    def look() -> None:
        looked.append(acts.look_for_return(ticket_id, form))

    return fill(form, ticket_id, act, ready=look if has_one_writer() else None)


@bp.post("/undo")
@staff_only("officer")
def undo() -> ResponseReturnValue:
    """Undo the last step, as the page showed it."""
    form = UndoForm()

    def act(session: Session) -> None:
        ticket = undoing.undo(session, actor=actor(), event_id=form.step.data or 0)
        flash(t("counter.said_undone", number=ticket.number), "good")

    return _press(act)


def _press(act: Callable[[Session], Any]) -> ResponseReturnValue:
    """A button: do it, come back; a refusal is said above the page."""
    form = ActForm()

    def acted(session: Session) -> ResponseReturnValue:
        return _back(act(session))

    if not form.validate_on_submit():
        flash(t("errors.form_expired"), "bad")
        return redirect(url_for("counter.bench"))
    try:
        return once(acted)
    except (NotAllowedError, NotFoundError):
        raise
    except DeskError as refusal:
        flash(t(refusal.key, **refusal.params), "warn")
        return redirect(url_for("counter.bench"))


def fill(
    form: DeskForm, ticket_id: int, act: Callable[[Session], Any], ready: Callable[[], None] | None = None
) -> ResponseReturnValue:
    """A form: do it, come back; a refusal stands beside its field, and what was typed stays."""

    def acted(session: Session) -> ResponseReturnValue:
        return _back(act(session))

    if form.validate_on_submit():
        try:
            return once(acted, ready)
        except (NotAllowedError, NotFoundError):
            raise
        except DeskError as refusal:
            if refusal.field is None:  # it belongs to no field: the ticket or the counter has moved on
                flash(t(refusal.key, **refusal.params), "warn")
                return redirect(url_for("counter.bench"))
            form.refuse(refusal)
    seat = counters.seat_of(reading(), actor())
    here = counters.ticket_at(reading(), seat.counter_id) if seat else None
    if seat is None or here is None or here.id != ticket_id:  # the page was an old one
        flash(t("queue.wrong_step"), "warn")
        return redirect(url_for("counter.bench"))
    return desk.show(reading(), seat, wrong=form)


def _back(done: object) -> ResponseReturnValue:
    """Back to the workspace; its address names the ticket called, or what a form carried along."""
    said = done if isinstance(done, dict) else {"called": done if isinstance(done, int) else None}
    return redirect(url_for("counter.bench", **said))


def _opened(session: Session, counter_id: int) -> ResponseReturnValue:
    counters.open_counter(session, actor=actor(), counter_id=counter_id)
    return redirect(url_for("counter.bench"))
