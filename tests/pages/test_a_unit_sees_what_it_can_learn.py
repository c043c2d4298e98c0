"""Skills before their end and the coaching list, each in the scope of who looks."""

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from govdesk import clock
from govdesk.cases.coaching.models import CoachingItem
from govdesk.catalog.models import Branch, Cause
from govdesk.db import reading, transaction
from govdesk.people.models import Staff
from govdesk.queue import skills
from govdesk.queue.dispatch_models import WorkProfile
from tests.desk import Desk
from tests.flows import office_days as day
from tests.makers import SUNDAY, Cast, make_person

SignIn = Callable[[str], Desk]


@pytest.fixture
def taught(cast: Cast) -> Cast:
    """Omar's passport ends in ten days; five people came back to the north for papers."""
    day.sit_down(cast)
    with transaction() as session:
        session.execute(update(Cause).where(Cause.code == "papers").values(is_knowledge=True))
        people = [make_person(session) for _ in range(5)]
        skills.grant(
            session,
            actor=cast.staff["sara"].actor,
            staff=session.get_one(Staff, cast.staff["othman"].id),
            branch=session.get_one(Branch, cast.north.id),
            services={cast.passport.id: SUNDAY + dt.timedelta(days=10)},
            languages=(),
        )
    for hour, person in enumerate(people, 8):
        day.serve(cast, 0, person, "unresolved", cause="papers", at=hour)
        day.serve(cast, 3, person, at=hour)
    return cast


def test_the_hub_leads_to_both_lists(taught: Cast, sign_in: SignIn) -> None:
    with clock.at(day.when(4, "12:00")):
        hub = sign_in("sara").get("/work", language="en", status=200)
    assert "/work/coaching" in hub.html
    assert "/work/skills" in hub.html


def test_a_skill_is_shown_before_and_after_its_end(taught: Cast, sign_in: SignIn) -> None:
    with clock.at(day.when(4, "12:00")):
        assert "Ends soon" in sign_in("sara").get("/work/skills", language="en", status=200).html
        assert "Ends soon" in sign_in("othman").get("/work/skills", language="en", status=200).html
        assert "No skill ends soon" in sign_in("omar").get("/work/skills", language="en", status=200).html
        assert "No skill ends soon" in sign_in("salim").get("/work/skills", language="en", status=200).html
    with clock.at(day.when(11, "12:00")):
        sara = sign_in("sara")
        assert "Ended" in sara.get("/work/skills", language="en", status=200).html
        floor = sara.get("/floor/north", language="en", status=200).html
        assert "Othman is no longer called people for Passport" in floor


def test_a_supervisor_renews_a_skill(taught: Cast, sign_in: SignIn) -> None:
    sara, othman = sign_in("sara"), taught.staff["othman"].id
    url = f"/admin/branches/north/officers/{othman}"
    form = sara.get(url, language="en", status=200)
    assert "Valid until, Passport" in form.html
    field = f"until_{taught.passport.id}"
    typed = {"services": str(taught.passport.id), field: "2026-01-01"}
    assert "This day is over" in sara.post(url, typed, language="en", status=422).html
    sara.post(url, {**typed, field: "2027-01-01"}, status=302)
    assert reading().get_one(WorkProfile, othman).service_ids == [taught.passport.id]
    assert skills.of_staff(reading(), othman)[0].valid_until == dt.date(2027, 1, 1)


def test_a_cause_is_agreed_on_and_done(taught: Cast, sign_in: SignIn) -> None:
    with clock.at(day.when(4, "12:00")):
        assert "5 returns" in sign_in("omar").get("/work/coaching", language="en", status=200).html
        sara = sign_in("sara")
        sara.get("/work/coaching", status=200)
        url = "/work/coaching/north/papers/renewal/0"
        sara.get(url, status=200)
        sara.post(url, {"words": ""}, status=422)
        sara.post(url, {"words": "Read the new list together", "due_on": "2026-12-01"}, status=302)
        item = reading().scalars(select(CoachingItem)).one()
        assert "Read the new list together" in sara.get("/work/coaching", status=200).html
        sara.get(f"/work/coaching/{item.id}/done", status=200)
        sara.post(f"/work/coaching/{item.id}/done", {"words": "All five of us"}, status=302)
        assert "All five of us" in sara.get("/work/coaching", status=200).html


def test_nobody_agrees_for_another_unit(taught: Cast, sign_in: SignIn) -> None:
    with clock.at(day.when(4, "12:00")):
        sign_in("salim").get("/work/coaching/north/papers/renewal/0", status=404)
        sign_in("omar").get("/work/coaching/north/papers/renewal/0", status=403)
        assert "5 returns" not in sign_in("salim").get("/work/coaching", language="en", status=200).html
