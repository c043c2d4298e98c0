"""A wave for 100,000 people: how long is it prepared, and is anybody lost or doubled by kill -9?

People with one or two ends in a month, some of them asked before, stopped or without an address, all drawn.
First it is prepared undisturbed. Then a second wave, of a programme of its own, is prepared by processes that
are killed with -9 in the midst of it, when chance says (--seed), and begun anew each time; the
last one ends it. Fails when anybody of the sample has no invitation or more than one, when what was counted
is not what is there, or when the first preparation takes longer than 60 s. With
GOVDESK_TEST_DATABASE=postgresql the same over a PostgreSQL that flushes each commit.

    python tests/bench/bench_wave.py [--people 100000] [--kills 5] [--seed 1]
"""

import argparse
import datetime as dt
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from flask import Flask
from sqlalchemy import func, insert, select

from govdesk import chance, clock, schema
from govdesk.actor import SYSTEM
from govdesk.app import create_app
from govdesk.cases.models import Visit
from govdesk.config import Settings
from govdesk.db import db, reading, table_of, transaction
from govdesk.feedback.asking import programmes, waves
from govdesk.feedback.asking.models import Invitation, Programme, Wave
from govdesk.feedback.asking.programmes import Terms
from govdesk.feedback.forms.models import Questionnaire
from govdesk.notify.kinds import QUESTIONS
from govdesk.notify.models import OptOut
from govdesk.people.models import Person, PersonContact
from tests import databases
from tests.conftest import KEYS
from tests.makers import make_cast, make_questionnaire, moment

MOST = 60.0  # seconds
AT_ONCE = 5_000
FIRST = dt.date(2026, 10, 1)
CHANNELS = ("kiosk", "reception", "appointment", "online")
ENDS = ("served",) * 7 + ("turned_away", "no_show", "abandoned")
ALL = Terms(
    every="month", calendar="gregorian", starts_on=dt.date(2026, 9, 1), half_width=0.005, expected_rate=0.05,
    panels=1,
)  # fmt: skip
PREPARE = """
import sys
from datetime import datetime
from pathlib import Path
sys.path.insert(0, {root!r})
from govdesk import clock
from govdesk.app import create_app
from govdesk.config import Settings
from govdesk.feedback.asking import waves
from tests.conftest import KEYS
app = create_app(Settings(instance=Path(sys.argv[1]), database_url=sys.argv[2], **KEYS))
with app.app_context(), clock.at(datetime.fromisoformat({at!r})):
    print("begins", flush=True)
    print(waves.run_waves())
"""


def fill(app: Flask, people: int) -> None:
    """People, their contacts, their visits of September, and what some were asked before."""
    with app.app_context(), clock.at(moment("09:00", dt.date(2026, 9, 1))):
        schema.upgrade()
        with transaction() as session:
            cast = make_cast(session)
            version_id, questionnaire_id = _questions(session)
            services = [(one.id, one.family) for one in (cast.renewal, cast.passport, cast.deed)]
            branch_id = cast.north.id
        with reading() as session:
            first = (session.scalar(select(func.max(Person.id))) or 0) + 1
        draw = chance.seeded("people")
        for start in range(0, people, AT_ONCE):
            rows: dict[type, list[dict[str, Any]]] = {
                Person: [], PersonContact: [], Visit: [], OptOut: [], Invitation: [],
            }  # fmt: skip
            for number in range(start, min(start + AT_ONCE, people)):
                _somebody(rows, draw, first + number, services, branch_id, (version_id, questionnaire_id))
            with transaction() as session:
                for model, some in rows.items():
                    session.execute(insert(table_of(model)), some)
        with transaction() as session:
            if databases.KIND == "postgresql":  # the numbers were given, not drawn
                session.execute(select(func.setval("person_id_seq", first + people)))
            for name in ("First", "Second"):
                programmes.create(
                    session, actor=SYSTEM, questionnaire=make_questionnaire(session, "periodic"),
                    name_ar=name, name_en=name, department=None, terms=ALL,
                )  # fmt: skip


def _questions(session: Any) -> tuple[int, int]:
    made: Questionnaire = make_questionnaire(session)
    return made.versions[0].id, made.id


def _somebody(
    rows: dict[type, list[dict[str, Any]]], draw: chance.Draw, person_id: int,
    services: list[tuple[int, str]], branch_id: int, asked: tuple[int, int],
) -> None:  # fmt: skip
    """One person: of 100 three cannot be reached, two have stopped, twenty were asked before."""
    kind = draw.choice(("citizen", "citizen", "resident", "visitor"))
    now = clock.now()
    rows[Person].append(
        {"id": person_id, "pseudonym": f"p{person_id}", "kind": kind, "certainty": "certain",
         "language": draw.choice(("ar", "ar", "en")), "created_at": now}
    )  # fmt: skip
    if draw.random() > 0.03:
        contact = {"person_id": person_id, "name": None, "phone": f"+9665{person_id:08}", "email": None}
        rows[PersonContact].append({**contact, "identity_hint": None, "changed_at": now})
    if draw.random() < 0.02:
        rows[OptOut].append({"person_id": person_id, "what": QUESTIONS, "since": now})
    for again in range(draw.choice((1, 1, 2))):
        service_id, family = draw.choice(services)
        began = moment("09:00", dt.date(2026, 9, 1 + draw.randrange(30))) + dt.timedelta(
            minutes=draw.randrange(360)
        )
        rows[Visit].append(
            {"source": "live", "visit_no": f"{person_id}-{again}", "person_id": person_id,
             "service_id": service_id, "branch_id": branch_id, "family": family, "unit": "north",
             "channel": draw.choice(CHANNELS), "status": draw.choice(ENDS), "direction": "inbound",
             "outcome": "resolved", "class_name": "index", "started_at": began, "ended_at": began,
             "started_on": began.date(), "ended_on": began.date(), "by_hand": [], "is_set_aside": False,
             "is_excluded": False}
        )  # fmt: skip
    if draw.random() < 0.2:
        day = dt.date(2026, 2, 1) + dt.timedelta(days=draw.randrange(200))
        rows[Invitation].append(
            {"token": f"before-{person_id}", "version_id": asked[0], "questionnaire_id": asked[1],
             "person_id": person_id, "occasion": "served", "week": day, "language": "ar", "state": "expired",
             "send_after": now, "asked_on": day, "closes_at": now}
        )  # fmt: skip


def undisturbed(app: Flask) -> float:
    """Prepare the first wave; how many seconds it took."""
    with app.app_context(), clock.at(moment("06:00", FIRST)):
        run_only(0)
        began = time.perf_counter()
        print(waves.run_waves())
        took = time.perf_counter() - began
        run_only(1)
    return took


def run_only(place: int) -> None:
    """Let one of the two programmes run, and the other not."""
    with transaction() as session:
        for number, programme in enumerate(session.scalars(select(Programme).order_by(Programme.id)).all()):
            act = programmes.resume if number == place else programmes.stop
            act(session, actor=SYSTEM, programme=programme)


def disturbed(app: Flask, settings: Settings, kills: int, seed: int, people: int) -> int:
    """Prepare the second wave with kills in the midst of it; how many there were before it was done.

    Each comes when chance's number of people more has been written, and whatever is being written then.
    """
    script = PREPARE.format(root=str(ROOT), at=moment("06:00", FIRST).isoformat())
    command = [sys.executable, "-c", script, str(settings.instance), settings.database_url]
    draw, done = chance.seeded(seed), 0
    for _ in range(kills):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert process.stdout is not None
        assert process.stdout.readline() == "begins\n"
        wanted = written(app) + draw.uniform(0, 0.9 / kills) * people
        while process.poll() is None and written(app) < wanted:
            time.sleep(draw.uniform(0, 0.01))
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            done += 1
        process.wait()
        print(f"killed: {written(app):,} are there")
    print(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT).stdout.strip())
    return done


def written(app: Flask) -> int:
    """How many invitations of the wave that is being prepared are there."""
    with app.app_context(), reading() as session:
        there = select(func.count()).select_from(Invitation).join(Wave, Wave.id == Invitation.wave_id)
        count = session.scalar(there.where(Wave.state == "preparing")) or 0
        session.rollback()
    return count


def wrong(app: Flask, people: int) -> list[str]:
    """What does not hold: everybody once in each wave, and counted so."""
    found = []
    with app.app_context():
        session = reading()
        for wave in session.scalars(select(Wave).order_by(Wave.id)):
            theirs = session.execute(
                select(Invitation.person_id, Invitation.state).where(Invitation.wave_id == wave.id)
            ).all()
            states = Counter(state for _person, state in theirs)
            print(f"wave {wave.id}: {wave.state}, population {wave.population:,}, {dict(states)}")
            once = len({person for person, _state in theirs})
            if wave.state != "open" or not once == len(theirs) == wave.drawn == people == wave.population:
                found.append(f"wave {wave.id}: {once} people, {len(theirs)} invitations, {wave.drawn} drawn")
            if wave.spared != states["spared"]:
                found.append(f"wave {wave.id}: {wave.spared} spared are {states['spared']}")
        session.rollback()
    return found


def main() -> int:
    """Fill, prepare, kill, look."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    server = databases.PostgresServer(is_durable=True) if databases.KIND == "postgresql" else None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = server.start() % "postgres" if server else f"sqlite:///{folder / 'desk.sqlite3'}"
        settings = Settings(instance=folder, database_url=url, **KEYS)
        app = create_app(settings)
        try:
            began = time.perf_counter()
            fill(app, wanted.people)
            print(f"{wanted.people:,} people made in {time.perf_counter() - began:.0f} s")
            took = undisturbed(app)
            print(f"{databases.KIND}: prepared in {took:.1f} s, {wanted.people / took:,.0f} people a second")
            print(f"killed {disturbed(app, settings, wanted.kills, wanted.seed, wanted.people)} times")
            problems = wrong(app, wanted.people)
        finally:
            with app.app_context():
                db.session.remove()
                db.engine.dispose()
            if server:
                server.stop()
    if took > MOST:
        problems.append(f"it took longer than {MOST:.0f} s")
    for line in problems:
        print("WRONG:", line, file=sys.stderr)
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
