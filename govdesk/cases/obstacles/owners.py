"""Who may answer for an obstacle, as the rows of staff say."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from govdesk.cases.obstacles import rules
from govdesk.cases.obstacles.models import Obstacle
from govdesk.cases.obstacles.rules import Candidate
from govdesk.catalog.models import BranchService, PublicService
from govdesk.people.models import Staff, StaffRole

Rungs = list[list[Candidate]]


def rungs(session: Session, *, branch_id: int | None, department_id: int | None) -> Rungs:
    """The ladder of an obstacle of a department, of a branch, or of all."""
    held = (
        select(Obstacle.assigned_to_id, func.count())
        .where(Obstacle.state == "open")
        .group_by(Obstacle.assigned_to_id)
    )
    counts = {row[0]: row[1] for row in session.execute(held)}
    rows = session.execute(
        select(StaffRole.staff_id, StaffRole.role, StaffRole.branch_id, StaffRole.department_id)
        .join(Staff, Staff.id == StaffRole.staff_id)
        .where(Staff.is_active, StaffRole.role.in_(rules.MANAGERS))
        .order_by(StaffRole.id)
    )
    candidates = [
        Candidate(
            staff_id=staff_id,
            role=role,
            branch_id=branch,
            department_id=department,
            open_obstacles=counts.get(staff_id, 0),
        )
        for staff_id, role, branch, department in rows
    ]
    return rules.ladder(
        candidates,
        branch_id=branch_id,
        department_id=department_id,
        departments_here=_departments_at(session, branch_id),
    )


def managers(session: Session) -> list[Staff]:
    """Everybody to whom an obstacle may be given, by name."""
    held = select(StaffRole.staff_id).where(StaffRole.role.in_(rules.MANAGERS))
    found = select(Staff).where(Staff.is_active, Staff.id.in_(held)).order_by(Staff.name_en, Staff.id)
    return list(session.scalars(found))


def _departments_at(session: Session, branch_id: int | None) -> set[int]:
    if branch_id is None:
        return set()
    offered = (
        select(PublicService.department_id)
        .join(BranchService, BranchService.service_id == PublicService.id)
        .where(BranchService.branch_id == branch_id)
    )
    return set(session.scalars(offered))
