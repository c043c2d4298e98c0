"""What the figures of the demo city are to reach, as its administrator has set them."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk.kpi.targets import service as targets
from govdesk.people.models import Staff

AIMS = (  # measure, value, who answers for it, why
    ("repeat_visit_rate", 0.10, "head", "من خطة الجهة: زيارة واحدة لكل حاجة."),
    ("avoidable_visit_share", 0.08, "head", "من خطة الجهة."),
    ("promise_kept", 0.90, "head", "وعدنا المنشور للناس."),
    ("sla_attainment", 0.85, "head", "المدة المنشورة لكل خدمة."),
    ("abandonment_rate", 0.05, "supervisor", "ما تبلغه أفضل الفروع."),
    ("noshow_rate", 0.10, "supervisor", "من خطة الجهة."),
    ("obstacles_open", 5, "head", "لا يتراكم ما يعيق العمل."),
)
LATER = dt.timedelta(days=90)


def aim(session: Session, today: dt.date) -> None:
    """Set the targets as on the first day."""
    staff = {one.username: one for one in session.scalars(select(Staff))}
    for measure, value, owner, reason in AIMS:
        targets.set_target(
            session, actor=staff["admin"].actor, measure=measure, value=value, owner=staff[owner],
            due_on=today + LATER, reason=reason,
        )  # fmt: skip
