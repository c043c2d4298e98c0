"""A questionnaire as people will see it, what publishing changes, and a version as it was."""

from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from govdesk import i18n
from govdesk.db import reading
from govdesk.faces.admin.acts import sent
from govdesk.faces.questionnaires import words
from govdesk.faces.questionnaires.drafting import bp
from govdesk.faces.questionnaires.forms import PublishForm
from govdesk.faces.questionnaires.views import ROLES, numbered, own, readable
from govdesk.feedback.forms import changes, service
from govdesk.feedback.forms.models import QuestionnaireVersion
from govdesk.feedback.forms.rules import Form, follow, parse
from govdesk.feedback.forms.soundness import problems, warnings
from govdesk.people.models import Staff
from govdesk.web import actor, page, staff_only

__all__ = ["bp"]


@bp.get("/<int:questionnaire_id>/preview/<int:version>")
@staff_only(*ROLES)
def preview(questionnaire_id: int, version: int) -> ResponseReturnValue:
    """Show a version as people see it on a phone, in both languages; nothing is sent from here."""
    one = readable(reading(), questionnaire_id)
    row = numbered(one, version)
    form = service.form_of(row)
    return page(
        "questionnaires/preview.html",
        one=one,
        version=row,
        phones=[(code, _phone(form, code)) for code in _languages()],
    )


@bp.route("/<int:questionnaire_id>/publish", methods=["GET", "POST"])
@staff_only(*ROLES)
def publish(questionnaire_id: int) -> ResponseReturnValue:
    """Say what publishing the draft changes for figures, and publish it."""
    one = own(reading(), questionnaire_id)
    form = PublishForm()

    def act(session: Session) -> str:
        here = service.found(session, questionnaire_id)
        service.hold(session, actor=actor(), questionnaire=here)
        form.refuse_overtaken(service.draft_of(here))
        service.publish(session, actor=actor(), questionnaire=here)
        return url_for("questionnaires.show", questionnaire_id=questionnaire_id)

    done = sent(form, act, "questionnaires.was_published")
    if done is not None:
        return done
    draft = service.draft_of(one)
    form.seen.data = service.digest(draft.content) if draft else ""
    drafted = parse(draft.content) if draft else None
    return page(
        "questionnaires/publish.html",
        one=one,
        form=form,
        draft=draft,
        problems=problems(drafted) if drafted else [],
        warnings=warnings(drafted) if drafted else [],
        places=_places(drafted) if drafted else {},
        **_compared(drafted, service.published_of(one)),
    )


@bp.get("/<int:questionnaire_id>/versions/<int:version>")
@staff_only(*ROLES)
def asked(questionnaire_id: int, version: int) -> ResponseReturnValue:
    """Show a version as it was asked, and in what it differs from the one before it."""
    one = readable(reading(), questionnaire_id)
    row = numbered(one, version)
    before = [each for each in one.versions if each.number < version]
    form = service.form_of(row)
    if row.state == service.DRAFT and before:
        form = follow(form, parse(before[-1].content))
    return page(
        "questionnaires/version.html",
        one=one,
        version=row,
        asked=form,
        publisher=reading().get(Staff, row.published_by_id) if row.published_by_id else None,
        words=words,
        **_compared(form, before[-1] if before else None),
    )


def _compared(form: Form | None, previous: QuestionnaireVersion | None) -> dict[str, Any]:
    """What a page says of the differences between two versions."""
    before = parse(previous.content) if previous else None
    return {
        "previous": previous,
        "differences": changes.differences(form, before) if form and before else [],
        "is_reordered": bool(form and before and changes.is_reordered(form, before)),
        "is_framed_anew": bool(form and before and changes.is_framed_anew(form, before)),
    }


def _places(form: Form) -> dict[str, str]:
    """What the places of problems are called."""
    sections = {one.key: words.said(one.title) for one in form.sections if one.title}
    return sections | {one.key: words.said(one.text) for one in form.questions}


def _languages() -> tuple[str, str]:
    """Both languages, the reader's own first."""
    return (i18n.language(), "en" if i18n.language() == "ar" else "ar")


def _phone(form: Form, language: str) -> Markup:
    with i18n.speaking(language):
        shown = render_template(
            "questionnaires/phone.html", asked=form, words=words, spoken=language, way=i18n.direction()
        )
    return Markup(shown)  # noqa: S704 - a template of ours, which escapes what it shows
