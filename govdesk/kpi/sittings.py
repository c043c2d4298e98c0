"""One sitting at a counter as spans of time, and the same cut at the full hours of a clock."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from govdesk.kpi.spans import Span, both

HOUR = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Sitting:
    """At the counter without breaks, somebody there, nobody there while somebody waited; and the notes."""

    whole: Span
    at_work: list[Span] = field(default_factory=list)
    occupied: list[Span] = field(default_factory=list)
    idle: list[Span] = field(default_factory=list)
    noted: list[Span] = field(default_factory=list)
    is_left_open: bool = False  # the night closed it: nobody knows until when somebody was there


def by_hour(sitting: Sitting, zone: ZoneInfo) -> Iterator[tuple[str, Sitting]]:
    """Cut a sitting at the full hours; each part with its hour, and the notes that begin in it.

    09 is from nine to ten. Where clocks go back an hour comes twice.
    """
    begin, end = (moment.astimezone(dt.UTC) for moment in sitting.whole)
    if begin >= end:
        yield f"{begin.astimezone(zone):%H}", sitting
    while begin < end:
        local = begin.astimezone(zone)
        into = dt.timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        until = min(end, begin + HOUR - into)
        hour = [(begin, until)]
        yield (
            f"{local:%H}",
            Sitting(
                (begin, until),
                both(sitting.at_work, hour),
                both(sitting.occupied, hour),
                both(sitting.idle, hour),
                [span for span in sitting.noted if begin <= span[0] < until],
            ),
        )
        begin = until
