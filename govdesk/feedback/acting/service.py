"""Verbs of reflections: say what was heard in a closed wave, by whoever answers for it."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import audit, clock, outbox
from govdesk.actor import Actor
from govdesk.errors import DeskError, NotAllowedError
from govdesk.feedback.acting import rules
from govdesk.feedback.acting.models import Reflection
from govdesk.feedback.asking.models import Wave

ANSWERERS = ("head", "admin")
LONGEST = 1000
LANGUAGES = ("ar", "en")
Words = Mapping[str, str]  # by language; at least one of the two is filled in


class ActingStateError(DeskError):
    """It has been done already, or cannot be done yet."""

    key = "acting.not_now"


def reflection_of(session: Session, wave: Wave) -> Reflection | None:
    """What was heard in a wave, once somebody has said so."""
    return session.scalars(select(Reflection).where(Reflection.wave_id == wave.id)).one_or_none()


def reflect(session: Session, *, actor: Actor, wave: Wave, heard: Words) -> Reflection:
    """Say what was heard in a closed wave; that closes it for good.

    Its row is locked, so that of two at once the second finds what the first said.
    Raises NotAllowedError, ActingStateError where it is still open or was reflected on, DeskError beside
    `heard_ar` or `heard_en`.
    """
    refuse_others(actor, wave)
    said = said_in(heard, "heard")
    session.flush()
    session.refresh(wave, ["state"], with_for_update={"of": Wave})
    if wave.state != "closed":
        raise ActingStateError("acting.still_open")
    if reflection_of(session, wave) is not None:
        raise ActingStateError("acting.reflected_already")
    made = Reflection(
        wave_id=wave.id, heard_ar=said["ar"], heard_en=said["en"], written_at=clock.now(),
        written_by_id=int(actor.id), changes=[],
    )  # fmt: skip
    session.add(made)
    session.flush()
    audit.record(session, actor=actor, action="wave.reflected", subject=f"wave:{wave.id}", **said)
    outbox.emit(session, "wave.reflected", wave_id=wave.id, programme_id=wave.programme_id)
    return made


def reword(session: Session, *, actor: Actor, reflection: Reflection, heard: Words) -> None:
    """Say otherwise what was heard; the audit keeps how it was."""
    refuse_others(actor, reflection.wave)
    said = said_in(heard, "heard")
    before = {"ar": reflection.heard_ar, "en": reflection.heard_en}
    reflection.heard_ar, reflection.heard_en = said["ar"], said["en"]
    audit.record(
        session, actor=actor, action="wave.reworded", subject=f"wave:{reflection.wave_id}", before=before,
        **said,
    )  # fmt: skip


def may_read(actor: Actor, wave: Wave) -> bool:
    """Whether a wave is of somebody's department, or of all."""
    department_id = wave.programme.department_id
    return department_id is None or actor.sees_department(department_id)


def may_answer(actor: Actor, wave: Wave) -> bool:
    """Whether somebody says what was heard in a wave and what will change."""
    return actor.kind == "staff" and rules.may_answer(actor.grants, wave.programme.department_id)


def refuse_others(actor: Actor, wave: Wave) -> None:
    """Raise NotAllowedError for whoever does not answer for a wave."""
    if not may_answer(actor, wave):
        raise NotAllowedError


def said_in(words: Words, field: str) -> dict[str, str]:
    """Tidy words in two languages; DeskError beside the field where both are missing or one is too long."""
    said = {code: words.get(code, "").strip() for code in LANGUAGES}
    for code, text in said.items():
        if len(text) > LONGEST:
            raise DeskError("errors.too_long", field=f"{field}_{code}", status=422)
    if not any(said.values()):
        raise DeskError("errors.required", field=f"{field}_ar", status=422)
    return said
