"""The failures of one's unit, each with the means to learn; and who waits for help before coming again."""

from flask import Blueprint, Response, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import BooleanField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from govdesk.cases.commitments import lists as commitments
from govdesk.cases.episodes import LIVE
from govdesk.cases.models import Visit
from govdesk.cases.returns import failures, offering
from govdesk.cases.returns.models import HelpOffer
from govdesk.cases.returns.rules import ENDINGS, LONGEST_LESSON, LONGEST_WISH
from govdesk.catalog.models import Cause
from govdesk.db import reading
from govdesk.errors import NotFoundError
from govdesk.faces.fields import plan_word, text
from govdesk.i18n import named, t
from govdesk.once import once
from govdesk.people.models import Person, Staff
from govdesk.web import DeskForm, actor, page, staff_only

bp = Blueprint("returns", __name__, url_prefix="/work")
ROLES = failures.READERS
NUMBER = "<int(max=2147483647):"
OUTCOMES = frozenset({"resolved", "planned_next_step", "unresolved", "left"})  # those that have words


class LessonForm(DeskForm):
    """What the unit learnt from a failure."""

    words = text("returns.lesson", longest=LONGEST_LESSON, description="returns.lesson_hint")


class SettleForm(DeskForm):
    """What came of a wish for help."""

    ending = RadioField(
        "returns.ending",
        [InputRequired("errors.choose")],
        choices=[SelectChoice(one, f"returns.ending_{one}") for one in ENDINGS],
        validate_choice=False,
    )
    words = text("returns.answer", longest=LONGEST_WISH, description="returns.answer_hint")
    cancels = BooleanField("returns.cancels")


@bp.get("/failures")
@staff_only(*ROLES)
def failed() -> Response:
    """The returns that one's unit is charged with, those to learn from first."""
    session, who = reading(), actor()
    return page(
        "returns/failures.html",
        open=failures.of_units(session, who),
        learnt=failures.of_units(session, who, is_learnt=True),
        causes=failures.causes_of_units(session, who),
        cause_names=_causes(session),
        outcomes=OUTCOMES,
    )


@bp.get(f"/failures/{NUMBER}visit_id>")
@staff_only(*ROLES)
def failure(visit_id: int) -> Response:
    """One failure, with what there is to learn from."""
    return _failure(visit_id, LessonForm(formdata=None))


@bp.post(f"/failures/{NUMBER}visit_id>/seen")
@staff_only(*ROLES)
def seen(visit_id: int) -> ResponseReturnValue:
    """The unit has seen it."""
    if not DeskForm().validate_on_submit():
        return redirect(url_for("returns.failure", visit_id=visit_id))
    return once(lambda session: _noted(session, visit_id, "seen"))


@bp.post(f"/failures/{NUMBER}visit_id>/learnt")
@staff_only(*ROLES)
def learnt(visit_id: int) -> ResponseReturnValue:
    """What the unit learnt from it."""
    form = LessonForm()
    if form.validate_on_submit():
        try:
            return once(lambda session: _noted(session, visit_id, "learnt", form.words.data or ""))
        except failures.LessonError as refusal:
            form.refuse(refusal)
    return _failure(visit_id, form)


@bp.get("/help")
@staff_only(*ROLES)
def helps() -> Response:
    """Who waits for help before coming again, the next appointment first."""
    return page("returns/helps.html", asked=offering.asked(reading(), actor()))


@bp.route(f"/help/{NUMBER}offer_id>", methods=["GET", "POST"])
@staff_only(*ROLES)
def help_one(offer_id: int) -> ResponseReturnValue:
    """One wish for help, and what came of it."""
    form = SettleForm()
    offer = _offer(reading(), offer_id)
    if form.validate_on_submit():
        try:
            return once(lambda session: _settled(session, offer_id, form))
        except offering.HelpError as refusal:
            form.refuse(refusal)
    last = select(Visit).where(Visit.source == offer.last_source, Visit.visit_no == offer.last_visit_no)
    return page(
        "returns/help.html",
        422 if form.errors else 200,
        form=form,
        offer=offer,
        last=reading().scalars(last).unique().one_or_none(),
        person=reading().get_one(Person, offer.person_id),
        phone=offering.phone_of(reading(), offer),
        cause_names=_causes(reading()),
        outcomes=OUTCOMES,
        who=_people(reading(), [one.actor for one in offer.steps]),
    )


def _failure(visit_id: int, form: LessonForm) -> Response:
    session = reading()
    found = failures.one(session, actor(), visit_id)
    known = failures.means(session, found)
    first = found.first
    tickets = [int(first.visit_no)] if first.source == LIVE and first.visit_no.isdecimal() else []
    return page(
        "returns/failure.html",
        422 if form.errors else 200,
        found=found,
        means=known,
        promised=commitments.of_tickets(session, tickets),
        form=form,
        cause_names=_causes(session),
        outcomes=OUTCOMES,
        plan_word=plan_word,
        who=_people(session, [f"staff:{one.staff_id}" for one in known.notes]),
    )


def _noted(session: Session, visit_id: int, kind: str, words: str = "") -> ResponseReturnValue:
    failures.note(session, actor=actor(), visit_id=visit_id, kind=kind, words=words)
    flash(t(f"returns.said_{kind}"), "good")
    if kind == "learnt":
        return redirect(url_for("returns.failed"))
    return redirect(url_for("returns.failure", visit_id=visit_id))


def _settled(session: Session, offer_id: int, form: SettleForm) -> ResponseReturnValue:
    offering.settle(
        session, actor=actor(), offer_id=offer_id, ending=form.ending.data, words=form.words.data or "",
        cancels=bool(form.cancels.data),
    )  # fmt: skip
    flash(t(f"returns.said_{form.ending.data}"), "good")
    return redirect(url_for("returns.helps"))


def _offer(session: Session, offer_id: int) -> HelpOffer:
    """An offer of one's unit. Raises NotFoundError."""
    offer = session.get(HelpOffer, offer_id)
    if offer is None or not offering.may_help(actor(), offer):
        raise NotFoundError
    return offer


def _causes(session: Session) -> dict[str, str]:
    return {cause.code: named(cause) for cause in session.scalars(select(Cause))}


def _people(session: Session, labels: list[str]) -> dict[str, str]:
    ids = {int(label.partition(":")[2]) for label in labels if label.startswith("staff:")}
    found = session.scalars(select(Staff).where(Staff.id.in_(ids)))
    return {f"staff:{one.id}": named(one) for one in found}
