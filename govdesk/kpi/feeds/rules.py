"""What another agency publishes, as it must be to be believed: pure rules about documents from outside.

Nothing in them is trusted: shapes, sizes and the seal are checked, texts are plain and short.
"""

import datetime as dt
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from govdesk.catalog.common_codes import is_written
from govdesk.kpi.periods.coding import WORD
from govdesk.kpi.periods.document import FORMAT, is_whole

PROBLEMS = (
    "unreached", "slow", "too_large", "moved", "status", "not_json", "not_a_feed", "other_format",
    "elsewhere", "seal", "other_document", "changed", "address_unusable", "address_plain", "address_unknown",
    "address_private",
)  # fmt: skip
LARGEST = 5_000_000  # bytes of a document
MOST_PERIODS = 400
MOST_CODES = 2000  # of a measure
LONGEST_NAME, LONGEST_TEXT = 120, 300
EVERY = dt.timedelta(hours=6)
FIRST_DELAY = dt.timedelta(minutes=15)
_PERIOD = re.compile(r"\d{4}-(0[1-9]|1[0-2]|Q[1-4])", re.ASCII)
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
_KEY = re.compile(r"[a-z][a-z0-9_]{0,60}", re.ASCII)

Json = dict[str, Any]
Interval = tuple[float | None, float | None]
Codes = Mapping[str, tuple[int, int]]


class ProblemError(Exception):
    """Why a feed was not read; one of PROBLEMS, and what the other side said."""

    def __init__(self, problem: str, detail: str = "") -> None:
        super().__init__(problem)
        self.problem, self.detail = problem, detail[:LONGEST_NAME]


@dataclass(frozen=True, slots=True)
class Entry:
    """One period in the index: its newest version and where that is."""

    period: str
    version: int
    published_on: str
    hash: str
    url: str


@dataclass(frozen=True, slots=True)
class Index:
    """Who publishes, under which licence, and what."""

    name_ar: str
    name_en: str
    home_url: str
    licence: str
    entries: tuple[Entry, ...]  # of the whole agency


@dataclass(frozen=True, slots=True)
class Told:
    """What a document says of one measure and the whole agency.

    `why` is why there is no value: hidden, young or empty. `codes` are the counts of a share by the code of
    the service in a shared classification, (counted, of how many), as far as they are shown; an agency that
    publishes none, or published before there were any, has none.
    """

    key: str
    definition_version: str
    unit: str
    value: float | None
    interval: Interval | None
    numerator: int | None
    denominator: int | None
    n: int
    linkage: float | None
    is_comparable: bool
    why: str
    codes: Codes = field(default_factory=dict)


def next_after(failures: int) -> dt.timedelta:
    """How long until a feed is read again: six hours, after failures sooner and then later and later."""
    if not failures:
        return EVERY
    times: int = 2 ** min(failures - 1, 10)
    return min(FIRST_DELAY * times, EVERY)


def parsed(body: bytes) -> Json:
    """Read JSON that is one object; without NaN, and without a nesting that would exhaust us."""
    try:
        found = json.loads(body.decode("utf-8"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise ProblemError("not_json") from error
    if not isinstance(found, dict):
        raise ProblemError("not_a_feed")
    return found


def read_index(found: Mapping[str, Any], url: str) -> Index:
    """Read the list of what is published. Every address in it must lead to the server it came from."""
    _check_format(found)
    installation, licence = _object(found.get("installation")), found.get("licence")
    name = _object(installation.get("name"))
    listed = found.get("periods")
    if not isinstance(listed, list) or len(listed) > MOST_PERIODS:
        raise ProblemError("not_a_feed")
    entries = [_entry(_object(one), url) for one in listed if _object(one).get("department") is None]
    named = licence if isinstance(licence, str) else _licence(_object(licence))
    return Index(
        _plain(name.get("ar")), _plain(name.get("en")), _home(installation.get("url")),
        _plain(named, LONGEST_TEXT), tuple(entries),
    )  # fmt: skip


def read_document(found: Json, entry: Entry) -> Json:
    """Read what is published of a period: whole by its own seal, and the one that the index named."""
    _check_format(found)
    if not is_whole(found):
        raise ProblemError("seal")
    named = found.get("period"), found.get("version"), found.get("hash"), found.get("department")
    if named != (entry.period, entry.version, entry.hash, None):
        raise ProblemError("other_document")
    try:
        dt.datetime.fromisoformat(str(found["as_of"])).astimezone(dt.UTC)
        told(found)
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise ProblemError("not_a_feed") from error
    return found


def told(found: Mapping[str, Any]) -> dict[str, Told]:
    """Give what a document says of the whole agency, by measure. Raises ValueError for what cannot be."""
    return {one.key: one for one in _told(found)}


def _told(found: Mapping[str, Any]) -> Iterator[Told]:
    coded = {
        (figure["key"], figure["definition_version"]): figure["rows"]
        for figure in found["figures"]
        if figure["by"] == [WORD]
    }
    for figure in found["figures"]:
        if figure["by"]:
            continue
        key, version = figure["key"], figure["definition_version"]
        rows = figure["rows"]
        if not _KEY.fullmatch(key) or not isinstance(version, str) or len(rows) != 1:
            raise ValueError(key)
        yield _one(key, _plain(version), rows[0], _codes(coded.get((key, version), ())))


def _codes(rows: Sequence[Mapping[str, Any]]) -> Codes:
    """The counts by common code that are shown; ValueError for a code that is none or stands there twice."""
    told: dict[str, tuple[int, int] | None] = {}
    for row in rows:
        code = row["group"][WORD]
        counted, people = _count(row.get("numerator")), _count(row.get("denominator"))
        if not is_written(code) or code in told or (counted or 0) > (people or 0) or len(rows) > MOST_CODES:
            raise ValueError(code)
        told[code] = None if counted is None or not people else (counted, people)
    return {code: counts for code, counts in told.items() if counts is not None}


def _one(key: str, version: str, row: Mapping[str, Any], codes: Codes) -> Told:
    detail, quality = dict(row.get("detail") or {}), dict(row.get("data_quality") or {})
    value = _number(row["value"])
    why = "" if value is not None else "empty"
    if detail.get("hidden"):
        why = "hidden"
    elif detail.get("not_yet_judged"):
        why = "young"
    interval = row.get("interval")
    numerator, denominator = _count(row.get("numerator")), _count(row.get("denominator"))
    if row["unit"] == "share" and (numerator or 0) > (denominator or 0):
        raise ValueError(key)
    linkage = _number(quality.get("linkage"))
    return Told(
        key=key, definition_version=version, unit=_plain(row["unit"]), value=None if why else value,
        interval=None if interval is None else (_number(interval[0]), _number(interval[1])),
        numerator=numerator, denominator=denominator, n=_count(row.get("n")) or 0, linkage=linkage,
        is_comparable=quality.get("comparable") is not False, why=why,
        codes=codes if row["unit"] == "share" else {},
    )  # fmt: skip


def _entry(one: Mapping[str, Any], url: str) -> Entry:
    period, version, seal, where = one.get("period"), one.get("version"), one.get("hash"), one.get("url")
    is_named = isinstance(period, str) and _PERIOD.fullmatch(period)
    is_sealed = isinstance(seal, str) and _HASH.fullmatch(seal)
    if not is_named or not is_sealed or not isinstance(where, str) or type(version) is not int or version < 1:
        raise ProblemError("not_a_feed")
    address = urljoin(url, where)
    if _origin(address) != _origin(url):
        raise ProblemError("elsewhere")
    return Entry(str(period), version, _plain(one.get("published_on")), str(seal), address)


def _origin(url: str) -> tuple[str, str | None, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ProblemError("elsewhere") from error
    return parts.scheme, parts.hostname, port


def _check_format(found: Mapping[str, Any]) -> None:
    if "format" not in found:
        raise ProblemError("not_a_feed")
    if found["format"] != FORMAT:
        raise ProblemError("other_format", _plain(found["format"]))


def _object(found: Any) -> Mapping[str, Any]:
    if not isinstance(found, dict):
        raise ProblemError("not_a_feed")
    return found


def _licence(found: Mapping[str, Any]) -> str:
    name = found.get("name", found.get("title", ""))
    if isinstance(name, dict):
        name = name.get("en", "")
    return str(name or found.get("url", ""))


def _home(found: Any) -> str:
    """An address that a page may link to, else nothing."""
    text = _plain(found, LONGEST_TEXT)
    return text if urlsplit(text).scheme in {"https", "http"} else ""


def _plain(found: Any, longest: int = LONGEST_NAME) -> str:
    """A short text without control characters; what is no text is an empty one."""
    if not isinstance(found, str):
        return ""
    return "".join(one for one in found if one.isprintable()).strip()[:longest]


def _number(found: Any) -> float | None:
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, int | float) or not math.isfinite(found):
        raise ValueError(found)
    return float(found)


def _count(found: Any) -> int | None:
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, int) or not 0 <= found < 2**53:
        raise ValueError(found)
    return found


def _no_number(found: str) -> float:
    raise ValueError(found)
