"""Verbs of answers: give one. Nothing in it leads back to who gave it, nor to when."""

import datetime as dt
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from govdesk import chance, clock, outbox
from govdesk.cases.recovery.rules import is_low
from govdesk.config import settings
from govdesk.db import connection_of, table_of
from govdesk.errors import DeskError
from govdesk.feedback.answers.masking import masked, names_in
from govdesk.feedback.answers.models import Answer, Comment, Response
from govdesk.feedback.asking import links
from govdesk.feedback.asking import service as asking
from govdesk.feedback.asking.links import Asked
from govdesk.feedback.asking.models import Invitation
from govdesk.feedback.asking.rules import monday
from govdesk.feedback.forms import rules
from govdesk.feedback.forms import service as forms
from govdesk.feedback.forms.rules import Form, Question
from govdesk.people.models import Staff
from govdesk.prepared import Prepared

LIVE = "live"
DRAWN_BELOW = 10**18  # more than would ever meet by chance
ABOUT_VISIT = (
    "wave_id", "occasion", "branch_id", "service_id", "channel", "outcome", "person_kind", "priority",
    "language", "stratum",
)  # fmt: skip
Given = Mapping[str, Any]
_answers = table_of(Answer)
ANSWER = ("response_id", "question", "choice", "series", "number")
_RESPOND = Prepared(insert(table_of(Response)), *table_of(Response).c.keys())
_COMMENT = Prepared(insert(table_of(Comment)), *table_of(Comment).c.keys())
_NAMES = Prepared(select(Staff.name_ar, Staff.name_en).order_by(Staff.id))


class AnsweredError(DeskError):
    """The link was used, or its time is over; or it is not as it was read, and who looks again sees how."""

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


@dataclass(frozen=True, slots=True)
class Filled:
    """A filled-in form as it will be written: its words masked, its numbers drawn, whose it was not in it."""

    number: int
    answers: Sequence[Mapping[str, Any]]
    comments: Sequence[Mapping[str, Any]]
    score: tuple[int, int] | None
    words: str  # as they were written: they go along with the wish to be called, or nowhere


def give(
    session: Session, *, invitation: Invitation | Asked, answers: Given,
    contact_wish: ContactWish | None = None, saved_at: dt.datetime | None = None,
) -> None:  # fmt: skip
    """Answer an invitation, once, with what was saved while it was open, or now.

    Raises AnsweredError, RefusedAnswersError.
    """
    session.flush()
    one = invitation if isinstance(invitation, Asked) else links.asked_by_id(session, invitation.id)
    if one is None or not asking.is_open(one, at=saved_at):
        raise AnsweredError
    filled = fill(session, forms.form_by(session, one.version_id, one.digest), answers, one.language)
    take(session, one=one, filled=filled, contact_wish=contact_wish, saved_at=saved_at)


def fill(session: Session, form: Form, answers: Given, language: str) -> Filled:
    """Check the answers to a form, and make ready what will be written of them. Raises RefusedAnswersError.

    All of it is done before anybody else has to wait; `session` only reads.
    """
    kept, refused = rules.checked(form, answers, is_final=True)
    if refused:
        raise RefusedAnswersError(refused)
    number = drawn()
    rows: list[dict[str, Any]] = []
    comments: list[dict[str, Any]] = []
    for question in form.questions:
        value = kept.get(question.key)
        if value is None:
            continue
        if question.kind == "text":
            words = {"text": masked(str(value), staff_names(session)), "question": question.key}
            comments.append({"id": drawn(), "response_id": number, "language": language, **words})
        else:
            rows += rows_of(number, question, value)
    return Filled(number, rows, comments, score_of(form, kept), words_of(form, kept))


def take(
    session: Session, *, one: Asked, filled: Filled, contact_wish: ContactWish | None = None,
    saved_at: dt.datetime | None = None,
) -> None:  # fmt: skip
    """Write an answer to an invitation down. Raises AnsweredError.

    1. One statement closes the invitation, where it is open and as it was read (see `links.answer`): of two
       sendings of one form the second changes nothing, and is told so. It forgets what would help to tell
       which answer is its own.
    2. The answer has a number drawn by lot and the week; no token, ticket, person or moment, no audit.
    3. Only where the person wishes to be called does a low score go, with their person, to who makes good.
    """
    if not links.answer(session, one, saved_at=saved_at):
        raise AnsweredError
    facts = {name: getattr(one, name) for name in ABOUT_VISIT}
    write(
        session, filled,
        {
            **facts, "source": LIVE, "questionnaire_id": one.questionnaire_id, "version_id": one.version_id,
            "mode": one.mode or "page",
        },
    )  # fmt: skip
    if contact_wish is not None:
        words = filled.words if contact_wish.with_words else ""
        ask_for_call(session, invitation=one, score=filled.score, words=words)


def write(session: Session, filled: Filled, facts: Mapping[str, Any]) -> None:
    """Write an answer down with what is known of it; nothing tells which row was whose."""
    week = monday(clock.local_day(clock.now(), settings().default_timezone))
    connection = connection_of(session)
    known = {**dict.fromkeys(ABOUT_VISIT), **facts, "id": filled.number, "week": week, "is_settled": False}
    _RESPOND.run(connection, known)
    for comment in filled.comments:
        _COMMENT.run(connection, comment)
    if filled.answers:
        numbered = enumerate(filled.answers)
        values = {f"{name}_{place}": value for place, row in numbered for name, value in row.items()}
        _insert_answers(len(filled.answers)).run(connection, values)


@functools.cache
def _insert_answers(count: int) -> Prepared:
    """One statement for so many rows; a form has few."""
    rows: list[dict[str, Any]] = [
        {name: bindparam(f"{name}_{place}") for name in ANSWER} for place in range(count)
    ]
    return Prepared(insert(_answers).values(rows))


def rows_of(number: int, question: Question, value: Any) -> list[dict[str, Any]]:
    """What is written of one question: one row for a number, one for each choice."""
    row = {"response_id": number, "question": question.key, "series": question.series}
    if isinstance(value, int):
        return [{**row, "choice": "", "number": value}]
    chosen = [value] if isinstance(value, str) else value
    return [{**row, "choice": one, "number": None} for one in chosen]


def staff_names(session: Session) -> frozenset[str]:
    """The stems of the names of all who serve or served, read once in a session."""
    known: frozenset[str] | None = session.info.get("staff_names")
    if known is None:
        rows = _NAMES.all(session.connection(), {})
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
    session: Session, *, invitation: Invitation | Asked, score: tuple[int, int] | None, words: str = ""
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


def may_be_called(invitation: Invitation | Asked) -> bool:
    """Whether it is known who would be called, and who would call."""
    return invitation.person_id is not None and invitation.branch_id is not None


def words_of(form: Form, answers: Given) -> str:
    """All that somebody wrote, as they wrote it."""
    return "\n".join(answers[one.key] for one in form.questions if one.kind == "text" and one.key in answers)


def drawn() -> int:
    """A number for an answer or a comment: nothing tells which came first."""
    return chance.number(DRAWN_BELOW)
