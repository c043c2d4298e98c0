"""The reasons from which an officer chooses on a break, and on closing before the branch does."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from govdesk.actor import Actor
from govdesk.catalog.editing import describe, refuse_known
from govdesk.queue.errors import PauseError
from govdesk.queue.pause_models import PauseReason


def known(session: Session) -> list[PauseReason]:
    """All reasons: those of breaks, then those of closing early, each in the order shown."""
    order = (PauseReason.is_closing, PauseReason.position, PauseReason.code)
    return list(session.scalars(select(PauseReason).order_by(*order)))


def offered(session: Session, *, is_closing: bool) -> list[PauseReason]:
    """The reasons in use for a break, or for closing early."""
    return [one for one in known(session) if one.is_active and one.is_closing == is_closing]


def check(session: Session, code: str, words: str, *, is_closing: bool) -> str:
    """The words with single spaces, where the reason is in use and they are said if it asks for them.

    PauseError beside the field that lacks.
    """
    said = " ".join(words.split())
    reason = session.get(PauseReason, code)
    if reason is None or not reason.is_active or reason.is_closing != is_closing:
        raise PauseError(field="reason")
    if reason.asks_words and not said:
        raise PauseError("queue.pause_words_missing", field="words")
    return said


def describe_reason(
    session: Session, *, actor: Actor, code: str, name_ar: str, name_en: str, is_closing: bool,
    position: int | None = None, asks_words: bool = False, is_active: bool = True, is_new: bool = False,
) -> PauseReason:  # fmt: skip
    """Add or change a reason; without a position a new one comes last.

    One of a break cannot become one of closing: what it meant stays. PauseError for the last one of a break
    that would go out of use; without any of closing early, none is asked for.
    """
    reason = session.get(PauseReason, code)
    refuse_known(reason, is_new=is_new, code=code)
    is_closing = reason.is_closing if reason else is_closing
    if position is None:
        last = session.scalar(
            select(func.max(PauseReason.position)).where(PauseReason.is_closing == is_closing)
        )
        position = reason.position if reason else (last or 0) + 1
    others = [one for one in offered(session, is_closing=False) if one.code != code]
    if not (is_active or is_closing or others):
        raise PauseError("queue.pause_reason_last", field="is_active")
    values: dict[str, Any] = {"name_ar": name_ar, "name_en": name_en, "position": position}
    values |= {"is_closing": is_closing, "asks_words": asks_words, "is_active": is_active}
    reason = reason or PauseReason(code=code)
    describe(session, actor=actor, thing=reason, subject=f"pause_reason:{code}", **values)
    return reason
