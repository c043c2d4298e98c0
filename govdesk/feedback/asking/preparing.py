"""The sample of a wave is drawn once and written down in parts: killed anywhere, nobody is lost or doubled.

1. The frame is read and the draw made; one transaction writes down its strata, each with the rank up to
   which its people are drawn. From then on each person's number alone tells whether they are in the sample.
2. The drawn are written in the order of their numbers, some at a time. The transaction that writes some
   moves `prepared_to` from where it was to the last of them by one conditional update: of two that prepare
   at once one finds it moved, and stops. Killed before the commit, neither the rows nor the move are there.
3. After the last of them the wave is open. Who begins anew begins after `prepared_to`.

What people were asked before is read beside, without the writer's place; it is read again when each
invitation leaves (see `sending`), for until then much may happen.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, or_, select, update
from sqlalchemy.orm import Session

from govdesk import chance, clock, outbox
from govdesk.config import settings
from govdesk.db import reading, table_of, transaction
from govdesk.feedback.asking import frames, rules, sampling
from govdesk.feedback.asking.frames import Someone
from govdesk.feedback.asking.models import Invitation, Programme, Wave
from govdesk.feedback.asking.pasts import pasts_of
from govdesk.feedback.asking.periods import Period
from govdesk.feedback.asking.sampling import Stratum
from govdesk.people.models import Person, PersonContact

BATCH = 500
KINDS_OF_PEOPLE = frozenset({"citizen", "resident", "visitor"})
HOURS = 8  # of a day, from its nine o'clock on, over which its invitations leave


@dataclass(frozen=True, slots=True)
class Draw:
    """A wave as its preparation needs it, with the rank up to which each stratum is drawn."""

    wave_id: int
    questionnaire_id: int
    version_id: int
    kind: str
    programme_seed: str
    seed: str
    panel: int
    panels: int
    spread_days: int
    opens_at: dt.datetime
    closes_at: dt.datetime
    prepared_to: int
    last: dict[str, str]

    def has(self, one: Someone) -> bool:
        """Whether somebody of the frame is in the sample."""
        last = self.last.get(one.stratum, "")
        is_theirs = sampling.panel_of(self.programme_seed, one.person_id, self.panels) == self.panel
        return is_theirs and sampling.is_drawn(self.seed, one.person_id, last)

    @property
    def opens_on(self) -> dt.date:
        """The day on which the first are asked."""
        return clock.local_day(self.opens_at, settings().default_timezone)


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody of the sample, and why they are not asked, if they are not."""

    one: Someone
    kind: str | None
    language: str
    why_spared: str | None


def prepare(wave_id: int) -> int:
    """Prepare a wave, or go on with it; how many were written now."""
    session = reading()
    wave = session.get_one(Wave, wave_id)
    period, department_id = Period(wave.from_on, wave.to_on), wave.programme.department_id
    frame = frames.people(session, period, department_id=department_id)
    strata = [] if wave.strata else strata_of(wave.programme, frame, panel=wave.panel, seed=wave.seed)
    session.rollback()
    draw = _write_draw(wave_id, frame, strata)
    if draw is None:
        return 0
    count, before = 0, draw.prepared_to
    rest = [one for one in frame if one.person_id > before and draw.has(one)]
    for start in range(0, len(rest), BATCH):
        some = rest[start : start + BATCH]
        asked = asked_of(reading(), some, on=draw.opens_on, kind=draw.kind)
        if not _write(draw, asked, before):
            return count
        before, count = some[-1].person_id, count + len(some)
    _open(wave_id, before)
    return count


def strata_of(programme: Programme, frame: Sequence[Someone], *, panel: int, seed: str) -> list[Stratum]:
    """Draw a sample of one panel, as large as the programme's half-width needs."""
    populations = Counter(one.stratum for one in frame)
    theirs = [
        (one.person_id, one.stratum)
        for one in frame
        if sampling.panel_of(programme.seed, one.person_id, programme.panels) == panel
    ]
    answers = sampling.answers_for(programme.half_width, len(frame))
    total = sampling.asked_for(answers, programme.expected_rate, len(theirs))
    return sampling.draw(seed, theirs, populations, total)


def asked_of(session: Session, some: Sequence[Someone], *, on: dt.date, kind: str) -> list[Asked]:
    """Tell of some of a sample who may be asked on a day, by the one rule for all questionnaires."""
    ids = [one.person_id for one in some]
    pasts = pasts_of(session, ids)
    known = {
        person_id: (person_kind, language, is_reachable)
        for person_id, person_kind, language, is_reachable in session.execute(
            select(
                Person.id,
                Person.kind,
                Person.language,
                or_(PersonContact.phone.is_not(None), PersonContact.email.is_not(None)),
            )
            .outerjoin(PersonContact, PersonContact.person_id == Person.id)
            .where(Person.id.in_(ids))
        )
    }
    session.rollback()
    asked = []
    for one in some:
        person_kind, language, is_reachable = known[one.person_id]
        why = rules.why_spared(pasts[one.person_id], on, kind=kind)
        asked.append(
            Asked(
                one,
                person_kind if person_kind in KINDS_OF_PEOPLE else None,
                language or settings().default_language,
                why or (None if is_reachable else "no_address"),
            )
        )
    return asked


def _write_draw(wave_id: int, frame: Sequence[Someone], strata: Iterable[Stratum]) -> Draw | None:
    """Write the draw down unless it is; None where there is nobody to ask, or nothing to prepare any more."""
    with transaction(patient=True) as session:
        wave = session.get_one(Wave, wave_id, with_for_update={"of": Wave})
        if wave.state != "preparing":
            return None
        if not wave.strata:
            wave.population = len(frame)
            wave.strata = rows_of(strata, frame)
            if not any(one["drawn"] for one in wave.strata):
                wave.state, wave.why_not, wave.closed_at = "cancelled", "nobody", clock.now()
                outbox.emit(
                    session, "wave.cancelled", wave_id=wave.id, programme_id=wave.programme_id, why="nobody"
                )
                return None
        programme = wave.programme
        return Draw(
            wave_id=wave.id, questionnaire_id=wave.version.questionnaire_id, version_id=wave.version_id,
            kind=wave.version.questionnaire.kind, programme_seed=programme.seed, seed=wave.seed,
            panel=wave.panel, panels=wave.panels, spread_days=programme.spread_days,
            opens_at=wave.opens_at, closes_at=wave.closes_at, prepared_to=wave.prepared_to,
            last={one["stratum"]: one["last"] for one in wave.strata},
        )  # fmt: skip


def rows_of(strata: Iterable[Stratum], frame: Sequence[Someone]) -> list[dict[str, Any]]:
    """The strata as a wave keeps them."""
    of = {one.stratum: (one.service_id, one.channel) for one in frame}
    return [
        {
            "stratum": one.name, "service_id": of[one.name][0], "channel": of[one.name][1],
            "population": one.population, "reachable": one.reachable, "drawn": one.drawn, "last": one.last,
        }
        for one in strata
    ]  # fmt: skip


def _write(draw: Draw, asked: Sequence[Asked], before: int) -> bool:
    """Write some of the sample; False where another has come further, or the wave was cancelled."""
    rows = [_invitation(draw, one) for one in asked]
    spared = sum(one.why_spared is not None for one in asked)
    moved = (
        update(Wave)
        .where(Wave.id == draw.wave_id, Wave.state == "preparing", Wave.prepared_to == before)
        .values(
            prepared_to=asked[-1].one.person_id, drawn=Wave.drawn + len(rows), spared=Wave.spared + spared
        )
        .returning(Wave.id)
    )
    with transaction(patient=True) as session:
        if session.execute(moved).first() is None:
            return False
        session.execute(insert(table_of(Invitation)), rows)
    return True


def _invitation(draw: Draw, asked: Asked) -> dict[str, Any]:
    one = asked.one
    return {
        "token": chance.token(), "questionnaire_id": draw.questionnaire_id, "version_id": draw.version_id,
        "wave_id": draw.wave_id, "person_id": one.person_id, "occasion": one.occasion,
        "week": rules.monday(draw.opens_on), "branch_id": one.branch_id, "service_id": one.service_id,
        "channel": one.channel, "outcome": one.outcome, "person_kind": asked.kind, "priority": one.priority,
        "language": asked.language, "stratum": one.stratum,
        "state": "spared" if asked.why_spared else "due", "why_spared": asked.why_spared,
        "send_after": _send_after(draw, one.person_id), "closes_at": draw.closes_at,
    }  # fmt: skip


def _send_after(draw: Draw, person_id: int) -> dt.datetime:
    """A minute of one of the days over which a wave is spread, in the hours of the day."""
    zone = ZoneInfo(settings().default_timezone)
    first = draw.opens_at.astimezone(zone)
    day = sampling.place(draw.seed, "day", person_id, draw.spread_days)
    minute = sampling.place(draw.seed, "minute", person_id, HOURS * 60)
    local = first.replace(tzinfo=None) + dt.timedelta(days=day, minutes=minute)
    return local.replace(tzinfo=zone).astimezone(dt.UTC)


def _open(wave_id: int, prepared_to: int) -> None:
    """Let the invitations leave: all are written."""
    with transaction(patient=True) as session:
        opened = session.execute(
            update(Wave)
            .where(Wave.id == wave_id, Wave.state == "preparing", Wave.prepared_to == prepared_to)
            .values(state="open")
            .returning(Wave.programme_id)
        ).first()
        if opened is not None:
            outbox.emit(session, "wave.opened", wave_id=wave_id, programme_id=opened.programme_id)
