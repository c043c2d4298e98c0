"""Verbs of obstacles: report, say me too, link, assign, move, note, close, reopen."""

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy.orm import Session

from govdesk import audit, clock, outbox
from govdesk.actor import Actor
from govdesk.cases.obstacles import owners, rules
from govdesk.cases.obstacles.models import Obstacle, ObstacleEvent, ObstacleLink, ObstacleSupport
from govdesk.cases.obstacles.places import linkable, today_at, working_days
from govdesk.catalog.models import Branch, Department
from govdesk.errors import DeskError, NotAllowedError, NotFoundError
from govdesk.people.models import Staff

LONGEST_WORDS = 1000
LATEST_DUE = dt.timedelta(days=366)


class ObstacleStateError(DeskError):
    """It is closed, or it is not."""

    key = "obstacles.not_now"


def found(session: Session, obstacle_id: int) -> Obstacle:
    """Return an obstacle, or raise NotFoundError."""
    obstacle = session.get(Obstacle, obstacle_id)
    if obstacle is None:
        raise NotFoundError
    return obstacle


def report(
    session: Session,
    *,
    actor: Actor,
    category: str,
    words: str,
    branch: Branch | None,
    department: Department | None = None,
    name: str | None = None,
    links: Collection[tuple[str, str]] = (),
) -> Obstacle:
    """Raise an obstacle at a branch (None: everywhere), of a department or not; management gets it at once.

    `name` is what somebody wrote who is not signed in. Raises DeskError beside `category` or `words`.
    """
    if category not in rules.CATEGORIES:
        raise DeskError("errors.choose_known", field="category", status=422)
    said = _said(words, "words")
    here = branch.id if branch is not None else None
    where = department.id if department is not None else None
    obstacle = Obstacle(
        category=category,
        words=said,
        branch_id=here,
        department_id=where,
        raised_at=clock.now(),
        raised_by_id=_staff_id(actor),
        raised_name=name or None,
        assigned_to_id=rules.owner_of(owners.rungs(session, branch_id=here, department_id=where)),
        due_on=rules.due_on(today_at(branch), working_days(session, branch)),
        state="open",
        links=[],
    )
    session.add(obstacle)
    session.flush()
    _note(session, actor, obstacle, "raised", said, assigned_to=obstacle.assigned_to_id)
    if links:
        _link(session, actor, obstacle, links)
    outbox.emit(session, "obstacle.raised", **_about(obstacle))
    return obstacle


def support(session: Session, *, actor: Actor, obstacle: Obstacle) -> bool:
    """Say that one meets it too; whether that is news. Whoever raised it is counted already."""
    staff_id = _staff_id(actor)
    if staff_id is None:
        raise NotAllowedError
    _lock(session, obstacle, "open")
    known = session.get(ObstacleSupport, (obstacle.id, staff_id))
    if staff_id == obstacle.raised_by_id or known is not None:
        return False
    session.add(ObstacleSupport(obstacle_id=obstacle.id, staff_id=staff_id, at=clock.now()))
    audit.record(session, actor=actor, action="obstacle.supported", subject=_subject(obstacle))
    return True


def link(session: Session, *, actor: Actor, obstacle: Obstacle, links: Collection[tuple[str, str]]) -> None:
    """Say which causes, services and units it touches, all of them anew: `("cause", "system_down")`.

    Who raised it may say so, and management. Raises DeskError beside the field of an unknown one.
    """
    if not may_link(actor, obstacle):
        raise NotAllowedError
    _lock(session, obstacle, "open", "closed")
    _link(session, actor, obstacle, links)


def assign(session: Session, *, actor: Actor, obstacle: Obstacle, staff: Staff, words: str = "") -> None:
    """Give it to somebody else of management; the date stays. Raises NotAllowedError, DeskError (`staff`)."""
    refuse_others(actor, obstacle)
    if staff not in owners.managers(session):
        raise DeskError("errors.choose_known", field="staff", status=422)
    _lock(session, obstacle, "open")
    if obstacle.assigned_to_id == staff.id:
        return
    obstacle.assigned_to = staff
    session.flush()
    _note(session, actor, obstacle, "assigned", words.strip()[:LONGEST_WORDS], assigned_to=staff.id)
    outbox.emit(session, "obstacle.assigned", **_about(obstacle))


def move(session: Session, *, actor: Actor, obstacle: Obstacle, due_on: dt.date, words: str) -> None:
    """Give it another last day, with the reason, which everybody reads. DeskError at `due_on` or `words`."""
    refuse_others(actor, obstacle)
    said = _said(words, "words")
    today = today_at(obstacle.branch)
    if not today <= due_on <= today + LATEST_DUE:
        raise DeskError("obstacles.due_ahead", field="due_on", status=422)
    _lock(session, obstacle, "open")
    before, obstacle.due_on = obstacle.due_on, due_on
    _note(session, actor, obstacle, "moved", said, before=before.isoformat(), due_on=due_on.isoformat())


def note(session: Session, *, actor: Actor, obstacle: Obstacle, words: str) -> None:
    """Add what is known of it; anyone on staff may. DeskError at `words`."""
    if _staff_id(actor) is None:
        raise NotAllowedError
    said = _said(words, "words")
    _lock(session, obstacle, "open", "closed")
    _note(session, actor, obstacle, "noted", said)


def close(
    session: Session, *, actor: Actor, obstacle: Obstacle, what_changed: str, changed_on: dt.date
) -> None:
    """Close it with what changed and since when; from that day on its effect is watched.

    Raises NotAllowedError, ObstacleStateError, DeskError at `what_changed` or `changed_on`.
    """
    refuse_others(actor, obstacle)
    said = _said(what_changed, "what_changed")
    if changed_on > today_at(obstacle.branch):
        raise DeskError("obstacles.changed_ahead", field="changed_on", status=422)
    _lock(session, obstacle, "open")
    obstacle.state, obstacle.closed_at = "closed", clock.now()
    obstacle.what_changed, obstacle.changed_on = said, changed_on
    obstacle.escalated_to_id = obstacle.escalated_on = None
    _note(session, actor, obstacle, "closed", said, changed_on=changed_on.isoformat())
    outbox.emit(session, "obstacle.closed", **_about(obstacle))


def reopen(session: Session, *, actor: Actor, obstacle: Obstacle, words: str) -> None:
    """Say that it is back: anyone on staff may. It gets a new last day; its age goes on from the first."""
    if _staff_id(actor) is None:
        raise NotAllowedError
    said = _said(words, "words")
    _lock(session, obstacle, "closed")
    obstacle.state, obstacle.reopened_at, obstacle.closed_at = "open", clock.now(), None
    days = working_days(session, obstacle.branch)
    obstacle.due_on = rules.due_on(today_at(obstacle.branch), days)
    _note(session, actor, obstacle, "reopened", said, what_changed=obstacle.what_changed)
    outbox.emit(session, "obstacle.reopened", **_about(obstacle))


def may_manage(actor: Actor, obstacle: Obstacle) -> bool:
    """Whether someone answers for it: it is theirs, or they manage where it is."""
    me = _staff_id(actor)
    if me is None:
        return actor.kind == "system"
    if me in {obstacle.assigned_to_id, obstacle.escalated_to_id}:
        return True
    here = {"branch_id": obstacle.branch_id, "department_id": obstacle.department_id}
    return rules.answers_for(actor.grants, **here)


def may_link(actor: Actor, obstacle: Obstacle) -> bool:
    """Whether someone may say what it is linked to: whoever raised it, and management."""
    me = _staff_id(actor)
    return (me is not None and me == obstacle.raised_by_id) or may_manage(actor, obstacle)


def refuse_others(actor: Actor, obstacle: Obstacle) -> None:
    """Raise NotAllowedError for whoever does not answer for it."""
    if not may_manage(actor, obstacle):
        raise NotAllowedError


def _said(words: str, field: str) -> str:
    said = words.strip()
    if not said:
        raise DeskError("errors.required", field=field, status=422)
    if len(said) > LONGEST_WORDS:
        raise DeskError("errors.too_long", field=field, status=422)
    return said


def _link(session: Session, actor: Actor, obstacle: Obstacle, links: Collection[tuple[str, str]]) -> None:
    known = linkable(session)
    wanted = sorted(set(links))
    for kind, code in wanted:
        if code not in known.get(kind, ()):
            raise DeskError("errors.choose_known", field=f"{kind}s", status=422)
    before = sorted((one.kind, one.code) for one in obstacle.links)
    if before == wanted:
        return
    kept = {(one.kind, one.code): one for one in obstacle.links}
    obstacle.links = [
        kept.get(pair) or ObstacleLink(obstacle_id=obstacle.id, kind=pair[0], code=pair[1]) for pair in wanted
    ]
    session.flush()
    _note(session, actor, obstacle, "linked", links=[list(pair) for pair in wanted])


def _lock(session: Session, obstacle: Obstacle, *states: str) -> None:
    """Lock its row, so that of two who press at once the second sees what the first did."""
    session.flush()
    session.refresh(obstacle, ["state"], with_for_update={"of": Obstacle})
    if obstacle.state not in states:
        raise ObstacleStateError


def _note(
    session: Session, actor: Actor, obstacle: Obstacle, kind: str, words: str = "", **detail: Any
) -> None:
    session.add(
        ObstacleEvent(
            obstacle_id=obstacle.id,
            at=clock.now(),
            kind=kind,
            staff_id=_staff_id(actor),
            words=words,
            detail=detail,
        )
    )
    audit.record(session, actor=actor, action=f"obstacle.{kind}", subject=_subject(obstacle), **detail)


def _about(obstacle: Obstacle) -> Mapping[str, Any]:
    return {
        "obstacle_id": obstacle.id,
        "branch_id": obstacle.branch_id,
        "department_id": obstacle.department_id,
        "assigned_to_id": obstacle.assigned_to_id,
    }


def _subject(obstacle: Obstacle) -> str:
    return f"obstacle:{obstacle.id}"


def _staff_id(actor: Actor) -> int | None:
    return int(actor.id) if actor.kind == "staff" else None
