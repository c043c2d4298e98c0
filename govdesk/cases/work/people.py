"""Who may be given a case: the people of the unit that works on it, and the units that could."""

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from govdesk.cases.file_models import CaseDesk
from govdesk.cases.models import Case
from govdesk.cases.work.scope import WORKERS, place_of
from govdesk.catalog.models import Branch
from govdesk.catalog.service import branches_offering
from govdesk.people.models import Staff, StaffRole


def of_unit(session: Session, case: Case, desk: CaseDesk) -> list[Staff]:
    """The officers and supervisors of the branch, and the heads of the department, by name."""
    branch_id, department_id = place_of(case, desk), case.service.department_id
    holds = and_(
        StaffRole.role.in_(WORKERS),
        or_(StaffRole.branch_id == branch_id, StaffRole.branch_id.is_(None)),
        or_(StaffRole.department_id == department_id, StaffRole.department_id.is_(None)),
    )
    those = select(Staff).where(Staff.is_active, Staff.id.in_(select(StaffRole.staff_id).where(holds)))
    return list(session.scalars(those.order_by(Staff.name_en, Staff.id)))


def other_units(session: Session, case: Case, desk: CaseDesk) -> list[Branch]:
    """The other branches that offer the service of a case."""
    here = place_of(case, desk)
    return [branch for branch in branches_offering(session, case.service) if branch.id != here]
