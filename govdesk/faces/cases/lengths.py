"""Lengths to the second, as a stop-watch shows them: days in words, then hours, minutes and seconds."""

import datetime as dt

from govdesk.i18n import digits, nt


def length(given: dt.timedelta | int) -> str:
    """A length that can be added up: 3 days 02:14:09."""
    seconds = given if isinstance(given, int) else int(given.total_seconds())
    days, rest = divmod(seconds, 86400)
    return f"{nt('cases.days', days)} {_clock(rest)}" if days else _clock(rest)


def hours(given: dt.timedelta) -> str:
    """A length of open time, that no day is made of: 31:05:00."""
    return _clock(int(given.total_seconds()))


def _clock(seconds: int) -> str:
    hours_, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    return digits(f"{hours_:02}:{minutes:02}:{rest:02}")
