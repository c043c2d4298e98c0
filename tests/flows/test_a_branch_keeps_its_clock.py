"""Once something has happened at a branch its time zone is fixed: days and figures were cut by it."""

from collections.abc import Callable

import pytest
from flask import Flask

from govdesk.cases.zones import refuse_other_zone
from govdesk.catalog.editing import CatalogEditError
from govdesk.catalog.models import Branch
from govdesk.db import reading, transaction
from tests.desk import Desk
from tests.makers import Cast, make_appointment, make_slot, make_ticket


def test_before_anything_has_happened_the_zone_can_be_changed(
    cast: Cast, sign_in: Callable[[str], Desk]
) -> None:
    sign_in("adam").post(f"/admin/branches/{cast.north.id}", {"timezone": "Asia/Dubai"}, status=302)
    assert reading().get_one(Branch, cast.north.id).timezone == "Asia/Dubai"


def test_after_an_appointment_it_is_refused_in_words_beside_the_field(
    cast: Cast, sign_in: Callable[[str], Desk]
) -> None:
    with transaction() as session:
        make_appointment(session, slot=make_slot(session, branch=cast.north, service=cast.renewal))
    adam = sign_in("adam")
    page = adam.post(
        f"/admin/branches/{cast.north.id}",
        {"timezone": "Asia/Dubai", "name_en": "Far North"},
        language="en",
        status=409,
    )
    assert "keeps the zone Asia/Riyadh" in page.errors()["timezone"]
    assert 'value="Far North"' in page.html
    adam.post(f"/admin/branches/{cast.north.id}", {"name_en": "Far North"}, status=302)
    assert reading().get_one(Branch, cast.north.id).timezone == "Asia/Riyadh"


def test_a_ticket_settles_it_too_and_only_at_its_branch(app: Flask, cast: Cast) -> None:
    with transaction() as session:
        make_ticket(session, branch=cast.north, service=cast.renewal)
    with pytest.raises(CatalogEditError, match="timezone_settled"):
        refuse_other_zone(reading(), code="north", timezone="Asia/Dubai")
    refuse_other_zone(reading(), code="harbour", timezone="Asia/Dubai")
    refuse_other_zone(reading(), code="north", timezone="Asia/Riyadh")
