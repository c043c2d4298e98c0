"""How each question was answered: the distribution, the share of good answers raw and weighted, by mode."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from govdesk.db import reading
from govdesk.faces.head import words
from govdesk.faces.voices.asking import FEWEST, Reading
from govdesk.feedback.forms.rules import TYPES, Question
from govdesk.i18n import direction, language, num, pct, t
from govdesk.kpi import service
from govdesk.kpi.answers import FACES
from govdesk.kpi.asked_forms import GOOD
from govdesk.kpi.samples import correlation, place_in_grid
from govdesk.kpi.statistics import mean_interval, wilson
from govdesk.kpi.survey import Together, Told

FEW_PARTS = 5
NEITHER = ("yes_no", "one")  # their answers are neither good nor bad


@dataclass(frozen=True, slots=True)
class Part:
    """One of the answers: its words, how many, its share, and where its bar begins and ends."""

    value: str  # the number or the key of the choice
    name: str
    count: int
    share: float
    left: float  # a drawing runs left to right in both languages
    shade: int


@dataclass(slots=True)
class Line:
    """One wording of one question as the page shows it."""

    key: str
    text: str
    kind: str
    series: int
    is_old: bool
    n: int
    is_hidden: bool
    parts: list[Part] = field(default_factory=list)
    share: str | None = None
    interval: str = ""
    weighted: str | None = None
    weighted_interval: str = ""
    effective: str = ""
    middle: str = ""  # the mean of numbers, the share of yes
    middle_interval: str = ""
    good: int | None = None  # the same as numbers, for files
    post_stratified: Mapping[str, Any] | None = None
    by_mode: list[tuple[str, int, int]] = field(default_factory=list)
    mean: float | None = None
    mean_ends: tuple[float, float] | None = None
    modes: list[list[str]] = field(default_factory=list)


def text_of(asking: Question) -> str:
    """The words of a question in the language spoken now."""
    return asking.text.get(language()) or asking.text.get("en") or asking.key


def lines(asked: Reading, told: list[Told]) -> list[Line]:
    """Give every question with numbers or choices, the wording asked now first."""
    weighted = _weighted(asked)
    keys = Counter(one.asking.key for one in told)  # of two wordings no weighted share is told
    newest: dict[str, int] = {}
    for one in told:
        newest[one.asking.key] = max(one.series, newest.get(one.asking.key, 0))
    made = []
    for one in told:
        is_old = one.series < newest[one.asking.key]
        line = Line(
            one.asking.key, text_of(one.asking), one.asking.kind, one.series, is_old, one.n,
            is_hidden=0 < one.n < FEWEST,
        )  # fmt: skip
        if not line.is_hidden:
            line.parts = _parts(one)
            if one.asking.kind in GOOD and one.n:
                _say_share(line, one, weighted.get(one.asking.key) if keys[one.asking.key] == 1 else None)
            _say_middle(line, one)
        made.append(line)
    return made


def _say_share(line: Line, one: Told, weighted: dict[str, Any] | None) -> None:
    line.good, line.post_stratified = one.good, weighted
    line.share = pct(one.good / one.n)
    line.interval = words.interval_of(wilson(one.good, one.n), "share")
    if weighted is not None:
        line.weighted = pct(weighted["value"])
        line.weighted_interval = words.interval_of(tuple(weighted["interval"]), "share")
        line.effective = num(weighted["effective_n"], 1)
    counted = [(mode, *one.of_mode(mode)) for mode in sorted(one.modes)]
    if len(counted) < 2 or any(0 < n < FEWEST for _, _, n in counted):  # noqa: PLR2004 - one stands apart from none
        return
    line.by_mode = counted
    for mode, good, n in counted:
        between = words.interval_of(wilson(good, n), "share")
        line.modes.append([t(f"voices.mode_{mode}"), num(n), pct(good / n), between])


def _say_middle(line: Line, one: Told) -> None:
    """The share of those who say yes, with Wilson's interval; of numbers the mean, with Student's."""
    if one.asking.kind == "yes_no" and one.n:
        line.middle = pct(one.counts[1] / one.n)
        line.middle_interval = words.interval_of(wilson(one.counts[1], one.n), "share")
    elif one.asking.kind == "scale" and one.n:
        said = [(int(value), count) for value, count in one.counts.items()]
        total, squares = (sum(value**power * count for value, count in said) for power in (1, 2))
        line.mean = total / one.n
        line.middle = num(line.mean, 1)
        between = mean_interval(one.n, total, squares)
        low, high = TYPES["scale"] or (0, 0)
        if between is not None:
            line.mean_ends = max(low, between[0]), min(high, between[1])
            least, most = (num(end, 1) for end in line.mean_ends)
            line.middle_interval = t("voices.between", low=least, high=most)


def _parts(one: Told) -> list[Part]:
    asking, made, at = one.asking, [], 0.0
    bounds = TYPES[asking.kind]
    if bounds is not None:
        values: list[int | str] = [*range(bounds[0], bounds[1] + 1)]
    else:
        values = [choice.key for choice in asking.choices] or sorted(map(str, one.counts))
    names = {choice.key: choice.text.get(language(), choice.key) for choice in asking.choices}
    for place, value in enumerate(values):
        count = one.counts[value]
        share = count / one.n if one.n else 0.0
        name = names.get(str(value), str(value)) if isinstance(value, str) else point_name(asking.kind, value)
        shade = round(1 + place * (FEW_PARTS - 1) / max(len(values) - 1, 1))
        if asking.kind in NEITHER:
            shade = FEW_PARTS + 1 + place % 2
        left = at if direction() == "ltr" else 1 - at - share
        made.append(Part(str(value), name, count, share, left, shade))
        at += share
    return made


def point_name(kind: str, value: int) -> str:
    """What a number means in words."""
    return num(value) if kind == "scale" else t(f"voices.{kind}_{value}")


def _weighted(asked: Reading) -> dict[str, dict[str, Any]]:
    """The weighted shares of the questions that feed a measure, where they can be told, by key."""
    if asked.cut.mode is not None or asked.question.scope.branch_id is not None:
        return {}
    measures = {one.question.key: one.measure for one in asked.known.values() if one.measure is not None}
    if not measures:
        return {}
    by = ("questionnaire",) if asked.cut.wave_id is None else ("questionnaire", "wave")
    keys = {name: key_of(name) for name in set(measures.values())}
    found = service.figures(reading(), asked.question, [(key, by) for key in keys.values()])
    mine: dict[str, dict[str, Any]] = {}
    for name, figure in zip(keys, found, strict=True):
        for row in figure.rows:
            is_wave = asked.cut.wave_id is None or row.group["wave"] == str(asked.cut.wave_id)
            if row.group["questionnaire"] == asked.questionnaire.code and is_wave and row.detail["weighted"]:
                mine |= {key: row.detail["weighted"] for key, measure in measures.items() if measure == name}
    return mine


def key_of(name: str) -> str:
    """The measure that a statement (or the faces) feeds."""
    return {"satisfied": "csat", FACES: "good_faces"}.get(name, name)


@dataclass(frozen=True, slots=True)
class Strength:
    """One statement by its importance and how well it is done."""

    key: str
    text: str
    importance: float
    is_stated: bool
    performance: float
    interval: str
    ends: tuple[float, float] | None
    n: int
    field: str


def strengths(told: list[Told], found: Together, weights: dict[str, float]) -> list[Strength]:
    """Give statements by importance (as people say, else as it goes with satisfaction) and performance."""
    rows = []
    for one in told:
        role = one.asking.role
        if one.asking.kind != "agreement" or role in {None, "satisfied", "expectation", "importance"}:
            continue
        if one.n < FEWEST or one.series < max(two.series for two in told if two.asking.key == one.asking.key):
            continue
        stated = weights.get(role or "")
        importance = stated if stated is not None else correlation(found.pairs.get(one.asking.key, {}))
        if importance is not None:
            rows.append((one, importance, stated is not None, one.good / one.n))
    if not rows:
        return []
    made = []
    for one, importance, is_stated, performance in rows:
        alike = [row for row in rows if row[2] == is_stated]
        middle = (
            sum(row[1] for row in alike) / len(alike),
            sum(row[3] for row in rows) / len(rows),
        )
        place = place_in_grid(importance, performance, middle)
        ends = wilson(one.good, one.n)
        between = words.interval_of(ends, "share")
        made.append(
            Strength(
                one.asking.key, text_of(one.asking), importance, is_stated, performance, between, ends,
                one.n, place,
            )
        )  # fmt: skip
    return sorted(made, key=lambda row: (row.field != "weakness", row.performance))
