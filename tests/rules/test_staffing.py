"""Staffing what-ifs against the reference values."""

import math
from typing import Any

import pytest

from govdesk.chance import seeded
from govdesk.queue import staffing
from tests.rules.expected_files import cases, expected_json

REFERENCE = expected_json("queueing.json")


def near(value: float) -> Any:
    return pytest.approx(value, rel=1e-9, abs=1e-12)


def test_ten_erlang_at_fourteen_counters_answer_89_of_100_within_20_seconds() -> None:
    assert staffing.erlang_c(10, 14) == pytest.approx(0.1741319336, abs=5e-11)
    assert staffing.service_level(10, 14, 180, 20) == pytest.approx(0.8883500192, abs=5e-11)
    assert staffing.counters_for(10, 180, within=20, share=0.8) == 14


def test_a_line_beyond_its_counters_loses_the_impatient_and_stays_finite() -> None:
    found = staffing.erlang_a(0.75, 0.125, 0.05, 5)
    assert found.waits == pytest.approx(0.829466, abs=5e-7)
    assert found.gives_up == pytest.approx(0.218321, abs=5e-7)
    assert found.wait == pytest.approx(4.366424, abs=5e-7)


def test_counters_that_cannot_keep_up_let_everybody_wait_for_ever() -> None:
    assert staffing.erlang_c(5, 5) == 1
    assert staffing.mean_wait(5, 5, 8) == staffing.wait_quantile(6, 5, 8, 0.9) == math.inf
    assert staffing.service_level(5, 5, 8, 60) == 0


@pytest.mark.parametrize("row", cases(REFERENCE.get("erlang_c")))
def test_erlang_b_and_c(row: dict[str, float]) -> None:
    load, counters = row["A"], int(row["s"])
    assert staffing.erlang_b(load, counters) == near(row["B"])
    assert staffing.erlang_c(load, counters) == near(row["C"])
    assert staffing.mean_wait(load, counters, 1.0) == near(row["Wq_times_mu"])
    assert load * staffing.mean_wait(load, counters, 1.0) == near(row["Lq"])


@pytest.mark.parametrize("row", cases([REFERENCE.get("published_worked_example")] if REFERENCE else None))
def test_the_published_example(row: dict[str, Any]) -> None:
    assert staffing.mean_wait(10, 14, 180) == near(row["ASA_s"])
    for counters, found in row["N_sweep"].items():
        assert staffing.erlang_c(10, int(counters)) == near(found["Pw"])
        assert staffing.service_level(10, int(counters), 180, 20) == near(found["SL"])


@pytest.mark.parametrize("row", cases(REFERENCE.get("erlang_a")))
def test_erlang_a(row: dict[str, float]) -> None:
    found = staffing.erlang_a(row["lam"], row["mu"], row["theta"], int(row["s"]))
    told = (found.waits, found.gives_up, found.wait, found.line, found.occupancy)
    assert told == near(tuple(row[name] for name in ("Pw", "PAb", "EW", "EQ", "util")))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("counters", "row"), cases((REFERENCE.get("office_5_counters") or {"s": {}})["s"].items())
)
def test_an_office_of_five_counters_and_more(counters: str, row: dict[str, float]) -> None:
    load, desks = row["A"], int(counters)
    assert staffing.erlang_c(load, desks) == near(row["Pw"])
    assert staffing.mean_wait(load, desks, 8) == near(row["Wq"])
    assert 0.5 * staffing.mean_wait(load, desks, 8) == near(row["Lq"])
    assert staffing.wait_quantile(load, desks, 8, 0.9) == near(row["p90"])
    assert staffing.service_level(load, desks, 8, 10) == near(row["SL"])


@pytest.mark.parametrize("row", cases(REFERENCE.get("priority_nonpreemptive")))
def test_two_classes_one_before_the_other(row: dict[str, float]) -> None:
    counters, total = int(row["c"]), row["lam1"] + row["lam2"]
    found = staffing.priority_waits(row["lam1"], row["lam2"], row["mu"], counters)
    assert found == near((row["W1"], row["W2"]))  # type: ignore[arg-type]
    assert staffing.mean_wait(total / row["mu"], counters, 1 / row["mu"]) == near(row["W_fifo"])
    assert (row["lam1"] * found[0] + row["lam2"] * found[1]) / total == near(row["W_fifo"])  # work is kept


@pytest.mark.parametrize("row", cases(REFERENCE.get("appointments_exact")))
def test_a_session_of_appointments(row: dict[str, Any]) -> None:
    found = staffing.appointment_session(row["N"], row["interval"], 1.0, row["show"])
    told = (row["mean_wait_per_shown"], row["server_idle"], row["makespan"])
    assert (found.wait, found.idle, found.end) == near(told)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arrivals", "service_rate", "patience_rate", "counters", "within"),
    [(0.75, 0.125, 0.05, 5, 5), (0.5, 0.125, 0.05, 5, 15), (0.9, 0.125, 0.02, 8, 10), (0.2, 0.1, 0.3, 1, 3)],
)
def test_a_simulation_calls_as_many_in_time(
    arrivals: float, service_rate: float, patience_rate: float, counters: int, within: float
) -> None:
    drawn, people = seeded("a hall of impatient people"), 60_000
    now, free, called, late = 0.0, [0.0] * counters, 0, 0
    for _ in range(people):  # in the order of arrival: each takes the counter that is free first
        now += drawn.expovariate(arrivals)
        first = min(range(counters), key=free.__getitem__)
        wait = max(0.0, free[first] - now)
        patience = drawn.expovariate(patience_rate)
        if patience < wait:
            late += patience > within
            continue
        free[first] = now + wait + drawn.expovariate(service_rate)
        called += wait <= within
        late += wait > within
    found = staffing.called_within(arrivals, service_rate, patience_rate, counters, within)
    assert found == pytest.approx(called / (called + late), abs=0.01)


def test_without_impatience_it_is_the_formula_of_erlang() -> None:
    assert staffing.called_within(10 / 180, 1 / 180, 0, 14, 20) == near(
        staffing.service_level(10, 14, 180, 20)
    )
    almost = staffing.called_within(10 / 180, 1 / 180, 1e-9, 14, 20)
    assert almost == pytest.approx(0.8883500192, abs=1e-5)


def test_the_fewest_counters_reach_the_share_and_one_fewer_does_not() -> None:
    hall: tuple[float, float, float] = (0.75, 0.125, 0.05)
    needed = staffing.counters_needed(*hall, within=5, share=0.8)
    assert staffing.called_within(*hall, needed, 5) >= 0.8 > staffing.called_within(*hall, needed - 1, 5)
    assert staffing.counters_needed(0, 0.125, 0.05, within=5, share=0.8) == 0


def test_as_many_arrivals_as_counters_can_bear() -> None:
    most = staffing.arrivals_for(5, 0.125, 0.05, within=15, share=0.8)
    assert staffing.called_within(most, 0.125, 0.05, 5, 15) == pytest.approx(0.8, abs=1e-6)
