"""The receipt phase of a Dutch municipality's permits: an event log becomes cases with known figures."""

import pytest
from flask import Flask

from govdesk.config import Settings
from govdesk.db import reading
from govdesk.kpi import ageing, durations, service
from govdesk.kpi.lives import lives_of
from govdesk.kpi.survival import Curve
from tests.realdata.real_files import bring, figures, real

pytestmark = real


def test_the_figures_of_the_reference_come_out(app: Flask, settings: Settings) -> None:
    said = bring(settings, "cases", "receipt.csv.gz", "receipt")
    assert "1,434 rows read" in said
    assert "2 end before they begin" in said
    assert "1,434 here already, unchanged" in bring(settings, "cases", "receipt.csv.gz", "receipt")
    found = figures(settings, "time_to_resolution", "sla_attainment")
    row = found["time_to_resolution"][0]
    detail = row["detail"]  # the two negative durations as 0, as the reference takes them
    assert (row["open"], row["n"], detail["set_aside"]) == (105, 1434, 2)
    assert row["data_quality"]["set_aside_share"] == pytest.approx(2 / 1434)
    assert detail["closed_only"]["mean"] == pytest.approx(58.9808, abs=1e-4)
    assert detail["closed_only"]["median"] == pytest.approx(50.6370, abs=1e-4)
    assert detail["closed_only"]["p90"] == pytest.approx(105.5522, abs=1e-4)
    assert row["value"] == pytest.approx(52.49932, abs=1e-5)
    assert row["interval"] == pytest.approx([50.643672, 53.702921], abs=1e-6)
    assert detail["p90"] == pytest.approx(121.36629, abs=1e-5)
    shares = detail["s"]
    assert [shares["30"], shares["56"], shares["100"]] == pytest.approx(
        [0.828996, 0.428598, 0.152115], abs=1e-6
    )
    without = detail["without_set_aside"]  # counted by hand from the log
    assert without["closed_only"]["mean"] == pytest.approx(59.0697746957, abs=1e-9)
    assert (without["n"], without["closed_only"]["n"]) == (1432, 1327)
    sla = found["sla_attainment"][0]
    counts = [sla["detail"][name] for name in ("met", "late", "open_overdue", "open_not_due")]
    assert counts == [952, 377, 39, 66]
    assert sla["value"] == pytest.approx(0.695906, abs=1e-6)


def test_the_desk_channel_stands_alone(app: Flask, settings: Settings) -> None:
    bring(settings, "cases", "receipt.csv.gz", "receipt")
    rows = figures(settings, "sla_attainment", "--by", "channel")["sla_attainment"]
    desk = next(row["detail"] for row in rows if row["group"] == {"channel": "desk"})
    assert [desk[name] for name in ("met", "late", "open_overdue", "open_not_due")] == [68, 39, 1, 1]


def test_where_their_time_went_and_how_old_the_open_ones_are(app: Flask, settings: Settings) -> None:
    bring(settings, "cases", "receipt.csv.gz", "receipt")
    (row,) = figures(settings, "elapsed_parts")["elapsed_parts"]
    detail = row["detail"]
    assert (row["n"], detail["set_aside"]) == (1327, 2)
    assert row["value"] == pytest.approx(59.0697746957, abs=1e-5)  # as counted from the log, in whole seconds
    assert detail["seconds"]["back_office"] == detail["elapsed_seconds"]  # nothing is known of their visits
    by_service, by_unit = ageing.ages(reading(), service.ask(reading()))
    whole = ageing.total(by_service)
    assert (whole.n, whole.overdue, whole.n - whole.overdue - whole.without_deadline) == (105, 39, 66)
    assert ageing.total(by_unit).classes == whole.classes
    curve = lives_of(_seen())
    assert curve.n == 1434
    shares = [curve.at(days) for days in (30, 56, 100)]
    assert shares == pytest.approx([0.828996, 0.428598, 0.152115], abs=1e-6)
    assert (curve.at_risk(0), len(curve.steps) < curve.n) == (1434, True)  # what is drawn is thinned


def _seen() -> Curve:
    asked = service.ask(reading())
    return durations.curve(durations.tally(reading(), asked, [()])[0][()], asked)
