"""The guides of a catalog document: read from their tables with refusals placed, and written."""

from typing import Any

from govdesk.catalog import guide
from govdesk.catalog.entries import Name
from govdesk.catalog.guide_entries import (
    NOTHING,
    AnswerEntry,
    GuideEntry,
    PaperEntry,
    QuestionEntry,
    ScenarioEntry,
)
from govdesk.catalog.toml_table import CatalogError, Table, refuse_repeats

MOST_EXTRA = 240
LINK = "https://"


def read(table: Table, services: set[str]) -> GuideEntry:
    """A guide of one of the known services; CatalogError also for a loop or a dead end."""
    entry = GuideEntry(
        service=table.one_of("service", services),
        scenarios=table.tables("scenarios", _scenario),
        questions=table.tables("questions", _question),
    )
    for part in ("scenarios", "questions"):
        named = enumerate((one.code for one in getattr(entry, part)), 1)
        refuse_repeats((f"{table.at(part)}[{n}].code", code) for n, code in named)
    _refuse_broken(table, entry)
    return entry


def render(entry: GuideEntry) -> dict[str, Any]:
    """Write a guide; `read` of the result gives the same."""
    return {
        "service": entry.service,
        "scenarios": [_rendered_scenario(scenario) for scenario in entry.scenarios],
        "questions": [
            _filled(
                code=question.code,
                name=_both(question.name),
                hint=_both(question.hint),
                answers=[
                    _filled(
                        code=answer.code,
                        name=_both(answer.name),
                        question=answer.question,
                        scenario=answer.scenario,
                    )
                    for answer in question.answers
                ],
            )
            for question in entry.questions
        ],
    }


def tree_of(entry: GuideEntry) -> guide.Tree:
    """The tree that a guide makes, for walking and checking."""
    return guide.Tree(
        questions=tuple(
            guide.Question(
                question.code, tuple(guide.Answer(a.code, a.question, a.scenario) for a in question.answers)
            )
            for question in entry.questions
        ),
        scenarios=tuple(scenario.code for scenario in entry.scenarios if scenario.is_active),
    )


def _scenario(table: Table) -> ScenarioEntry:
    action = table.one_of("action", guide.ACTIONS)
    entry = ScenarioEntry(
        code=table.code("code"),
        name=_name(table, "name"),
        action=action,
        advice=_name(table, "advice", is_required=action == "not_eligible"),
        link=_link(table, is_required=action == "online"),
        keywords=_name(table, "keywords", is_required=False),
        extra_minutes=table.whole("extra_minutes", 0, MOST_EXTRA, default=0),
        is_active=table.flag("is_active", default=True),
        papers=table.tables("papers", _paper),
    )
    papers = enumerate((paper.code for paper in entry.papers), 1)
    refuse_repeats((f"{table.at('papers')}[{n}].code", code) for n, code in papers)
    return entry


def _paper(table: Table) -> PaperEntry:
    return PaperEntry(
        code=table.code("code"),
        name=_name(table, "name"),
        how=_name(table, "how", is_required=False),
        link=_link(table, is_required=False),
        form=table.one_of("form", guide.FORMS) if table.has("form") else "original",
        is_required=table.flag("is_required", default=True),
    )


def _question(table: Table) -> QuestionEntry:
    entry = QuestionEntry(
        code=table.code("code"),
        name=_name(table, "name"),
        hint=_name(table, "hint", is_required=False),
        answers=table.tables("answers", _answer),
    )
    answers = enumerate((answer.code for answer in entry.answers), 1)
    refuse_repeats((f"{table.at('answers')}[{n}].code", code) for n, code in answers)
    return entry


def _answer(table: Table) -> AnswerEntry:
    code, name = table.code("code"), _name(table, "name")
    question = table.code("question") if table.has("question") else None
    scenario = table.code("scenario") if table.has("scenario") else None
    if (question is None) == (scenario is None):
        raise CatalogError("catalog.leads_to_one", table.place)
    return AnswerEntry(code, name, question, scenario)


def _refuse_broken(table: Table, entry: GuideEntry) -> None:
    for problem in guide.problems(tree_of(entry)):
        if not problem.is_blocking:
            continue
        place = table.at("questions")
        for n, question in enumerate(entry.questions, 1):
            if question.code == problem.question:
                place += f"[{n}].answers"
                codes = [answer.code for answer in question.answers]
                place += f"[{codes.index(problem.answer) + 1}]" if problem.answer in codes else ""
        raise CatalogError("catalog.loop" if problem.kind == "loop" else "catalog.dead_end", place)


def _name(table: Table, key: str, *, is_required: bool = True) -> Name:
    if not is_required and not table.has(key):
        return NOTHING
    both = table.table(key)
    name = Name(*(both.text(tongue) if is_required or both.has(tongue) else "" for tongue in ("ar", "en")))
    both.finish()
    return name


def _link(table: Table, *, is_required: bool) -> str:
    if not is_required and not table.has("link"):
        return ""
    link = table.text("link")
    if not link.startswith(LINK):
        raise CatalogError("catalog.link", table.at("link"))
    return link


def _rendered_scenario(scenario: ScenarioEntry) -> dict[str, Any]:
    return _filled(
        code=scenario.code,
        name=_both(scenario.name),
        action=scenario.action,
        advice=_both(scenario.advice),
        link=scenario.link,
        keywords=_both(scenario.keywords),
        extra_minutes=scenario.extra_minutes,
        is_active=scenario.is_active,
        papers=[
            _filled(
                code=paper.code,
                name=_both(paper.name),
                how=_both(paper.how),
                link=paper.link,
                form=paper.form,
                is_required=paper.is_required,
            )
            for paper in scenario.papers
        ],
    )


def _filled(**fields: object) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value not in (None, "", {})}


def _both(name: Name) -> dict[str, str]:
    return {tongue: text for tongue, text in (("ar", name.ar), ("en", name.en)) if text}
