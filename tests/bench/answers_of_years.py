"""Answers of three years with who was asked for them, and what pages of figures over them take.

After each end a face with ticks, on paths and channels of their own; each quarter a wave with seven
statements. Twice as many people are asked as answer. Other programs fill an instance with `fill`; by itself:

    python tests/bench/answers_of_years.py [--answers 100000] [--times 8] [--keep FOLDER] [--rows] [--check]

"""

import argparse
import datetime as dt
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from flask import Flask
from sqlalchemy import delete, func, insert, select

from govdesk import chance, clock, schema
from govdesk.app import create_app
from govdesk.catalog.models import Branch, PublicService
from govdesk.config import Settings
from govdesk.db import db, snapshot, table_of, transaction
from govdesk.feedback.answers.models import Answer, Response
from govdesk.feedback.asking.models import Invitation
from govdesk.feedback.asking.rules import monday
from govdesk.kpi import checking
from govdesk.kpi.facts import building
from govdesk.kpi.facts import service as facts
from govdesk.kpi.facts.families import KEPT
from govdesk.kpi.facts.models import FactCell, FactState
from tests.answer_makers import make_questionnaire, make_wave
from tests.conftest import KEYS
from tests.makers import PASSWORD, make_branch, make_cast, make_service, make_staff

WEEKS, QUARTERS = 156, 12
AT_ONCE = 20_000
WEEK = dt.timedelta(days=7)
ONE_IN_WAVE = 7  # each seventh answer is of a wave
CHANNELS = ("desk", "online", "phone")
TICKS = ("effectiveness", "ease", "efficiency", "transparency", "humanity", "employee")
STATEMENTS = ("satisfied", "trust", "need_addressed", "easy", "reasonable_time", "fair", "helpful")
PAGES = ("", "/csat", "/response_rate", "/good_faces", "/driver_named")


def fill(number: int, branches: Sequence[Branch], services: Sequence[PublicService]) -> None:
    """Make so many answers of three years, all but this week's settled, and twice the invitations."""
    draw = chance.seeded(("answers", str(number)))
    first = monday(clock.now().date()) - (WEEKS - 1) * WEEK
    with transaction() as session:
        faces, statements = make_questionnaire(session, "after_service"), make_questionnaire(session)
        strata = [
            {"stratum": f"{one.code}/{channel}", "service_id": one.id, "channel": channel,
             "population": 100 * number // WEEKS // 10, "reachable": 90, "drawn": 30, "last": ""}
            for one in services for channel in CHANNELS
        ]  # fmt: skip
        waves = []
        for quarter in range(QUARTERS):
            waves.append(make_wave(session, statements, strata, number=quarter + 1))
            session.flush()
        versions = (faces.id, faces.questionnaire_id), (statements.id, statements.questionnaire_id)
        ids = [wave.id for wave in waves]
    rows = _responses(number, first, draw, [one.id for one in branches], services, ids)
    responses: list[dict[str, Any]] = []
    answers: list[dict[str, Any]] = []
    invitations: list[dict[str, Any]] = []
    for place, row in enumerate(rows):
        version, questionnaire = versions[row["wave_id"] is not None]
        row |= {"version_id": version, "questionnaire_id": questionnaire}
        responses.append({**row, "id": place * 7919 + 13})
        answers += _answers(place * 7919 + 13, is_of_wave=row["wave_id"] is not None, draw=draw)
        invitations += _invitations(row, place, draw)
        if len(responses) == AT_ONCE:
            _write(responses, answers, invitations)
    _write(responses, answers, invitations)


def _responses(
    number: int, first: dt.date, draw: Any, branches: Sequence[int], services: Sequence[PublicService],
    waves: Sequence[int],
) -> Iterator[dict[str, Any]]:  # fmt: skip
    for place in range(number):
        back = WEEKS * place // number
        service, channel = draw.choice(services), CHANNELS[place % 3]
        is_of_wave = place % ONE_IN_WAVE == 0
        yield {
            "source": "live", "week": first + back * WEEK, "is_settled": back < WEEKS - 1,
            "wave_id": waves[back * QUARTERS // WEEKS] if is_of_wave else None,
            "stratum": f"{service.code}/{channel}" if is_of_wave else None,
            "occasion": "wave" if is_of_wave else ("served", "served", "left", "noshow")[place % 4],
            "outcome": ("resolved", "unresolved", None)[place % 3], "mode": ("sms", "qr", "page")[place % 3],
            "branch_id": draw.choice(branches), "service_id": service.id, "channel": channel,
            "person_kind": ("citizen", "citizen", "resident", "visitor")[draw.randrange(4)],
            "priority": ("elderly", None)[draw.randrange(9) > 0], "language": ("ar", "en")[place % 5 == 0],
        }  # fmt: skip


def _answers(response_id: int, *, is_of_wave: bool, draw: Any) -> list[dict[str, Any]]:
    of = {"response_id": response_id, "series": 1}
    if is_of_wave:
        good = 1 + draw.randrange(5)
        return [
            {**of, "question": key, "choice": "", "number": max(1, good - draw.randrange(2))}
            for key in STATEMENTS
        ]
    ticks = draw.sample(TICKS, draw.randrange(3))
    return [
        {**of, "question": "overall", "choice": "", "number": 1 + draw.randrange(3)},
        *({**of, "question": "better", "choice": key, "number": None} for key in ticks),
    ]


def _invitations(row: dict[str, Any], place: int, draw: Any) -> Iterator[dict[str, Any]]:
    """Who answered, and somebody like them who did not."""
    told = {name: row[name] for name in row if name not in {"source", "is_settled", "mode"}}
    at = dt.datetime.combine(row["week"], dt.time(9), dt.UTC)
    for second, state in enumerate(("answered", draw.choice(("expired", "sent", "undeliverable", "spared")))):
        yield {
            **told, "token": f"t{place}-{second}", "state": state, "send_after": at,
            "closes_at": at + 2 * WEEK,
            "asked_on": None if state == "spared" else row["week"], "about": None, "draft": None,
            "answered_week": row["week"] if state == "answered" else None,
        }  # fmt: skip


def _write(*lists: list[dict[str, Any]]) -> None:
    with transaction() as session:
        for model, rows in zip((Response, Answer, Invitation), lists, strict=True):
            if rows:
                session.execute(insert(table_of(model)), rows)
            rows.clear()


def make_office(number: int) -> None:
    """An office with ten branches and twelve services whose people answer."""
    with transaction() as session:
        cast = make_cast(session)
        branches = [cast.north, *(make_branch(session, f"b{place}") for place in range(9))]
        services = [
            make_service(session, f"s{place}", department=cast.civil, branches=tuple(branches))
            for place in range(12)
        ]
        make_staff(session, "chief", role="head")
    fill(number, branches, services)


def rebuild() -> None:
    """Count the families of answers and invitations, as a rebuild does; of the others there is nothing."""
    question, days = facts.begin()
    weeks = [day for day in days if day == monday(day)]
    families = [family for family in KEPT.values() if family.is_weekly]
    for family in families:
        processor = time.process_time()
        for some in facts.parts(weeks):
            with snapshot() as session:
                cells = list(building.count(session, question, family, some))
            with transaction() as session:
                building.write(session, family, some, cells)
        facts.add_up([family])
        with snapshot() as session:
            size = session.scalar(
                select(func.sum(func.length(FactCell.data))).where(FactCell.family == family.name)
            )
        spent = time.process_time() - processor
        print(f"  {family.name:12} {spent:6.1f} s of processor, {(size or 0) / 1e6:.1f} MB", flush=True)
    facts.finish(question)


def pages(app: Flask, times: int) -> Iterator[tuple[str, float]]:
    """The median processor time of each page over three years, in milliseconds."""
    browser = app.test_client()
    token = browser.get("/staff/sign-in").text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    browser.post("/staff/sign-in", data={"csrf_token": token, "username": "chief", "password": PASSWORD})
    for page in PAGES:
        for address in (f"/figures{page}", f"/figures{page}?period=all"):
            worked = []
            for _ in range(times):
                processor = time.process_time()
                answer = browser.get(address)
                worked.append((time.process_time() - processor) * 1000)
                assert answer.status_code == 200, (address, answer.status_code)
            yield address, sorted(worked)[times // 2]


def main() -> None:
    """Measure each size."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--answers", default="100000,1000000")
    parser.add_argument("--times", type=int, default=8)
    parser.add_argument("--keep", help="a folder for the instances, which are used again")
    parser.add_argument("--rows", action="store_true", help="measure the pages from rows as well")
    parser.add_argument("--check", action="store_true", help="compare all cells with the rows")
    asked = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f}")
    for number in map(int, asked.answers.split(",")):
        folder = Path(asked.keep or tempfile.mkdtemp(prefix="govdesk-answers-")) / str(number)
        is_there = folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        url = f"sqlite:///{folder / 'govdesk.sqlite3'}"
        app = create_app(Settings(instance=folder, database_url=url, **KEYS))
        with app.app_context():
            schema.upgrade()
            if not is_there:
                began = time.perf_counter()
                make_office(number)
                print(f"{number:,} answers made in {time.perf_counter() - began:.0f} s", flush=True)
            processor = time.process_time()
            rebuild()
            print(f"{number:,}: rebuilt in {time.process_time() - processor:.0f} s of processor", flush=True)
            processor = time.process_time()
            facts.refresh()
            print(f"{number:,}: refreshed in {time.process_time() - processor:.2f} s", flush=True)
            if asked.check:
                with snapshot() as session:
                    print(f"{number:,}: other than the rows: {list(checking.differences(session))}")
        for address, worked in pages(app, asked.times):
            print(f"{number:,}: {address:40} {worked:7.0f} ms of processor", flush=True)
        with app.app_context(), transaction() as session:
            session.execute(delete(FactState))
        for address, worked in pages(app, 1) if asked.rows else ():
            print(f"{number:,}: {address:40} {worked:7.0f} ms of processor from rows", flush=True)
        with app.app_context():
            db.engine.dispose()


if __name__ == "__main__":
    main()
