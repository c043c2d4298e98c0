"""The poster at the back door: one secret address for each branch, for whoever works there."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import audit, chance, clock
from govdesk.actor import Actor
from govdesk.cases.obstacles.models import ObstaclePoster
from govdesk.cases.obstacles.rules import MANAGERS
from govdesk.catalog.models import Branch
from govdesk.errors import NotAllowedError, NotFoundError


def poster_of(session: Session, branch: Branch) -> ObstaclePoster | None:
    """The poster of a branch, if one was made."""
    return session.get(ObstaclePoster, branch.id)


def renew(session: Session, *, actor: Actor, branch: Branch) -> ObstaclePoster:
    """Make the poster of a branch, or a new one: the address of the old one ends. Raises NotAllowedError."""
    if not actor.may(*MANAGERS, branch_id=branch.id):
        raise NotAllowedError
    poster = session.get(ObstaclePoster, branch.id, with_for_update={"of": ObstaclePoster})
    if poster is None:
        poster = ObstaclePoster(branch_id=branch.id)
        session.add(poster)
    poster.token, poster.made_at = chance.token(), clock.now()
    session.flush()
    subject = f"branch:{branch.id}"
    audit.record(session, actor=actor, action="obstacle.poster_made", subject=subject)
    return poster


def branch_of(session: Session, token: str) -> Branch:
    """The branch at whose back door a poster hangs, or NotFoundError: it was replaced."""
    poster = session.scalars(select(ObstaclePoster).where(ObstaclePoster.token == token)).one_or_none()
    if poster is None or not poster.branch.is_active:
        raise NotFoundError("obstacles.poster_over")
    return poster.branch
