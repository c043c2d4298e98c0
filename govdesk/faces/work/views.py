"""The hub: what waits for the signed-in person, and for their unit; and what they are asked themselves."""

from flask import Blueprint, Response, redirect, url_for
from flask.typing import ResponseReturnValue

from govdesk.db import reading, transaction
from govdesk.faces.work.sections import ROLES, SECTIONS
from govdesk.feedback.answers.parts import minutes
from govdesk.feedback.asking import colleagues
from govdesk.feedback.forms.service import form_of
from govdesk.i18n import language
from govdesk.web import actor, page, staff_only

bp = Blueprint("work", __name__, url_prefix="/work")


@bp.get("")
@staff_only(*ROLES)
def hub() -> Response:
    """Each list that is theirs, with how many wait in it."""
    who = actor()
    counted = [(section, section.count(reading(), who)) for section in SECTIONS if who.has(*section.roles)]
    return page(
        "work/hub.html",
        own=[(section, count) for section, count in counted if section.is_own],
        units=[(section, count) for section, count in counted if not section.is_own],
    )


@bp.get("/questions")
@staff_only(*ROLES)
def asked() -> Response:
    """What those who serve are asked this month; it leads on to the questions, where nobody is named."""
    return page(
        "work/asked.html",
        mine=colleagues.mine(reading(), actor()),
        minutes_of=lambda one: minutes(form_of(one.version)),
    )


@bp.post("/questions/<int:invitation_id>")
@staff_only(*ROLES)
def answer(invitation_id: int) -> ResponseReturnValue:
    """Open the own questions in the language that one reads.

    It is not written by `once`: that would keep the address of the link, with its moment, for days.
    """
    with transaction() as session:
        token = colleagues.open_mine(session, actor(), invitation_id, language()).token
    return redirect(url_for("answering.answer", token=token))
