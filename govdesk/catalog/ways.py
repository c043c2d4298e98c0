"""The way somebody took through the guide before they came: kept in the words of that day, for staff alone.

Whoever has it is named as messages name what they are about: `appointment:5`, `ticket:7`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.catalog import guide, guides
from govdesk.catalog.guide_document import tree_of
from govdesk.catalog.models import PublicService
from govdesk.catalog.scenario_models import GuidedWay, Scenario

LONGEST = 2000  # of a way written into an address
Steps = tuple[tuple[str, str], ...]  # (question, answer) by their codes


def written(steps: Iterable[tuple[str, str]]) -> str:
    """A way as it goes along in an address: what was answered, by codes, and nothing of who answers."""
    return ",".join(f"{question}:{answer}" for question, answer in steps)


def read(text: str) -> dict[str, str]:
    """What an address says was answered, by question; what cannot be read is left out."""
    pairs = (pair.partition(":") for pair in text[:LONGEST].split(","))
    return {question: answer for question, _, answer in pairs if question and answer}


def led_to(
    session: Session, service: PublicService, scenario: Scenario | None, given: Mapping[str, str]
) -> Steps:
    """The steps by which answers lead to a scenario in the guide as it is now; none where they do not."""
    if scenario is None or not given:
        return ()
    walk = guide.walk(tree_of(guides.guide_of(session, service)), given)
    return walk.steps if walk.scenario == scenario.code else ()


def keep(session: Session, *, about: str, service: PublicService, scenario_id: int, steps: Steps) -> None:
    """Keep the way that led to a scenario, with the questions and answers as they are worded now."""
    if not steps:
        return
    questions = {one.code: one for one in guides.questions_of(session, service.id)}
    worded = []
    for code, chosen in steps:
        question = questions[code]
        answer = next(one for one in question.answers if one.code == chosen)
        worded.append(
            {
                "question": code, "question_ar": question.name_ar, "question_en": question.name_en,
                "answer": chosen, "answer_ar": answer.name_ar, "answer_en": answer.name_en,
            }
        )  # fmt: skip
    session.add(
        GuidedWay(
            about=about, service_id=service.id, scenario_id=scenario_id, walked_at=clock.now(), steps=worded
        )
    )
    session.flush()


def of_all(session: Session, abouts: Collection[str]) -> dict[str, GuidedWay]:
    """The ways of several, by whose they are."""
    if not abouts:
        return {}
    rows = session.scalars(select(GuidedWay).where(GuidedWay.about.in_(abouts)))
    return {one.about: one for one in rows}


def drop(session: Session, abouts: Sequence[str]) -> None:
    """Forget the ways of what was held and never booked."""
    if abouts:
        session.execute(delete(GuidedWay).where(GuidedWay.about.in_(abouts)))
