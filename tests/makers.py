"""Makers of rows, and the small named city in which the tests play."""

import datetime as dt
import functools
import itertools
from dataclasses import dataclass, field
from typing import Any, TypeVar

from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from govdesk import chance, clock
from govdesk.actor import SYSTEM
from govdesk.booking.models import Appointment, Slot, SlotSchedule
from govdesk.catalog.models import (
    Agency,
    Branch,
    BranchHours,
    BranchService,
    Cause,
    Counter,
    Department,
    PublicService,
    RepeatPolicy,
)
from govdesk.config import settings
from govdesk.feedback.forms import service as questionnaires
from govdesk.feedback.forms.models import Questionnaire
from govdesk.feedback.forms.presets import presets
from govdesk.feedback.forms.rules import Form
from govdesk.people import identity
from govdesk.people.models import Person, PersonContact, Staff, StaffRole
from govdesk.queue.models import CounterSession, Ticket

RIYADH = dt.timezone(dt.timedelta(hours=3))
SUNDAY = dt.date(2026, 10, 4)  # a working day of the city, the day on which the cast lives
MORNING = dt.datetime(2026, 10, 4, 9, 0, tzinfo=RIYADH)
PASSWORD = "a long enough sentence"
ALLOWED_REASONS = ["biometrics", "collect_document", "instalment", "legal_second_step"]
WORKING_DAYS = (6, 0, 1, 2, 3)  # Sunday to Thursday; 0 = Monday
_count = itertools.count(1)
Row = TypeVar("Row")


def moment(clock_time: str, day: dt.date = SUNDAY) -> dt.datetime:
    """A moment in Riyadh: `moment("09:30")`."""
    return dt.datetime.combine(day, dt.time.fromisoformat(clock_time), RIYADH)


def make_department(session: Session, code: str = "", **columns: Any) -> Department:
    """A department."""
    code = code or f"dept-{next(_count)}"
    return _keep(
        session,
        Department(**{"code": code, "name_ar": f"إدارة {code}", "name_en": f"Department {code}", **columns}),
    )


def make_branch(
    session: Session, code: str = "", *, opens: str = "08:00", closes: str = "16:00", **columns: Any
) -> Branch:
    """A branch, open from Sunday to Thursday."""
    code = code or f"branch-{next(_count)}"
    hours = [
        BranchHours(weekday=day, opens=dt.time.fromisoformat(opens), closes=dt.time.fromisoformat(closes))
        for day in WORKING_DAYS
    ]
    names = {"name_ar": f"فرع {code}", "name_en": f"Branch {code}"}
    given = {
        "code": code,
        "timezone": "Asia/Riyadh",
        "hours": hours,
        "counters": [],
        "offers": [],
        "demands_devices": False,
        "calls_before_noshow": 1,
        **names,
        **columns,
    }
    return _keep(session, Branch(**given))


def make_service(
    session: Session,
    code: str = "",
    *,
    department: Department,
    branches: tuple[Branch, ...] = (),
    **columns: Any,
) -> PublicService:
    """A service with the default repeat parameters, offered at `branches`."""
    code = code or f"service-{next(_count)}"
    policy = {
        name: columns.pop(name, default)
        for name, default in {
            "window_days": 30, "lag_days": 2, "cycle_days": None, "allowed_reasons": ALLOWED_REASONS
        }.items()
    }  # fmt: skip
    since = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    given: dict[str, Any] = {
        "code": code, "department": department, "department_id": department.id, "name_ar": f"خدمة {code}",
        "name_en": f"Service {code}", "family": code, "prefix": "A", "minutes": 10,
        "policies": [RepeatPolicy(version=1, since=since, **policy)],
    }  # fmt: skip
    service = _keep(session, PublicService(**{**given, **columns}))
    session.add_all(
        [BranchService(branch=branch, branch_id=branch.id, service=service) for branch in branches]
    )
    session.flush()
    return service


def make_counter(session: Session, *, branch: Branch, number: int | None = None, **columns: Any) -> Counter:
    """A counter of a branch: the next number unless one is given."""
    number = number or 1 + max((counter.number for counter in branch.counters), default=0)
    return _keep(session, Counter(**{"branch": branch, "number": number, "service_ids": [], **columns}))


def make_staff(
    session: Session, username: str = "", *, role: str = "officer", branch: Branch | None = None,
    department: Department | None = None, **columns: Any,
) -> Staff:  # fmt: skip
    """Someone who serves: password `PASSWORD`, one role bound to a branch, a department or neither."""
    username = username or f"staff-{next(_count)}"
    bound = StaffRole(role=role, branch_id=branch and branch.id, department_id=department and department.id)
    names = {"name_ar": f"الموظف {username}", "name_en": username.title()}
    given = {
        "username": username,
        "password_hash": cheap_hash(),
        "created_at": clock.now(),
        "roles": [bound],
        **names,
    }
    return _keep(session, Staff(**{**given, **columns}))


def make_person(
    session: Session, *, number: str = "", name: str = "", phone: str | None = None, **columns: Any
) -> Person:
    """A person with a valid identity number (a fresh citizen's unless given), with a contact when named."""
    known = identity.identify(number) if number else identity.sample_identity(1000 + next(_count), "national")
    key = bytes.fromhex(settings().pseudonym_key)
    given = {
        "pseudonym": identity.pseudonym(known, key), "kind": known.person_kind, "certainty": "certain",
        "created_at": clock.now(),
    }  # fmt: skip
    person = _keep(session, Person(**{**given, **columns}))
    if name or phone:
        contact = PersonContact(
            person=person, name=name or None, phone=phone, identity_hint=known.hint, changed_at=clock.now()
        )
        _keep(session, contact)
    return person


def make_schedule(
    session: Session, *, branch: Branch, service: PublicService, **columns: Any
) -> SlotSchedule:
    """A weekly rule: working days 09:00 to 12:00, every 30 minutes, two places."""
    given = {
        "branch_id": branch.id, "service_id": service.id, "weekdays": list(WORKING_DAYS),
        "starts": dt.time(9), "ends": dt.time(12), "slot_minutes": 30, "capacity": 2, "lead_minutes": 60,
        "horizon_days": 30,
    }  # fmt: skip
    return _keep(session, SlotSchedule(**{**given, **columns}))


def make_slot(
    session: Session,
    *,
    branch: Branch,
    service: PublicService,
    starts_at: dt.datetime | None = None,
    **columns: Any,
) -> Slot:
    """A slot of 30 minutes with one place, tomorrow at nine unless told."""
    starts_at = starts_at or MORNING + dt.timedelta(days=1)
    given = {
        "branch_id": branch.id, "service_id": service.id, "starts_at": starts_at,
        "ends_at": starts_at + dt.timedelta(minutes=30), "capacity": 1, "booked": 0,
        "book_until": starts_at,
    }  # fmt: skip
    return _keep(session, Slot(**{**given, **columns}))


def make_appointment(
    session: Session, *, slot: Slot, person: Person | None = None, **columns: Any
) -> Appointment:
    """A booked appointment in a slot, which counts it."""
    slot.booked += 1
    given = {
        "reference": chance.code(), "link_token": chance.token(), "branch_id": slot.branch_id,
        "service_id": slot.service_id, "slot_id": slot.id, "person_id": person and person.id,
        "starts_at": slot.starts_at, "ends_at": slot.ends_at, "state": "booked", "language": "ar",
        "channel": "web", "created_at": clock.now(), "booked_at": clock.now(),
    }  # fmt: skip
    return _keep(session, Appointment(**{**given, **columns}))


def make_ticket(
    session: Session, *, branch: Branch, service: PublicService, person: Person | None = None, **columns: Any
) -> Ticket:
    """A waiting ticket as a bare row; flows prefer the verb `queue.service.issue`, which writes its event."""
    now = clock.now()
    given = {
        "token": chance.token(), "branch_id": branch.id, "service_id": service.id,
        "number": f"{service.prefix}{next(_count):03}", "day": clock.local_day(now, branch.timezone),
        "state": "waiting", "channel": "reception", "language": "ar",
        "person_id": person and person.id, "arrived_at": now, "callable_at": now, "order_at": now,
    }  # fmt: skip
    return _keep(session, Ticket(**{**given, **columns}))


def open_counter(session: Session, *, counter: Counter, staff: Staff) -> CounterSession:
    """Someone sits down at a counter."""
    return _keep(session, CounterSession(counter_id=counter.id, staff_id=staff.id, opened_at=clock.now()))


def make_questionnaire(
    session: Session, kind: str = "after_service", *, form: Form | None = None,
    department: Department | None = None,
) -> Questionnaire:  # fmt: skip
    """A published questionnaire: the first preset of its kind unless a form is given."""
    preset = next(one for one in presets().values() if one.kind == kind)
    made = questionnaires.create(
        session, actor=SYSTEM, kind=kind, form=form or preset.form, department=_here(session, department),
        name_ar=preset.name["ar"], name_en=preset.name["en"],
    )  # fmt: skip
    questionnaires.publish(session, actor=SYSTEM, questionnaire=made)
    return made


def _here(session: Session, department: Department | None) -> Department | None:
    """The same department as this session knows it."""
    return None if department is None else session.get_one(Department, department.id)


@functools.cache
def cheap_hash() -> str:
    """A hash of `PASSWORD` that is quick to check; its cost is written in it."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


@dataclass
class Cast:
    """The small city: one agency, two departments, two branches, three services, and its people by name."""

    civil: Department
    lands: Department
    north: Branch  # counters 1 and 2; all three services
    harbour: Branch  # counter 1; renewal and passport
    renewal: PublicService  # civil, letter A
    passport: PublicService  # civil, letter B
    deed: PublicService  # lands, letter C
    north_1: Counter
    north_2: Counter
    harbour_1: Counter
    nora: Person  # a citizen
    raj: Person  # a resident
    vera: Person  # a visitor
    nora_number: str
    raj_number: str
    vera_number: str
    staff: dict[str, Staff] = field(
        default_factory=dict
    )  # reem omar othman sara huda adam aziz; hamad rana at the harbour


ROLES_AT_NORTH = {"reem": "reception", "omar": "officer", "othman": "officer", "sara": "supervisor"}
ROLES_AT_HARBOUR = {"rana": "reception", "hamad": "officer", "salim": "supervisor"}
ROLES_EVERYWHERE = {"adam": "admin", "aziz": "auditor"}


def make_cast(session: Session) -> Cast:
    """Fill an empty database with the cast."""
    session.add(Agency(name_ar="وكالة المدينة", name_en="City Agency"))
    causes = [
        ("papers", "أوراق ناقصة", "Papers missing"),
        ("system", "عطل في النظام", "System down"),
        ("other", "سبب آخر", "Other"),
    ]
    session.add_all(
        [
            Cause(code=code, name_ar=ar, name_en=en, position=place)
            for place, (code, ar, en) in enumerate(causes)
        ]
    )
    civil = make_department(session, "civil", name_ar="الأحوال المدنية", name_en="Civil Affairs")
    lands = make_department(session, "lands", name_ar="الأراضي", name_en="Lands")
    north = make_branch(session, "north", name_ar="فرع الشمال", name_en="North Branch")
    harbour = make_branch(session, "harbour", name_ar="فرع الميناء", name_en="Harbour Branch")
    both = (north, harbour)
    kinds: dict[str, identity.IdentityKind] = {"nora": "national", "raj": "residence", "vera": "passport"}
    numbers = {name: identity.sample_identity(1, kind).number for name, kind in kinds.items()}
    people = {
        name: make_person(session, number=number, name=name.title()) for name, number in numbers.items()
    }
    cast = Cast(
        civil=civil, lands=lands, north=north, harbour=harbour,
        renewal=make_service(
            session, "renewal", department=civil, branches=both,
            name_ar="تجديد الهوية", name_en="Identity renewal",
        ),
        passport=make_service(
            session, "passport", department=civil, branches=both, prefix="B",
            name_ar="جواز السفر", name_en="Passport",
        ),
        deed=make_service(
            session, "deed", department=lands, branches=(north,), prefix="C",
            name_ar="صك أرض", name_en="Land deed",
        ),
        north_1=make_counter(session, branch=north), north_2=make_counter(session, branch=north),
        harbour_1=make_counter(session, branch=harbour),
        nora=people["nora"], raj=people["raj"], vera=people["vera"],
        nora_number=numbers["nora"], raj_number=numbers["raj"], vera_number=numbers["vera"],
    )  # fmt: skip
    for names, branch in ((ROLES_AT_NORTH, north), (ROLES_AT_HARBOUR, harbour), (ROLES_EVERYWHERE, None)):
        for username, role in names.items():
            cast.staff[username] = make_staff(session, username, role=role, branch=branch)
    cast.staff["huda"] = make_staff(session, "huda", role="head", department=civil)
    return cast


def _keep(session: Session, row: Row) -> Row:
    session.add(row)
    session.flush()
    return row
