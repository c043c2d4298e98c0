"""What `govdesk export responses` writes, turned into what an import reads: one row for each form."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from govdesk.cases.sources import FileError
from govdesk.feedback.past.rows import BETWEEN, FACTS, NUMBER, PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from govdesk.cases.sources import Cells, Line
    from govdesk.feedback.forms.rules import Form

EXPORTED = frozenset({"response", "questionnaire", "version", "question", "number", "choice"})
CALLED = {NUMBER: "response", "person_kind": "kind"}  # there; all others are called the same


def unfold(
    form: Form, code: str, version: int, header: Cells, lines: Iterator[Line]
) -> tuple[Cells, Iterator[Line]]:
    """Return a file as it is, or what was exported with a row for each form of this version.

    An export holds all questionnaires: what belongs to others, or to other versions, is passed over; each
    comes in by an import of its own. Raises FileError where nothing belongs to this one.
    """
    if not set(header) >= EXPORTED:
        return header, lines
    facts = [column.name for column in FACTS]
    keys = [question.key for question in form.questions]
    found = _forms(code, str(version), facts, keys, header, lines)
    return [*facts, *(PREFIX + key for key in keys)], found


def _forms(
    code: str, version: str, facts: list[str], keys: list[str], header: Cells, lines: Iterator[Line]
) -> Iterator[Line]:
    rows = ((number, dict(zip(header, cells, strict=False))) for number, cells in lines)
    has_any = False
    for _response, group in groupby(rows, key=lambda row: row[1]["response"]):
        (line, first), *more = group
        if (first["questionnaire"], first["version"]) != (code, version):
            continue
        has_any = True
        given: dict[str, list[str]] = {key: [] for key in keys}
        for number, row in ((line, first), *more):
            if row["question"] not in given:
                raise FileError("exchange.question_unknown", question=row["question"], line=number, code=code)
            given[row["question"]].append(row["number"] or row["choice"])
        known = [first.get(CALLED.get(name, name), "") for name in facts]
        yield line, [*known, *(BETWEEN.join(given[key]) for key in keys)]
    if not has_any:
        raise FileError("exchange.none_of_these", code=code, version=version)
