"""The counters of a branch, for who answers for it: who sits where, and acts in place of officers."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice

from govdesk.db import reading
from govdesk.errors import DeskError, NotFoundError
from govdesk.faces.fields import ChoiceField, line
from govdesk.faces.floor.views import bp, branch_of
from govdesk.i18n import named, num, t
from govdesk.once import once
from govdesk.queue import closing, counters, live, overseeing, pause_reasons
from govdesk.queue.models import CounterSession
from govdesk.web import DeskForm, actor, page, staff_only

LONGEST_WORDS = 120
NOTHING = SelectChoice("", "counter.choose")


class CloseForm(DeskForm):
    """Why a counter closes before the branch does."""

    reason = ChoiceField("counter.pause_reason")
    words = line("counter.pause_words", required=False, longest=LONGEST_WORDS)


class SeatForm(DeskForm):
    """Which officer sits at which counter."""

    officer = ChoiceField("floor.seat_officer")
    counter = ChoiceField("floor.seat_counter")


@bp.route("/<branch>/counters", methods=["GET", "POST"])
@staff_only(*overseeing.OVERSEERS)
def seats(branch: str) -> ResponseReturnValue:
    """Who sits where; open a counter for an officer, or move them."""
    here = branch_of(reading(), branch)
    form = SeatForm()
    form.officer.choices = [
        SelectChoice(str(one.id), named(one)) for one in overseeing.officers(reading(), here.id)
    ]
    form.counter.choices = [
        SelectChoice(str(one.id), t("counter.numbered", number=num(one.number)))
        for one in sorted(here.counters, key=lambda counter: counter.number)
        if one.is_active
    ]
    if form.validate_on_submit():
        try:
            return once(lambda session: _seat(session, branch, form))
        except DeskError as refusal:
            form.refuse(refusal)
    sat = live.seats(reading(), here.id)
    return page(
        "floor/seats.html", form=form, branch=here, place=named(here), seats=sat,
        tickets={one.id: counters.ticket_at(reading(), one.counter_id) for one in sat},
        pauses={one.id: counters.pause_of(reading(), one) for one in sat if one.paused_at},
        reasons={one.code: one for one in pause_reasons.known(reading())},
        early=closing.early_today(reading(), here), asks_why=closing.asks_why(reading(), here),
    )  # fmt: skip


@bp.route("/<branch>/counters/<int:seat_id>/close", methods=["GET", "POST"])
@staff_only(*overseeing.OVERSEERS)
def close_seat(branch: str, seat_id: int) -> ResponseReturnValue:
    """Close a counter in place of its officer; before the branch closes, with the reason."""
    here = branch_of(reading(), branch)
    seat = reading().get(CounterSession, seat_id)
    if seat is None or seat.counter.branch_id != here.id:
        raise NotFoundError
    form = CloseForm()
    offered = pause_reasons.offered(reading(), is_closing=True)
    form.reason.choices = [NOTHING, *(SelectChoice(one.code, named(one)) for one in offered)]

    def act(session: Session) -> ResponseReturnValue:
        overseeing.act(
            session, actor=actor(), branch=branch_of(session, branch), seat_id=seat_id, what="close",
            reason=form.reason.data or "", words=form.words.data or "",
        )  # fmt: skip
        return redirect(url_for("floor.seats", branch=branch))

    if form.validate_on_submit():
        try:
            return once(act)
        except DeskError as refusal:
            if refusal.field not in {"reason", "words"}:
                flash(t(refusal.key, **refusal.params), "bad")
                return redirect(url_for("floor.seats", branch=branch))
            form.refuse(refusal)
    return page(
        "floor/close_seat.html", form=form, branch=here, place=named(here), seat=seat,
        is_asked=closing.asks_why(reading(), here),
    )  # fmt: skip


@bp.post("/<branch>/counters/<int:seat_id>/<any('pause', 'unpause', 'take-back'):what>")
@staff_only(*overseeing.OVERSEERS)
def act_on_seat(branch: str, seat_id: int, what: str) -> ResponseReturnValue:
    """One act on one counter; a refusal is said on the page from which it came."""

    def act(session: Session) -> ResponseReturnValue:
        here = branch_of(session, branch)
        overseeing.act(session, actor=actor(), branch=here, seat_id=seat_id, what=what)
        return redirect(url_for("floor.seats", branch=branch))

    try:
        return once(act)
    except DeskError as refusal:
        flash(t(refusal.key, **refusal.params), "bad")
        return redirect(url_for("floor.seats", branch=branch))


def _seat(session: Session, code: str, form: SeatForm) -> ResponseReturnValue:
    overseeing.seat(
        session, actor=actor(), branch=branch_of(session, code), staff_id=int(form.officer.data),
        counter_id=int(form.counter.data),
    )  # fmt: skip
    return redirect(url_for("floor.seats", branch=code))
