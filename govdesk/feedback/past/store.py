"""Answers of old surveys written into the table of answers, each row of a file once."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from govdesk.actor import Actor
from govdesk.cases.columns import CellError
from govdesk.cases.drafts import Draft
from govdesk.cases.importing import Import, Kind
from govdesk.cases.mapping import Mapping
from govdesk.cases.records import in_parts, table_of
from govdesk.cases.stores import Line, Rejection, Store
from govdesk.config import settings
from govdesk.errors import DeskError
from govdesk.feedback.answers.masking import masked
from govdesk.feedback.answers.models import Answer, Comment, Response
from govdesk.feedback.answers.service import drawn, rows_of, staff_names
from govdesk.feedback.forms.models import Questionnaire, QuestionnaireVersion
from govdesk.feedback.forms.rules import parse
from govdesk.feedback.past import rows
from govdesk.feedback.past.models import PastAnswer
from govdesk.feedback.past.unfolding import unfold

DRAFT = "draft"
OCCASION = "import"


def version_of(session: Session, code: str, number: int | None = None) -> QuestionnaireVersion:
    """The version to which a file's answers belong: the newest that was published, unless one is named.

    Raises DeskError where there is none.
    """
    query = (
        select(QuestionnaireVersion)
        .join(Questionnaire)
        .where(Questionnaire.code == code, QuestionnaireVersion.state != DRAFT)
        .order_by(QuestionnaireVersion.number.desc())
    )
    found = session.scalars(query if number is None else query.where(QuestionnaireVersion.number == number))
    version = found.first()
    if version is None:
        codes = session.scalars(select(Questionnaire.code).order_by(Questionnaire.code))
        raise DeskError("exchange.questionnaire_unknown", status=422, code=code, known=", ".join(codes))
    return version


def task(
    version: QuestionnaireVersion, file: Path, *, actor: Actor, mapping: Mapping, source: str | None
) -> Import:
    """A file of answers to a version of a questionnaire on its way in."""
    form = parse(version.content)
    kind = Kind(
        name="responses",
        number=rows.NUMBER,
        columns=rows.columns_of(form),
        read=partial(rows.read, form),
        store=partial(AnswerStore, version_id=version.id),
        unfold=partial(unfold, form, version.questionnaire.code, version.number),
    )
    return Import(kind=kind, file=file, actor=actor, mapping=mapping, source=source)


class AnswerStore(Store):
    """Writes answers; a number that is here already is compared by digests, which lead to no answer."""

    def __init__(self, session: Session, *, version_id: int, **given: Any) -> None:
        super().__init__(session, **given)
        self.version = session.get_one(QuestionnaireVersion, version_id)
        self.form = parse(self.version.content)
        self._key = bytes.fromhex(settings().pseudonym_key)

    def put(self, batch: list[Line]) -> list[Rejection]:
        """Write some answers; a number that is here with other content is rejected."""
        marks = [(line, draft, *self._marks(draft)) for line, draft in batch]
        known = self._known([number for _, _, number, _ in marks])
        rejected: list[Rejection] = []
        fresh: list[Draft] = []
        for line, draft, number, content in marks:
            if number not in known:
                fresh.append(draft)
            elif known[number] == content:
                self.unchanged += 1
            else:
                rejected.append((line, CellError("exchange.other_answers")))
        if fresh:
            self._write(fresh)
            noted = [
                {"number": number, "content": content}
                for _, _, number, content in marks
                if number not in known
            ]
            self.session.execute(insert(table_of(PastAnswer)), noted)
        self.new += len(fresh)
        return rejected

    def finish(self) -> Iterator[tuple[int, int]]:
        """Nothing hangs on them: figures count the rows as they are."""
        yield 1, 1

    def _write(self, drafts: list[Draft]) -> None:
        """Each answer gets a drawn number, so that their order in the file is not kept either."""
        responses, answers, comments = [], [], []
        for draft in drafts:
            response_id = drawn()
            responses.append(self._response(response_id, draft))
            for question in self.form.questions:
                value = draft["answers"].get(question.key)
                if value is None:
                    continue
                if question.kind == "text":
                    comments.append(self._comment(response_id, question.key, value, draft["language"]))
                else:
                    answers += rows_of(response_id, question, value)
        for model, found in ((Response, responses), (Answer, answers), (Comment, comments)):
            if found:
                self.session.execute(insert(table_of(model)), found)

    def _response(self, response_id: int, draft: Draft) -> dict[str, Any]:
        return {
            "id": response_id,
            "source": self.source,
            "questionnaire_id": self.version.questionnaire_id,
            "version_id": self.version.id,
            "wave_id": None,
            "week": draft["week"],
            "occasion": draft["occasion"] or OCCASION,
            "mode": draft["mode"],
            "branch_id": self._branches[draft["branch"]][0] if draft["branch"] else None,
            "service_id": self._service_ids[draft["service"]] if draft["service"] else None,
            "channel": draft["channel"],
            "outcome": draft["outcome"],
            "person_kind": draft["person_kind"],
            "priority": draft["priority"],
            "language": draft["language"],
            "stratum": None,
            "is_settled": False,
        }

    def _comment(self, response_id: int, question: str, words: str, language: str | None) -> dict[str, Any]:
        return {
            "id": drawn(),
            "response_id": response_id,
            "question": question,
            "text": masked(words, staff_names(self.session)),
            "language": language or settings().default_language,
        }

    def _known(self, numbers: list[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for some in in_parts(numbers):
            query = select(PastAnswer.number, PastAnswer.content).where(PastAnswer.number.in_(some))
            found.update((row.number, row.content) for row in self.session.execute(query))
        return found

    def _marks(self, draft: Draft) -> tuple[str, str]:
        """Digests of where a row is from and of what it says."""
        code = self.version.questionnaire.code
        later = () if draft["occasion"] else ("occasion",)  # a column that files of before did not have
        said = {name: value for name, value in draft.items() if name not in (rows.NUMBER, *later)}
        number = [code, self.source, draft[rows.NUMBER]]
        return self._digest(number), self._digest([*number, self.version.number, said])

    def _digest(self, content: object) -> str:
        written = json.dumps(content, default=str, sort_keys=True, ensure_ascii=False)
        return hmac.new(self._key, written.encode(), hashlib.sha256).hexdigest()
