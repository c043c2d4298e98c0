"""The waiting lists of every branch: how many wait in each, and the way into it."""

from flask.typing import ResponseReturnValue

from govdesk import clock
from govdesk.booking.line import standing_at
from govdesk.catalog.service import open_branches
from govdesk.db import reading
from govdesk.web import page, staff_only


@staff_only("admin")
def waiting_lists() -> ResponseReturnValue:
    """Show how many wait at each branch; who waits at several counts at each of them."""
    session = reading()
    return page(
        "admin/waiting_lists.html",
        branches=open_branches(session),
        standing=standing_at(session),
        local_day=clock.local_day,
    )
