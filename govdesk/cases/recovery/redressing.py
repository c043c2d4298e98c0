"""Redress: given on the spot within one's own limit, asked for above it; and the catalogue of it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from govdesk import clock, outbox
from govdesk.actor import Actor
from govdesk.cases import places_ahead
from govdesk.cases.recovery import rules
from govdesk.cases.recovery.models import Recovery, Redress, RedressKind
from govdesk.cases.recovery.steps import ABOVE, found, note, sees
from govdesk.catalog.editing import describe, refuse_known
from govdesk.errors import DeskError, NotAllowedError

HIGHEST = 1_000_000


class RedressError(DeskError):
    """Something that cannot be given so; the key says why."""

    key = "recovery.redress_refused"
    status = 422


def known(session: Session) -> list[RedressKind]:
    """The whole catalogue, in the order shown."""
    return list(session.scalars(select(RedressKind).order_by(RedressKind.position, RedressKind.code)))


def offered(session: Session) -> list[RedressKind]:
    """What may be given now."""
    return [kind for kind in known(session) if kind.is_active]


def limits(kind: RedressKind) -> dict[str, int | None]:
    """The limit of each level."""
    return {"front": kind.front_limit, "supervisor": kind.supervisor_limit, "head": kind.head_limit}


def give(
    session: Session, *, actor: Actor, recovery_id: int, code: str, cost: int = 0, words: str = ""
) -> Redress:
    """Give something, or ask for it where one's own limit does not reach; once for each task and kind.

    The same thing asked for again, while it waits or after it was given, is no second one. RedressError: not
    in the catalogue, a cost that nobody may give.
    """
    task = found(session, recovery_id, actor)
    kind = session.get(RedressKind, code)
    if kind is None or not kind.is_active:
        raise RedressError("errors.choose_known", field="code")
    amount = cost if kind.has_cost else 0
    if not 0 <= amount <= HIGHEST or (kind.has_cost and amount == 0):
        raise RedressError("recovery.cost_missing", field="cost")
    same = select(Redress).where(Redress.recovery_id == task.id, Redress.kind_code == code)
    before = session.scalars(same.where(Redress.state != "refused")).first()
    if before is not None:
        return before
    needed = rules.level_needed(amount, limits(kind))
    if needed is None:
        raise RedressError("recovery.above_all_limits", field="cost", status=409)
    row = Redress(
        recovery_id=task.id, kind_code=code, cost=amount, words=words.strip(), needed=needed, state="asked",
        asked_at=clock.now(), asked_by=actor.label,
    )  # fmt: skip
    session.add(row)
    session.flush()
    if rules.may_give(roles_at(session, actor, task), needed):
        _decide(session, actor, task, row, "given", step="given")
    else:
        note(session, task, "asked", actor, what=code)
        outbox.emit(session, "redress.asked", redress_id=row.id, recovery_id=task.id, needed=needed)
    return row


def decide(session: Session, *, actor: Actor, redress_id: int, is_given: bool) -> Redress:
    """Give or refuse what was asked for; decided already it stays. NotAllowedError below the level."""
    row = session.get(Redress, redress_id, with_for_update={"of": Redress})
    if row is None:
        raise NotAllowedError
    task = found(session, row.recovery_id, actor, is_open=False)
    if row.state != "asked":
        return row
    if not rules.may_give(roles_at(session, actor, task), row.needed):
        raise NotAllowedError
    state, step = ("given", "approved") if is_given else ("refused", "refused")
    _decide(session, actor, task, row, state, step=step)
    return row


def roles_at(session: Session, actor: Actor, task: Recovery) -> Sequence[str]:
    """The roles that someone holds where a task belongs."""
    return [role for role in rules.LEVEL_OF if role in actor.roles and sees(session, actor, task, (role,))]


def of(session: Session, task: Recovery) -> list[Redress]:
    """What was given or asked for in a task, in order."""
    return list(session.scalars(select(Redress).where(Redress.recovery_id == task.id).order_by(Redress.id)))


def place_of(row: Redress) -> str:
    """The name of what was given, where it gives a place ahead (`places_ahead`)."""
    return f"redress:{row.id}"


def may_decide(session: Session, actor: Actor, task: Recovery, row: Redress) -> bool:
    """Whether someone may decide what waits."""
    return row.state == "asked" and rules.may_give(
        [role for role in roles_at(session, actor, task) if role in ABOVE], row.needed
    )


def describe_kind(
    session: Session, *, actor: Actor, code: str, name_ar: str, name_en: str, has_cost: bool,
    front_limit: int | None, supervisor_limit: int | None, head_limit: int | None,
    gives_place: bool = False, position: int | None = None, is_active: bool = True, is_new: bool = False,
) -> RedressKind:  # fmt: skip
    """Add or change a line of the catalogue; a limit may not be lower than that of the level below."""
    kind = session.get(RedressKind, code)
    refuse_known(kind, is_new=is_new, code=code)
    given = [one for one in (front_limit, supervisor_limit, head_limit) if one is not None]
    if given != sorted(given):
        raise RedressError("recovery.limits_falling", field="supervisor_limit")
    if not given:
        raise RedressError("recovery.limits_missing", field="head_limit")
    if position is None:
        last = session.scalar(select(func.max(RedressKind.position)))
        position = kind.position if kind else (last or 0) + 1
    values: dict[str, Any] = {"name_ar": name_ar, "name_en": name_en, "has_cost": has_cost}
    values |= {"front_limit": front_limit, "supervisor_limit": supervisor_limit, "head_limit": head_limit}
    values |= {"gives_place": gives_place, "position": position, "is_active": is_active}
    kind = kind or RedressKind(code=code)
    describe(session, actor=actor, thing=kind, subject=f"redress_kind:{code}", **values)
    return kind


def _decide(session: Session, actor: Actor, task: Recovery, row: Redress, state: str, *, step: str) -> None:
    row.state, row.decided_at, row.decided_by = state, clock.now(), actor.label
    note(session, task, step, actor, what=row.kind_code)
    if state == "given":
        if row.kind.gives_place:
            places_ahead.give(
                session, actor=actor, about=place_of(row), person_id=task.person_id, family=task.need
            )
        outbox.emit(session, "redress.given", redress_id=row.id, recovery_id=task.id, kind=row.kind_code)
    session.flush()
