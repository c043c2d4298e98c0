"""What is said is written by hand in Arabic and English, whole; nothing is written that nobody says."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from govdesk import i18n

ROOT = Path(__file__).parents[2]
AREAS = sorted(path.stem for path in (i18n.FOLDER / "en" / "LC_MESSAGES").glob("*.po"))
FORMS = {"ar": 6, "en": 2}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")
KEY = re.compile(rf"(?:{'|'.join(AREAS)})\.[a-z0-9_]+")
ARABIC = re.compile(r"[\u0621-\u064a]")
QUOTED = re.compile(r"(?<=[\"'])[^\"'\n]*(?=[\"'])")  # also a text in quotes inside an attribute's quotes
LATIN_WORD = re.compile(r"[A-Za-z]{3,}")


@cache
def written(language: str) -> dict[str, Message]:
    """Every message of a language by its key."""
    found: dict[str, Message] = {}
    for area in AREAS:
        with (i18n.FOLDER / language / "LC_MESSAGES" / f"{area}.po").open("rb") as file:
            for message in read_po(file, abort_invalid=True):
                if message.id:
                    key = message.id if isinstance(message.id, str) else message.id[0]
                    assert key not in found, f"{key} is written twice"
                    assert key.startswith(f"{area}."), f"{key} does not belong into {area}.po"
                    found[key] = message
    return found


def test_both_languages_have_the_same_areas_and_keys() -> None:
    assert sorted(path.stem for path in (i18n.FOLDER / "ar" / "LC_MESSAGES").glob("*.po")) == AREAS
    assert set(written("ar")) == set(written("en"))


@pytest.mark.parametrize("language", ["ar", "en"])
def test_every_message_is_whole(language: str) -> None:
    for key, message in written(language).items():
        assert not message.fuzzy, key
        assert all(forms(message)), f"{key} has an empty form"
        if message.pluralizable:
            assert len(forms(message)) == FORMS[language], key


def test_both_languages_put_in_the_same_values() -> None:
    for key, english in written("en").items():
        assert placeholders(english) == placeholders(written("ar")[key]), key


def test_arabic_is_arabic_and_english_is_english() -> None:
    foreign = {key for key, message in written("en").items() if any(map(ARABIC.search, forms(message)))}
    assert foreign - SPEAKS_OF_ARABIC == set()
    assert {
        key for key, message in written("ar").items() if any(map(is_foreign, forms(message)))
    } == NAMES_OF_KEYS


def test_every_message_that_is_said_is_written() -> None:
    assert said() - set(written("en")) == set()


def test_every_message_that_is_written_is_said() -> None:
    literals, beginnings, endings = mentioned()
    unused = {key for key in written("en") if key not in literals and not key.startswith(tuple(beginnings))}
    assert {key for key in unused if not any(key.removesuffix(end) in literals for end in endings)} == set()


NAMES_OF_KEYS = {"counter.key_escape"}
SPEAKS_OF_ARABIC = {"design.language_ar"}


def forms(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def placeholders(message: Message) -> set[str]:
    return {name for form in forms(message) for name in PLACEHOLDER.findall(form)} - {"num"}


def is_foreign(text: str) -> bool:
    return bool(LATIN_WORD.search(PLACEHOLDER.sub("", text))) and not ARABIC.search(text)


def said() -> set[str]:
    """Keys that are certainly spoken: in t, nt and refusals, in Python and in templates."""
    keys = set()
    for path in (ROOT / "templates").rglob("*.html"):
        keys |= set(re.findall(r"\bn?t\(\s*[\"']([a-z]+\.\w+)[\"']\s*[,)]", path.read_text("utf-8")))
    for node in nodes():
        if isinstance(node, ast.Call) and node.args and speaks(node.func):
            keys |= {
                arg.value
                for arg in node.args[:1]
                if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
            }
    return {key for key in keys if re.fullmatch(r"[a-z]+\.\w+", key)}


def speaks(function: ast.expr) -> bool:
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name in {"t", "nt"} or name.endswith("Error")


def mentioned() -> tuple[set[str], set[str], set[str]]:
    """Texts in the code that are keys, and texts that begin or end keys which are put together."""
    texts = {node.value for node in nodes() if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    for path in [*(ROOT / "templates").rglob("*.html"), *(ROOT / "static").glob("*.js")]:
        texts |= set(QUOTED.findall(path.read_text("utf-8")))
    beginnings = {text for text in texts if re.fullmatch(rf"(?:{'|'.join(AREAS)})\.(?:[a-z0-9_]*_)?", text)}
    endings = {text for text in texts if re.fullmatch(r"_[a-z]+", text)}
    return {text for text in texts if KEY.fullmatch(text)}, beginnings, endings


def nodes() -> Iterator[ast.AST]:
    for path in (ROOT / "govdesk").rglob("*.py"):
        yield from ast.walk(ast.parse(path.read_text("utf-8")))
