"""Three years of an office with eleven branches and twelve services, written at once as plain rows.

Each visit may fail and bring its person back within days; each second one opens a case. Of a hundred visits
eight are asked about and two of these people answer, ten have an appointment (brought by an import), two are
spared by the guide instead, and three of a thousand become complaints.
"""

import datetime as dt
import math
import time
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from flask import Flask
from sqlalchemy import Column, Connection, insert, text

from govdesk import chance, clock, schema
from govdesk.booking.past_models import PastAppointment
from govdesk.cases.models import Case, Visit
from govdesk.catalog.scenario_models import AvoidedVisit, Scenario, ScenarioPaper
from govdesk.db import Base, connection_of, table_of, transaction
from govdesk.feedback.answers.models import Answer, Response
from govdesk.feedback.asking.models import Invitation
from govdesk.feedback.complaints.models import Complaint, ComplaintRound
from govdesk.people.models import Person
from tests.answer_makers import make_questionnaire
from tests.makers import make_branch, make_cast, make_service, make_staff

DAYS = 3 * 365
AT_ONCE = 50_000  # visits
LAG = 2  # days, and the window of every service:
WINDOW = 30
BEGIN, HOURS = 5 * 3600, 8 * 3600  # in seconds of UTC
CAUSES = ("missing_document", "wrong_information", "system_down", "not_ready", "chase")
CHANNELS = ("walk_in", "web", "phone")
ENDS = ("fulfilled", "fulfilled", "noshow", "fulfilled", "cancelled", "fulfilled", "fulfilled")
FACES = (1, 2, 3, 4, 5)
FIRST_PERSON = 100

Rows = dict[type[Base], list[dict[str, Any]]]


class Office:
    """Draws its visits, and what follows from them."""

    def __init__(self, number: int, places: list[tuple[int, str]], services: list[Any], asked: Any) -> None:
        self.number = number
        self.places = places
        self.services = services
        self.asked = asked
        self.now = clock.now().replace(tzinfo=None)
        self.today = self.now.date()
        self.days = [self.today + dt.timedelta(days=day - DAYS) for day in range(DAYS + 60)]
        self.midnights = [dt.datetime.combine(day, dt.time()) for day in self.days]
        self.draw = chance.seeded(("facts", str(number)))

    def at(self, day: int, second: int) -> str:
        """A moment as the database keeps it."""
        return f"{self.midnights[day] + dt.timedelta(seconds=second)}.000000"

    def rows(self) -> Iterator[Rows]:
        """Give what happened, some of it at a time."""
        some: Rows = defaultdict(list)
        made = 0
        while made < self.number:
            made += self.visit(some, made + 1)
            if len(some[Visit]) >= AT_ONCE:
                yield some
                some = defaultdict(list)
        yield some

    def visit(self, some: Rows, number: int) -> int:
        """Draw a visit, and the one that its person had to make again; how many they are."""
        draw = self.draw.random
        day = DAYS * (number - 1) // self.number
        branch_id, code = self.places[int(draw() * len(self.places))]
        service = self.services[int(draw() * len(self.services))]
        begin = BEGIN + int(draw() * HOURS)
        called = begin + int(-math.log(1 - draw()) * 700)
        ended = called + 60 + int(-math.log(1 - draw()) * 480)
        kind = draw()
        is_linked, has_left = kind <= 0.97, 0.9 < kind <= 0.97
        has_reason = number % 4 > 0
        person = FIRST_PERSON + int(draw() * max(self.number * 3 // 10, 10)) if is_linked else None
        one = {
            "id": number, "source": "live", "visit_no": str(number), "person_id": person,
            "linked_by": "identity", "by_hand": "[]", "service_id": service[0], "branch_id": branch_id,
            "family": service[1], "unit": f"{code}/{number % 3}", "channel": CHANNELS[number % 3],
            "status": "abandoned" if has_left else "served", "direction": "inbound", "reason": None,
            "outcome": "left" if has_left else "unresolved" if kind < 0.22 else "resolved",
            "arrived_at": self.at(day, begin), "called_at": None if has_left else self.at(day, called),
            "started_at": self.at(day, begin), "served_at": None if has_left else self.at(day, called),
            "ended_at": self.at(day, ended), "started_on": str(self.days[day]),
            "ended_on": str(self.days[day]), "priority": None if number % 9 else "elderly",
            "language": ("ar", "en")[number % 5 == 0], "is_set_aside": 0, "quoted_high": 5.0 + number % 40,
            "scenario_id": service[2 + number % 2] if has_reason else None,
            "missing_papers": int(number % 7 == 0) if has_reason and number % 2 else None,
            "class_name": "unlinked" if not is_linked else "abandoned" if has_left else "index_new",
            "charged_visit_id": None, "gap_days": None, "repeat_visit_id": None, "is_excluded": 0,
            "mature_on": None, "return_cause": None,
        }  # fmt: skip
        some[Visit].append(one)
        self.beside(some, one, day, ended)
        if not is_linked or has_left:
            return 1
        one["mature_on"] = str(self.days[day] + dt.timedelta(days=WINDOW + LAG))
        gap = 1 + int(draw() * 29)
        if kind >= 0.15 or number == self.number or day + gap >= DAYS:
            return 1
        one["repeat_visit_id"] = number + 1
        cause = CAUSES[number % len(CAUSES)]
        moments = {
            name: self.at(day + gap, second)
            for name, second in (
                ("arrived_at", begin), ("called_at", called), ("started_at", begin), ("served_at", called),
                ("ended_at", ended),
            )
        }  # fmt: skip
        on = str(self.days[day + gap])
        again = {
            **one, **moments, "id": number + 1, "visit_no": str(number + 1), "started_on": on, "ended_on": on,
            "class_name": "repeat", "mature_on": None, "repeat_visit_id": None, "charged_visit_id": number,
            "gap_days": gap, "return_cause": cause, "reason": cause,
        }  # fmt: skip
        some[Visit].append(again)
        self.beside(some, again, day + gap, ended)
        return 2

    def beside(self, some: Rows, visit: dict[str, Any], day: int, ended: int) -> None:
        """Add what a visit leads to."""
        number = visit["id"]
        if number % 2:
            some[Case].append(self.case(visit, day, ended))
        at = {"branch_id": visit["branch_id"], "service_id": visit["service_id"]}
        if number % 100 < 8:
            self.asks(some, visit, at, day)
        if number % 10 == 3:
            some[PastAppointment].append(
                {
                    **at, "source": "booked elsewhere", "appointment_no": str(number),
                    "person_id": visit["person_id"], "starts_at": visit["started_at"],
                    "ends_at": visit["ended_at"], "channel": visit["channel"], "language": visit["language"],
                    "status": ENDS[number // 10 % len(ENDS)],
                    "is_set_aside": 0,
                }
            )  # fmt: skip
        if number % 50 == 7 and visit["scenario_id"]:
            some[AvoidedVisit].append(
                {
                    "noted_at": visit["started_at"], "day": visit["started_on"], "kind": "online",
                    "service_id": visit["service_id"], "scenario_id": visit["scenario_id"],
                }
            )  # fmt: skip
        if number % 333 == 5:
            self.complains(some, visit, at, day, ended)

    def case(self, visit: dict[str, Any], day: int, ended: int) -> dict[str, Any]:
        """A need that took from minutes to months; some are open."""
        seconds = int(-math.log(1 - self.draw.random()) * 12 * 86400)
        done = self.midnights[day] + dt.timedelta(seconds=ended + seconds)
        resolved = f"{done}.000000" if done < self.now else None
        return {
            "source": "live", "case_no": visit["visit_no"], "person_id": visit["person_id"],
            "service_id": visit["service_id"], "branch_id": visit["branch_id"], "family": visit["family"],
            "unit": visit["unit"], "channel": visit["channel"], "opened_at": visit["started_at"],
            "due_at": self.at(day, ended + 20 * 86400), "resolved_at": resolved,
            "first_resolved_at": resolved, "first_response_at": visit["called_at"], "is_set_aside": 0,
        }  # fmt: skip

    def asks(self, some: Rows, visit: dict[str, Any], at: dict[str, Any], day: int) -> None:
        """Ask about a visit; one of four answers, each statement alike."""
        number, on = visit["id"], self.days[day]
        week = str(on - dt.timedelta(days=on.weekday()))
        has_answered = number % 100 < 2
        questionnaire_id, version_id, questions = self.asked
        told = {
            **at, "questionnaire_id": questionnaire_id, "version_id": version_id, "occasion": "served",
            "week": week, "mode": "sms", "channel": visit["channel"], "outcome": visit["outcome"],
            "person_kind": ("citizen", "resident")[number % 4 == 0], "priority": visit["priority"],
            "language": visit["language"],
        }  # fmt: skip
        some[Invitation].append(
            {
                **told, "token": str(number), "state": "answered" if has_answered else "expired",
                "send_after": visit["ended_at"], "closes_at": self.at(day, 14 * 86400),
                "asked_on": visit["ended_on"], "answered_week": week if has_answered else None,
            }
        )  # fmt: skip
        if has_answered:
            some[Response].append({**told, "id": number, "source": "live", "is_settled": 1})
            some[Answer] += [
                {
                    "response_id": number, "question": key, "choice": "", "series": 1,
                    "number": FACES[(number // 100 + place) % 5],
                }
                for place, key in enumerate(questions)
            ]  # fmt: skip

    def complains(self, some: Rows, visit: dict[str, Any], at: dict[str, Any], day: int, ended: int) -> None:
        """Complain about a visit, and be answered within days."""
        number = visit["id"]
        some[Complaint].append(
            {
                **at, "id": number, "number": str(number), "token": str(number), "channel": "web",
                "is_place_known": 1, "about": ("wait", "staff", "decision")[number % 3], "words": "",
                "wished": "", "language": "ar", "person_id": visit["person_id"], "taken_by": "person",
                "state": "answered", "level": 1, "received_at": visit["ended_at"],
            }
        )  # fmt: skip
        some[ComplaintRound].append(
            {
                "complaint_id": number, "level": 1, "begun_at": visit["ended_at"], "acknowledge_rung": 0,
                "answer_rung": 0, "acknowledge_due_at": self.at(day, ended + 86400),
                "answer_due_at": self.at(day, ended + 10 * 86400), "verdict": "justified", "findings": "",
                "answer": "", "answered_at": self.at(day, ended + number % 13 * 86400),
            }
        )  # fmt: skip


def fill(app: Flask, number: int) -> None:
    """Make the past of an office. The marks of what has changed are left out: a rebuild follows."""
    began = time.perf_counter()
    with app.app_context():
        schema.upgrade()
        with transaction() as session:
            office = _office(session, number)
        _people(number)
        with transaction() as session:
            triggers = session.execute(
                text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%counted'")
            ).all()
            session.execute(text("PRAGMA cache_size = -600000"))
            for name, _sql in triggers:
                session.execute(text(f"DROP TRIGGER {name}"))
        for some in office.rows():
            with transaction() as session:
                _write(connection_of(session), some)
        with transaction() as session:
            for _name, sql in triggers:
                connection_of(session).exec_driver_sql(sql)
    print(f"{number:,} visits made in {time.perf_counter() - began:.0f} s", flush=True)


def _office(session: Any, number: int) -> Office:
    cast = make_cast(session)
    branches = [cast.north, *(make_branch(session, f"b{place}") for place in range(10))]
    services = []
    for place in range(12):
        service = make_service(session, f"s{place}", department=cast.civil, branches=tuple(branches))
        reasons = [
            Scenario(service_id=service.id, code=code, position=at, name_ar=code, name_en=code, action="come")
            for at, code in enumerate(("new", "lost"))
        ]
        session.add_all(reasons)
        session.flush()
        session.add(
            ScenarioPaper(scenario_id=reasons[1].id, code="form", position=0, name_ar="نموذج", name_en="Form")
        )
        services.append((service.id, service.family, *(reason.id for reason in reasons)))
    make_staff(session, "chief", role="head")
    version = make_questionnaire(session)
    questions = [
        one["key"]
        for section in version.content["sections"]
        for one in section["questions"]
        if one["kind"] == "agreement"
    ]
    asked = version.questionnaire_id, version.id, questions
    return Office(number, [(branch.id, branch.code) for branch in branches], services, asked)


def _people(number: int) -> None:
    people = range(FIRST_PERSON, FIRST_PERSON + max(number * 3 // 10, 10))
    now = f"{clock.now().replace(tzinfo=None)}"
    for begin in range(0, len(people), AT_ONCE):
        some = [
            {
                "id": one, "pseudonym": f"p{one}", "kind": ("citizen", "resident")[one % 4 == 0],
                "certainty": "certain", "language": "ar", "created_at": now,
            }
            for one in people[begin : begin + AT_ONCE]
        ]  # fmt: skip
        with transaction() as session:
            _write(connection_of(session), {Person: some})


def _write(connection: Connection, some: Rows) -> None:
    """Write rows past everything but the driver; what they do not name is as by default."""
    for model, rows in some.items():
        if rows:
            table = table_of(model)
            told = insert(table).compile(dialect=connection.dialect, column_keys=list(rows[0]))
            order = told.positiontup or list(rows[0])
            usual = {name: _usual(table.c[name]) for name in order if name not in rows[0]}
            written = ({**usual, **row} for row in rows) if usual else rows
            connection.exec_driver_sql(str(told), [tuple(row[name] for name in order) for row in written])


def _usual(column: Column[Any]) -> Any:
    """What a column holds where nobody says anything else."""
    assert column.default is not None, column
    return getattr(column.default, "arg", None)
