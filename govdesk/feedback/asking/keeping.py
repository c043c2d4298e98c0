"""Who is kept for the next wave of a programme, and therefore not written to after a visit.

Everyone who came in a period may be drawn when it is over. Had they all been asked after their visits,
fatigue would leave nobody to draw. So the panel whose turn comes next is left in peace until then; the code
on the slip and the tablet at the exit are open to them as to all.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.config import settings
from govdesk.feedback.asking import sampling
from govdesk.feedback.asking.models import Programme, Wave


@dataclass(frozen=True, slots=True)
class Kept:
    """The panel that a programme asks next, of the services that it is about."""

    seed: str
    panel: int
    panels: int
    department_id: int | None  # None: of all


def kept_panels(session: Session) -> list[Kept]:
    """The next panels of all programmes that run and have begun; a programme of one panel keeps nobody."""
    today = clock.local_day(clock.now(), settings().default_timezone)
    last = func.coalesce(func.max(Wave.number), 0)
    rows = session.execute(
        select(Programme.seed, Programme.panels, Programme.department_id, last)
        .outerjoin(Wave, Wave.programme_id == Programme.id)
        .where(Programme.is_running, Programme.panels > 1, Programme.starts_on <= today)
        .group_by(Programme.id, Programme.seed, Programme.panels, Programme.department_id)
    )
    return [
        Kept(seed, sampling.panel_in(number + 1, panels), panels, department_id)
        for seed, panels, department_id, number in rows
    ]


def is_kept(kept: Sequence[Kept], *, person_id: int, department_id: int | None) -> bool:
    """Whether somebody who came for a service of a department is kept for one of these panels."""
    return any(
        one.department_id in (None, department_id)
        and sampling.panel_of(one.seed, person_id, one.panels) == one.panel
        for one in kept
    )
