"""What became of the invitations of waves, counted: asked, answered, lost, spared and why."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from govdesk.feedback.asking.models import Invitation


@dataclass(slots=True)
class Progress:
    """The invitations of one wave."""

    states: Counter[str] = field(default_factory=Counter)
    asked: int = 0  # reached somebody, or was sent and came back
    spared: Counter[str] = field(default_factory=Counter)  # by why

    @property
    def answered(self) -> int:
        """How many answered."""
        return self.states["answered"]

    @property
    def lost(self) -> int:
        """How many could not be delivered."""
        return self.states["undeliverable"]

    @property
    def rate(self) -> float | None:
        """Answered of those who were reached; None where nobody was."""
        reached = self.asked - self.lost
        return self.answered / reached if reached > 0 else None


def of_waves(session: Session, wave_ids: Iterable[int]) -> dict[int, Progress]:
    """Count the invitations of waves."""
    wanted = list(wave_ids)
    found = {wave_id: Progress() for wave_id in wanted}
    rows = session.execute(
        select(
            Invitation.wave_id, Invitation.state, Invitation.why_spared, func.count(),
            func.count(Invitation.asked_on),
        )
        .where(Invitation.wave_id.in_(wanted))
        .group_by(Invitation.wave_id, Invitation.state, Invitation.why_spared)
    )  # fmt: skip
    for wave_id, state, why, count, asked in rows:
        if wave_id is None:
            continue
        one = found[wave_id]
        one.states[state] += count
        one.asked += asked
        if state == "spared":
            one.spared[why or "fatigue"] += count
    return found


def of_strata(session: Session, wave_id: int) -> dict[str, Progress]:
    """Count the invitations of one wave by stratum."""
    found: dict[str, Progress] = {}
    rows = session.execute(
        select(Invitation.stratum, Invitation.state, func.count(), func.count(Invitation.asked_on))
        .where(Invitation.wave_id == wave_id)
        .group_by(Invitation.stratum, Invitation.state)
    )
    for stratum, state, count, asked in rows:
        one = found.setdefault(stratum or "", Progress())
        one.states[state] += count
        one.asked += asked
    return found
