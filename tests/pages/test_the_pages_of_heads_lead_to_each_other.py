"""From each page of heads one comes to the others, with the filters that were chosen."""

from collections.abc import Callable

import pytest

from govdesk.faces.head.sections import SECTIONS
from tests.desk import Desk, Page
from tests.makers import Cast

SignIn = Callable[[str], Desk]


def current(page: Page) -> dict[str | None, str | None]:
    nav = page.all("nav", "sections")[0]
    return {link.text: link.get("aria-current") for link in nav.iter("a") if link.get("aria-current")}


@pytest.mark.parametrize(
    ("path", "name", "how"),
    [
        ("/figures", "Overview", "page"),
        ("/figures/waiting_time", "Overview", "true"),
        ("/figures/quality", "Data quality", "page"),
        ("/figures/definitions", "Definitions", "page"),
    ],
)
def test_the_page_one_is_on_is_marked(cast: Cast, sign_in: SignIn, path: str, name: str, how: str) -> None:
    page = sign_in("huda").get(path, language="en", status=200)
    assert current(page) == {name: how}


def test_filters_go_along(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in("huda").get("/figures?period=12&branch=north&nonsense=1", language="en")
    links = [link.attrib["href"] for link in page.all("nav", "sections")[0].iter("a")]
    assert len(links) == len(SECTIONS)
    assert all(link.endswith("?period=12&branch=north") for link in links)
