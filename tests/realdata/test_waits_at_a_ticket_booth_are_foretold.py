"""What each customer of the Wellington ticket booth is told on arrival, from what was known then.

Known at an arrival: who came before and has not been called (of those in one second, who stands before in the
file), who is being served, how many lanes the file says are staffed, and the lengths of the services that had
ended by then, of this session and of earlier days. Nothing of later, not even when a service that goes on
will end. The declared length is forty seconds, which nobody took from the data.
"""

import csv
import datetime as dt
import math
from dataclasses import dataclass

from govdesk.queue import delays, learning
from govdesk.queue.learning import ANY_HOUR, Pace
from tests.realdata.real_files import FOLDER, real

pytestmark = real
DECLARED = 40 / 60  # minutes
MOST = 18.5  # seconds of root mean squared error


@dataclass(frozen=True, slots=True)
class Customer:
    """A row of the file, in seconds of its day."""

    day: dt.date
    lanes: int
    came: int
    began: int
    ended: int


def customers() -> list[Customer]:
    """The rows in the order of time: sessions by their day (one a day), and in each as they stand."""
    with (FOLDER / "wellington_ticketbooth.csv").open(encoding="utf-8", newline="") as file:
        rows = [_customer(row) for row in csv.DictReader(file)]
    return sorted(rows, key=lambda one: one.day)


def _customer(row: dict[str, str]) -> Customer:
    day, month, year = (int(part) for part in row["Date"].split("/"))
    moments = (_second(row[name]) for name in ("Arrive", "Serv_start", "Serv_end"))
    return Customer(dt.date(year, month, day), int(row["Servers"]), *moments)


def _second(text: str) -> int:
    hour, minute, second = (int(part) for part in text.split(":"))
    return hour * 3600 + minute * 60 + second


def told(before: list[Customer], one: Customer) -> float:
    """Seconds of wait told to one customer: at a free lane none, else the mean of the formula."""
    here = [other for other in before if other.day == one.day]
    ahead = sum(other.began > one.came for other in here)
    busy = sum(other.began <= one.came < other.ended for other in here)
    free = max(0, one.lanes - busy)
    if ahead < free:
        return 0.0
    ended = [other for other in before if other.day != one.day or other.ended <= one.came]
    lengths = [other.ended - other.began for other in ended]
    paces = learning.paces({(1, 1, ANY_HOUR): lengths}, {}, {1: DECLARED}) if lengths else {}
    pace = paces.get((1, 1, ANY_HOUR), Pace(DECLARED))
    return 60 * delays.mean_wait(ahead - free, one.lanes, pace.minutes)


def test_the_error_is_at_most_eighteen_and_a_half_seconds() -> None:
    line = customers()
    assert len(line) == 403
    errors = [told(line[:place], one) - (one.began - one.came) for place, one in enumerate(line)]
    found = math.sqrt(math.fsum(error**2 for error in errors) / len(errors))
    assert found <= MOST
    nothing = math.sqrt(math.fsum((one.began - one.came) ** 2 for one in line) / len(line))
    assert found < 0.7 * nothing  # telling everybody "at once" errs by 24 seconds
