"""What a person wants of an appointment beside its time: the reason, the way, a language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import i18n
from govdesk.booking import chains
from govdesk.booking.models import Appointment
from govdesk.booking.service import minutes_needed
from govdesk.catalog.models import BranchService, PublicService
from govdesk.catalog.scenario_models import Scenario
from govdesk.catalog.scenarios import scenario_in_use

ON_SITE = "on_site"


@dataclass(frozen=True, slots=True)
class Wish:
    """The reason from the guide, how to meet, the language of an interpreter; and how long all that takes."""

    minutes: int
    scenario: Scenario | None = None
    kind: str = ON_SITE
    interpreter: str = ""
    kinds: Mapping[int, Sequence[str]] | None = None  # by branch; none while moving

    def along(self) -> dict[str, str]:
        """What goes along in addresses and forms: only what differs from the usual."""
        chosen = {
            "scenario": self.scenario.code if self.scenario else "",
            "kind": "" if self.kind == ON_SITE else self.kind,
            "interpreter": self.interpreter,
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
    scenario = scenario_in_use(session, service.id, sent.get("scenario", ""))
    kind, interpreter = sent.get("kind", ""), sent.get("interpreter", "")
    interpreter = interpreter if interpreter in chains.INTERPRETERS else ""
    return Wish(
        minutes=minutes_needed(
            session, service.id, scenario_id=scenario.id if scenario else None, interpreter=interpreter
        ),
        scenario=scenario,
        kind=kind if any(kind in there for there in kinds.values()) else ON_SITE,
        interpreter=interpreter,
        kinds=kinds,
    )


def of(appointment: Appointment) -> Wish:
    """What an appointment needs wherever it is moved."""
    return Wish(
        minutes=appointment.minutes or 0, kind=appointment.kind, interpreter=appointment.interpreter or ""
    )


def along_of(appointment: Appointment) -> dict[str, str]:
    """What goes along when another time is chosen for a hold."""
    wish = of(appointment)
    reason = {"scenario": appointment.scenario.code} if appointment.scenario else {}
    return reason | wish.along()
