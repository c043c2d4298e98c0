"""Halls simulated by Ciw, which knows nothing of this product: who came, found whom, waited how long."""

import bisect
import math
from dataclasses import dataclass

import ciw


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who found every counter busy: how many were ahead, and the wait until a counter was theirs.

    For who gave up it is the wait that they would have had. `head_waited` is how long the first in line had
    waited then; without a line, how long the last one called had waited.
    """

    ahead: int
    wait: float
    head_waited: float


@dataclass(frozen=True, slots=True)
class Seen:
    """What a simulation showed: those who had to wait, all lengths, who left and all time waited."""

    newcomers: list[Newcomer]
    lengths: list[float]
    left: int
    waited: float


def simulate(
    *, arrivals: float, minutes: float, counters: int, people: int, seed: int, patience: float = 0.0
) -> Seen:
    """One line before equal counters, exponential arrivals, services and (a rate above 0) patience."""
    ciw.seed(seed)
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(arrivals)],
        service_distributions=[ciw.dists.Exponential(1 / minutes)],
        number_of_servers=[counters],
        reneging_time_distributions=[ciw.dists.Exponential(patience)] if patience else None,
    )
    run = ciw.Simulation(network)
    run.simulate_until_max_customers(people, method="Finish")
    records = sorted(run.get_all_records(), key=lambda record: (record.arrival_date, record.id_number))
    return _seen(records, counters, warm=people // 20)


def _seen(records: list[ciw.data_record.DataRecord], counters: int, warm: int) -> Seen:
    served = [record for record in records if record.record_type == "service"]
    ends = sorted(record.service_end_date for record in served)
    starts = [  # when each left the line, called or not
        record.service_start_date if record.record_type == "service" else record.exit_date
        for record in records
    ]
    newcomers: list[Newcomer] = []
    gone, head, last_wait = 0.0, 0, 0.0
    for place, record in enumerate(records):
        now, found = record.arrival_date, int(record.queue_size_at_arrival)
        while head < place and starts[head] <= now:
            if records[head].record_type == "service":
                last_wait = starts[head] - records[head].arrival_date
            head += 1
        if found >= counters and place >= warm:
            after = bisect.bisect_right(ends, max(gone, now))
            if after == len(ends):
                break
            in_line = found - counters
            waited = now - records[head].arrival_date if in_line else last_wait
            newcomers.append(Newcomer(in_line, ends[after] - now, waited))
        gone = max(gone, starts[place])
    waited_all = math.fsum(start - record.arrival_date for start, record in zip(starts, records, strict=True))
    return Seen(newcomers, [record.service_time for record in served], len(records) - len(served), waited_all)
