"""Why people were sent away, and which papers they lacked, as it was recorded: counted over a period."""

from collections import Counter

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from govdesk.cases.models import Visit
from govdesk.cases.records import in_parts
from govdesk.kpi.behind import visits
from govdesk.kpi.question import Question
from govdesk.queue.models import MissingPaper


def why_turned_away(session: Session, question: Question) -> Counter[str | None]:
    """The causes of those sent away without what they came for, by code; None where none was recorded."""
    sent = visits.sent_away(question).subquery()
    counted = select(sent.c.cause, func.count()).group_by(sent.c.cause).order_by(sent.c.cause)
    return Counter(dict(session.execute(counted).all()))


def papers_lacking(session: Session, question: Question) -> Counter[int]:
    """How many visits lacked each paper, by its id; a visit that lacked two counts with both."""
    came = [int(row.visit_no) for row in session.execute(visits.lacking(question, Visit.visit_no))]
    found: Counter[int] = Counter()
    for some in in_parts(came):
        lacked = (
            select(MissingPaper.paper_id, func.count())
            .where(MissingPaper.ticket_id.in_(some))
            .group_by(MissingPaper.paper_id)
            .order_by(MissingPaper.paper_id)
        )
        found.update(dict(session.execute(lacked).all()))
    return found
