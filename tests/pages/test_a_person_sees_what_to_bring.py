"""Who booked for a reason finds on the page of the appointment what to bring."""

import pytest

from govdesk.catalog.scenario_models import Scenario, ScenarioPaper
from govdesk.db import transaction
from tests.desk import Desk
from tests.makers import Cast, make_appointment, make_slot


@pytest.mark.parametrize(
    ("language", "paper", "how"),
    [("ar", "بلاغ", "من الشرطة"), ("en", "Police report", "From the police")],
)
def test_the_papers_of_the_reason_stand_on_the_page(
    cast: Cast, desk: Desk, language: str, paper: str, how: str
) -> None:
    with transaction() as session:
        lost = Scenario(
            service_id=cast.renewal.id,
            code="lost",
            position=1,
            action="book",
            name_ar="فقدتها",
            name_en="Lost",
        )
        lost.all_papers = [
            ScenarioPaper(
                code="report", position=1, name_ar="بلاغ", name_en="Police report", form="original",
                how_ar="من الشرطة", how_en="From the police",
            ),
            ScenarioPaper(
                code="photo", position=2, name_ar="صورة", name_en="Photograph", form="copy", is_required=False
            ),
        ]  # fmt: skip
        session.add(lost)
        slot = make_slot(session, branch=cast.north, service=cast.renewal, capacity=2)
        with_reason = make_appointment(session, slot=slot, person=cast.nora, scenario=lost)
        without = make_appointment(session, slot=slot, person=cast.raj)
    shown = desk.get(f"/appointment/{with_reason.link_token}", language=language)
    assert paper in shown.main
    assert how in shown.main
    assert not desk.get(f"/appointment/{without.link_token}", language=language).all("ul", "papers")
