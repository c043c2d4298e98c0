"""What the page of a questionnaire shows, as files for programs: plain numbers, keys that stay, nothing more.

What is hidden on the page is hidden here: its row says so and has no number.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from govdesk.cases.silent.rules import Estimate
from govdesk.faces.voices.questions import Line, Strength
from govdesk.faces.voices.who import Who
from govdesk.kpi.statistics import wilson
from govdesk.kpi.survey import Driver

Ends = Sequence[float] | None
GOOD = ("good_share", "good_low", "good_high", "weighted", "weighted_low", "weighted_high", "effective_n")
MEAN = ("mean", "mean_low", "mean_high")
QUESTIONS = (
    "question", "series", "text", "kind", "mode", "hidden", "n", "answer", "count", "share", "low", "high",
    *GOOD, *MEAN,
)  # fmt: skip
STRENGTHS = ("question", "text", "importance", "is_stated", "performance", "low", "high", "n", "field")
DRIVERS = (
    "question", "choice", "met", "met_dissatisfied", "others", "others_dissatisfied", "prevalence", "ratio",
    "ratio_low", "ratio_high", "attributable",
)  # fmt: skip
SILENCE = ("what", "value", "low", "high")


def questions(lines: Iterable[Line]) -> str:
    """Each answer to each question; of the share of good ones, and of each way of answering, a row more."""
    rows: list[dict[str, Any]] = []
    for line in lines:
        asked = {"question": line.key, "series": line.series, "text": line.text, "kind": line.kind}
        if line.is_hidden:
            rows.append({**asked, "hidden": "yes"})
            continue
        shown = {**asked, "hidden": "no", "n": line.n}
        for part in line.parts:
            said = {"answer": part.value, "count": part.count, "share": plain(part.share)}
            rows.append({**shown, **said, **_ends(wilson(part.count, line.n))})
        rows += [{**shown, **summed} for summed in _sums(line)]
    return _written(QUESTIONS, rows)


def strengths(found: Iterable[Strength]) -> str:
    """Importance and performance of each statement, and the quarter in which it lies."""
    return _written(
        STRENGTHS,
        [
            {
                "question": one.key, "text": one.text, "importance": plain(one.importance),
                "is_stated": "yes" if one.is_stated else "no", "performance": plain(one.performance),
                "n": one.n, "field": one.field, **_ends(one.ends),
            }
            for one in found
        ],
    )  # fmt: skip


def drivers(found: Iterable[Driver]) -> str:
    """What goes with being dissatisfied: how many it met, and how they differ from the others."""
    return _written(
        DRIVERS,
        [
            {
                "question": one.asking.key, "choice": one.choice or "", "met": one.effect.met,
                "met_dissatisfied": one.effect.met_bad, "others": one.effect.others,
                "others_dissatisfied": one.effect.others_bad, "prevalence": plain(one.effect.prevalence),
                "ratio": plain(one.effect.ratio), "attributable": plain(one.effect.attributable),
                **_ends(one.effect.interval, "ratio_"),
            }
            for one in found
        ],
    )  # fmt: skip


def silence(asked: Who | None, unheard: Estimate | None) -> str:
    """The bounds that silence leaves, whether groups answered alike, and who was never heard."""
    rows: list[dict[str, Any]] = []
    if asked is not None and asked.bounds is not None:
        rows.append({"what": "share_bounds", **_ends(asked.bounds)})
    rows += [
        {"what": f"likeness_{one.word}", "value": plain(one.likeness)}
        for one in (asked.compared if asked is not None else ())
    ]
    if unheard is not None:
        ends = {"low": plain(unheard.low), "high": plain(unheard.high)}
        rows.append({"what": "dissatisfied_estimated", "value": plain(unheard.value), **ends})
        rows.append({"what": "dissatisfied_unheard", "value": plain(unheard.unheard)})
    return _written(SILENCE, rows)


def plain(value: float | None) -> str:
    """A number as programs read it; nothing where there is none."""
    return "" if value is None else f"{value:.6f}".rstrip("0").rstrip(".")


def _sums(line: Line) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    if line.good is not None:
        said = {
            "mode": "",
            "good_share": plain(line.good / line.n),
            **_ends(wilson(line.good, line.n), "good_"),
        }
        if line.post_stratified is not None:
            weighted = line.post_stratified
            said |= {"weighted": plain(weighted["value"]), **_ends(weighted["interval"], "weighted_")}
            said["effective_n"] = plain(weighted["effective_n"])
        made.append(said)
    for mode, good, n in line.by_mode:
        ends = _ends(wilson(good, n), "good_")
        made.append({"mode": mode, "n": n, "good_share": plain(good / n) if n else "", **ends})
    if line.mean is not None:
        made.append({"mean": plain(line.mean), **_ends(line.mean_ends, "mean_")})
    return made


def _ends(ends: Ends, beginning: str = "") -> dict[str, str]:
    low, high = ends or (None, None)
    return {f"{beginning}low": plain(low), f"{beginning}high": plain(high)}


def _written(head: Sequence[str], rows: Iterable[dict[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, head, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
