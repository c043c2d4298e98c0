"""Recovery for staff: the list of tasks, one task, and making it good at the counter."""

from collections.abc import Callable

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.cases import places_ahead
from govdesk.cases.recovery import finding, redressing, service
from govdesk.cases.recovery.models import Recovery
from govdesk.cases.recovery.steps import ABOVE, ROLES, RecoveryNotFoundError, sees
from govdesk.db import reading
from govdesk.errors import DeskError, NotAllowedError, NotFoundError
from govdesk.faces.recovery.forms import AttemptForm, EndForm, GiveForm, HandForm, SorryForm, WordForm
from govdesk.i18n import t
from govdesk.once import once
from govdesk.web import DeskForm, actor, page, staff_only

bp = Blueprint("recovery", __name__)
ID = "/work/recovery/<int:recovery_id>"
Act = Callable[[Session], str]


@bp.get("/work/recovery")
@staff_only(*ROLES)
def tasks() -> Response:
    """The list by part: mine, nobody's, overdue, to decide, all that are open, closed."""
    session, who = reading(), actor()
    part = request.args.get("part", "")
    if part not in finding.PARTS:
        part = "mine" if finding.count_own(session, who) else "open"
    offered = [one for one in finding.PARTS if one != "decide" or who.has(*ABOVE)]
    return page(
        "recovery/tasks.html",
        part=part,
        parts=[(one, finding.count(session, who, one)) for one in offered],
        listed=finding.listed(session, who, part),
        most=finding.MOST,
        now=clock.now(),
    )


@bp.get("/work/recovery/own")
@staff_only(*ROLES)
def own() -> ResponseReturnValue:
    """The tasks of the signed-in person."""
    return redirect(url_for("recovery.tasks", part="mine"))


@bp.get(ID)
@staff_only(*ROLES)
def task(recovery_id: int) -> Response:
    """One task: what happened, whom to call, what was done, what can be given."""
    return _show(recovery_id)


@bp.post(ID + "/take")
@staff_only(*ROLES)
def take(recovery_id: int) -> ResponseReturnValue:
    """Answer for it oneself."""

    def act(session: Session) -> str:
        service.take(session, actor=actor(), recovery_id=recovery_id)
        return "recovery.taken_done"

    return _done(recovery_id, DeskForm(), act)


@bp.post(ID + "/hand")
@staff_only(*ROLES)
def hand(recovery_id: int) -> ResponseReturnValue:
    """Let a colleague answer for it."""
    here = finding.task_of(reading(), actor(), recovery_id)
    form = HandForm(finding.colleagues(reading(), here))

    def act(session: Session) -> str:
        service.hand_over(session, actor=actor(), recovery_id=recovery_id, staff_id=form.staff.data)
        return "recovery.handed_done"

    return _done(recovery_id, form, act)


@bp.post(ID + "/attempt")
@staff_only(*ROLES)
def attempt(recovery_id: int) -> ResponseReturnValue:
    """Note an attempt to reach the person."""
    form = AttemptForm()

    def act(session: Session) -> str:
        service.attempt(
            session, actor=actor(), recovery_id=recovery_id, channel=form.channel.data or "",
            is_reached=form.reached.data == "yes", words=form.words.data or "",
        )  # fmt: skip
        return "recovery.attempt_done"

    return _done(recovery_id, form, act)


@bp.post(ID + "/sorry")
@staff_only(*ROLES)
def sorry(recovery_id: int) -> ResponseReturnValue:
    """Send an apology with the person's own link."""
    form = SorryForm()

    def act(session: Session) -> str:
        service.apologise(session, actor=actor(), recovery_id=recovery_id, words=form.words.data or "")
        return "recovery.sorry_done"

    return _done(recovery_id, form, act)


@bp.post(ID + "/give")
@staff_only(*ROLES)
def give(recovery_id: int) -> ResponseReturnValue:
    """Give something, or ask for it above one's own limit."""
    form = GiveForm(redressing.offered(reading()))

    def act(session: Session) -> str:
        row = redressing.give(
            session, actor=actor(), recovery_id=recovery_id, code=form.code.data or "",
            cost=form.cost.data or 0, words=form.words.data or "",
        )  # fmt: skip
        return f"recovery.redress_{row.state}"

    return _done(recovery_id, form, act)


@bp.post(ID + "/redress/<int:redress_id>")
@staff_only(*ABOVE)
def decide(recovery_id: int, redress_id: int) -> ResponseReturnValue:
    """Give or refuse what was asked for."""

    def act(session: Session) -> str:
        is_given = request.form.get("decision") == "give"
        row = redressing.decide(session, actor=actor(), redress_id=redress_id, is_given=is_given)
        return f"recovery.redress_{row.state}"

    return _done(recovery_id, DeskForm(), act)


@bp.post(ID + "/word")
@staff_only(*ROLES)
def word(recovery_id: int) -> ResponseReturnValue:
    """Note what the person says, and who heard it; that it is good closes the task."""
    form = WordForm()

    def act(session: Session) -> str:
        is_good = form.good.data == "yes"
        service.hear_word(
            session, actor=actor(), recovery_id=recovery_id, is_good=is_good,
            channel=form.channel.data or "", words=form.words.data or "",
        )  # fmt: skip
        return "recovery.word_good" if is_good else "recovery.word_not_good"

    return _done(recovery_id, form, act)


@bp.post(ID + "/end")
@staff_only(*ROLES)
def end(recovery_id: int) -> ResponseReturnValue:
    """Close it without the person's word, after two channels."""
    form = EndForm()

    def act(session: Session) -> str:
        service.end_unreached(session, actor=actor(), recovery_id=recovery_id, words=form.words.data or "")
        return "recovery.end_done"

    return _done(recovery_id, form, act)


@bp.post("/work/recovery/now/<int:ticket_id>")
@staff_only("officer", "reception", "supervisor")
def good_now(ticket_id: int) -> ResponseReturnValue:
    """Make it good now: the person stands at the counter."""

    def act(session: Session) -> ResponseReturnValue:
        here = service.make_good_now(session, actor=actor(), ticket_id=ticket_id)
        flash(t("recovery.now_done"), "good")
        return redirect(url_for("recovery.task", recovery_id=here.id))

    try:
        return once(act)
    except RecoveryNotFoundError as refusal:
        flash(t(refusal.key, **refusal.params), "warn")
        return redirect(url_for("counter.bench"))


def _done(recovery_id: int, form: DeskForm, act: Act) -> ResponseReturnValue:
    """Do the act of a form once and come back to the task; a refusal stands beside its field, or above."""
    finding.task_of(reading(), actor(), recovery_id)

    def acted(session: Session) -> ResponseReturnValue:
        flash(t(act(session)), "good")
        return redirect(url_for("recovery.task", recovery_id=recovery_id))

    if form.validate_on_submit():
        try:
            return once(acted)
        except (NotAllowedError, NotFoundError):
            raise
        except DeskError as refusal:
            form.refuse(refusal)
    return _show(recovery_id, form)


def _show(recovery_id: int, wrong: DeskForm | None = None) -> Response:
    session, who = reading(), actor()
    here = finding.task_of(session, who, recovery_id)
    steps = finding.steps_of(session, here)
    given = redressing.of(session, here)
    return page(
        "recovery/task.html",
        form=wrong,
        task=here,
        triggers=finding.triggers_of(session, here),
        steps=steps,
        who=finding.names_of(session, [label for step in steps for label in (step.actor, step.what or "")]),
        redress=given,
        places=places_ahead.of_all(session, [redressing.place_of(row) for row in given]),
        place_of=redressing.place_of,
        redress_names={kind.code: kind for kind in redressing.known(session)},
        decidable=finding.decidable(session, who, here),
        is_mine=str(here.owner_id) == who.id,
        may_hand=here.closed_at is None and (str(here.owner_id) == who.id or sees(session, who, here, ABOVE)),
        may_end=here.closed_at is None and service.may_end(session, here),
        now=clock.now(),
        **_forms(session, here, wrong),
    )


def _forms(session: Session, here: Recovery, wrong: DeskForm | None) -> dict[str, DeskForm]:
    """A fresh form of each kind, but the one that is shown again with its refusal."""
    made: dict[str, DeskForm] = {
        "attempting": AttemptForm(formdata=None),
        "hearing": WordForm(formdata=None),
        "apology": SorryForm(formdata=None),
        "ending": EndForm(formdata=None),
        "giving": GiveForm(redressing.offered(session), formdata=None),
        "handing": HandForm(finding.colleagues(session, here), formdata=None),
    }
    return {name: wrong if wrong and type(wrong) is type(form) else form for name, form in made.items()}
