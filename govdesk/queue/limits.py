"""The minutes beyond which the hall of a branch asks for a hand: read, and set by an administrator."""

from sqlalchemy.orm import Session

from govdesk import audit
from govdesk.actor import Actor
from govdesk.catalog.models import Branch
from govdesk.queue.hall_models import HallLimits
from govdesk.queue.thresholds import USUAL, Limits

NAMES = ("idle", "unserved", "wrap_up", "soon")
LEAST = {"idle": 1, "unserved": 1, "wrap_up": 1, "soon": 5}
MOST = {"idle": 60, "unserved": 60, "wrap_up": 120, "soon": 120}


def of(session: Session, branch_id: int) -> Limits:
    """The limits of a branch; the usual ones where nobody has set others."""
    row = session.get(HallLimits, branch_id)
    return Limits(**{name: getattr(row, name) for name in NAMES}) if row else USUAL


def set_limits(session: Session, *, actor: Actor, branch: Branch, wanted: Limits) -> None:
    """Take other limits from now on; alerts that go on are held against them at the next look."""
    before = of(session, branch.id)
    if before == wanted:
        return
    row = session.get(HallLimits, branch.id) or HallLimits(branch_id=branch.id)
    changed = {}
    for name in NAMES:
        value = getattr(wanted, name)
        if value != getattr(before, name):
            changed[name] = [getattr(before, name), value]
        setattr(row, name, value)
    session.add(row)
    session.flush()
    audit.record(session, actor=actor, action="branch.limits_set", subject=f"branch:{branch.id}", **changed)
