"""Pages on which a figure is given a target, and on which its limits begin anew."""

import datetime as dt
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms.validators import InputRequired, Optional

from govdesk import clock
from govdesk.catalog.models import Branch, Department, PublicService
from govdesk.db import reading
from govdesk.errors import DeskError, NotAllowedError
from govdesk.faces.fields import ChoiceField, DayField, NumberField, line
from govdesk.faces.head import marked, words
from govdesk.faces.head.asking import Asked, asked
from govdesk.faces.head.views import bp
from govdesk.i18n import named, t
from govdesk.kpi.question import READERS
from govdesk.kpi.registry import BY_KEY, Measure
from govdesk.kpi.service import UnknownMeasureError
from govdesk.kpi.targets import service as targets
from govdesk.kpi.targets.service import LONGEST, SETTERS, Place
from govdesk.once import once
from govdesk.people.models import Staff
from govdesk.web import DeskForm, actor, page, staff_only

__all__ = ["bp"]
PER_CENT = 100
OWNERS = ("head", "supervisor", "admin")


class TargetForm(DeskForm):
    """What is to be reached, who answers for it, and by when."""

    value = NumberField("targets.value", [InputRequired("errors.required")])
    owner = ChoiceField("targets.owner", [InputRequired("errors.required")], coerce=int)
    due_on = DayField("targets.due_on", [Optional()], description="targets.due_hint")
    reason = line("targets.reason", longest=LONGEST, description="targets.reason_hint")


class WithdrawForm(DeskForm):
    """Why a target goes."""

    why_gone = line("targets.why_gone", longest=LONGEST)


class RebaseForm(DeskForm):
    """The day on which work was changed for good, and what was changed."""

    begins_on = DayField("targets.begins_on", [InputRequired("errors.required")])
    what_changed = line("targets.changed", longest=LONGEST, description="targets.changed_hint")


class UndoForm(DeskForm):
    """Which day is taken back, and why."""

    day = ChoiceField("targets.day", [InputRequired("errors.required")])
    why_undone = line("targets.why_undone", longest=LONGEST)


@bp.get("/figures/<key>/target")
@staff_only(*READERS)
def target(key: str) -> ResponseReturnValue:
    """The target of a figure in one place, with its history and its new beginnings."""
    return _show(asked(), _measure(key))


@bp.post("/figures/<key>/target")
@staff_only(*SETTERS)
def set_target(key: str) -> ResponseReturnValue:
    """Set a target from today on."""
    measure, question, form = _measure(key), asked(), TargetForm()
    form.owner.choices = _owners()

    def act(session: Session) -> ResponseReturnValue:
        size = PER_CENT if measure.unit == "share" else 1
        targets.set_target(
            session, actor=actor(), measure=key, value=(form.value.data or 0.0) / size,
            owner=session.get_one(Staff, form.owner.data), due_on=form.due_on.data,
            reason=form.reason.data or "", place=question.place,
        )  # fmt: skip
        flash(t("targets.set"), "good")
        return _back(question, key)

    return _acted(question, measure, form, act, "target_form")


@bp.post("/figures/<key>/target/withdraw")
@staff_only(*SETTERS)
def withdraw(key: str) -> ResponseReturnValue:
    """Let a target go."""
    measure, question, form = _measure(key), asked(), WithdrawForm()

    def act(session: Session) -> ResponseReturnValue:
        targets.withdraw(
            session, actor=actor(), measure=key, reason=form.why_gone.data or "", place=question.place
        )
        flash(t("targets.withdrawn"), "good")
        return _back(question, key)

    return _acted(question, measure, form, act, "withdraw_form")


@bp.post("/figures/<key>/rebase")
@staff_only(*SETTERS)
def rebase(key: str) -> ResponseReturnValue:
    """Say that work was changed for good on a day."""
    measure, question, form = _measure(key), asked(), RebaseForm()

    def act(session: Session) -> ResponseReturnValue:
        begins_on = form.begins_on.data or clock.now().date()
        targets.rebase(
            session, actor=actor(), measure=key, begins_on=begins_on, reason=form.what_changed.data or "",
            place=question.place,
        )  # fmt: skip
        flash(t("targets.rebased"), "good")
        return _back(question, key)

    return _acted(question, measure, form, act, "rebase_form")


@bp.post("/figures/<key>/rebase/undo")
@staff_only(*SETTERS)
def undo_rebase(key: str) -> ResponseReturnValue:
    """Take such a day back."""
    measure, question, form = _measure(key), asked(), UndoForm()
    form.day.choices = _days(question, key)

    def act(session: Session) -> ResponseReturnValue:
        targets.rebase(
            session, actor=actor(), measure=key, begins_on=dt.date.fromisoformat(form.day.data),
            reason=form.why_undone.data or "", is_undone=True, place=question.place,
        )  # fmt: skip
        flash(t("targets.undone"), "good")
        return _back(question, key)

    return _acted(question, measure, form, act, "undo_form")


def _acted(question: Asked, measure: Measure, form: DeskForm, act: Any, name: str) -> ResponseReturnValue:
    if not targets.may_set(actor(), question.place):
        raise NotAllowedError
    if form.validate_on_submit():
        try:
            return once(act)
        except DeskError as refusal:
            form.refuse(refusal)
    return _show(question, measure, **{name: form})


def _show(question: Asked, measure: Measure, **refused: DeskForm) -> ResponseReturnValue:
    """Draw the page; a form that was refused keeps what was typed."""
    key = measure.key
    target_form = TargetForm(formdata=None, owner=int(actor().id))
    undo_form = UndoForm(formdata=None)
    forms: dict[str, DeskForm] = {
        "target_form": target_form,
        "withdraw_form": WithdrawForm(formdata=None),
        "rebase_form": RebaseForm(formdata=None),
        "undo_form": undo_form,
    }
    target_form.owner.choices, undo_form.day.choices = _owners(), _days(question, key)
    return page(
        "head/target.html",
        asked=question,
        measure=measure,
        now=question.targets.get(key),
        history=targets.history(reading(), key, question.place),
        anew=question.rebases.get(key, []),
        may_set=targets.may_set(actor(), question.place),
        where=_names(question.place),
        address=request.query_string.decode(),
        words=words,
        day_of=lambda day: marked.day_of(day, question.today),
        back=url_for("head.figure", key=key, **question.address()),
        **(forms | refused),
    )


def _days(question: Asked, key: str) -> list[tuple[str, str]]:
    days = [row.begins_on for row in question.rebases.get(key, ())]
    return [(day.isoformat(), marked.day_of(day, question.today)) for day in days]


def _measure(key: str) -> Measure:
    if key not in BY_KEY:
        raise UnknownMeasureError(measure=key)
    return BY_KEY[key]


def _names(place: Place) -> list[str]:
    """The branch, and the service or else the department, that a target is of."""
    branch = reading().get(Branch, place.branch_id) if place.branch_id else None
    if place.service_id:
        matter: Any = reading().get(PublicService, place.service_id)
    else:
        matter = reading().get(Department, place.department_id) if place.department_id else None
    return [named(one) for one in (branch, matter) if one is not None]


def _owners() -> list[tuple[int, str]]:
    """Who can answer for a figure: those who lead, within the places of whoever asks."""
    who = actor()
    leading = [
        one
        for one in reading().scalars(select(Staff).where(Staff.is_active).order_by(Staff.username))
        if one.actor.has(*OWNERS) and _meets(who.branch_ids, one.actor.branch_ids)
    ]
    return [(one.id, named(one)) for one in leading]


def _meets(mine: frozenset[int] | None, theirs: frozenset[int] | None) -> bool:
    return mine is None or theirs is None or not mine.isdisjoint(theirs)


def _back(question: Asked, key: str) -> ResponseReturnValue:
    return redirect(url_for("head.target", key=key, **question.address()))
