"""Visits told, told anew, taken back, imported, linked, joined and split, rules changed: the classes hold."""

import contextlib
import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from govdesk import chance, clock
from govdesk.cases import service
from govdesk.cases.file_models import CaseAct, CaseDesk
from govdesk.cases.linking import merging
from govdesk.cases.linking import service as linking
from govdesk.cases.linking.models import LinkChange, PersonMerge
from govdesk.cases.models import Case, NextStep, Visit
from govdesk.cases.rebuild.service import reclassify_all
from govdesk.cases.records import RESULTS
from govdesk.catalog.models import Branch, PublicService
from govdesk.db import db, transaction
from govdesk.errors import DeskError
from govdesk.people.models import Person
from govdesk.queue.models import Ticket
from tests.flows.test_classes_do_not_depend_on_the_way_they_came import put, state
from tests.fuzz import IS_LONG
from tests.makers import Cast, make_person, make_service, make_ticket
from tests.tampering import unguarded

ACTS = 10_000 if IS_LONG else 150
PEOPLE = max(8, ACTS // 60)
LOOK_AFTER = 500 if IS_LONG else 75
START = dt.datetime(2026, 1, 4, 6, 0, tzinfo=dt.UTC)
ENDS = ("served", "served", "served", "turned_away", "abandoned", "noshow", "transferred", "closed_unserved")
REASONS = (None, None, None, "chase", "missing_document", "recall")
STATUSES = ("served", "served", "turned_away", "no_show", "cancelled", "abandoned")
OBJECTS = (None, None, "car-1", "car-2", "car-3")
ALLOWED: tuple[list[str], ...] = (["instalment"], ["instalment", "biometrics"], [])
WORDS = "It was found out later"


@dataclass
class Office:
    """An office in which anything may happen to its records, and the generator that says what."""

    cast: Cast
    draw: chance.Draw
    people: list[int]
    services: list[int]
    tickets: list[int] = field(default_factory=list)
    imported: int = 0

    def act(self, session: Session) -> None:
        """Do one thing."""
        acts = [self.tell] * 8 + [self.bring] * 6 + [self.tell_again] * 3 + [self.take_back, self.change_rule]
        acts += [self.link, self.unlink, self.say_object, self.join, self.split]
        with contextlib.suppress(DeskError):  # refused: nothing to mend there
            self.draw.choice(acts)(session)

    def tell(self, session: Session) -> None:
        """Hear of a ticket that ended, sometimes one passed on from another."""
        origin = self._ticket(session) if self.draw.random() < 0.2 else None
        begun = origin.ended_at if origin is not None and origin.ended_at is not None else self._moment()
        ticket = make_ticket(
            session,
            branch=self.draw.choice((self.cast.north, self.cast.harbour)),
            service=session.get_one(PublicService, self.draw.choice(self.services)),
            arrived_at=begun,
            transferred_from_id=origin and origin.id,
        )
        self.tickets.append(ticket.id)
        self._end(session, ticket)

    def tell_again(self, session: Session) -> None:
        """Hear of a ticket again after something else became known of it."""
        if (ticket := self._ticket(session)) is not None:
            self._end(session, ticket)

    def take_back(self, session: Session) -> None:
        """Hear that an end was none."""
        if (ticket := self._ticket(session)) is not None:
            ticket.state, ticket.ended_at = "serving", None
            session.flush()
            service.forget_missed(session, {"ticket_id": ticket.id})

    def bring(self, session: Session) -> None:
        """Import a row, or another content for one that is here."""
        is_known = self.imported and self.draw.random() < 0.3
        number = self.draw.randrange(self.imported) if is_known else self.imported
        self.imported = max(self.imported, number + 1)
        put(session, self._row(session, number))

    def change_rule(self, session: Session) -> None:
        """Give a service other parameters."""
        one = session.get_one(PublicService, self.draw.choice(self.services))
        policy = one.policies[0]
        policy.window_days = self.draw.choice((7, 30, 60))
        policy.cycle_days = self.draw.choice((None, None, 10, 30))
        policy.allowed_reasons = self.draw.choice(ALLOWED)
        session.flush()
        service.judge_again(session, {"service_id": one.id})

    def link(self, session: Session) -> None:
        """Say whose a visit was."""
        person = session.get_one(Person, self.draw.choice(self.people))
        linking.link(session, actor=self._sara, visit_id=self._visit(session), person=person, reason=WORDS)

    def unlink(self, session: Session) -> None:
        """Say that a visit was not theirs."""
        linking.unlink(session, actor=self._sara, visit_id=self._visit(session), reason=WORDS)

    def say_object(self, session: Session) -> None:
        """Say which object a visit was about."""
        about = self.draw.choice(OBJECTS) or ""
        linking.say_object(
            session, actor=self._sara, visit_id=self._visit(session), object_ref=about, reason=WORDS
        )

    def join(self, session: Session) -> None:
        """Find that two people are one."""
        kept, other = (session.get_one(Person, number) for number in self.draw.sample(self.people, 2))
        reem = self.cast.staff["reem"].actor
        branch = session.get_one(Branch, self.cast.north.id)
        merge = merging.propose(session, actor=reem, kept=kept, other=other, branch=branch, reason=WORDS)
        merging.confirm(session, actor=self._sara, merge_id=merge.id)

    def split(self, session: Session) -> None:
        """Find that they were two after all."""
        joined = session.scalars(select(PersonMerge.id).where(PersonMerge.state == "confirmed")).all()
        if joined:
            merging.undo(session, actor=self._sara, merge_id=self.draw.choice(joined), reason=WORDS)

    @property
    def _sara(self) -> Any:
        return self.cast.staff["sara"].actor

    def _ticket(self, session: Session) -> Ticket | None:
        return session.get_one(Ticket, self.draw.choice(self.tickets)) if self.tickets else None

    def _visit(self, session: Session) -> int:
        known = session.scalars(select(Visit.id).order_by(Visit.id)).all()
        return self.draw.choice(known) if known else 0

    def _moment(self) -> dt.datetime:
        return START + dt.timedelta(minutes=5 * self.draw.randrange(12 * 24 * 120))

    def _end(self, session: Session, ticket: Ticket) -> None:
        draw = self.draw
        ticket.state = draw.choice(ENDS)
        ticket.person_id = draw.choice((*self.people[:8], *self.people, None))
        ticket.object_ref, ticket.return_reason = draw.choice(OBJECTS), draw.choice(REASONS)
        ticket.started_at = ticket.arrived_at if ticket.state != "noshow" else None
        ticket.ended_at = ticket.arrived_at + dt.timedelta(minutes=draw.randrange(90))
        ticket.outcome = draw.choice(("resolved", "unresolved", "planned_next_step"))
        is_planned = ticket.outcome == "planned_next_step"
        ticket.plan_due = (
            (ticket.ended_at + dt.timedelta(days=draw.randrange(30))).date() if is_planned else None
        )
        ticket.plan_reason = "instalment" if is_planned else None
        ticket.cause = draw.choice((None, "papers"))
        session.flush()
        service.record_ticket(session, {"ticket_id": ticket.id})

    def _row(self, session: Session, number: int) -> dict[str, Any]:
        draw, started = self.draw, self._moment()
        ended = started + dt.timedelta(minutes=draw.randrange(-10, 90))
        one = session.get_one(PublicService, draw.choice(self.services))
        is_planned = draw.random() < 0.2
        return {
            "source": "import", "visit_no": str(number), "person_id": draw.choice((*self.people, None)),
            "service_id": one.id, "branch_id": draw.choice((self.cast.north, self.cast.harbour)).id,
            "family": one.family, "object_ref": draw.choice(OBJECTS), "unit": f"unit {draw.randrange(3)}",
            "case_no": draw.choice((None, None, "17", "18")), "status": draw.choice(STATUSES),
            "direction": draw.choice(("inbound",) * 5 + ("outbound",)), "reason": draw.choice(REASONS),
            "outcome": draw.choice(("resolved", "unresolved")), "cause": None,
            "started_at": started, "ended_at": ended,
            "started_on": clock.local_day(started, "Asia/Riyadh"),
            "ended_on": clock.local_day(ended, "Asia/Riyadh"),
            "transfer_of": str(draw.randrange(self.imported)) if draw.random() < 0.15 else None,
            "plan_made_at": started - dt.timedelta(days=10) if is_planned else None,
            "plan_due": (started - dt.timedelta(days=1)).date() if is_planned else None,
            "plan_reason": "instalment" if is_planned else None, "class_name": "",
            "withdrawn_on": started.date() + dt.timedelta(days=9) if draw.random() < 0.1 else None,
        }  # fmt: skip


def look(session: Session) -> None:
    """Recompute with what is there, and from nothing: to the last field the same."""
    session.flush()
    kept = state(session)
    assert reclassify_all(session) == 0
    assert state(session) == kept
    session.execute(update(Visit).values(case_id=None))
    session.execute(update(Case).values(opened_at=START, resolved_at=None, reopened_at=START))
    wrong = dict.fromkeys(RESULTS) | {"class_name": "wrong", "is_excluded": True}
    session.execute(update(Visit).values(wrong))
    session.expunge_all()
    assert reclassify_all(session) == len(kept[0])
    assert state(session) == kept


@pytest.mark.hypothesis
def test_ten_thousand_acts_leave_every_class_right(cast: Cast) -> None:
    with transaction() as session:
        people = [
            make_person(session, certainty="certain" if number % 3 else "probable").id
            for number in range(PEOPLE)
        ]
        made = [
            make_service(session, code, department=cast.civil, branches=(cast.north,), family=family)
            for code, family in (("plates", "car"), ("sale", "car"), ("aid", "aid"))
        ]
        services = [one.id for one in made]

    @settings(
        max_examples=2,
        phases=[Phase.explicit, Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.integers(0, 2**32))
    def hold(seed: int) -> None:
        office = Office(cast, chance.seeded(seed), people, services)
        with transaction() as session, unguarded(session):
            for table in (LinkChange, PersonMerge, NextStep, Visit, CaseAct, CaseDesk, Case):
                session.execute(delete(table))
            session.execute(update(Person).values(same_as_id=None))
        for _ in range(ACTS // LOOK_AFTER):
            with transaction() as session:
                for _ in range(LOOK_AFTER):
                    office.act(session)
                look(session)

    hold()
    db.session.rollback()
