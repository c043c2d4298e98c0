"""Verbs of notices: what a branch tells everybody for a while."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import audit, clock
from govdesk.actor import Actor
from govdesk.catalog.editing import CatalogEditError
from govdesk.catalog.models import Branch, BranchNotice
from govdesk.errors import NotAllowedError, NotFoundError

LONGEST = 200


def announce(
    session: Session,
    *,
    actor: Actor,
    branch: Branch,
    text_ar: str,
    text_en: str,
    shown_from: dt.datetime,
    shown_until: dt.datetime,
) -> BranchNotice:
    """Show a notice from one moment until another. CatalogEditError where it would end first."""
    _refuse_others(actor, branch.id)
    if shown_until <= shown_from or shown_until <= clock.now():
        raise CatalogEditError("catalog.notice_ends_first", field="until")
    notice = BranchNotice(
        branch_id=branch.id, text_ar=text_ar, text_en=text_en, shown_from=shown_from, shown_until=shown_until
    )
    session.add(notice)
    session.flush()
    subject = f"branch:{branch.code}"
    audit.record(session, actor=actor, action="notice.announced", subject=subject, notice=notice.id)
    return notice


def withdraw(session: Session, *, actor: Actor, notice_id: int) -> None:
    """Show a notice no more. NotFoundError for none."""
    notice = session.get(BranchNotice, notice_id)
    if notice is None:
        raise NotFoundError
    _refuse_others(actor, notice.branch_id)
    session.delete(notice)
    audit.record(session, actor=actor, action="notice.withdrawn", subject=f"branch_notice:{notice_id}")


def shown(session: Session, branch_id: int) -> list[BranchNotice]:
    """What is shown now, the newest first."""
    now = clock.now()
    query = select(BranchNotice).where(
        BranchNotice.branch_id == branch_id, BranchNotice.shown_from <= now, BranchNotice.shown_until > now
    )
    return list(session.scalars(query.order_by(BranchNotice.shown_from.desc(), BranchNotice.id.desc())))


def kept(session: Session, branch_id: int) -> list[BranchNotice]:
    """What is shown now or will be, in time's order."""
    query = select(BranchNotice).where(
        BranchNotice.branch_id == branch_id, BranchNotice.shown_until > clock.now()
    )
    return list(session.scalars(query.order_by(BranchNotice.shown_from, BranchNotice.id)))


def _refuse_others(actor: Actor, branch_id: int) -> None:
    if not actor.may("admin", "supervisor", branch_id=branch_id):
        raise NotAllowedError
