"""Persons: found by what they show, with their visits, who acts for them, and who was found to be whom."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.cases.linking import merging, seeing
from govdesk.cases.linking.models import PersonMerge
from govdesk.cases.work import scope
from govdesk.catalog.models import Branch
from govdesk.config import settings
from govdesk.db import reading
from govdesk.errors import DeskError, NotAllowedError, NotFoundError
from govdesk.faces.cases.naming import case_words
from govdesk.faces.fields import row_id
from govdesk.faces.linking.forms import FindForm, ProposeForm, ReasonForm, RelationForm
from govdesk.faces.linking.views import WORKERS, bp
from govdesk.i18n import t
from govdesk.once import once
from govdesk.people import finding, relations, same
from govdesk.people import service as people
from govdesk.people.contact import clean_phone
from govdesk.people.identity import identify
from govdesk.people.models import Person
from govdesk.people.relation_models import Relation
from govdesk.web import DeskForm, actor, page, staff_only

__all__ = ["bp"]


@bp.route("/persons", methods=["GET", "POST"])
@staff_only(*WORKERS)
def find() -> ResponseReturnValue:
    """Find a person. The number goes by POST, so that no address and no log keeps it."""
    form, shown = FindForm(), None
    if form.validate_on_submit():
        try:
            sought = _sought(reading(), form)
            shown = [one for one in sought if seeing.sees_person(reading(), actor(), one.id)]
        except DeskError as refusal:
            form.refuse(refusal)
    return page("linking/find.html", form=form, shown=shown)


@bp.get("/persons/<int:person_id>")
@staff_only(*WORKERS)
def person(person_id: int) -> ResponseReturnValue:
    """One person: visits here, who acts for whom, and what was joined."""
    return _person_page(person_here(person_id), RelationForm(formdata=None))


@bp.post("/persons/<int:person_id>/agents")
@staff_only(*WORKERS)
def add_agent(person_id: int) -> ResponseReturnValue:
    """Note who acts for a person, by the number on their card."""
    found, form = person_here(person_id), RelationForm()

    def act(session: Session) -> ResponseReturnValue:
        known = identify(form.identity.data or "", "passport" if form.kind.data == "passport" else None)
        relations.record(
            session,
            actor=actor(),
            agent=people.identify(session, actor=actor(), identity=known),
            beneficiary=session.get_one(Person, found.id),
            kind=form.relation.data,
            on=clock.local_day(clock.now(), settings().default_timezone),
            until=form.until.data,
            proof=form.proof.data or "",
        )
        flash(t("linking.relation_done"), "good")
        return redirect(url_for("linking.person", person_id=found.id))

    if form.validate_on_submit():
        try:
            return once(act)
        except DeskError as refusal:
            form.refuse(refusal)
    return _person_page(found, form)


@bp.post("/relations/<int:relation_id>/end")
@staff_only(*WORKERS)
def end_relation(relation_id: int) -> ResponseReturnValue:
    """Note that somebody acts for another no more."""
    relation = reading().get(Relation, relation_id)
    if relation is None:
        raise NotFoundError
    found = person_here(relation.beneficiary_id)

    def act(session: Session) -> ResponseReturnValue:
        relations.end(session, actor=actor(), relation_id=relation_id)
        flash(t("linking.relation_ended_done"), "good")
        return redirect(url_for("linking.person", person_id=found.id))

    if DeskForm().validate_on_submit():
        return once(act)
    return redirect(url_for("linking.person", person_id=found.id))


@bp.route("/merges/new", methods=["GET", "POST"])
@staff_only(*merging.PROPOSERS)
def propose() -> ResponseReturnValue:
    """Look at two side by side, and propose that they are one."""
    form = ProposeForm()
    kept, other = (_one_of_two(name, form) for name in ("kept", "other"))
    if not any(seeing.sees_person(reading(), actor(), one.id) for one in (kept, other)):
        raise NotFoundError
    form.kept.data, form.other.data = str(kept.id), str(other.id)

    def act(session: Session) -> ResponseReturnValue:
        merge = merging.propose(
            session,
            actor=actor(),
            kept=session.get_one(Person, kept.id),
            other=session.get_one(Person, other.id),
            branch=session.get_one(Branch, _own_branch(session)),
            reason=form.reason.data or "",
        )
        flash(t("linking.merge_proposed_done"), "good")
        return redirect(url_for("linking.merge", merge_id=merge.id))

    if form.validate_on_submit():
        try:
            return once(act)
        except DeskError as refusal:
            form.refuse(refusal)
    sides = [seeing.side(reading(), one) for one in (kept, other)]
    return page("linking/propose.html", form=form, sides=sides, shares_phone=_shares_phone(kept, other))


@bp.get("/merges/<int:merge_id>")
@staff_only(*WORKERS)
def merge(merge_id: int) -> ResponseReturnValue:
    """A proposal side by side, for the second person; and later, what became of it."""
    return _merge_page(_merge_here(merge_id), ReasonForm(formdata=None))


@bp.post("/merges/<int:merge_id>/<any('confirm', 'refuse', 'undo'):what>")
@staff_only(*WORKERS)
def decide(merge_id: int, what: str) -> ResponseReturnValue:
    """Confirm, refuse or undo."""
    found = _merge_here(merge_id)
    form = DeskForm() if what == "confirm" else ReasonForm()

    def act(session: Session) -> ResponseReturnValue:
        given = {"actor": actor(), "merge_id": merge_id}
        if isinstance(form, ReasonForm):
            verb = merging.undo if what == "undo" else merging.refuse
            verb(session, **given, reason=form.reason.data or "")  # type: ignore[arg-type]
        else:
            merging.confirm(session, **given)  # type: ignore[arg-type]
        flash(t(f"linking.merge_{what}_done"), "good")
        return redirect(url_for("linking.merge", merge_id=merge_id))

    if form.validate_on_submit():
        try:
            return once(act)
        except DeskError as refusal:
            form.refuse(refusal)
    return _merge_page(found, form)


def person_here(person_id: int) -> Person:
    """A person who was at a branch where the signed-in works. Raises NotFoundError."""
    found = reading().get(Person, person_id)
    if found is None or not seeing.sees_person(reading(), actor(), person_id):
        raise NotFoundError
    return found


def _person_page(found: Person, form: RelationForm) -> ResponseReturnValue:
    session = reading()
    whole = session.get_one(Person, same.whole(session, found.id))
    return page(
        "linking/person.html",
        form=form,
        person=found,
        whole=whole if whole.id != found.id else None,
        visits=seeing.visits_of(session, actor(), found.id),
        cases=seeing.cases_of(session, actor(), person_id=found.id),
        case_words=case_words,
        may_open=lambda case: scope.may_read(session, actor(), case),
        relations=relations.of_person(session, found.id),
        names=same.names_of(session, whole.id),
        merges=merging.of_person(session, found.id),
        today=clock.local_day(clock.now(), settings().default_timezone),
    )


def _merge_page(found: PersonMerge, form: DeskForm) -> ResponseReturnValue:
    who = actor()
    return page(
        "linking/merge.html",
        form=form,
        why=form if isinstance(form, ReasonForm) else ReasonForm(formdata=None),
        merge=found,
        sides=[seeing.side(reading(), one) for one in (found.kept, found.other)],
        shares_phone=_shares_phone(found.kept, found.other),
        is_own=merging.is_own(who, found),
        may_judge=who.may(*merging.JUDGES, branch_id=found.branch_id),
    )


def _merge_here(merge_id: int) -> PersonMerge:
    found = reading().get(PersonMerge, merge_id)
    if found is None:
        raise NotFoundError
    if found.branch_id not in seeing.branch_ids(reading(), actor()):
        raise NotAllowedError
    return found


def _one_of_two(name: str, form: ProposeForm) -> Person:
    typed = form[name].data or request.args.get(name, "")
    try:
        found = reading().get(Person, row_id(typed))
    except ValueError as problem:
        raise NotFoundError from problem
    if found is None:
        raise NotFoundError
    return found


def _own_branch(session: Session) -> int:
    """Where the proposal stands: the first branch of whoever proposes."""
    here = [
        one for one in seeing.branch_ids(session, actor()) if actor().may(*merging.PROPOSERS, branch_id=one)
    ]
    if not here:
        raise NotAllowedError
    return here[0]


def _shares_phone(one: Person, other: Person) -> bool:
    phones = [person.contact.phone if person.contact else None for person in (one, other)]
    return phones[0] is not None and phones[0] == phones[1]


def _sought(session: Session, form: FindForm) -> list[Person]:
    typed = form.number.data or ""
    if form.by.data == "phone":
        return finding.by_phone(session, clean_phone(typed, settings().country, field="number"))
    known = identify(typed, "passport" if form.by.data == "passport" else None, field="number")
    carrier = finding.by_identity(session, known)
    return [carrier] if carrier is not None else []
