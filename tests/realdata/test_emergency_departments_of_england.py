"""Emergency attendances by trust and month: the limits that the NHS's own tools draw of them."""

import csv
import gzip
from collections import Counter

import pytest

from govdesk.kpi.funnels import funnel
from govdesk.kpi.process import assurance, xmr
from tests.realdata.real_files import FOLDER, real

pytestmark = real
Counts = dict[tuple[str, str], tuple[int, int]]


@pytest.fixture(scope="module")
def in_time() -> Counts:
    """Of the large departments: who was dealt with within four hours, and of how many, by month and trust."""
    found: Counts = {}
    with gzip.open(FOLDER / "nhs_ae_attendances.csv.gz", "rt") as file:
        for row in csv.DictReader(file):
            came = round(float(row["attendances"]))
            if row["type"] == "1" and came:
                found[row["period"], row["org_code"]] = (came - round(float(row["breaches"])), came)
    return found


def test_the_months_have_the_known_limits_and_miss_the_target(in_time: Counts) -> None:
    met, came = Counter[str](), Counter[str]()
    for (month, _), (count, n) in in_time.items():
        met[month] += count
        came[month] += n
    chart = xmr([100 * met[month] / came[month] for month in sorted(came)])
    limits = chart.limits[-1]
    assert limits.mean == pytest.approx(82.48491156, abs=1e-8)
    assert (limits.low, limits.high) == pytest.approx((78.90028894, 86.06953419), abs=1e-8)
    assert assurance(chart, 95, is_lower_better=False) == "fails"


def test_units_differ_so_much_anyway_that_none_stands_out(in_time: Counts) -> None:
    units = [counts for (month, _), counts in in_time.items() if month == "2019-03-01"]
    found = funnel(units)
    assert found is not None
    assert len(units) == 134
    assert found.dispersion == pytest.approx(490.43, abs=0.005)
    assert found.between == pytest.approx(0.012051, abs=5e-7)
    assert sum(found.place(*unit, is_adjusted=False).startswith("far") for unit in units) == 123
    assert not any(found.place(*unit).startswith("far") for unit in units)
