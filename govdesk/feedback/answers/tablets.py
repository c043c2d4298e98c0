"""Answers that are given at the exit of a branch, on a tablet that knows nobody."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from govdesk.catalog.models import Branch
from govdesk.feedback.answers import service
from govdesk.feedback.forms import service as forms
from govdesk.feedback.forms.models import QuestionnaireVersion
from govdesk.feedback.forms.rules import Form

KIND, OCCASION, MODE = "after_service", "exit", "tablet"


def asked(session: Session) -> QuestionnaireVersion | None:
    """What a tablet asks: the agency's questions after a service; None without any that a touch answers."""
    version = forms.published(session, KIND)
    return version if version is not None and form_of(version).sections else None


def form_of(version: QuestionnaireVersion) -> Form:
    """Return the questions of a version without those that are answered in words: others can read along."""
    form = forms.form_of(version)
    sections = (
        replace(section, questions=tuple(one for one in section.questions if one.kind != "text"))
        for section in form.sections
    )
    return replace(form, sections=tuple(section for section in sections if section.questions))


def give_at_tablet(
    session: Session, *, version: QuestionnaireVersion, branch: Branch, answers: Mapping[str, Any],
    language: str,
) -> None:  # fmt: skip
    """Take an answer from a tablet at the exit of a branch. Raises RefusedAnswersError.

    It knows the branch and the week, and nothing of any visit. Neither the device nor the moment is kept.
    """
    service.write(
        session, service.fill(session, form_of(version), answers, language),
        {
            "source": service.LIVE, "questionnaire_id": version.questionnaire_id, "version_id": version.id,
            "occasion": OCCASION, "mode": MODE, "branch_id": branch.id, "language": language,
        },
    )  # fmt: skip
