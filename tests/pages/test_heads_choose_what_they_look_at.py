"""The filters of figures: weeks or days of one's own, a department; what is wrong is said, nothing lost."""

from collections.abc import Callable

import pytest

from tests.desk import Desk, Page
from tests.makers import Cast

SignIn = Callable[[str], Desk]


def value(page: Page, name: str) -> str:
    return next(one.get("value", "") for one in page.all("input") if one.get("name") == name)


def chosen(page: Page) -> list[str]:
    return [one.get("value", "") for one in page.all("option") if "selected" in one.attrib]


def test_days_of_ones_own_are_kept_in_the_address(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in("adam").get("/figures?from_on=2026-05-01&to_on=2026-06-30", language="en", status=200)
    assert chosen(page)[0] == "days"
    assert "1 May to 30 June" in page.main
    wanted = "/figures/waiting_time?from_on=2026-05-01&to_on=2026-06-30"
    assert wanted in page.links()


@pytest.mark.parametrize(
    ("days", "field", "sentence"),
    [
        (("yesterday", "2026-06-30"), "from_on", "write a date"),
        (("2026-06-30", "2026-06-01"), "to_on", "before the first"),
        (("2026-06-30", ""), "to_on", "this day too"),
        (("", "2026-06-30"), "from_on", "this day too"),
        (("1990-01-01", "2026-06-30"), "to_on", "ten years"),
    ],
)
def test_days_that_cannot_be_are_told_beside_them(
    cast: Cast, sign_in: SignIn, days: tuple[str, str], field: str, sentence: str
) -> None:
    path = f"/figures/waiting_time?period=12&branch=north&from_on={days[0]}&to_on={days[1]}"
    page = sign_in("adam").get(path, language="en", status=200)
    assert sentence in page.errors()[field]
    assert (value(page, "from_on"), value(page, "to_on")) == days
    assert chosen(page)[:2] == ["12", "north"]  # and what is shown is this


def test_weeks_chosen_after_days_are_weeks(cast: Cast, sign_in: SignIn) -> None:
    path = "/figures?own=1&period=12&from_on=2026-05-01&to_on=2026-06-30"
    page = sign_in("adam").get(path, language="en")
    assert chosen(page)[0] == "12"
    assert value(page, "from_on") == ""


def test_a_department_narrows_the_services(cast: Cast, sign_in: SignIn) -> None:
    desk = sign_in("adam")
    page = desk.get("/figures?department=lands&service=passport", language="en", status=200)
    services = next(one for one in page.all("select") if one.get("name") == "department")
    assert len(list(services)) == 3
    assert chosen(page) == ["24", "", "lands"]  # the one service of the lands needs no choice
    assert "department=lands" in next(link for link in page.links() if "waiting_time" in link)


def test_who_has_one_department_is_not_asked_for_it(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in("huda").get("/figures?department=lands", language="en", status=200)
    assert not [one for one in page.all("select") if one.get("name") == "department"]
    assert not [link for link in page.links() if "department=lands" in link and "waiting_time" in link]
