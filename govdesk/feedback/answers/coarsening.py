"""What is known of who answered is taken away until nobody stands out: pure rules."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ORDER = ("priority", "person_kind", "language", "outcome", "channel", "service_id", "branch_id", "stratum")
FEWEST = 5
OTHER = "other"  # an occasion, a mode that too few share
Facts = dict[str, object]


def coarsened(answers: Sequence[Mapping[str, object]], kept: Sequence[str] = ()) -> list[Facts]:
    """Give the facts of answers of one week or wave, each combination of them shared by five or more.

    1. Fact by fact, in ORDER, is taken from those whose combination is rarer.
    2. Who is rare even so loses the facts in `kept` too: they become OTHER, since something must stand there.
    3. Of those who have nothing left there must be five as well: whoever knows the facts of all who were
       asked would else know whose the one answer without facts is. Some of the largest combination join
       them, where it stays large enough; else the smallest does as a whole.
    Only where fewer than five answered in all do fewer share what is left, and they have nothing left.
    """
    facts: list[Facts] = [{name: one[name] for name in (*kept, *ORDER)} for one in answers]
    for name in (*ORDER, *kept):
        shared = Counter(_combination(one) for one in facts)
        for one in facts:
            if shared[_combination(one)] < FEWEST:
                one[name] = OTHER if name in kept else None
    _join_the_bare(facts, {**dict.fromkeys(kept, OTHER), **dict.fromkeys(ORDER)})
    return facts


def _join_the_bare(facts: list[Facts], bare: Facts) -> None:
    without = _combination(bare)
    while True:
        shared = Counter(_combination(one) for one in facts)
        missing = FEWEST - shared.pop(without, FEWEST)
        if missing <= 0 or not shared:
            return
        largest = max(shared, key=lambda one: (shared[one], repr(one)))
        smallest = min(shared, key=lambda one: (shared[one], repr(one)))
        is_large = shared[largest] - missing >= FEWEST
        joining = [one for one in facts if _combination(one) == (largest if is_large else smallest)]
        for one in joining[:missing] if is_large else joining:
            one.update(bare)


def _combination(facts: Facts) -> tuple[object, ...]:
    return tuple(facts.values())
