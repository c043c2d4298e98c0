"""What the bench shows of the reason for coming: the scenario, its papers, and what was noted."""

from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice

from govdesk.catalog import ways
from govdesk.catalog.scenario_models import GuidedWay, Scenario, ScenarioPaper
from govdesk.catalog.scenarios import scenarios_in_use
from govdesk.faces.counter.forms import NO_REASON, MissingForm, ReasonForm, UnforeseenForm
from govdesk.i18n import named, t
from govdesk.queue import reasons
from govdesk.queue.models import Ticket
from govdesk.web import DeskForm


def parts(session: Session, ticket: Ticket, wrong: DeskForm | None) -> dict[str, object]:
    """The forms of the card, filled with what is known; few questions to the database without a reason."""
    offered = scenarios_in_use(session, [ticket.service_id])
    chosen = next((one for one in offered if one.id == ticket.scenario_id), None)
    if chosen is None and ticket.scenario_id is not None:
        chosen = session.get_one(Scenario, ticket.scenario_id)  # out of use since
    reason = wrong if isinstance(wrong, ReasonForm) else ReasonForm(formdata=None)
    reason.scenario.choices = [NO_REASON, *(SelectChoice(one.id, named(one)) for one in offered)]
    if not isinstance(wrong, ReasonForm):
        reason.scenario.data = ticket.scenario_id or 0
    missing = wrong if isinstance(wrong, MissingForm) else MissingForm(formdata=None)
    if chosen is not None:
        missing.missing.choices = [SelectChoice(paper.id, _word(paper)) for paper in chosen.papers]
        if not isinstance(wrong, MissingForm):
            missing.missing.data = sorted(reasons.missing_of(session, ticket.id))
    unforeseen = wrong if isinstance(wrong, UnforeseenForm) else UnforeseenForm(formdata=None)
    noted = reasons.unforeseen_of(session, ticket.id)
    if noted is not None and not isinstance(wrong, UnforeseenForm):
        unforeseen.words.data = noted.words
    return {
        "scenario": chosen,
        "guided": _way(session, ticket),
        "has_reasons": bool(offered),
        "reason_form": reason,
        "missing_form": missing,
        "unforeseen_form": unforeseen,
    }


def _way(session: Session, ticket: Ticket) -> GuidedWay | None:
    """What the person answered in the guide before they came, also of who was sent on to another service.

    Asked only of whom something is known.
    """
    told = {"ticket": ticket.transferred_from_id, "appointment": ticket.appointment_id}
    abouts = [f"{whose}:{number}" for whose, number in told.items() if number is not None]
    if ticket.scenario_id is not None:
        abouts.append(f"ticket:{ticket.id}")
    return next(iter(ways.of_all(session, abouts).values()), None)


def _word(paper: ScenarioPaper) -> str:
    form = t(f"guide.form_{paper.form}")
    return (
        f"{named(paper)} · {form}"
        if paper.is_required
        else f"{named(paper)} · {form} · {t('guide.if_you_have_it')}"
    )
