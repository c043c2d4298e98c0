"""A case in one line of words."""

import datetime as dt

from govdesk import clock, i18n
from govdesk.cases.models import Case
from govdesk.i18n import t


def case_words(case: Case) -> str:
    """A case as it is chosen from a list: the need, its days, where, and what about."""
    zone = case.branch.timezone if case.branch else "UTC"
    where = i18n.named(case.branch) if case.branch else ""
    parts = [i18n.named(case.service), _days(case, zone), where, case.object_ref]
    return " · ".join(part for part in parts if part)


def _days(case: Case, zone: str) -> str:
    since = clock.local_day(case.opened_at, zone)
    if case.resolved_at is None:
        return t("linking.case_days", since=_day(since, zone), until=t("linking.case_open"))
    until = clock.local_day(case.resolved_at, zone)
    if until == since:
        return _day(since, zone)
    return t("linking.case_days", since=_day(since, zone), until=_day(until, zone))


def _day(day: dt.date, zone: str) -> str:
    """The day, with its year where that is not this one."""
    is_this_year = day.year == clock.local_day(clock.now(), zone).year
    return i18n.date_short(day) if is_this_year else f"{i18n.date_short(day)} {i18n.digits(str(day.year))}"
