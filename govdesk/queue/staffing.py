"""How many counters a day needs: the formulas of Erlang and Palm, priorities, and a session of appointments.

`load` is arrivals times mean service, in Erlang. Times are in the unit of the rates given.
"""

import math
from dataclasses import dataclass

from govdesk.queue.delays import chances_of_more

NEGLIGIBLE = 1e-18


@dataclass(frozen=True, slots=True)
class Impatient:
    """A queue that people leave: the share that must wait, that gives up; mean wait, mean line, occupancy."""

    waits: float
    gives_up: float
    wait: float
    line: float
    occupancy: float


@dataclass(frozen=True, slots=True)
class Session:
    """A session of appointments at one desk: mean wait of who comes, idle time and end of the desk."""

    wait: float
    idle: float
    end: float


def erlang_b(load: float, counters: int) -> float:
    """The share of arrivals that find every counter busy where nobody waits (Erlang 1917), by recursion."""
    blocked = 1.0
    for n in range(1, counters + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked


def erlang_c(load: float, counters: int) -> float:
    """The share of arrivals that must wait; 1 where the counters cannot keep up."""
    if load >= counters:
        return 1.0
    blocked = erlang_b(load, counters)
    return counters * blocked / (counters - load * (1 - blocked))


def mean_wait(load: float, counters: int, service: float) -> float:
    """Mean wait of everybody, those who need not wait included; infinite beyond what the counters can do."""
    return math.inf if load >= counters else erlang_c(load, counters) * service / (counters - load)


def service_level(load: float, counters: int, service: float, within: float) -> float:
    """The share called within a time."""
    if load >= counters:
        return 0.0
    return 1.0 - erlang_c(load, counters) * math.exp(-(counters - load) * within / service)


def wait_quantile(load: float, counters: int, service: float, share: float) -> float:
    """The wait that `share` of the people do not exceed."""
    waiting = erlang_c(load, counters)
    if load >= counters:
        return math.inf
    return max(0.0, math.log(waiting / (1 - share)) * service / (counters - load))


def counters_for(load: float, service: float, *, within: float, share: float) -> int:
    """The fewest counters at which `share` of the people are called within a time."""
    counters = max(1, math.floor(load) + 1)
    while service_level(load, counters, service, within) < share:
        counters += 1
    return counters


def erlang_a(arrivals: float, service_rate: float, patience_rate: float, counters: int) -> Impatient:
    """A queue whose waiting people give up at `patience_rate` each (Palm 1957): the sums of its chain."""
    chances = _chances(arrivals, service_rate, patience_rate, counters)
    line = math.fsum((n - counters) * chance for n, chance in enumerate(chances) if n > counters)
    gives_up = patience_rate * line / arrivals
    return Impatient(
        waits=math.fsum(chances[counters:]),
        gives_up=gives_up,
        wait=line / arrivals,
        line=line,
        occupancy=arrivals * (1 - gives_up) / (counters * service_rate),
    )


def called_within(
    arrivals: float, service_rate: float, patience_rate: float, counters: int, within: float
) -> float:
    """The share called within a time, of those called by then and those who still wait.

    Who gives up before that time is in neither part. Somebody who finds k people in the line is called after
    k + 1 departures, whose rates r_0 … r_k grow by the patience rate. To be called by t and not to have given
    up before has the chance r_0 / r_(k+1) times that of the same sum with rates r_1 … r_(k+1).
    """
    if arrivals <= 0:
        return 1.0
    if patience_rate <= 0:
        return service_level(arrivals / service_rate, counters, 1 / service_rate, within)
    chances = _chances(arrivals, service_rate, patience_rate, counters)
    busy = counters * service_rate
    called, waits = math.fsum(chances[:counters]), 0.0
    most = len(chances) - counters - 1
    sooner = chances_of_more(within, most, 1, 1 / (busy + patience_rate), patience_rate)
    longer = chances_of_more(within, most, 1, 1 / busy, patience_rate)
    for ahead, chance in enumerate(chances[counters:]):
        stays = busy / (busy + (ahead + 1) * patience_rate)
        called += chance * stays * (1 - sooner[ahead])
        waits += chance * longer[ahead]
    still = waits * math.exp(-patience_rate * within)
    return called / (called + still)


def counters_needed(
    arrivals: float, service_rate: float, patience_rate: float, *, within: float, share: float
) -> int:
    """The fewest counters at which that share is called within a time; 0 where nobody comes.

    One more never means fewer called in time, so they are found between too few and enough.
    """
    if arrivals <= 0:
        return 0
    few, enough = 0, max(1, math.ceil(arrivals / service_rate))
    while called_within(arrivals, service_rate, patience_rate, enough, within) < share:
        few, enough = enough, 2 * enough
    while enough - few > 1:
        middle = (few + enough) // 2
        if called_within(arrivals, service_rate, patience_rate, middle, within) < share:
            few = middle
        else:
            enough = middle
    return enough


def arrivals_for(
    counters: int, service_rate: float, patience_rate: float, *, within: float, share: float
) -> float:
    """The most arrivals, per unit of time, of which that share is still called within a time."""
    low, high = 0.0, service_rate
    while called_within(high, service_rate, patience_rate, counters, within) >= share:
        low, high = high, 2 * high
    for _ in range(40):
        middle = (low + high) / 2
        if called_within(middle, service_rate, patience_rate, counters, within) >= share:
            low = middle
        else:
            high = middle
    return low


def _chances(arrivals: float, service_rate: float, patience_rate: float, counters: int) -> list[float]:
    """The chances of 0, 1, … people at the desks and in the line, up to negligible ones."""
    terms = [1.0]
    for n in range(1, counters + 1):
        terms.append(terms[-1] * arrivals / (n * service_rate))
    busiest = max(terms)
    while terms[-1] > NEGLIGIBLE * busiest or arrivals > _leave(
        len(terms), service_rate, patience_rate, counters
    ):
        terms.append(terms[-1] * arrivals / _leave(len(terms), service_rate, patience_rate, counters))
        busiest = max(busiest, terms[-1])
    whole = math.fsum(terms)
    return [term / whole for term in terms]


def priority_waits(first: float, second: float, service_rate: float, counters: int) -> tuple[float, float]:
    """Mean waits of two classes by their arrival rates, the first always called before (Cobham 1954)."""
    load = (first + second) / service_rate
    delay = erlang_c(load, counters) / (counters * service_rate)
    before = 1 - first / (counters * service_rate)
    return delay / before, delay / (before * (1 - load / counters))


def appointment_session(people: int, interval: float, service: float, comes: float) -> Session:
    """One desk, appointments at equal intervals, exponential services, each person coming with a probability.

    Exact: the chain of how many are there, from one appointment's minute to the next.
    """
    there = [1.0]  # the probability that 0, 1, … people are at the desk or before it
    wait = 0.0
    for number in range(people):
        wait += comes * service * math.fsum(count * chance for count, chance in enumerate(there))
        with_one = [0.0, *there]
        there = [
            comes * arrived + (1 - comes) * before
            for arrived, before in zip(with_one, [*there, 0.0], strict=True)
        ]
        if number < people - 1:
            there = _after(there, interval / service)
    left = service * math.fsum(count * chance for count, chance in enumerate(there))
    end = (people - 1) * interval + left
    return Session(wait=wait / (people * comes), idle=end - people * comes * service, end=end)


def _leave(number: int, service_rate: float, patience_rate: float, counters: int) -> float:
    return counters * service_rate + (number - counters) * patience_rate


def _after(there: list[float], services: float) -> list[float]:
    """How many are left after a time in which one desk could serve `services` people on average."""
    left = [0.0] * len(there)
    for count, chance in enumerate(there):
        gone = math.exp(-services)
        for served in range(count):
            left[count - served] += chance * gone
            gone *= services / (served + 1)
    left[0] = 1.0 - math.fsum(left[1:])
    return left
