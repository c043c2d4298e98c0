"""A promise made from the file of a case: the person is not there, so they are told."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk.actor import Actor
from govdesk.cases.commitments import service as commitments
from govdesk.cases.commitments.models import Commitment
from govdesk.cases.file_models import CaseDesk
from govdesk.cases.models import Case, Visit
from govdesk.cases.work import scope, telling
from govdesk.cases.work.service import CaseError
from govdesk.catalog.models import Branch
from govdesk.errors import NotAllowedError


def promise(session: Session, *, actor: Actor, case_id: int, what: str, due_on: dt.date | None) -> Commitment:
    """Promise the person of an open case something by a day, in their language.

    CaseError when the need is met; CommitmentError beside `what` or `due_on`, or when nobody is known.
    """
    case, desk = scope.worked_on(session, actor, case_id)
    if case.resolved_at is not None:
        raise CaseError("cases.is_resolved")
    to = commitments.Recipient(
        person_id=case.person_id,
        service=case.service,
        branch=_branch(session, actor, case, desk),
        language=telling.language_of(session, case),
        object_ref=case.object_ref,
    )
    return commitments.promise(session, actor=actor, to=to, what=what, due_on=due_on, origin="case")


def _branch(session: Session, actor: Actor, case: Case, desk: CaseDesk) -> Branch:
    """Where the one who promises works on the case: at its place, else where the person was, or of the actor.

    A case that was handed to somebody at another branch is promised for from there.
    """
    been = select(Visit.branch_id).where(Visit.case_id == case.id).order_by(Visit.started_at.desc())
    theirs = sorted(branch for _role, branch, _department in actor.grants if branch is not None)
    for branch_id in (scope.place_of(case, desk), *session.scalars(been), *theirs):
        if branch_id is not None and actor.may(*commitments.MAKERS, branch_id=branch_id):
            return session.get_one(Branch, branch_id)
    raise NotAllowedError
