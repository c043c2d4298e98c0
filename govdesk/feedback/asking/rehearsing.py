"""A wave rehearsed: who would be asked, how many, whom the rules spare, and how exact it would be."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.config import settings
from govdesk.feedback.asking import frames, preparing, programmes, sampling, waves
from govdesk.feedback.asking.frames import Someone
from govdesk.feedback.asking.models import Programme
from govdesk.feedback.asking.periods import Period
from govdesk.feedback.asking.preparing import BATCH, Asked
from govdesk.feedback.asking.sampling import Stratum


@dataclass(frozen=True, slots=True)
class Line:
    """One stratum: its people, those of the panel, who is drawn, and of these who may be asked."""

    stratum: Stratum
    service_id: int
    channel: str | None
    asked: int


@dataclass(slots=True)
class Counts:
    """What became of those who were looked at so far."""

    spared: Counter[str] = field(default_factory=Counter)  # by why
    asked: Counter[str] = field(default_factory=Counter)  # by stratum
    occasions: Counter[str] = field(default_factory=Counter)  # of who may be asked: how their last end was

    def add(self, found: Iterable[Asked]) -> None:
        """Count some more."""
        for one in found:
            if one.why_spared is not None:
                self.spared[one.why_spared] += 1
            else:
                self.asked[one.one.stratum] += 1
                self.occasions[one.one.occasion] += 1

    def dump(self) -> dict[str, Any]:
        """What is stored of it; `parse` gives it back."""
        return {"spared": dict(self.spared), "asked": dict(self.asked), "occasions": dict(self.occasions)}

    @classmethod
    def parse(cls, stored: Mapping[str, Any]) -> "Counts":
        """Read what was stored."""
        return cls(*(Counter(stored.get(name, {})) for name in ("spared", "asked", "occasions")))


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a wave would be."""

    period: Period
    number: int
    panel: int
    population: int
    lines: Sequence[Line]
    spared: Counter[str]
    occasions: Counter[str]
    needed: int  # answers for the half-width that is wanted
    expected: float  # answers, at the rate that is expected
    half_width: float | None  # that these would give

    @property
    def drawn(self) -> int:
        """How many are in the sample."""
        return sum(line.stratum.drawn for line in self.lines)

    @property
    def asked(self) -> int:
        """How many of them would be asked."""
        return sum(line.asked for line in self.lines)


def rehearse(session: Session, programme: Programme, period: Period) -> Rehearsal:
    """Prepare the next wave as if its period were this one, and write nothing.

    For the next period it is the very sample, as far as its people are known today.
    """
    frame = frames.people(session, period, department_id=programme.department_id)
    strata = preparing.rows_of(draw(session, programme, period, frame), frame)
    counts = Counts()
    for some in parts(sample(session, programme, period, frame, strata)):
        counts.add(look(session, period, some))
    return told(session, programme, period, len(frame), strata, counts)


def next_number(session: Session, programme: Programme) -> int:
    """The number of the next wave."""
    last = waves.last_of(session, programme)
    return last.number + 1 if last else 1


def next_panel(session: Session, programme: Programme) -> int:
    """The panel whose turn is next."""
    return sampling.panel_in(next_number(session, programme), programme.panels)


def draw(
    session: Session, programme: Programme, period: Period, frame: Sequence[Someone]
) -> Sequence[Stratum]:
    """The strata of the next wave with how many are drawn of each."""
    seed = waves.seed_of(programme, period)
    return preparing.strata_of(programme, frame, panel=next_panel(session, programme), seed=seed)


def sample(
    session: Session, programme: Programme, period: Period, frame: Sequence[Someone],
    strata: Iterable[Mapping[str, Any]],
) -> list[Someone]:  # fmt: skip
    """Those of the frame who are drawn, by number."""
    panel, seed = next_panel(session, programme), waves.seed_of(programme, period)
    last = {one["stratum"]: one["last"] for one in strata}
    return [
        one
        for one in frame
        if sampling.panel_of(programme.seed, one.person_id, programme.panels) == panel
        and sampling.is_drawn(seed, one.person_id, last.get(one.stratum, ""))
    ]


def parts(drawn: Sequence[Someone]) -> Iterator[Sequence[Someone]]:
    """A sample in parts, as it is looked at."""
    for start in range(0, len(drawn), BATCH):
        yield drawn[start : start + BATCH]


def look(session: Session, period: Period, some: Sequence[Someone]) -> list[Asked]:
    """Tell of some of a sample who may be asked when its wave opens."""
    on = clock.local_day(waves.opening(period), settings().default_timezone)
    return preparing.asked_of(session, some, on=on, kind=programmes.KIND)


def told(
    session: Session, programme: Programme, period: Period, population: int,
    strata: Iterable[Mapping[str, Any]], counts: Counts,
) -> Rehearsal:  # fmt: skip
    """What was found, with what it would give."""
    number = next_number(session, programme)
    lines = [
        Line(
            Stratum(one["stratum"], one["population"], one["reachable"], one["drawn"], one["last"]),
            one["service_id"], one["channel"], counts.asked[one["stratum"]],
        )
        for one in strata
    ]  # fmt: skip
    expected = counts.asked.total() * programme.expected_rate
    return Rehearsal(
        period=period, number=number, panel=sampling.panel_in(number, programme.panels),
        population=population, lines=lines, spared=counts.spared, occasions=counts.occasions,
        needed=sampling.answers_for(programme.half_width, population), expected=expected,
        half_width=sampling.half_width(expected, population),
    )  # fmt: skip
