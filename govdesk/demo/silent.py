"""Who left the demo city's branches unhappy and said nothing: found, asked, called; some of them answer."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import chance, clock
from govdesk.actor import SYSTEM, VISITOR
from govdesk.cases.silent import looking, rules, service
from govdesk.cases.silent.models import SilentOne
from govdesk.chance import Draw
from govdesk.demo import people
from govdesk.people import service as known_people
from govdesk.people.models import Staff

DAYS = 24  # before the present, in which anybody looks
KNOWN = 0.5  # of those who wait without a contact, on a day
FIRST_NUMBER = 970_000  # of their telephones
ANSWERED, CALLED = 0.06, 0.1  # shares of those who wait, on a day
ANSWERS = (("yes", 5, ""), ("yes", 2, "لم تصلني الرسالة."), ("no", 6, ""), ("elsewhere", 3, ""))
ASKED_AT, CALLED_AT = dt.timedelta(hours=10), dt.timedelta(hours=12)


def live(session: Session, *, day: dt.date, present: dt.datetime, seed: int, zone: str) -> None:
    """One day of it: look, ask, let some answer, and let officers call a few who have no message."""
    midnight = clock.day_bounds(day, zone)[0]
    if (present.date() - day).days > DAYS or midnight + CALLED_AT > present:
        return
    draw = chance.seeded((seed, day, "silent"))
    with clock.at(midnight + ASKED_AT):
        looking.look(session)
        looking.let_go(session)
        _note_contacts(session, draw)
        for one in _waiting(session):
            service.ask(session, one.id)
    with clock.at(midnight + CALLED_AT):
        for one in _waiting(session):
            said, _weight, words = draw.choices(ANSWERS, [weight for _, weight, _ in ANSWERS])[0]
            luck = draw.random()
            if one.asked_at is not None and luck < ANSWERED and service.may_answer(one):
                service.answer(session, actor=VISITOR, token=one.token, said=said, words=words)
            elif one.person.contact is not None and luck < CALLED and _may_be_called(session, one):
                caller = _officer(session, one.branch_id)
                is_reached = luck < CALLED / 2
                answer = said if is_reached else None
                service.call(
                    session, actor=caller.actor, one=one, is_reached=is_reached, answer_=answer, words=words
                )


def _may_be_called(session: Session, one: SilentOne) -> bool:
    return rules.may_call(len(service.touches(session, one)))


def _waiting(session: Session) -> list[SilentOne]:
    return list(session.scalars(select(SilentOne).where(SilentOne.state == "waiting").order_by(SilentOne.id)))


def _note_contacts(session: Session, draw: Draw) -> None:
    """Most have left a name and a number; a few nobody can reach."""
    for one in _waiting(session):
        if one.person.contact is None and draw.random() < KNOWN:
            name = f"{draw.choice(people.GIVEN)} {draw.choice(people.FAMILY)}"
            phone = people.phone(FIRST_NUMBER + one.id)
            known_people.note_contact(session, actor=SYSTEM, person=one.person, name=name, phone=phone)


def _officer(session: Session, branch_id: int) -> Staff:
    staff = session.scalars(select(Staff).order_by(Staff.id))
    return next(one for one in staff if one.actor.may("officer", branch_id=branch_id))
