"""Figures in words and digits of the reader."""

import datetime as dt

from govdesk.faces.head import lengths
from govdesk.i18n import date_short, digits, nt, num, pct, t
from govdesk.kpi.figures import Bounds, Row
from govdesk.kpi.registry import Measure


def value_of(row: Row) -> str | None:
    """The value with its unit; None without data."""
    return None if row.value is None else amount(row.value, row.unit)


def amount(value: float, unit: str) -> str:
    """A number with its unit in words: 17.0%, 6.1 days, 4.5 hours."""
    if unit in lengths.SECONDS_OF:
        return lengths.said(value, unit)
    return pct(value) if unit == "share" else nt(f"kpi.{unit}", round(value), num=number(value, unit))


def number(value: float, unit: str) -> str:
    """A number as precisely as its unit deserves; a share as a percentage. Ticks and counts are short."""
    if unit == "share":
        return pct(value)
    if unit == "share_tick":
        return pct(value, 0 if _is_whole(value * 100) else 1)
    return num(value, 2 if unit == "visits" else 0 if _is_whole(value) else 1)


def level(value: float, unit: str, top: float) -> str:
    """A value beside an axis that ends at `top`, in the axis's unit."""
    if unit in lengths.SECONDS_OF:
        return number(lengths.scale(top, unit).of(value, unit), "count")
    return number(value, unit)


def interval_of(interval: Bounds | None, unit: str) -> str:
    """An interval: between 15.6 and 18.5 per cent, 4.5–7.2 hours; without an upper end it says so."""
    low, high = interval or (None, None)
    if low is None:
        return ""
    if high is None:
        return t("head.interval_open", low=amount(low, unit))
    if unit in lengths.SECONDS_OF:
        return lengths.between(low, high, unit)
    if unit == "share":
        return t("head.interval_share", low=num(low * 100, 1), high=num(high * 100, 1))
    return t("head.interval", low=number(low, unit), high=number(high, unit))


def with_aside(caption: str, row: Row) -> str:
    """Add to a caption how many rows end before they begin, how they count, and the value without them."""
    without = row.detail.get("without_set_aside")
    if row.is_hidden or not without:
        return caption
    value = t("design.no_data") if without["value"] is None else amount(without["value"], row.unit)
    interval = interval_of(without["interval"], row.unit)
    said = f"{value} ({interval})" if interval else value
    key = "head.aside_waits" if row.unit == "minutes" else "head.aside_cases"
    return f"{caption} {nt(key, row.detail['set_aside'], without=said)}"


def reading_of(row: Row) -> str:
    """What must be said beside the value of one period: young, hidden or nothing."""
    if row.is_hidden:
        return t("head.hidden")
    if row.pending:
        return t("head.estimate") if row.detail.get("provisional") else t("head.too_young")
    return ""


def reason_of(row: Row, measure: Measure) -> str:
    """Why there is no value."""
    if row.is_hidden:
        return t("head.hidden_long")
    if row.pending:
        return t("head.all_young")
    if row.n and measure.unit == "people":
        return t("head.lists_apart")
    if row.n and measure.unit in {"days", "hours"}:
        return t("head.half_not_reached")
    return t("head.nothing_recorded")


def target_of(measure: Measure, target: float | None) -> str:
    """The target, with its direction."""
    if target is None:
        return ""
    value = (
        pct(target, 0 if _is_whole(target * 100) else 1)
        if measure.unit == "share"
        else amount(target, measure.unit)
    )
    return t("head.at_most" if measure.is_lower_better else "head.at_least", value=value)


def period_name(value: str, time: str) -> str:
    """The name of a week or month."""
    if time == "week":
        return date_short(dt.date.fromisoformat(value))
    return digits(f"{t('head.month_' + value[5:])} {value[:4]}")


def _is_whole(value: float) -> bool:
    return abs(value - round(value)) < 1e-6  # noqa: PLR2004 - rounding of a tick
