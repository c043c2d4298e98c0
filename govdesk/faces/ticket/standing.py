"""How a ticket stands for the person who holds it: who is ahead, what was promised, where to go."""

import datetime as dt
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from govdesk import clock, i18n
from govdesk.catalog import notices
from govdesk.catalog.models import Branch, BranchNotice
from govdesk.config import settings
from govdesk.queue import estimates, live, nearing, own_turn, rules
from govdesk.queue.models import Ticket

ORDINALS = 10  # places that have a word of their own
CALLED = {"called", "serving"}
FAILED = {"noshow", "abandoned", "turned_away", "closed_unserved"}
MAY_LEAVE = {"waiting", "held"}
MINUTE = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Promise:
    """The moment before which the ticket was to be called, and whether that holds."""

    before: dt.datetime
    is_kept: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """A ticket with what is said about it. No name, no contact."""

    ticket: Ticket
    branch: Branch
    quote: estimates.Quote | None
    counter: int | None
    promise: Promise | None
    notices: tuple[BranchNotice, ...] = ()  # what the branch tells everybody now

    @property
    def state(self) -> str:
        """The ticket's state."""
        return self.ticket.state

    @property
    def is_near(self) -> bool:
        """Whether it is time to be in the hall."""
        return nearing.is_near(self.branch, self.ticket, self.quote, clock.now())

    @property
    def is_early(self) -> bool:
        """Whether the appointment's minute has not come."""
        return self.state == "waiting" and not self.is_away and self.ticket.callable_at > clock.now()

    @property
    def is_away(self) -> bool:
        """Whether the ticket was taken from elsewhere and its holder has not said that they are here."""
        return _is_away(self.ticket)

    @property
    def may_push_back(self) -> bool:
        """Whether the person can still let others pass."""
        return own_turn.may_push_back(self.branch, self.ticket)

    @property
    def may_rejoin(self) -> bool:
        """Whether the person can come back by themselves."""
        return own_turn.may_rejoin(self.branch, self.ticket)

    @property
    def may_leave(self) -> bool:
        """Whether the person can still give the place up."""
        return self.state in MAY_LEAVE

    @property
    def wait(self) -> tuple[float, float] | None:
        """The wait from now in minutes, p10 and p90; never less than until an appointment's own minute."""
        return _wait(self.ticket, self.quote, clock.now())

    def as_json(self) -> dict[str, Any]:
        """The state as data: when any of it changes, the page is fetched anew."""
        shown, notices_now = live.shown_of(self.ticket), [notice.id for notice in self.notices]
        return _told(shown, self.branch, self.quote, notices_now, clock.now())

    def knots(self) -> list[tuple[str, str, str]]:
        """The thread: taken, waiting, nearly there, at the desk."""
        zone = self.branch.timezone
        taken = "ticket.knot_transferred" if self.ticket.stage > 1 else "ticket.knot_taken"
        begun = ("done", i18n.t(taken), i18n.time_of(self.ticket.arrived_at, zone))
        desk = i18n.t("ticket.knot_desk")
        if self.state == "waiting":
            near = "now" if self.is_near else ""
            return [
                begun,
                ("done" if near else "now", i18n.t("ticket.knot_waiting"), "" if near else self._place()),
                (near, i18n.t("ticket.knot_near"), self._place() if near else i18n.t("ticket.knot_near_say")),
                ("", desk, ""),
            ]
        if self.state in CALLED | {"served"}:
            called = i18n.time_of(self.ticket.called_at, zone) if self.ticket.called_at else ""
            served = self.state == "served"
            at = i18n.t("ticket.knot_counter", number=self.counter) if self.counter else ""
            return [
                begun,
                ("done", i18n.t("ticket.knot_called"), called),
                ("done" if served else "now", desk, at),
                *([("done", i18n.t("ticket.knot_served"), self._ended())] if served else []),
            ]
        kind = "failed" if self.state in FAILED else "now"
        return [begun, (kind, i18n.t(f"ticket.knot_{self.state}"), self._ended())]

    def _place(self) -> str:
        return place(self.quote.ahead) if self.quote else ""

    def _ended(self) -> str:
        ended = self.ticket.ended_at
        return i18n.time_of(ended, self.branch.timezone) if ended else ""


def of(session: Session, ticket: Ticket) -> Standing:
    """The standing of a ticket now."""
    is_waiting = ticket.state == "waiting"
    return Standing(
        ticket=ticket,
        branch=session.get_one(Branch, ticket.branch_id),
        quote=live.place_of(session, ticket) if is_waiting else None,
        counter=ticket.counter.number if ticket.counter and not is_waiting else None,
        promise=_promise(ticket, clock.now()),
        notices=tuple(notices.shown(session, ticket.branch_id)) if ticket.state in rules.LIVE else (),
    )


def states(session: Session, branch_id: int) -> tuple[estimates.Foretold, dict[str, Mapping[str, Any]]]:
    """What the phones of a branch are told now, by the secrets of its live tickets; and what it rests on."""
    branch, now = session.get_one(Branch, branch_id), clock.now()
    told = [notice.id for notice in notices.shown(session, branch_id)]
    foretold = estimates.foretell(session, branch_id)
    found: dict[str, Mapping[str, Any]] = {}
    for ticket in live.shown(session, branch_id):
        quote = live.place_of(session, ticket, foretold) if ticket.state == "waiting" else None
        found[ticket.token] = _told(ticket, branch, quote, told, now)
    return foretold, found


def state_of(session: Session, ticket: Ticket) -> Mapping[str, Any]:
    """What the phone of one ticket is told now."""
    return of(session, ticket).as_json()


def place(ahead: int) -> str:
    """Which place it is with so many ahead, in words."""
    if ahead < ORDINALS:
        return i18n.t(f"ticket.place_{ahead + 1}")
    return i18n.t("ticket.place_later", place=i18n.num(ahead + 1))


@functools.lru_cache(maxsize=4000)
def _words(
    language: str,
    ahead: int | None,
    wait: tuple[int, int] | None,
    *,
    is_latin: bool,  # noqa: ARG001 - a key
) -> dict[str, str]:
    with i18n.speaking(language):
        return {
            "ahead": i18n.nt("queue.people", ahead) if ahead is not None else i18n.t("ticket.unknown"),
            "wait": i18n.minutes_range(*wait) if wait else i18n.t("ticket.unknown"),
            "place": place(ahead) if ahead is not None else "",
        }


def _told(
    ticket: live.Shown,
    branch: Branch,
    quote: estimates.Quote | None,
    notice_ids: list[int],
    now: dt.datetime,
) -> dict[str, Any]:
    """What a phone is told of its ticket; what changes with every call in words, in both languages."""
    is_waiting = ticket.state == "waiting"
    wait, ahead = _wait(ticket, quote, now), quote.ahead if quote else None
    shown = (round(wait[0]), round(wait[1])) if wait else None
    promise = _promise(ticket, now)
    return {
        "number": ticket.number,
        "state": ticket.state,
        "ahead": ahead,
        "wait": {"low": shown[0], "high": shown[1]} if shown else None,
        "counter": None if is_waiting else ticket.counter,
        "calls": ticket.call_count,
        "near": nearing.is_near(branch, ticket, quote, now),
        "on_time": promise.is_kept if promise else None,
        "away": _is_away(ticket),
        "pushed": ticket.pushed_back_at is not None,
        "notices": notice_ids,
        "say": _say(ahead, shown) if is_waiting else {},
    }


def _say(ahead: int | None, wait: tuple[int, int] | None) -> dict[str, dict[str, str]]:
    latin = settings().latin_digits
    return {language: _words(language, ahead, wait, is_latin=latin) for language in i18n.LANGUAGES}


def _is_away(ticket: Ticket | live.Shown) -> bool:
    return ticket.state == "waiting" and ticket.is_remote and ticket.present_at is None


def _wait(
    ticket: Ticket | live.Shown, quote: estimates.Quote | None, now: dt.datetime
) -> tuple[float, float] | None:
    if quote is None:
        return None
    early = 0.0 if _is_away(ticket) else max(0.0, (ticket.callable_at - now) / MINUTE)
    return max(quote.low, early), max(quote.high, early)


def _promise(ticket: Ticket | live.Shown, now: dt.datetime) -> Promise | None:
    """What was quoted first; a place given at once is still promised within a minute."""
    if ticket.quoted_at is None or ticket.quoted_high is None or ticket.state in FAILED:
        return None
    before = ticket.quoted_at + max(1.0, ticket.quoted_high) * MINUTE
    return Promise(_up_to_minute(before), (ticket.called_at or now) <= before)


def _up_to_minute(moment: dt.datetime) -> dt.datetime:
    """The next full minute: a promise shown by the clock is never tighter than the one given."""
    whole = moment.replace(second=0, microsecond=0)
    return whole if whole == moment else whole + MINUTE
