"""Who waits for a place, in order and with reasons; and who did not come, and why."""

import datetime as dt

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from govdesk import clock
from govdesk.booking import answering
from govdesk.booking.absence import service as absences
from govdesk.booking.errors import AppointmentNotFoundError
from govdesk.booking.line import Line, line_of
from govdesk.booking.models import Appointment
from govdesk.booking.waiting import EntryNotFoundError
from govdesk.booking.waiting_models import LIVE, PlaceOffer, WaitingEntry, WaitingSkip
from govdesk.catalog.models import Branch
from govdesk.catalog.service import branch_of
from govdesk.db import reading
from govdesk.errors import DeskError, NotAllowedError
from govdesk.faces.reception.views import bp
from govdesk.i18n import t
from govdesk.once import once
from govdesk.web import DeskForm, actor, page, staff_only

ROLES = ("reception", "supervisor", "admin")
LOOKED_BACK = dt.timedelta(days=14)


class RemoveForm(DeskForm):
    """Why somebody is taken off the list."""

    reason = RadioField(
        "waiting.remove_reason",
        [InputRequired("errors.choose")],
        choices=[SelectChoice(one, f"waiting.remove_{one}") for one in answering.REMOVALS],
        validate_choice=False,
    )


@bp.get("/reception/<branch>/waiting")
@staff_only(*ROLES)
def waiting(branch: str) -> Response:
    """The lines of this branch, each in the order in which places are offered; no names."""
    here = _branch(branch)
    lines = _lines(reading(), here)
    ids = [entry.id for line in lines for _one, entry in line]
    return page(
        "reception/waiting.html", branch=here, lines=lines, offers=_offers(reading(), ids),
        reasons=_reasons(reading(), ids), local_day=clock.local_day,
    )  # fmt: skip


@bp.route("/reception/<branch>/waiting/<int(max=2147483647):entry_id>/remove", methods=["GET", "POST"])
@staff_only(*ROLES)
def remove_waiting(branch: str, entry_id: int) -> ResponseReturnValue:
    """Ask why, then take somebody off the list."""
    here, form = _branch(branch), RemoveForm()
    entry = _entry(reading(), here, entry_id)
    if form.validate_on_submit():
        try:
            return once(lambda session: _remove(session, here, entry_id, form))
        except DeskError as refusal:
            form.refuse(refusal)
    elif entry.state not in LIVE:
        return redirect(url_for("reception.waiting", branch=branch))
    return page("reception/remove_waiting.html", branch=here, entry=entry, form=form)


@bp.get("/reception/<branch>/missed")
@staff_only(*ROLES)
def missed(branch: str) -> Response:
    """Who did not come in the last two weeks, and what is known of why."""
    return _missed_page(_branch(branch), DeskForm())


@bp.post("/reception/<branch>/missed/<int:appointment_id>")
@staff_only(*ROLES)
def excuse(branch: str, appointment_id: int) -> ResponseReturnValue:
    """Excuse who did not come."""
    here, form = _branch(branch), DeskForm()
    if form.validate_on_submit():
        try:
            return once(lambda session: _excuse(session, here, appointment_id))
        except DeskError as refusal:
            form.refuse(refusal)
    return _missed_page(here, form)


def _excuse(session: Session, here: Branch, appointment_id: int) -> ResponseReturnValue:
    appointment = session.get(Appointment, appointment_id)
    if appointment is None or appointment.branch_id != here.id:
        raise AppointmentNotFoundError
    reason = request.form.get("reason", "")
    absences.excuse(session, actor=actor(), appointment=appointment, reason=reason)
    flash(t("reception.misses_done", reference=appointment.reference), "good")
    return redirect(url_for("reception.missed", branch=here.code))


def _remove(session: Session, here: Branch, entry_id: int, form: RemoveForm) -> ResponseReturnValue:
    entry = _entry(session, here, entry_id)
    answering.remove(session, actor=actor(), entry=entry, reason=form.reason.data)
    flash(t("waiting.removed_done", reference=entry.reference), "good")
    return redirect(url_for("reception.waiting", branch=here.code))


def _entry(session: Session, here: Branch, entry_id: int) -> WaitingEntry:
    """One who waits for a place at this branch."""
    entry = session.get(WaitingEntry, entry_id)
    if entry is None or here.id not in entry.branch_ids:
        raise EntryNotFoundError
    return entry


def _missed_page(here: Branch, form: DeskForm) -> Response:
    rows = absences.missed_at(reading(), here.id, clock.now() - LOOKED_BACK)
    return page(
        "reception/missed.html", form=form, branch=here, rows=rows, reasons=absences.REASONS,
        local_day=clock.local_day,
    )  # fmt: skip


def _lines(session: Session, here: Branch) -> list[Line]:
    live = select(WaitingEntry.service_id).where(WaitingEntry.state.in_(LIVE)).distinct()
    lines = [line_of(session, service_id) for service_id in sorted(session.scalars(live))]
    own = [[pair for pair in line if here.id in pair[0].branch_ids] for line in lines]
    return [line for line in own if line]


def _offers(session: Session, ids: list[int]) -> dict[int, PlaceOffer]:
    open_ = select(PlaceOffer).where(PlaceOffer.entry_id.in_(ids), PlaceOffer.state == "open")
    return {offer.entry_id: offer for offer in session.scalars(open_)}


def _reasons(session: Session, ids: list[int]) -> dict[int, str]:
    """The last reason for which each was passed by."""
    told = select(WaitingSkip).where(WaitingSkip.entry_id.in_(ids)).order_by(WaitingSkip.at, WaitingSkip.id)
    return {skip.entry_id: skip.reason for skip in session.scalars(told)}


def _branch(code: str) -> Branch:
    branch = branch_of(reading(), code)
    if not actor().may(*ROLES, branch_id=branch.id):
        raise NotAllowedError
    return branch
