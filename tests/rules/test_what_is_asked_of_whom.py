"""Which questions are asked, which answers are kept, and when a series of figures begins anew."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdesk.feedback.forms import editing
from govdesk.feedback.forms.changes import differences, is_reordered
from govdesk.feedback.forms.presets import presets
from govdesk.feedback.forms.rules import (
    DRIVERS,
    KINDS,
    LONGEST_ANSWER,
    MANY,
    MOST,
    TYPES,
    Choice,
    Form,
    Question,
    Section,
    Shown,
    checked,
    dump,
    follow,
    numbers,
    options,
    parse,
    visible,
)
from govdesk.feedback.forms.soundness import problems, warnings

BOTH = {"ar": "سؤال", "en": "Question"}
CHOICES = tuple(Choice(key, {"ar": f"خيار {key}", "en": f"Choice {key}"}) for key in ("a", "b", "c"))


def ask(key: str, kind: str = "yes_no", **given: Any) -> Question:
    choices = CHOICES if kind in ("one", "many") else ()
    return Question(**{"key": key, "kind": kind, "text": BOTH, "choices": choices, **given})


def form_of(*questions: Question) -> Form:
    return Form(sections=(Section("s1", questions),))


CHAIN = form_of(
    ask("needed"),
    ask("why", "one", shown=Shown("needed", (0,))),
    ask("words", "text", shown=Shown("why", ("c",)), is_required=True),
)


@pytest.mark.parametrize(
    ("answers", "asked"),
    [
        ({}, ["needed"]),
        ({"needed": 1}, ["needed"]),
        ({"needed": 0}, ["needed", "why"]),
        ({"needed": "0"}, ["needed", "why"]),  # as it was typed
        ({"needed": 0, "why": "a"}, ["needed", "why"]),
        ({"needed": 0, "why": "c"}, ["needed", "why", "words"]),
        ({"needed": 1, "why": "c"}, ["needed"]),  # what it depends on is not asked itself
        ({"needed": 7}, ["needed"]),
    ],
)
def test_a_question_is_asked_where_what_it_depends_on_was_answered_so(
    answers: dict[str, Any], asked: list[str]
) -> None:
    assert [question.key for question in visible(CHAIN, answers)] == asked


def test_answers_to_questions_that_are_not_asked_are_dropped() -> None:
    kept, refused = checked(CHAIN, {"needed": 1, "why": "c", "words": "x", "stray": 5}, is_final=True)
    assert (kept, refused) == ({"needed": 1}, {})


def test_a_required_question_is_missed_only_at_the_end_and_only_where_it_is_asked() -> None:
    answers = {"needed": 0, "why": "c"}
    assert checked(CHAIN, answers, is_final=False) == (answers, {})
    assert checked(CHAIN, answers, is_final=True)[1] == {"words": "questionnaires.answer_missing"}
    assert checked(CHAIN, {"needed": 1}, is_final=True)[1] == {}
    blank = checked(CHAIN, {**answers, "words": "  \n"}, is_final=True)
    assert blank == (answers, {"words": "questionnaires.answer_missing"})


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        ("faces", 1, 1),
        ("faces", "3", 3),
        ("faces", 0, None),
        ("faces", 4, None),
        ("faces", True, None),
        ("agreement", "٥", 5),
        ("agreement", 6, None),
        ("agreement", "5.0", None),
        ("scale", 0, 0),
        ("scale", "10", 10),
        ("scale", "11", None),
        ("scale", "-1", None),
        ("scale", [3], None),
        ("yes_no", "1", 1),
        ("yes_no", 2, None),
        ("one", "a", "a"),
        ("one", "d", None),
        ("one", ["a"], None),
        ("many", ["c", "a", "c"], ["a", "c"]),  # once each, in the order of the form
        ("many", "b", ["b"]),
        ("many", ["a", "d"], None),
        ("many", [{"a": 1}], None),
        ("many", 3, None),
        ("drivers", ["ease"], ["ease"]),
        ("drivers", ["weather"], None),
        ("text", "  so  ", "so"),
        ("text", "ا" * LONGEST_ANSWER, "ا" * LONGEST_ANSWER),
        ("text", 5, None),
    ],
)
def test_an_answer_is_kept_as_its_kind_has_it_or_refused(kind: str, given: object, kept: object) -> None:
    clean, refused = checked(form_of(ask("q", kind)), {"q": given}, is_final=True)
    assert clean == ({} if kept is None else {"q": kept})
    assert refused == ({"q": "questionnaires.answer_unknown"} if kept is None else {})


def test_a_text_that_is_too_long_is_refused_with_its_own_sentence() -> None:
    _kept, refused = checked(form_of(ask("q", "text")), {"q": "x" * 20_000}, is_final=False)
    assert refused == {"q": "questionnaires.answer_too_long"}


def test_drivers_that_a_form_words_itself_are_those_that_can_be_ticked() -> None:
    own = ask("q", "drivers", choices=(Choice("ease", BOTH),))
    assert options(own) == ("ease",)
    assert options(ask("q", "drivers")) == DRIVERS


@pytest.mark.parametrize(
    ("other", "series"),
    [
        ({}, 3),
        ({"is_required": True}, 3),
        ({"role": "complained"}, 3),
        ({"shown": Shown("needed", (1,))}, 3),
        ({"text": {**BOTH, "en": "Question?"}}, 4),
        ({"text": {**BOTH, "ar": "سؤال؟"}}, 4),
        ({"kind": "agreement"}, 4),
        ({"low": BOTH}, 4),
        ({"choices": CHOICES[:2]}, 4),
        ({"choices": CHOICES[::-1]}, 4),
    ],
)
def test_a_series_goes_on_until_the_wording_changes(other: dict[str, Any], series: int) -> None:
    old = ask("q", series=3)
    assert follow(form_of(replace(old, **other)), form_of(old)).questions[0].series == series


def test_a_question_that_comes_new_begins_its_first_series() -> None:
    assert follow(form_of(ask("q", series=9)), form_of(ask("other"))).questions[0].series == 1


def test_differences_say_what_breaks() -> None:
    before = form_of(ask("a"), ask("b"), ask("c"), ask("d"))
    now = form_of(ask("b", "scale"), ask("a"), ask("c", is_required=True), ask("e"))
    found = [(one.what, one.question.key, one.is_break) for one in differences(now, before)]
    assert found == [
        ("reworded", "b", True), ("changed", "c", False), ("added", "e", False), ("removed", "d", False),
    ]  # fmt: skip
    assert is_reordered(now, before)
    assert not is_reordered(before, form_of(ask("a"), ask("x"), ask("d")))
    assert [one.what for one in differences(now, None)] == ["added"] * 4


def test_every_preset_is_sound_short_and_in_both_languages() -> None:
    assert {preset.kind for preset in presets().values()} == set(KINDS)
    for preset in presets().values():
        assert problems(preset.form) == [], preset.key
        assert warnings(preset.form) == [], preset.key
        assert parse(dump(preset.form)) == preset.form


@pytest.mark.parametrize(
    ("question", "problem"),
    [
        (ask("q", "stars"), "kind_unknown"),
        (ask("q", text={"ar": "سؤال", "en": " "}), "words_missing"),
        (ask("q", text={**BOTH, "en": "x" * 301}), "words_too_long"),
        (ask("q", "one", choices=CHOICES[:1]), "choices_missing"),
        (ask("q", "many", choices=tuple(Choice(f"k{n}", BOTH) for n in range(13))), "choices_too_many"),
        (ask("q", choices=CHOICES), "choices_without_use"),
        (ask("q", "one", choices=(Choice("a", BOTH), Choice("b", BOTH))), "choice_twice"),
        (ask("q", "drivers", choices=CHOICES), "driver_unknown"),
        (ask("q", role="loyalty"), "role_unknown"),
        (ask("q", role="trust"), "role_unfit"),
        (ask("q", "scale", role="importance"), "about_missing"),
        (ask("q", shown=Shown("later", (1,))), "shown_later"),
        (ask("q", shown=Shown("q", (1,))), "shown_later"),
        (ask("q", shown=Shown("first", ())), "shown_never"),
        (ask("q", shown=Shown("first", (2,))), "shown_impossible"),
        (ask("first"), "key_twice"),
    ],
)
def test_what_cannot_be_asked_is_told_at_its_place(question: Question, problem: str) -> None:
    found = problems(form_of(ask("first"), question, ask("later")))
    assert (question.key, f"questionnaires.{problem}") in found


def test_two_questions_cannot_feed_one_figure() -> None:
    twice = form_of(ask("a", "agreement", role="trust"), ask("b", "agreement", role="trust"))
    assert problems(twice) == [(key, "questionnaires.role_twice") for key in ("a", "b")]
    weighed = [ask(key, "scale", role="importance", about=key) for key in ("ease", "fair")]
    assert problems(form_of(*weighed)) == []


def test_fifteen_questions_at_most_and_a_warning_above_ten() -> None:
    def form(count: int) -> Form:
        return form_of(*(ask(f"q{n}") for n in range(count)))

    assert problems(form(0)) == [("", "questionnaires.nothing_asked"), ("s1", "questionnaires.section_empty")]
    assert (problems(form(MOST)), warnings(form(MANY))) == ([], [])
    assert warnings(form(MANY + 1)) == [("", "questionnaires.many")]
    assert problems(form(MOST + 1)) == [("", "questionnaires.too_many")]


def test_a_question_goes_over_into_the_next_section_and_back() -> None:
    form = Form(sections=(Section("s1", (ask("a"), ask("b"))), Section("s2", (ask("c"),))))
    moved = editing.move_question(form, "b", is_up=False)
    assert [[q.key for q in section.questions] for section in moved.sections] == [["a"], ["b", "c"]]
    assert editing.move_question(moved, "b", is_up=True) == form
    assert editing.move_question(form, "a", is_up=True) == form
    assert editing.fresh_key("q", {"q1", "q3"}) == "q2"


words = st.fixed_dictionaries({"ar": st.text(max_size=5), "en": st.text(max_size=5)})
junk = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 15), st.text(max_size=4), st.sampled_from(["a", "b", "ease"]),
    st.lists(st.sampled_from(["a", "c", "ease", "x"]), max_size=4), st.lists(st.integers(), max_size=2),
)  # fmt: skip


@st.composite
def forms(draw: st.DrawFn) -> Form:
    """Any form: conditions on earlier questions, on later ones, on none."""
    questions: list[Question] = []
    for n in range(draw(st.integers(1, 6))):
        shown = None
        if draw(st.booleans()):
            on = draw(st.sampled_from([f"q{each}" for each in range(6)]))
            answers = draw(st.lists(st.one_of(st.integers(0, 5), st.sampled_from("abc")), max_size=3))
            shown = Shown(on, tuple(answers))
        kind = draw(st.sampled_from(sorted(TYPES)))
        questions.append(ask(f"q{n}", kind, shown=shown, is_required=draw(st.booleans()), text=draw(words)))
    return form_of(*questions)


@given(forms(), st.dictionaries(st.sampled_from([f"q{n}" for n in range(7)]), junk))
def test_what_is_kept_is_sound_and_checking_it_again_changes_nothing(
    form: Form, answers: dict[str, Any]
) -> None:
    kept, refused = checked(form, answers, is_final=True)
    asked = {question.key: question for question in visible(form, answers)}
    assert set(kept) | set(refused) <= set(asked)
    assert not set(kept) & set(refused)
    for key, value in kept.items():
        if isinstance(value, int):
            assert value in numbers(asked[key])
        elif isinstance(value, list):
            assert value
            assert set(value) <= set(options(asked[key]))
    assert [question.key for question in visible(form, kept)] == list(asked)
    assert checked(form, kept, is_final=False) == (kept, {})
    assert checked(form, answers, is_final=False)[0] == kept


@given(forms(), forms())
def test_series_only_ever_grow_and_following_oneself_changes_nothing(form: Form, previous: Form) -> None:
    followed = follow(form, previous)
    before = {question.key: question.series for question in previous.questions}
    broken = {one.question.key for one in differences(form, previous) if one.is_break}
    for question in followed.questions:
        assert question.series == before.get(question.key, 1) + (question.key in broken)
    assert follow(followed, followed) == followed
    assert parse(dump(followed)) == followed


moves = st.lists(
    st.tuples(st.sampled_from(["question", "section"]), st.sampled_from("abcde12"), st.booleans()),
    max_size=12,
)


@given(moves)
def test_however_questions_and_sections_are_moved_none_is_lost_or_doubled(
    steps: list[tuple[str, str, bool]],
) -> None:
    start = (
        Section("1", (ask("a"), ask("b"))),
        Section("2", ()),
        Section("3", (ask("c"), ask("d"), ask("e"))),
    )
    form = Form(sections=start)
    for what, key, is_up in steps:
        if what == "section" and key.isdecimal():
            form = editing.move_section(form, key, is_up=is_up)
        elif what == "question":
            form = editing.move_question(form, key, is_up=is_up)
    assert sorted(question.key for question in form.questions) == ["a", "b", "c", "d", "e"]
    assert sorted(section.key for section in form.sections) == ["1", "2", "3"]
    for question in form.questions:
        assert editing.put_question(form, question, "2").questions.count(question) == 1
    assert editing.put_question(form, ask("f"), "gone").questions[-1].key == "f"
