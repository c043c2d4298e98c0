"""A head says what a figure is to reach, who answers for it, and from when work is different."""

import datetime as dt
from collections.abc import Callable

import pytest

from govdesk import clock
from govdesk.db import reading, transaction
from govdesk.kpi.targets import service as targets
from govdesk.kpi.targets.models import Target
from govdesk.kpi.targets.service import Place
from tests.desk import Desk
from tests.kpi_makers import make_wait
from tests.makers import Cast, moment

SignIn = Callable[[str], Desk]
PAGE = "/figures/abandonment_rate/target"
REBASE = "/figures/abandonment_rate/rebase"
GIVEN = {"value": "5", "due_on": "2026-12-31", "reason": "as published"}


def owner(cast: Cast, name: str = "huda") -> str:
    return str(cast.staff[name].id)


def civil(cast: Cast, branch_id: int | None = None) -> Place:
    """What huda, head of a department, looks at."""
    return Place(branch_id, cast.civil.id)


def test_a_target_is_set_shown_and_kept_in_the_history(cast: Cast, sign_in: SignIn) -> None:
    huda = sign_in("huda")
    for value in ("5", "٧٫٥"):
        huda.post(PAGE, {**GIVEN, "value": value, "owner": owner(cast)}, status=302)
    page = huda.get(PAGE, language="en")
    assert "at most 7.5%" in page.main
    assert "at most 5%" in page.main  # in the history
    assert targets.current(reading(), civil(cast))["abandonment_rate"].value == pytest.approx(0.075)
    assert huda.get("/figures/abandonment_rate", language="en", status=200)
    assert "7.5%" in next(
        words for words in huda.get("/figures", language="en").words("article", "measure") if "Left" in words
    )


def test_owner_and_day_stand_where_the_target_stands(cast: Cast, sign_in: SignIn) -> None:
    huda = sign_in("huda")
    huda.post(PAGE, {**GIVEN, "due_on": "2027-03-01", "owner": owner(cast)}, status=302)
    card = next(
        words for words in huda.get("/figures", language="en").words("article", "measure") if "Left" in words
    )
    assert "at most 5%, to be reached by 1 March 2027" in card
    page = huda.get("/figures/abandonment_rate", language="en", status=200)
    name = cast.staff["huda"].name_en
    assert f"to be reached by 1 March 2027 · {name} answers for it" in page.main
    assert "1 March 2027" in huda.get(PAGE, language="en").words("tr")[1]  # in the history
    huda.get("/figures/abandonment_rate", language="ar", status=200)


@pytest.mark.parametrize(
    ("target", "sign"), [("5", "Missed in this period"), ("60", "Met in this period"), ("30", "Cannot be")]
)
def test_before_signals_can_be_told_the_period_is_held_against_its_target(
    cast: Cast, sign_in: SignIn, target: str, sign: str
) -> None:
    with transaction() as session:
        for minute in range(30):  # every third one leaves: 10 of 30, which is 19.2 to 51.2 by Wilson
            make_wait(
                session, branch=cast.north, service=cast.renewal, arrived="09:00", ended="09:50",
                called=f"09:{minute + 10}" if minute % 3 else None,
            )  # fmt: skip
    huda = sign_in("huda")
    huda.post(PAGE, {**GIVEN, "value": target, "owner": owner(cast)}, status=302)
    cards = huda.get("/figures", language="en").words("article", "measure")
    places = {word: place for place, words in enumerate(cards) for word in [words.split(" ")[0]]}
    assert sign in cards[places["Left"]]
    assert (places["Left"] < places["Waiting"]) == (target == "5")  # what is missed comes first


def test_a_day_that_passed_without_its_target_is_told(cast: Cast, sign_in: SignIn) -> None:
    with transaction() as session:
        for minute in range(10):  # every second one leaves
            make_wait(
                session, branch=cast.north, service=cast.renewal, arrived="09:00", ended="09:30",
                called=f"09:1{minute}" if minute % 2 else None,
            )  # fmt: skip
    huda = sign_in("huda")
    huda.post(PAGE, {**GIVEN, "due_on": "2026-10-04", "owner": owner(cast)}, status=302)
    path = "/figures/abandonment_rate"
    assert "That day has passed" not in huda.get(path, language="en", status=200).main
    with clock.at(moment("09:00", dt.date(2026, 10, 5))):
        told = sign_in("huda").get(path, language="en", status=200).main
    assert "The target was to be reached by 4 October. That day has passed, and the figure is 50.0%." in told


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"value": "120"}, "between 0 and 100"),
        ({"value": "-1"}, "between 0 and 100"),
        ({"value": "many"}, "write a number"),
        ({"value": "nan"}, "between 0 and 100"),
        ({"due_on": "2020-01-01"}, "has passed"),
        ({"reason": ""}, "fill"),
    ],
)
def test_what_cannot_be_is_refused_beside_the_field(
    cast: Cast, sign_in: SignIn, wrong: dict[str, str], sentence: str
) -> None:
    huda = sign_in("huda")
    page = huda.post(PAGE, {**GIVEN, "owner": owner(cast), **wrong}, language="en", status=200)
    assert sentence in " ".join(page.errors().values())
    assert reading().query(Target).count() == 0
    assert GIVEN["due_on"] in page.html or "due_on" in wrong  # what was typed stays


def test_a_narrower_place_has_its_own_target(cast: Cast, sign_in: SignIn) -> None:
    huda = sign_in("huda")
    for place, value in ((civil(cast), 0.05), (civil(cast, cast.north.id), 0.09)):
        with transaction() as session:
            targets.set_target(
                session, actor=cast.staff["huda"].actor, measure="abandonment_rate", value=value,
                owner=cast.staff["huda"], due_on=None, reason="as published", place=place,
            )  # fmt: skip
    assert "9%" in huda.get(PAGE + "?branch=north", language="en").main
    assert "at most 9%" not in huda.get(PAGE, language="en").main
    here = targets.current(reading(), civil(cast, cast.harbour.id))
    assert here["abandonment_rate"].value == pytest.approx(0.05)


def test_a_target_can_be_withdrawn(cast: Cast, sign_in: SignIn) -> None:
    huda = sign_in("huda")
    huda.post(PAGE, {**GIVEN, "owner": owner(cast)}, status=302)
    huda.post(PAGE + "/withdraw", {"why_gone": "a mistake"}, page=PAGE, status=302)
    assert targets.current(reading(), civil(cast)) == {}
    assert "Withdrawn" in huda.get(PAGE, language="en").main


def test_limits_begin_anew_on_a_day_and_the_day_can_be_taken_back(cast: Cast, sign_in: SignIn) -> None:
    huda = sign_in("huda")
    given = {"begins_on": "2026-09-01", "what_changed": "a second counter"}
    huda.post(REBASE, given, page=PAGE, status=302)
    page = huda.get(PAGE, language="en")
    assert "a second counter" in page.main
    undone = {"day": "2026-09-01", "why_undone": "no effect"}
    huda.post(f"{REBASE}/undo", undone, page=PAGE, status=302)
    assert targets.rebases(reading(), civil(cast)) == {}
    late = huda.post(REBASE, {**given, "begins_on": "2030-01-01"}, page=PAGE, language="en", status=200)
    assert "still to come" in late.main


def test_a_supervisor_reads_it_and_sets_none(cast: Cast, sign_in: SignIn) -> None:
    sara = sign_in("sara")
    assert "Set the target" not in sara.get(PAGE, language="en", status=200).main
    assert sara.send(PAGE, {**GIVEN, "owner": owner(cast)}).status in {400, 403}
    assert reading().query(Target).count() == 0
