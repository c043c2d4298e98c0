"""Notes and decisions at the days of a figure: told in words, written and withdrawn."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from wtforms import BooleanField
from wtforms.validators import InputRequired

from govdesk.db import reading
from govdesk.errors import DeskError, NotAllowedError
from govdesk.faces.fields import ChoiceField, DayField, line
from govdesk.faces.head.asking import Asked, asked
from govdesk.faces.head.marked import day_of, shown
from govdesk.faces.head.views import bp
from govdesk.i18n import t
from govdesk.kpi.marks import listing, rules, service
from govdesk.kpi.marks.service import LONGEST
from govdesk.kpi.question import READERS
from govdesk.kpi.registry import BY_KEY, Measure
from govdesk.kpi.service import UnknownMeasureError
from govdesk.kpi.targets.service import EVERYWHERE, SETTERS, may_set
from govdesk.once import once
from govdesk.web import DeskForm, actor, page, staff_only

__all__ = ["bp"]


class NoteForm(DeskForm):
    """A sentence at a day."""

    kind = ChoiceField("marks.kind", [InputRequired("errors.required")])
    on_day = DayField("marks.on_day", [InputRequired("errors.required")], description="marks.on_day_hint")
    words = line("marks.words", longest=LONGEST, description="marks.words_hint")
    everywhere = BooleanField("marks.everywhere")


class GoneForm(DeskForm):
    """Which note goes, and why."""

    note = ChoiceField("marks.kind_note", [InputRequired("errors.required")], coerce=int)
    reason = line("marks.why_gone", longest=LONGEST)


@bp.get("/figures/<key>/notes")
@staff_only(*READERS)
def notes(key: str) -> ResponseReturnValue:
    """What happened around a figure in one place, and the forms of whoever may write."""
    return _show(asked(), _measure(key))


@bp.post("/figures/<key>/notes")
@staff_only(*SETTERS)
def write_note(key: str) -> ResponseReturnValue:
    """Write one down."""
    measure, question, form = _measure(key), asked(), NoteForm()
    form.kind.choices = _kinds()

    def act(session: Session) -> ResponseReturnValue:
        service.write(
            session, actor=actor(), measure=None if form.everywhere.data else key,
            on_day=form.on_day.data or question.today, kind=form.kind.data, words=form.words.data or "",
            place=question.place,
        )  # fmt: skip
        flash(t("marks.written"), "good")
        return redirect(url_for("head.notes", key=key, **question.address()))

    return _acted(question, measure, form, act, "note_form")


@bp.post("/figures/<key>/notes/withdraw")
@staff_only(*SETTERS)
def withdraw_note(key: str) -> ResponseReturnValue:
    """Let one hold no longer."""
    measure, question, form = _measure(key), asked(), GoneForm()
    form.note.choices = _own(question, key)

    def act(session: Session) -> ResponseReturnValue:
        service.withdraw(session, actor=actor(), note_id=form.note.data, reason=form.reason.data or "")
        flash(t("marks.gone"), "good")
        return redirect(url_for("head.notes", key=key, **question.address()))

    return _acted(question, measure, form, act, "gone_form")


def _acted(question: Asked, measure: Measure, form: DeskForm, act: Any, name: str) -> ResponseReturnValue:
    if not may_set(actor(), question.place):
        raise NotAllowedError
    if form.validate_on_submit():
        try:
            return once(act)
        except DeskError as refusal:
            form.refuse(refusal)
    return _show(question, measure, **{name: form})


def _show(question: Asked, measure: Measure, **refused: DeskForm) -> ResponseReturnValue:
    """Draw the page; a form that was refused keeps what was typed."""
    note_form, gone_form = NoteForm(formdata=None, on_day=question.today), GoneForm(formdata=None)
    note_form.kind.choices, gone_form.note.choices = _kinds(), _own(question, measure.key)
    forms: dict[str, DeskForm] = {"note_form": note_form, "gone_form": gone_form}
    return page(
        "head/notes.html",
        asked=question,
        measure=measure,
        marks=list(reversed(shown(question, measure, []))),
        may_write=may_set(actor(), question.place),
        is_everywhere=question.place == EVERYWHERE,
        address=request.query_string.decode(),
        back=url_for("head.figure", key=measure.key, **question.address()),
        **(forms | refused),
    )


def _own(question: Asked, key: str) -> list[tuple[int, str]]:
    """The notes that stand here and are this place's own."""
    return [
        (mark.note_id, f"{day_of(mark.on_day, question.today)}: {mark.words}")
        for mark in listing.marks(reading(), key, question.place)
        if mark.note_id is not None and may_set(actor(), mark.place)
    ]


def _kinds() -> list[tuple[str, str]]:
    return [(kind, t(f"marks.kind_{kind}")) for kind in rules.KINDS]


def _measure(key: str) -> Measure:
    if key not in BY_KEY:
        raise UnknownMeasureError(measure=key)
    return BY_KEY[key]
