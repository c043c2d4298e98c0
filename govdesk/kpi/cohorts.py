"""Provisional figures of young cohorts: Kaplan-Meier of the time to repeat (KPI.md §1.7)."""

import math
from collections import Counter
from typing import Any

from govdesk.kpi.lengths import Lengths
from govdesk.kpi.statistics import Z95, Interval, wilson
from govdesk.kpi.survival import Curve, curve_of

Timeline = Counter[tuple[int, bool, int]]  # (days observed, whether it failed then, window of its service)


def provisional(own: Timeline, older: Timeline) -> dict[str, Any] | None:
    """Estimate the repeat-visit rate of a cohort that is not mature: `{"value", "interval", "n", "method"}`.

    As far as somebody of the cohort was observed it is 1 - S(window) of its own curve ("kaplan_meier").
    Where nobody has been observed for the whole window, the curve goes on with the steps that `older` visits
    of the same group took after that age ("chained"). None where those are missing too: a shorter look would
    flatter.
    """
    if not own:
        return None
    window = max(window for _, _, window in own)
    n = sum(own.values())
    curve = _curve(own, window)
    if curve.at(window) is not None:
        found, method = _at(curve, window), "kaplan_meier"
    else:
        found, method = _chained(curve, _curve(older, window), window), "chained"
    if found is None:
        return None
    share, limits = found
    interval = [1 - limits[1], 1 - limits[0]] if share < 1 else list(wilson(0, n) or (0.0, 1.0))
    return {"value": 1 - share, "interval": interval, "n": n, "method": method}


def _curve(timeline: Timeline, window: int) -> Curve:
    """Estimate the curve; a visit whose own, shorter window has passed cannot fail any more: it stays."""
    well, failed = Lengths(), Lengths()
    for (days, has_failed, own_window), count in timeline.items():
        is_settled = not has_failed and days >= own_window
        (failed if has_failed else well).add(max(days, window) if is_settled else days, count)
    return curve_of(failed, well, 1)


def _at(curve: Curve, time: float) -> tuple[float, Interval] | None:
    share, limits = curve.at(time), curve.interval_at(time)
    return None if share is None or limits is None else (share, limits)


def _chained(young: Curve, older: Curve, window: int) -> tuple[float, Interval] | None:
    """Go on from the last day of the young with the hazards of the older: S(window) and its log-log limits.

    The variance of log S has three parts: what the young have shown (Greenwood), how well the later hazards
    are known (Greenwood again), and that those who are left of the young are few themselves: the same sum as
    if they had gone through these hazards, larger by the ratio of the numbers at risk.
    """
    if older.at(window) is None:
        return None
    share, variance = young.survival[-1] if young.times else 1.0, _greenwood(young.at_risk, young.events)
    later = [
        (at_risk, events)
        for time, at_risk, events in zip(older.times, older.at_risk, older.events, strict=True)
        if young.longest < time <= window
    ]
    if later and young.open_count:
        share *= math.prod((at_risk - events) / at_risk for at_risk, events in later)
        few = 1 + later[0][0] / young.open_count
        variance += few * _greenwood(*zip(*later, strict=True))
    if share in {0.0, 1.0}:
        return share, (share, share)
    theta = Z95 * math.sqrt(variance) / math.log(share)
    return share, (share ** math.exp(-theta), share ** math.exp(theta))


def _greenwood(at_risk: tuple[int, ...], events: tuple[int, ...]) -> float:
    return math.fsum(d / (n * (n - d)) for n, d in zip(at_risk, events, strict=True) if n > d)
