"""What the head of the demo city has written at the days of figures, and the signals that were told."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.db import transaction
from govdesk.kpi.groups import week_of
from govdesk.kpi.marks import service, watching
from govdesk.kpi.marks.models import FigureSignal
from govdesk.people.models import Staff

NOTES = (  # measure (None: every figure), days before the present, kind, words
    ("waiting_time", 75, "event", "تعطّل نظام الطوابير يومين في فرع الروضة."),
    ("waiting_time", 40, "decision", "نافذة ثانية للتجديد من الثامنة إلى العاشرة صباحًا."),
    ("repeat_visit_rate", 60, "event", "صار الفحص الفني مطلوبًا لتجديد رخصة السير."),
    ("repeat_visit_rate", 21, "decision", "أُضيف الفحص الفني إلى قائمة الأوراق في الدليل والرسائل."),
    (None, 30, "note", "بدأت الدراسة: يكثر القدوم صباحًا."),
)
WEEKS = 5  # in which the job has run


def write(session: Session) -> None:
    """Write the notes, as now."""
    head = session.scalars(select(Staff).where(Staff.username == "admin")).one().actor
    for measure, ago, kind, words in NOTES:
        day = clock.now().date() - dt.timedelta(days=ago)
        service.write(session, actor=head, measure=measure, on_day=day, kind=kind, words=words)


def tell(present: dt.datetime) -> None:
    """Let the job judge the figures as it would have, each Sunday; the head has seen one of its signals."""
    sunday = dt.datetime.combine(week_of(present.date()), dt.time(6), present.tzinfo)
    for weeks in reversed(range(WEEKS)):
        with clock.at(sunday - dt.timedelta(weeks=weeks)):
            watching.run_watch()
    with clock.at(present), transaction() as session:
        first = session.scalars(select(FigureSignal).order_by(FigureSignal.id)).unique().first()
        if first is not None:
            head = session.scalars(select(Staff).where(Staff.username == "head")).one()
            words = "نراجع أسبابها مع الفروع هذا الأسبوع."
            service.see(session, actor=head.actor, signal_id=first.id, words=words)
