"""The way through the guide of a service, with the addresses where its answers are given: phone and kiosk."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from govdesk.catalog import guide, guides
from govdesk.catalog.guide_document import tree_of
from govdesk.catalog.models import PublicService
from govdesk.catalog.scenario_models import GuideAnswer, GuideQuestion

Way = tuple[tuple[str, str], ...]  # (question, answer) by their codes
Step = tuple[GuideQuestion, GuideAnswer, str]  # and the address where it is answered anew


@dataclass(frozen=True, slots=True)
class Walked:
    """The answers so far, then the next question with the address of each answer, or the scenario's code."""

    way: Way
    steps: list[Step]
    question: GuideQuestion | None
    offered: list[tuple[GuideAnswer, str]]
    scenario: str | None


def walked(
    session: Session, service: PublicService, given: Mapping[str, str], address: Callable[[Way], str]
) -> Walked:
    """Follow the answers given, by question; `address` says where the guide stands after some answers."""
    way = guide.walk(tree_of(guides.guide_of(session, service)), given)
    questions = {question.code: question for question in guides.questions_of(session, service.id)}
    steps = []
    for number, (code, answer) in enumerate(way.steps):
        question = questions[code]
        chosen = next(one for one in question.answers if one.code == answer)
        steps.append((question, chosen, address(way.steps[:number])))
    asked = questions.get(way.question or "")
    offered = [
        (answer, address((*way.steps, (answer.question.code, answer.code))))
        for answer in (asked.answers if asked else ())
    ]
    return Walked(way.steps, steps, asked, offered, way.scenario)
