"""A month of waits, and a period of it with all that is said before it is published."""

import datetime as dt

from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.actor import Actor
from govdesk.catalog.models import Branch, PublicService
from govdesk.kpi.periods import measuring, published, rules, service
from govdesk.kpi.periods.measuring import Measured
from govdesk.kpi.periods.models import PeriodVersion, ReportPeriod
from govdesk.people.models import Staff
from tests.kpi_makers import make_wait
from tests.makers import Cast

SEPTEMBER = rules.month_of(dt.date(2026, 9, 1))
SAW = {"ar": "انتظر الناس طويلًا صباحًا.", "en": "People waited long in the mornings."}
WILL = {"ar": "نفتح نافذة ثالثة.", "en": "We will open a third counter."}


def make_waits(
    session: Session, *, branch: Branch, service: PublicService, count: int, late: int = 0, month: int = 9
) -> None:  # fmt: skip
    """People of a month who were called after ten minutes, `late` of them after forty."""
    for place in range(count):
        called = "09:40" if place < late else "09:10"
        make_wait(
            session, branch=branch, service=service, arrived="09:00", called=called, ended="09:50",
            day=f"{month:02}-{1 + place % 28:02}",
        )  # fmt: skip


def make_month(session: Session, cast: Cast, month: int = 9) -> None:
    """Sixty people in the north (twenty of lands), twenty at the harbour; ten of them late."""
    cast = _here(session, cast)
    make_waits(session, branch=cast.north, service=cast.renewal, count=40, late=10, month=month)
    make_waits(session, branch=cast.north, service=cast.deed, count=20, month=month)
    make_waits(session, branch=cast.harbour, service=cast.renewal, count=20, month=month)


def count(session: Session, period: ReportPeriod) -> Measured:
    """The figures of a period as they are now."""
    return measuring.measure(session, period, published.span_of(period))


def reflect_on_all(session: Session, *, actor: Actor, period: ReportPeriod, owner: Staff) -> None:
    """Say the same in every topic."""
    here = session.get_one(Staff, owner.id)
    due_on = clock.now().date() + dt.timedelta(days=30)
    for topic in rules.TOPICS:
        service.reflect(
            session, actor=actor, period=period, topic=topic, saw=SAW, will=WILL, owner=here, due_on=due_on
        )


def publish(
    session: Session, *, cast: Cast, who: str = "adam", span: rules.Span = SEPTEMBER, is_own: bool = False
) -> PeriodVersion:  # fmt: skip
    """Draft, reflect and publish a period of the agency, or of the civil department."""
    staff = session.get_one(Staff, cast.staff[who].id)
    department = session.merge(cast.civil, load=False) if is_own else None
    period = service.draft(session, actor=staff.actor, span=span, department=department)
    reflect_on_all(session, actor=staff.actor, period=period, owner=staff)
    return service.publish(session, actor=staff.actor, period=period, measured=count(session, period))


def _here(session: Session, cast: Cast) -> Cast:
    return cast if cast.north in session else _loaded(session, cast)


def _loaded(session: Session, cast: Cast) -> Cast:
    for name in ("north", "harbour", "renewal", "passport", "deed"):
        own = getattr(cast, name)
        setattr(cast, name, session.get_one(type(own), own.id))
    return cast
