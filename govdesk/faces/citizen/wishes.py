"""What a person wants of an appointment beside its time: the reason, the way, a language."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from govdesk import i18n
from govdesk.booking import chains
from govdesk.booking.models import Appointment
from govdesk.booking.service import minutes_needed
from govdesk.booking.visit import courses
from govdesk.booking.visit.fitting import Part
from govdesk.booking.visit.together import LARGEST_VISIT
from govdesk.catalog import ways
from govdesk.catalog.models import BranchService, PublicService
from govdesk.catalog.scenario_models import Scenario
from govdesk.catalog.scenarios import scenario_in_use
from govdesk.faces.citizen.forms import part_words

ON_SITE = "on_site"
FAMILY = 4  # others of the family that a page has a line for


@dataclass(frozen=True, slots=True)
class Wish:
    """The reason from the guide, how to meet, the language of an interpreter; and how long all that takes."""

    minutes: int
    scenario: Scenario | None = None
    way: ways.Steps = ()  # the answers in the guide that led to it
    kind: str = ON_SITE
    interpreter: str = ""
    kinds: Mapping[int, Sequence[str]] | None = None  # by branch; none while moving
    also: tuple[str, ...] = ()  # more services for who books, by code
    others: tuple[str, ...] = ()  # a service for each other of the family
    parts: tuple[Part, ...] = ()  # of a whole visit
    own: Mapping[int, int] | None = None  # its places, while it is moved

    @property
    def is_visit(self) -> bool:
        """Whether several appointments are wanted at once."""
        return len(self.parts) > 1

    def along(self) -> dict[str, str]:
        """What goes along in addresses and forms: only what differs from the usual."""
        chosen = {
            "scenario": self.scenario.code if self.scenario else "",
            "way": ways.written(self.way),
            "kind": "" if self.kind == ON_SITE else self.kind,
            "interpreter": self.interpreter,
            "also": ",".join(self.also),
            "others": ",".join(self.others),
        }
        return {name: value for name, value in chosen.items() if value}

    def is_met_at(self, branch_id: int) -> bool:
        """Whether a branch offers the service in the way wished for."""
        return self.kinds is None or self.kind in self.kinds.get(branch_id, (ON_SITE,))

    def kind_items(self) -> list[tuple[str, str, bool]]:
        """The ways that some branch offers: value, words, whether chosen; none where there is one only."""
        there = {kind for kinds in (self.kinds or {}).values() for kind in kinds}
        items = [
            (kind, i18n.t(f"booking.kind_{kind}"), kind == self.kind)
            for kind in chains.KINDS
            if kind in there
        ]
        return items if len(items) > 1 else []

    def interpreter_items(self) -> list[tuple[str, str, bool]]:
        """The languages of interpreters, after none."""
        codes = ("", *chains.INTERPRETERS)
        return [(code, interpreter_words(code), code == self.interpreter) for code in codes]


def interpreter_words(code: str) -> str:
    """The name of an interpreter's language, or that none is needed."""
    return i18n.t(f"booking.interpreter_{code or 'none'}")


def read(session: Session, service: PublicService, sent: Mapping[str, str]) -> Wish:
    """What was sent; what nobody offers is left behind."""
    rows = session.execute(
        select(BranchService.branch_id, BranchService.kinds).where(BranchService.service_id == service.id)
    )
    kinds = {row.branch_id: row.kinds for row in rows}
    also, others = _more(session, service, sent)
    scenario = scenario_in_use(session, service.id, sent.get("scenario", ""))
    kind, interpreter = sent.get("kind", ""), sent.get("interpreter", "")
    interpreter = interpreter if interpreter in chains.INTERPRETERS else ""
    wish = Wish(
        minutes=minutes_needed(
            session, service.id, scenario_id=scenario.id if scenario else None, interpreter=interpreter
        ),
        scenario=scenario,
        way=ways.led_to(session, service, scenario, ways.read(sent.get("way", ""))),
        kind=kind if any(kind in there for there in kinds.values()) else ON_SITE,
        interpreter=interpreter,
        kinds=kinds,
    )
    return _of_visit(session, service, wish, also, others) if also or others else wish


def of_visit(ahead: Sequence[Appointment]) -> Wish:
    """What all that is ahead of a visit needs wherever it is moved."""
    return replace(of(ahead[0]), parts=tuple(courses.parts_ahead(ahead)), own=courses.own_places(ahead))


def of(appointment: Appointment) -> Wish:
    """What an appointment needs wherever it is moved."""
    return Wish(
        minutes=appointment.minutes or 0, kind=appointment.kind, interpreter=appointment.interpreter or ""
    )


def along_of(session: Session, held: Sequence[Appointment]) -> dict[str, str]:
    """What goes along when another time is chosen for what was held together."""
    about = f"appointment:{held[0].id}"
    answered = ways.of_all(session, [about]).get(about)
    wish = replace(of(held[0]), way=answered.codes if answered else ())
    reason = {"scenario": held[0].scenario.code} if held[0].scenario else {}
    also = [one.service.code for one in held[1:] if one.member == 0]
    others = [one.service.code for one in held[1:] if one.member > 0]
    return reason | replace(wish, also=tuple(also), others=tuple(others)).along()


def keep_way(session: Session, service: PublicService, wish: Wish, first: Appointment) -> None:
    """Keep with an appointment what was answered in the guide before it."""
    if wish.scenario is not None:
        ways.keep(
            session, about=f"appointment:{first.id}", service=service, scenario_id=wish.scenario.id,
            steps=wish.way,
        )  # fmt: skip


def lines(wish: Wish) -> list[str]:
    """The services of the others of a family, and empty lines to choose more."""
    return [*wish.others, *([""] * FAMILY)][:FAMILY]


def visit_words(session: Session, wish: Wish) -> list[str]:
    """The parts of a whole visit in words: the service, and for whom where it is for another."""
    if not wish.is_visit:
        return []
    ids = {part.service_id for part in wish.parts}
    services = {
        one.id: one for one in session.scalars(select(PublicService).where(PublicService.id.in_(ids)))
    }
    return [part_words(services[part.service_id], part.member) for part in wish.parts]


def _of_visit(
    session: Session,
    service: PublicService,
    wish: Wish,
    also: Sequence[PublicService],
    others: Sequence[PublicService],
) -> Wish:
    """The same wish for a whole visit: on site, where all of it is offered."""
    wanted = [service, *also, *others]
    members = [0] * (1 + len(also)) + list(range(1, 1 + len(others)))
    rows = session.execute(
        select(BranchService.branch_id, BranchService.service_id).where(
            BranchService.service_id.in_([one.id for one in wanted])
        )
    )
    there = {(row.branch_id, row.service_id) for row in rows}
    parts = courses.parts_of(
        session,
        [(one.id, member) for one, member in zip(wanted, members, strict=True)],
        scenario_id=wish.scenario.id if wish.scenario else None,
        interpreter=wish.interpreter or None,
    )
    return replace(
        wish,
        kind=ON_SITE,
        kinds={
            branch_id: (ON_SITE,) if all((branch_id, one.id) in there for one in wanted) else ()
            for branch_id in wish.kinds or ()
        },
        also=tuple(one.code for one in also),
        others=tuple(one.code for one in others),
        parts=tuple(parts),
    )


def _more(
    session: Session, service: PublicService, sent: Mapping[str, str]
) -> tuple[list[PublicService], list[PublicService]]:
    """What else is asked for in the same visit: for who books (each once), and for others of the family."""
    also = [code for code in dict.fromkeys(_codes(sent, "also")) if code != service.code]
    others = list(_codes(sent, "others"))
    if not (also or others):
        return [], []
    known = select(PublicService).where(
        PublicService.code.in_({*also, *others}),
        PublicService.is_active,
        PublicService.is_imported.is_(False),
    )
    by_code = {one.code: one for one in session.scalars(known)}
    own = [by_code[code] for code in also if code in by_code][: LARGEST_VISIT - 1]
    theirs = [by_code[code] for code in others if code in by_code][: LARGEST_VISIT - 1 - len(own)]
    return own, theirs


def _codes(sent: Mapping[str, str], name: str) -> Iterable[str]:
    """What was sent under a name: chosen in a form, or along in an address, with commas between."""
    given = sent.getlist(name) if isinstance(sent, MultiDict) else [sent.get(name, "")]
    return [code for text in given for code in text.split(",") if code]
