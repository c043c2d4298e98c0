"""Who may still walk in, and how a printer's address is written."""

from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdesk.catalog.document import parse, render
from govdesk.catalog.door import printer_address, reason_full
from govdesk.catalog.toml_table import CatalogError


@pytest.mark.parametrize(
    ("used", "daily", "kept", "is_remote", "high", "longest", "reason"),
    [
        (100, None, 0, False, 500.0, None, None),  # no limit
        (9, 10, 0, False, None, None, None),
        (10, 10, 0, False, None, None, "contingent"),
        (0, 0, 0, False, None, None, "contingent"),
        (6, 10, 3, True, None, None, None),
        (7, 10, 3, True, None, None, "contingent"),  # the last three are for people in the hall
        (7, 10, 3, False, None, None, None),
        (0, 2, 5, True, None, None, "contingent"),  # more kept than there is: nothing is left for others
        (0, None, 0, False, 30.0, 30, None),  # as long as it may be
        (0, None, 0, False, 30.1, 30, "wait"),
        (0, None, 0, False, None, 30, None),  # nothing can be announced
        (5, 5, 0, False, 99.0, 30, "contingent"),
    ],
)
def test_a_newcomer_is_let_in_while_there_is_room_and_time(
    used: int, daily: int | None, kept: int, *, is_remote: bool, high: float | None, longest: int | None,
    reason: str | None,
) -> None:  # fmt: skip
    found = reason_full(
        used=used, daily=daily, kept=kept, is_remote=is_remote, quoted_high=high, longest=longest
    )
    assert found == reason


@given(used=st.integers(0, 50), daily=st.integers(0, 50), kept=st.integers(0, 60))
def test_who_is_elsewhere_never_gets_what_the_hall_does_not(used: int, daily: int, kept: int) -> None:
    both = [
        reason_full(used=used, daily=daily, kept=kept, is_remote=far, quoted_high=None, longest=None)
        for far in (False, True)
    ]
    assert both[0] is None or both[1] is not None


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("", ""),
        ("  ", ""),
        ("192.0.2.15", "192.0.2.15:9100"),
        (" Printer-1.Office.example:9101 ", "printer-1.office.example:9101"),
    ],
)
def test_an_address_is_host_and_port(typed: str, address: str) -> None:
    assert printer_address(typed) == address


@pytest.mark.parametrize(
    "typed", ["a b", "host:", "host:0", "host:65536", "host:x", ":9100", "-a", "http://x", "a/b", "host:٩"]
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        printer_address(typed)


def test_the_door_of_a_branch_stands_in_the_catalog_and_comes_back_from_it() -> None:
    city = resources.files("govdesk.catalog").joinpath("demo_city.toml").read_text("utf-8")
    given = city.replace(
        "demands_devices = false", 'demands_devices = true\nprinter = "192.0.2.15"', 1
    ).replace(
        "[[offers]]\n", "[[offers]]\ndaily_walkins = 40\nlongest_wait_minutes = 90\nkept_for_hall = 10\n", 1
    )
    read = parse(given)
    branch, offer = read.branches[0], read.offers[0]
    assert (branch.demands_devices, branch.printer) == (True, "192.0.2.15:9100")
    assert (offer.daily_walkins, offer.longest_wait_minutes, offer.kept_for_hall) == (40, 90, 10)
    assert (read.branches[1].demands_devices, read.offers[1].daily_walkins) == (False, None)
    assert parse(render(read)) == read


@pytest.mark.parametrize(
    ("line", "place"), [("kept_for_hall = 3", "offers[1].kept_for_hall"), ("daily_walkins = -1", "offers[1]")]
)
def test_a_limit_that_cannot_be_is_refused_at_its_place(line: str, place: str) -> None:
    city = resources.files("govdesk.catalog").joinpath("demo_city.toml").read_text("utf-8")
    with pytest.raises(CatalogError) as refusal:
        parse(city.replace("[[offers]]\n", f"[[offers]]\n{line}\n", 1))
    assert place in str(refusal.value)
