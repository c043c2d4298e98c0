"""The wait estimates in halls simulated by Ciw: how exact they are, whether they hold, what they cost.

Patient people: squared error against 1 / ((1 - rho) (s mu)^2) and against the wait of the head of the line.
Impatient people: against the estimator's own variance. A hall with priorities and log-normal lengths, called
in the product's own order: the share of waits in the range of the hall played ahead. Fails beyond bounds.

    python tests/bench/bench_estimates.py [--people 400000] [--asked 2500]
"""

import argparse
import bisect
import datetime as dt
import math
import sys
import time
from pathlib import Path
from typing import Any

import ciw

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from govdesk import chance
from govdesk.queue import delays, foresight
from govdesk.queue.dispatch import ANYBODY, Head
from govdesk.queue.foresight import Desk, Hall, Stream
from govdesk.queue.learning import Pace
from govdesk.queue.policy import MINUTE, Policy
from tests.halls import Newcomer, simulate

NINE = dt.datetime(2026, 10, 4, 9, 0, tzinfo=dt.UTC)
MINUTES, COUNTERS = 8.0, 5
SPREAD, FAVOURED, HEAD_START = 0.5, 0.08, 30.0
NEWCOMER = 2**60
failed: list[str] = []


def check(name: str, value: float, low: float, high: float) -> None:
    """Say a figure and whether it is within its bounds."""
    is_well = low <= value <= high
    print(f"  {name}: {value:.4f} ({low:g}..{high:g}){'' if is_well else '  OUTSIDE'}")
    if not is_well:
        failed.append(name)


def mean(values: list[float]) -> float:
    """The mean of some."""
    return math.fsum(values) / len(values)


def squared(newcomers: list[Newcomer], minutes: float, counters: int, theta: float = 0.0) -> float:
    """The squared error of the estimator."""
    means = {
        ahead: delays.mean_wait(ahead, counters, minutes, theta) for ahead in {n.ahead for n in newcomers}
    }
    return mean([(one.wait - means[one.ahead]) ** 2 for one in newcomers])


def held(newcomers: list[Newcomer], counters: int, theta: float = 0.0) -> float:
    """The share of waits within the range that was said."""
    said = {
        ahead: delays.said(*delays.wait_range(ahead, counters, MINUTES, theta))
        for ahead in {one.ahead for one in newcomers}
    }
    return mean([float(said[one.ahead][0] <= one.wait <= said[one.ahead][1]) for one in newcomers])


def patient(people: int) -> None:
    """M/M/s at three loads."""
    for counters, rho in ((5, 0.8), (5, 0.9), (10, 0.9)):
        print(f"patient people, {counters} counters, load {rho}")
        rate = rho * counters / MINUTES
        seen = simulate(arrivals=rate, minutes=MINUTES, counters=counters, people=people, seed=1).newcomers
        error = squared(seen, MINUTES, counters)
        check("squared error against theory", error * (1 - rho) * (counters / MINUTES) ** 2, 0.95, 1.05)
        last = mean([(one.wait - one.head_waited) ** 2 for one in seen])
        check("against the head of the line", error / last, 0.45, 0.56)
        check("waits in the range said", held(seen, counters), 0.78, 0.82)


def impatient(people: int) -> None:
    """M/M/s+M beyond its counters."""
    for theta, arrivals in ((0.05, 0.75), (0.02, 0.7)):
        print(f"impatient people, {COUNTERS} counters, {arrivals} a minute, patience {1 / theta:.0f} minutes")
        seen = simulate(
            arrivals=arrivals, minutes=MINUTES, counters=COUNTERS, people=people, seed=2, patience=theta
        ).newcomers
        line = (COUNTERS, MINUTES, theta)
        own = {ahead: delays.variance_of_wait(ahead, *line) for ahead in {one.ahead for one in seen}}
        error = squared(seen, MINUTES, COUNTERS, theta)
        check(
            "squared error against its own variance",
            error / mean([own[one.ahead] for one in seen]),
            0.95,
            1.05,
        )
        check("waits in the range said", held(seen, COUNTERS, theta), 0.78, 0.82)


def by_policy(asked: int) -> None:
    """Priorities with their head start, log-normal lengths: the hall is played ahead for every n-th comer."""
    print(f"priorities and log-normal lengths, {COUNTERS} counters, the hall played ahead")
    records = _favoured_hall(people=asked * 4)
    begins = [record.arrival_date for record in records]
    took, found, plays = 0.0, 0, 0
    for place in range(len(records) // 20, len(records) - 400, 3):
        one = records[place]
        here = [
            other
            for other in records[max(0, place - 200) : place]
            if other.service_end_date > one.arrival_date
        ]
        serving = [other for other in here if other.service_start_date <= one.arrival_date]
        if len(serving) < COUNTERS or plays == asked:
            continue
        waiting = [_head(other, number) for number, other in enumerate(here, 1) if other not in serving]
        lately = place - bisect.bisect_left(begins, one.arrival_date - 60)
        hall = _hall(one.arrival_date, waiting, serving, rate=FAVOURED * lately / 60)
        began = time.perf_counter()
        told = foresight.foresee(hall, [_head(one, NEWCOMER)], chance.seeded(place), is_for_all=False)[
            NEWCOMER
        ]
        took += time.perf_counter() - began
        low, high = delays.said(*told)
        found += low <= one.waiting_time <= high
        plays += 1
    check("waits in the range said", found / plays, 0.78, 0.82)
    print(f"  {plays} quotes, {took / plays * 1000:.1f} ms each")


def _favoured_hall(people: int) -> list[Any]:
    """A hall called in the product's order: by arrival, those with a priority half an hour earlier."""
    sigma = math.sqrt(math.log1p(SPREAD**2))
    service = ciw.dists.Lognormal(math.log(MINUTES) - sigma**2 / 2, sigma)
    rate = 0.9 * COUNTERS / MINUTES

    def first(line: list[Any], _now: float) -> Any:
        return min(line, key=lambda one: one.arrival_date - HEAD_START * (one.customer_class == "Favoured"))

    ciw.seed(3)
    network = ciw.create_network(
        arrival_distributions={
            "Favoured": [ciw.dists.Exponential(rate * FAVOURED)],
            "Plain": [ciw.dists.Exponential(rate * (1 - FAVOURED))],
        },
        service_distributions={"Favoured": [service], "Plain": [service]},
        number_of_servers=[COUNTERS],
        service_disciplines=[first],
    )
    run = ciw.Simulation(network)
    run.simulate_until_max_customers(people, method="Finish")
    return sorted(run.get_all_records(), key=lambda record: record.arrival_date)


def _hall(now: float, waiting: list[Head], serving: list[Any], rate: float) -> Hall:
    desks = [Desk(ANYBODY, 1, now - one.service_start_date) for one in serving]
    streams = (Stream("priority", 1, rate, HEAD_START, HEAD_START),) if rate else ()
    at = NINE + now * MINUTE
    return Hall(at, Policy(), tuple(desks), tuple(waiting), {1: Pace(MINUTES, SPREAD)}, streams=streams)


def _head(record: Any, number: int) -> Head:
    came = NINE + record.arrival_date * MINUTE
    is_favoured = record.customer_class == "Favoured"
    order_at = came - (HEAD_START if is_favoured else 0) * MINUTE
    return Head(number, "priority" if is_favoured else "walk_in", 1, "ar", order_at, came, came)


def main() -> None:
    """Run all three; exit 1 when a figure is outside its bounds."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--people", type=int, default=400_000)
    options.add_argument("--asked", type=int, default=2500)
    given = options.parse_args()
    patient(given.people)
    impatient(given.people // 4)
    by_policy(given.asked)
    if failed:
        sys.exit(f"outside their bounds: {', '.join(failed)}")


if __name__ == "__main__":
    main()
