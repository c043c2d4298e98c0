"""Rows of an old survey's file as answers to a questionnaire: cells read, answers checked by the form."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from govdesk.cases.columns import OUTCOMES, CellError, Column, day, one_of, text
from govdesk.feedback.forms.rules import checked
from govdesk.i18n import LANGUAGES

if TYPE_CHECKING:
    from datetime import date, tzinfo

    from govdesk.cases.drafts import Draft, Problem, Reading
    from govdesk.cases.shaping import Shaped
    from govdesk.feedback.forms.rules import Form

NUMBER = "response_id"
PREFIX = "q_"  # before the key of a question in the name of its column
BETWEEN = ";"  # several answers to one question
MODES = ("sms", "email", "qr", "page", "tablet", "desk", "import", "other")
OCCASIONS = (
    "served", "turned_away", "left", "unserved", "noshow", "resolved_away", "returned", "complaint", "wave",
    "exit", "import", "other",
)  # fmt: skip
PERSON_KINDS = ("citizen", "resident", "visitor")
FACTS = (
    Column(NUMBER, text, is_required=True),
    Column("week", day, is_required=True),
    Column("branch", text),
    Column("service", text),
    Column("channel", text),
    Column("outcome", one_of(OUTCOMES)),
    Column("person_kind", one_of(PERSON_KINDS)),
    Column("priority", text),
    Column("language", one_of(LANGUAGES)),
    Column("mode", one_of(MODES)),
    Column("occasion", one_of(OCCASIONS)),
)


def columns_of(form: Form) -> tuple[Column, ...]:
    """Return the columns of a file of answers to a form: what is known of each, and one for each question."""
    return (*FACTS, *(Column(PREFIX + question.key, _as_it_is) for question in form.questions))


def read(form: Form, shaped: Shaped, reading: Reading) -> tuple[Draft, list[Problem]]:
    """Read a row: the Monday of its week, and the answers that the form admits; also of half-filled forms."""
    row, problems = reading.cells(shaped)
    given = {
        name.removeprefix(PREFIX): cell for name, cell in row.items() if name.startswith(PREFIX) and cell
    }
    answers, refused = checked(form, _split(form, given), is_final=False)
    problems += [(PREFIX + key, CellError(why)) for key, why in refused.items()]
    problems += _unknown_places(row, reading)
    if not problems and not answers:
        problems.append(("", CellError("exchange.no_answers")))
    if problems:
        return row, problems
    facts = {column.name: row[column.name] for column in FACTS}
    return {**facts, "week": monday_of(row["week"]), "mode": row["mode"] or "import", "answers": answers}, []


def monday_of(day_of_week: date) -> date:
    """Return the first day of a week: nothing finer is kept of when somebody answered."""
    return day_of_week - timedelta(days=day_of_week.weekday())


def _split(form: Form, given: dict[str, str | None]) -> dict[str, Any]:
    several = {question.key for question in form.questions if question.kind in {"many", "drivers"}}
    return {
        key: [part.strip() for part in cell.split(BETWEEN) if part.strip()] if key in several else cell
        for key, cell in given.items()
        if cell
    }


def _unknown_places(row: Draft, reading: Reading) -> list[Problem]:
    """A survey invents no branch and no service."""
    wrong: list[Problem] = []
    if row["service"] and row["service"] not in reading.known.services:
        wrong.append(("service", CellError("exchange.service_unknown", value=row["service"])))
    if row["branch"] and row["branch"] not in reading.known.zones:
        wrong.append(("branch", CellError("exchange.branch_unknown", value=row["branch"])))
    return wrong


def _as_it_is(cell: str, _zone: tzinfo) -> str:
    return cell
