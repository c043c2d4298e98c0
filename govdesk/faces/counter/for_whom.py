"""For whom somebody comes: a relative or an agent stands at the counter, the matter is the other's."""

import datetime as dt

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice

from govdesk import clock
from govdesk.catalog.models import Branch
from govdesk.db import reading
from govdesk.errors import DeskError, NotFoundError
from govdesk.faces.counter.forms import LONGEST
from govdesk.faces.counter.promising import bp
from govdesk.faces.fields import ChoiceField, line, row_id
from govdesk.i18n import t
from govdesk.once import once
from govdesk.people import relations
from govdesk.people import service as people
from govdesk.people.identity import identify
from govdesk.people.models import Person
from govdesk.people.relation_models import Relation
from govdesk.queue import service
from govdesk.queue.finding import in_hands_of
from govdesk.queue.models import Ticket
from govdesk.web import DeskForm, actor, page, staff_only

__all__ = ["bp"]
KINDS = (("", "counter.kind_by_number"), ("passport", "people.kind_passport"))


class ForWhomForm(DeskForm):
    """The beneficiary by the number on a card, and by what right the other acts."""

    identity = line("linking.beneficiary", longest=LONGEST, render_kw={"dir": "ltr", "autocomplete": "off"})
    kind = ChoiceField("counter.identity_kind", choices=[SelectChoice(*one) for one in KINDS], default="")
    relation = ChoiceField(
        "linking.relation",
        choices=[SelectChoice(name, f"linking.relation_{name}") for name in relations.KINDS],
        default=relations.KINDS[0],
    )
    proof = line(
        "linking.proof", required=False, longest=relations.LONGEST_PROOF, description="linking.proof_hint"
    )


@bp.route("/ticket/<int:ticket_id>/whom", methods=["GET", "POST"])
@staff_only("officer")
def for_whom(ticket_id: int) -> ResponseReturnValue:
    """Choose for whom the person at the counter comes: one they act for already, or somebody new."""
    ticket = _mine(reading(), ticket_id)
    form = ForWhomForm()
    if form.validate_on_submit():
        try:
            return once(lambda session: _named(session, ticket_id, form))
        except DeskError as refusal:
            form.refuse(refusal)
    return page("counter/for_whom.html", form=form, ticket=ticket, known=_known(reading(), ticket))


@bp.post("/ticket/<int:ticket_id>/whom/<int:relation_id>")
@staff_only("officer")
def for_known(ticket_id: int, relation_id: int) -> ResponseReturnValue:
    """It is for one whom they act for already."""
    _mine(reading(), ticket_id)

    def act(session: Session) -> ResponseReturnValue:
        ticket = _mine(session, ticket_id)
        chosen = next((one for one in _known(session, ticket) if one.id == relation_id), None)
        if chosen is None:
            raise NotFoundError
        return _say(session, ticket, chosen.beneficiary)

    if DeskForm().validate_on_submit():
        return once(act)
    return redirect(url_for("counter.for_whom", ticket_id=ticket_id))


def _named(session: Session, ticket_id: int, form: ForWhomForm) -> ResponseReturnValue:
    ticket = _mine(session, ticket_id)
    known = identify(form.identity.data or "", "passport" if form.kind.data == "passport" else None)
    beneficiary = people.identify(session, actor=actor(), identity=known)
    relations.record(
        session,
        actor=actor(),
        agent=session.get_one(Person, _agent(ticket)),
        beneficiary=beneficiary,
        kind=form.relation.data,
        on=_today(session, ticket),
        proof=form.proof.data or "",
    )
    return _say(session, ticket, beneficiary)


def _say(session: Session, ticket: Ticket, beneficiary: Person) -> ResponseReturnValue:
    agent = session.get_one(Person, _agent(ticket))
    service.name_person(session, actor=actor(), ticket_id=ticket.id, person=beneficiary, visitor=agent)
    flash(t("linking.for_whom_done"), "good")
    return redirect(url_for("counter.bench"))


def _mine(session: Session, ticket_id: int) -> Ticket:
    """The ticket at the officer's own counter, of somebody who is known. Raises NotFoundError."""
    in_hands_of(session, ticket_id, actor())
    ticket = session.get(Ticket, row_id(ticket_id))
    if ticket is None or (ticket.person_id is None and ticket.visitor_id is None):
        raise NotFoundError
    return ticket


def _known(session: Session, ticket: Ticket) -> list[Relation]:
    return relations.for_whom(session, _agent(ticket), _today(session, ticket))


def _agent(ticket: Ticket) -> int:
    """Who stands here: who came for somebody, else whoever the ticket names."""
    agent = ticket.visitor_id or ticket.person_id
    assert agent is not None
    return agent


def _today(session: Session, ticket: Ticket) -> dt.date:
    return clock.local_day(clock.now(), session.get_one(Branch, ticket.branch_id).timezone)
