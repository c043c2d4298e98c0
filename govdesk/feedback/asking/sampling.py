"""How many are asked, of which stratum, and who: drawn by a seed, so that anybody can draw it again: pure.

Whoever knows the seed of a wave and the number of a person knows whether they are in its sample. Nobody's
chance depends on how their visit ended, only on the service and the way by which they came.
"""

import hashlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Z95 = 1.959963984540054
LEAST = 10  # of a stratum, so that the small ones are heard of too
NO_CHANNEL = "unknown"


@dataclass(frozen=True, slots=True)
class Stratum:
    """A service and a way by which people came to it."""

    name: str
    population: int  # of all panels
    reachable: int  # of the panel that may be asked in this wave
    drawn: int
    last: str  # the rank up to which its people are drawn; empty for nobody


def name_of(service: str, channel: str | None) -> str:
    """What a stratum is called: the code of its service and the channel."""
    return f"{service}/{channel or NO_CHANNEL}"


def rank(seed: str, person_id: int) -> str:
    """A person's place in the draw of a wave: evenly spread, the same each time; text of equal length."""
    return hashlib.blake2b(f"{seed}:{person_id}".encode(), digest_size=10).hexdigest()


def place(seed: str, what: str, person_id: int, places: int) -> int:
    """One of so many places (0, 1, …) for a person, the same each time, apart from their rank."""
    drawn = hashlib.blake2b(f"{seed}:{what}:{person_id}".encode(), digest_size=8)
    return int.from_bytes(drawn.digest()) % places


def panel_of(seed: str, person_id: int, panels: int) -> int:
    """The panel (1, 2, …) in which a person stays as long as a programme lasts."""
    return place(seed, "panel", person_id, panels) + 1


def panel_in(number: int, panels: int) -> int:
    """The panel that is asked in the wave of a number: they take turns."""
    return (number - 1) % panels + 1


def answers_for(half_width: float, population: int) -> int:
    """How many answers a share needs for a 95 % interval of ± `half_width`, at worst (one half).

    The usual n for a large population, made smaller where there are few to ask (Cochran 1977, 4.2).
    """
    if population <= 0:
        return 0
    large = Z95**2 / (4 * half_width**2)
    return min(population, math.ceil(large / (1 + (large - 1) / population)))


def half_width(answers: float, population: int) -> float | None:
    """Half of the 95 % interval that so many answers give, at worst; None without an answer to come."""
    if answers <= 0 or population <= 0:
        return None
    if population == 1 or answers >= population:
        return 0.0
    rest = (population - answers) / (population - 1)
    return min(0.5, Z95 * math.sqrt(0.25 / answers * rest))


def asked_for(answers: int, rate: float, reachable: int) -> int:
    """How many must be asked where a share `rate` of them answers; never more than there are."""
    return min(reachable, math.ceil(round(answers / rate, 6)))


def shares(total: int, sizes: Mapping[str, int], least: int = LEAST) -> dict[str, int]:
    """Divide so many over strata by their sizes, with at least so many of each, or all it has.

    Largest remainders first; of equal ones the larger stratum, then by name. The minimum comes on top of
    the total: the strata that need it must not take from the others.
    """
    whole = sum(sizes.values())
    if whole == 0:
        return dict.fromkeys(sizes, 0)
    total = min(total, whole)
    exact = {name: total * size / whole for name, size in sizes.items()}
    given = {name: min(sizes[name], math.floor(share)) for name, share in exact.items()}
    order = sorted(sizes, key=lambda name: (given[name] - exact[name], -sizes[name], name))
    for name in order[: total - sum(given.values())]:
        given[name] += 1
    return {name: max(given[name], min(least, sizes[name])) for name in sizes}


def draw(
    seed: str, people: Iterable[tuple[int, str]], populations: Mapping[str, int], total: int
) -> list[Stratum]:
    """Draw so many of (person, stratum), who are those of the panel; the strata by name.

    `populations` holds those of all panels. Who is drawn, `is_drawn` tells of each person alone, so that a
    draw that was written down can be carried out in parts.
    """
    ranks: dict[str, list[str]] = {name: [] for name in populations}
    for person_id, stratum in people:
        ranks[stratum].append(rank(seed, person_id))
    wanted = shares(total, {name: len(own) for name, own in ranks.items()})
    strata = []
    for name in sorted(ranks):
        own, count = sorted(ranks[name]), wanted[name]
        last = own[count - 1] if count else ""
        strata.append(Stratum(name, populations[name], len(own), count, last))
    return strata


def is_drawn(seed: str, person_id: int, last: str) -> bool:
    """Whether a person is in the sample of their stratum."""
    return rank(seed, person_id) <= last
