"""Who was displaced by the office and still needs a call."""

from flask import url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk.booking import rebooking
from govdesk.booking.schedule.models import Displacement
from govdesk.catalog.service import open_branches
from govdesk.config import settings
from govdesk.db import reading
from govdesk.errors import NotFoundError
from govdesk.faces.admin.acts import found, pressed
from govdesk.people.contact import shown_phone
from govdesk.queue import admission
from govdesk.queue.device_models import CallBack
from govdesk.web import actor, page, staff_only


@staff_only(*rebooking.CALLERS)
def calls() -> ResponseReturnValue:
    """List those to be called, at the branches where one may call them."""
    who, session = actor(), reading()
    own = [row for row in open_branches(session) if who.may(*rebooking.CALLERS, branch_id=row.id)]
    listed = rebooking.calls(session, [row.id for row in own])
    return page(
        "admin/calls.html", calls=listed, branches={row.id: row for row in own}, phone_of=_phone,
        wishes=admission.wishes(session, [row.id for row in own]),
        shown=lambda phone: shown_phone(phone, settings().country),
    )  # fmt: skip


@staff_only(*rebooking.CALLERS)
def settle_wish(row_id: int) -> ResponseReturnValue:
    """Note that somebody who wanted to be called was called."""
    back = url_for("admin.calls")
    row = found(reading(), CallBack, row_id)
    if not actor().may(*rebooking.CALLERS, branch_id=row.branch_id):
        raise NotFoundError

    def act(session: Session) -> str:
        admission.settle_wish(session, actor=actor(), wish_id=row_id)
        return back

    return pressed(act, "schedules.call_noted", back)


@staff_only(*rebooking.CALLERS)
def settle_call(row_id: int) -> ResponseReturnValue:
    """Note that someone was called."""
    back = url_for("admin.calls")
    row = found(reading(), Displacement, row_id)
    if not actor().may(*rebooking.CALLERS, branch_id=row.branch_id):
        raise NotFoundError

    def act(session: Session) -> str:
        rebooking.settle(session, actor=actor(), displacement=found(session, Displacement, row_id))
        return back

    return pressed(act, "schedules.call_noted", back)


def _phone(displacement: Displacement) -> str:
    """The number to call, as people write it; nothing where none is kept."""
    person = displacement.appointment.person
    number = person.contact.phone if person and person.contact else None
    return shown_phone(number, settings().country) if number else ""
