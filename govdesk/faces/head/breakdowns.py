"""Where it is made and why: groups by name with their intervals, and causes by their number."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from govdesk.faces.head import words
from govdesk.faces.head.asking import Asked
from govdesk.i18n import direction, num, pct
from govdesk.kpi.figures import Figure, Row

FOUR_FIFTHS = 0.8
Share = tuple[str, float, str, str, bool]


@dataclass(frozen=True, slots=True)
class Bar:
    """A group with its value and interval as places between 0 and 100, counted from the start of the line."""

    name: str
    row: Row
    value: str | None
    interval: str
    at: float | None
    low: float | None
    high: float | None


def bars(asked: Asked, figure: Figure) -> list[Bar]:
    """Give the groups of a figure by name: no order of merit, since most intervals overlap."""
    return sorted(bars_in_order(asked, figure), key=lambda bar: bar.name)


def bars_in_order(asked: Asked, figure: Figure) -> list[Bar]:
    """Give the groups of a figure in their own order, as that of the clock."""
    word = figure.by[0]
    return _bars([(asked.name_of(word, row.group[word]), row) for row in figure.rows])


def named_bars(groups: Sequence[tuple[str, Row]]) -> list[Bar]:
    """The same as `bars` of groups with their names."""
    return sorted(_bars(groups), key=lambda bar: bar.name)


def _bars(groups: Sequence[tuple[str, Row]]) -> list[Bar]:
    top = max((end for _, row in groups for end in _ends(row)), default=0.0) or 1.0
    return [_bar(name, row, top) for name, row in groups if _is_shown(row)]


def shares(counts: Sequence[tuple[str, int]], say: Callable[[int], str] = num) -> list[Share]:
    """Give counted causes in their order: name, length, number, running share, end of four fifths."""
    total, most = sum(count for _, count in counts), max((count for _, count in counts), default=1)
    made, running = [], 0
    for place, (name, count) in enumerate(counts):
        before, running = running, running + count
        is_cut = before < FOUR_FIFTHS * total <= running and place + 1 < len(counts)
        made.append((name, round(100 * count / most, 1), say(count), pct(running / total, 0), is_cut))
    return made


def _bar(name: str, row: Row, top: float) -> Bar:
    low, high = row.interval or (None, None)
    return Bar(
        name,
        row,
        words.value_of(row),
        words.interval_of(row.interval, row.unit),
        _place(row.value, top),
        _place(low, top),
        _place(high, top),
    )


def _place(value: float | None, top: float) -> float | None:
    """Where a value stands in a drawing, whose coordinates run left to right in both languages."""
    if value is None:
        return None
    place = round(2 + 96 * value / top, 2)
    return place if direction() == "ltr" else round(100 - place, 2)


def _ends(row: Row) -> Sequence[float]:
    return [end for end in (row.value, *(row.interval or ())) if end is not None]


def _is_shown(row: Row) -> bool:
    return row.is_hidden or bool(row.n) or bool(row.pending)
