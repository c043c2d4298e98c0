"""Case mix: what a unit would count if each of its services went as it goes everywhere (KPI.md §1.8).

Indirect standardisation. A service that only one unit offers says nothing about that unit: it stands apart,
in neither part.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from govdesk.kpi.statistics import standardised_ratio

Counts = Mapping[str | None, tuple[int, int]]  # of each service: how many were counted, and of how many
FEWEST = 2  # units that offer a service, for it to be compared


@dataclass(frozen=True, slots=True)
class Standardised:
    """A unit against what its services would lead one to expect."""

    observed: int
    expected: float
    n: int
    apart: int  # people of services that no other unit offers
    share: float  # of all units together

    @property
    def usual(self) -> float:
        """How many people of the usual risk the unit's own stand for."""
        return self.expected / self.share if self.share else float(self.n)

    @property
    def value(self) -> float:
        """The share that the unit would have with everybody's services: the usual one times the ratio."""
        return min(1.0, self.observed / self.usual) if self.usual else self.share

    @property
    def crude(self) -> float | None:
        """The share of these services as it is, without the adjustment."""
        return self.observed / self.n if self.n else None

    @property
    def ratio(self) -> tuple[float, float, float] | None:
        """Observed / expected with its exact Poisson interval; None where nothing is expected anywhere."""
        return standardised_ratio(self.observed, self.expected)


def standardise(units: Mapping[str, Counts]) -> dict[str, Standardised]:
    """Give each unit that shares a service with another its expected count, by the shares of all together."""
    offered = Counter(service for counts in units.values() for service, (_, n) in counts.items() if n)
    shared = {service for service, offering in offered.items() if offering >= FEWEST}
    counted, people = Counter[str | None](), Counter[str | None]()
    for counts in units.values():
        for service, (count, n) in counts.items():
            if service in shared:
                counted[service] += count
                people[service] += n
    total = people.total()
    found = {}
    for unit, counts in units.items():
        own = [(service, *counts[service]) for service in counts if service in shared]
        n = sum(size for _, _, size in own)
        if not n:
            continue
        found[unit] = Standardised(
            observed=sum(count for _, count, _ in own),
            expected=sum(size * counted[service] / people[service] for service, _, size in own),
            n=n,
            apart=sum(size for _, size in counts.values()) - n,
            share=counted.total() / total,
        )
    return found
