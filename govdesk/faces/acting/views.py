"""What was heard in each wave: the list, one wave, the reflection that closes it, and the public page."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk.db import reading
from govdesk.errors import NotFoundError
from govdesk.faces.acting.forms import HeardForm, both
from govdesk.faces.admin.acts import sent
from govdesk.feedback.acting import listing, service
from govdesk.feedback.asking.models import Wave
from govdesk.web import actor, page, public, staff_only

READERS = ("head", "supervisor", "admin", "auditor")
bp = Blueprint("acting", __name__)


@bp.get("/acting")
@staff_only(*READERS)
def index() -> ResponseReturnValue:
    """Waves that wait for a word first, then what one has left to change, then all that was heard."""
    session, who = reading(), actor()
    found = listing.reflections(session, who)
    return page(
        "acting/index.html",
        waiting=listing.waiting(session, who),
        own=listing.own(session, who),
        reflections=[(one, listing.lines(one.changes)) for one in found],
    )


@bp.get("/acting/waves/<int:wave_id>")
@staff_only(*READERS)
def wave(wave_id: int) -> ResponseReturnValue:
    """What was heard in one wave and what changes, beside what was heard in the one before."""
    session = reading()
    here = _wave(session, wave_id)
    reflection = service.reflection_of(session, here)
    before = listing.before(session, here)
    return page(
        "acting/wave.html",
        wave=here,
        answered=listing.answered(session, here),
        reached=listing.reached(session, here),
        reflection=reflection,
        lines=listing.lines(reflection.changes) if reflection else [],
        before=before,
        lines_before=listing.lines(before.changes) if before else [],
        may_answer=service.may_answer(actor(), here),
    )


@bp.route("/acting/waves/<int:wave_id>/reflect", methods=["GET", "POST"])
@staff_only(*service.ANSWERERS)
def reflect(wave_id: int) -> ResponseReturnValue:
    """Say what was heard; said already, word it otherwise."""
    form = HeardForm()
    here = _wave(reading(), wave_id)
    service.refuse_others(actor(), here)
    known = service.reflection_of(reading(), here)
    if known is not None and request.method == "GET":
        form.heard_ar.data, form.heard_en.data = known.heard_ar, known.heard_en
    is_new = known is None

    def act(session: Session) -> str:
        closed = _wave(session, wave_id)
        said = service.reflection_of(session, closed)
        if is_new or said is None:
            service.reflect(session, actor=actor(), wave=closed, heard=both(form, "heard"))
        else:
            service.reword(session, actor=actor(), reflection=said, heard=both(form, "heard"))
        return url_for("acting.wave", wave_id=wave_id)

    done = sent(form, act, "acting.reflected")
    return done or page(
        "acting/reflect.html", form=form, wave=here, is_new=is_new, before=listing.before(reading(), here)
    )


@bp.get("/you-said")
@public
def you_said() -> ResponseReturnValue:
    """What people said and what was done about it: only what was released."""
    return page("acting/you_said.html", told=listing.told(reading()), fewest=listing.FEWEST_SAID)


def _wave(session: Session, wave_id: int) -> Wave:
    found = session.get(Wave, wave_id)
    if found is None or not service.may_read(actor(), found):
        raise NotFoundError
    return found
