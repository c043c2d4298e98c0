"""What those who serve say stands in their way, and what mystery visitors saw in the demo city."""

import datetime as dt
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import chance, clock
from govdesk.catalog.service import offered, open_branches
from govdesk.chance import Draw
from govdesk.db import transaction
from govdesk.feedback.answers import service
from govdesk.feedback.asking import colleagues, mystery
from govdesk.feedback.asking.models import Invitation
from govdesk.feedback.forms.models import Questionnaire
from govdesk.people.models import Staff

MORNING, EVENING = dt.timedelta(hours=7), dt.timedelta(hours=21)
STAFF_ANSWER, VISITED = 0.08, 0.12  # shares of an evening
SUNDAY = 6
WEEKS = 14  # days until which a visit may be made
IN_THE_WAY = ("system", "system", "rules", "papers", "papers", "other_units", "staffing", "training")
YES = {
    "found_way": 0.8,
    "told_wait": 0.5,
    "wait_true": 0.6,
    "greeted": 0.85,
    "told_right": 0.7,
    "told_next": 0.6,
}
SAID = {
    "ar": ("لم أجد لوحة عند المدخل الجانبي.", "شرح الموظف كل خطوة."),
    "en": ("There is no sign at the side entrance.", "The officer explained each step."),
}


def evening(day: dt.date, *, seed: int, present: dt.datetime, zone: str) -> None:
    """Ask those who serve and send visitors in the morning; let some of both answer in the evening."""
    start = clock.day_bounds(day, zone)[0]
    with clock.at(min(start + MORNING, present)):
        colleagues.run_ask()
        if day.weekday() == SUNDAY:
            with transaction() as session:
                _send(session, day)
    if start + EVENING <= present:
        with clock.at(start + EVENING), transaction() as session:
            _answer(session, chance.seeded((seed, day, "inside")))


def _send(session: Session, day: dt.date) -> None:
    """A visit to each branch in two weeks."""
    asked = session.scalars(select(Questionnaire).where(Questionnaire.kind == mystery.KIND)).one()
    admin = session.scalars(select(Staff).where(Staff.username == "admin")).one().actor
    for place, branch in enumerate(open_branches(session)):
        services = offered(session, branch)
        if services:
            mystery.plan(
                session, actor=admin, questionnaire=asked, branch=branch,
                service_wanted=services[(day.toordinal() // 7 + place) % len(services)],
                language="ar" if place % 3 else "en", last_on=day + dt.timedelta(days=WEEKS),
            )  # fmt: skip


def _answer(session: Session, draw: Draw) -> None:
    given = {colleagues.KIND: (STAFF_ANSWER, _hindered), mystery.KIND: (VISITED, _seen)}
    asked = select(Invitation).where(
        Invitation.occasion.in_(sorted(given)),
        Invitation.state == "shown",
        Invitation.closes_at > clock.now(),
    )
    for one in session.scalars(asked.order_by(Invitation.id)).all():
        share, said = given[one.occasion]
        if draw.random() < share:
            service.give(session, invitation=one, answers=said(draw, one.language))


def _hindered(draw: Draw, _language: str) -> dict[str, Any]:
    named = sorted({draw.choice(IN_THE_WAY) for _ in range(2)})
    return {"in_the_way": named, **{key: draw.randint(2, 5) for key in ("tools", "heard", "safe")}}


def _seen(draw: Draw, language: str) -> dict[str, Any]:
    seen: dict[str, Any] = {key: int(draw.random() < share) for key, share in YES.items()}
    if not seen["told_wait"]:
        del seen["wait_true"]
    agreed = {key: draw.randint(3, 5) for key in ("listened", "fairly")}
    said = {"comment": draw.choice(SAID[language])} if draw.random() < 0.5 else {}  # noqa: PLR2004 - one in two
    return seen | agreed | said
