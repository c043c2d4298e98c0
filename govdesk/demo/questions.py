"""What the demo city is asked and answers: by the code on the slip, by message, and in a wave each month."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import chance, clock
from govdesk.catalog.models import Branch, Department, PublicService
from govdesk.chance import Draw
from govdesk.db import transaction
from govdesk.demo import inside
from govdesk.demo.sayings import COMMENTS, REMARKS, Saying
from govdesk.feedback.answers import service, settling, tablets
from govdesk.feedback.asking import ends, following, programmes, sending, waves
from govdesk.feedback.asking.models import Invitation
from govdesk.feedback.asking.service import NotAskedError
from govdesk.feedback.forms import service as forms
from govdesk.feedback.forms.models import Questionnaire
from govdesk.feedback.forms.presets import presets
from govdesk.feedback.forms.rules import STATEMENTS
from govdesk.people.models import PersonContact, Staff
from govdesk.queue.models import Ticket

ASKED = ("after_service", "complaint", "statements", "staff", "mystery")  # presets that the city publishes
SCANS, ANSWERS, WISHES, WRITES = 0.2, 0.45, 0.5, 0.4  # shares
LATER = dt.timedelta(minutes=6)
MORNING, SENDING, EVENING = dt.time(6, 30), dt.time(18), dt.time(20)
LONG_WAIT = dt.timedelta(minutes=40)
FOLLOWED_EVERY = 3  # days
LOWEST, GOOD = 2, 3  # of five; of three faces
EXIT, TOUCHES, WALK_OUT = "rawdah", 0.12, dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Met:
    """How it went for somebody, as far as their answer hangs on it."""

    is_resolved: bool
    has_waited: bool


def publish(session: Session, *, seed: int) -> None:
    """Publish the questionnaires, and begin the programme of the first department: a wave each month."""
    head = session.scalars(select(Staff).where(Staff.username == "head")).one().actor
    admin = session.scalars(select(Staff).where(Staff.username == "admin")).one().actor
    known: dict[str, Questionnaire] = {}
    for key in ASKED:
        preset = presets()[key]
        known[key] = forms.create(
            session, actor=admin, kind=preset.kind, name_ar=preset.name["ar"], name_en=preset.name["en"],
            form=preset.form,
        )  # fmt: skip
        forms.publish(session, actor=admin, questionnaire=known[key])
    first = session.scalars(select(Department).order_by(Department.id)).first()
    terms = programmes.Terms(
        every="month", calendar="gregorian", starts_on=clock.local_day(clock.now(), "UTC"), half_width=0.06,
        expected_rate=ANSWERS, panels=1, spread_days=3, open_days=30,
    )  # fmt: skip
    made = programmes.create(
        session, actor=head, questionnaire=known["statements"], department=first, terms=terms,
        name_ar="رضا المستفيدين كل شهر", name_en="How people were served, month by month",
    )  # fmt: skip
    made.seed = f"demo-{seed}"  # another run of the city draws the same people


def ask(session: Session, *, day: dt.date, seed: int, until: dt.datetime) -> None:
    """Let some who were here scan the code on their slip and answer; ask others by message."""
    draw = chance.seeded((seed, day, "slips"))
    about_wave = session.scalars(select(Department.id).order_by(Department.id)).first()
    rows = session.execute(
        select(Ticket, PublicService.department_id, PersonContact.phone)
        .join(PublicService, PublicService.id == Ticket.service_id)
        .outerjoin(PersonContact, PersonContact.person_id == Ticket.person_id)
        .where(Ticket.day == day, Ticket.ended_at.is_not(None))
        .order_by(Ticket.id)
    )
    for ticket, department_id, phone in rows.all():
        assert ticket.ended_at is not None
        is_reached = phone is not None and ticket.person_id is not None
        if is_reached and department_id != about_wave:
            with clock.at(ticket.ended_at):
                ends.ask_after_ticket(session, {"ticket_id": ticket.id})
        elif not is_reached and draw.random() < SCANS and ticket.ended_at + LATER < until:
            with clock.at(ticket.ended_at + LATER):
                _scan(session, draw, ticket)


def leave(session: Session, *, day: dt.date, seed: int, until: dt.datetime) -> None:
    """Let some answer on the tablet at the exit of the first branch, where anybody came that day."""
    draw = chance.seeded((seed, day, "exit"))
    rows = session.execute(
        select(Ticket.ended_at, Ticket.arrived_at, Ticket.called_at, Ticket.outcome, Branch)
        .join(Branch, Branch.id == Ticket.branch_id)
        .where(Ticket.day == day, Ticket.state == "served", Ticket.ended_at < until, Branch.code == EXIT)
        .order_by(Ticket.id)
    ).all()
    version = tablets.asked(session)
    if version is None:
        return
    for ended_at, arrived_at, called_at, outcome, branch in rows:
        if ended_at is not None and draw.random() < TOUCHES:
            met = Met(outcome == "resolved", (called_at or ended_at) - arrived_at > LONG_WAIT)
            touched = _faces(draw, _mood(draw, met), met)
            with clock.at(ended_at + WALK_OUT):
                tablets.give_at_tablet(
                    session, version=version, branch=branch, answers=touched, language="ar"
                )


def evening(day: dt.date, *, seed: int, present: dt.datetime, zone: str) -> None:
    """Open and close waves, send what is due, let some answer, also those who serve; after the day itself."""
    start = clock.day_bounds(day, zone)[0]
    at = {name: start + (dt.datetime.combine(day, time) - dt.datetime.combine(day, dt.time()))
          for name, time in (("morning", MORNING), ("sending", SENDING), ("evening", EVENING))}  # fmt: skip
    with clock.at(min(at["morning"], present)):
        waves.run_waves()
    with clock.at(min(at["sending"], present)):
        sending.run_send()
        if day.toordinal() % FOLLOWED_EVERY == 0:
            following.run_follow()
    if at["evening"] <= present:
        with clock.at(at["evening"]), transaction() as session:
            _answer_messages(session, chance.seeded((seed, day, "answers")), day)
    inside.evening(day, seed=seed, present=present, zone=zone)


def settle(present: dt.datetime) -> None:
    """Take from the answers what would let somebody stand out, as the clock does every hour."""
    with clock.at(present):
        settling.run_settle()


def _scan(session: Session, draw: Draw, ticket: Ticket) -> None:
    try:
        invitation = ends.open_for_ticket(session, ticket.id)
    except NotAskedError:
        return
    assert ticket.ended_at is not None
    waited = (ticket.called_at or ticket.ended_at) - ticket.arrived_at
    _give(session, draw, invitation, Met(ticket.outcome == "resolved", waited > LONG_WAIT))


def _answer_messages(session: Session, draw: Draw, day: dt.date) -> None:
    """Some of those who were asked today, or reminded, answer."""
    asked = select(Invitation).where(
        Invitation.state == "sent", (Invitation.asked_on == day) | (Invitation.reminded_on == day)
    )
    for invitation in session.scalars(asked.order_by(Invitation.id)).all():
        if draw.random() < ANSWERS:
            is_resolved = invitation.outcome == "resolved" or (not invitation.outcome and draw.random() < 0.8)  # noqa: PLR2004 - of a month's ends
            _give(session, draw, invitation, Met(is_resolved, draw.random() < 0.2))  # noqa: PLR2004 - the share who waited


def _give(session: Session, draw: Draw, invitation: Invitation, met: Met) -> None:
    kind = invitation.questionnaire.kind
    mood = _mood(draw, met)
    said = _said(draw, REMARKS if kind == "periodic" else COMMENTS, mood)
    words = said.text(invitation.language) if said else ""
    answers: dict[str, Any]
    if kind == "periodic":
        answers = {name: _near(draw, mood) for name in STATEMENTS}
        answers["need_addressed"] = _near(draw, mood + 1 if met.is_resolved else mood - 1)
        answers["reasonable_time"] = _near(draw, mood - 2 if met.has_waited else mood)
        answers["complained"] = int(mood <= LOWEST and draw.random() < 0.1)  # noqa: PLR2004 - one in ten
        answers["comment"] = words
    elif kind == "complaint":
        answers = {}
    else:
        answers = {**_faces(draw, mood, met), "comment": words}
    is_wished = draw.random() < WISHES and invitation.mode != "qr"  # who scanned a slip left no number
    wish = service.ContactWish(with_words=bool(words)) if is_wished else None
    if answers:
        service.give(session, invitation=invitation, answers=answers, contact_wish=wish)


def _faces(draw: Draw, mood: int, met: Met) -> dict[str, Any]:
    """A face, and what could have been better where it is not a good one."""
    face = 1 if mood <= LOWEST else 2 if mood == LOWEST + 1 else GOOD
    if face == GOOD:
        return {"overall": face}
    causes = ("efficiency",) if met.has_waited else ("effectiveness", "transparency", "employee")
    better = sorted({draw.choice(causes), draw.choice(("ease", "efficiency", *causes))})
    return {"overall": face, "better": better}


def _mood(draw: Draw, met: Met) -> int:
    """From one to five: how somebody feels who met it so."""
    weights = (4, 8, 14, 34, 40) if met.is_resolved else (34, 26, 20, 14, 6)
    mood = draw.choices((1, 2, 3, 4, 5), weights)[0]
    return max(1, mood - met.has_waited)


def _near(draw: Draw, mood: int) -> int:
    return min(5, max(1, mood + draw.choice((-1, 0, 0, 0, 1))))


def _said(draw: Draw, sayings: tuple[Saying, ...], mood: int) -> Saying | None:
    fitting = [one for one in sayings if one.low <= mood <= one.high]
    return draw.choice(fitting) if fitting and draw.random() < WRITES else None
