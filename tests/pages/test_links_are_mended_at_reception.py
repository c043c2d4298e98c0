"""The pages of identity: what waits, one visit, one person, two side by side; each in one's own branches."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from govdesk import clock
from govdesk.cases.linking.models import PersonMerge
from govdesk.db import reading, transaction
from govdesk.people import relations
from govdesk.people import service as people
from govdesk.people.models import Person
from tests.desk import Desk
from tests.flows import office_days as day
from tests.makers import Cast

SignIn = Callable[[str], Desk]
URL = "/work/identity"
REASON = {"reason": "She showed her card later"}


@pytest.fixture
def known(cast: Cast) -> dict[str, int]:
    """Nora by her number and by her phone, Raj by his number, and a visit that nobody is named in."""
    day.sit_down(cast)
    with transaction() as session:
        actor = cast.staff["reem"].actor
        caller = people.identify_contact(session, actor=actor, phone="0501234567", name="نوره الحربى")
        people.note_contact(session, actor=actor, person=caller, phone="0501234567", name="نوره الحربى")
        nora = session.get_one(Person, cast.nora.id)
        people.note_contact(session, actor=actor, person=nora, phone="0501234567", name="نورة الحربي")
    day.serve(cast, 0, caller, "unresolved", cause="papers", at=8)
    day.serve(cast, 3, cast.nora, at=9)
    day.serve(cast, 3, None, at=10)
    return {"caller": caller.id, "nora": cast.nora.id, "nobody": day.visits()[-1].id}


def test_what_waits_is_shown_where_it_happened(known: dict[str, int], sign_in: SignIn) -> None:
    with clock.at(day.when(4, "12:00")):
        page = sign_in("reem").get(URL, language="en", status=200)
        assert f"kept={known['nora']}&amp;other={known['caller']}" in page.html
        assert f"/visits/{known['nobody']}" in page.html
        there = sign_in("rana").get(URL, language="en", status=200)
        assert "/visits/" not in there.html
        assert "kept=" not in there.html


def test_a_visit_is_linked_unlinked_and_its_object_said(
    cast: Cast, known: dict[str, int], sign_in: SignIn
) -> None:
    with clock.at(day.when(4, "12:00")):
        reem, url = sign_in("reem"), f"{URL}/visits/{known['nobody']}"
        reem.get(url, status=200)
        wrong = reem.post(f"{url}/link", {"identity": "123", **REASON}, page=url, language="en", status=422)
        assert "123" in wrong.html
        reem.post(f"{url}/link", {"identity": cast.raj_number, **REASON}, page=url, status=302)
        assert day.visits()[-1].person_id == cast.raj.id
        reem.post(
            f"{url}/object",
            {"object-object_ref": "١٢ / ٣", "object-reason": "Read on the deed"},
            page=url,
            status=302,
        )
        assert day.visits()[-1].object_ref == "12-3"
        reem.post(f"{url}/unlink", {"unlink-reason": ""}, page=url, status=422)
        reem.post(f"{url}/unlink", {"unlink-reason": "It was his brother"}, page=url, status=302)
        page = reem.get(url, language="en", status=200)
        assert "It was his brother" in page.html
        sign_in("rana").get(url, status=404)


def test_a_visit_joins_a_case_and_leaves_it(known: dict[str, int], sign_in: SignIn) -> None:
    with clock.at(day.when(4, "12:00")):
        reem, url = sign_in("reem"), f"{URL}/visits/{known['nobody']}"
        number = day.cases()[0].case_no
        unknown = {"case-case": "none", "case-reason": "x"}
        assert "no such case" in reem.post(f"{url}/case", unknown, page=url, language="en", status=422).html
        reem.post(
            f"{url}/case", {"case-case": number, "case-reason": "Same application"}, page=url, status=302
        )
        assert day.visits()[-1].case_no == number
        reem.post(f"{url}/part", {"part-reason": "A slip"}, page=url, status=302)
        assert day.visits()[-1].case_no is None


def test_two_become_one_when_a_second_person_agrees(known: dict[str, int], sign_in: SignIn) -> None:
    with clock.at(day.when(4, "12:00")):
        reem, sara = sign_in("reem"), sign_in("sara")
        pair = {"kept": str(known["nora"]), "other": str(known["caller"])}
        side = reem.get(f"{URL}/merges/new?kept={pair['kept']}&other={pair['other']}", status=200)
        assert "0501234567" not in side.html
        assert "1234567" not in side.html
        new = f"{URL}/merges/new?kept={pair['kept']}&other={pair['other']}"
        reem.post(f"{URL}/merges/new", {"reason": ""}, page=new, status=422)
        reem.post(f"{URL}/merges/new", {"reason": "One card, one phone"}, page=new, status=302)
        merge = reading().scalars(select(PersonMerge.id)).one()
        url = f"{URL}/merges/{merge}"
        assert "Somebody else has to check it" in reem.get(url, language="en", status=200).html
        sign_in("salim").get(url, status=403)
        sara.get(url, status=200)
        sara.post(f"{url}/confirm", page=url, status=302)
        assert day.classes()[:2] == ["index_new", "repeat"]
        sara.get(f"{URL}/persons/{known['caller']}", status=200)
        sara.post(f"{url}/undo", {"reason": ""}, page=url, status=422)
        sara.post(f"{url}/undo", {"reason": "Two sisters"}, page=url, status=302)
        assert day.classes()[:2] == ["index_new", "index_new"]
        assert "Two sisters" in reem.get(url, status=200).html


def test_a_person_is_found_by_number_and_who_acts_for_them_is_noted(
    cast: Cast, known: dict[str, int], sign_in: SignIn
) -> None:
    with clock.at(day.when(4, "12:00")):
        reem, url = sign_in("reem"), f"{URL}/persons/{known['nora']}"
        found = reem.post(f"{URL}/persons", {"by": "number", "number": cast.nora_number}, status=200)
        assert url in found.html
        there = sign_in("rana").post(
            f"{URL}/persons", {"by": "number", "number": cast.nora_number}, status=200
        )
        assert url not in there.html
        sign_in("rana").get(url, status=404)
        agent = {"identity": cast.raj_number, "relation": "agent"}
        assert "what was shown" in reem.post(f"{url}/agents", agent, page=url, language="en", status=422).html
        reem.post(f"{url}/agents", {**agent, "proof": "Power 4471"}, page=url, status=302)
        assert "Power 4471" in reem.get(url, status=200).html
        (relation,) = relations.of_person(reading(), known["nora"])
        reem.post(f"{URL}/relations/{relation.id}/end", page=url, status=302)
        reading().rollback()
        assert relations.for_whom(reading(), cast.raj.id, day.when(4, "12:00").date()) == []
