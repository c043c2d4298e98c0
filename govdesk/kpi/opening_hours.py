"""At which hours of the week the branches that are looked at were open in a period."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk.catalog.models import Branch
from govdesk.catalog.service import calendar_of
from govdesk.kpi.question import Question

LONGEST = 84  # days looked at: a week changes by season, and a year is too long to tell today's
DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)


def open_hours(session: Session, question: Question) -> frozenset[tuple[str, str]]:
    """Give (ISO weekday, hour) of each hour in which one of the branches was open on a day of the period."""
    last = question.today(None) if question.to_day is None else min(question.to_day, question.today(None))
    first = max(last - LONGEST * DAY, question.from_day or dt.date.min)
    days = [first + count * DAY for count in range((last - first).days + 1)]
    found: set[tuple[str, str]] = set()
    wanted = question.scope.branch_id
    for branch in session.scalars(select(Branch).order_by(Branch.id)):
        if wanted not in {None, branch.id} or not question.scope.has_branch(branch.id) or not branch.hours:
            continue
        calendar = calendar_of(session, branch, is_strict=False)
        for day in days:
            for opens, closes in calendar.open_intervals(day):
                at = opens.replace(minute=0, second=0, microsecond=0)
                while at < closes:
                    found.add((str(at.isoweekday()), f"{at:%H}"))
                    at += HOUR
    return frozenset(found)
