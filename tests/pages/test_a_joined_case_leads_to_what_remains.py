"""An old link or number of a case that became part of another leads on; it never opens somebody else's."""

from collections.abc import Callable

import pytest

from govdesk import clock
from govdesk.cases.linking import service as linking
from govdesk.db import transaction
from tests.desk import Desk
from tests.flows import office_days as day
from tests.makers import Cast

SignIn = Callable[[str], Desk]


@pytest.fixture
def city(cast: Cast) -> Cast:
    """Nora came twice for one vehicle and then, as nobody knew, for the same one under Raj's name."""
    day.sit_down(cast)
    day.serve(cast, 0, cast.nora, "unresolved", cause="papers")
    day.serve(cast, 2, cast.raj)
    return cast


def numbers() -> list[tuple[int, str]]:
    """The id and the number of each case."""
    return [(case.id, case.case_no) for case in day.cases()]


def link(city: Cast, visit_no: str, person: object) -> None:
    with clock.at(day.when(3, "08:00")), transaction() as session:
        actor, visit_id = city.staff["sara"].actor, day.visit_of(visit_no).id
        linking.link(session, actor=actor, visit_id=visit_id, person=person, reason="Her brother's card")  # type: ignore[arg-type]


def test_a_link_leads_to_the_case_that_remains_and_back_when_they_part(city: Cast, sign_in: SignIn) -> None:
    (first, _), (second, number) = numbers()
    link(city, number, city.nora)
    assert [one for one, _ in numbers()] == [first]
    with clock.at(day.when(3, "09:00")):
        sara = sign_in("sara")
        moved = sara.get(f"/cases/{second}", language="en", status=302)
        assert moved.location == f"/cases/{first}"
        assert "was joined" in sara.get(f"/cases/{first}", language="en", status=200).html
        sign_in("salim").get(f"/cases/{second}", status=403)
        sara.get("/cases/999999", status=404)
    link(city, number, city.raj)
    again = numbers()[1][0]
    with clock.at(day.when(3, "10:00")):
        moved = sara.get(f"/cases/{second}", status=302)
        assert moved.location == f"/cases/{again}"


def test_the_id_of_a_case_that_is_gone_is_never_given_again(city: Cast, sign_in: SignIn) -> None:
    (first, _), (second, number) = numbers()
    link(city, number, city.nora)
    day.serve(city, 4, city.raj)  # a new case, of somebody else
    assert numbers()[-1][0] > second
    with clock.at(day.when(5, "09:00")):
        moved = sign_in("sara").get(f"/cases/{second}", status=302)
        assert moved.location == f"/cases/{first}"


def test_a_press_on_a_page_of_a_joined_case_leads_there_too(city: Cast, sign_in: SignIn) -> None:
    (first, _), (second, number) = numbers()
    with clock.at(day.when(3, "09:00")):
        sara = sign_in("sara")
        file = sara.get(f"/cases/{second}", language="en", status=200)
        link(city, number, city.nora)
        pressed = sara.submit(file, {"note-words": "She called"}, action=f"/cases/{second}/note", status=302)
        assert pressed.location == f"/cases/{first}"


def test_the_old_number_is_understood(city: Cast, sign_in: SignIn) -> None:
    number = numbers()[1][1]
    link(city, number, city.nora)
    other = day.visit_of(day.serve(city, 4, None))
    url = f"/work/identity/visits/{other.id}"
    typed = {"case-case": number, "case-reason": "Same application"}
    with clock.at(day.when(5, "09:00")):
        sign_in("reem").post(f"{url}/case", typed, page=url, status=302)
    assert day.visit_of(other.visit_no).person_id == city.nora.id
    assert len(day.cases()) == 1
