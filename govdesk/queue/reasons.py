"""Why the person came, as the officer learns it: the scenario, what was missing, what nobody foresaw."""

from collections.abc import Collection, Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from govdesk import audit, clock
from govdesk.actor import Actor
from govdesk.catalog.scenario_models import Scenario, ScenarioPaper
from govdesk.errors import DeskError, NotFoundError
from govdesk.queue import rules, steps
from govdesk.queue.errors import WrongStepError
from govdesk.queue.models import MissingPaper, Ticket, UnforeseenReason

LONGEST = 200


class ReasonError(DeskError):
    """A reason that cannot be noted; the key says why, the field where."""

    key = "queue.reason_other_service"
    status = 422


def choose_scenario(session: Session, *, actor: Actor, ticket_id: int, scenario: Scenario | None) -> Ticket:
    """Say for which foreseen reason the person came, or for none; what was ticked for another is forgotten.

    Raises ReasonError for a scenario of another service, WrongStepError once the ticket has ended.
    """
    ticket = _live(session, ticket_id, actor)
    if scenario is not None and scenario.service_id != ticket.service_id:
        raise ReasonError(field="scenario")
    chosen = scenario.id if scenario else None
    if ticket.scenario_id != chosen:
        session.execute(delete(MissingPaper).where(MissingPaper.ticket_id == ticket.id))
        ticket.scenario_id = chosen
        code = scenario.code if scenario else None
        steps.note(session, ticket, "scenario_chosen", actor, scenario=code)
    return ticket


def reason_for(session: Session, scenario_id: int | None, service_id: int) -> int | None:
    """The scenario chosen at the door, by its id; 0 is none. ReasonError for one of another service."""
    if not scenario_id:
        return None
    scenario = session.get(Scenario, scenario_id)
    if scenario is None or not scenario.is_active or scenario.service_id != service_id:
        raise ReasonError(field="scenario")
    return scenario.id


def note_missing(session: Session, *, actor: Actor, ticket_id: int, paper_ids: Collection[int]) -> Ticket:
    """Say which papers of the scenario are missing: these and no others. The same again changes nothing.

    Raises ReasonError for a paper of another scenario, WrongStepError once the ticket has ended.
    """
    ticket = _live(session, ticket_id, actor)
    asked = select(ScenarioPaper).where(ScenarioPaper.scenario_id == ticket.scenario_id)
    papers = {paper.id: paper for paper in session.scalars(asked)}
    if not set(paper_ids) <= papers.keys():
        raise ReasonError("queue.paper_unknown", field="missing")
    before = missing_of(session, ticket.id)
    if before == set(paper_ids):
        return ticket
    session.execute(delete(MissingPaper).where(MissingPaper.ticket_id == ticket.id))
    now = clock.now()
    session.add_all(
        [MissingPaper(ticket_id=ticket.id, paper_id=paper, noted_at=now) for paper in sorted(paper_ids)]
    )
    session.flush()
    codes = sorted(papers[paper].code for paper in paper_ids)
    steps.note(session, ticket, "papers_missing", actor, papers=codes)
    return ticket


def note_unforeseen(session: Session, *, actor: Actor, ticket_id: int, words: str) -> UnforeseenReason | None:
    """Write down a reason that the guide does not know, in a few words; no words take it back.

    The words stand in no event and no audit entry, so that they can be removed. Raises ReasonError for
    too many words, or when it has been settled; WrongStepError once the ticket has ended.
    """
    ticket = _live(session, ticket_id, actor)
    said = " ".join(words.split())
    if len(said) > LONGEST:
        raise ReasonError("queue.reason_long", field="words", longest=LONGEST)
    reason = unforeseen_of(session, ticket.id)
    if reason is not None and reason.state != "new":
        raise ReasonError("queue.reason_settled", field="words")
    if (reason.words if reason else "") == said:
        return reason
    if not said:
        session.delete(reason)
        reason = None
    elif reason is None:
        reason = UnforeseenReason(
            ticket_id=ticket.id, service_id=ticket.service_id, words=said, noted_at=clock.now()
        )
        session.add(reason)
    else:
        reason.words = said
    session.flush()
    steps.note(session, ticket, "unforeseen", actor, characters=len(said))
    return reason


def missing_of(session: Session, ticket_id: int) -> set[int]:
    """The ids of the papers that were missing."""
    return set(session.scalars(select(MissingPaper.paper_id).where(MissingPaper.ticket_id == ticket_id)))


def unforeseen_of(session: Session, ticket_id: int) -> UnforeseenReason | None:
    """What was written down of an unforeseen reason."""
    return session.scalars(
        select(UnforeseenReason).where(UnforeseenReason.ticket_id == ticket_id)
    ).one_or_none()


def unsettled(session: Session, service_id: int) -> Sequence[UnforeseenReason]:
    """The unforeseen reasons of a service that nobody has settled, oldest first."""
    query = select(UnforeseenReason).where(
        UnforeseenReason.service_id == service_id, UnforeseenReason.state == "new"
    )
    return session.scalars(query.order_by(UnforeseenReason.noted_at, UnforeseenReason.id)).all()


def unsettled_counts(session: Session) -> dict[int, int]:
    """How many unforeseen reasons wait, by service."""
    query = (
        select(UnforeseenReason.service_id, func.count())
        .where(UnforeseenReason.state == "new")
        .group_by(UnforeseenReason.service_id)
    )
    counts: dict[int, int] = dict(session.execute(query).all())
    return counts


def settle(session: Session, *, actor: Actor, reason_id: int, scenario: Scenario | None) -> UnforeseenReason:
    """Settle an unforeseen reason: a scenario was made of it, or it is set aside. Its words are removed.

    Settling twice is settling once. Raises NotFoundError; ReasonError for a scenario of another service.
    """
    reason = session.get(UnforeseenReason, reason_id, with_for_update=True)
    if reason is None:
        raise NotFoundError
    if reason.state != "new":
        return reason
    if scenario is not None and scenario.service_id != reason.service_id:
        raise ReasonError(field="scenario")
    reason.state = "adopted" if scenario else "set_aside"
    reason.scenario_id = scenario.id if scenario else None
    reason.settled_at, reason.words = clock.now(), ""
    session.flush()
    subject, code = f"unforeseen_reason:{reason.id}", scenario.code if scenario else None
    audit.record(
        session, actor=actor, action=f"unforeseen_reason.{reason.state}", subject=subject, scenario=code
    )
    return reason


def _live(session: Session, ticket_id: int, actor: Actor) -> Ticket:
    ticket = steps.found(session, ticket_id, actor)
    if ticket.state not in rules.LIVE:
        raise WrongStepError(state=ticket.state)
    return ticket
