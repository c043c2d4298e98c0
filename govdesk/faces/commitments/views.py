"""The list of promises, and the page of one: keep it, move it, hand it over."""

from collections.abc import Callable

from flask import Blueprint, Response, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice

from govdesk import clock
from govdesk.cases.commitments import lists, service
from govdesk.cases.commitments.models import Commitment
from govdesk.cases.commitments.watching import due_soon
from govdesk.db import reading
from govdesk.faces.commitments.forms import HandForm, KeepForm, MoveForm
from govdesk.i18n import date_long, named, t
from govdesk.once import once
from govdesk.people.models import Staff
from govdesk.web import DeskForm, actor, page, staff_only

bp = Blueprint("commitments", __name__, url_prefix="/work/promises")
ROLES = service.MAKERS


@bp.get("")
@staff_only(*ROLES)
def mine() -> Response:
    """What the signed-in person has left to keep, what their unit has, and what was settled lately."""
    session, who = reading(), actor()
    own = lists.own(session, who)
    of_unit = [one for one in lists.of_units(session, who) if str(one.owner_id) != who.id]
    return page(
        "commitments/list.html",
        own=own,
        of_unit=of_unit,
        oversees=who.has(*service.OVERSEERS),
        settled=lists.settled(session, who),
        now=clock.now(),
        due_soon=due_soon,
    )


@bp.get("/<int:commitment_id>")
@staff_only(*ROLES)
def one(commitment_id: int) -> Response:
    """One promise with its history."""
    return _show(service.found(reading(), commitment_id, actor()))


@bp.post("/<int:commitment_id>/keep")
@staff_only(*ROLES)
def keep(commitment_id: int) -> ResponseReturnValue:
    """It is done."""
    form = KeepForm()

    def act(session: Session) -> str:
        given = service.keep(session, actor=actor(), commitment_id=commitment_id, words=form.words.data or "")
        return t("commitments.said_kept" if given.state == "kept" else "commitments.said_done")

    return _acted(form, commitment_id, act)


@bp.post("/<int:commitment_id>/move")
@staff_only(*ROLES)
def move(commitment_id: int) -> ResponseReturnValue:
    """Promise another day."""
    form = MoveForm()

    def act(session: Session) -> str:
        given = service.move(
            session, actor=actor(), commitment_id=commitment_id, due_on=form.due_on.data,
            reason=form.reason.data or "",
        )  # fmt: skip
        return t("commitments.said_moved", day=date_long(given.due_on))

    return _acted(form, commitment_id, act)


@bp.post("/<int:commitment_id>/hand-over")
@staff_only(*ROLES)
def hand_over(commitment_id: int) -> ResponseReturnValue:
    """Let somebody else keep it."""
    form = HandForm()

    def act(session: Session) -> str:
        to = session.get(Staff, form.to.data or 0)
        if to is None:
            raise service.CommitmentError("commitments.owner_unknown", field="to")
        service.hand_over(session, actor=actor(), commitment_id=commitment_id, to=to)
        return t("commitments.said_handed", who=named(to))

    return _acted(form, commitment_id, act)


def _acted(form: DeskForm, commitment_id: int, act: Callable[[Session], str]) -> ResponseReturnValue:
    """Do it, say so, and show the list; a refusal stands beside its field."""

    def acted(session: Session) -> ResponseReturnValue:
        flash(act(session), "good")
        return redirect(url_for("commitments.mine"))

    service.found(reading(), commitment_id, actor())
    if form.validate_on_submit():
        try:
            return once(acted)
        except service.CommitmentError as refusal:
            if refusal.field is None:
                flash(t(refusal.key, **refusal.params), "warn")
                return redirect(url_for("commitments.one", commitment_id=commitment_id))
            form.refuse(refusal)
    return _show(service.found(reading(), commitment_id, actor()), form)


def _show(given: Commitment, wrong: DeskForm | None = None) -> Response:
    takers = lists.takers(reading(), given)
    hand = wrong if isinstance(wrong, HandForm) else HandForm(formdata=None)
    hand.to.choices = [
        SelectChoice(0, "counter.choose"),
        *(SelectChoice(one.id, named(one)) for one in takers),
    ]
    is_mine = str(given.owner_id) == actor().id or service.oversees(given, actor())
    return page(
        "commitments/one.html",
        422 if wrong is not None else 200,
        given=given,
        who=_people(reading(), given),
        may_act=is_mine and given.state != "kept" and given.done_at is None,
        may_move=given.state == "open" and given.due_at > clock.now(),
        keep=wrong if isinstance(wrong, KeepForm) else KeepForm(formdata=None),
        move=wrong if isinstance(wrong, MoveForm) else MoveForm(formdata=None),
        hand=hand if takers else None,
        now=clock.now(),
        today=clock.local_day(clock.now(), given.branch.timezone),
        due_soon=due_soon,
    )


def _people(session: Session, given: Commitment) -> dict[str, str]:
    """The names of who stands in a history, by how records name them."""
    labels = {one.actor for one in given.events if one.actor.startswith("staff:")}
    ids = [int(label.partition(":")[2]) for label in labels]
    ids += [one.detail["to"] for one in given.events if one.kind == "handed_over"]
    found = (session.get(Staff, staff_id) for staff_id in set(ids))
    return {f"staff:{one.id}": named(one) for one in found if one is not None}
