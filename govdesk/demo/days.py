"""A day at a branch of the demo city: people come, are called and leave, through the verbs of real life."""

import datetime as dt
import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from govdesk import chance, clock
from govdesk.actor import SYSTEM, VISITOR, Actor
from govdesk.booking.hours.closures import closure_of
from govdesk.booking.models import Appointment
from govdesk.catalog.models import Branch, PublicService
from govdesk.chance import Draw
from govdesk.demo.errands import Errand, draw_ending
from govdesk.demo.reasons import AT_DOOR, Reasons
from govdesk.people.models import Staff
from govdesk.queue import alerts, closing, counters, rules, service, unserved, wrapping
from govdesk.queue.models import Ticket

WALK = dt.timedelta(seconds=40)
SILENT = 0.03  # share of calls that nobody answers
SPREAD = 0.45  # of the logarithm of service times
PATIENCE = 95.0  # mean minutes before a person leaves
EXTRA = dt.timedelta(minutes=75)  # officers stay to serve who is inside
LOOK = dt.timedelta(minutes=5)  # how often somebody looks at the hall of today
NOTES, EARLY, ANSWERS = 0.12, 0.5, 0.6  # shares: of conclusions, of shifts, of those who left
HURRIED, HURRY = (0.25, 0.4), dt.timedelta(minutes=12)  # of a shift; for how long they wait
SLOW = 0.2  # the share of conclusions after which the next call takes a while
RESTS = ("rest", "prayer", "errand", "rest", "technical")
LEAVES = ("shift_over", "called_away", "leave")


@dataclass(order=True)
class _Happening:
    at: dt.datetime
    order: int
    act: Callable[[], None] = field(compare=False)


@dataclass(frozen=True, slots=True)
class Coming:
    """Someone who will come today: when, why, and with which appointment."""

    at: dt.datetime
    errand: Errand
    appointment: Appointment | None = None


class Day:
    """One branch on one day, played from opening until `until`."""

    def __init__(
        self, session: Session, branch: Branch, team: list[Staff], draw: Draw, until: dt.datetime
    ) -> None:
        self.session, self.branch, self.draw, self.until = session, branch, draw, until
        self.team: dict[int, Actor] = {}
        self.desks = dict(zip((counter.id for counter in branch.counters), team, strict=False))
        self.line: list[_Happening] = []
        self.order = itertools.count()
        self.errands: dict[int, Errand] = {}
        self.busy: set[int] = set()  # counters with a person
        self.away: set[int] = set()  # counters on a break, or where notes are finished
        self.inside: dict[int, Ticket] = {}  # who waits
        self.returns: list[tuple[dt.date, Errand]] = []
        self.reasons = Reasons(session, chance.seeded((branch.code, until.isoformat(), "reasons")))
        self.rests = chance.seeded((branch.code, until.isoformat(), "rests"))
        self.slow = chance.seeded((branch.code, until.isoformat(), "slow"))

    def plan(self, at: dt.datetime, act: Callable[[], None]) -> None:
        """Let something happen at a moment."""
        heapq.heappush(self.line, _Happening(at, next(self.order), act))

    def play(self, shifts: list[tuple[dt.datetime, dt.datetime]], comers: list[Coming]) -> None:
        """Play the day: officers sit down at opening and leave when the last person has gone."""
        for opens, closes in shifts:
            self.plan(opens, self._open)
            self.plan(closes + EXTRA, self._close)
            self._plan_rests(opens, closes)
            for share in HURRIED:
                self.plan(opens + (closes - opens) * share, self._hurry)
        for coming in comers:
            self.plan(coming.at, lambda coming=coming: self._arrive(coming))  # type: ignore[misc]
        while self.line and self.line[0].at <= self.until:
            happening = heapq.heappop(self.line)
            with clock.at(happening.at):
                happening.act()
                self._call_free()

    def _open(self) -> None:
        for counter_id, officer in self.desks.items():
            counters.open_counter(self.session, actor=officer.actor, counter_id=counter_id)
            self.team[counter_id] = officer.actor

    def _close(self) -> None:
        for counter_id, actor in list(self.team.items()):
            if counter_id not in self.busy:
                counters.close_counter(self.session, actor=actor)
                del self.team[counter_id]
        if self.team:
            self.plan(clock.now() + dt.timedelta(minutes=10), self._close)

    def _arrive(self, coming: Coming) -> None:
        errand = coming.errand
        if coming.appointment is not None:
            ticket = service.check_in(self.session, actor=SYSTEM, appointment=coming.appointment)
        elif closure_of(self.session, self.branch, errand.service.id) is not None:
            return  # shut: no ticket is given
        else:
            ticket = service.issue(
                self.session,
                actor=SYSTEM,
                branch=self.branch,
                service=errand.service,
                person=errand.person,
                priority=errand.priority,
                language=errand.language,
                channel=self.draw.choice(("kiosk", "kiosk", "reception")),
                object_ref=errand.object_ref,
                scenario_id=self.reasons.foreseen(errand.service, AT_DOOR),
            )
            if ticket.channel == "kiosk":
                self.reasons.answered(f"ticket:{ticket.id}", errand.service, ticket.scenario_id)
        self.errands[ticket.id] = errand
        self.inside[ticket.id] = ticket
        if ticket.callable_at > clock.now():
            self.plan(ticket.callable_at, lambda: None)  # free counters look again when an appointment is due
        patience = dt.timedelta(minutes=max(25.0, self.draw.expovariate(1 / PATIENCE)))
        self.plan(clock.now() + patience, lambda: self._lose_patience(ticket))

    def _lose_patience(self, ticket: Ticket) -> None:
        if ticket.state == "waiting" and ticket.callable_at <= clock.now():
            service.abandon(self.session, actor=SYSTEM, ticket_id=ticket.id)
            del self.inside[ticket.id]
            errand = self.errands[ticket.id]
            if self.rests.random() < ANSWERS:
                self.plan(clock.now() + dt.timedelta(minutes=40), lambda: self._say_why(ticket))
            if self.draw.random() < 0.6:  # noqa: PLR2004 - the share who try again
                self.returns.append((clock.local_day(clock.now(), self.branch.timezone), errand))

    def _call_free(self) -> None:
        now = clock.now()
        for counter_id, actor in self.team.items():
            if not any(ticket.callable_at <= now for ticket in self.inside.values()):
                return
            if counter_id in self.busy or counter_id in self.away:
                continue
            ticket = service.call_next(self.session, actor=actor)
            if ticket is None:
                continue
            self.busy.add(counter_id)
            del self.inside[ticket.id]
            silent = self.draw.random() < SILENT
            act = self._give_up if silent else self._start
            wait = dt.timedelta(minutes=3) if silent else WALK
            self.plan(now + wait, lambda act=act, t=ticket, a=actor: act(t, a))  # type: ignore[misc]

    def _give_up(self, ticket: Ticket, actor: Actor) -> None:
        for _further in range(rules.CALLS - 1):
            service.recall(self.session, actor=actor, ticket_id=ticket.id)
        service.noshow(self.session, actor=actor, ticket_id=ticket.id)
        self._free(ticket)

    def _start(self, ticket: Ticket, actor: Actor) -> None:
        service.start(self.session, actor=actor, ticket_id=ticket.id)
        errand = self.errands[ticket.id]
        length = self.draw.lognormvariate(0, SPREAD) * errand.service.minutes * 0.9
        self.plan(clock.now() + dt.timedelta(minutes=max(1.5, length)), lambda: self._conclude(ticket, actor))

    def _conclude(self, ticket: Ticket, actor: Actor) -> None:
        errand = self.errands[ticket.id]
        today = clock.local_day(clock.now(), self.branch.timezone)
        ending = draw_ending(self.draw, errand, branch=self.branch, today=today)
        self.reasons.at_counter(ticket, actor, ending.cause)
        service.conclude(
            self.session,
            actor=actor,
            ticket_id=ticket.id,
            outcome=ending.outcome,
            cause=ending.cause,
            return_reason=errand.reason,
            plan_reason=ending.plan_reason,
            plan_due=ending.plan_due,
        )
        self._free(ticket)
        if self.rests.random() < NOTES:
            self._write_notes(actor)
        elif self.slow.random() < SLOW:
            self._linger(ticket)
        if ending.back_on is not None and ending.errand is not None:
            self.returns.append((ending.back_on, ending.errand))

    def watch(self, since: dt.datetime) -> None:
        """Let somebody look at the hall every few minutes from a moment on, as the clock does."""
        while (since := since + LOOK) < self.until:
            self.plan(since, self._look)

    def _look(self) -> None:
        alerts.watch(self.session, branch=self.branch)

    def _plan_rests(self, opens: dt.datetime, closes: dt.datetime) -> None:
        """A break of each officer in the middle of a shift; now and then one leaves before its end."""
        for counter_id in self.desks:
            length = self.rests.choice((8, 10, 12, 15, 20))
            middle = opens + (closes - opens) * self.rests.uniform(0.3, 0.7)
            reason = self.rests.choice(RESTS)
            self.plan(middle, lambda c=counter_id, r=reason, n=length: self._rest(c, r, n))  # type: ignore[misc]
        if len(self.desks) > 1 and self.rests.random() < EARLY:
            early, why = list(self.desks)[-1], self.rests.choice(LEAVES)
            self.plan(closes - dt.timedelta(minutes=45), lambda: self._leave(early, why))

    def _rest(self, counter_id: int, reason: str, minutes: int) -> None:
        if counter_id not in self.team or counter_id in self.away:
            return
        if counter_id in self.busy:  # first the person who is there
            self.plan(clock.now() + dt.timedelta(minutes=2), lambda: self._rest(counter_id, reason, minutes))
            return
        counters.pause_counter(self.session, actor=self.team[counter_id], reason=reason)
        self.away.add(counter_id)
        self.plan(clock.now() + dt.timedelta(minutes=minutes), lambda: self._come_back(counter_id))

    def _come_back(self, counter_id: int) -> None:
        self.away.discard(counter_id)
        if counter_id in self.team:
            counters.unpause_counter(self.session, actor=self.team[counter_id])

    def _write_notes(self, actor: Actor) -> None:
        seat = counters.seat_of(self.session, actor)
        if seat is None:
            return
        counter_id, minutes = seat.counter_id, self.rests.triangular(1, 6, 2)
        wrapping.begin(self.session, actor=actor)
        self.away.add(counter_id)
        until = clock.now() + dt.timedelta(minutes=minutes)
        self.plan(until, lambda: self._end_notes(counter_id, actor))

    def _end_notes(self, counter_id: int, actor: Actor) -> None:
        self.away.discard(counter_id)
        if counter_id in self.team and not any(
            ticket.callable_at <= clock.now() for ticket in self.inside.values()
        ):
            wrapping.end(self.session, actor=actor)  # else the call that follows ends them

    def _hurry(self) -> None:
        """Somebody without a name takes a ticket while every counter is taken, and soon goes."""
        known = [errand for errand in self.errands.values() if errand.person is not None]
        if not known or any(counter not in self.busy | self.away for counter in self.team):
            return
        wanted = self.rests.choice(known).service
        if closure_of(self.session, self.branch, wanted.id) is not None:
            return
        ticket = service.issue(
            self.session, actor=SYSTEM, branch=self.branch, service=wanted, channel="kiosk"
        )
        self.errands[ticket.id] = Errand(wanted, None, "ar")
        self.inside[ticket.id] = ticket
        self.plan(clock.now() + HURRY, lambda: self._lose_patience(ticket))

    def _linger(self, ticket: Ticket) -> None:
        """Call nobody for some minutes, though somebody may wait."""
        self.busy.add(ticket.counter_id or 0)
        until = clock.now() + dt.timedelta(minutes=self.slow.triangular(0.5, 5, 1.5))
        self.plan(until, lambda: self._free(ticket))

    def _leave(self, counter_id: int, reason: str) -> None:
        if counter_id in self.busy or counter_id in self.away or counter_id not in self.team:
            return
        closing.close(self.session, actor=self.team.pop(counter_id), reason=reason, words="")

    def _say_why(self, ticket: Ticket) -> None:
        reason = self.rests.choice(("too_long", "too_long", "had_to_go", "elsewhere", "not_called"))
        is_needed = self.rests.random() < 0.7  # noqa: PLR2004 - the share who still need it
        unserved.answer(self.session, actor=VISITOR, ticket_id=ticket.id, is_needed=is_needed, reason=reason)

    def _free(self, ticket: Ticket) -> None:
        assert ticket.counter_id is not None
        self.busy.discard(ticket.counter_id)


def walk_in_moments(
    draw: Draw, shifts: list[tuple[dt.datetime, dt.datetime]], count: int
) -> list[dt.datetime]:
    """When walk-ins come: most of them in the first two thirds of each shift."""
    moments = []
    for _ in range(count):
        opens, closes = draw.choice(shifts)
        share = draw.betavariate(1.6, 2.4)
        moments.append(opens + (closes - opens) * share)
    return sorted(moments)


def offered(services: list[PublicService], draw: Draw) -> PublicService:
    """One of the branch's services, the common ones more often."""
    weights = [len(services) + 2 - place for place in range(len(services))]
    return draw.choices(services, weights)[0]
