"""Which questions of which versions feed which figure: read once for a question, from what was published."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk.feedback.forms import service as forms
from govdesk.feedback.forms.models import Questionnaire, QuestionnaireVersion
from govdesk.feedback.forms.rules import STATEMENTS, Question

COUNTED = ("after_service", "periodic")  # of what people think of the service; the others stand apart
GOOD = {"agreement": 4, "faces": 3}  # from here on an answer is a good one
DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as one version asks it."""

    version_id: int
    questionnaire_id: int
    questionnaire: str  # its code
    question: Question

    @property
    def wording(self) -> str:
        """The name of its wording: answers to another one stand on another line."""
        return f"{self.questionnaire}/{self.question.key}/{self.question.series}"

    @property
    def measure(self) -> str | None:
        """The statement that it feeds; the faces stand apart from the five points."""
        if self.question.role not in STATEMENTS or self.question.kind not in GOOD:
            return None
        if self.question.kind == "faces":
            return "faces" if self.question.role == "satisfied" else None
        return self.question.role


def asked(
    session: Session, *, kinds: tuple[str, ...] = COUNTED, questionnaire_id: int | None = None
) -> dict[tuple[int, str], Asked]:
    """Give every question that was ever published, by version and key; the newest version first.

    Those of questionnaires of these kinds, or of one questionnaire of any kind.
    """
    wanted = (
        Questionnaire.kind.in_(kinds) if questionnaire_id is None else Questionnaire.id == questionnaire_id
    )
    versions = session.execute(
        select(QuestionnaireVersion, Questionnaire.code)
        .join(Questionnaire, Questionnaire.id == QuestionnaireVersion.questionnaire_id)
        .where(wanted, QuestionnaireVersion.state != DRAFT)
        .order_by(QuestionnaireVersion.number.desc())
    )
    return {
        (version.id, question.key): Asked(version.id, version.questionnaire_id, code, question)
        for version, code in versions
        for question in forms.form_of(version).questions
    }
