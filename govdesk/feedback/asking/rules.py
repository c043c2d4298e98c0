"""Whom a questionnaire may ask, at which end, when, and how long: pure rules (KPI.md §5)."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from govdesk.cases.silent.rules import AFTER_ANSWER_DAYS, ONE_IN_DAYS, may_ask

EXEMPT = frozenset({"complaint"})  # kinds that fatigue neither stops nor counts
WHILE_KEPT = frozenset({"after_service", "missed", "second_visit"})  # not sent to who is kept for a wave
SPARED = ("fatigue", "opted_out", "no_address", "kept", "overtaken")
ASK_AFTER = dt.timedelta(minutes=5)  # the end: time to take a wrong press back, and to leave the hall
ASK_COMPLAINT_AFTER = dt.timedelta(days=1)  # its answer wants to be read first
ASK_WITHIN = dt.timedelta(days=3)  # of the end; later nobody remembers the minute
OPEN_FOR = dt.timedelta(days=14)  # from the end on it may be answered
REMIND_AFTER_DAYS = 3
STAFF_DAYS = 10  # the last ones of a month: then those who serve are asked about it
SENT_DAYS = (1, 90)  # in which whoever is sent to see how people are served may go


@dataclass(frozen=True, slots=True)
class End:
    """How one kind of end is asked about."""

    occasion: str
    kind: str  # of the questionnaire
    is_sent: bool = True  # False: another message asks already, and its page leads on to the form


TICKET_ENDS: Mapping[str, End] = {  # by the state of the ticket; a transfer is no end
    "served": End("served", "after_service"),
    "turned_away": End("turned_away", "after_service"),
    "abandoned": End("left", "after_service", is_sent=False),
    "closed_unserved": End("unserved", "after_service", is_sent=False),
    "noshow": End("noshow", "missed"),
}
MISSED = End("noshow", "missed", is_sent=False)  # an appointment
RETURNED = End("returned", "second_visit")  # instead of the form of the same ticket
RESOLVED_AWAY = End("resolved_away", "after_service")  # without a visit
COMPLAINT = End("complaint", "complaint")


@dataclass(frozen=True, slots=True)
class Past:
    """What one person was asked before, over all questionnaires, and what they made of it."""

    asked_on: dt.date | None = None  # last, where it reached them
    answered_on: dt.date | None = None  # last; of an answer known by its week, that week's last day
    has_stopped: bool = False  # wants no questions, for ever


UNASKED = Past()


def why_spared(past: Past, today: dt.date, *, kind: str) -> str | None:
    """Why somebody is not asked on a day: opted_out or fatigue; None where they may be.

    One question in 90 days and none for 180 after an answer, over all questionnaires; after a complaint
    that person is asked all the same. It does not count for the others either: who complained would
    otherwise be missing from every sample, and the unhappy with them.
    """
    if past.has_stopped:
        return "opted_out"
    if kind in EXEMPT:
        return None
    is_free = may_ask(asked_on=past.asked_on, answered_on=past.answered_on, today=today)
    return None if is_free else "fatigue"


def free_on(past: Past) -> dt.date | None:
    """The first day on which somebody may be asked again; None for whom nothing stops, or who has stopped."""
    days = [
        day + dt.timedelta(days=length)
        for day, length in ((past.asked_on, ONE_IN_DAYS), (past.answered_on, AFTER_ANSWER_DAYS))
        if day is not None
    ]
    return None if past.has_stopped else max(days, default=None)


def monday(day: dt.date) -> dt.date:
    """The Monday of the week in which a day falls."""
    return day - dt.timedelta(days=day.weekday())


def last_day(week: dt.date) -> dt.date:
    """The last day of the week that begins on a Monday."""
    return week + dt.timedelta(days=6)


def is_reminder_due(*, asked_on: dt.date | None, reminded_on: dt.date | None, today: dt.date) -> bool:
    """Whether the one reminder is due: three days after the question."""
    return asked_on is not None and reminded_on is None and (today - asked_on).days >= REMIND_AFTER_DAYS


def month_end(day: dt.date) -> dt.date:
    """The last day of the month in which a day falls."""
    return (day.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)


def is_staff_asked(day: dt.date) -> bool:
    """Whether a day is one of the last of its month, in which those who serve are asked how it went."""
    return (month_end(day) - day).days < STAFF_DAYS
