"""What the demo city has published of itself, what it saw in it, and what waits for a word."""

import datetime as dt

from sqlalchemy import select

from govdesk import clock
from govdesk.db import reading, transaction
from govdesk.kpi.periods import measuring, published, recipients, rules, service
from govdesk.people.models import Staff

Both = dict[str, str]
TOLD_AFTER = dt.timedelta(days=6, hours=10)  # the end of a period, when it is published
RIPE_AFTER = dt.timedelta(days=34, hours=10)  # when it is completed
MONTHS = 6  # at most
DUE = dt.timedelta(days=60)
COMPLETED = {
    "ar": "نضجت مؤشرات العودة: صار يمكن الحكم على كل زيارة في الفترة.",
    "en": "The figures of returns are ripe: every visit of the period can be judged now.",
}
RECIPIENTS = (("office@minister.example", "ar"), ("observer@partners.example", "en"))
SAID: dict[str, tuple[str, Both, Both]] = {  # by topic: who changes it, what was seen, what will change
    "returns": (
        "head",
        {"ar": "عاد كثيرون لأن ورقة نقصت ولم تُذكر لهم.",
         "en": "Many came back for a paper that nobody had named."},
        {"ar": "تذكر رسالة كل موعد كل ورقة مطلوبة.",
         "en": "The message of each appointment will name every paper."},
    ),
    "time": (
        "head",
        {"ar": "تتأخر المعاملات بين الإدارات لا عند الشباك.",
         "en": "Cases wait between departments, not at the counter."},
        {"ar": "اجتماع يومي قصير للمعاملات المتأخرة.",
         "en": "A short daily meeting on cases that are late."},
    ),
    "waiting": (
        "supervisor",
        {"ar": "الانتظار طويل بين الثامنة والعاشرة.",
         "en": "The wait is long between eight and ten."},
        {"ar": "نافذتان إضافيتان حتى العاشرة والنصف.",
         "en": "Two more counters until half past ten."},
    ),
    "voices": (
        "head",
        {"ar": "يمدح الناس الموظفين ويشكون كثرة الخطوات.",
         "en": "People praise the staff and complain of many steps."},
        {"ar": "نحذف خطوة التصديق من خدمتين.",
         "en": "We will drop the certification step of two services."},
    ),
    "promises": (
        "supervisor",
        {"ar": "لم نتصل بالجميع في الوقت الذي وعدنا به.",
         "en": "We did not call everybody when we had promised to."},
        {"ar": "ساعة ثابتة كل يوم للاتصالات.",
         "en": "A fixed hour each day for calls."},
    ),
    "ways": (
        "head",
        {"ar": "قليلون يعرفون ما يمكن إنجازه من البيت.",
         "en": "Few know what can be done from home."},
        {"ar": "نذكره في أول صفحة الحجز.",
         "en": "We will say so on the first page of booking."},
    ),
    "work": (
        "supervisor",
        {"ar": "توقف النظام صباحًا عطّل النوافذ.",
         "en": "The system stopped in the mornings and held up the counters."},
        {"ar": "خادم احتياطي قبل نهاية الشهر.",
         "en": "A second server before the end of the month."},
    ),
}  # fmt: skip


def publish(*, since: dt.date, present: dt.datetime) -> None:
    """Publish every month and quarter that the city has lived, but the last month, which waits for a word."""
    with clock.at(present), transaction() as session:
        admin = session.scalars(select(Staff).where(Staff.username == "admin")).one()
        for email, language in RECIPIENTS:
            recipients.add(session, actor=admin.actor, department_id=None, email=email, language=language)
    today = clock.local_day(present, "UTC")
    months: list[rules.Span] = []
    one = rules.month_of(today).before.before
    while one.last >= since and len(months) < MONTHS:
        months.append(one)
        one = one.before
    quarters = {span.quarter for span in months if span.quarter.last < rules.month_of(today).before.first}
    for span in sorted([*months, *quarters], key=lambda span: (span.last, span.kind)):
        ended = dt.datetime.combine(span.last, dt.time(), present.tzinfo)
        _first(span, ended + TOLD_AFTER)
    for span in sorted([*months, *quarters], key=lambda span: (span.last, span.kind)):
        ended = dt.datetime.combine(span.last, dt.time(), present.tzinfo)
        if ended + RIPE_AFTER < present:
            _complete(span, ended + RIPE_AFTER)
    with clock.at(present), transaction() as session:
        service.draft_ended(session)


def _first(span: rules.Span, at: dt.datetime) -> None:
    with clock.at(at):
        with transaction() as session:
            staff = {one.username: one for one in session.scalars(select(Staff))}
            admin = staff["admin"].actor
            period = service.draft(session, actor=admin, span=span)
            for topic, (owner, saw, will) in SAID.items():
                service.reflect(
                    session, actor=admin, period=period, topic=topic, saw=saw, will=will,
                    owner=staff[owner], due_on=at.date() + DUE,
                )  # fmt: skip
        measured = measuring.measure(reading(), published.period_of(reading(), span.name), span)
        reading().rollback()
        with transaction() as session:
            period = published.period_of(session, span.name)
            service.publish(session, actor=admin, period=period, measured=measured)


def _complete(span: rules.Span, at: dt.datetime) -> None:
    """Publish the figures of returns, which could not be judged before."""
    with clock.at(at):
        measured = measuring.measure(reading(), published.period_of(reading(), span.name), span)
        reading().rollback()
        with transaction() as session:
            admin = session.scalars(select(Staff).where(Staff.username == "admin")).one().actor
            service.correct(
                session, actor=admin, period=published.period_of(session, span.name), measured=measured,
                of=1, reason=COMPLETED,
            )  # fmt: skip
