"""Who is known twice in the demo city, who acts for whom, whose skill ends, what a unit agreed to learn."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.actor import SYSTEM
from govdesk.cases.coaching import listing
from govdesk.cases.coaching import service as coaching
from govdesk.cases.linking import merging
from govdesk.cases.models import Visit
from govdesk.catalog.models import Branch, PublicService
from govdesk.catalog.service import offered
from govdesk.demo import people
from govdesk.people import relations
from govdesk.people import service as known_people
from govdesk.people.models import Person, PersonContact, Staff
from govdesk.queue import service as queue
from govdesk.queue import skills

BRANCH = "rawdah"
LATELY = dt.timedelta(days=12)
ACTS = (("relative", ""), ("guardian", "صك ولاية ٤٤١٧"), ("agent", "وكالة ٢٠٢٦٠٧"), ("relative", ""))
TRAINED = (("omar", -3), ("huda", 12), ("faisal", 25))  # days from now to the last day of one skill
FIRST_PHONE = 77_000_000
_OTHERWISE = str.maketrans("ةأإى", "هااي")  # how the same name is spelled at another desk


def make(session: Session) -> None:
    """All of it, at the present moment of the city; nothing where the branch is another."""
    branch = session.scalars(select(Branch).where(Branch.code == BRANCH)).one_or_none()
    staff = {one.username: one for one in session.scalars(select(Staff))}
    if branch is None or not {"reception", "supervisor"} <= staff.keys():
        return
    lately = _lately(session, branch)
    _known_twice(session, branch, staff["reception"], lately[:3])
    _act_for_others(session, branch, lately[3:])
    _train(session, branch, staff)
    _learn(session, staff["supervisor"])


def _lately(session: Session, branch: Branch) -> list[Person]:
    """Who was here in the last days and showed a number, in the order in which they came to be known."""
    since = clock.local_day(clock.now() - LATELY, branch.timezone)
    here = select(Visit.person_id).where(Visit.branch_id == branch.id, Visit.started_on >= since)
    query = select(Person).where(Person.id.in_(here), Person.certainty == "certain")
    return list(session.scalars(query.order_by(Person.id).limit(20)))


def _known_twice(session: Session, branch: Branch, clerk: Staff, certain: list[Person]) -> None:
    """Some came before by telephone only, their names spelled otherwise; about the first it is proposed."""
    for number, person in enumerate(certain):
        invented = f"{people.GIVEN[number * 3 + 1]} {people.FAMILY[number]}"
        name, phone = _note(session, person, invented, people.phone(FIRST_PHONE + number))
        spelled = name.translate(_OTHERWISE)
        other = known_people.identify_contact(session, actor=SYSTEM, phone=phone, name=spelled)
        _note(session, other, spelled, phone)
        service = offered(session, branch)[0]
        queue.issue(session, actor=SYSTEM, branch=branch, service=service, person=other)
        if number == 0:
            merging.propose(
                session,
                actor=clerk.actor,
                kept=person,
                other=other,
                branch=branch,
                reason="الهاتف نفسه، والاسم نفسه بإملاء آخر",
            )


def _act_for_others(session: Session, branch: Branch, known: list[Person]) -> None:
    """Pairs of whom one acts for the other; the last of them waits in the hall, for the other."""
    today = clock.local_day(clock.now(), branch.timezone)
    pairs = list(zip(known[::2], known[1::2], strict=False))[: len(ACTS)]
    for number, ((agent, beneficiary), (kind, proof)) in enumerate(zip(pairs, ACTS, strict=False)):
        for place, person in enumerate((agent, beneficiary)):
            name = f"{people.GIVEN[(number * 2 + place + 5) % len(people.GIVEN)]} {people.FAMILY[number]}"
            _note(session, person, name, people.phone(FIRST_PHONE + 100 + number))
        relations.record(
            session, actor=SYSTEM, agent=agent, beneficiary=beneficiary, kind=kind, proof=proof,
            on=today - dt.timedelta(days=30), until=today + dt.timedelta(days=335) if proof else None,
        )  # fmt: skip
    if pairs:
        agent, beneficiary = pairs[-1]
        service = offered(session, branch)[-1]
        queue.issue(session, actor=SYSTEM, branch=branch, service=service, person=beneficiary, visitor=agent)


def _train(session: Session, branch: Branch, staff: dict[str, Staff]) -> None:
    """Each of some officers has all skills of the branch, of which one ends soon or has just ended."""
    services = offered(session, branch)
    today = clock.local_day(clock.now(), branch.timezone)
    for number, (username, days) in enumerate(TRAINED):
        if username not in staff:
            continue
        until: dict[int, dt.date | None] = dict.fromkeys(service.id for service in services)
        until[services[number % len(services)].id] = today + dt.timedelta(days=days)
        with clock.at(clock.now() - dt.timedelta(days=60)):
            skills.grant(
                session,
                actor=staff["supervisor"].actor,
                staff=staff[username],
                branch=branch,
                services=until,
                languages=(),
            )
    skills.end_due(session)


def _learn(session: Session, leader: Staff) -> None:
    """The unit works already on the cause that meets most people."""
    lines = listing.learning(session, leader.actor).lines
    if lines:
        first = lines[0]
        coaching.agree(
            session,
            actor=leader.actor,
            branch=first.branch,
            cause=first.cause,
            service=first.service,
            scenario_id=first.scenario.id if first.scenario else None,
            words="عشر دقائق صباح الأحد على قائمة الأوراق الجديدة، ونسخة منها عند كل نافذة",
            due_on=clock.local_day(clock.now(), first.branch.timezone) + dt.timedelta(days=5),
        )


def _note(session: Session, person: Person, name: str, phone: str) -> tuple[str, str]:
    """Give a person a name and a phone, unless they have them; which these are."""
    known = session.get(PersonContact, person.id)
    if known is None or not (known.name and known.phone):
        known = known_people.note_contact(session, actor=SYSTEM, person=person, name=name, phone=phone)
    return known.name or name, known.phone or phone


def thing(service: PublicService, number: int) -> str | None:
    """What a resident's matter is about, where the service asks: the plate of a vehicle."""
    letters = "ابحدرسصطعقكلمنهوي"
    if service.object_kind != "vehicle":
        return None
    chosen = " ".join(letters[(number * step) % len(letters)] for step in (3, 5, 11))
    return f"{chosen} {1000 + number * 7 % 9000}"
