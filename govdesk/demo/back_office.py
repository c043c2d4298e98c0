"""The back office of the demo city: open cases are taken, asked about, resolved, or left too long."""

import datetime as dt
from collections.abc import Collection, Mapping
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from govdesk import chance, clock
from govdesk.actor import VISITOR
from govdesk.cases.file_models import CaseAct, CaseAsk, CaseDesk
from govdesk.cases.models import Case, Visit
from govdesk.cases.work import asking, promising, service, telling, watching
from govdesk.catalog.models import Branch
from govdesk.catalog.service import calendar_of
from govdesk.chance import Draw
from govdesk.demo import people as city_people
from govdesk.demo import post
from govdesk.errors import DeskError
from govdesk.people import service as people
from govdesk.people.models import Person, PersonContact, Staff

MORNING, MIDDAY, AFTERNOON = dt.time(9, 5), dt.time(9, 40), dt.time(14, 20)
TAKEN, ASKED, RESOLVED, NOTED, HANDED, REOPENED, ANSWERED = 0.45, 0.42, 0.2, 0.15, 0.08, 0.25, 0.35
FRESH = dt.timedelta(days=6)  # older ones lie where they are
EACH_DAY = 5  # acts of a branch
BRANCH = "rawdah"
WORDS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "papers": {
        "ar": ("نرجو إرسال رقم وثيقة التأمين.", "رقم الوثيقة ٧٧١٢٤٠"),
        "en": ("Please send the number of your insurance policy.", "The number is 771240"),
    },
    "information": {
        "ar": ("ما سنة صنع المركبة المذكورة في الاستمارة؟", "صُنعت عام ٢٠١٩"),
        "en": ("Which year of make stands in the vehicle registration?", "It was made in 2019"),
    },
    "choice": {
        "ar": ("هل تستلم الوثيقة بالبريد أم من الفرع؟", "بالبريد من فضلكم"),
        "en": ("Shall the document go by post, or be kept for you at the branch?", "By post, please"),
    },
}
DONE = {
    "ar": "صُححت البيانات وأُرسلت الوثيقة بالبريد.",
    "en": "The record is corrected; the document is in the post.",
}
NOTE = "اتصلت بقسم المعلومات: تُعالج قبل نهاية الأسبوع."
HANDED_OVER = "راجعت الأوراق كلها، وبقي تصحيح السجل ثم إبلاغ صاحبها."
PROMISED = {
    "ar": "نتصل بك بالنتيجة",
    "en": "We call you with the result",
}
BACK = "عادت الوثيقة من البريد: العنوان ناقص."


def work(
    session: Session,
    *,
    branches: Collection[Branch],
    day: dt.date,
    until: dt.datetime,
    seed: int,
    teams: Mapping[str, list[Staff]],
    returning: Collection[int],
) -> None:
    """One day behind the counters; who is in `returning` comes back by themselves, and is left to do so."""
    for branch in branches:
        zone = ZoneInfo(branch.timezone)
        morning, midday, afternoon = (
            dt.datetime.combine(day, at, zone) for at in (MORNING, MIDDAY, AFTERNOON)
        )
        if not calendar_of(session, branch).is_open(morning):
            continue
        draw = chance.seeded((seed, branch.code, day, "back office"))
        with clock.at(morning):
            _answer(session, branch, draw)
        at = afternoon if afternoon <= until else midday
        for case, desk in _open(session, branch, before=morning)[:EACH_DAY]:
            at += dt.timedelta(minutes=6)
            if at < until:
                with clock.at(at):
                    _handle(session, branch, case, desk, draw, teams[branch.code], returning)
        with clock.at(min(at + dt.timedelta(minutes=5), until)):
            _reopen(session, branch, draw)
    watched = min(dt.datetime.combine(day, dt.time(10, 30), ZoneInfo("Asia/Riyadh")), until)
    with clock.at(watched):
        watching.end_waiting(session)
        watching.raise_late(session)


def finish(session: Session, *, seed: int, teams: Mapping[str, list[Staff]]) -> None:
    """This morning one officer works on some cases: asked, answered, done without a visit, opened again."""
    branch = session.scalars(select(Branch).where(Branch.code == BRANCH)).one_or_none()
    if branch is None:
        return
    draw, present = chance.seeded((seed, "this morning")), clock.now()
    officer = teams[BRANCH][0]
    open_ones = _open(session, branch, before=present - dt.timedelta(days=1), fresh=dt.timedelta(days=30))
    mine = [case for case, desk in open_ones if desk.owner_id in (None, officer.id)][:5]
    for number, case in enumerate(mine):
        with clock.at(present - dt.timedelta(minutes=100 - number)):
            _write_down(session, case, draw)
            service.take(session, actor=officer.actor, case_id=case.id)
    for number, case in enumerate(mine[:3]):
        reason = sorted(WORDS)[number]
        language = telling.language_of(session, case)
        with clock.at(present - dt.timedelta(minutes=90 - number)):
            until = clock.local_day(present, branch.timezone) + dt.timedelta(days=3 + number)
            asked = asking.ask(
                session, actor=officer.actor, case_id=case.id, reason=reason,
                asked=WORDS[reason][language][0], until=until,
            )  # fmt: skip
        post.bring(session, until=present - dt.timedelta(minutes=60))
        if number == 0:
            with clock.at(present - dt.timedelta(minutes=20)):
                asking.answer(session, actor=VISITOR, token=asked.token, words=WORDS[reason][language][1])
            with clock.at(present - dt.timedelta(minutes=12)):
                due_on = clock.local_day(present, branch.timezone) + dt.timedelta(days=2)
                promising.promise(
                    session, actor=officer.actor, case_id=case.id, what=PROMISED[language], due_on=due_on
                )
    for number, case in enumerate(mine[3:]):
        with clock.at(present - dt.timedelta(minutes=80 - number)):
            words = DONE[telling.language_of(session, case)]
            service.resolve(session, actor=officer.actor, case_id=case.id, words=words)
        if number == 0:
            with clock.at(present - dt.timedelta(minutes=15)):
                service.reopen(session, actor=officer.actor, case_id=case.id, words=BACK)


def _open(
    session: Session, branch: Branch, before: dt.datetime, fresh: dt.timedelta = FRESH
) -> list[tuple[Case, CaseDesk]]:
    """The cases that somebody may look at today: not too old, and none that waits on the person."""
    waits = exists().where(
        CaseAsk.ended_by.is_(None), CaseAsk.act_id == CaseAct.id, CaseAct.case_id == Case.id
    )
    planned = exists().where(Visit.case_id == Case.id, Visit.outcome == "planned_next_step")
    query = (
        select(Case, CaseDesk)
        .join(CaseDesk, CaseDesk.case_id == Case.id)
        .where(Case.branch_id == branch.id, Case.resolved_at.is_(None), Case.person_id.is_not(None))
        .where(Case.opened_at > before - fresh, Case.opened_at < before, ~waits, ~planned)
        .order_by(CaseDesk.owner_id.is_(None), Case.opened_at, Case.case_no)
    )
    return [(case, desk) for case, desk in session.execute(query)]


def _handle(
    session: Session,
    branch: Branch,
    case: Case,
    desk: CaseDesk,
    draw: Draw,
    team: list[Staff],
    returning: Collection[int],
) -> None:
    luck = draw.random()
    if desk.owner_id is None:
        if luck < TAKEN + (1 - TAKEN) * (branch.code == BRANCH) / 2:
            _write_down(session, case, draw)
            service.take(session, actor=draw.choice(team).actor, case_id=case.id)
        return
    owner = session.get_one(Staff, desk.owner_id).actor
    if case.person_id in returning:
        if luck < NOTED:
            service.note(session, actor=owner, case_id=case.id, words=NOTE)
        return
    language = telling.language_of(session, case)
    try:
        if luck < ASKED:
            reason = draw.choice(sorted(WORDS))
            until = clock.local_day(clock.now(), branch.timezone) + dt.timedelta(days=draw.randint(3, 7))
            asked = WORDS[reason][language][0]
            asking.ask(session, actor=owner, case_id=case.id, reason=reason, asked=asked, until=until)
        elif luck < ASKED + RESOLVED:
            service.resolve(session, actor=owner, case_id=case.id, words=DONE[language])
        elif luck < ASKED + RESOLVED + NOTED:
            service.note(session, actor=owner, case_id=case.id, words=NOTE)
        elif luck < ASKED + RESOLVED + NOTED + HANDED:
            other = draw.choice([one for one in team if one.id != desk.owner_id])
            service.hand_over(session, actor=owner, case_id=case.id, words=HANDED_OVER, staff_id=other.id)
    except DeskError:  # nobody to reach: it stays where it is
        return


def _answer(session: Session, branch: Branch, draw: Draw) -> None:
    """Some answer what they were asked."""
    query = (
        select(CaseAsk, Case)
        .join(CaseAct, CaseAct.id == CaseAsk.act_id)
        .join(Case, Case.id == CaseAct.case_id)
        .where(Case.branch_id == branch.id, CaseAsk.ended_by.is_(None), CaseAct.at < clock.now())
        .order_by(CaseAct.at, Case.case_no)
    )
    for ask, _case in session.execute(query).all():
        if draw.random() < ANSWERED and asking.is_open(ask):
            words = WORDS[ask.pause.reason][ask.language][1]
            asking.answer(session, actor=VISITOR, token=ask.token, words=words)


def _reopen(session: Session, branch: Branch, draw: Draw) -> None:
    """Now and then what was done did not hold."""
    query = (
        select(Case, CaseAct.actor)
        .join(CaseAct, CaseAct.case_id == Case.id)
        .where(Case.branch_id == branch.id, CaseAct.kind == "resolved", Case.reopened_at.is_(None))
        .where(Case.resolved_at < clock.now() - dt.timedelta(days=2))
        .where(Case.resolved_at > clock.now() - dt.timedelta(days=5))
        .order_by(Case.resolved_at, Case.case_no)
    )
    for case, by in session.execute(query).all()[:1]:
        if draw.random() < REOPENED:
            owner = session.get_one(Staff, int(by.partition(":")[2])).actor
            service.reopen(session, actor=owner, case_id=case.id, words=BACK)


def _write_down(session: Session, case: Case, draw: Draw) -> None:
    """The officer asks how the person can be reached, if nobody has."""
    assert case.person_id is not None
    contact = session.get(PersonContact, case.person_id)
    if contact is None or contact.phone is None:
        people.note_contact(
            session,
            actor=VISITOR,
            person=session.get_one(Person, case.person_id),
            name=f"{draw.choice(city_people.GIVEN)} {draw.choice(city_people.FAMILY)}",
            phone=city_people.phone(9_000_000 + case.person_id),
        )
