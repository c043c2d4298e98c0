"""The one place that knows what time it is."""

import contextlib
import datetime as dt
from collections.abc import Iterator
from contextvars import ContextVar
from zoneinfo import ZoneInfo

UTC = dt.UTC
_shift = dt.timedelta()
_fixed: ContextVar[dt.datetime | None] = ContextVar("fixed_moment", default=None)


def now() -> dt.datetime:
    """The present moment, aware, in UTC; the moment given to `at` inside such a block."""
    return _fixed.get() or dt.datetime.now(UTC) + _shift  # noqa: TID251 - this is the one place


def shift(by: dt.timedelta) -> None:
    """Let this process live `by` later than the world: for the demo city, where it is a working day."""
    global _shift  # noqa: PLW0603 - set once, when the application is made
    _shift = by


@contextlib.contextmanager
def at(moment: dt.datetime) -> Iterator[None]:
    """Make `now()` answer `moment` (aware) inside the block: for tests and the demo city."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs an offset")
    before = _fixed.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _fixed.reset(before)


def world() -> dt.datetime:
    """The moment in the world outside, whatever `at` and `shift` say."""
    return dt.datetime.now(UTC)  # noqa: TID251 - this is the one place


def local_day(moment: dt.datetime, zone: str | ZoneInfo) -> dt.date:
    """The calendar day on which `moment` falls in `zone`."""
    return moment.astimezone(zone if isinstance(zone, ZoneInfo) else ZoneInfo(zone)).date()


def day_bounds(day: dt.date, zone: str | ZoneInfo) -> tuple[dt.datetime, dt.datetime]:
    """First moment of `day` and of the day after it in `zone`, as UTC; half-open, 23 to 25 hours apart."""
    place = zone if isinstance(zone, ZoneInfo) else ZoneInfo(zone)
    first = dt.datetime.combine(day, dt.time.min, place)
    after = dt.datetime.combine(day + dt.timedelta(days=1), dt.time.min, place)
    return first.astimezone(UTC), after.astimezone(UTC)
