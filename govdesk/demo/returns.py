"""What officers of the demo city promised, what units learnt from returns, and who asks for help before."""

import datetime as dt
from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import chance, clock, outbox
from govdesk.actor import SYSTEM
from govdesk.booking import service as booking
from govdesk.booking.models import Appointment
from govdesk.cases.classes import VisitClass
from govdesk.cases.commitments import service as commitments
from govdesk.cases.commitments import watching
from govdesk.cases.commitments.models import Commitment
from govdesk.cases.models import Visit
from govdesk.cases.returns import asking, failures, offering
from govdesk.chance import Draw
from govdesk.config import settings
from govdesk.demo import people, post
from govdesk.errors import DeskError
from govdesk.people import service as known_people
from govdesk.people.contact import clean_phone
from govdesk.people.models import Person, Staff, StaffRole
from govdesk.queue.models import Ticket

Handlers = Mapping[str, Sequence[outbox.Handler]]
BRANCH = "rawdah"
PROMISES = 14
LESSONS = 5
FIRST_PHONE = 950_000  # of nobody else in the city
PROMISED = (
    ("نتصل بك حين تجهز الوثيقة", "We call you when the document is ready"),
    ("نصحح الاسم في السجل", "We correct the name in the record"),
    ("نرسل إليك نسخة من القرار", "We send you a copy of the decision"),
    ("نسأل الإدارة الأخرى ونبلغك", "We ask the other department and tell you"),
)
MOVED = ("تأخرت الإدارة الأخرى في الرد", "The other department is late in answering")
WORDS = (
    ("لم يخبرني أحد بهذه الورقة", "Nobody told me of this paper"),
    ("قيل لي إن كل شيء جاهز ولم يكن كذلك", "I was told it was ready, and it was not"),
    ("لم أفهم الرسالة", "I did not understand the message"),
)
LEARNT = (
    "نقرأ قائمة الأوراق على صاحب المعاملة قبل أن يغادر",
    "لا نقول «جاهز» قبل أن نراه في السجل",
    "أعدنا كتابة الرسالة بكلمات أوضح",
)
WISH = (
    "عدت دون أن أعرف ما المطلوب مني بعد",
    "I was sent home without knowing what is needed next",
)
SOLVED = ("وجدنا الورقة في السجل، ولا يلزمك الحضور", "We found the paper in the record: you need not come")


def make(session: Session, *, seed: int, handlers: Handlers) -> None:
    """Make them from what happened in the city, at its present moment."""
    draw = chance.seeded((seed, "returns"))
    outbox.deliver_within(session, handlers)
    _promise(session, draw)
    _say_why(session, draw)
    _ask_for_help(session)
    outbox.deliver_within(session, handlers)
    _learn(session)
    post.bring(session, until=clock.now())


def _promise(session: Session, draw: Draw) -> None:
    """Promises of the last days: kept, moved and kept, moved, broken, done late, and still open."""
    present = clock.now()
    served = (
        select(Ticket)
        .where(Ticket.state == "served", Ticket.person_id.is_not(None), Ticket.staff_id.is_not(None))
        .where(Ticket.ended_at < present - dt.timedelta(minutes=10))
        .order_by(Ticket.ended_at.desc(), Ticket.id)
        .limit(PROMISES * 6)
    )
    for number, ticket in enumerate(list(session.scalars(served))[::6]):
        _make_known(session, ticket, number)
        given = _promised(session, ticket, days=draw.randint(1, 6))
        if given is not None:
            _fare(session, given, number, present)
    watching.watch(session)


def _make_known(session: Session, ticket: Ticket, number: int) -> None:
    person = session.get_one(Person, ticket.person_id)
    if person.contact is None or person.contact.phone is None:
        known_people.note_contact(
            session, actor=SYSTEM, person=person, phone=people.phone(FIRST_PHONE + number),
            name=person.contact.name if person.contact else None,
        )  # fmt: skip


def _promised(session: Session, ticket: Ticket, *, days: int) -> Commitment | None:
    assert ticket.ended_at is not None
    officer = session.get_one(Staff, ticket.staff_id)
    to = commitments.to_ticket(session, ticket.id)
    due_on = clock.local_day(ticket.ended_at, to.branch.timezone) + dt.timedelta(days=days)
    what = PROMISED[ticket.id % len(PROMISED)][ticket.language != "ar"]
    with clock.at(ticket.ended_at):
        try:
            return commitments.promise(session, actor=officer.actor, to=to, what=what, due_on=due_on)
        except DeskError:  # who called them serves elsewhere today
            return None


def _fare(session: Session, given: Commitment, number: int, present: dt.datetime) -> None:
    """Let one be moved before its day, one be kept in it, one forgotten until it is over."""
    owner, day = given.owner.actor, dt.timedelta(days=1)
    if number % 4 == 1 and given.due_at - day > given.made_at and given.due_at - day < present:
        with clock.at(given.due_at - day):
            reason = MOVED[given.language != "ar"]
            commitments.move(
                session, actor=owner, commitment_id=given.id, due_on=given.due_on + 3 * day, reason=reason
            )
    done_at = given.due_at - dt.timedelta(hours=9) if number % 3 else given.due_at + dt.timedelta(hours=30)
    if number % 5 != 3 and given.made_at < done_at < present:  # noqa: PLR2004 - the fifth is forgotten
        with clock.at(min(done_at, given.due_at)):
            watching.watch(session)
        with clock.at(done_at):
            commitments.keep(session, actor=owner, commitment_id=given.id)


def _say_why(session: Session, draw: Draw) -> None:
    """Some who came back said in their own words why."""
    back = select(Visit).where(Visit.class_name == VisitClass.REPEAT, Visit.source == "live")
    for visit in session.scalars(back.order_by(Visit.id)).unique():
        if draw.random() < 0.5:  # noqa: PLR2004 - every other one
            ticket = session.get_one(Ticket, int(visit.visit_no))
            words = draw.choice(WORDS)[ticket.language != "ar"]
            asking.note_words(session, actor=SYSTEM, ticket_id=ticket.id, words=words)


def _learn(session: Session) -> None:
    """The supervisor notes what was learnt from the oldest failures."""
    of_branch = select(Staff).join(StaffRole).where(StaffRole.role == "supervisor").order_by(Staff.id)
    for supervisor in session.scalars(of_branch).unique():
        failed = failures.of_units(session, supervisor.actor)[::-1]
        for number, failure in enumerate(failed[:LESSONS]):
            with clock.at(max(failure.back.ended_at, clock.now() - dt.timedelta(days=2))):
                kind = "seen" if number % 3 == 2 else "learnt"  # noqa: PLR2004 - the third is only seen
                words = LEARNT[number % len(LEARNT)] if kind == "learnt" else ""
                failures.note(
                    session, actor=supervisor.actor, visit_id=failure.back.id, kind=kind, words=words
                )


def _ask_for_help(session: Session) -> None:
    """Who was sent home lately books again: one writes what went wrong, for another it is solved at once."""
    since = clock.now() - dt.timedelta(days=12)
    failed = (
        select(Visit)
        .where(Visit.outcome == "unresolved", Visit.source == "live", Visit.ended_at > since)
        .where(Visit.person_id.is_not(None), Visit.repeat_visit_id.is_(None))
        .order_by(Visit.id.desc())
    )
    made = 0
    for visit in session.scalars(failed).unique():
        appointment = _booked(session, visit, made)
        if appointment is None:
            continue
        offering.offer_help(session, {"appointment_id": appointment.id})
        if offering.of_appointment(session, appointment.id) is None:
            continue
        _wish(session, appointment, visit, is_solved=made == 1)
        made += 1
        if made == 3:  # noqa: PLR2004 - enough to see
            return


def _booked(session: Session, visit: Visit, number: int) -> Appointment | None:
    today = clock.local_day(clock.now(), visit.branch.timezone)
    free = booking.free_slots(
        session, service_id=visit.service_id, branch_id=visit.branch_id,
        from_day=today + dt.timedelta(days=1), to_day=today + dt.timedelta(days=9),
    )  # fmt: skip
    if not free:
        return None
    person, phone = session.get_one(Person, visit.person_id), people.phone(FIRST_PHONE + 500 + number)
    known_people.note_contact(
        session,
        actor=SYSTEM,
        person=person,
        phone=phone,
        name=person.contact.name if person.contact else None,
    )
    try:
        return booking.book(
            session, actor=SYSTEM, slot_id=free[0].slot_id, service_id=visit.service_id, person=person,
            channel="web", language=visit.language or "ar", contact=clean_phone(phone, settings().country),
        )  # fmt: skip
    except DeskError:  # they have another appointment for it
        return None


def _wish(session: Session, appointment: Appointment, visit: Visit, *, is_solved: bool) -> None:
    is_english = appointment.language != "ar"
    offer = offering.wish(
        session, actor=SYSTEM, appointment=appointment, wanted="call" if is_solved else "write",
        words=WISH[is_english],
    )  # fmt: skip
    officer = session.get(Staff, int((visit.officer or "staff:0").partition(":")[2]))
    if is_solved and officer is not None and offering.may_help(officer.actor, offer):
        offering.settle(
            session, actor=officer.actor, offer_id=offer.id, ending="solved", words=SOLVED[is_english],
            cancels=True,
        )  # fmt: skip
