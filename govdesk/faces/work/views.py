"""The hub: what waits for the signed-in person, and for their unit."""

from flask import Blueprint, Response

from govdesk.db import reading
from govdesk.faces.work.sections import ROLES, SECTIONS
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
