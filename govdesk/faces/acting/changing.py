"""What will change after a wave: plan it, see it, a page for each act, and the two buttons of the public."""

from collections.abc import Callable

from flask import request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk.cases.obstacles import owners
from govdesk.cases.obstacles.places import today_at
from govdesk.catalog.service import branch_of, open_branches
from govdesk.config import settings
from govdesk.db import reading
from govdesk.errors import NotAllowedError, NotFoundError
from govdesk.faces.acting.forms import DidForm, MoveForm, OwnerForm, PlanForm, ReasonForm, WordForm, both
from govdesk.faces.acting.views import READERS, bp
from govdesk.faces.admin.acts import found as row_of
from govdesk.faces.admin.acts import pressed, sent
from govdesk.feedback.acting import changes, listing, removing, service
from govdesk.feedback.acting.models import Change, Reflection
from govdesk.i18n import language
from govdesk.people.models import Staff
from govdesk.web import DeskForm, actor, page, staff_only

__all__ = ["bp"]

MANAGERS = ("head", "supervisor", "admin")
ID = "/acting/changes/<int:change_id>"


@bp.route("/acting/reflections/<int:reflection_id>/plan", methods=["GET", "POST"])
@staff_only(*service.ANSWERERS)
def plan(reflection_id: int) -> ResponseReturnValue:
    """Plan a change; where something stands in its way, an obstacle is raised with it."""
    form = PlanForm()
    reflection = _reflection(reading(), reflection_id)
    form.offer(owners.managers(reading()), open_branches(reading()))
    if request.method == "GET":
        form.owner.data = int(actor().id)

    def act(session: Session) -> str:
        assert form.due_on.data is not None
        made = changes.plan(
            session,
            actor=actor(),
            reflection=_reflection(session, reflection_id),
            said=both(form, "said"),
            will=both(form, "will"),
            owner=row_of(session, Staff, form.owner.data),
            due_on=form.due_on.data,
        )
        if form.obstacle.data:
            removing.raise_obstacle(
                session,
                actor=actor(),
                change=made,
                category=form.obstacle.data,
                branch=branch_of(session, form.branch.data) if form.branch.data else None,
                words=_spoken(both(form, "said")),
            )
        return url_for("acting.wave", wave_id=changes.wave_of(made).id)

    done = sent(form, act, "acting.planned")
    return done or page(
        "acting/plan.html", form=form, wave=reflection.wave, reflection=reflection, change=None
    )


@bp.get(ID)
@staff_only(*READERS)
def change(change_id: int) -> ResponseReturnValue:
    """One change with all that happened to it."""
    session = reading()
    one = changes.change_of(session, actor(), change_id)
    steps = listing.history(session, one)
    named_in = {step.detail.get("owner") for step in steps}
    return page(
        "acting/change.html",
        line=listing.lines([one])[0],
        wave=changes.wave_of(one),
        steps=steps,
        people={staff.id: staff for staff in owners.managers(session) if staff.id in named_in},
        may_answer=service.may_answer(actor(), changes.wave_of(one)),
        may_finish=changes.may_finish(actor(), one),
        zone=settings().default_timezone,
    )


@bp.route(ID + "/word", methods=["GET", "POST"])
@staff_only(*service.ANSWERERS)
def word(change_id: int) -> ResponseReturnValue:
    """Word it otherwise."""
    one = _answered(change_id)
    form = WordForm(obj=one if request.method == "GET" else None)

    def act(session: Session, here: Change) -> None:
        changes.word(session, actor=actor(), change=here, said=both(form, "said"), will=both(form, "will"))

    return _done(form, one, act, "worded")


@bp.route(ID + "/move", methods=["GET", "POST"])
@staff_only(*service.ANSWERERS)
def move(change_id: int) -> ResponseReturnValue:
    """Give it another last day, with the reason."""
    one = _answered(change_id)
    form = MoveForm(obj=one if request.method == "GET" else None)

    def act(session: Session, here: Change) -> None:
        assert form.due_on.data is not None
        words = form.words.data or ""
        changes.move(session, actor=actor(), change=here, due_on=form.due_on.data, words=words)

    return _done(form, one, act, "moved")


@bp.route(ID + "/hand-over", methods=["GET", "POST"])
@staff_only(*service.ANSWERERS)
def hand_over(change_id: int) -> ResponseReturnValue:
    """Give it to somebody else."""
    one = _answered(change_id)
    form = OwnerForm()
    form.offer(owners.managers(reading()))
    if request.method == "GET":
        form.owner.data = one.owner_id

    def act(session: Session, here: Change) -> None:
        owner = row_of(session, Staff, form.owner.data)
        changes.hand_over(session, actor=actor(), change=here, owner=owner)

    return _done(form, one, act, "handed_over")


@bp.route(ID + "/finish", methods=["GET", "POST"])
@staff_only(*MANAGERS)
def finish(change_id: int) -> ResponseReturnValue:
    """Say what was done; its obstacle is closed with it."""
    one = _own(change_id)
    form = DidForm()
    if request.method == "GET":
        form.done_on.data = today_at(None)

    def act(session: Session, here: Change) -> None:
        since = form.done_on.data
        assert since is not None
        did = both(form, "did")
        changes.finish(session, actor=actor(), change=here, did=did, done_on=since)
        removing.remove_obstacle(session, actor=actor(), change=here, words=_spoken(did), since=since)

    return _done(form, one, act, "done")


@bp.route(ID + "/reopen", methods=["GET", "POST"])
@staff_only(*MANAGERS)
def reopen(change_id: int) -> ResponseReturnValue:
    """Say that it is as before."""
    one = _own(change_id)
    form = ReasonForm()

    def act(session: Session, here: Change) -> None:
        changes.reopen(session, actor=actor(), change=here, words=form.words.data or "")

    return _done(form, one, act, "reopened")


@bp.post(ID + "/release")
@staff_only(*service.ANSWERERS)
def release(change_id: int) -> ResponseReturnValue:
    """Let the public read it."""

    def act(session: Session) -> str:
        changes.release(session, actor=actor(), change=changes.change_of(session, actor(), change_id))
        return url_for("acting.change", change_id=change_id)

    return pressed(act, "acting.released", url_for("acting.change", change_id=change_id))


@bp.post(ID + "/withdraw")
@staff_only(*service.ANSWERERS)
def withdraw(change_id: int) -> ResponseReturnValue:
    """Take it from the public page."""

    def act(session: Session) -> str:
        changes.withdraw(session, actor=actor(), change=changes.change_of(session, actor(), change_id))
        return url_for("acting.change", change_id=change_id)

    return pressed(act, "acting.withdrawn", url_for("acting.change", change_id=change_id))


def _reflection(session: Session, reflection_id: int) -> Reflection:
    found = session.get(Reflection, reflection_id)
    if found is None or not service.may_read(actor(), found.wave):
        raise NotFoundError
    service.refuse_others(actor(), found.wave)
    return found


def _answered(change_id: int) -> Change:
    one = changes.change_of(reading(), actor(), change_id)
    service.refuse_others(actor(), changes.wave_of(one))
    return one


def _own(change_id: int) -> Change:
    one = changes.change_of(reading(), actor(), change_id)
    if not changes.may_finish(actor(), one):
        raise NotAllowedError
    return one


def _spoken(words: dict[str, str]) -> str:
    """What staff read of it: in the language of whoever wrote it, else in the other."""
    return words[language()] or next(text for text in words.values() if text)


def _done(
    form: DeskForm, one: Change, act: Callable[[Session, Change], None], what: str
) -> ResponseReturnValue:
    """Do the act once and go back to the change, or show its form."""
    change_id = one.id

    def write(session: Session) -> str:
        act(session, changes.change_of(session, actor(), change_id))
        return url_for("acting.change", change_id=change_id)

    done = sent(form, write, f"acting.{what}")
    return done or page("acting/act.html", form=form, change=one, what=what)
