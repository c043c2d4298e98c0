"""When a case is due."""

import datetime as dt

from govdesk import clock


def due_at(opened_at: dt.datetime, days: int | None, zone: str) -> dt.datetime | None:
    """The end of the local day on which the promised days are over."""
    if days is None:
        return None
    return clock.day_bounds(clock.local_day(opened_at, zone) + dt.timedelta(days=days), zone)[1]
