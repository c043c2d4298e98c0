"""What is published, as JSON: its shape, its seal, the index of all of it, and what a correction changed.

Pure: other installations read what this module writes (docs/open-data.md; examples in `tests/published/`). A
member is only ever added; what would mean something else gets a new name, or the format a new number.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

FORMAT = "govdesk-figures/1"
FEWEST = 10  # people: what is public tells of no smaller group (KPI.md)
INDEX_URL = "/open-data/figures.json"
SAID = (
    "value",
    "numerator",
    "denominator",
    "n",
    "interval",
    "pending",
    "open",
)  # what a correction may change

Both = dict[str, str]  # by language: ar, en
Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """Of what a document tells: days and moments in ISO 8601, names in both languages."""

    period: str  # 2026-10, 2026-Q3; of one department 2026-10-civil
    kind: str  # month | quarter
    from_day: str
    to_day: str
    department: str | None  # its code; None: the whole agency
    department_name: Both | None
    version: int
    reason: Both | None  # of a correction
    published_on: str
    as_of: str


def write(
    heading: Heading, *, installation: Json, definitions: Mapping[str, Json],
    names: Mapping[str, Mapping[str, Both]], targets: Mapping[str, Json], reflections: Sequence[Json],
    figures: Sequence[Json], common_codes: Mapping[str, str] | None = None,
) -> Json:  # fmt: skip
    """Put a document together and seal it with its hash.

    `definitions` by measure; `names` of branches, departments and services, by code; `targets` by measure:
    `{"value", "due_on"}`; `reflections`: `{"topic", "measures", "saw", "will", "due_on"}`; `figures` as
    INTERFACE.md has them, one for each measure and breakdown, already without small groups; `common_codes`
    what services are in a shared classification, vocabulary:code by service.
    """
    document: Json = {
        "format": FORMAT,
        "installation": dict(installation),
        "period": heading.period,
        "kind": heading.kind,
        "from": heading.from_day,
        "to": heading.to_day,
        "department": heading.department,
        "department_name": heading.department_name,
        "version": heading.version,
        "reason": " · ".join(heading.reason.values()) if heading.reason else None,
        **({"reason_by_language": heading.reason} if heading.reason else {}),
        "published_on": heading.published_on,
        "as_of": heading.as_of,
        "suppression": {"fewest": FEWEST, "is_complementary": True},
        "definitions": dict(definitions),
        "names": {word: dict(named) for word, named in names.items()},
        **({"common_codes": dict(common_codes)} if common_codes else {}),
        "targets": dict(targets),
        "reflections": list(reflections),
        "figures": list(figures),
    }
    return {**document, "hash": hash_of(document)}


def moment_of(document: Mapping[str, Any]) -> datetime:
    """Give the moment as known at which a document was counted."""
    return datetime.fromisoformat(document["as_of"])


def reason_in(document: Mapping[str, Any], language: str) -> str | None:
    """Give why a document corrects the one before; as it was written where it knows one language only."""
    reasons: Both = document.get("reason_by_language") or {}
    written: str | None = document["reason"]
    return reasons.get(language) or written


def canonical(document: Mapping[str, Any]) -> str:
    """Write a document in the one way that is hashed: keys in order, no spaces, UTF-8, no NaN."""
    return json.dumps(
        document, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )  # fmt: skip


def hash_of(document: Mapping[str, Any]) -> str:
    """Give the SHA-256 of a document without its own `hash`, in hexadecimal digits."""
    bare = {name: value for name, value in document.items() if name != "hash"}
    return hashlib.sha256(canonical(bare).encode()).hexdigest()


def is_whole(document: Mapping[str, Any]) -> bool:
    """Whether a document is what its hash was made of."""
    return document.get("hash") == hash_of(document)


def index(*, installation: Json, licence: Json, documents: Sequence[Mapping[str, Any]], url: str) -> Json:
    """List what is published, the newest version of each period, the latest period first.

    `url` is how addresses begin; the whole agency stands before its departments.
    """
    ordered = sorted(documents, key=lambda one: (one["department"] or "", one["kind"]))
    ordered.sort(key=lambda one: str(one["to"]), reverse=True)
    return {
        "format": FORMAT,
        "installation": dict(installation),
        "licence": dict(licence),
        "dictionary": f"{url}/open-data/dictionary.csv",
        "periods": [_entry(one, url) for one in ordered],
    }


def _entry(document: Mapping[str, Any], url: str) -> Json:
    named = (
        "period",
        "kind",
        "from",
        "to",
        "department",
        "department_name",
        "version",
        "published_on",
        "hash",
    )
    address = f"{url}/open-data/{document['period']}"
    return {**{name: document[name] for name in named}, "url": f"{address}.json", "csv": f"{address}.csv"}


@dataclass(frozen=True, slots=True)
class Change:
    """One row that a correction gave other numbers: of which figure and group, from what to what."""

    key: str
    by: tuple[str, ...]
    group: tuple[str | None, ...]
    before: Json | None  # None: it was not there
    after: Json | None


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Give what differs in the figures of two versions, in the order of the later one."""
    old, new = dict(rows_of(before)), dict(rows_of(after))
    places = [*new, *(place for place in old if place not in new)]
    return [
        Change(*place, old.get(place), new.get(place))
        for place in places
        if _said(old.get(place)) != _said(new.get(place))
    ]


def rows_of(
    document: Mapping[str, Any],
) -> Iterator[tuple[tuple[str, tuple[str, ...], tuple[str | None, ...]], Json]]:
    """Give each row of a document with its place: measure, breakdown, group."""
    for figure in document["figures"]:
        by = tuple(figure["by"])
        for row in figure["rows"]:
            yield (figure["key"], by, tuple(row["group"][word] for word in by)), row


def _said(row: Json | None) -> list[Any] | None:
    return None if row is None else [row[name] for name in SAID]
