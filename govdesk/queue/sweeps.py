"""What the clock does to the queue: at night what was left open is closed as unserved."""

from sqlalchemy import select

from govdesk.catalog.models import Branch
from govdesk.db import reading, transaction
from govdesk.queue.endings import close_day


def run_close_day() -> int:
    """Close what every branch left open on earlier days of its own, a transaction each; how many."""
    known = select(Branch.id).where(Branch.is_imported.is_(False)).order_by(Branch.id)
    closed = 0
    for branch_id in reading().scalars(known).all():
        with transaction() as session:
            closed += close_day(session, branch=session.get_one(Branch, branch_id))
    return closed
