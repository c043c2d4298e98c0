"""Two faults that the demo city found late: one was made good for everybody, one is under way."""

import datetime as dt
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.actor import VISITOR, Actor
from govdesk.cases.recall import finding, reaching, rules, service, telling
from govdesk.cases.recall.finding import Asked
from govdesk.cases.recall.models import Recall, RecallMember
from govdesk.catalog.models import PublicService
from govdesk.demo.presence import ZONE
from govdesk.people.models import Staff

LEADER = "supervisor"
FEWEST, MOST = 3, 40
DATES = (
    "Wrong expiry date on the slip",
    "كُتب في إيصالك تاريخ انتهاء خاطئ.",
    "Your slip shows a wrong expiry date.",
)
FEES = ("Fee charged twice", "أُخذ منك الرسم مرتين.", "You were charged the fee twice.")
MENDED = "أُرسل إليه الصحيح."


def make(session: Session, *, present: dt.datetime) -> None:
    """Recall what happened two weeks ago to the end, and begin with what happened last week."""
    leader = session.scalars(select(Staff).where(Staff.username == LEADER)).one().actor
    ended = _start(session, leader, present, DATES, first=14, last=12, started=10)
    if ended is not None:
        _end(session, leader, ended, present - dt.timedelta(days=7))
    running = _start(session, leader, present, FEES, first=7, last=4, started=2)
    if running is not None:
        _begin(session, leader, running, present - dt.timedelta(days=1))


def _start(
    session: Session, leader: Actor, present: dt.datetime, fault: tuple[str, str, str], *, first: int,
    last: int, started: int,
) -> Recall | None:  # fmt: skip
    """Start one whose list is neither too short nor too long to be shown; None where there is none."""
    today = clock.local_day(present, ZONE)
    days = today - dt.timedelta(days=first), today - dt.timedelta(days=last)
    with clock.at(present - dt.timedelta(days=started)):
        for code in session.scalars(select(PublicService.code).order_by(PublicService.code)):
            asked = Asked(from_on=days[0], until_on=days[1], services=(code,))
            found = finding.preview(session, actor=leader, asked=asked)
            if found.people >= FEWEST and found.members <= MOST:
                made = service.start(
                    session, actor=leader, title=fault[0], fault_ar=fault[1], fault_en=fault[2], asked=asked,
                    due_on=today + dt.timedelta(days=14 - started),
                )  # fmt: skip
                service.tell(session, actor=leader, recall_id=made.id)
                while telling.tell_next(session):
                    pass
                return made
    return None


def _open(session: Session, recall: Recall) -> list[RecallMember]:
    mine = RecallMember.recall_id == recall.id, RecallMember.end.is_(None)
    return list(session.scalars(select(RecallMember).where(*mine).order_by(RecallMember.id)).unique())


def _end(session: Session, leader: Actor, recall: Recall, moment: dt.datetime) -> None:
    """Everybody is called: most are helped, one of four wants nothing or is not there."""
    with clock.at(moment):
        for place, member in enumerate(_open(session, recall)):
            given: dict[str, Any] = {"actor": leader, "member_id": member.id}
            if place % 4 == 3:  # noqa: PLR2004 - one of four
                for channel in ("phone", "letter"):
                    reaching.attempt(session, channel=channel, is_reached=False, **given)
                reaching.give_up(session, **given)
                continue
            reaching.attempt(session, channel="phone", is_reached=True, **given)
            if place % 8 == 2:  # noqa: PLR2004
                reaching.decline(session, **given)
            else:
                reaching.remedy(session, words=MENDED, **given)
        service.end(session, actor=leader, recall_id=recall.id)


def _begin(session: Session, leader: Actor, recall: Recall, moment: dt.datetime) -> None:
    """Some have answered on their page, one was called; the others are still to be reached."""
    with clock.at(moment):
        for place, member in enumerate(_open(session, recall)[:4]):
            if place < len(rules.WISHES) and member.state == "told":
                reaching.answer(session, actor=VISITOR, member=member, wish=rules.WISHES[place])
            else:
                reaching.attempt(
                    session, actor=leader, member_id=member.id, channel="phone", is_reached=bool(place % 2)
                )
