"""How an act is written: hung on the last visit of the case, and the case told anew from all of them."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.actor import Actor
from govdesk.cases.classifying import reclassify
from govdesk.cases.episodes import LIVE
from govdesk.cases.file_models import CaseAct
from govdesk.cases.models import Case, Visit
from govdesk.cases.records import key_of


def act(session: Session, case: Case, actor: Actor, kind: str, **given: Any) -> CaseAct:
    """Add an act to the history of a case that is locked, and bring the case up to date with it."""
    added = write(session, case, actor, kind, **given)
    if case.person_id is not None:
        reclassify(session, [case.person_id])
    return added


def write(
    session: Session,
    case: Case,
    actor: Actor,
    kind: str,
    *,
    owner_id: int | None = None,
    branch_id: int | None = None,
    rung: int = 0,
    words: str | None = None,
) -> CaseAct:
    """Add an act to the history of a case; whoever writes brings the case up to date."""
    added = CaseAct(
        case_id=case.id, anchor=anchor_of(session, case), at=clock.now(), kind=kind, actor=actor.label,
        owner_id=owner_id, branch_id=branch_id, rung=rung, words=words,
    )  # fmt: skip
    session.add(added)
    session.flush()
    return added


def anchor_of(session: Session, case: Case) -> str:
    """The key of the visit that an act hangs on: the last one of the case, else what its last act hung on."""
    last = session.execute(
        select(Visit.source, Visit.visit_no)
        .where(Visit.case_id == case.id)
        .order_by(Visit.started_at.desc(), Visit.id.desc())
        .limit(1)
    ).first()
    if last is not None:
        return key_of(last.source, last.visit_no)
    acts = select(CaseAct.anchor).where(CaseAct.case_id == case.id).order_by(CaseAct.id.desc())
    return session.scalars(acts.limit(1)).first() or key_of(LIVE, case.case_no)


def subject(case: Case) -> str:
    """How records name a case."""
    return f"case:{case.id}"
