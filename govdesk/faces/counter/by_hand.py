"""Calling somebody out of order: choose who, say why."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from govdesk import clock
from govdesk.db import reading
from govdesk.errors import DeskError, NotAllowedError, NotFoundError
from govdesk.faces.counter.reasons import bp
from govdesk.faces.fields import ChoiceField, line, row_id
from govdesk.i18n import t
from govdesk.once import once
from govdesk.queue import by_hand, counters, lane
from govdesk.queue.models import CounterSession
from govdesk.web import DeskForm, actor, page, staff_only

__all__ = ["bp"]

SHOWN = 60


class HandCallForm(DeskForm):
    """Whom to call, and why."""

    ticket = RadioField(
        "dispatch.whom",
        [InputRequired("errors.choose")],
        coerce=row_id,
        validate_choice=False,
        invalid_value_message="errors.choose_known",
    )
    reason = ChoiceField(
        "dispatch.reason",
        choices=[
            SelectChoice("", "dispatch.choose_reason"),
            *(SelectChoice(code, f"dispatch.reason_{code}") for code in by_hand.REASONS),
        ],
    )
    words = line("dispatch.words", required=False, longest=by_hand.LONGEST, description="dispatch.words_hint")


@bp.get("/by-hand")
@staff_only("officer")
def choose_by_hand() -> ResponseReturnValue:
    """Who waits, to choose from."""
    seat = counters.seat_of(reading(), actor())
    return _show(HandCallForm(formdata=None), seat) if seat else redirect(url_for("counter.bench"))


@bp.post("/by-hand")
@staff_only("officer")
def call_by_hand() -> ResponseReturnValue:
    """Call the chosen one, whoever stands before."""
    form = HandCallForm()
    if form.validate_on_submit():
        try:
            return once(lambda session: _called(session, form))
        except (NotAllowedError, NotFoundError):
            raise
        except DeskError as refusal:
            if refusal.field is None:
                flash(t(refusal.key, **refusal.params), "warn")
                return redirect(url_for("counter.bench"))
            form.refuse(refusal)
    seat = counters.seat_of(reading(), actor())
    return _show(form, seat) if seat else redirect(url_for("counter.bench"))


def _called(session: Session, form: HandCallForm) -> ResponseReturnValue:
    called = by_hand.call_by_hand(
        session,
        actor=actor(),
        ticket_id=form.ticket.data,
        reason=form.reason.data or "",
        words=form.words.data or "",
    )
    return redirect(url_for("counter.bench", called=called))


def _show(form: HandCallForm, seat: CounterSession) -> ResponseReturnValue:
    line_of = lane.lane(reading(), branch_id=seat.counter.branch_id, service_ids=(), shown=SHOWN, seat=seat)
    people = [one for one in line_of.first if not one.is_early]
    return page("counter/by_hand.html", form=form, people=people, now=clock.now())
