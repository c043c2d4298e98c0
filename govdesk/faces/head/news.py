"""The page of signals: which figures truly changed, who has seen it, and what they say to it."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk.db import reading
from govdesk.errors import DeskError
from govdesk.faces.fields import line
from govdesk.faces.head import signals_told
from govdesk.faces.head.views import bp
from govdesk.i18n import t
from govdesk.kpi.marks import listing, service
from govdesk.kpi.marks.service import LONGEST
from govdesk.kpi.question import READERS
from govdesk.once import once
from govdesk.web import DeskForm, actor, page, staff_only

__all__ = ["bp"]


class SeenForm(DeskForm):
    """A word on a signal, or none."""

    words = line("marks.see_words", required=False, longest=LONGEST)


@bp.get("/figures/signals")
@staff_only(*READERS)
def signals() -> ResponseReturnValue:
    """The signals that wait for the signed-in person, and the others of their places."""
    return _show()


@bp.post("/figures/signals/<int:signal_id>/seen")
@staff_only(*READERS)
def see_signal(signal_id: int) -> ResponseReturnValue:
    """Say that one has seen it."""
    form = SeenForm()

    def act(session: Session) -> ResponseReturnValue:
        service.see(session, actor=actor(), signal_id=signal_id, words=form.words.data or "")
        flash(t("marks.seen"), "good")
        return redirect(url_for("head.signals"))

    if form.validate_on_submit():
        try:
            return once(act)
        except DeskError as refusal:
            if refusal.field is None:
                raise
            form.refuse(refusal)
    return _show(form, signal_id)


def _show(form: SeenForm | None = None, refused: int = 0) -> ResponseReturnValue:
    mine = signals_told.waiting()
    ids = {one.id for one in mine}
    others = [signals_told.told(one) for one in listing.signals(reading(), actor()) if one.id not in ids]
    fresh = SeenForm(formdata=None)
    return page(
        "head/signals.html", mine=mine, others=others, forms={refused: form} if form else {}, fresh=fresh,
        form=form,
    )  # fmt: skip
