"""The administrator's pages: each is in order in both languages, and each edit arrives."""

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import select

from govdesk import audit
from govdesk.actor import SYSTEM
from govdesk.audit import AuditEntry
from govdesk.booking.schedule.models import Displacement
from govdesk.catalog.models import Branch, Counter, Department, Holiday, PublicService
from govdesk.db import reading, transaction
from govdesk.people.models import Staff
from govdesk.queue.pause_models import PauseReason
from tests import lint
from tests.desk import Desk
from tests.makers import SUNDAY, Cast, make_appointment, make_slot, moment

MONDAY = SUNDAY + dt.timedelta(days=1)
SignIn = Callable[[str], Desk]
WEEK = {f"hours_{day}": "08:00" for day in (6, 0, 1, 2, 3)} | {
    f"closes_{day}": "14:00" for day in (6, 0, 1, 2, 3)
}
SERVICE = {
    "name_ar": "تصديق", "name_en": "Attestation", "family": "attest", "prefix": "z", "minutes": "٨",
    "code": "attest",
}  # fmt: skip


def pages(cast: Cast) -> list[str]:
    north, adam = cast.north.id, cast.staff["adam"].id
    return [
        "", "/agency", "/departments", "/departments/new", f"/departments/{cast.civil.id}", "/services",
        "/services/new", f"/services/{cast.renewal.id}", "/causes", "/causes/new", "/causes/papers",
        "/breaks", "/breaks/new", "/breaks/prayer", "/first", "/first/new", "/first/infant",
        "/branches",
        "/branches/new", f"/branches/{north}", f"/branches/{north}/counters/new",
        f"/branches/{north}/counters/{cast.north_1.id}", "/notices", f"/notices/{north}", "/holidays",
        "/holidays/new", "/holidays?year=٢٠٢٧", "/holidays?year=x", "/staff", "/staff/new", f"/staff/{adam}",
        f"/staff/{adam}/roles", f"/staff/{adam}/reset", "/people", "/audit",
        "/audit?check=1&page=99&subject=x",
    ]  # fmt: skip


def test_every_page_is_in_order_in_both_languages(cast: Cast, sign_in: SignIn) -> None:
    adam = sign_in("adam")
    for path in pages(cast):
        assert adam.get(f"/admin{path}", status=200).heading


@pytest.mark.parametrize("username", ["omar", "reem", "sara", "huda", "aziz"])
def test_nobody_else_edits(cast: Cast, sign_in: SignIn, username: str) -> None:
    browser = sign_in(username)
    refused = [path for path in pages(cast) if browser.get(f"/admin{path}").status == 403]
    allowed = set(pages(cast)) - set(refused)
    own = {
        "sara": {"/notices", f"/notices/{cast.north.id}"},
        "aziz": {"/audit", "/audit?check=1&page=99&subject=x"},
    }
    assert allowed == own.get(username, set())


def test_a_supervisor_changes_the_notice_of_her_branch_only(cast: Cast, sign_in: SignIn) -> None:
    sara = sign_in("sara")
    here = f"/admin/notices/{cast.north.id}"
    sara.post(here, {"notice_ar": "نغلق مبكرًا", "notice_en": "We close early"}, status=302)
    assert reading().get_one(Branch, cast.north.id).notice_en == "We close early"
    assert sara.get(f"/admin/notices/{cast.harbour.id}").status == 403
    assert "Harbour" not in sara.get("/admin/notices", language="en").main


def test_a_new_department_arrives_once_though_pressed_twice(cast: Cast, sign_in: SignIn) -> None:
    adam = sign_in("adam")
    form = adam.get("/admin/departments/new")
    values = {"code": "health", "name_ar": "الصحة", "name_en": "Health"}
    first = adam.submit(form, values, status=302)
    again = adam.submit(form, values, status=302)
    assert first.location == again.location
    assert len(reading().scalars(select(Department).where(Department.code == "health")).all()) == 1


def test_a_taken_code_is_said_beside_its_field_and_nothing_is_lost(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in("adam").post(
        "/admin/departments/new",
        {"code": "civil", "name_ar": "أخرى", "name_en": "Other one"},
        language="en",
        status=422,
    )
    assert "taken" in page.errors()["code"]
    assert "Other one" in page.html


def test_a_service_is_added_with_arabic_digits_and_a_small_letter(cast: Cast, sign_in: SignIn) -> None:
    adam = sign_in("adam")
    adam.post("/admin/services/new", {**SERVICE, "department_id": str(cast.civil.id)}, status=302)
    service = reading().scalars(select(PublicService).where(PublicService.code == "attest")).one()
    assert (service.prefix, service.minutes, service.policy.version) == ("Z", 8, 1)


def test_a_service_gets_the_code_by_which_other_agencies_know_it(cast: Cast, sign_in: SignIn) -> None:
    adam, where = sign_in("adam"), f"/admin/services/{cast.renewal.id}"
    adam.post(where, {"common_vocabulary": "National-services", "common_code": "civ-٢٠١"}, status=302)
    assert reading().get_one(PublicService, cast.renewal.id).common.written == "national-services:CIV-201"
    page = adam.get(where, language="en", status=200)
    assert {"national-services", "CIV-201"} <= {one.get("value") for one in page.all("input")}
    for wrong, field in (
        ({"common_code": ""}, "common_code"),
        ({"common_vocabulary": "دليل"}, "common_vocabulary"),
    ):
        refused = adam.post(where, wrong, language="en", status=422)
        assert "or neither" in refused.errors()[field]
    adam.post(where, {"common_vocabulary": "", "common_code": ""}, status=302)
    reading().rollback()
    assert reading().get_one(PublicService, cast.renewal.id).common_code == ""


def test_wrong_numbers_of_a_service_are_said_beside_them(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in("adam").post(
        "/admin/services/new",
        {**SERVICE, "minutes": "ten", "window_days": "400", "prefix": "A1"},
        language="en",
        status=422,
    )
    assert {"minutes", "window_days", "prefix", "department_id"} <= set(page.errors())
    assert 'value="ten"' in page.html


def test_changed_repeat_parameters_become_a_new_version(cast: Cast, sign_in: SignIn) -> None:
    adam = sign_in("adam")
    before = reading().get_one(PublicService, cast.renewal.id).policy
    version, window = before.version, before.window_days
    adam.post(f"/admin/services/{cast.renewal.id}", {"window_days": "45"}, status=302)
    adam.post(f"/admin/services/{cast.renewal.id}", {"name_en": "Renewal of identity"}, status=302)
    policies = reading().get_one(PublicService, cast.renewal.id).policies
    assert [(policy.version, policy.window_days) for policy in policies[-2:]] == [
        (version, window),
        (version + 1, 45),
    ]


def test_a_branch_gets_its_week_and_its_services(cast: Cast, sign_in: SignIn) -> None:
    adam = sign_in("adam")
    values = {
        "code": "south",
        "name_ar": "الجنوب",
        "name_en": "South",
        **WEEK,
        "again_6": "16:00",
        "ends_6": "20:00",
    }
    adam.post("/admin/branches/new", {**values, "services": [str(cast.deed.id)]}, status=302)
    south = reading().scalars(select(Branch).where(Branch.code == "south")).one()
    assert len(south.hours) == 6
    assert [offer.service_id for offer in south.offers] == [cast.deed.id]
    adam.post(f"/admin/branches/{south.id}/counters/new", {"number": "٧"}, status=302)
    assert reading().scalars(select(Counter.number).where(Counter.branch_id == south.id)).all() == [7]


@pytest.mark.parametrize(
    ("shift", "field"),
    [
        ({"hours_0": "08:00", "closes_0": ""}, "closes_0"),
        ({"hours_0": "14:00", "closes_0": "08:00"}, "hours_0"),
        ({"hours_0": "8h", "closes_0": "14:00"}, "hours_0"),
        ({"hours_0": "08:00", "closes_0": "12:00", "again_0": "11:00", "ends_0": "15:00"}, "hours_0"),
    ],
)
def test_hours_that_make_no_sense_are_refused(
    cast: Cast, sign_in: SignIn, shift: dict[str, str], field: str
) -> None:
    values = {"code": "south", "name_ar": "الجنوب", "name_en": "South", **shift}
    page = sign_in("adam").post("/admin/branches/new", values, status=422)
    assert field in page.errors()
    assert reading().scalars(select(Branch).where(Branch.code == "south")).all() == []


def test_holidays_are_seeded_from_the_country_and_kept_by_hand(cast: Cast, sign_in: SignIn) -> None:
    adam = sign_in("adam")
    adam.post("/admin/holidays/seed", {"year": "2031"}, page="/admin/holidays?year=2031", status=302)
    days = reading().scalars(select(Holiday.day)).all()
    assert [day for day in days if (day.year, day.month, day.day) == (2031, 9, 23)]
    row = reading().scalars(select(Holiday.id).where(Holiday.day == days[0])).one()
    adam.post(f"/admin/holidays/{row}/withdraw", page=f"/admin/holidays?year={days[0].year}", status=302)
    assert reading().get(Holiday, row) is None


def test_people_who_have_booked_are_told_of_before_hours_or_days_change(cast: Cast, sign_in: SignIn) -> None:
    with transaction() as session:
        branch = session.get_one(Branch, cast.north.id)
        slot = make_slot(session, branch=branch, service=cast.renewal)  # Monday 5 October, nine o'clock
        make_appointment(session, slot=slot, person=cast.nora)
    adam = sign_in("adam")
    path = f"/admin/branches/{cast.north.id}"
    late = {"hours_0": "12:00", "closes_0": "15:00", "again_0": "", "ends_0": ""}
    page = adam.post(path, late, language="en", status=409)
    assert "1 person has booked" in page.main
    assert "Identity renewal" in page.main
    with transaction() as session:  # meanwhile one more has booked: the list is shown again
        other = make_slot(session, branch=branch, service=cast.renewal, starts_at=moment("09:30", MONDAY))
        make_appointment(session, slot=other, person=cast.raj)
    page = adam.submit(page, {"anyway": "y"}, action=path, status=409)
    assert "2 people have booked" in page.main
    assert dt.time(12) not in [row.opens for row in reading().get_one(Branch, cast.north.id).hours]
    adam.submit(page, {"anyway": "y", "people": "stay"}, action=path, status=302)
    assert reading().scalars(select(Displacement.id)).all() == []
    monday = [row for row in reading().get_one(Branch, cast.north.id).hours if row.weekday == 0]
    assert [row.opens for row in monday] == [dt.time(12)]
    holiday = {"day": "2026-10-05", "branch": "0", "name_ar": "عطلة", "name_en": "Holiday"}
    page = adam.post("/admin/holidays/new", holiday, language="en", status=409)
    assert dt.date(2026, 10, 5) not in reading().scalars(select(Holiday.day)).all()
    adam.submit(page, {"anyway": "y"}, action="/admin/holidays/new", status=302)
    reasons = reading().scalars(select(Displacement.reason_en)).all()
    assert reasons == ["Holiday", "Holiday"]
    assert dt.date(2026, 10, 5) in reading().scalars(select(Holiday.day)).all()


def test_a_new_staff_member_signs_in_and_is_shut_out(cast: Cast, sign_in: SignIn) -> None:
    adam = sign_in("adam")
    values = {
        "username": "Laila", "name_ar": "ليلى", "name_en": "Laila", "role": "officer",
        "place": f"branch:{cast.north.id}", "password": "blue-kettle-77",
    }  # fmt: skip
    page = adam.post("/admin/staff/new", {**values, "password": "laila12345"}, language="en", status=422)
    assert "password" in page.errors()
    assert "blue" not in page.html
    adam.post("/admin/staff/new", values, status=302)
    laila = sign_in("laila", "blue-kettle-77")  # type: ignore[call-arg]
    row = reading().scalars(select(Staff).where(Staff.username == "laila")).one()
    assert row.actor.branch_ids == frozenset({cast.north.id})
    adam.post(f"/admin/staff/{row.id}/disable", page=f"/admin/staff/{row.id}", status=302)
    assert laila.get("/staff").status == 302


def test_the_last_administrator_stays(cast: Cast, sign_in: SignIn) -> None:
    adam = sign_in("adam")
    own = f"/admin/staff/{cast.staff['adam'].id}"
    adam.post(f"{own}/disable", page=own, status=302)
    role = reading().get_one(Staff, cast.staff["adam"].id).roles[0].id
    adam.post(f"{own}/roles/{role}/revoke", page=own, status=302)
    adam.get("/admin", status=200)


def test_every_edit_is_in_the_audit_with_who_did_it(cast: Cast, sign_in: SignIn) -> None:
    adam = sign_in("adam")
    adam.post(f"/admin/departments/{cast.civil.id}", {"name_en": "Civil status"}, status=302)
    entry = reading().scalars(select(AuditEntry).where(AuditEntry.action == "department.changed")).one()
    assert entry.actor == f"staff:{cast.staff['adam'].id}"
    assert entry.detail["changes"]["name_en"] == ["Civil Affairs", "Civil status"]
    shown = sign_in("aziz").get("/admin/audit?subject=department:civil&check=1", language="en")
    assert "Department changed" in shown.main
    assert "The chain holds" in shown.main


def test_the_audit_says_acts_in_words_and_quotes_the_ones_without(cast: Cast, sign_in: SignIn) -> None:
    with transaction() as session:
        audit.record(session, actor=SYSTEM, action="ticket.issued", subject="ticket:1", file="ticket.csv")
        audit.record(session, actor=SYSTEM, action="ticket.pondered", subject="ticket:1")
    shown = sign_in("aziz").get("/admin/audit?subject=ticket:1", language="en")
    assert "Ticket issued" in shown.main
    assert "<code>ticket.pondered</code>" in shown.html


@pytest.mark.parametrize(
    ("html", "is_found"),
    [
        ("<p>ticket.issued</p>", True),
        ("<p>Read ticket.heading.</p>", True),
        ('<img alt="ticket.heading">', True),
        ("<code>ticket.issued</code>", False),
        ("<p>board.example.com and /staff.csv</p>", False),
    ],
)
def test_the_lint_knows_a_key_from_what_is_none(html: str, is_found: bool) -> None:  # noqa: FBT001
    said = lint.problems(html, "en")
    assert any("untranslated" in problem for problem in said) is is_found


def test_a_time_that_lacks_its_other_end_is_tied_to_its_sentence(cast: Cast, sign_in: SignIn) -> None:
    path = f"/admin/branches/{cast.north.id}"
    shown = sign_in("adam").post(path, {"again_1": "17:00"}, status=422)
    (field,) = [one for one in shown.all("input") if one.get("name") == "ends_1"]
    assert (field.get("aria-invalid"), field.get("aria-describedby")) == ("true", "ends_1-error")
    assert "ends_1" in shown.errors()


def test_the_kinds_of_appointments_are_chosen_for_each_service(cast: Cast, sign_in: SignIn) -> None:
    adam = sign_in("adam")
    path, renewal = f"/admin/branches/{cast.north.id}/kinds", f"kinds_{cast.renewal.id}"
    page = adam.get(path, language="en")
    adam.submit(page, {renewal: ["on_site", "phone"]}, status=302)
    offers = {offer.service.code: offer.kinds for offer in reading().get_one(Branch, cast.north.id).offers}
    assert (offers["renewal"], offers["passport"]) == (["on_site", "phone"], ["on_site"])
    refused = adam.submit(page, {renewal: []}, status=422)
    assert "Choose at least one kind." in refused.errors()[renewal]


def test_an_admin_renames_a_reason_of_breaks_and_adds_one_of_closing(cast: Cast, sign_in: SignIn) -> None:
    adam = sign_in("adam")
    adam.post("/admin/breaks/prayer", {"name_en": "Prayer time"}, status=302)
    new = {"code": "storm", "name_ar": "عاصفة", "name_en": "Storm", "is_closing": "y", "asks_words": "y"}
    adam.post("/admin/breaks/new", new, status=302)
    taken = adam.post("/admin/breaks/new", new, status=422)
    assert list(taken.errors()) == ["code"]
    listed = adam.get("/admin/breaks", language="en")
    assert listed.words("th")[4:6] == ["Rest", "Prayer time"]
    row = reading().get_one(PauseReason, "storm")
    assert (row.position, row.is_closing, row.asks_words, row.is_active) == (7, True, True, True)
    acts = reading().scalars(select(AuditEntry).order_by(AuditEntry.position))
    told = [entry.subject for entry in acts if "pause" in entry.action]
    assert told == ["pause_reason:prayer", "pause_reason:storm"]
