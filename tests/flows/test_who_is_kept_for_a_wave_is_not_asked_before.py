"""A quarter is left in peace until the wave that may draw them; the others are asked at once."""

import datetime as dt
from collections import Counter

import pytest

from govdesk import clock
from govdesk.catalog.models import Branch, PublicService
from govdesk.db import transaction
from govdesk.feedback.asking import sampling, service
from govdesk.feedback.asking.models import Programme
from tests.flows.asked import invitations, make_programme, make_wave, send
from tests.makers import SUNDAY, Cast, make_person, make_questionnaire, moment

MONDAY = SUNDAY + dt.timedelta(days=1)


@pytest.fixture
def crowd(cast: Cast) -> list[int]:
    """Forty people who were served at ten."""
    with transaction() as session:
        make_questionnaire(session)
        branch = session.get_one(Branch, cast.north.id)
        renewal = session.get_one(PublicService, cast.renewal.id)
        people = [make_person(session, phone=f"+96650{number:07}") for number in range(40)]
        for person in people:
            service.invite(
                session, kind="after_service", about=f"ticket:{person.id}", occasion="served", person=person,
                branch=branch, service=renewal, language="en", ended_at=moment("10:00"),
            )  # fmt: skip
        return [person.id for person in people]


def begin(cast: Cast, **columns: object) -> int:
    with transaction() as session:
        return make_programme(session, make_questionnaire(session, "periodic"), **columns).id


def spared() -> set[int | None]:
    states = Counter((one.state, one.why_spared) for one in invitations())
    assert set(states) <= {("sent", None), ("spared", "kept")}
    return {one.person_id for one in invitations() if one.state == "spared"}


def of_panel(crowd: list[int], panel: int) -> set[int]:
    return {one for one in crowd if sampling.panel_of("a seed", one, 4) == panel}


def test_the_panel_of_the_first_wave_is_kept_for_it(cast: Cast, crowd: list[int]) -> None:
    begin(cast)
    assert send("10:05") == 40 - len(of_panel(crowd, 1))
    assert spared() == of_panel(crowd, 1)
    assert 4 <= len(spared()) <= 16  # about a quarter


def test_once_a_wave_has_begun_the_next_panel_is_kept(cast: Cast, crowd: list[int]) -> None:
    programme_id = begin(cast)
    with transaction() as session:
        make_wave(session, session.get_one(Programme, programme_id), number=4)  # the last of the round
        make_wave(
            session, session.get_one(Programme, programme_id), number=5, from_on=SUNDAY + dt.timedelta(1)
        )
    send("10:05")
    assert spared() == of_panel(crowd, 2)


@pytest.mark.parametrize(
    "columns",
    [
        {"is_running": False},
        {"panels": 1},
        {"starts_on": SUNDAY + dt.timedelta(days=1)},
        {"department_id": "lands"},
    ],
)
def test_nobody_is_kept_for_what_does_not_concern_them(
    cast: Cast, crowd: list[int], columns: dict[str, object]
) -> None:
    begin(cast, **columns | ({"department_id": cast.lands.id} if "department_id" in columns else {}))
    assert send("10:05") == len(crowd)


def test_who_is_kept_may_answer_by_the_code_on_the_slip(cast: Cast, crowd: list[int]) -> None:
    begin(cast)
    send("10:05")
    one = next(one for one in invitations() if one.why_spared == "kept")
    with clock.at(moment("10:10")), transaction() as session:
        service.show(session, invitation=session.merge(one), mode="qr")
    shown = next(found for found in invitations() if found.id == one.id)
    assert (shown.state, shown.mode, shown.why_spared) == ("shown", "qr", None)
    assert crowd
