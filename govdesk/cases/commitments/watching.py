"""What the clock does to promises: remind who promised, and note the broken ones. And who left."""

import datetime as dt
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.cases.commitments import rules, service
from govdesk.cases.commitments.models import Commitment
from govdesk.db import reading, transaction, written

AT_ONCE = 200
_OPEN = Commitment.state == written("open")


def run_watch() -> int:
    """Break the promises whose day is over, and remind of those that end soon; how many.

    What is looked at is read outside a transaction, which begins only where there is something to write.
    """
    session = reading()
    has_work = bool(_due(session) or _to_remind(session))
    session.rollback()
    if not has_work:
        return 0
    with transaction(patient=True) as writing:
        return watch(writing)


def watch(session: Session) -> int:
    """Break and remind as the clock stands; how many. Each row is locked and looked at again before."""
    broken = [given for given in _locked(session, _due(session)) if _is_over(given)]
    for given in broken:
        service.break_(session, given)
    reminded = [_remind(session, given) for given in _locked(session, _to_remind(session))]
    return len(broken) + sum(reminded)


def note_owner_left(session: Session, payload: dict[str, Any]) -> None:
    """Hear `staff.disabled`: the history says that their promises wait for somebody else."""
    own = select(Commitment).where(Commitment.owner_id == payload["staff_id"], _OPEN)
    for given in session.scalars(own.order_by(Commitment.id)).unique():
        if not given.owner.is_active and not any(one.kind == "owner_left" for one in given.events):
            service.note(session, given, "owner_left", staff=payload["staff_id"])


def _due(session: Session) -> list[int]:
    over = select(Commitment.id).where(_OPEN, Commitment.due_at <= clock.now())
    return list(session.scalars(over.order_by(Commitment.due_at).limit(AT_ONCE)))


def _to_remind(session: Session) -> list[int]:
    near = Commitment.due_at > clock.now(), Commitment.due_at <= clock.now() + rules.SOONEST_REMINDER
    query = select(Commitment.id, Commitment.made_at, Commitment.due_at).where(
        _OPEN, Commitment.reminded_at.is_(None), *near
    )
    now = clock.now()
    return [row.id for row in session.execute(query) if rules.remind_at(row.made_at, row.due_at) <= now]


def _locked(session: Session, ids: list[int]) -> list[Commitment]:
    query = select(Commitment).where(Commitment.id.in_(ids), _OPEN).with_for_update(of=Commitment)
    return list(session.scalars(query.order_by(Commitment.id)).unique())


def _is_over(given: Commitment) -> bool:
    return not rules.is_kept(given.due_at, clock.now())


def _remind(session: Session, given: Commitment) -> bool:
    if given.reminded_at is not None:
        return False
    given.reminded_at = clock.now()
    service.note(session, given, "reminded", owner=given.owner_id)
    return True


def due_soon(given: Commitment, now: dt.datetime) -> bool:
    """Whether an open promise has been, or would be, reminded of by now."""
    return given.state == "open" and rules.remind_at(given.made_at, given.due_at) <= now
