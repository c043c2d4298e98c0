"""Mystery visits of a questionnaire: who is to be sent where, each with a link of its own."""

import datetime as dt

from flask import url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from govdesk import clock
from govdesk.catalog.models import Branch, PublicService
from govdesk.catalog.service import open_branches
from govdesk.config import settings
from govdesk.db import reading
from govdesk.errors import NotFoundError
from govdesk.faces import qr_code
from govdesk.faces.admin.acts import pressed, sent
from govdesk.faces.fields import ChoiceField, DayField, whole
from govdesk.faces.questionnaires.looking import bp
from govdesk.faces.questionnaires.views import ROLES, own
from govdesk.feedback.asking import mystery
from govdesk.feedback.forms import service
from govdesk.feedback.forms.models import Questionnaire
from govdesk.i18n import named
from govdesk.web import DeskForm, actor, page, staff_only

__all__ = ["bp"]

USUAL_DAYS = 14
LANGUAGES = ("ar", "en")


class VisitsForm(DeskForm):
    """Where somebody is sent, until when, and how many times."""

    branch = ChoiceField("mystery.branch")
    service = ChoiceField("mystery.service", description="mystery.service_hint")
    language = ChoiceField("mystery.language", description="mystery.language_hint")
    last_on = DayField("mystery.last_on", [InputRequired("errors.required")])
    count = whole("mystery.count", 1, mystery.MOST_AT_ONCE, description="mystery.count_hint")

    def offer(self, branches: list[Branch], services: list[PublicService]) -> None:
        """Offer these places and services."""
        self.branch.choices = [SelectChoice(one.code, named(one)) for one in branches]
        self.service.choices = [SelectChoice("", "mystery.any_service")]
        self.service.choices += [SelectChoice(one.code, named(one)) for one in services]
        self.language.choices = [SelectChoice(one, f"voices.language_{one}") for one in LANGUAGES]


@bp.get("/<int:questionnaire_id>/visits")
@staff_only(*ROLES)
def visits(questionnaire_id: int) -> ResponseReturnValue:
    """Show the visits that were planned: which are to be made, which were answered."""
    one = _mystery(reading(), questionnaire_id)
    return page(
        "questionnaires/visits.html",
        one=one,
        visits=mystery.sent(reading(), one),
        is_published=service.published_of(one) is not None and one.is_used,
    )


@bp.route("/<int:questionnaire_id>/visits/new", methods=["GET", "POST"])
@staff_only(*ROLES)
def plan_visits(questionnaire_id: int) -> ResponseReturnValue:
    """Plan visits to a branch: a link for each."""
    one = _mystery(reading(), questionnaire_id)
    today = clock.local_day(clock.now(), settings().default_timezone)
    form = VisitsForm(data={"last_on": today + dt.timedelta(days=USUAL_DAYS), "count": 1})
    form.offer(open_branches(reading()), _services(one))

    def act(session: Session) -> str:
        assert form.last_on.data is not None
        assert form.count.data is not None
        mystery.plan(
            session, actor=actor(), questionnaire=service.found(session, questionnaire_id),
            branch=session.scalars(select(Branch).where(Branch.code == form.branch.data)).one(),
            service_wanted=_service(session, form.service.data), language=form.language.data,
            last_on=form.last_on.data, count=form.count.data,
        )  # fmt: skip
        return url_for("questionnaires.visits", questionnaire_id=questionnaire_id)

    done = sent(form, act, "mystery.planned")
    return done or page("questionnaires/plan_visits.html", one=one, form=form)


@bp.get("/<int:questionnaire_id>/visits/<int:visit_id>")
@staff_only(*ROLES)
def visit(questionnaire_id: int, visit_id: int) -> ResponseReturnValue:
    """The sheet for who is sent: where to go, and the link by which they answer."""
    one = _mystery(reading(), questionnaire_id)
    found = mystery.one_of(reading(), one, visit_id)
    address = url_for("answering.answer", token=found.invitation.token, _external=True)
    is_open = found.state == "open"
    return page(
        "questionnaires/visit.html",
        one=one,
        visit=found,
        address=address if is_open else "",
        qr=qr_code.image(address) if is_open else "",
    )


@bp.post("/<int:questionnaire_id>/visits/<int:visit_id>/withdraw")
@staff_only(*ROLES)
def withdraw_visit(questionnaire_id: int, visit_id: int) -> ResponseReturnValue:
    """Close the link of a visit that is not to be made."""
    back = url_for("questionnaires.visits", questionnaire_id=questionnaire_id)

    def act(session: Session) -> str:
        one = _mystery(session, questionnaire_id)
        mystery.withdraw(session, actor=actor(), questionnaire=one, invitation_id=visit_id)
        return back

    return pressed(act, "mystery.withdrawn", back)


def _mystery(session: Session, questionnaire_id: int) -> Questionnaire:
    """A questionnaire for mystery visits that this person builds: nobody else learns who will come."""
    one = own(session, questionnaire_id)
    if one.kind != mystery.KIND:
        raise NotFoundError
    return one


def _services(one: Questionnaire) -> list[PublicService]:
    query = select(PublicService).where(PublicService.is_active).order_by(PublicService.code)
    if one.department_id is not None:
        query = query.where(PublicService.department_id == one.department_id)
    return list(reading().scalars(query))


def _service(session: Session, code: str | None) -> PublicService | None:
    return session.scalars(select(PublicService).where(PublicService.code == code)).one() if code else None
