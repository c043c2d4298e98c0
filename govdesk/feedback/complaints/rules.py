"""Rules of complaints: their course, their deadlines in working days, and who may go to whom next."""

import datetime as dt

from govdesk.catalog.rules import Calendar

ABOUT = ("wait", "staff", "information", "decision", "fees", "online", "place", "other")
VERDICTS = ("justified", "partly", "not_justified")
WITH_CAUSE = ("justified", "partly")
RECEIVED, ACKNOWLEDGED, ASSESSED, ANSWERED, WITHDRAWN = (
    "received", "acknowledged", "assessed", "answered", "withdrawn",
)  # fmt: skip
OPEN = (RECEIVED, ACKNOWLEDGED, ASSESSED)
COURSE = {  # from which states a step may be taken, and where it leads
    "acknowledge": ((RECEIVED,), ACKNOWLEDGED),
    "assess": ((RECEIVED, ACKNOWLEDGED, ASSESSED), ASSESSED),  # until it is answered it may be assessed anew
    "answer": ((ASSESSED,), ANSWERED),
    "withdraw": (OPEN, WITHDRAWN),
}
IN_TIME, NEAR, LATE = 0, 1, 2  # where a deadline stands
NEAR_FROM = (3, 4)  # of the open time until it
DEADLINES = ("acknowledge", "answer")
NEXT_WITHIN = dt.timedelta(days=60)  # after the answer
LONGEST_SEARCH = 60  # days in which a working day is looked for


def leads_to(step: str, state: str) -> str | None:
    """The state after a step; None where it cannot be taken."""
    before, after = COURSE[step]
    return after if state in before else None


def may_go_on(
    *, state: str, answer_due_at: dt.datetime, answered_at: dt.datetime | None, has_next: bool,
    now: dt.datetime,
) -> bool:  # fmt: skip
    """Whether a complainant may go to the next instance: after the answer, or when none came in time."""
    if not has_next:
        return False
    if state == ANSWERED:
        return answered_at is not None and now - answered_at <= NEXT_WITHIN
    return state in OPEN and now > answer_due_at


def working_days_after(calendar: Calendar, since: dt.datetime, days: int) -> dt.datetime:
    """The close of the given working day after the day of `since`; the day itself does not count.

    A place that never opens counts days of the week.
    """
    day, left = since.astimezone(calendar.zone).date(), days
    for _ in range(LONGEST_SEARCH + days):
        day += dt.timedelta(days=1)
        spans = calendar.open_intervals(day)
        left -= bool(spans)
        if spans and left == 0:
            return spans[-1][1].astimezone(dt.UTC)
    return since + dt.timedelta(days=days)


def is_in_time(due_at: dt.datetime, done_at: dt.datetime | None, now: dt.datetime) -> bool | None:
    """Whether something was done by its deadline; None while it is neither done nor overdue."""
    if done_at is not None and done_at <= now:
        return done_at <= due_at
    return False if now > due_at else None


def still_due(state: str) -> tuple[str, ...]:
    """Which deadlines a complaint can still miss."""
    if state == RECEIVED:
        return DEADLINES
    return ("answer",) if state in OPEN else ()


def rung(calendar: Calendar, *, begun_at: dt.datetime, due_at: dt.datetime, now: dt.datetime) -> int:
    """How far it is towards a deadline: in time, near (three quarters of the open time are over), late.

    Of a place that never opens the clock itself is looked at.
    """
    if now > due_at:
        return LATE
    whole, gone = calendar.open_time(begun_at, due_at), calendar.open_time(begun_at, now)
    if not whole:
        whole, gone = due_at - begun_at, now - begun_at
    over, parts = NEAR_FROM
    return NEAR if gone * parts >= whole * over else IN_TIME


def told(role: str, rung_: int) -> str:
    """Who is told: of a near deadline whoever answers; of one that has passed whoever is above them."""
    return "head" if rung_ == LATE else role
