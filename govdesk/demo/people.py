"""Who lives in the demo city, and who works for it."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk.actor import SYSTEM
from govdesk.catalog.models import Branch, Department
from govdesk.chance import Draw
from govdesk.people import identity, staff, tokens
from govdesk.people import service as people
from govdesk.people.models import Person, Staff

PASSWORD = "open the counter"  # noqa: S105 - printed on the sign-in page of the demo city
KINDS: tuple[identity.IdentityKind, ...] = ("national", "residence", "passport")
WEIGHTS = (62, 30, 8)
GIVEN = (
    "عبدالله", "فاطمة", "محمد", "نورة", "خالد", "سارة", "سعد", "مها", "يوسف", "هند", "علي", "ريم",
    "ماجد", "لطيفة", "طارق", "أمل", "حسن", "منى", "عمر", "جواهر",
)  # fmt: skip
FAMILY = (
    "الحربي", "القحطاني", "العتيبي", "الشمري", "الدوسري", "الزهراني", "الغامدي", "المطيري", "السبيعي",
    "العنزي",
)  # fmt: skip
OFFICERS = (
    ("salma", "سلمى الحربي", "Salma Al-Harbi"),
    ("omar", "عمر القحطاني", "Omar Al-Qahtani"),
    ("huda", "هدى الشمري", "Huda Al-Shammari"),
    ("faisal", "فيصل الدوسري", "Faisal Al-Dosari"),
    ("rania", "رانيا الغامدي", "Rania Al-Ghamdi"),
    ("badr", "بدر المطيري", "Badr Al-Mutairi"),
    ("nada", "ندى العتيبي", "Nada Al-Otaibi"),
    ("sami", "سامي الزهراني", "Sami Al-Zahrani"),
    ("abeer", "عبير السبيعي", "Abeer Al-Subaie"),
    ("ziad", "زياد العنزي", "Ziad Al-Anazi"),
    ("layla", "ليلى الحربي", "Layla Al-Harbi"),
    ("hamad", "حمد القحطاني", "Hamad Al-Qahtani"),
)
TEAM = {"rawdah": 5, "harbour": 4, "nakheel": 3}  # officers of each branch
SIGN_INS = (
    ("salma", "demo.officer"),
    ("reception", "demo.reception"),
    ("supervisor", "demo.supervisor"),
    ("head", "demo.head"),
    ("admin", "demo.admin"),
)


@dataclass(frozen=True, slots=True)
class Resident:
    """Someone of the city, by number: identity, kind, language and name follow from it."""

    person: Person
    name: str
    language: str


def hire(session: Session) -> dict[str, list[Staff]]:
    """Give every branch its team and the city its heads; the officers of each branch by its code."""
    branches = {branch.code: branch for branch in session.scalars(select(Branch))}
    _let_programs_in(session, list(branches.values()))
    departments = list(session.scalars(select(Department).order_by(Department.id)))
    first = branches["rawdah"]
    _hire(session, "admin", "مدير النظام", "Administrator", [staff.Grant("admin"), staff.Grant("auditor")])
    _hire(session, "head", "رئيسة الإدارة", "Head of department",
          [staff.Grant("head", department_id=department.id) for department in departments])  # fmt: skip
    _hire(
        session,
        "supervisor",
        "مشرف الصالة",
        "Floor supervisor",
        [staff.Grant("supervisor", branch_id=first.id)],
    )
    _hire(
        session,
        "reception",
        "موظفة الاستقبال",
        "Receptionist",
        [staff.Grant("reception", branch_id=first.id)],
    )
    hands = iter(OFFICERS)
    return {
        code: [
            _hire(session, name, arabic, english, [staff.Grant("officer", branch_id=branches[code].id)])
            for name, arabic, english in (next(hands) for _ in range(count))
        ]
        for code, count in TEAM.items()
    }


def _let_programs_in(session: Session, branches: list[Branch]) -> None:
    """Give each branch a kiosk and the city an application; nobody holds the secrets of their tokens."""
    for branch in branches:
        name = f"جهاز الخدمة الذاتية، {branch.name_ar}"
        tokens.issue(session, actor=SYSTEM, name=name, scopes=["kiosk"], branch_id=branch.id)
    tokens.issue(session, actor=SYSTEM, name="تطبيق المدينة", scopes=["booking"])


def _hire(session: Session, username: str, name_ar: str, name_en: str, roles: list[staff.Grant]) -> Staff:
    return staff.add(
        session,
        actor=SYSTEM,
        username=username,
        name_ar=name_ar,
        name_en=name_en,
        password=PASSWORD,
        roles=roles,
    )


def resident(session: Session, seed: int, number: int, draw: Draw) -> Resident:
    """The resident of this number: the same for the same seed, whoever asks first."""
    kind = draw.choices(KINDS, WEIGHTS)[0]
    language = "ar" if kind == "national" or draw.random() < 0.4 else "en"  # noqa: PLR2004 - residents' share
    known = people.identify(
        session,
        actor=SYSTEM,
        identity=identity.sample_identity(seed * 1_000_000 + number, kind),
        language=language,
    )
    return Resident(known, f"{draw.choice(GIVEN)} {draw.choice(FAMILY)}", language)


def phone(number: int) -> str:
    """A telephone number for a resident's reminders."""
    return f"+9665{number % 100_000_000:08d}"


def birthday(day: dt.date) -> int:
    """A number that grows by one a day: keeps the days' draws apart."""
    return day.toordinal()
