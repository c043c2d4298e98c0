"""What every editing page does: send its form once, keep what was typed, find what it speaks of."""

from collections.abc import Callable
from typing import TypeVar

from flask import Response, flash, redirect
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk.booking.schedule.making import make_slots, pairs
from govdesk.catalog.rules import MissingHolidaysError
from govdesk.db import Base
from govdesk.errors import DeskError, NotFoundError
from govdesk.i18n import t
from govdesk.once import once
from govdesk.web import DeskForm

Row = TypeVar("Row", bound=Base)


def found(session: Session, model: type[Row], row_id: int) -> Row:
    """Return a row by its id, or raise NotFoundError."""
    row = session.get(model, row_id)
    if row is None:
        raise NotFoundError
    return row


def sent(form: DeskForm, act: Callable[[Session], str], said: str = "admin.saved") -> Response | None:
    """Do the act of a valid form once and go on to the address it gives; None when the form must be shown.

    A refusal lands beside the field that it names.
    """
    if not form.validate_on_submit():
        return None
    try:
        return once(lambda session: _done(act(session), said))
    except DeskError as refusal:
        form.refuse(refusal)
        return None


def pressed(act: Callable[[Session], str], said: str, back: str) -> ResponseReturnValue:
    """Do the act of a single button once; a refusal is said on the page from which it came."""
    try:
        return once(lambda session: _done(act(session), said))
    except DeskError as refusal:
        flash(t(refusal.key, **refusal.params), "bad")
        return redirect(back)


def remake_slots(session: Session, branch_id: int | None = None) -> None:
    """Bring the free places in line with changed days and hours; where a year is unknown, their job does."""
    for branch, service in pairs(session, branch_id=branch_id):
        try:
            make_slots(session, branch_id=branch, service_id=service)
        except MissingHolidaysError:
            continue


def _done(address: str, said: str) -> ResponseReturnValue:
    flash(t(said), "good")
    return redirect(address)
