"""Verbs of programmes: create, revise, stop, resume; and whose they are."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import audit, chance, clock, outbox
from govdesk.actor import Actor
from govdesk.catalog.models import Department
from govdesk.config import settings
from govdesk.errors import DeskError, NotAllowedError, NotFoundError
from govdesk.feedback.asking import periods
from govdesk.feedback.asking.models import Programme, Wave
from govdesk.feedback.forms import service as forms
from govdesk.feedback.forms.models import Questionnaire, QuestionnaireVersion

KIND = "periodic"  # of the questionnaires that are asked in waves
LONGEST_NAME = 120
HALF_WIDTHS, RATES = (0.005, 0.2), (0.01, 1.0)
PANELS, SPREAD_DAYS, OPEN_DAYS = (1, 12), (1, 14), (5, 60)
TIME_TO_ANSWER = 4  # days at least from the last invitation to the closing: one reminder, and a day
BACK = 100  # days that the first period may lie back


@dataclass(frozen=True, slots=True)
class Terms:
    """How a programme asks: see the columns of `Programme`."""

    every: str
    calendar: str
    starts_on: dt.date
    half_width: float = 0.05
    expected_rate: float = 0.3
    panels: int = 4
    spread_days: int = 5
    open_days: int = 21


class ProgrammeError(DeskError):
    """What a programme does not allow; the key says why."""

    key = "programmes.refused"
    status = 422


def create(
    session: Session, *, actor: Actor, questionnaire: Questionnaire, name_ar: str, name_en: str,
    department: Department | None, terms: Terms,
) -> Programme:  # fmt: skip
    """Ask this questionnaire again each month or quarter: of a department's people, or of everybody's.

    The first period is the one that begins on `starts_on` or next after it; its wave opens when it is over.
    """
    _refuse_others(actor, department.id if department else None)
    _check(actor, questionnaire, terms)
    if terms.starts_on < _today() - dt.timedelta(days=BACK):
        raise ProgrammeError("programmes.long_ago", field="starts_on", days=BACK)
    programme = Programme(
        questionnaire=questionnaire, department=department, seed=chance.key(8), created_at=clock.now(),
        **_names(name_ar, name_en), **asdict(terms),
    )  # fmt: skip
    session.add(programme)
    session.flush()
    _record(session, actor, "created", programme, questionnaire=questionnaire.code, **_told(terms))
    outbox.emit(session, "programme.created", programme_id=programme.id)
    return programme


def revise(
    session: Session, *, actor: Actor, programme: Programme, questionnaire: Questionnaire, name_ar: str,
    name_en: str, terms: Terms,
) -> None:  # fmt: skip
    """Ask otherwise from the next wave on; waves that are there stay as they are."""
    _hold(session, actor, programme)
    _check(actor, questionnaire, terms)
    changed = terms.starts_on != programme.starts_on
    if changed and terms.starts_on < _today() - dt.timedelta(days=BACK):
        raise ProgrammeError("programmes.long_ago", field="starts_on", days=BACK)
    programme.questionnaire = questionnaire
    for name, value in {**_names(name_ar, name_en), **asdict(terms)}.items():
        setattr(programme, name, value)
    session.flush()
    _record(session, actor, "revised", programme, questionnaire=questionnaire.code, **_told(terms))
    outbox.emit(session, "programme.revised", programme_id=programme.id)


def stop(session: Session, *, actor: Actor, programme: Programme) -> None:
    """Open no further wave; one that is open goes on."""
    _run(session, actor, programme, is_running=False)


def resume(session: Session, *, actor: Actor, programme: Programme) -> None:
    """Open waves again."""
    _run(session, actor, programme, is_running=True)


def version_of(programme: Programme) -> QuestionnaireVersion | None:
    """The questions that its next wave asks; None while nothing is published."""
    questionnaire = programme.questionnaire
    return forms.published_of(questionnaire) if questionnaire.is_used else None


def found(session: Session, actor: Actor, programme_id: int) -> Programme:
    """A programme, or NotFoundError: also for whose business it is not."""
    programme = session.get(Programme, programme_id)
    if programme is None or not may_read(actor, programme):
        raise NotFoundError
    return programme


def found_wave(session: Session, actor: Actor, wave_id: int) -> Wave:
    """A wave, or NotFoundError: also for whose business it is not."""
    wave = session.get(Wave, wave_id)
    if wave is None or not may_read(actor, wave.programme):
        raise NotFoundError
    return wave


def all_of(session: Session, actor: Actor) -> list[Programme]:
    """The programmes that someone reads, running ones first."""
    every = session.scalars(select(Programme).order_by(Programme.is_running.desc(), Programme.id)).all()
    return [one for one in every if may_read(actor, one)]


def waves_of(session: Session, programme: Programme) -> Sequence[Wave]:
    """The waves of a programme, the newest first."""
    query = select(Wave).where(Wave.programme_id == programme.id)
    return session.scalars(query.order_by(Wave.from_on.desc())).all()


def may_change(actor: Actor, programme: Programme) -> bool:
    """Whether someone runs a programme."""
    return forms.may_change(actor, programme.department_id)


def may_read(actor: Actor, programme: Programme) -> bool:
    """Whether someone sees a programme: their own, and the agency's, which their people are asked in too."""
    return may_change(actor, programme) or (programme.department_id is None and actor.has(*forms.BUILDERS))


def questionnaires(session: Session, actor: Actor) -> list[Questionnaire]:
    """What someone may ask in waves: what is in use, their own and the agency's."""
    used = select(Questionnaire).where(Questionnaire.kind == KIND, Questionnaire.is_used)
    return [one for one in session.scalars(used.order_by(Questionnaire.id)) if forms.may_read(actor, one)]


def refuse_others(actor: Actor, programme: Programme) -> None:
    """Raise NotAllowedError for who does not run it."""
    _refuse_others(actor, programme.department_id)


def _refuse_others(actor: Actor, department_id: int | None) -> None:
    if not forms.may_change(actor, department_id):
        raise NotAllowedError


def _check(actor: Actor, questionnaire: Questionnaire, terms: Terms) -> None:
    if questionnaire.kind != KIND or not (actor.kind == "system" or forms.may_read(actor, questionnaire)):
        raise ProgrammeError("errors.choose_known", field="questionnaire")
    if terms.every not in periods.EVERY:
        raise ProgrammeError("errors.choose_known", field="every")
    if terms.calendar not in periods.CALENDARS:
        raise ProgrammeError("errors.choose_known", field="calendar")
    for field, (least, most) in (
        ("half_width", HALF_WIDTHS),
        ("expected_rate", RATES),
        ("panels", PANELS),
        ("spread_days", SPREAD_DAYS),
        ("open_days", OPEN_DAYS),
    ):
        if not least <= getattr(terms, field) <= most:
            raise ProgrammeError("programmes.out_of_range", field=field)
    if terms.open_days < terms.spread_days + TIME_TO_ANSWER:
        raise ProgrammeError("programmes.too_short", field="open_days", days=TIME_TO_ANSWER)
    try:
        periods.first_from(terms.starts_on, every=terms.every, calendar=terms.calendar)
    except (OverflowError, ValueError) as unknown:
        raise ProgrammeError("errors.date", field="starts_on") from unknown


def _names(name_ar: str, name_en: str) -> dict[str, str]:
    names = {"name_ar": name_ar.strip(), "name_en": name_en.strip()}
    for field, name in names.items():
        if not name:
            raise ProgrammeError("errors.required", field=field)
        if len(name) > LONGEST_NAME:
            raise ProgrammeError("errors.too_long", field=field)
    return names


def _hold(session: Session, actor: Actor, programme: Programme) -> None:
    refuse_others(actor, programme)
    session.refresh(programme, with_for_update={"of": Programme})


def _run(session: Session, actor: Actor, programme: Programme, *, is_running: bool) -> None:
    _hold(session, actor, programme)
    if programme.is_running == is_running:
        return
    programme.is_running = is_running
    session.flush()
    _record(session, actor, "resumed" if is_running else "stopped", programme)
    outbox.emit(session, "programme.revised", programme_id=programme.id)


def _record(session: Session, actor: Actor, what: str, programme: Programme, **detail: Any) -> None:
    audit.record(
        session, actor=actor, action=f"programme.{what}", subject=f"programme:{programme.id}", **detail
    )


def _told(terms: Terms) -> dict[str, Any]:
    return {**asdict(terms), "starts_on": terms.starts_on.isoformat()}


def _today() -> dt.date:
    return clock.local_day(clock.now(), settings().default_timezone)
