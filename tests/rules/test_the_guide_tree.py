"""The guide's tree: where answers lead, and what would leave a person standing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdesk.catalog.guide import Answer, Problem, Question, Tree, Walk, problems, walk, way_to

LICENCE = Tree(
    questions=(
        Question("lost", (Answer("yes", scenario="replace"), Answer("no", question="late"))),
        Question("late", (Answer("yes", scenario="fine"), Answer("no", scenario="online"))),
    ),
    scenarios=("replace", "fine", "online"),
)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({}, Walk(question="lost")),
        ({"lost": "yes"}, Walk((("lost", "yes"),), scenario="replace")),
        ({"lost": "no"}, Walk((("lost", "no"),), question="late")),
        ({"lost": "no", "late": "no"}, Walk((("lost", "no"), ("late", "no")), scenario="online")),
        ({"lost": "perhaps"}, Walk(question="lost")),  # nobody offered that answer
        ({"late": "yes"}, Walk(question="lost")),  # that question was not asked yet
        ({"lost": "yes", "late": "no"}, Walk((("lost", "yes"),), scenario="replace")),  # an old answer
        ({"colour": "red"}, Walk(question="lost")),
    ],
)
def test_answers_lead_from_the_first_question_on(answers: dict[str, str], expected: Walk) -> None:
    assert walk(LICENCE, answers) == expected


@pytest.mark.parametrize("scenario", LICENCE.scenarios)
def test_the_way_to_a_scenario_leads_there(scenario: str) -> None:
    assert walk(LICENCE, dict(way_to(LICENCE, scenario))).scenario == scenario
    assert way_to(LICENCE, "nowhere") == ()


def test_a_guide_without_questions_asks_nothing() -> None:
    assert walk(Tree(scenarios=("only",)), {"lost": "yes"}) == Walk()
    assert problems(Tree(scenarios=("only",))) == []


def test_a_whole_tree_has_no_problems() -> None:
    assert problems(LICENCE) == []


def test_two_ways_to_one_question_are_no_loop() -> None:
    tree = Tree(
        (
            Question("a", (Answer("1", question="b"), Answer("2", question="c"))),
            Question("b", (Answer("1", question="c"),)),
            Question("c", (Answer("1", scenario="end"),)),
        ),
        ("end",),
    )
    assert problems(tree) == []


@pytest.mark.parametrize(
    ("questions", "expected"),
    [
        ((Question("a", (Answer("1", question="a"),)),), [Problem("loop", "a", "1")]),
        (
            (Question("a", (Answer("1", question="b"),)), Question("b", (Answer("2", question="a"),))),
            [Problem("loop", "b", "2")],
        ),
        ((Question("a"),), [Problem("dead_end", "a")]),
        ((Question("a", (Answer("1", question="gone"),)),), [Problem("dead_end", "a", "1")]),
        ((Question("a", (Answer("1", scenario="gone"),)),), [Problem("dead_end", "a", "1")]),
        ((Question("a", (Answer("1"),)),), [Problem("dead_end", "a", "1")]),
        (
            (Question("a", (Answer("1", scenario="end"),)), Question("b", (Answer("1", scenario="end"),))),
            [Problem("unasked", "b")],
        ),
    ],
)
def test_what_leaves_a_person_standing_is_found(
    questions: tuple[Question, ...], expected: list[Problem]
) -> None:
    found = problems(Tree(questions, ("end",)))
    assert [problem for problem in found if problem.kind != "unmet"] == expected


def test_a_loop_that_nobody_reaches_is_a_loop_all_the_same() -> None:
    tree = Tree(
        (
            Question("a", (Answer("1", scenario="end"),)),
            Question("b", (Answer("1", question="c"),)),
            Question("c", (Answer("1", question="b"),)),
        ),
        ("end",),
    )
    assert [(p.kind, p.question, p.is_blocking) for p in problems(tree)] == [
        ("loop", "c", True), ("unasked", "b", False), ("unasked", "c", False),
    ]  # fmt: skip


def test_a_scenario_that_no_answer_leads_to_is_named_but_allowed() -> None:
    tree = Tree((Question("a", (Answer("1", scenario="end"),)),), ("end", "rare"))
    assert problems(tree) == [Problem("unmet", scenario="rare")]
    assert not problems(tree)[0].is_blocking


def test_the_walk_through_a_broken_tree_ends() -> None:
    loop = Tree((Question("a", (Answer("1", question="b"),)), Question("b", (Answer("1", question="a"),))))
    assert walk(loop, {"a": "1", "b": "1"}) == Walk((("a", "1"), ("b", "1")))


codes = st.sampled_from("abcde")
answers = st.builds(
    Answer,
    code=st.sampled_from("12"),
    question=st.none() | codes,
    scenario=st.none() | st.sampled_from(["end", "gone"]),
)
trees = st.builds(
    Tree,
    questions=st.lists(
        st.builds(Question, codes, st.lists(answers, max_size=2, unique_by=lambda a: a.code).map(tuple)),
        max_size=5,
        unique_by=lambda question: question.code,
    ).map(tuple),
    scenarios=st.just(("end",)),
)


@given(trees, st.dictionaries(codes, st.sampled_from("12"), min_size=5, max_size=5))
def test_a_tree_without_problems_leads_every_answerer_somewhere(tree: Tree, chosen: dict[str, str]) -> None:
    way = walk(tree, chosen)
    assert len(way.steps) == len({question for question, _ in way.steps})
    if tree.questions and not any(problem.is_blocking for problem in problems(tree)):
        assert way.question is not None or way.scenario == "end"
