"""Agencies side by side, each by what it published: the same period, the same measure, the same definition.

Of ours only what was published counts too: whoever may see more of us compares no more of us.
"""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from govdesk.catalog.service import agency_of
from govdesk.kpi import comparing
from govdesk.kpi.comparing import Comparison, Mixes, Unit
from govdesk.kpi.feeds import rules, service
from govdesk.kpi.feeds.rules import Json, Told
from govdesk.kpi.figures import Figure, Row
from govdesk.kpi.periods import published
from govdesk.kpi.registry import BY_KEY, MEASURES, Measure
from govdesk.kpi.standardising import Counts

OURS = "ours"
COVERED = 0.6  # of an agency's people in services that others publish too, for it to be adjusted
ADJUSTED = (
    "observed", "expected", "ratio", "ratio_low", "ratio_high", "adjusted", "covered", "not_adjusted",
)  # fmt: skip


@dataclass(slots=True)
class Agency:
    """What an agency published of a period, in its newest version."""

    code: str
    name_ar: str
    name_en: str
    version: int
    published_on: str
    as_of: dt.datetime
    told: dict[str, Told]


def gather(session: Session, period: str) -> list[Agency]:
    """Give what was published of a period: ours first, then the others in the order of their addresses."""
    found = []
    own = published.versions(session, period)
    us = agency_of(session)
    if own and own[-1].period.department_id is None:
        row = own[-1]
        names = (us.name_ar, us.name_en) if us is not None else ("", "")
        found.append(_agency(OURS, names, published.document_of(row)))
    for document in service.newest(session, period):
        feed = document.feed
        names = feed.name_ar or feed.url, feed.name_en or feed.url
        found.append(_agency(str(feed.id), names, json.loads(document.frozen)))
    return found


def measures_of(agencies: Sequence[Agency]) -> list[str]:
    """The measures that any of them published, in our order; those that we do not know are left out."""
    told = {key for agency in agencies for key in agency.told}
    return [measure.key for measure in MEASURES if measure.key in told]


def compare(agencies: Sequence[Agency], key: str) -> Comparison:
    """Compare one measure over agencies: by funnel where there are enough of them, else by their intervals.

    A figure of another definition stands apart: it answers another question. Those that publish their counts
    by common codes are adjusted for their services, by the rates of all who publish a code that two have;
    one with less than COVERED of its people in such codes, or without codes, stands as it is.
    """
    measure = BY_KEY[key]
    rows = tuple(_row(agency, key) for agency in agencies if key in agency.told)
    moments = [agency.as_of for agency in agencies]
    figure = Figure(
        key=key, definition_version=measure.definition_version, as_of=max(moments), from_day=None,
        to_day=None, by=("agency",), rows=rows,
    )  # fmt: skip
    found = comparing.judge(measure, figure, Mixes(_mixes(agencies, key), least=COVERED))
    if found.has_spread:
        return found
    bare = tuple(replace(unit, place="", before="") for unit in found.units)
    return replace(found, units=bare, funnel=None)


def as_file(one: Comparison) -> Figure:
    """Give a comparison as a figure for a file: what each published, with the ADJUSTED in its detail."""
    known = {unit.code: unit for unit in one.units}
    rows = [
        replace(row, detail={**row.detail, **_adjusted(one.measure, known[str(row.group["agency"])])})
        for row in one.figure.rows
    ]
    return replace(one.figure, rows=tuple(rows))


def _adjusted(measure: Measure, unit: Unit) -> dict[str, Any]:
    told: dict[str, Any] = {"covered": unit.covered} if unit.covered is not None else {}
    if unit.crude:
        told["not_adjusted"] = unit.crude
    if unit.adjusted is None:
        return told
    ratio = unit.adjusted.ratio or (None, None, None)
    value = unit.adjusted.value if measure.is_lower_better else 1 - unit.adjusted.value
    numbers = (unit.adjusted.observed, unit.adjusted.expected, *ratio, value)
    return dict(zip(ADJUSTED, numbers, strict=False)) | told


def _mixes(agencies: Sequence[Agency], key: str) -> dict[str, Counts]:
    """The counts by common code of those that publish any, as failures."""
    measure = BY_KEY[key]
    told = {agency.code: agency.told[key].codes for agency in agencies if key in agency.told}
    return {
        agency: {code: comparing.failures(measure, *counts) for code, counts in codes.items()}
        for agency, codes in told.items()
        if codes
    }


def _agency(code: str, names: tuple[str, str], document: Json) -> Agency:
    return Agency(
        code, *names, document["version"], str(document["published_on"]),
        dt.datetime.fromisoformat(document["as_of"]), rules.told(document),
    )  # fmt: skip


def _row(agency: Agency, key: str) -> Row:
    told, measure = agency.told[key], BY_KEY[key]
    is_other = (told.definition_version, told.unit) != (measure.definition_version, measure.unit)
    return Row(
        group={"agency": agency.code},
        unit=measure.unit,
        value=None if is_other else told.value,
        numerator=told.numerator,
        denominator=told.denominator,
        n=0 if is_other else told.n,
        interval=None if is_other else told.interval,
        pending=1 if told.why == "young" else None,
        data_quality={"linkage": told.linkage, "comparable": told.is_comparable},
        detail={"other_definition": told.definition_version} if is_other else {},
        is_hidden=told.why == "hidden" and not is_other,
    )
