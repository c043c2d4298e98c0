"""Complaints of the demo city: some just came, some are overdue, some were answered or taken further."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import chance, clock, outbox
from govdesk.actor import VISITOR, Actor
from govdesk.cases.models import Case
from govdesk.cases.records import LIVE
from govdesk.catalog.models import Branch
from govdesk.demo import people
from govdesk.feedback.complaints import raising, service
from govdesk.feedback.complaints.models import Complaint
from govdesk.people import service as known_people
from govdesk.people.models import Person, Staff

FIRST_NUMBER = 970_000  # of residents who are nobody else in the city


@dataclass(frozen=True, slots=True)
class Story:
    """One complaint: how long ago, how it came, what was said, and how far it went."""

    days_ago: float
    branch: str
    channel: str
    about: str
    language: str
    words: str
    wished: str = ""
    until: str = "received"  # the last step that was taken: received .. answered | passed_on | withdrawn
    verdict: str = "justified"
    cause: str | None = None
    answer: str = ""
    is_anonymous: bool = False
    is_of_case: bool = False  # by somebody whose need was not met there
    counter: int | None = None


STORIES = (
    Story(0.1, "rawdah", "web", "wait", "ar", "انتظرت أكثر من ساعة ونصف، ونافذتان فقط مفتوحتان.",
          "أن تُفتح نوافذ أكثر في الصباح."),
    Story(0.4, "rawdah", "qr", "place", "ar", "المنحدر عند الباب مغلق بالصناديق، ودخلت أمي بمشقّة.",
          is_anonymous=True, counter=2),
    Story(2.2, "rawdah", "desk", "information", "en",
          "I was told to bring one photograph; at the counter they wanted two and sent me home.",
          "Tell people the same thing everywhere.", until="acknowledged", is_of_case=True),
    Story(4.1, "rawdah", "web", "staff", "ar", "لم يرفع الموظف رأسه ولم يردّ السلام.", until="assessed",
          verdict="partly", cause="other", is_of_case=True),
    Story(10.3, "rawdah", "web", "decision", "ar", "رُفض طلبي ولم يُذكر السبب.", "أن أعرف السبب كتابةً."),
    Story(12.2, "harbour", "web", "wait", "en", "The board said ten minutes; I waited fifty.",
          until="answered", cause="system_down",
          answer="You are right: the system was down for half an hour and the board did not say so."),
    Story(13.3, "rawdah", "qr", "information", "ar", "رسالة الموعد لا تذكر الأوراق.", until="answered",
          cause="unclear_letter", answer="معك حق، وقد غيّرنا نص الرسالة: صارت تذكر كل ورقة.", counter=1),
    Story(16.2, "rawdah", "web", "fees", "ar", "دفعت الرسوم مرتين ولم تُردّ.", "ردّ المبلغ.",
          until="passed_on", verdict="not_justified", answer="راجعنا السجل فلم نجد إلا دفعة واحدة."),
    Story(8.4, "nakheel", "web", "online", "en", "The page for the renewal did not open on my phone.",
          until="withdrawn"),
)  # fmt: skip


def make(session: Session, *, seed: int, handlers: Mapping[str, Sequence[outbox.Handler]]) -> None:
    """Let people complain, and their units take it up, as far as each story goes; let it be heard."""
    draw = chance.seeded((seed, "complaints"))
    for number, story in enumerate(STORIES):
        with clock.at(clock.now() - dt.timedelta(days=story.days_ago)):
            branch = session.scalars(select(Branch).where(Branch.code == story.branch)).one_or_none()
            if branch is None:
                continue
            case = _case(session, branch) if story.is_of_case else None
            person = None if case is None else session.get_one(Person, case.person_id)
            if person is None and not story.is_anonymous:
                resident = people.resident(session, seed, FIRST_NUMBER + number, draw)
                person = resident.person
                known_people.note_contact(
                    session, actor=VISITOR, person=person, name=resident.name,
                    phone=people.phone(FIRST_NUMBER + number),
                )  # fmt: skip
            offered = sorted((offer.service for offer in branch.offers), key=lambda one: one.id)
            made = service.complain(
                session, actor=VISITOR, about=story.about, words=story.words, wished=story.wished,
                channel=story.channel, language=story.language, branch=branch, person=person,
                counter_number=story.counter, service=case.service if case else draw.choice([*offered, None]),
            )  # fmt: skip
        _follow(session, made, story)
        _raise(session, made)
    outbox.deliver_within(session, handlers)


def _case(session: Session, branch: Branch) -> Case | None:
    """The last need of somebody that was begun here by then and was not met at once."""
    begun = select(Case).where(
        Case.source == LIVE, Case.branch_id == branch.id, Case.person_id.is_not(None),
        Case.opened_at <= clock.now() - dt.timedelta(hours=3), Case.first_resolved_at.is_(None),
    )  # fmt: skip
    return session.scalars(begun.order_by(Case.opened_at.desc(), Case.id.desc())).first()


def _follow(session: Session, made: Complaint, story: Story) -> None:
    begun = clock.now() - dt.timedelta(days=story.days_ago)
    handler = _handler(session, made)
    if story.until == "withdrawn":
        with clock.at(begun + dt.timedelta(hours=20)):
            service.withdraw(session, actor=VISITOR, complaint=made)
        return
    if story.until == "received":
        return
    with clock.at(begun + dt.timedelta(hours=5)):
        service.acknowledge(session, actor=handler, complaint_id=made.id)
    if story.until == "acknowledged":
        return
    with clock.at(begun + dt.timedelta(days=2)):
        service.assess(session, actor=handler, complaint_id=made.id, verdict=story.verdict, cause=story.cause)
    if story.until == "assessed":
        return
    with clock.at(begun + dt.timedelta(days=4)):
        service.answer(session, actor=handler, complaint_id=made.id, words=story.answer)
    if story.until == "passed_on":
        with clock.at(begun + dt.timedelta(days=6)):
            service.go_on(session, actor=VISITOR, complaint=made, words="عندي إيصالان.")


def _raise(session: Session, made: Complaint) -> None:
    """Let it go up as the job would have: near its deadlines, and on the next morning that is open."""
    moments = [dt.timedelta(hours=hours) for hours in (-1, 18, 42, 66)]
    row, now = made.round, clock.now()
    for due_at in (row.acknowledge_due_at, row.answer_due_at):
        for after in moments:
            if due_at + after <= now:
                with clock.at(due_at + after):
                    raising.raise_late(session, made)


def _handler(session: Session, made: Complaint) -> Actor:
    """The supervisor of the unit; where the city has none, the head answers."""
    for username in ("supervisor", "head"):
        one = session.scalars(select(Staff).where(Staff.username == username)).one()
        if service.may_handle(session, one.actor, made):
            return one.actor
    raise LookupError(made.id)
