"""A head asks what a day will need; what cannot be read is said beside its field."""

import datetime as dt
from collections.abc import Callable

from govdesk.catalog.models import Holiday
from govdesk.db import transaction
from tests.desk import Desk
from tests.kpi_makers import make_wait
from tests.makers import Cast

SignIn = Callable[[str], Desk]
PAGE = "/figures/staffing"


def test_a_day_is_foreseen_on_a_page(cast: Cast, sign_in: SignIn) -> None:
    with transaction() as session:
        for day in ("09-27", "09-20", "09-13"):
            for minute in range(12):
                make_wait(
                    session, branch=cast.north, service=cast.renewal, day=day, arrived=f"09:{minute:02}",
                    called=f"09:{minute + 1:02}", ended=f"09:{minute + 9:02}",
                )  # fmt: skip
    page = sign_in("huda").get(
        f"{PAGE}?branch=north&day=2026-10-11&counters=4&within=15&share=80", language="en", status=200
    )
    row = page.words("tr")[1]
    assert row.startswith("09:00 12.0 (7 to 17)")  # 12 ± 1.2816 √(12 × 4 / 3) = 12 ± 5.13: 6.87 to 17.13
    assert "80" in page.html


def test_what_more_or_fewer_counters_do_to_waits_stands_in_the_table_and_the_file(
    cast: Cast, sign_in: SignIn
) -> None:
    with transaction() as session:
        for day in ("09-27", "09-20", "09-13"):
            for minute in range(12):
                make_wait(
                    session, branch=cast.north, service=cast.renewal, day=day, arrived=f"09:{minute:02}",
                    called=f"09:{minute + 1:02}", ended=f"09:{minute + 9:02}",
                )  # fmt: skip
    huda, asked = sign_in("huda"), "?branch=north&day=2026-10-11&counters=3&within=15&share=80"
    page = huda.get(f"{PAGE}{asked}", language="en", status=200)
    row = page.words("tr")[1]
    assert row.count("mean wait") == 2  # with one fewer, and with one more
    assert "Most come at 09:00: about 12.0 people (7 to 17)." in page.main
    file = huda.get(f"{PAGE}.csv{asked}", status=200).data.decode("utf-8-sig").splitlines()
    head, nine = (line.split(",") for line in file)
    told = dict(zip(head, nine, strict=True))
    assert (told["from"], told["people_expected"], told["people_low"], told["people_high"]) == (
        "09:00", "12.0", "7", "17"
    )  # fmt: skip
    waits = [float(told[name]) for name in ("wait_one_fewer", "mean_wait_minutes", "wait_one_more")]
    assert waits == sorted(waits, reverse=True)
    huda.get(f"{PAGE}{asked}", language="ar", status=200)


def test_a_day_on_which_the_branch_is_shut_needs_nobody(cast: Cast, sign_in: SignIn) -> None:
    with transaction() as session:
        session.add(Holiday(day=dt.date(2026, 10, 11), name_ar="عطلة", name_en="Founding Day"))
    huda = sign_in("huda")
    page = huda.get(f"{PAGE}?branch=north&day=2026-10-11", language="en", status=200)
    assert "The branch is shut on this day: Founding Day." in page.main
    assert not page.all("table")
    friday = huda.get(f"{PAGE}?branch=north&day=2026-10-09", language="en", status=200)
    assert "The branch is shut on this day." in friday.main


def test_before_there_is_a_past_nothing_is_foreseen(cast: Cast, sign_in: SignIn) -> None:
    assert "Too little is known" in sign_in("huda").get(PAGE, language="en", status=200).main


def test_nonsense_is_told_beside_its_field(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in("huda").get(f"{PAGE}?branch=north&counters=many&day=soon", language="en", status=422)
    assert set(page.errors()) == {"counters", "day"}


def test_a_supervisor_sees_the_own_branch_only(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in("sara").get(f"{PAGE}?branch=harbour", language="en", status=200)
    assert [option.get("value") for option in page.all("option")] == ["north"]


def test_officers_have_other_work(cast: Cast, sign_in: SignIn) -> None:
    assert sign_in("omar").get(PAGE).status == 403


def test_a_file_that_cannot_be_made_leads_to_what_is_wrong(cast: Cast, sign_in: SignIn) -> None:
    huda = sign_in("huda")
    answer = huda.get(f"{PAGE}.csv?branch=north&day=2026-10-11&counters=0&within=15&share=80", status=302)
    assert "counters" in huda.follow(answer, status=422).errors()
