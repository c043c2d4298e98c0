"""The catalog comes from one file and goes into one file; the second time nothing changes."""

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import func, select

import govdesk.catalog
from govdesk.actor import SYSTEM
from govdesk.audit import AuditEntry
from govdesk.booking import catalog_document
from govdesk.booking.models import SlotSchedule
from govdesk.catalog import branches, holidays, organisation, priorities, service
from govdesk.catalog.common_codes import NO_CODE
from govdesk.catalog.editing import CatalogEditError
from govdesk.catalog.entries import HoursEntry, RepeatEntry
from govdesk.catalog.models import Branch, Holiday, PublicService, RepeatPolicy
from govdesk.catalog.priority_models import PriorityGroup
from govdesk.catalog.rules import MissingHolidaysError
from govdesk.catalog.toml_table import CatalogError
from govdesk.db import Base, reading, transaction
from tests.makers import Cast
from tests.processes import environ
from tests.processes import govdesk as command

CITY = (Path(govdesk.catalog.__file__).parent / "demo_city.toml").read_text("utf-8")
RIYADH = ZoneInfo("Asia/Riyadh")


def load(text: str) -> catalog_document.Loaded:
    with transaction() as session:
        return catalog_document.load(session, actor=SYSTEM, text=text)


def count(model: type[Base]) -> int:
    return reading().scalar(select(func.count()).select_from(model)) or 0


def test_the_second_loading_leaves_no_trace(app: Flask, morning: None) -> None:
    first = load(CITY)
    entries, policies = count(AuditEntry), count(RepeatPolicy)
    again = load(CITY)
    assert (first.branches, first.services, first.changes) == (3, 6, entries)
    assert again.changes == 0
    assert (count(AuditEntry), count(RepeatPolicy)) == (entries, policies)


def test_what_is_written_is_read_and_written_the_same(app: Flask, morning: None) -> None:
    load(CITY)
    written = catalog_document.dump(reading())
    assert load(written).changes == 0
    assert catalog_document.dump(reading()) == written
    assert count(SlotSchedule) == 21


def test_a_written_catalog_makes_the_same_installation_elsewhere(app: Flask, cast: Cast) -> None:
    with transaction() as session:
        holidays.keep_ahead(session)
        north = session.get_one(Branch, cast.north.id)
        branches.set_notice(session, actor=SYSTEM, branch=north, notice_ar="", notice_en="Only in English")
        branches.describe_counter(
            session, actor=SYSTEM, branch=north, number=1, service_ids=[cast.deed.id], is_active=False
        )
        holidays.declare(
            session, actor=SYSTEM, day=dt.date(2026, 12, 1), name_ar="جرد", name_en="Stocktaking",
            branch=north, hours=(dt.time(8), dt.time(10)),
        )  # fmt: skip
    written = catalog_document.dump(reading())
    assert load(written).changes == 0
    assert catalog_document.dump(reading()) == written
    assert '"Only in English"' in written


def test_a_changed_window_is_one_new_version(app: Flask, morning: None) -> None:
    load(CITY)
    before = count(RepeatPolicy)
    assert load(CITY.replace("repeat = { cycle_days = 365 }", "repeat = { cycle_days = 730 }")).changes == 1
    renewal = service.service_of(reading(), "residence-renewal")
    assert count(RepeatPolicy) == before + 1
    assert [(policy.version, policy.cycle_days) for policy in renewal.policies] == [(1, 365), (2, 730)]


def test_a_file_gives_keeps_and_takes_away_common_codes(app: Flask, morning: None) -> None:
    said = 'common = { vocabulary = "national-services", code = "CIV-202" }'
    load(CITY)
    assert service.service_of(reading(), "residence-renewal").common.written == "national-services:CIV-202"
    assert 'code = "CIV-202"' in catalog_document.dump(reading())
    assert load(CITY.replace(said, "")).changes == 0  # a file of before says nothing of codes
    assert load(CITY.replace(said, "common = {}")).changes == 1
    assert service.service_of(reading(), "residence-renewal").common == NO_CODE
    with pytest.raises(CatalogError) as refusal:
        load(CITY.replace(said, 'common = { code = "CIV-202" }'))
    assert (refusal.value.key, refusal.value.params["place"]) == (
        "catalog.common_vocabulary", "services[5].common.vocabulary",
    )  # fmt: skip


def test_a_command_says_what_a_service_is_in_a_shared_classification(app: Flask, cast: Cast) -> None:
    env = environ(app.extensions["govdesk"])
    told = command("catalog", "common-code", "renewal", "National-services", "civ-201", env=env)
    assert (told.returncode, told.stdout) == (0, "renewal\tnational-services:CIV-201\n")
    listed = command("catalog", "common-code", env=env).stdout.splitlines()
    assert listed == ["deed\t-", "passport\t-", "renewal\tnational-services:CIV-201"]
    for wrong, status in ((("renewal", "x y", "1"), 1), (("gone", "x", "1"), 1), (("renewal", "x"), 2)):
        assert command("catalog", "common-code", *wrong, env=env).returncode == status
    told = command("catalog", "common-code", "renewal", "--remove", env=env)
    assert told.stdout == "renewal\t-\n"
    acts = select(AuditEntry.action).where(AuditEntry.action == "service.changed")
    assert len(reading().scalars(acts).all()) == 2


def test_a_wrong_file_changes_nothing_and_names_the_place(app: Flask) -> None:
    with pytest.raises(CatalogError) as refusal:
        load(CITY.replace("minutes = 18", 'minutes = "long"'))
    assert refusal.value.params["place"] == "services[6].minutes"
    assert count(PublicService) == count(AuditEntry) == 0


def test_nothing_is_written_before_the_agency_has_a_name(app: Flask) -> None:
    with pytest.raises(CatalogEditError):
        catalog_document.dump(reading())


def test_what_only_files_know_is_not_written(app: Flask, cast: Cast) -> None:
    before = catalog_document.dump(reading())
    with transaction() as session:
        first = service.ensure_imported_branch(session, actor=SYSTEM, code="Old Office №7")
        again = service.ensure_imported_branch(session, actor=SYSTEM, code="Old Office №7")
        old = service.ensure_imported_service(session, actor=SYSTEM, code="Dog licence", family="animals")
        assert first.id == again.id
        assert old.policy.window_days == RepeatEntry().window_days
        assert service.ensure_imported_service(session, actor=SYSTEM, code="renewal").is_imported is False
    assert catalog_document.dump(reading()) == before


def test_the_state_calendar_fills_an_installation_without_holidays(app: Flask, morning: None) -> None:
    load(CITY)
    national_day = reading().scalars(select(Holiday).where(Holiday.day == dt.date(2026, 9, 23))).one()
    assert (national_day.name_ar, national_day.branch_id) == ("اليوم الوطني", None)
    assert holidays.years_known(reading()) == {2025, 2026, 2027}


def test_a_holiday_taken_away_by_hand_does_not_come_back_by_itself(app: Flask, morning: None) -> None:
    load(CITY)
    with transaction() as session:
        day = session.scalars(select(Holiday).where(Holiday.day == dt.date(2026, 9, 23))).one()
        holidays.withdraw(session, actor=SYSTEM, holiday=day)
    with transaction() as session:
        assert holidays.keep_ahead(session) == 0
    assert load(CITY).changes == 0


def test_the_calendar_knows_week_holidays_and_days_of_other_hours(cast: Cast) -> None:
    with transaction() as session:
        north = session.get_one(Branch, cast.north.id)
        branches.set_hours(session, actor=SYSTEM, branch=north, week=[HoursEntry(6, dt.time(8), dt.time(12))])
        holidays.declare(session, actor=SYSTEM, day=dt.date(2026, 10, 11), name_ar="عطلة", name_en="Holiday")
        holidays.declare(session, actor=SYSTEM, day=dt.date(2026, 10, 18), name_ar="عطلة", name_en="Holiday")
        holidays.declare(
            session, actor=SYSTEM, day=dt.date(2026, 10, 18), name_ar="نصف", name_en="Half", branch=north,
            hours=(dt.time(9), dt.time(10)),
        )  # fmt: skip
        calendar = service.calendar_of(session, north)
    assert calendar.is_open(dt.datetime(2026, 10, 4, 8, tzinfo=RIYADH))
    assert not calendar.is_open(dt.datetime(2026, 10, 4, 12, tzinfo=RIYADH))
    assert not calendar.is_open(dt.datetime(2026, 10, 11, 9, tzinfo=RIYADH))
    assert calendar.is_open(dt.datetime(2026, 10, 18, 9, tzinfo=RIYADH))
    assert not calendar.is_open(dt.datetime(2026, 10, 18, 8, tzinfo=RIYADH))


def test_a_year_whose_holidays_nobody_declared_is_an_error_not_open(cast: Cast) -> None:
    with transaction() as session:
        holidays.declare(session, actor=SYSTEM, day=dt.date(2026, 9, 23), name_ar="و", name_en="N")
        north = session.get_one(Branch, cast.north.id)
        calendar = service.calendar_of(session, north)
        relaxed = service.calendar_of(session, north, is_strict=False)
    with pytest.raises(MissingHolidaysError):
        calendar.hours_of(dt.date(2028, 1, 2))
    assert relaxed.hours_of(dt.date(2028, 1, 2))


def test_a_ticket_letter_belongs_to_one_service(cast: Cast) -> None:
    with pytest.raises(CatalogEditError) as refusal, transaction() as session:
        organisation.describe_service(
            session, actor=SYSTEM, code="other", department=cast.civil, repeat=RepeatEntry(), name_ar="أ",
            name_en="O", family="other", prefix=cast.deed.prefix, minutes=5,
        )  # fmt: skip
    assert refusal.value.field == "prefix"


def test_a_counter_serves_only_what_its_branch_offers(cast: Cast) -> None:
    with pytest.raises(CatalogEditError), transaction() as session:
        harbour = session.get_one(Branch, cast.harbour.id)
        branches.describe_counter(session, actor=SYSTEM, branch=harbour, number=1, service_ids=[cast.deed.id])


def test_priority_groups_come_with_the_catalog_and_those_unsaid_stay(app: Flask, morning: None) -> None:
    load(CITY)
    codes = ["elderly", "disability", "pregnant", "infant", "donor"]
    assert [one.code for one in priorities.known(reading())] == codes
    donor = reading().get_one(PriorityGroup, "donor")
    assert (donor.position, donor.is_stated, donor.is_active) == (5, False, True)
    assert donor.meant_en == "Whoever shows a card of the blood bank that is valid this year."
    before, after = CITY.split("[[priority_groups]]")
    first = """[[priority_groups]]
code = "infant"
name = { ar = "مع رضيع", en = "With a baby" }
is_active = false

"""
    assert load(before).changes == 0
    assert load(before + "[[priority_groups]]" + after + first).changes > 0
    stand = [(one.code, one.position, one.is_active) for one in priorities.known(reading())]
    assert sorted(stand, key=lambda one: one[0]) == [
        ("disability", 2, True), ("donor", 1, True), ("elderly", 1, True), ("infant", 2, False),
        ("pregnant", 3, True),
    ]  # fmt: skip
    written = catalog_document.dump(reading())
    assert load(written).changes == 0
    assert '"With a baby"' in written


@pytest.mark.parametrize(("old", "new"), [('"donor"', '"none"'), ("is_stated = false", "is_stated = 1")])
def test_a_wrong_group_changes_nothing(app: Flask, morning: None, old: str, new: str) -> None:
    assert old in CITY
    with pytest.raises((CatalogError, CatalogEditError)):
        load(CITY.replace(old, new))
    assert count(Branch) == 0
