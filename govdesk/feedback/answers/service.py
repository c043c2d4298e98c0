"""Verbs of answers: give one. Nothing in it leads back to who gave it, nor to when."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from govdesk import chance, clock, outbox
from govdesk.cases.recovery.rules import is_low
from govdesk.config import settings
from govdesk.db import table_of
from govdesk.errors import DeskError
from govdesk.feedback.answers.masking import masked, names_in
from govdesk.feedback.answers.models import Answer, Comment, Response
from govdesk.feedback.asking import service as asking
from govdesk.feedback.asking.models import Invitation
from govdesk.feedback.asking.rules import monday
from govdesk.feedback.forms import rules
from govdesk.feedback.forms import service as forms
from govdesk.feedback.forms.rules import Form, Question
from govdesk.people.models import Staff

LIVE = "live"
DIGITS = 18  # of a drawn number
ABOUT_VISIT = (
    "wave_id", "occasion", "branch_id", "service_id", "channel", "outcome", "person_kind", "priority",
    "language", "stratum",
)  # fmt: skip
Given = Mapping[str, Any]


class AnsweredError(DeskError):
    """The link was used, or its time is over."""

    key = "answering.over"
    status = 410


class RefusedAnswersError(DeskError):
    """Some answers cannot be taken: `refused` has a message key for each question."""

    key = "answering.refused"
    status = 422

    def __init__(self, refused: Mapping[str, str]) -> None:
        super().__init__()
        self.refused = refused


@dataclass(frozen=True, slots=True)
class ContactWish:
    """Who answered wants to be called; with what they wrote, or without."""

    with_words: bool = False


def give(
    session: Session, *, invitation: Invitation, answers: Given, contact_wish: ContactWish | None = None,
    form: Form | None = None, is_locked: bool = False,
) -> None:  # fmt: skip
    """Answer an invitation, once. Raises AnsweredError, RefusedAnswersError.

    Whoever has locked it already and read its form says so: that need not be done while others wait.

    1. The invitation is locked: of two sendings of one form the second finds it answered.
    2. The answer gets a number drawn by lot and the week; no token, ticket, person or moment, no audit.
    3. The invitation forgets what would help to tell which answer is its own.
    4. Only where the person wishes to be called does a low score go, with their person, to who makes good.
    """
    if not is_locked:
        session.refresh(invitation, with_for_update={"of": Invitation})
    if not asking.is_open(invitation):
        raise AnsweredError
    form = form or forms.form_of(invitation.version)
    kept, refused = rules.checked(form, answers, is_final=True)
    if refused:
        raise RefusedAnswersError(refused)
    facts = {name: getattr(invitation, name) for name in ABOUT_VISIT}
    write(
        session, form=form, answers=kept,
        row={
            **facts, "source": LIVE, "questionnaire_id": invitation.questionnaire_id,
            "version_id": invitation.version_id, "mode": invitation.mode or "page", "is_settled": False,
            "week": monday(clock.local_day(clock.now(), settings().default_timezone)),
        },
    )  # fmt: skip
    if contact_wish is not None:
        words = words_of(form, kept) if contact_wish.with_words else ""
        ask_for_call(session, invitation=invitation, score=score_of(form, kept), words=words)
    asking.note_answered(session, invitation)


def write(session: Session, *, form: Form, answers: Given, row: Mapping[str, Any]) -> None:
    """Write an answer down under drawn numbers, its words masked; nothing tells which row was whose."""
    number = _drawn()
    session.execute(insert(table_of(Response)), [{**row, "id": number}])
    rows: list[dict[str, Any]] = []
    for question in form.questions:
        value = answers.get(question.key)
        if value is None:
            continue
        if question.kind == "text":
            words = {"text": masked(value, staff_names(session)), "question": question.key}
            language = row["language"] or settings().default_language
            comment = {"id": _drawn(), "response_id": number, "language": language, **words}
            session.execute(insert(table_of(Comment)), [comment])
        else:
            rows += rows_of(number, question, value)
    if rows:
        session.execute(insert(table_of(Answer)), rows)


def rows_of(number: int, question: Question, value: Any) -> list[dict[str, Any]]:
    """What is written of one question: one row for a number, one for each choice."""
    row = {"response_id": number, "question": question.key, "series": question.series}
    if isinstance(value, int):
        return [{**row, "choice": "", "number": value}]
    chosen = [value] if isinstance(value, str) else value
    return [{**row, "choice": one, "number": None} for one in chosen]


def know_names(session: Session, names: frozenset[str]) -> None:
    """Let a session know the names of staff that were read before it made others wait."""
    session.info["staff_names"] = names


def staff_names(session: Session) -> frozenset[str]:
    """The stems of the names of all who serve or served, read once in a session."""
    known: frozenset[str] | None = session.info.get("staff_names")
    if known is None:
        rows = session.execute(select(Staff.name_ar, Staff.name_en).order_by(Staff.id))
        known = session.info["staff_names"] = _stems(tuple(name for row in rows for name in row))
    return known


@functools.lru_cache(maxsize=4)
def _stems(names: tuple[str, ...]) -> frozenset[str]:
    """The same names are taken apart once in a process."""
    return names_in(names)


def score_of(form: Form, answers: Given) -> tuple[int, int] | None:
    """How satisfied somebody says they are, and of how much; None where they do not say."""
    for question in form.questions:
        if question.role == "satisfied" and answers.get(question.key) is not None:
            return answers[question.key], rules.numbers(question)[-1]
    return None


def ask_for_call(
    session: Session, *, invitation: Invitation, score: tuple[int, int] | None, words: str = ""
) -> bool:
    """Let who makes good hear of a low score, because the person wishes it; False where nobody can be called.

    It names the person and their invitation, never the answer. Twice is once: whoever hears it knows it.
    """
    if score is None or not is_low(*score) or not may_be_called(invitation):
        return False
    outbox.emit(
        session, "rating.low", rating_id=invitation.id, person_id=invitation.person_id,
        branch_id=invitation.branch_id, service_id=invitation.service_id, score=score[0], most=score[1],
        words=words,
    )  # fmt: skip
    return True


def may_be_called(invitation: Invitation) -> bool:
    """Whether it is known who would be called, and who would call."""
    return invitation.person_id is not None and invitation.branch_id is not None


def words_of(form: Form, answers: Given) -> str:
    """All that somebody wrote, as they wrote it."""
    return "\n".join(answers[one.key] for one in form.questions if one.kind == "text" and one.key in answers)


def _drawn() -> int:
    return int(chance.digits(DIGITS))
