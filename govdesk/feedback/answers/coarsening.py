"""What is known of who answered is taken away until nobody stands out: pure rules."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ORDER = ("priority", "person_kind", "language", "outcome", "channel", "service_id", "branch_id", "stratum")
FEWEST = 5
Facts = dict[str, object]


def coarsened(answers: Sequence[Mapping[str, object]], kept: Sequence[str] = ()) -> list[Facts]:
    """Give the facts of answers of one week or wave, each combination of them shared by five or more.

    Fact by fact, in ORDER, is taken from those whose combination is rarer; who is rare to the end keeps none.
    `kept` names facts that stay and are part of the combination (the occasion, the mode).
    """
    facts: list[Facts] = [{name: one[name] for name in (*kept, *ORDER)} for one in answers]
    for name in ORDER:
        shared = Counter(_combination(one) for one in facts)
        rare = [one for one in facts if shared[_combination(one)] < FEWEST]
        for one in rare:
            one[name] = None
    return [{name: one[name] for name in ORDER} for one in facts]


def _combination(facts: Facts) -> tuple[object, ...]:
    return tuple(facts.values())
