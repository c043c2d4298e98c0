"""What management does with an obstacle, a page for each act; and saying that it is back."""

from collections.abc import Callable

from flask import request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk.cases.obstacles import owners, service
from govdesk.cases.obstacles.models import Obstacle
from govdesk.cases.obstacles.places import today_at
from govdesk.db import reading
from govdesk.errors import NotAllowedError
from govdesk.faces.admin.acts import found as row_of
from govdesk.faces.admin.acts import sent
from govdesk.faces.obstacles.forms import AssignForm, CloseForm, LinksForm, MoveForm, WordsForm
from govdesk.faces.obstacles.views import bp
from govdesk.people.models import Staff
from govdesk.web import DeskForm, actor, page, staff_only

__all__ = ["bp"]


@bp.route("/<int:obstacle_id>/close", methods=["GET", "POST"])
@staff_only()
def close(obstacle_id: int) -> ResponseReturnValue:
    """Close it with what changed and since when."""
    form = CloseForm()
    obstacle = _managed(obstacle_id)
    if request.method == "GET":
        form.changed_on.data = today_at(obstacle.branch)

    def act(session: Session, here: Obstacle) -> None:
        assert form.changed_on.data is not None
        service.close(
            session,
            actor=actor(),
            obstacle=here,
            what_changed=form.what_changed.data or "",
            changed_on=form.changed_on.data,
        )

    return _done(form, obstacle, act, "closed")


@bp.route("/<int:obstacle_id>/move", methods=["GET", "POST"])
@staff_only()
def move(obstacle_id: int) -> ResponseReturnValue:
    """Give it another last day, with the reason."""
    obstacle = _managed(obstacle_id)
    form = MoveForm(obj=obstacle if request.method == "GET" else None)
    if request.method == "GET":
        form.words.data = ""

    def act(session: Session, here: Obstacle) -> None:
        assert form.due_on.data is not None
        words = form.words.data or ""
        service.move(session, actor=actor(), obstacle=here, due_on=form.due_on.data, words=words)

    return _done(form, obstacle, act, "moved")


@bp.route("/<int:obstacle_id>/assign", methods=["GET", "POST"])
@staff_only()
def assign(obstacle_id: int) -> ResponseReturnValue:
    """Give it to somebody else of management."""
    form = AssignForm()
    obstacle = _managed(obstacle_id)
    form.offer(owners.managers(reading()))
    if request.method == "GET":
        form.staff.data = obstacle.assigned_to_id

    def act(session: Session, here: Obstacle) -> None:
        staff = row_of(session, Staff, form.staff.data)
        service.assign(session, actor=actor(), obstacle=here, staff=staff, words=form.words.data or "")

    return _done(form, obstacle, act, "assigned")


@bp.route("/<int:obstacle_id>/links", methods=["GET", "POST"])
@staff_only()
def links(obstacle_id: int) -> ResponseReturnValue:
    """Say which causes, services and units it touches."""
    form = LinksForm()
    obstacle = service.found(reading(), obstacle_id)
    if not service.may_link(actor(), obstacle):
        raise NotAllowedError
    form.offer(reading())
    if request.method == "GET":
        form.causes.data, form.services.data, form.units.data = map(
            obstacle.codes, ("cause", "service", "unit")
        )

    def act(session: Session, here: Obstacle) -> None:
        service.link(session, actor=actor(), obstacle=here, links=form.links)

    return _done(form, obstacle, act, "linked")


@bp.route("/<int:obstacle_id>/reopen", methods=["GET", "POST"])
@staff_only()
def reopen(obstacle_id: int) -> ResponseReturnValue:
    """Say that it is back; anyone on staff may."""
    form = WordsForm()
    obstacle = service.found(reading(), obstacle_id)

    def act(session: Session, here: Obstacle) -> None:
        service.reopen(session, actor=actor(), obstacle=here, words=form.words.data or "")

    return _done(form, obstacle, act, "reopened")


def _managed(obstacle_id: int) -> Obstacle:
    obstacle = service.found(reading(), obstacle_id)
    service.refuse_others(actor(), obstacle)
    return obstacle


def _done(
    form: DeskForm, obstacle: Obstacle, act: Callable[[Session, Obstacle], None], what: str
) -> ResponseReturnValue:
    """Do the act once and go back to the obstacle, or show its form."""
    obstacle_id = obstacle.id

    def write(session: Session) -> str:
        act(session, service.found(session, obstacle_id))
        return url_for("obstacles.show", obstacle_id=obstacle_id)

    done = sent(form, write, f"obstacles.{what}")
    return done or page("obstacles/act.html", form=form, obstacle=obstacle, what=what)
