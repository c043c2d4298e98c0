"""Staff choose a case from the person's own, by need, days and branch; what is two needs stays two."""

from collections.abc import Callable

import pytest

from govdesk import clock
from govdesk.cases.linking import service as linking
from govdesk.cases.linking.service import LinkError
from govdesk.cases.rebuild.service import reclassify_all
from govdesk.db import reading, transaction
from tests.desk import Desk
from tests.flows import office_days as day
from tests.makers import Cast

SignIn = Callable[[str], Desk]


@pytest.fixture
def city(cast: Cast) -> Cast:
    """Nora came for two vehicles, and for one of them again much later; Raj came once."""
    day.sit_down(cast)
    day.serve(cast, 0, cast.nora, "unresolved", cause="papers", object_ref="car-1")
    day.serve(cast, 3, cast.nora, object_ref="car-2")
    day.serve(cast, 4, cast.raj)
    day.serve(cast, 80, cast.nora, object_ref="car-1")
    return cast


def ids() -> list[int]:
    return [case.id for case in day.cases()]


def test_two_cases_become_one_by_a_choice(city: Cast, sign_in: SignIn) -> None:
    first, second, rajs, _ = ids()
    with clock.at(day.when(6, "10:00")):
        sara = sign_in("sara")
        file = sara.get(f"/cases/{second}", language="en", status=200)
        form = file.form(f"/cases/{second}/join")
        words = " ".join("".join(label.itertext()) for label in form.iter("label"))
        assert "car-1" in words
        assert "Identity renewal · 23 December · North Branch · car-1" in words
        assert "4 October – still open" in words
        path = f"/cases/{second}"
        typed = {"join-to": str(first), "join-reason": ""}
        assert sara.post(f"{path}/join", typed, page=path, status=422).status
        typed = {"join-to": str(rajs), "join-reason": "One car"}
        refused = sara.post(f"{path}/join", typed, page=path, language="en", status=422)
        assert "join-to" in refused.errors()
        typed = {"join-to": str(first), "join-reason": "The plate was misread"}
        done = sara.post(f"{path}/join", typed, page=path, language="en", status=302)
        assert done.location == f"/cases/{first}"
        assert sara.get(path, status=302).location == f"/cases/{first}"
        omar = sign_in("omar").get(f"/cases/{first}", language="en", status=200)
        assert "/join" not in omar.html
        assert sign_in("salim").get(f"/cases/{first}", status=403).status == 403
    assert day.classes() == ["index_new", "repeat", "index_new", "index_new"]
    assert reclassify_all(reading()) == 0


def test_what_lies_too_far_apart_stays_two_needs_and_nothing_changes(city: Cast) -> None:
    first, _, rajs, late = ids()
    for other, why in ((late, "join_apart"), (rajs, "join_other"), (first, "join_other")):
        with pytest.raises(LinkError, match=why), transaction() as session:
            linking.join_cases(
                session, actor=city.staff["sara"].actor, case_id=other, into_id=first, reason="One car"
            )
    assert [visit.case_no for visit in day.visits()] == [None] * 4


def test_a_visit_is_put_to_a_case_by_a_choice(city: Cast, sign_in: SignIn) -> None:
    first = day.cases()[0].case_no
    second = day.visits()[1].id
    url = f"/work/identity/visits/{second}"
    with clock.at(day.when(6, "10:00")):
        reem = sign_in("reem")
        page = reem.get(url, language="ar", status=200)
        assert f'value="{first}"' in page.html
        neither = reem.post(f"{url}/case", {"case-reason": "One car"}, page=url, language="en", status=422)
        assert "case-case" in neither.errors()
        chosen = {"case-chosen": first, "case-reason": "One car"}
        reem.post(f"{url}/case", chosen, page=url, status=302)
    assert day.classes()[:2] == ["index_new", "repeat"]


def test_a_visit_that_came_much_later_bears_the_number_and_stays_a_need_of_its_own(
    city: Cast, sign_in: SignIn
) -> None:
    first, late = day.cases()[0].case_no, day.visits()[-1].id
    url = f"/work/identity/visits/{late}"
    with clock.at(day.when(81, "10:00")):
        reem = sign_in("reem")
        chosen = {"case-chosen": first, "case-reason": "Same car"}
        done = reem.post(f"{url}/case", chosen, page=url, language="en", status=302)
        assert "still counts as a need of its own" in reem.follow(done).html
    assert day.classes()[-1] == "index_new"
    assert "/cases/" in reem.get(f"/work/identity/persons/{city.nora.id}", language="en").html
