"""Language: which one is spoken now, its words, its digits, its dates."""

import contextlib
import datetime as dt
import functools
import os
import re
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent
from babel.support import Translations
from flask import g, has_request_context, request
from hijridate import Gregorian

from govdesk.config import settings

FOLDER = Path(__file__).parent / "translations"
LANGUAGES = {"ar": "العربية", "en": "English"}
LOCALES = {"ar": "ar_SA", "en": "en_GB"}  # plain "ar" begins its week on the wrong day
COOKIE = "language"
_spoken: ContextVar[str | None] = ContextVar("spoken_language", default=None)
_INPUT_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹٫", "01234567890123456789.")
_ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


class Named(Protocol):
    """Anything with a name in both languages."""

    @property
    def name_ar(self) -> Any:
        """In Arabic."""

    @property
    def name_en(self) -> Any:
        """In English."""


def language() -> str:
    """The language spoken now: said by `speaking`, else the reader's choice, the browser's, the default."""
    said = _spoken.get()
    if said:
        return said
    if not has_request_context():
        return settings().default_language
    if "language" not in g:  # asked for hundreds of times a page
        g.language = _chosen()
    return str(g.language)


def prefer(code: str) -> None:
    """Speak this language for the rest of the request, to a reader who has chosen none."""
    if code in LANGUAGES and not has_chosen():
        g.language = code


def has_chosen() -> bool:
    """Whether the reader has chosen a language."""
    return request.cookies.get(COOKIE) in LANGUAGES


def _chosen() -> str:
    chosen, default = request.cookies.get(COOKIE), settings().default_language
    if chosen in LANGUAGES:
        return str(chosen)
    # not `best_match`: it prefers the "en" of "ar-SA, en;q=0.5", because it is spelled the same
    wanted = (tag.partition("-")[0].lower() for tag, quality in request.accept_languages if quality)
    return next((code for code in wanted if code in LANGUAGES), default)


@contextlib.contextmanager
def speaking(code: str) -> Iterator[None]:
    """Speak this language inside the block: messages, samples, the other half of a bilingual page."""
    before = _spoken.set(code if code in LANGUAGES else "ar")
    try:
        yield
    finally:
        _spoken.reset(before)


def direction() -> str:
    """`rtl` or `ltr`: how the language spoken now runs."""
    return "rtl" if language() == "ar" else "ltr"


def t(key: str, **params: object) -> str:
    """The sentence for a key, with its values put in; the key itself where nobody wrote a sentence."""
    sentence = _translations(language()).ugettext(key)
    return sentence % params if params else sentence


def nt(key: str, count: int, **params: object) -> str:
    """The sentence for a key and a number of things, in the plural form that the language wants."""
    sentence = _translations(language()).ungettext(key, key, count)
    return sentence % {"num": num(count), **params}


def named(thing: Named) -> str:
    """The name of a thing in the language spoken now, or in the other where it has none."""
    first, second = (thing.name_ar, thing.name_en) if language() == "ar" else (thing.name_en, thing.name_ar)
    return str(first or second or "")


def latin_digits(text: str) -> str:
    """What was typed, with Arabic-Indic and Persian digits turned to Latin ones."""
    return text.translate(_INPUT_DIGITS)


def digits(text: str) -> str:
    """A text whose quantities take the language's own digits."""
    return text.translate(_ARABIC_DIGITS) if language() == "ar" and not settings().latin_digits else text


def num(value: float, places: int = 0) -> str:
    """A quantity with grouping: 1,234 or ١٬٢٣٤."""
    return digits(_written(Decimal(str(value)), places, _signs(_locale(), _numbering())))


def pct(share: float, places: int = 1) -> str:
    """A share between 0 and 1 as a percentage."""
    numbering = _numbering()
    signs = _signs(_locale(), numbering)
    written = _written(Decimal(str(share)).scaleb(2), places, signs) + signs.percent
    return digits(written.replace("%", "٪")) if numbering == "default" and language() == "ar" else written


class _Signs(NamedTuple):
    """How a language writes quantities: what stands before one below 0, in it, and after a percentage."""

    minus: str
    between: Mapping[int, str]  # a comma and a point, as they are written
    percent: str


@functools.cache
def _signs(locale: str, numbering: str) -> _Signs:
    """Read them off numbers that Babel wrote: for each of thousands on a page it would parse a pattern."""
    told = format_percent(-1.5, "#,##0%", locale, numbering_system=numbering)
    minus, percent = told.split("150")
    _one, group, _two, point, _three = re.split(
        r"(\D)", format_decimal(1234.5, "#,##0.0", locale, numbering_system=numbering)
    )
    return _Signs(minus, {ord(","): group, ord("."): point}, percent)


def _written(value: Decimal, places: int, signs: _Signs) -> str:
    """A quantity with grouping, in Latin digits; a half goes to the even neighbour."""
    written = f"{abs(value):,.{places}f}".translate(signs.between)
    return signs.minus + written if value.is_signed() else written


def weekday(day: dt.date) -> str:
    """The name of the day of the week."""
    return format_date(day, "EEEE", locale=_locale())


def weekday_name(number: int) -> str:
    """The name of a weekday, 0 = Monday as in the standard library."""
    return weekday(dt.date(2024, 1, 1) + dt.timedelta(days=number))


def date_long(day: dt.date) -> str:
    """Weekday, day, month in letters and year."""
    return digits(format_date(day, "EEEE d MMMM y", locale=_locale()))


def month_of(day: dt.date) -> str:
    """October 2026."""
    return digits(format_date(day, "LLLL y", locale=_locale()))


def date_short(day: dt.date) -> str:
    """Day and month in letters."""
    return digits(format_date(day, "d MMMM", locale=_locale()))


def hijri(day: dt.date) -> str:
    """The Umm al-Qura date with the month in letters; empty outside the years it is defined for."""
    try:
        date = Gregorian.fromdate(day).to_hijri()
    except (OverflowError, ValueError):
        return ""
    return digits(
        t(
            "kernel.hijri_date",
            day=date.day,
            month=date.month_name("ar" if language() == "ar" else "en"),
            year=date.year,
        )
    )


def hijri_short(day: dt.date) -> str:
    """The Umm al-Qura day and month."""
    try:
        date = Gregorian.fromdate(day).to_hijri()
    except (OverflowError, ValueError):
        return ""
    return digits(f"{date.day} {date.month_name('ar' if language() == 'ar' else 'en')}")


def time_of(moment: dt.datetime, zone: str) -> str:
    """Clock time, 24 hours, in a zone."""
    return digits(moment.astimezone(ZoneInfo(zone)).strftime("%H:%M"))


def clock_time(time: dt.time) -> str:
    """A time of the day, 24 hours."""
    return digits(time.strftime("%H:%M"))


def moment_of(moment: dt.datetime, zone: str) -> str:
    """Day and clock time in a zone."""
    local = moment.astimezone(ZoneInfo(zone))
    return t("kernel.moment", date=date_short(local.date()), time=time_of(moment, zone))


def minutes(count: float) -> str:
    """A number of minutes in words: 5 min, ٥ دقائق."""
    return nt("kernel.minutes", round(count))


def minutes_range(low: float, high: float) -> str:
    """A range of minutes: a dash in English, words in Arabic."""
    first, last = round(low), max(round(high), round(low))
    if first == last:
        return minutes(last)
    return nt("kernel.minutes_range", last, low=num(first))


def compile_catalogs() -> None:
    """Merge every area's .po of a language into the one catalogue that the application reads, if newer."""
    for code in LANGUAGES:
        folder = FOLDER / code / "LC_MESSAGES"
        target = folder / "messages.mo"
        areas = sorted(folder.glob("*.po"))
        if target.exists() and all(area.stat().st_mtime <= target.stat().st_mtime for area in areas):
            continue
        merged = Catalog(locale=LOCALES[code])
        for area in areas:
            with area.open("rb") as file:
                part = read_po(file, locale=LOCALES[code], abort_invalid=True)
            merged.header_comment = part.header_comment
            merged.mime_headers = part.mime_headers
            for message in part:
                if message.id:
                    merged[message.id] = message
        draft = target.with_name(f".{os.getpid()}.mo")
        with draft.open("wb") as out:
            write_mo(out, merged)
        draft.replace(target)  # a process that starts meanwhile reads the old one or the new, never half
    _translations.cache_clear()


@functools.cache
def _translations(code: str) -> Translations:
    with (FOLDER / code / "LC_MESSAGES" / "messages.mo").open("rb") as file:
        return Translations(file)


def _locale() -> str:
    return LOCALES[language()]


def _numbering() -> str:
    return "latn" if settings().latin_digits else "default"
