"""The page about the records: shares with their counts, the same as a file, within one's own places."""

from collections.abc import Callable

from govdesk.db import transaction
from tests.desk import Desk
from tests.kpi_makers import make_visit
from tests.makers import Cast, make_person

SignIn = Callable[[str], Desk]


def test_shares_stand_with_their_counts(cast: Cast, sign_in: SignIn) -> None:
    with transaction() as session:
        for place in range(4):
            person = make_person(session) if place else None
            make_visit(session, "10-01", branch=cast.north, service=cast.renewal, person=person)
    huda = sign_in("huda")
    page = huda.get("/figures/quality", language="en", status=200)
    assert "25.0% (1)" in page.words("tr")[1]
    file = huda.get("/figures/quality.csv", status=200).data.decode("utf-8-sig").splitlines()
    assert file[0].startswith("branch,visits,attended,appointments,unlinked")
    assert file[1].startswith(",4,4,0,1")


def test_nothing_recorded_is_no_data(cast: Cast, sign_in: SignIn) -> None:
    assert "No data" in sign_in("huda").get("/figures/quality", language="en", status=200).main


def test_a_supervisor_sees_the_own_branch_only(cast: Cast, sign_in: SignIn) -> None:
    with transaction() as session:
        for branch in (cast.north, cast.harbour):
            make_visit(session, "10-01", branch=branch, service=cast.renewal, person=None)
    rows = sign_in("sara").get("/figures/quality", language="en").words("tr")
    assert len(rows) == 3  # the head, all that sara sees, and the own branch
