"""Recalls for whoever leads one: the list, a new one with its preview, one with everybody in it."""

import datetime as dt

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.cases.obstacles.places import today_at
from govdesk.cases.recall import finding, listing, service
from govdesk.cases.recall.models import Recall
from govdesk.cases.recall.rules import STARTERS
from govdesk.cases.recall.steps import sees_whole
from govdesk.config import settings
from govdesk.db import reading
from govdesk.errors import DeskError
from govdesk.faces.admin.acts import pressed, sent
from govdesk.faces.recall.forms import DayForm, OwnerForm, StartForm
from govdesk.kpi.statistics import wilson
from govdesk.web import DeskForm, actor, page, staff_only

bp = Blueprint("recall", __name__)
ONE = "/recalls/<int:recall_id>"
USUAL = dt.timedelta(days=30)
LONGEST_COUNT = 9  # digits
who = staff_only(*STARTERS)


@bp.get("/recalls")
@who
def index() -> Response:
    """The recalls that run, what is due first, and those that ended."""
    session = reading()
    return page(
        "recall/index.html",
        running=listing.lines(session, actor()),
        ended=listing.lines(session, actor(), is_ended=True),
    )


@bp.route("/recalls/new", methods=["GET", "POST"])
@who
def new() -> ResponseReturnValue:
    """Describe a fault, look how many it touched, and start: what is started is what was looked at."""
    form = StartForm()
    form.offer(reading(), actor())
    found: finding.Preview | None = None
    if request.method == "GET":
        form.due_on.data = today_at(None) + USUAL
    elif request.form.get("step") == "start":

        def act(session: Session) -> str:
            made = service.start(
                session, actor=actor(), title=form.title.data or "", fault_ar=form.fault_ar.data or "",
                fault_en=form.fault_en.data or "", asked=form.asked,
                due_on=form.due_on.data or dt.date.min, expected=_whole(form.expected.data),
            )  # fmt: skip
            return url_for("recall.one", recall_id=made.id)

        done = sent(form, act, "recall.started_done")
        if done is not None:
            return done
    if request.method == "POST" and form.validate():
        try:
            found = finding.preview(reading(), actor=actor(), asked=form.asked)
            form.expected.data = str(found.members)
        except DeskError as refusal:
            form.refuse(refusal)
    return page("recall/new.html", form=form, found=found)


@bp.get(ONE)
@who
def one(recall_id: int) -> Response:
    """One recall: how far it has come, whom to call, what was done."""
    return _show(recall_id)


@bp.post(ONE + "/tell")
@who
def tell(recall_id: int) -> ResponseReturnValue:
    """Let the messages leave."""

    def act(session: Session) -> str:
        service.tell(session, actor=actor(), recall_id=recall_id)
        return url_for("recall.one", recall_id=recall_id)

    return pressed(act, "recall.telling_done", url_for("recall.one", recall_id=recall_id))


@bp.post(ONE + "/end")
@who
def end(recall_id: int) -> ResponseReturnValue:
    """End it, once it has ended for everybody."""

    def act(session: Session) -> str:
        service.end(session, actor=actor(), recall_id=recall_id)
        return url_for("recall.one", recall_id=recall_id)

    return pressed(act, "recall.ended_done", url_for("recall.one", recall_id=recall_id))


@bp.post(ONE + "/move")
@who
def move(recall_id: int) -> ResponseReturnValue:
    """Give it another last day; one that has ended is opened again by it."""
    form = DayForm()

    def act(session: Session) -> str:
        given = {"due_on": form.due_on.data, "words": form.words.data or ""}
        is_ended = listing.recall_of(session, actor(), recall_id).ended_at is not None
        verb = service.reopen if is_ended else service.move
        verb(session, actor=actor(), recall_id=recall_id, **given)
        return url_for("recall.one", recall_id=recall_id)

    return sent(form, act) or _show(recall_id, form)


@bp.post(ONE + "/owner")
@who
def hand(recall_id: int) -> ResponseReturnValue:
    """Let somebody else answer for it."""
    form = OwnerForm(listing.owners(reading(), listing.recall_of(reading(), actor(), recall_id)))

    def act(session: Session) -> str:
        service.hand_over(session, actor=actor(), recall_id=recall_id, staff_id=form.staff.data)
        return url_for("recall.one", recall_id=recall_id)

    return sent(form, act) or _show(recall_id, form)


def _show(recall_id: int, wrong: DeskForm | None = None) -> Response:
    session, me = reading(), actor()
    recall = listing.recall_of(session, me, recall_id)
    part = request.args.get("part", "")
    part = part if part in listing.PARTS else "call"
    line = listing.line_of(session, me, recall)
    steps = service.history(session, recall)
    labels = [label for step in steps for label in (step.actor, step.what or "")]
    return page(
        "recall/one.html",
        form=wrong,
        recall=recall,
        line=line,
        interval=wilson(line.covered, line.members),
        part=part,
        parts=[(one, listing.count_part(session, me, recall, one)) for one in listing.PARTS],
        members=listing.members(session, me, recall, part),
        lost=listing.lost(session, recall),
        most=listing.MOST,
        steps=steps,
        who=listing.names_of(session, labels),
        leads=sees_whole(session, me, recall),
        may_end=service.may_end(session, recall),
        zone=settings().default_timezone,
        now=clock.now(),
        **_forms(session, recall, wrong),
    )


def _forms(session: Session, recall: Recall, wrong: DeskForm | None) -> dict[str, DeskForm]:
    made: dict[str, DeskForm] = {
        "moving": DayForm(formdata=None),
        "handing": OwnerForm(listing.owners(session, recall), formdata=None),
    }
    return {name: wrong if wrong and type(wrong) is type(form) else form for name, form in made.items()}


def _whole(typed: str | None) -> int:
    """The length of the list that was shown; what is no number fits no list."""
    is_number = typed is not None and typed.isascii() and typed.isdecimal() and len(typed) <= LONGEST_COUNT
    return int(typed or 0) if is_number else -1
