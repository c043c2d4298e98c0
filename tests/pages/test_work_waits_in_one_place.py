"""The hub of work: one door for each list, in the navigation of whoever has such work."""

from collections.abc import Callable

import pytest

from tests.desk import Desk
from tests.makers import Cast

SignIn = Callable[[str], Desk]


@pytest.mark.parametrize("username", ["omar", "reem", "sara", "huda"])
def test_who_serves_finds_what_waits(cast: Cast, sign_in: SignIn, username: str) -> None:
    hub = sign_in(username).get("/work", language="en", status=200)
    assert hub.heading == "Work that waits"
    assert "Work" in hub.words("nav")[0]


def test_who_only_looks_has_no_such_work(cast: Cast, sign_in: SignIn) -> None:
    sign_in("aziz").get("/work", status=403)
