"""Another agency of the region: what it published, as it was read. It stands on no network."""

import datetime as dt
import json
from typing import Any

from govdesk import chance, clock
from govdesk.actor import SYSTEM
from govdesk.db import transaction
from govdesk.kpi.feeds import rules, service
from govdesk.kpi.periods import coding, document
from govdesk.kpi.periods.rules import Span, month_of
from govdesk.kpi.registry import BY_KEY
from govdesk.kpi.statistics import wilson

HOME = "https://desk.neighbour.example"
URL = f"{HOME}{document.INDEX_URL}"
NAME = {"ar": "أمانة منطقة الجوار", "en": "Neighbour Region Authority"}
LICENCE = "CC BY 4.0"
MONTHS = 2
FOR_EVER = dt.timedelta(days=36500)
SHARES = (  # measure, its share, of how many, by which definition
    ("repeat_visit_rate", 0.14, 1840, "v1"),
    ("first_contact_resolution", 0.86, 1840, "v1"),
    ("avoidable_visit_share", 0.13, 2110, "v1"),
    ("sla_attainment", 0.78, 960, "v2"),  # it counts its deadlines by another definition
    ("service_level", 0.83, 2050, "v1"),
    ("promise_kept", 0.88, 1990, "v1"),
    ("noshow_rate", 0.12, 640, "v1"),
    ("abandonment_rate", 0.06, 2240, "v1"),
    ("commitments_kept", 0.81, 120, "v1"),
    ("csat", 0.76, 410, "v1"),
    ("trust", 0.71, 405, "v1"),
    ("response_rate", 0.34, 1210, "v1"),
)
CODES = (  # in the shared classification: of how many of its people, and how often it fails against all
    ("national-services:CIV-201", 0.18, 0.7),
    ("national-services:CIV-202", 0.16, 1.3),
    ("national-services:PER-301", 0.12, 1.0),  # which we do not offer
    ("national-services:TRF-101", 0.28, 0.9),
    ("national-services:TRF-102", 0.18, 1.2),
)
MEDIANS = (("waiting_time", 9.0, (8.0, 10.0), 2050), ("time_to_resolution", 4.2, (3.7, 4.9), 960))


def neighbour(present: dt.datetime, seed: int) -> None:
    """Keep what the neighbour published of the months that ended last."""
    month = month_of(present.date())
    spans = []
    for _ in range(MONTHS):
        month = month.before
        spans.append(month)
    documents = [_document(span, seed) for span in reversed(spans)]
    installation: dict[str, Any] = {"name": NAME, "url": HOME}
    listed = document.index(
        installation=installation, licence={"name": LICENCE}, documents=documents, url=HOME
    )
    index = rules.read_index(listed, URL)
    found = {str(one["period"]): one for one in documents}
    with clock.at(present), transaction() as session:
        feed = service.register(session, actor=SYSTEM, url=URL)
        for entry in index.entries:
            told = rules.parsed(json.dumps(found[entry.period]).encode())
            service.keep(session, feed, entry, rules.read_document(told, entry))
        service.note_read(feed, index)
        feed.free_at = present + FOR_EVER


def _document(span: Span, seed: int) -> dict[str, Any]:
    draw = chance.seeded((seed, span.name, "neighbour"))
    published = span.last + dt.timedelta(days=9)
    as_of = dt.datetime.combine(published, dt.time(6), dt.UTC).isoformat()
    heading = document.Heading(
        period=span.name, kind=span.kind, from_day=span.first.isoformat(), to_day=span.last.isoformat(),
        department=None, department_name=None, version=1, reason=None, published_on=published.isoformat(),
        as_of=as_of,
    )  # fmt: skip
    figures = []
    for key, share, people, version in SHARES:
        n = round(people * draw.uniform(0.9, 1.1))
        count = round(n * share * draw.uniform(0.95, 1.05))
        figures.append(_figure(heading, key, version, count / n, wilson(count, n), n, count))
        figures.append(_coded(figures[-1], key, n, count))
    for key, value, interval, n in MEDIANS:
        figures.append(_figure(heading, key, "v1", value, interval, n, None))
    return document.write(
        heading, installation={"name": NAME}, definitions={}, names={}, targets={}, reflections=[],
        figures=figures,
    )  # fmt: skip


def _coded(whole: dict[str, Any], key: str, people: int, count: int) -> dict[str, Any]:
    """The same share by common codes: as often as in all services, times what the code fails more or less."""
    rows, is_worse = [], BY_KEY[key].is_lower_better
    failed = count if is_worse else people - count
    for code, part, more in CODES:
        n = round(people * part)
        bad = min(n, round(failed * part * more))
        counted = bad if is_worse else n - bad
        numbers = {"value": counted / n, "interval": wilson(counted, n), "numerator": counted}
        row = {**whole["rows"][0], "group": {coding.WORD: code}, "denominator": n, "n": n}
        rows.append({**row, **numbers, "data_quality": {}})
    return {**whole, "by": [coding.WORD], "rows": rows}


def _figure(
    heading: document.Heading, key: str, version: str, value: float, interval: tuple[float, float] | None,
    n: int, count: int | None,
) -> dict[str, Any]:  # fmt: skip
    row = {
        "group": {}, "unit": BY_KEY[key].unit, "value": value, "numerator": count,
        "denominator": None if count is None else n, "n": n, "interval": interval, "pending": None,
        "excluded": None, "unlinked": None, "open": None,
        "data_quality": {"linkage": 0.957, "comparable": True}, "detail": {},
    }  # fmt: skip
    return {
        "key": key, "definition_version": version, "as_of": heading.as_of, "from": heading.from_day,
        "to": heading.to_day, "by": [], "rows": [row],
    }  # fmt: skip
