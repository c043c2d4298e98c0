"""What stops good service in the demo city: raised by staff and from the back door, some of it cleared."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.actor import VISITOR
from govdesk.cases.obstacles import escalating, posters, service
from govdesk.cases.obstacles.models import Obstacle
from govdesk.cases.obstacles.places import linkable
from govdesk.catalog.models import Branch
from govdesk.catalog.service import branch_of, service_of
from govdesk.people.models import Staff

HOUR = dt.timedelta(hours=9, minutes=40)
POSTER = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An obstacle of the city: when it was raised, by whom, what it is linked to, and how it ended."""

    branch: str
    by: str  # a username; from the poster where it is empty
    ago: int  # days before the present
    category: str
    words: str
    public_service: str = ""
    links: tuple[tuple[str, str], ...] = ()
    met_by: tuple[str, ...] = ()
    note: str = ""
    changed_ago: int | None = None
    what_changed: str = ""
    back_ago: int | None = None


TOLD = (
    Told(
        branch="nakheel",
        by="layla",
        ago=75,
        category="system",
        words="نظام السجلات يتوقف كل صباح ساعة أو أكثر، فنرد الناس ونطلب منهم العودة.",
        links=(("cause", "system_down"), ("unit", "nakheel/*")),
        met_by=("hamad", "ziad"),
        note="يحدث بعد التحديث الليلي مباشرة.",
        changed_ago=60,
        what_changed="نُقل التحديث إلى ما بعد منتصف الليل، ورُكّب خادم احتياطي في الفرع.",
    ),
    Told(
        branch="rawdah",
        by="salma",
        ago=48,
        category="information",
        words="صار نقل ملكية المركبة يحتاج إلى ورقة الفحص، ولا أحد يخبر الناس قبل أن يأتوا.",
        public_service="vehicle-transfer",
        links=(("cause", "missing_document"), ("service", "vehicle-transfer"), ("unit", "rawdah/vehicles")),
        met_by=("omar", "huda", "faisal", "rania", "reception"),
        note="نكتبها بخط اليد على ورقة عند المدخل.",
    ),
    Told(
        branch="nakheel",
        by="layla",
        ago=44,
        category="information",
        words="رسالة الموعد لا تذكر الأوراق المطلوبة لتجديد الرخصة، فيأتي الناس دونها.",
        public_service="licence-renewal",
        links=(("cause", "missing_document"), ("service", "licence-renewal")),
        met_by=("hamad",),
        changed_ago=18,
        what_changed="صارت رسالة التذكير تعدّد الأوراق المطلوبة لكل دافع.",
    ),
    Told(
        branch="harbour",
        by="badr",
        ago=11,
        category="partner",
        words="ردّ جهة المرور يتأخر أيامًا، ويعود الناس يسألون أين وصلت معاملتهم.",
        links=(("cause", "chase"),),
        met_by=("nada",),
    ),
    Told(
        branch="rawdah",
        by="reception",
        ago=34,
        category="equipment",
        words="طابعة الإيصالات في الاستقبال تعلق كل نصف ساعة.",
        met_by=("supervisor",),
        changed_ago=20,
        what_changed="استُبدلت الطابعة.",
        back_ago=4,
    ),
    Told(branch="rawdah", by=POSTER, ago=2, category="premises", words="لا تكييف عند النافذة ٤ بعد الظهر."),
)


def tell(session: Session, *, since: dt.date) -> None:
    """Raise what was raised since the city's first day, each at its time, and let what is overdue rise."""
    present = clock.now()
    for told in TOLD:
        if told.ago < (present.date() - since).days:
            _tell(session, told, present)
    branch = branch_of(session, "rawdah")
    posters.renew(session, actor=_staff(session, "supervisor").actor, branch=branch)
    for obstacle in session.scalars(select(Obstacle.id).order_by(Obstacle.id)):
        escalating.escalate(session, obstacle)


def _tell(session: Session, told: Told, present: dt.datetime) -> None:
    branch = branch_of(session, told.branch)
    with clock.at(_morning(branch, present, told.ago)):
        who = _staff(session, told.by).actor if told.by else VISITOR
        asked = service_of(session, told.public_service) if told.public_service else None
        obstacle = service.report(
            session,
            actor=who,
            category=told.category,
            words=told.words,
            branch=branch,
            department=asked.department if asked else None,
            links=_links(session, told),
        )
    with clock.at(_morning(branch, present, told.ago) + dt.timedelta(hours=2)):
        for username in told.met_by:
            service.support(session, actor=_staff(session, username).actor, obstacle=obstacle)
        if told.note:
            service.note(session, actor=who, obstacle=obstacle, words=told.note)
    if told.changed_ago is not None:
        with clock.at(_morning(branch, present, told.changed_ago)):
            owner = session.get_one(Staff, obstacle.assigned_to_id)
            today = clock.local_day(clock.now(), branch.timezone)
            service.close(
                session,
                actor=owner.actor,
                obstacle=obstacle,
                what_changed=told.what_changed,
                changed_on=today,
            )
    if told.back_ago is not None:
        with clock.at(_morning(branch, present, told.back_ago)):
            service.reopen(session, actor=who, obstacle=obstacle, words="عادت تعلق كما كانت.")


def _links(session: Session, told: Told) -> list[tuple[str, str]]:
    """What it is linked to; a star stands for all units of a branch."""
    units = linkable(session)["unit"]
    found = []
    for kind, code in told.links:
        if code.endswith("*"):
            found += [(kind, unit) for unit in units if unit.startswith(code[:-1])]
        else:
            found.append((kind, code))
    return found


def _morning(branch: Branch, present: dt.datetime, ago: int) -> dt.datetime:
    day = clock.local_day(present, branch.timezone) - dt.timedelta(days=ago)
    return clock.day_bounds(day, branch.timezone)[0] + HOUR


def _staff(session: Session, username: str) -> Staff:
    return session.scalars(select(Staff).where(Staff.username == username)).one()
