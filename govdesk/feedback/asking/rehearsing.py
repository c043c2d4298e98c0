"""A wave rehearsed: who would be asked, how many, whom the rules spare, and how exact it would be."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.config import settings
from govdesk.feedback.asking import frames, preparing, programmes, sampling, waves
from govdesk.feedback.asking.frames import Someone
from govdesk.feedback.asking.models import Programme
from govdesk.feedback.asking.periods import Period
from govdesk.feedback.asking.preparing import BATCH
from govdesk.feedback.asking.sampling import Stratum


@dataclass(frozen=True, slots=True)
class Line:
    """One stratum: its people, those of the panel, who is drawn, and of these who may be asked."""

    stratum: Stratum
    service_id: int
    channel: str | None
    asked: int


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a wave would be."""

    period: Period
    number: int
    panel: int
    population: int
    lines: Sequence[Line]
    spared: Counter[str]  # by why
    occasions: Counter[str]  # of who may be asked: how their last end was
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
    last = waves.last_of(session, programme)
    number = last.number + 1 if last else 1
    panel, seed = sampling.panel_in(number, programme.panels), waves.seed_of(programme, period)
    frame = frames.people(session, period, department_id=programme.department_id)
    strata = preparing.strata_of(programme, frame, panel=panel, seed=seed)
    sample = _sample(programme, frame, strata, panel=panel, seed=seed)
    on = clock.local_day(waves.opening(period), settings().default_timezone)
    spared, asked, occasions = Counter[str](), Counter[str](), Counter[str]()
    for start in range(0, len(sample), BATCH):
        some = sample[start : start + BATCH]
        for found in preparing.asked_of(session, some, on=on, kind=programmes.KIND):
            if found.why_spared is not None:
                spared[found.why_spared] += 1
            else:
                asked[found.one.stratum] += 1
                occasions[found.one.occasion] += 1
    of = {one.stratum: one for one in frame}
    lines = [Line(one, of[one.name].service_id, of[one.name].channel, asked[one.name]) for one in strata]
    expected = asked.total() * programme.expected_rate
    return Rehearsal(
        period=period, number=number, panel=panel, population=len(frame), lines=lines, spared=spared,
        occasions=occasions, needed=sampling.answers_for(programme.half_width, len(frame)), expected=expected,
        half_width=sampling.half_width(expected, len(frame)),
    )  # fmt: skip


def _sample(
    programme: Programme, frame: Sequence[Someone], strata: Sequence[Stratum], *, panel: int, seed: str
) -> list[Someone]:
    last = {one.name: one.last for one in strata}
    return [
        one
        for one in frame
        if sampling.panel_of(programme.seed, one.person_id, programme.panels) == panel
        and sampling.is_drawn(seed, one.person_id, last[one.stratum])
    ]
