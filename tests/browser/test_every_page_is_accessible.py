"""Axe finds no violation, in either language, on a phone and on a desk; nothing runs off the side."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import WINDOWS, NewPage

EVERYONE = [
    "/",
    "/book/vehicle-transfer",
    "/book/record-correction/time?interpreter=ur",
    "/book/vehicle-transfer/month",
    "/book/licence-renewal/wait",
    "/appointment/find",
    "/api/v1/docs",
    "/guide?q=licence",
    "/guide/licence-renewal?condition=have",
    "/guide/licence-renewal/lost",
    "/guide/licence-renewal/online",
    "/staff/sign-in",
    "/kiosk/rawdah",
    "/kiosk/rawdah/appointment",
    "/kiosk/rawdah/priority",
    "/kiosk/rawdah/services/vehicle-transfer",
    "/kiosk/rawdah/why/licence-renewal",
    "/kiosk/rawdah/why/licence-renewal/lost",
    "/device",
    "/board/rawdah",
    "/branches",
    "/branches/rawdah",
    "/branches/rawdah/join",
    "/exit/rawdah",
    "/you-said",
    "/performance",
    "/styleguide",
    "/nowhere",
]
STAFF = {
    "salma": ["/counter", "/work", "/work/questions", "/cases/mine", "/cases/unit"],
    "reception": [
        "/reception/rawdah",
        "/reception/rawdah/book?service=licence-renewal",
        "/reception/rawdah/waiting",
        "/reception/rawdah/missed",
        "/reception/rawdah/today",
        "/reception/rawdah/turned-away",
    ],
    "supervisor": [
        "/floor/rawdah",
        "/floor/rawdah/day",
        "/floor/rawdah/counters",
        "/floor/rawdah/unserved",
    ],
    "head": [
        "/figures",
        "/figures/repeat_visit_rate",
        "/figures/waiting_time?by=channel",
        "/figures/waiting_time/target",
        "/figures/staffing",
        "/figures/quality",
        "/figures/signals",
        "/figures/waiting_time/notes",
        "/figures/waiting_time/cases",
        "/figures/repeats",
        "/figures/time",
        "/figures/time/waits",
        "/figures/time/counters",
        "/figures/equity",
        "/figures/comparison",
        "/figures/comparison/waiting_time",
        "/figures/comparison/agencies",
        "/figures/periods",
        "/recalls",
        "/voices",
        "/programmes",
        "/programmes/new",
    ],
    "admin": [
        "/questionnaires",
        "/questionnaires/new?preset=empty",
        "/questionnaires/1",
        "/questionnaires/1/draft",
        "/questionnaires/1/draft/questions/new",
        "/questionnaires/1/preview/1",
        "/questionnaires/1/publish",
        "/questionnaires/5/visits",
        "/questionnaires/5/visits/new",
        "/voices/staff-4",
        "/voices/after_service-1",
        "/voices/after_service-1/comments",
        "/admin",
        "/admin/feeds",
        "/admin/services/licence-renewal/guide",
        "/admin/services/licence-renewal/guide/questions/condition",
        "/admin/services/licence-renewal/guide/scenarios/lost",
        "/admin/branches/rawdah/schedules",
        "/admin/seasons",
        "/admin/calls",
        "/admin/first",
        "/admin/first/infant",
        "/admin/breaks",
        "/admin/breaks/rest",
        "/admin/people",
        "/admin/tokens",
        "/admin/devices",
        "/admin/branches/1/door",
        "/admin/messages",
        "/admin/notices/1/announce",
        "/admin/messages/booked/email",
        "/admin/messages/log",
    ],
}
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
SIGN_INS = [(who, path) for who, paths in STAFF.items() for path in paths]


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize("path", EVERYONE)
def test_what_everyone_may_see(new_page: NewPage, path: str, language: str) -> None:
    page = new_page(language, "phone")
    page.goto(path)
    is_in_order(page, language)


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize(("who", "path"), SIGN_INS)
def test_what_the_staff_sees(new_page: NewPage, who: str, path: str, language: str) -> None:
    page = new_page(language, "phone", who)
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == 200
    is_in_order(page, language)


def is_in_order(page: Page, language: str) -> None:
    assert page.get_attribute("html", "lang") == language
    for window in ("phone", "desk"):
        page.set_viewport_size(WINDOWS[window])
        found = Axe().run(page, options=RULES).response["violations"]
        nodes = [(each["id"], node) for each in found for node in each["nodes"]]
        said = [f"{rule}: {node['target']} {node.get('failureSummary', '')}" for rule, node in nodes]
        assert said == [], window
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 1, f"{page.url} is {wider} pixels wider than a {window}"
