"""How good the records behind one figure are: what is missing or doubtful in them, counted beside it."""

from govdesk.i18n import nt, pct, t
from govdesk.kpi.figures import Row
from govdesk.kpi.registry import Measure

COUNTED = (  # what a figure counts of its records, each with what is told as its share
    ("set_aside", "set_aside_share"),
    ("missing_arrival", None),
    ("closed_at_night", None),
    ("unknown_outcome", "unknown_share"),
    ("unknown", "unknown_share"),
    ("left_open", "left_open_share"),
    ("without_time", "without_time_share"),
    ("without_service", None),
    ("without_opening_hours", None),
    ("moved", "moved_share"),
)
LEFT_OUT = ("missing_arrival", "closed_at_night")  # they are in no part of the figure
SHARES = ("set_aside_share", "unknown_share", "left_open_share", "without_time_share")
PARTLY = ("service_level", "promise_kept")  # of the turns whose waits are told, they count some


def flaws(row: Row) -> list[str]:
    """Say each flaw of the records of a figure with its number and, where it is known, its share."""
    quality = row.data_quality
    said = []
    if quality.get("linkage") is not None:
        said.append(t("quality.of_linkage", share=pct(quality["linkage"])))
    for name, share in COUNTED:
        count = quality.get(name)
        if count:
            part = quality.get(share) if share else None
            told = nt(f"quality.of_{name}", count)
            said.append(f"{told} ({pct(part)})" if part is not None else told)
    return said


def share(row: Row, measure: Measure, turns: Row | None = None) -> float | None:
    """The share of the records of a figure that is missing or doubtful; None where no share can be told.

    `turns` is the waiting time of the same question: other figures of waits count fewer turns than their
    records hold.
    """
    if row.is_hidden or not row.data_quality:
        return None
    if row.data_quality.get("linkage") is not None:
        return 1 - float(row.data_quality["linkage"])
    if measure.key in PARTLY:
        return None if turns is None or turns.is_hidden else _of_turns(turns, 0)
    if "closed_at_night" in row.data_quality:
        return _of_turns(row, row.data_quality.get("set_aside", 0) if measure.key == "service_time" else 0)
    shares = [row.data_quality.get(name) for name in SHARES]
    return next((float(one) for one in shares if one is not None), None)


def _of_turns(row: Row, beside: int) -> float | None:
    """Of turns: those left out, and those told as recorded though they cannot be; `beside` are not in n."""
    outside = sum(row.data_quality.get(name, 0) for name in LEFT_OUT)
    whole = row.n + outside + beside
    return (outside + row.data_quality.get("set_aside", 0)) / whole if whole else None
