"""The queue as anybody would keep it on paper: who stands where, who sits where, and what was done last."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field, replace

MINUTE = dt.timedelta(minutes=1)
EARLIER = {"priority": 30 * MINUTE, "appointment": 15 * MINUTE}  # the head starts of one order
LATE = 10 * MINUTE  # so long after its minute an appointment is still one
CALLS, CALLS_BEFORE_NOSHOW = 3, 2
UNDO = MINUTE
REJOIN = 10 * MINUTE
PLACES = 2  # let pass at once
UNDOABLE = {"called", "started", "held", "resumed", "noshow", "taken_back", "concluded", "transferred"}
LIVE = {"waiting", "called", "serving", "held"}
HERE = {"called", "serving"}


class RefusedError(Exception):
    """This may not be done now."""


@dataclass(frozen=True)
class Place:
    """One person's place."""

    ticket: int
    service: int
    day: dt.date
    order_at: dt.datetime
    callable_at: dt.datetime
    state: str = "waiting"
    counter: int | None = None
    officer: int | None = None
    for_counter: int | None = None
    for_officer: int | None = None
    held_until: dt.datetime | None = None
    calls: int = 0
    called_at: dt.datetime | None = None
    last_called_at: dt.datetime | None = None
    started_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    has_rejoined: bool = False
    has_pushed_back: bool = False


@dataclass(frozen=True)
class Act:
    """What was done to a ticket by whom (None: by the clock), and how the ticket stood before."""

    by: int | None
    kind: str
    at: dt.datetime
    ticket: int
    before: Place | None
    made: int | None = None  # the stage that a transfer made


@dataclass
class Seat:
    """Somebody sits at a counter."""

    counter: int
    is_paused: bool = False


@dataclass
class PlainQueue:
    """A hall. Every verb raises RefusedError before it has changed anything."""

    now: Callable[[], dt.datetime]
    today: Callable[[], dt.date]
    serves: dict[int, set[int]]  # counter: services; none is all
    places: dict[int, Place] = field(default_factory=dict)
    seats: dict[int, Seat] = field(default_factory=dict)
    acts: list[Act] = field(default_factory=list)

    def come(
        self, ticket: int, service: int, *, is_first: bool = False, due: dt.datetime | None = None
    ) -> None:
        """Somebody takes a place, with an appointment or without."""
        now = self.now()
        is_in_time = due is not None and now <= due + LATE
        stands = due if due is not None and is_in_time else now
        stands -= EARLIER["priority"] * is_first + EARLIER["appointment"] * is_in_time
        self._set(None, "issued", Place(ticket, service, self.today(), stands, max(now, due or now)))

    def call(self, who: int) -> int | None:
        """Who stands first of those who may be called to this officer's counter."""
        seat = self._calling(who)
        line = [one for one in self.places.values() if self._may_be_called(one, who, seat.counter)]
        if not line:
            return None
        one = min(line, key=lambda one: (one.order_at, one.ticket))
        now = self.now()
        self._set(
            who, "called", one, state="called", counter=seat.counter, officer=who, for_counter=None,
            for_officer=None, calls=one.calls + 1, called_at=one.called_at or now, last_called_at=now,
        )  # fmt: skip
        return one.ticket

    def recall(self, who: int, ticket: int) -> None:
        """Call once more; the last time they are missed."""
        one = self._in(ticket, "called")
        if one.calls >= CALLS:
            self.noshow(who, ticket)
        else:
            self._set(who, "recalled", one, calls=one.calls + 1, last_called_at=self.now())

    def start(self, who: int, ticket: int) -> None:
        """They are at the desk."""
        one = self._in(ticket, "called")
        self._set(who, "started", one, state="serving", started_at=one.started_at or self.now())

    def noshow(self, who: int, ticket: int) -> None:
        """Nobody came."""
        one = self._in(ticket, "called")
        self._want(one.calls >= CALLS_BEFORE_NOSHOW)
        self._set(who, "noshow", one, state="noshow", ended_at=self.now())

    def take_back(self, who: int, ticket: int) -> None:
        """They came after all, on the same day."""
        one = self._in(ticket, "noshow")
        self._want(one.day == self.today())
        self._set(who, "taken_back", one, state="waiting", ended_at=None, calls=0)

    def conclude(self, who: int, ticket: int) -> None:
        """It is done, by who called them."""
        one = self._in(ticket, "called", "serving")
        self._want(one.officer == who)
        started = one.started_at or one.last_called_at or self.now()
        self._set(who, "concluded", one, state="served", ended_at=self.now(), started_at=started)

    def hold(self, who: int, ticket: int, minutes: int | None, *, is_mine: bool) -> None:
        """Set aside, until a time or not, for anybody or for oneself."""
        one = self._in(ticket, "called", "serving")
        if is_mine:
            self._want(who in self.seats and self._serves(self.seats[who].counter, one.service))
        until = self.now() + minutes * MINUTE if minutes else None
        self._set(
            who, "held", one, state="held", held_until=until, for_officer=who if is_mine else None
        )  # fmt: skip

    def resume(self, who: int, ticket: int) -> None:
        """Go on with somebody set aside."""
        seat = self._calling(who)
        one = self._in(ticket, "held")
        self._want(one.for_officer in {None, who})
        now = self.now()
        self._set(
            who, "resumed", one, state="serving", counter=seat.counter, officer=who, for_counter=None,
            for_officer=None, called_at=one.called_at or now, started_at=one.started_at or now,
        )  # fmt: skip

    def abandon(self, who: int | None, ticket: int) -> None:
        """They went away."""
        one = self._in(ticket, "waiting", "held")
        self._set(who, "abandoned", one, state="abandoned", ended_at=self.now())

    def rejoin(self, who: int | None, ticket: int) -> None:
        """They come back by themselves, once and soon."""
        one = self._in(ticket, "abandoned", "noshow")
        assert one.ended_at is not None
        self._want(not one.has_rejoined and self.now() <= one.ended_at + REJOIN and one.day == self.today())
        back = self._still_meant(one)
        self._set(who, "rejoined", back, state="waiting", ended_at=None, calls=0, has_rejoined=True)

    def push_back(self, ticket: int) -> None:
        """Let the next few pass, once."""
        one = self._in(ticket, "waiting")
        line = sorted(
            ((other.order_at, other.ticket) for other in self.places.values() if other.state == "waiting"),
        )
        passing = line[line.index((one.order_at, ticket)) + 1 :][:PLACES]
        self._want(not one.has_pushed_back and bool(passing))
        behind = passing[-1][0] + dt.timedelta(microseconds=1)
        self.places[ticket] = replace(one, order_at=behind, has_pushed_back=True)

    def transfer(
        self, who: int, ticket: int, service: int, to: tuple[int | None, int | None], made: int | None
    ) -> None:
        """Send on; the new stage, which got the id `made`, begins as the old one ends."""
        one = self._in(ticket, *LIVE)
        if to == (None, None):
            self._want(service != one.service)
        else:
            self._want(self._seats_for(to, service))
        assert made is not None, "it should not have been refused"
        now = self.now()
        self._set(who, "transferred", one, made=made, state="transferred", ended_at=now)
        stage = Place(
            made, service, one.day, one.order_at, now, for_counter=to[0], for_officer=to[1]
        )  # fmt: skip
        self._set(None, "issued", stage)

    def open(self, who: int, counter: int) -> None:
        """Sit down, and get up elsewhere."""
        seat = self.seats.get(who)
        if seat is not None and seat.counter == counter:
            return
        self._want(all(other.counter != counter for other in self.seats.values()))
        self.close(who)
        self.seats[who] = Seat(counter)

    def pause(self, who: int, *, is_paused: bool) -> None:
        """Call nobody for a while, or go on."""
        self._want(who in self.seats)
        self.seats[who].is_paused = is_paused

    def close(self, who: int) -> None:
        """Get up; nobody may be there. Who waits for this seat waits for anybody."""
        seat = self.seats.get(who)
        if seat is None:
            return
        self._want(self.at(seat.counter) is None)
        del self.seats[who]
        for one in self.places.values():
            if one.state in {"waiting", "held"} and (
                one.for_counter == seat.counter or one.for_officer == who
            ):
                self.places[one.ticket] = replace(one, for_counter=None, for_officer=None)

    def leave(self, who: int) -> None:
        """Get up and give back who is there."""
        there = self.at(self.seats[who].counter) if who in self.seats else None
        if there is not None:
            self._set(who, "handed_back", there, state="waiting", started_at=None, calls=0)
        self.close(who)

    def pass_time(self) -> None:
        """Whose time aside is over wait again."""
        for one in list(self.places.values()):
            if one.state == "held" and one.held_until is not None and one.held_until <= self.now():
                self._set(None, "returned", one, state="waiting", started_at=None, calls=0)

    def night(self) -> None:
        """A new day has begun: whoever was left is closed unserved, and nobody sits anywhere."""
        for one in list(self.places.values()):
            if one.state in LIVE:
                self._set(None, "closed", one, state="closed_unserved", ended_at=self.now())
        self.seats.clear()

    def undo(self, who: int) -> None:
        """Take one's last step back: all stands as it stood before."""
        mine = [act for act in self.acts if act.by == who and act.kind != "recalled"]
        mine = [act for act in mine if self.now() - act.at <= UNDO][-2:]
        if [act.kind for act in mine] == ["concluded", "called"] and mine[0].at == mine[1].at:
            mine.pop()
        self._want(bool(mine) and mine[-1].kind in UNDOABLE)
        last = mine[-1]
        before = last.before
        assert before is not None
        self._want(self._newest(last.ticket) is last)
        if last.made is not None:
            self._want(self._newest(last.made).kind == "issued")
        other = None
        if before.state in HERE:
            self._want(who in self.seats and self.seats[who].counter == before.counter)
            other = self.at(before.counter)
        if other is not None and other.ticket != last.ticket:
            call = self._newest(other.ticket)
            self._want((call.by, call.kind, call.at) == (who, "called", last.at))
            assert call.before is not None
            self._set(who, "undone", self._still_meant(call.before))
        if last.made is not None:
            self._set(who, "undone", self.places[last.made], state="undone", ended_at=self.now())
        self._set(who, "undone", self._still_meant(before))

    def at(self, counter: int | None) -> Place | None:
        """Who is at a counter."""
        found = [one for one in self.places.values() if one.state in HERE and one.counter == counter]
        return found[0] if found else None

    def _still_meant(self, one: Place) -> Place:
        """Who was meant for a seat that is closed by now is meant for anybody."""
        meant = one.for_counter, one.for_officer
        if meant == (None, None) or self._seats_for(meant, one.service):
            return one
        return replace(one, for_counter=None, for_officer=None)

    def _seats_for(self, meant: tuple[int | None, int | None], service: int) -> bool:
        counter, officer = meant
        found = [
            seat.counter
            for sitter, seat in self.seats.items()
            if counter in {None, seat.counter} and officer in {None, sitter}
        ]
        return bool(found) and self._serves(found[0], service)

    def _may_be_called(self, one: Place, who: int, counter: int) -> bool:
        return (
            one.state == "waiting"
            and one.callable_at <= self.now()
            and self._serves(counter, one.service)
            and one.for_counter in {None, counter}
            and one.for_officer in {None, who}
        )

    def _serves(self, counter: int, service: int) -> bool:
        return not self.serves[counter] or service in self.serves[counter]

    def _calling(self, who: int) -> Seat:
        self._want(who in self.seats and not self.seats[who].is_paused)
        self._want(self.at(self.seats[who].counter) is None)
        return self.seats[who]

    def _in(self, ticket: int, *states: str) -> Place:
        self._want(self.places[ticket].state in states)
        return self.places[ticket]

    def _newest(self, ticket: int) -> Act:
        return [act for act in self.acts if act.ticket == ticket][-1]

    def _set(
        self, who: int | None, kind: str, one: Place, *, made: int | None = None, **columns: object
    ) -> None:
        before = self.places.get(one.ticket)
        self.places[one.ticket] = replace(one, **columns)  # type: ignore[arg-type]
        self.acts.append(Act(who, kind, self.now(), one.ticket, before, made))

    @staticmethod
    def _want(condition: bool) -> None:  # noqa: FBT001
        if not condition:
            raise RefusedError
