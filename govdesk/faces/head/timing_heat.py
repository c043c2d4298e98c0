"""A week by hours as a table of tinted cells: a number in each, its n, and where the office is shut."""

import datetime as dt
from bisect import bisect_right
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import pairwise

from govdesk.faces.head import words
from govdesk.i18n import clock_time, num, pct, t, weekday_name
from govdesk.kpi.figures import Figure, Row

WEEK = 7
WAIT_STEPS = (5, 10, 15, 20, 30)  # minutes from which a cell is darker
IDLE_STEPS = (0.02, 0.05, 0.1, 0.2, 0.3)


@dataclass(frozen=True, slots=True)
class Cell:
    """`kind` is told, hidden, none (nobody came) or shut; `level` from 0 to 5 is how dark it is."""

    kind: str
    text: str = ""
    small: str = ""
    level: int = 0


@dataclass(frozen=True, slots=True)
class Heat:
    """Hours by weekdays, with the classes of the tints in words and what it shows in a sentence."""

    days: list[str]
    rows: list[tuple[str, list[Cell]]]
    classes: list[str]
    summary: str


def waits(figure: Figure, opened: AbstractSet[tuple[str, str]], which: str) -> Heat | None:
    """The waits, their median or the ninth of ten."""

    def value(row: Row) -> float | None:
        return row.value if which == "median" else row.detail.get("p90")

    def told(row: Row, minutes: float) -> tuple[str, str]:
        return words.number(round(minutes), "count"), t("timing.cell_n", n=num(row.n))

    return _heat(figure, opened, WAIT_STEPS, value, told, f"timing.heat_{which}")


def idle(figure: Figure, opened: AbstractSet[tuple[str, str]]) -> Heat | None:
    """The share of open time in which a counter was free while somebody waited for it, and the minutes."""

    def told(row: Row, share: float) -> tuple[str, str]:
        return pct(share, 0), t("timing.cell_minutes", n=num(row.numerator or 0))

    return _heat(figure, opened, IDLE_STEPS, lambda row: row.value, told, "timing.heat_idle")


def _heat(
    figure: Figure,
    opened: AbstractSet[tuple[str, str]],
    steps: Sequence[float],
    value: Callable[[Row], float | None],
    told: Callable[[Row, float], tuple[str, str]],
    key: str,
) -> Heat | None:
    known = {
        (row.group["weekday"] or "", row.group["hour"] or ""): row
        for row in figure.rows
        if row.group["weekday"] and row.group["hour"] and (row.n or row.is_hidden)
    }
    if not known:
        return None
    places = {*opened, *known}
    hours = [f"{hour:02}" for hour in _range([int(hour) for _, hour in places])]
    days = sorted({day for day, _ in places}, key=lambda day: int(day) % WEEK)
    rows = [
        (
            hour_name(hour),
            [_cell(known.get((day, hour)), (day, hour) in opened, steps, value, told) for day in days],
        )
        for hour in hours
    ]
    names = [weekday_name(int(day) - 1) for day in days]
    return Heat(names, rows, _classes(steps, is_share=steps is IDLE_STEPS), _summary(known, value, told, key))


def hour_name(hour: str) -> str:
    """From when to when: 09:00–10:00."""
    begins = int(hour)
    ends = clock_time(dt.time((begins + 1) % 24))
    return t("timing.hour", begins=clock_time(dt.time(begins)), ends=ends)


def _range(hours: Sequence[int]) -> range:
    return range(min(hours), max(hours) + 1)


def _cell(
    row: Row | None,
    is_open: bool,  # noqa: FBT001 - one of the facts of a cell
    steps: Sequence[float],
    value: Callable[[Row], float | None],
    told: Callable[[Row, float], tuple[str, str]],
) -> Cell:
    if row is None:
        return Cell("none" if is_open else "shut")
    if row.is_hidden:
        return Cell("hidden")
    found = value(row)
    if found is None:
        return Cell("none")
    return Cell("told", *told(row, found), bisect_right(steps, found))


def _classes(steps: Sequence[float], *, is_share: bool) -> list[str]:
    names = [pct(step, 0) if is_share else num(step) for step in steps]
    unit = "" if is_share else "_minutes"
    first = t(f"timing.class_under{unit}", high=names[0])
    between = [t(f"timing.class_between{unit}", low=low, high=high) for low, high in pairwise(names)]
    return [first, *between, t(f"timing.class_from{unit}", low=names[-1])]


def _summary(
    known: dict[tuple[str, str], Row],
    value: Callable[[Row], float | None],
    told: Callable[[Row, float], tuple[str, str]],
    key: str,
) -> str:
    """Where it is longest and where shortest."""
    found = {place: value(row) for place, row in known.items() if not row.is_hidden}
    shown = {place: one for place, one in found.items() if one is not None}
    if not shown:
        return t("timing.heat_all_hidden")
    if not any(shown.values()):
        return t(f"{key}_never")
    most, least = max(shown, key=lambda place: shown[place]), min(shown, key=lambda place: shown[place])
    said = {
        f"{name}_{part}": text
        for name, place in (("most", most), ("least", least))
        for part, text in (
            ("day", weekday_name(int(place[0]) - 1)),
            ("hour", hour_name(place[1])),
            ("value", told(known[place], shown[place])[0]),
            ("n", num(known[place].n)),
        )
    }
    return t(key, **said)
