"""The file of one case: what happened, where the time went, and the forms of what can be done next."""

import datetime as dt
from typing import Any

from flask import Response, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice

from govdesk import clock, i18n
from govdesk.actor import Actor
from govdesk.cases.file_models import CaseDesk
from govdesk.cases.linking import seeing
from govdesk.cases.models import Case, NextStep, Visit
from govdesk.cases.work import asking, finding, lists, people, scope, service, telling, timing
from govdesk.cases.work.thread import Knot, thread_of
from govdesk.catalog.models import Cause
from govdesk.db import reading
from govdesk.errors import NotFoundError
from govdesk.faces.cases import beside, lengths
from govdesk.faces.cases.forms import (
    AskForm,
    AssignForm,
    HandOverForm,
    JoinForm,
    PromiseForm,
    ResolveForm,
    WordsForm,
)
from govdesk.faces.cases.lists import bp
from govdesk.faces.cases.naming import case_words
from govdesk.i18n import t
from govdesk.people.models import PersonContact, Staff
from govdesk.web import DeskForm, actor, page, staff_only

USUAL_DAYS = 7  # to answer
OUTCOMES = ("resolved", "planned_next_step", "unresolved", "turned_away", "left")


@bp.get("/<int:case_id>")
@staff_only(*scope.READERS)
def show(case_id: int) -> ResponseReturnValue:
    """The file; of a case that became part of another, go to that one."""
    try:
        return shown(reading(), case_id)
    except NotFoundError:
        return moved(case_id)


@bp.get("/of-ticket/<int:ticket_id>")
@staff_only(*scope.READERS)
def of_ticket(ticket_id: int) -> ResponseReturnValue:
    """Go to the file of whoever holds a ticket; for a need that is new, say that there is none yet."""
    case = finding.case_of_ticket(reading(), actor(), ticket_id)
    if case is None:
        return page("cases/none_yet.html")
    return redirect(url_for("cases.show", case_id=case.id))


def moved(case_id: int) -> ResponseReturnValue:
    """Go to the case that has taken in one that is gone. NotFoundError, NotAllowedError."""
    case = finding.joined_into(reading(), actor(), case_id)
    flash(t("cases.was_joined"), "info")
    return redirect(url_for("cases.show", case_id=case.id))


def shown(session: Session, case_id: int, *, wrong: DeskForm | None = None, opened: str = "") -> Response:
    """The file of a case; `wrong` is the form whose refusal it shows, `opened` the act it belongs to."""
    who = actor()
    case = scope.file_of(session, who, case_id)
    desk = session.get_one(CaseDesk, case.id)
    zone = telling.zone_of(session, case)
    return page(
        "cases/file.html",
        case=case,
        stands=desk,
        zone=zone,
        due_on=None if desk.due_at is None else lists.last_day(desk.due_at, zone),
        promised_on=None if case.due_at is None else lists.last_day(case.due_at, zone),
        last_day=lambda moment: lists.last_day(moment, zone),
        now=clock.now(),
        today=clock.local_day(clock.now(), zone),
        contact=None if case.person_id is None else session.get(PersonContact, case.person_id),
        owner=None if desk.owner_id is None else session.get(Staff, desk.owner_id),
        ask=asking.open_ask(session, case),
        step=_planned(session, case, zone),
        timing=timing.timing_of(session, case),
        knots=(knots := _knots(session, who, case)),
        guided=beside.ways_of(session, knots),
        causes={cause.code: i18n.named(cause) for cause in session.scalars(select(Cause))},
        outcomes=OUTCOMES,
        plan_word=plan_word,
        length=lengths.length,
        hours=lengths.hours,
        opened=opened,
        form=wrong,
        **_acts(session, case, desk, wrong, opened, zone),
    )


def _knots(session: Session, who: Actor, case: Case) -> list[Knot]:
    found = [*thread_of(session, case), *beside.knots(session, who, case)]
    return sorted(found, key=lambda knot: knot.at)


def plan_word(code: str) -> str:
    """A planned step in words; one that an administrator added shows its code."""
    key = f"queue.plan_{code}"
    return i18n.t(key) if i18n.t(key) != key else code


def _acts(
    session: Session, case: Case, desk: CaseDesk, wrong: DeskForm | None, opened: str, zone: str
) -> dict[str, Any]:
    """What may be done with it now by whom, with the forms; the one that was refused as it was sent."""
    who = actor()
    works = scope.may_work(session, who, case, desk)
    is_open = case.resolved_at is None
    is_mine = desk.owner_id is not None and str(desk.owner_id) == who.id
    manages = scope.may(who, case, desk, *service.MANAGERS)
    forms: dict[str, DeskForm] = {}
    if works and is_open and (is_mine or manages or desk.owner_id is None):
        forms["hand-over"] = HandOverForm(formdata=None, prefix="hand-over-")
    if works and is_open and manages:
        forms["assign"] = AssignForm(formdata=None, prefix="assign-")
    if works and is_open and asking.open_ask(session, case) is None:
        usual = clock.local_day(clock.now(), zone) + dt.timedelta(days=USUAL_DAYS)
        forms["ask"] = AskForm(formdata=None, prefix="ask-", data={"until": usual})
    if works and is_open:
        forms["resolve"] = ResolveForm(formdata=None, prefix="resolve-")
        if case.person_id is not None:
            forms["promise"] = PromiseForm(formdata=None, prefix="promise-")
    if works and not is_open:
        forms["reopen"] = WordsForm(formdata=None, prefix="reopen-")
    if near := joinable(session, case.id):
        forms["join"] = JoinForm(formdata=None, prefix="join-")
    forms["note"] = WordsForm(formdata=None, prefix="note-")
    if wrong is not None and opened in forms:
        forms[opened] = wrong
    if near:
        forms["join"].to.choices = [SelectChoice(str(one.id), case_words(one)) for one in near]
    for name in ("assign", "hand-over"):
        if name in forms:
            forms[name].to.choices = choices(session, case, desk, with_units=name == "hand-over")
    return {"forms": forms, "may_take": works and is_open and desk.owner_id is None}


def joinable(session: Session, case_id: int) -> list[Case]:
    """The other cases of the person and the need, for who mends links at the branch of this one."""
    case = session.get(Case, case_id)
    if case is None or case.branch_id is None or case.branch_id not in seeing.branch_ids(session, actor()):
        return []
    return seeing.cases_of(session, actor(), person_id=case.person_id, family=case.family, but=case_id)


def choices(session: Session, case: Case, desk: CaseDesk, *, with_units: bool) -> list[SelectChoice]:
    """Who may be given a case, and (to hand it over) which other units."""
    found = [SelectChoice("", "cases.choose_who")]
    found += [
        SelectChoice(f"staff-{one.id}", i18n.named(one))
        for one in people.of_unit(session, case, desk)
        if one.id != desk.owner_id
    ]
    if with_units:
        found += [
            SelectChoice(f"branch-{one.id}", i18n.t("cases.unit_of", branch=i18n.named(one)))
            for one in people.other_units(session, case, desk)
        ]
    return found


def _planned(session: Session, case: Case, zone: str) -> NextStep | None:
    """The next step that is planned and still to come."""
    today = clock.local_day(clock.now(), zone)
    query = (
        select(NextStep)
        .join(Visit, Visit.id == NextStep.visit_id)
        .where(Visit.case_id == case.id, NextStep.due >= today)
        .order_by(NextStep.made_at.desc())
    )
    return session.scalars(query).first() if case.resolved_at is None else None
