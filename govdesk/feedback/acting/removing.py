"""A change that is an obstacle of management's: raised with it, closed with it, back with it."""

import datetime as dt
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk.actor import SYSTEM, Actor
from govdesk.cases.obstacles import listing
from govdesk.cases.obstacles import service as obstacles
from govdesk.cases.obstacles.models import Obstacle
from govdesk.catalog.models import Branch
from govdesk.feedback.acting import changes, service
from govdesk.feedback.acting.models import Change


def raise_obstacle(
    session: Session, *, actor: Actor, change: Change, category: str, branch: Branch | None, words: str
) -> Obstacle:
    """Raise the obstacle that stands before a change: given to its owner, due on its day.

    `words` is what stands in the way, as staff read it. Raises what reporting an obstacle raises.
    """
    service.refuse_others(actor, changes.wave_of(change))
    if change.obstacle_id is not None:
        raise service.ActingStateError
    made = obstacles.report(
        session,
        actor=actor,
        category=category,
        words=words,
        branch=branch,
        department=changes.wave_of(change).programme.department,
    )
    if made.assigned_to_id != change.owner_id:
        obstacles.assign(session, actor=SYSTEM, obstacle=made, staff=change.owner)
    if made.due_on != change.due_on:
        obstacles.move(session, actor=SYSTEM, obstacle=made, due_on=change.due_on, words=words)
    change.obstacle_id = made.id
    session.flush()
    session.refresh(change, ["obstacle"])
    return made


def remove_obstacle(session: Session, *, actor: Actor, change: Change, words: str, since: dt.date) -> None:
    """Close the obstacle of a change that is done, where it is still open and whoever did it may close it."""
    obstacle = change.obstacle
    if obstacle is not None and obstacle.state == "open" and obstacles.may_manage(actor, obstacle):
        obstacles.close(session, actor=actor, obstacle=obstacle, what_changed=words, changed_on=since)


def hear_back(session: Session, payload: dict[str, Any]) -> None:
    """Hear `obstacle.reopened`: what was said to be done is not, and the public must not read otherwise."""
    told = select(Change).where(Change.obstacle_id == payload["obstacle_id"], Change.done_on.is_not(None))
    obstacle = session.get_one(Obstacle, payload["obstacle_id"])
    for change in session.scalars(told.order_by(Change.id)).unique():
        words = _last_words(session, obstacle)
        changes.reopen(session, actor=SYSTEM, change=change, words=words)


def _last_words(session: Session, obstacle: Obstacle) -> str:
    return next(event.words for event in reversed(listing.history(session, obstacle)) if event.words)
