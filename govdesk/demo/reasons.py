"""Why people of the demo city come: what the guide foresaw, what was missing, and what it kept at home."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.actor import Actor
from govdesk.catalog import guide, guides, scenarios, ways
from govdesk.catalog.guide import AT_HOME
from govdesk.catalog.guide_document import tree_of
from govdesk.catalog.models import PublicService
from govdesk.catalog.scenario_models import Scenario
from govdesk.chance import Draw
from govdesk.queue import reasons
from govdesk.queue.models import Ticket

BOOKED, AT_DOOR, ASKED = 0.85, 0.45, 0.3  # shares of visits whose reason is known, and where it is learnt
LACKING, LACKING_SENT_BACK = 0.06, 0.8  # shares that lack a paper: of all, and of those sent back for one
UNFORESEEN = 0.03
KEPT_HOME = (4, 9)  # people a day who need not come
WORDS = (
    ("vehicle-transfer", "نقل ملكية دراجة نارية بين زوجين"),
    ("vehicle-transfer", "المركبة مسجلة باسم مؤسسة أُغلقت"),
    ("licence-renewal", "رخصة من دولة خليجية تُستبدل"),
    ("residence-renewal", "إقامة مولود لأبوين مقيمين"),
    ("birth-registration", "توأم أحدهما وُلد في سيارة الإسعاف"),
    ("record-correction", "إضافة اسم الجد إلى السجل"),
    ("vehicle-registration", "مقطورة صُنعت محليًا"),
)


class Reasons:
    """The reasons that bring people to a counter, drawn apart from all else that happens in the city."""

    def __init__(self, session: Session, draw: Draw) -> None:
        self.session, self.draw = session, draw
        self.known: dict[int, list[Scenario]] = {}
        self.ways: dict[int, ways.Steps] = {}
        for scenario in session.scalars(
            select(Scenario).where(Scenario.is_active).order_by(Scenario.service_id, Scenario.position)
        ):
            if scenario.action not in AT_HOME:
                self.known.setdefault(scenario.service_id, []).append(scenario)

    def foreseen(self, service: PublicService, share: float) -> int | None:
        """The scenario of someone who comes for a service; none for those who did not say."""
        known = self.known.get(service.id)
        return self.draw.choice(known).id if known and self.draw.random() < share else None

    def answered(self, about: str, service: PublicService, scenario_id: int | None) -> None:
        """What somebody answered in the guide before they came for this reason."""
        if scenario_id is None:
            return
        if scenario_id not in self.ways:
            tree = tree_of(guides.guide_of(self.session, service))
            self.ways[scenario_id] = guide.way_to(tree, self.session.get_one(Scenario, scenario_id).code)
        steps = self.ways[scenario_id]
        ways.keep(self.session, about=about, service=service, scenario_id=scenario_id, steps=steps)

    def at_counter(self, ticket: Ticket, actor: Actor, cause: str | None) -> None:
        """What the officer notes before concluding."""
        if ticket.scenario_id is None:
            chosen = self.foreseen(ticket.service, ASKED)
            if chosen is not None:
                scenario = self.session.get_one(Scenario, chosen)
                reasons.choose_scenario(self.session, actor=actor, ticket_id=ticket.id, scenario=scenario)
            elif self.draw.random() < UNFORESEEN:
                self._unforeseen(ticket, actor)
        share = LACKING_SENT_BACK if cause == "missing_document" else LACKING
        if ticket.scenario_id is not None and self.draw.random() < share:
            papers = self.session.get_one(Scenario, ticket.scenario_id).papers
            if papers:
                paper = self.draw.choice(papers)
                reasons.note_missing(self.session, actor=actor, ticket_id=ticket.id, paper_ids=[paper.id])

    def _unforeseen(self, ticket: Ticket, actor: Actor) -> None:
        words = [said for code, said in WORDS if code == ticket.service.code]
        if words:
            said = self.draw.choice(words)
            reasons.note_unforeseen(self.session, actor=actor, ticket_id=ticket.id, words=said)


def keep_home(
    session: Session, draw: Draw, *, midnight: dt.datetime, until: dt.datetime, scale: float
) -> None:
    """People who read the guide on a day and need not come, each at an hour of their own."""
    spared = list(session.scalars(select(Scenario).where(Scenario.action.in_(AT_HOME)).order_by(Scenario.id)))
    if not spared:
        return
    for _ in range(max(1, round(draw.randint(*KEPT_HOME) * scale))):
        at = midnight + dt.timedelta(minutes=draw.triangular(7 * 60, 23 * 60, 12 * 60))
        if at < until:
            with clock.at(at):
                scenarios.avoid_visit(session, scenario=draw.choice(spared))
