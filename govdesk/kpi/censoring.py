"""What is told of lengths some of which have not ended yet, and of those that end before they begin."""

from collections.abc import Sequence
from typing import Any

from govdesk.kpi.lengths import Lengths
from govdesk.kpi.survival import NINE_TENTHS, curve_of


def aside_share(aside: int, n: int) -> dict[str, Any]:
    """Give how many of `n` end before they begin, and their share of them; None of nothing."""
    return {"set_aside": aside, "set_aside_share": aside / n if n else None}


def aside_row(
    ended: Lengths, still_open: Lengths, aside: int, *, unit: str, length: int, shown: Sequence[int] = ()
) -> dict[str, Any]:
    """Give the row of all, those that end before they begin as 0; and the same figures without them."""
    everything = Lengths.all_of(ended)
    everything.add(0, aside)
    row = survival_row(everything, still_open, unit=unit, length=length, shown=shown)
    row["detail"] |= {"set_aside": aside, "without_set_aside": None}
    if aside:
        rest = survival_row(ended, still_open, unit=unit, length=length, shown=shown)
        named = {name: rest[name] for name in ("value", "interval", "n")}
        row["detail"]["without_set_aside"] = {**named, **rest["detail"]}
    return row


def survival_row(
    ended: Lengths, still_open: Lengths, *, unit: str, length: int, shown: Sequence[int] = ()
) -> dict[str, Any]:
    """Give the median, its interval, p90, S at some times, and the figures of the closed ones alone.

    A unit is so many parts long as `length` says.
    """
    curve = curve_of(ended, still_open, length)
    detail: dict[str, Any] = {
        "p90": curve.quantile(NINE_TENTHS),
        "p90_interval": curve.quantile_interval(NINE_TENTHS),
        "s": {str(time): curve.at(time) for time in shown},
        "closed_only": {
            "n": len(ended),
            "mean": ended.mean(length),
            "median": ended.linear_percentile(0.5, length),
            "p90": ended.linear_percentile(0.9, length),
            "nearest_rank_median": ended.nearest_rank(0.5, length),
            "nearest_rank_p90": ended.nearest_rank(0.9, length),
        },
    }
    return {
        "unit": unit,
        "value": curve.quantile(),
        "n": curve.n,
        "interval": curve.quantile_interval() if curve.n else None,
        "open": curve.open_count,
        "detail": detail,
    }
