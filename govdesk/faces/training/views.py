"""Pages of training: skills before and after their end, the coaching list of units and what is agreed."""

from flask import Blueprint, Response, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from wtforms.validators import Optional

from govdesk import clock
from govdesk.actor import Actor
from govdesk.cases.coaching import listing, rules, service
from govdesk.cases.coaching.listing import Line
from govdesk.cases.coaching.models import CoachingItem
from govdesk.cases.coaching.service import LEADERS, LONGEST
from govdesk.catalog.models import Branch, Cause, PublicService
from govdesk.db import reading
from govdesk.errors import DeskError, NotFoundError
from govdesk.faces.fields import DayField, line
from govdesk.faces.navigation import branches_of
from govdesk.i18n import t
from govdesk.once import once
from govdesk.queue import policies, skills
from govdesk.queue.skill_models import Skill
from govdesk.web import DeskForm, actor, page, staff_only

bp = Blueprint("training", __name__, url_prefix="/work")
OVERSEERS = ("supervisor", "head")


class AgreeForm(DeskForm):
    """What a unit does about a cause, and by when."""

    words = line("training.agreed", longest=LONGEST, description="training.agreed_hint")
    due_on = DayField("training.due_on", [Optional()])


class FinishForm(DeskForm):
    """What came of it."""

    words = line("training.done_words", required=False, longest=LONGEST)


@bp.get("/skills")
@staff_only("officer", *OVERSEERS)
def skill_list() -> Response:
    """The skills that end soon or ended lately: one's own, and those of the branches one answers for."""
    who = actor()
    return page(
        "training/skills.html",
        own=own_skills(reading(), who),
        units=unit_skills(reading(), who),
        has_ended=skills.has_ended,
        may_change={branch.id for branch in branches_of(who, *policies.MAY_SWITCH)},
        branches={branch.id: branch for branch in branches_of(who, *OVERSEERS)},
        has_units=who.has(*OVERSEERS),
    )


@bp.get("/coaching")
@staff_only(*listing.READERS)
def coaching() -> Response:
    """What the units can learn, and what they agreed."""
    who = actor()
    found = listing.learning(reading(), who)
    shown = {line.item.id for line in found.lines if line.item is not None}
    return page(
        "training/coaching.html",
        lines=found.lines,
        hidden=found.hidden,
        rest=[item for item in listing.open_items(reading(), who) if item.id not in shown],
        done=listing.done_items(reading(), who),
        since=lambda item: listing.since(reading(), item),
        may_lead=lambda branch: who.may(*LEADERS, branch_id=branch.id),
        days=listing.DAYS,
        fewest=rules.FEWEST,
        today=clock.now().date(),
    )


@bp.route("/coaching/<branch>/<code>/<service>/<int:scenario_id>", methods=["GET", "POST"])
@staff_only(*LEADERS)
def agree(branch: str, code: str, service: str, scenario_id: int) -> ResponseReturnValue:
    """Look at one cause, and agree what is done about it; scenario 0 is none."""
    line_ = _line(branch, code, service, scenario_id)
    form = AgreeForm()
    if form.validate_on_submit():
        try:
            return once(lambda session: _agree(session, line_, form))
        except DeskError as refusal:
            form.refuse(refusal)
    return page("training/agree.html", form=form, line=line_, days=listing.DAYS)


@bp.route("/coaching/<int:item_id>/done", methods=["GET", "POST"])
@staff_only(*LEADERS)
def finish(item_id: int) -> ResponseReturnValue:
    """Say that what was agreed is done."""
    item = _item(item_id)
    form = FinishForm()
    if form.validate_on_submit():
        return once(lambda session: _finish(session, item.id, form))
    return page("training/finish.html", form=form, item=item, since=listing.since(reading(), item))


def own_skills(session: Session, who: Actor) -> list[Skill]:
    """The skills of the signed-in officer that end soon or ended lately."""
    return skills.ending(session, staff_id=int(who.id)) if who.kind == "staff" else []


def unit_skills(session: Session, who: Actor) -> list[Skill]:
    """The same of everybody in the branches that somebody answers for."""
    here = [branch.id for branch in branches_of(who, *OVERSEERS)]
    return [
        skill for skill in skills.ending(session, here) if who.sees_department(skill.service.department_id)
    ]


def count_own(session: Session, who: Actor) -> int:
    """How many of one's skills end soon or have ended."""
    return len(own_skills(session, who))


def count_units(session: Session, who: Actor) -> int:
    """How many skills of the units end soon or have ended."""
    return len(unit_skills(session, who))


def _line(branch: str, cause: str, service_code: str, scenario: int) -> Line:
    wanted = branch, cause, service_code, scenario
    for one in listing.learning(reading(), actor()).lines:
        found = one.branch.code, one.cause.code, one.service.code, one.scenario.id if one.scenario else 0
        if found == wanted and actor().may(*LEADERS, branch_id=one.branch.id):
            return one
    raise NotFoundError


def _item(item_id: int) -> CoachingItem:
    item = reading().get(CoachingItem, item_id)
    if item is None or not listing.sees(actor(), item.branch_id, item.department_id):
        raise NotFoundError
    return item


def _agree(session: Session, line_: Line, form: AgreeForm) -> ResponseReturnValue:
    service.agree(
        session,
        actor=actor(),
        branch=session.get_one(Branch, line_.branch.id),
        cause=session.get_one(Cause, line_.cause.code),
        service=session.get_one(PublicService, line_.service.id),
        scenario_id=line_.scenario.id if line_.scenario else None,
        words=form.words.data or "",
        due_on=form.due_on.data,
    )
    flash(t("training.agreed_saved"), "good")
    return redirect(url_for("training.coaching"))


def _finish(session: Session, item_id: int, form: FinishForm) -> ResponseReturnValue:
    service.finish(session, actor=actor(), item_id=item_id, words=form.words.data or "")
    flash(t("training.done_saved"), "good")
    return redirect(url_for("training.coaching"))
