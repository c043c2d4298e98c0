"""Why the person came: the officer chooses the reason, ticks what is missing, writes what nobody foresaw."""

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk.cases.returns import asking
from govdesk.catalog.scenario_models import Scenario
from govdesk.faces.counter.forms import CARRIED, LONGEST, MissingForm, ReasonForm, UnforeseenForm
from govdesk.faces.counter.views import bp, fill
from govdesk.queue import reasons
from govdesk.queue.finding import in_hands_of
from govdesk.web import actor, staff_only

__all__ = ["bp"]  # with these views on it


@bp.post("/ticket/<int:ticket_id>/reason")
@staff_only("officer")
def choose_reason(ticket_id: int) -> ResponseReturnValue:
    """Say for which reason the person came."""
    form = ReasonForm()
    return fill(form, ticket_id, lambda session: _chosen(session, ticket_id, form.scenario.data))


@bp.post("/ticket/<int:ticket_id>/missing")
@staff_only("officer")
def note_missing(ticket_id: int) -> ResponseReturnValue:
    """Tick what is missing."""
    form = MissingForm()

    def act(session: Session) -> dict[str, str]:
        in_hands_of(session, ticket_id, actor())
        reasons.note_missing(session, actor=actor(), ticket_id=ticket_id, paper_ids=form.missing.data or ())
        return carried(session, ticket_id)

    return fill(form, ticket_id, act)


@bp.post("/ticket/<int:ticket_id>/unforeseen")
@staff_only("officer")
def note_unforeseen(ticket_id: int) -> ResponseReturnValue:
    """Write what nobody foresaw."""
    form = UnforeseenForm()

    def act(session: Session) -> dict[str, str]:
        in_hands_of(session, ticket_id, actor())
        reasons.note_unforeseen(session, actor=actor(), ticket_id=ticket_id, words=form.words.data or "")
        return carried(session, ticket_id)

    return fill(form, ticket_id, act)


def _chosen(session: Session, ticket_id: int, scenario_id: int | None) -> dict[str, str]:
    in_hands_of(session, ticket_id, actor())
    scenario = session.get(Scenario, scenario_id) if scenario_id else None
    reasons.choose_scenario(session, actor=actor(), ticket_id=ticket_id, scenario=scenario)
    return carried(session, ticket_id)


def carried(session: Session, ticket_id: int) -> dict[str, str]:
    """How the officer meant to conclude, sent along, so that the page shows it as it was chosen.

    The person's words are kept at once: they belong in no address.
    """
    if said := request.form.get("return_words"):
        asking.note_words(session, actor=actor(), ticket_id=ticket_id, words=said)
    chosen = {name: request.form.get(name, "")[:LONGEST] for name in CARRIED}
    return {"ticket": str(ticket_id), **{name: value for name, value in chosen.items() if value}}
