"""What time it is in the demo city: a busy hour of a working day, which does not pass while nobody looks."""

import datetime as dt
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from govdesk import clock
from govdesk.config import DEMO_SHIFT, settings
from govdesk.db import reading
from govdesk.queue.models import TicketEvent

ZONE = "Asia/Riyadh"
CITY_HOUR = dt.time(10, 42)
AWAKE = (dt.time(9, 30), dt.time(11, 30))  # when every branch is open and busy


def present_moment(now: dt.datetime) -> dt.datetime:
    """The city's present: now, when its branches are open and busy; else the last working day at 10:42."""
    local = now.astimezone(ZoneInfo(ZONE))
    weekend = {4, 5}
    if local.weekday() not in weekend and AWAKE[0] <= local.time() <= AWAKE[1]:
        return now
    day = local.date() if local.time() > AWAKE[1] else local.date() - dt.timedelta(days=1)
    while day.weekday() in weekend:
        day -= dt.timedelta(days=1)
    return dt.datetime.combine(day, CITY_HOUR, local.tzinfo)


def sleep(present: dt.datetime) -> None:
    """Remember that here it is `present` now; the clock of every process goes by that from its start on."""
    shift = present - clock.world()
    (settings().instance / DEMO_SHIFT).write_text(f"{round(shift.total_seconds())}\n", "ascii")
    clock.shift(shift)


def wake() -> None:
    """Go on where the city fell asleep: its day does not pass while no server runs."""
    last = reading().scalar(select(func.max(TicketEvent.at)))
    reading().rollback()
    if last is not None:
        sleep(last)
