"""Whatever heads choose on their pages is read from what is kept, also of one branch and one service."""

import pytest

from govdesk.kpi import (
    answers,
    attendance,
    commitments,
    costs,
    digital,
    durations,
    guided,
    parts,
    repeats,
    responding,
    waits,
)
from govdesk.kpi.facts.families import KEPT, Tallying
from govdesk.kpi.facts.reading import level_of
from govdesk.kpi.groups import By
from govdesk.kpi.question import Scope

CHOSEN = {
    "everything": Scope(),
    "a branch": Scope(branch_id=1),
    "a service": Scope(service_id=1),
    "a service at a branch": Scope(branch_id=1, service_id=1),
    "a department at a branch": Scope(places=frozenset({(1, 2)})),
}
ALIKE = (
    repeats.tally, durations.tally, answers.tally, responding.tally, waits.tally, commitments.tally,
    attendance.tally, digital.tally, costs.tally,
)  # fmt: skip
OF_VISITS = repeats.tally, waits.tally, attendance.tally
ASKED: list[tuple[Tallying, By]] = [
    *((tally, (word,)) for tally in ALIKE for word in ("kind", "language")),
    *((tally, ("priority",)) for tally in OF_VISITS),
    (durations.tally, ("service", "policy")),
    (durations.tally, ("branch", "policy")),
    (durations.tally, ("unit",)),
    (parts.tally, ("unit",)),
    (answers.tally, ("week", "mode", "wording")),
    (repeats.tally, ("scenario",)),
    (guided.tally, ("scenario",)),
    (guided.tally_visits, ("scenario",)),
]


@pytest.mark.parametrize("chosen", CHOSEN)
@pytest.mark.parametrize(("tally", "by"), ASKED)
def test_it_needs_no_rows(tally: Tallying, by: By, chosen: str) -> None:
    assert level_of(KEPT[tally], CHOSEN[chosen], by) is not None
