"""What every page must be: valid, labelled, titled, translated, free of inline code."""

import functools
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

import html5lib
from html5lib.constants import E as PARSE_ERRORS

from govdesk import i18n

DIRECTIONS = {"ar": "rtl", "en": "ltr"}
NOT_SHOWN = {"script", "style", "template"}
QUOTING = {"code", "pre"}  # what is shown as it stands in a file or a record: `ticket.issued` is an act there
SPOKEN_ATTRIBUTES = ("alt", "title", "aria-label", "placeholder")
UNLABELLED_TYPES = {"hidden", "submit", "button", "reset", "image"}
SECRETS = re.compile(r"(?<=value=\")[\w.-]{22,}(?=\")|(?<=/)[\w-]{22,}(?=[/\"?])")
_known: dict[tuple[str, str], list[str]] = {}
SLIPS = re.compile(
    r"(?:^|[\s(:«])None(?=\s*$|[)»])|\bUndefined\b|\bNaN\b|%\(\w+\)|\{\{|\{%|&lt;\w|<built-in|object at 0x"
)


@functools.lru_cache(maxsize=8)  # the page that is looked at was just linted
def _parsed(html: str) -> tuple[Element, tuple[str, ...]]:
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    root: Element = parser.parse(html)
    return root, tuple(f"line {at[0]}: {PARSE_ERRORS[code] % values}" for at, code, values in parser.errors)


def parse(html: str) -> tuple[Element, list[str]]:
    """The tree of a page and what a strict HTML5 parser finds wrong with it."""
    root, found = _parsed(html)
    return root, list(found)


def problems(html: str, language: str) -> list[str]:
    """Everything that is wrong with a page that was asked for in `language`.

    Many tests open the same page; where only secrets differ, what was found is known.
    """
    kept = SECRETS.sub("secret", html), language
    if kept not in _known:
        _known[kept] = [*_found(html, language)]
    return _known[kept]


def _found(html: str, language: str) -> Iterator[str]:
    root, found = parse(html)
    yield from found
    yield from _document(root, language)
    yield from _elements(root)
    yield from _labels(root)
    yield from _words(root)


def text_of(element: Element) -> str:
    """The text that a person reads in an element, with single spaces."""
    return " ".join(" ".join(_texts(element)).split())


def _document(root: Element, language: str) -> Iterator[str]:
    if root.get("lang") != language:
        yield f"lang is {root.get('lang')!r}, not {language!r}"
    if root.get("dir") != DIRECTIONS[language]:
        yield f"dir is {root.get('dir')!r} in {language}"
    headings = root.findall(".//h1")
    title = root.find(".//title")
    if len(headings) != 1:
        yield f"{len(headings)} h1 elements"
    elif title is None or not _plain(title.text or "").startswith(_plain(text_of(headings[0]))):
        said = title.text if title is not None else None
        yield f"title {said!r} does not begin with the h1 {text_of(headings[0])!r}"
    if not root.findall(".//main"):
        yield "no main element"


def _elements(root: Element) -> Iterator[str]:
    ids = [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
    yield from (f"id {own!r} twice" for own, count in Counter(ids).items() if count > 1)
    for element in root.iter():
        yield from _inline_code(element)
        yield from _one_element(element)
        for key in ("for", "aria-describedby", "aria-labelledby", "aria-controls"):
            missing = set((element.get(key) or "").split()) - set(ids)
            yield from (f"{key} names {wanted!r}, which is not on the page" for wanted in missing)


def _inline_code(element: Element) -> Iterator[str]:
    name = element.tag
    if "style" in element.attrib or name == "style":
        yield f"inline style in {name}"
    yield from (f"inline handler {key} in {name}" for key in element.attrib if key.startswith("on"))
    if name == "script" and "src" not in element.attrib and element.get("type") != "application/json":
        yield "inline script"
    address = element.get("href") or element.get("src") or element.get("action") or ""
    if address.startswith(("javascript:", "http://", "//")):
        yield f"an address that may not be: {address}"


def _one_element(element: Element) -> Iterator[str]:
    name = element.tag
    if name == "form" and element.get("method", "get").lower() == "post" and not _has_token(element):
        yield f"a POST form without a CSRF token: {element.get('action')}"
    if name == "img" and "alt" not in element.attrib:
        yield f"an image without alt: {element.get('src')}"
    if name in {"a", "button"} and not (_spoken(element) or element.get("aria-labelledby")):
        yield f"a {name} without words: {element.attrib}"


def _labels(root: Element) -> Iterator[str]:
    labelled = {label.get("for") for label in root.iter("label")}
    inside = {id(field) for label in root.iter("label") for field in label.iter()}
    for name in ("input", "select", "textarea"):
        for field in root.iter(name):
            if name == "input" and field.get("type", "text") in UNLABELLED_TYPES:
                continue
            spoken = field.get("aria-label") or field.get("aria-labelledby")
            if (
                not spoken
                and id(field) not in inside
                and (field.get("id") is None or field.get("id") not in labelled)
            ):
                yield f"a field without a label: {field.get('name')}"


def _words(root: Element) -> Iterator[str]:
    for text in _all_spoken(root, besides=NOT_SHOWN | QUOTING):
        yield from (f"an untranslated key: {key}" for key in _key_pattern().findall(text))
    for text in _all_spoken(root):
        slip = SLIPS.search(text)
        if slip:
            yield f"{slip.group()!r} in {' '.join(text.split())[:80]!r}"


def _all_spoken(root: Element, besides: set[str] = NOT_SHOWN) -> Iterator[str]:
    yield from _texts(root, besides)
    for element in root.iter():
        yield from (element.attrib[key] for key in SPOKEN_ATTRIBUTES if key in element.attrib)


def _texts(element: Element, besides: set[str] = NOT_SHOWN) -> Iterator[str]:
    if element.tag in besides or not isinstance(element.tag, str):
        return
    yield element.text or ""
    for child in element:
        yield from _texts(child, besides)
        yield child.tail or ""


def _spoken(element: Element) -> str:
    return "".join(_all_spoken(element)).strip()


def _has_token(form: Element) -> bool:
    return any(field.get("name") == "csrf_token" and field.get("value") for field in form.iter("input"))


def _plain(text: str) -> str:
    return " ".join(text.split())


@functools.cache
def _key_pattern() -> re.Pattern[str]:
    folder = Path(i18n.FOLDER) / "en" / "LC_MESSAGES"
    areas = "|".join(sorted(re.escape(area.stem) for area in folder.glob("*.po")))
    return re.compile(rf"(?<![\w/.@-])(?:{areas})\.[a-z][a-z0-9_]*(?![\w/@-]|\.\w)")
