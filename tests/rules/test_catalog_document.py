"""The catalog as a file: what it says, where it is wrong, and that writing and reading change nothing."""

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import govdesk.catalog
from govdesk.catalog.causes import DEFAULT_CAUSES
from govdesk.catalog.common_codes import NO_CODE, CommonCode
from govdesk.catalog.document import parse, render
from govdesk.catalog.entries import (
    AgencyEntry,
    BranchEntry,
    CatalogDocument,
    CauseEntry,
    CounterEntry,
    DepartmentEntry,
    ExceptionEntry,
    HolidayEntry,
    HoursEntry,
    Name,
    OfferEntry,
    PriorityGroupEntry,
    RepeatEntry,
    ScheduleEntry,
    SeasonEntry,
    ServiceEntry,
)
from govdesk.catalog.toml_table import CatalogError

DEMO_CITY = (Path(govdesk.catalog.__file__).parent / "demo_city.toml").read_text(encoding="utf-8")
FAILURE_REASONS = {
    "chase",
    "missing_document",
    "wrong_information",
    "office_error",
    "system_down",
    "not_ready",
    "unclear_letter",
    "citizen_side",
}

SMALL = """
[agency]
name = { ar = "هيئة", en = "Authority" }

[[departments]]
code = "civil"
name = { ar = "الأحوال", en = "Civil status" }

[[services]]
code = "birth"
department = "civil"
name = { ar = "مولود", en = "Birth" }
prefix = "A"
minutes = 10

[[services]]
code = "record"
department = "civil"
name = { ar = "سجل", en = "Record" }
prefix = "B"
minutes = 20
repeat = { window_days = 45, cycle_days = 365, allowed_reasons = ["biometrics"] }

[[branches]]
code = "centre"
name = { ar = "المركز", en = "Centre" }
timezone = "Asia/Riyadh"
hours = { monday = ["16:00-20:00", "08:00-12:00"], sunday = ["08:00-00:00"] }
counters = [{ number = 1 }, { number = 2, services = ["birth"] }]
holidays = [{ day = 2026-09-23, name = { ar = "اليوم الوطني", en = "National Day" } }]

[[offers]]
branch = "centre"
service = "birth"

[[offers.schedules]]
weekdays = ["sunday", "monday"]
hours = "08:00-12:00"
slot_minutes = 20
capacity = 2
lead_minutes = 30
horizon_days = 21
"""
RULE = "offers[1].schedules[1]"
DAYS = "first_on = 2026-10-05, last_on = 2026-10-04"
SHUT = f'exceptions = [{{ kind = "shut", {DAYS}, name = {{ ar = "س", en = "S" }} }}]'


def test_a_small_catalog_says_what_it_says() -> None:
    assert parse(SMALL) == CatalogDocument(
        agency=AgencyEntry(Name("هيئة", "Authority")),
        departments=(DepartmentEntry("civil", Name("الأحوال", "Civil status")),),
        services=(
            ServiceEntry("birth", "civil", Name("مولود", "Birth"), family="birth", prefix="A", minutes=10),
            ServiceEntry(
                "record",
                "civil",
                Name("سجل", "Record"),
                family="record",
                prefix="B",
                minutes=20,
                repeat=RepeatEntry(45, 2, 365, ("biometrics",)),
            ),
        ),
        branches=(
            BranchEntry(
                code="centre",
                name=Name("المركز", "Centre"),
                timezone="Asia/Riyadh",
                hours=(
                    HoursEntry(0, dt.time(8), dt.time(12)),
                    HoursEntry(0, dt.time(16), dt.time(20)),
                    HoursEntry(6, dt.time(8), dt.time(0)),
                ),
                counters=(CounterEntry(1), CounterEntry(2, ("birth",))),
                holidays=(HolidayEntry(dt.date(2026, 9, 23), Name("اليوم الوطني", "National Day")),),
            ),
        ),
        offers=(
            OfferEntry(
                "centre",
                "birth",
                (ScheduleEntry((0, 6), dt.time(8), dt.time(12), 20, 2, 30, 21),),
            ),
        ),
        causes=DEFAULT_CAUSES,
    )


@pytest.mark.parametrize(
    ("old", "new", "key", "place"),
    [
        ("minutes = 20\nrepeat", "minutes = 0\nrepeat", "catalog.whole_number", "services[2].minutes"),
        ("minutes = 20\nrepeat", "minutes = 2.5\nrepeat", "catalog.whole_number", "services[2].minutes"),
        ("minutes = 20\nrepeat", "minutes = true\nrepeat", "catalog.whole_number", "services[2].minutes"),
        ("minutes = 20\nrepeat", "repeat", "catalog.missing", "services[2].minutes"),
        ("minutes = 10", "minute = 10\nminutes = 10", "catalog.unknown_field", "services[1].minute"),
        ('prefix = "B"', 'prefix = "A"', "catalog.repeated", "services[2].prefix"),
        ('prefix = "B"', 'prefix = "ب"', "catalog.prefix", "services[2].prefix"),
        ('code = "record"', 'code = "birth"', "catalog.repeated", "services[2].code"),
        ('code = "record"', 'code = "Record 1"', "catalog.code", "services[2].code"),
        ("window_days = 45", "window_days = 91", "catalog.whole_number", "services[2].repeat.window_days"),
        ("window_days = 45", "windows = 45", "catalog.unknown_field", "services[2].repeat.windows"),
        ('["biometrics"]', '["A b"]', "catalog.code", "services[2].repeat.allowed_reasons[1]"),
        ('ar = "سجل", ', "", "catalog.missing", "services[2].name.ar"),
        ('ar = "سجل", ', 'ar = " ", ', "catalog.text", "services[2].name.ar"),
        ('"Asia/Riyadh"', '"Asia/Riyad"', "catalog.zone", "branches[1].timezone"),
        ('"Asia/Riyadh"', '"../etc"', "catalog.zone", "branches[1].timezone"),
        ("monday =", "mon =", "catalog.weekday", "branches[1].hours.mon"),
        ('"16:00-20:00"', '"16:00-24:00"', "catalog.hours", "branches[1].hours.monday[1]"),
        ('"16:00-20:00"', '"20:00-16:00"', "catalog.hours_reversed", "branches[1].hours.monday[1]"),
        ('"16:00-20:00"', '"11:00-20:00"', "catalog.hours_meet", "branches[1].hours.monday"),
        ("number = 2", "number = 1", "catalog.repeated", "branches[1].counters[2].number"),
        (
            'services = ["birth"]',
            'services = ["b"]',
            "catalog.unknown_code",
            "branches[1].counters[2].services[1]",
        ),
        (
            'services = ["birth"]',
            'services = ["record"]',
            "catalog.not_offered",
            "branches[1].counters[2].services",
        ),
        ("2026-09-23", '"2026-09-23"', "catalog.day", "branches[1].holidays[1].day"),
        ('branch = "centre"', 'branch = "east"', "catalog.unknown_code", "offers[1].branch"),
        ('["sunday", "monday"]', "[]", "catalog.weekdays", "offers[1].schedules[1].weekdays"),
        ('["sunday", "monday"]', '"sunday"', "catalog.list", "offers[1].schedules[1].weekdays"),
        (
            "slot_minutes = 20",
            "slot_minutes = 0",
            "catalog.whole_number",
            "offers[1].schedules[1].slot_minutes",
        ),
        ("horizon_days = 21", "", "catalog.missing", "offers[1].schedules[1].horizon_days"),
        ("lead_minutes = 30", "", "catalog.missing", "offers[1].schedules[1].lead_minutes"),
        (
            "lead_minutes = 30",
            "lead_minutes = 30240",
            "catalog.horizon_within_lead",
            "offers[1].schedules[1].horizon_days",
        ),
        ("capacity = 2", "capacity = 2\nkept_walkins = 3", "catalog.whole_number", f"{RULE}.kept_walkins"),
        (
            "capacity = 2",
            "capacity = 2\nkept_walkins = 1\nkept_staff = 2",
            "catalog.whole_number",
            f"{RULE}.kept_staff",
        ),
        ("capacity = 2", "capacity = 2\nevery_weeks = 2", "catalog.missing", f"{RULE}.anchor"),
        ("capacity = 2", "capacity = 2\nnth_weeks = [0]", "catalog.nth_week", f"{RULE}.nth_weeks[1]"),
        ("capacity = 2", "capacity = 2\nnth_weeks = [1, 1]", "catalog.repeated", f"{RULE}.nth_weeks[2]"),
        ("capacity = 2", f"capacity = 2\n{SHUT}", "catalog.dates_reversed", f"{RULE}.exceptions[1].last_on"),
        ("[agency]", "[agent]", "catalog.missing", "agency"),
        ("[agency]\nname =", "agency =", "catalog.missing", "agency.name"),
        ("[[departments]]", "[departments]", "catalog.list", "departments"),
        ("minutes = 10", "minutes = ", "catalog.not_toml", "14"),
    ],
)
def test_a_refusal_names_its_place(old: str, new: str, key: str, place: str) -> None:
    assert old in SMALL
    with pytest.raises(CatalogError) as refusal:
        parse(SMALL.replace(old, new, 1))
    refused = refusal.value
    assert (refused.key, refused.params["place"], refused.status) == (key, place, 422)


def test_the_same_offer_twice_is_refused() -> None:
    with pytest.raises(CatalogError) as refusal:
        parse(SMALL + '\n[[offers]]\nbranch = "centre"\nservice = "birth"\n')
    assert refusal.value.params == {"place": "offers[2]", "value": "centre/birth", "earlier": "offers[1]"}


def test_the_causes_hold_every_failure_reason_and_another() -> None:
    assert {cause.code for cause in DEFAULT_CAUSES} == FAILURE_REASONS | {"other"}
    assert all(cause.is_failure for cause in DEFAULT_CAUSES)


def test_an_agency_may_have_causes_of_its_own_or_none() -> None:
    own = SMALL + '\n[[causes]]\ncode = "flood"\nname = { ar = "سيل", en = "Flood" }\n'
    assert parse(own).causes == (CauseEntry("flood", Name("سيل", "Flood")),)
    assert parse("causes = []\n" + SMALL).causes == ()


def test_the_demo_city_is_the_city_of_the_pictures() -> None:
    city = parse(DEMO_CITY)
    assert city.agency.name == Name("هيئة الخدمات المدنية", "Civil Services Authority")
    assert [len(branch.counters) for branch in city.branches] == [7, 5, 4]
    assert [service.prefix for service in city.services] == list("ABCDEF")
    assert len({service.family for service in city.services}) == 6
    assert {branch.timezone for branch in city.branches} == {"Asia/Riyadh"}
    sunday_to_thursday = {0, 1, 2, 3, 6}
    assert all({row.weekday for row in branch.hours} == sunday_to_thursday for branch in city.branches)
    assert [(row.opens, row.closes) for row in city.branches[2].hours if row.weekday == 6] == [
        (dt.time(8), dt.time(12)),
        (dt.time(16), dt.time(20)),
    ]


def test_the_demo_city_books_only_while_open_and_in_whole_slots() -> None:
    city = parse(DEMO_CITY)
    opening = {branch.code: branch.hours for branch in city.branches}
    for offer in city.offers:
        for schedule in offer.schedules:
            minutes = (
                (schedule.ends.hour - schedule.starts.hour) * 60
                + schedule.ends.minute
                - schedule.starts.minute
            )
            assert minutes % schedule.slot_minutes == 0
            for weekday in schedule.weekdays:
                assert any(
                    row.weekday == weekday and row.opens <= schedule.starts and schedule.ends <= row.closes
                    for row in opening[offer.branch]
                )


def test_the_demo_city_leaves_a_fifth_of_its_desks_to_those_who_walk_in() -> None:
    city = parse(DEMO_CITY)
    minutes = {service.code: service.minutes for service in city.services}
    for branch in city.branches:
        booked = sum(
            (schedule.capacity - schedule.kept_walkins) * minutes[offer.service]
            for offer in city.offers
            if offer.branch == branch.code
            for schedule in offer.schedules
            if schedule.starts == dt.time(8)
        )
        assert 0 < booked <= 0.8 * 20 * len(branch.counters)


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).filter(
    lambda text: text == text.strip()
)
names = st.builds(Name, texts, texts)
maybe_names = st.none() | names
codes = st.from_regex(r"[a-z][a-z0-9_-]{0,8}", fullmatch=True)
days = st.dates(dt.date(2020, 1, 1), dt.date(2040, 1, 1))
clock_times = st.builds(dt.time, st.integers(0, 23), st.integers(0, 59))
stretches = st.tuples(clock_times, clock_times).filter(lambda pair: pair[0] < pair[1])
holidays = st.lists(
    st.builds(HolidayEntry, days, names, st.none() | stretches),
    max_size=3,
    unique_by=lambda holiday: holiday.day,
).map(tuple)
weeks = st.lists(
    st.builds(lambda weekday, pair: HoursEntry(weekday, *pair), st.integers(0, 6), stretches),
    max_size=7,
    unique_by=lambda row: row.weekday,
).map(lambda rows: tuple(sorted(rows, key=lambda row: row.weekday)))
spans = st.tuples(days, days).map(sorted)
exceptions = st.lists(
    st.one_of(
        st.builds(lambda on, name: ExceptionEntry("shut", on[0], on[1], name), spans, names),
        st.builds(
            lambda on, name, at: ExceptionEntry("shut", on[0], on[1], name, *at), spans, names, stretches
        ),
        st.builds(
            lambda on, name, at, desks: ExceptionEntry("hours", on[0], on[1], name, at[0], at[1], desks),
            spans,
            names,
            stretches,
            st.none() | st.integers(0, 9),
        ),
        st.builds(
            lambda on, name, desks: ExceptionEntry("desks", on[0], on[1], name, capacity=desks),
            spans,
            names,
            st.integers(0, 9),
        ),
    ),
    max_size=2,
).map(tuple)
seasons = st.lists(
    st.builds(lambda name, on, week: SeasonEntry(name, on[0], on[1], week), names, spans, weeks), max_size=2
).map(tuple)
repeats = st.builds(
    RepeatEntry,
    st.integers(7, 90),
    st.integers(0, 30),
    st.none() | st.integers(1, 4000),
    st.lists(codes, unique=True, max_size=3).map(tuple),
)


@st.composite
def schedules(draw: st.DrawFn) -> ScheduleEntry:
    starts, ends = draw(stretches)
    first = draw(st.none() | days)
    capacity = draw(st.integers(0, 9))
    kept = draw(st.integers(0, capacity))
    every = draw(st.integers(1, 4))
    return ScheduleEntry(
        weekdays=tuple(sorted(draw(st.sets(st.integers(0, 6), min_size=1)))),
        starts=starts,
        ends=ends,
        slot_minutes=draw(st.integers(1, 480)),
        capacity=capacity,
        lead_minutes=draw(st.integers(0, 1439)),
        horizon_days=draw(st.integers(1, 366)),
        valid_from=first,
        valid_until=first,
        name=draw(maybe_names),
        every_weeks=every,
        anchor=draw(days if every > 1 else st.none() | days),
        nth_weeks=tuple(sorted(draw(st.sets(st.sampled_from([1, 2, 3, 4, 5, -1]), max_size=3)))),
        kept_walkins=kept,
        kept_staff=draw(st.integers(0, capacity - kept)),
        exceptions=draw(exceptions),
    )


groups = st.builds(PriorityGroupEntry, codes, names, st.booleans(), st.booleans(), st.none() | names)


@st.composite
def documents(draw: st.DrawFn) -> CatalogDocument:
    departments = draw(st.lists(codes, unique=True, min_size=1, max_size=2))
    services = draw(st.lists(codes, unique=True, max_size=3))
    branches = draw(st.lists(codes, unique=True, max_size=2))
    offers = [
        OfferEntry(branch, service, tuple(draw(st.lists(schedules(), max_size=2))), draw(exceptions))
        for branch in branches
        for service in services
    ]
    return CatalogDocument(
        agency=draw(st.builds(AgencyEntry, names, maybe_names)),
        departments=tuple(DepartmentEntry(code, draw(names)) for code in departments),
        services=tuple(
            ServiceEntry(
                code,
                draw(st.sampled_from(departments)),
                draw(names),
                family=draw(codes),
                prefix="ABC"[place],
                minutes=draw(st.integers(1, 480)),
                description=draw(maybe_names),
                resolve_days=draw(st.none() | st.integers(1, 366)),
                is_active=draw(st.booleans()),
                repeat=draw(repeats),
                common=draw(st.sampled_from([None, NO_CODE, CommonCode("national", "CIV-1")])),
            )
            for place, code in enumerate(services)
        ),
        branches=tuple(
            BranchEntry(
                code,
                draw(names),
                draw(st.sampled_from(["Asia/Riyadh", "Europe/London"])),
                notice=draw(maybe_names),
                hours=draw(weeks),
                holidays=draw(holidays),
                counters=(CounterEntry(1, tuple(services)), CounterEntry(2, is_active=draw(st.booleans()))),
                seasons=draw(seasons),
                exceptions=draw(exceptions),
                near_ahead=draw(st.none() | st.integers(0, 50)),
                rejoin_minutes=draw(st.none() | st.integers(0, 240)),
                allows_remote=draw(st.none() | st.booleans()),
                calls_before_noshow=draw(st.none() | st.integers(1, 9)),
            )
            for code in branches
        ),
        offers=tuple(offers),
        holidays=draw(holidays),
        causes=tuple(
            draw(st.lists(st.builds(CauseEntry, codes, names), max_size=2, unique_by=lambda c: c.code))
        ),
        seasons=draw(seasons),
        priority_groups=tuple(draw(st.lists(groups, max_size=2, unique_by=lambda one: one.code))),
    )


@settings(max_examples=60, deadline=None)
@given(documents())
def test_writing_and_reading_a_catalog_changes_nothing(document: CatalogDocument) -> None:
    assert parse(render(document)) == document


@pytest.mark.parametrize("text", [SMALL, DEMO_CITY])
def test_a_written_catalog_is_written_the_same_again(text: str) -> None:
    written = render(parse(text))
    assert render(parse(written)) == written
