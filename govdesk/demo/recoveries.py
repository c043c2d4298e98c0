"""How the demo city makes good: who was failed is called, most say that it is good, some wait too long."""

import datetime as dt
from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import chance, clock
from govdesk.actor import Actor
from govdesk.cases.models import Visit
from govdesk.cases.recovery import escalating, hearing, opening, redressing, service
from govdesk.cases.recovery.models import Recovery
from govdesk.catalog.models import Branch
from govdesk.catalog.rules import Calendar
from govdesk.chance import Draw
from govdesk.people.models import Staff

HOUR = dt.time(11, 30)  # every branch is open then
RATED, WORKED, REACHED, GOOD, GIVEN = 0.5, 0.6, 0.72, 0.86, 0.45  # shares
CHANNELS = ("phone", "phone", "letter")
GIFTS = ("priority_place", "callback", "done_without_visit", "fee_refund")
SAID = ("شكرًا لاتصالكم، انتهى الأمر.", "صار كل شيء على ما يرام.", "Thank you for calling, it is done now.")
MISSING = ("لم تصلني الوثيقة بعد.", "ما زلت أنتظر جوابًا.", "Nobody has told me what is missing.")


def make_good(
    session: Session, *, day: dt.date, seed: int, present: dt.datetime, teams: Mapping[str, Sequence[Staff]]
) -> None:
    """Let officers work at the tasks that are open late in the morning, and what is late go up."""
    moment = dt.datetime.combine(day, HOUR, present.tzinfo)
    if moment > present:
        return
    with clock.at(moment):
        opening.weigh_due(session)
        draw = chance.seeded((seed, day, "recovery"))
        _rate(session, draw, day - dt.timedelta(days=1))
        calendars: dict[int, Calendar] = {}
        codes = {branch.id: branch.code for branch in session.scalars(select(Branch))}
        tasks = session.scalars(
            select(Recovery)
            .where(Recovery.closed_at.is_(None), Recovery.opened_at < clock.now())
            .order_by(Recovery.id)
        ).all()
        for task in tasks:
            escalating.escalate(session, task, calendars)
            team = teams.get(codes[task.branch_id], ())
            if team and calendars[task.branch_id].is_open(clock.now()):
                _work(session, draw, task, team)


def _rate(session: Session, draw: Draw, day: dt.date) -> None:
    """Some of those who went away unserved or unhelped the day before rate it low."""
    failed = select(Visit).where(
        Visit.started_on == day, Visit.person_id.is_not(None), Visit.outcome == "unresolved"
    )
    for visit in session.scalars(failed.order_by(Visit.id)).all():
        if draw.random() < RATED:
            hearing.hear_low_rating(
                session,
                {
                    "rating_id": f"visit-{visit.id}", "person_id": visit.person_id, "score": 1, "most": 5,
                    "service_id": visit.service_id, "branch_id": visit.branch_id,
                },
            )  # fmt: skip


def _work(session: Session, draw: Draw, task: Recovery, team: Sequence[Staff]) -> None:
    """One look at a task: a call, perhaps something given, and the word of who was reached."""
    luck, officer = draw.random(), draw.choice(list(team)).actor
    if luck > WORKED:
        return
    channel = draw.choice(CHANNELS)
    is_reached = channel != "letter" and draw.random() < REACHED
    service.attempt(session, actor=officer, recovery_id=task.id, channel=channel, is_reached=is_reached)
    if is_reached:
        _hear(session, draw, task, officer)
    elif service.may_end(session, task):
        service.end_unreached(session, actor=officer, recovery_id=task.id)


def _hear(session: Session, draw: Draw, task: Recovery, officer: Actor) -> None:
    if draw.random() < GIVEN:
        code = draw.choice(GIFTS)
        cost = draw.choice((40, 90, 250)) if code == "fee_refund" else 0
        redressing.give(session, actor=officer, recovery_id=task.id, code=code, cost=cost)
    is_good = draw.random() < GOOD
    words = draw.choice(SAID if is_good else MISSING)
    service.hear_word(
        session, actor=officer, recovery_id=task.id, is_good=is_good, channel="phone", words=words
    )
