"""The guide's tree: walked by the answers given, and searched for what would leave a person standing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ACTIONS = ("online", "not_eligible", "bring", "book", "walk_in")
AT_HOME = frozenset({"online", "not_eligible"})  # whoever meets one of these need not come
FORMS = ("original", "copy")
BLOCKING = frozenset({"loop", "dead_end"})


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer by its code, and the code of what it leads to: a question or a scenario."""

    code: str
    question: str | None = None
    scenario: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A question by its code, with its answers."""

    code: str
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True, slots=True)
class Tree:
    """The questions of a service, the first one first, and the codes of its scenarios in use."""

    questions: tuple[Question, ...] = ()
    scenarios: tuple[str, ...] = ()

    def question(self, code: str | None) -> Question | None:
        """Give a question by its code."""
        return next((question for question in self.questions if question.code == code), None)


@dataclass(frozen=True, slots=True)
class Walk:
    """The way through the tree: (question, answer) so far, then the next question, a scenario, or neither."""

    steps: tuple[tuple[str, str], ...] = ()
    question: str | None = None
    scenario: str | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong: loop and dead_end by question and answer; unasked by question; unmet by scenario."""

    kind: str  # loop | dead_end | unasked | unmet
    question: str | None = None
    answer: str | None = None
    scenario: str | None = None

    @property
    def is_blocking(self) -> bool:
        """Whether a person could be left standing."""
        return self.kind in BLOCKING


def walk(tree: Tree, given: Mapping[str, str]) -> Walk:
    """Follow the answers given, by question, from the first question to where they end.

    An answer that the question does not have counts as not given; answers to questions that were not asked
    on this way count for nothing. Of a broken tree the walk stops before a question asked already.
    """
    steps: list[tuple[str, str]] = []
    asked = tree.questions[0] if tree.questions else None
    while asked is not None:
        answer = next((one for one in asked.answers if one.code == given.get(asked.code)), None)
        if answer is None:
            return Walk(tuple(steps), question=asked.code)
        steps.append((asked.code, answer.code))
        if answer.scenario is not None:
            return Walk(tuple(steps), scenario=answer.scenario if answer.scenario in tree.scenarios else None)
        asked = tree.question(answer.question)
        if asked is not None and any(asked.code == code for code, _ in steps):
            break
    return Walk(tuple(steps))


def way_to(tree: Tree, scenario: str) -> tuple[tuple[str, str], ...]:
    """Give the shortest way to a scenario, (question, answer) by code; empty where none leads there."""
    ahead: list[tuple[Question, tuple[tuple[str, str], ...]]] = [(one, ()) for one in tree.questions[:1]]
    asked: set[str] = set()
    for question, way in ahead:
        if question.code in asked:
            continue
        asked.add(question.code)
        for answer in question.answers:
            steps = (*way, (question.code, answer.code))
            if answer.scenario == scenario:
                return steps
            after = tree.question(answer.question)
            if after is not None:
                ahead.append((after, steps))
    return ()


def problems(tree: Tree) -> list[Problem]:
    """Give what is wrong with a tree: loops and dead ends first, then what no answer leads to."""
    found = [*_dead_ends(tree), *_loops(tree)]
    met_questions, met_scenarios = _met(tree)
    found += [Problem("unasked", question=q.code) for q in tree.questions if q.code not in met_questions]
    if tree.questions:
        found += [Problem("unmet", scenario=code) for code in tree.scenarios if code not in met_scenarios]
    return found


def _dead_ends(tree: Tree) -> Iterator[Problem]:
    for question in tree.questions:
        if not question.answers:
            yield Problem("dead_end", question.code)
        for answer in question.answers:
            if answer.scenario not in tree.scenarios and tree.question(answer.question) is None:
                yield Problem("dead_end", question.code, answer.code)


def _loops(tree: Tree) -> Iterator[Problem]:
    """Give the answers that lead back to a question on the way to them, each once."""
    done: set[str] = set()

    def follow(question: Question, way: tuple[str, ...]) -> Iterator[Problem]:
        if question.code in done:
            return
        for answer in question.answers:
            after = tree.question(answer.question)
            if after is None:
                continue
            if after.code in (*way, question.code):
                yield Problem("loop", question.code, answer.code)
            else:
                yield from follow(after, (*way, question.code))
        done.add(question.code)

    for question in tree.questions:
        yield from follow(question, ())


def _met(tree: Tree) -> tuple[set[str], set[str]]:
    questions: set[str] = set()
    scenarios: set[str] = set()
    ahead = [tree.questions[0]] if tree.questions else []
    while ahead:
        question = ahead.pop()
        if question.code in questions:
            continue
        questions.add(question.code)
        for answer in question.answers:
            if answer.scenario is not None:
                scenarios.add(answer.scenario)
            after = tree.question(answer.question)
            if after is not None:
                ahead.append(after)
    return questions, scenarios
