"""Lengths of time as a person would say them: seconds, minutes, hours or days; figures stay in their own."""

import math
from dataclasses import dataclass

from govdesk.i18n import nt, num, t

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
SECONDS_OF = {"minutes": MINUTE, "hours": HOUR, "days": DAY}
TWO_HOURS, NEARLY = 2 * HOUR, 0.995  # what would be rounded up to the next unit is said in it
TENTH = 0.095  # what would be rounded to less than a tenth of a unit has one of its own
FEW = 10  # below this, a length is said with a decimal
DECIMAL = 100  # a number of things whose plural is that of a decimal: 1.2 days, ١٫٢ يوم


@dataclass(frozen=True, slots=True)
class Scale:
    """A unit in which lengths are said; `name` is part of message keys."""

    name: str
    seconds: float

    def of(self, value: float, unit: str) -> float:
        """Turn a value of a figure's unit into this one."""
        return value * SECONDS_OF[unit] / self.seconds

    @property
    def words(self) -> str:
        """The name of the unit, for an axis."""
        return t(f"kpi.scale_{self.name}")


def scale(value: float, unit: str) -> Scale:
    """Choose how a length is said; open hours of an office are never said in days."""
    seconds = abs(value) * SECONDS_OF[unit]
    if unit == "hours":
        return Scale("open_hours", HOUR) if seconds >= HOUR * NEARLY else Scale("open_minutes", MINUTE)
    if seconds < MINUTE * NEARLY:
        return Scale("seconds", 1.0)
    if seconds < TWO_HOURS * NEARLY:
        return Scale("minutes", MINUTE)
    return Scale("hours", HOUR) if seconds < DAY * NEARLY else Scale("days", DAY)


def said(value: float, unit: str) -> str:
    """A length in words: 37 seconds, 4.5 hours, 12 days."""
    chosen = scale(value, unit)
    if unit == "days" and chosen.name == "seconds":
        return t("kpi.under_minute")
    length = chosen.of(value, unit)
    places = _places(length, chosen)
    return nt(f"kpi.length_{chosen.name}", _things(length, places), num=num(length, places))


def between(low: float, high: float, unit: str) -> str:
    """Two lengths in words, in one unit where one does for both: 4.5–7.2 hours; 50 minutes – 3 days."""
    chosen = scale(high, unit)
    first, last = chosen.of(low, unit), chosen.of(high, unit)
    if said(low, unit) == said(high, unit):
        return said(high, unit)
    if 0 < first < TENTH and chosen.name != "seconds":
        return f"{said(low, unit)} – {said(high, unit)}"
    places = max(_places(first, chosen), _places(last, chosen)) if last < FEW else 0
    start = num(first, places if first else 0)
    return nt(f"kpi.range_{chosen.name}", _things(last, places), low=start, num=num(last, places))


def _places(length: float, chosen: Scale) -> int:
    """One decimal for few, none for seconds, a whole number or many."""
    if chosen.name == "seconds":
        return 0
    rounded = round(length, 1)
    return 0 if abs(rounded) >= FEW or math.isclose(rounded, round(rounded), abs_tol=1e-9) else 1


def _things(length: float, places: int) -> int:
    return DECIMAL if places else abs(round(length))
