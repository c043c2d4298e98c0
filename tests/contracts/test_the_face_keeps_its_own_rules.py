"""What style sheets and templates may not do: know the direction, carry style or script, invent words."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from jinja2 import Environment

ROOT = Path(__file__).parents[2]
SHEETS = sorted((ROOT / "static").glob("*.css"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
PHYSICAL = re.compile(
    r"(?<![-\w])(?:(?:margin|padding|border)-(?:left|right)(?:-\w+)?|(?:left|right)\s*:|float\s*:|text-align\s*:\s*(?:left|right)|"
    r"border-(?:top|bottom)-(?:left|right)-radius)"
)
CITIZENS = ("govdesk.js", "answering.js")  # with which people answer, on whatever telephone they have
LATER_THAN_2017 = re.compile(
    r"catch\s*\{|\?\.(?!\d)|\?\?|\b(?:async|await|fetch|globalThis)\b|\.\.\.|\*\*|:has\(|"
    r"\.(?:flat|flatMap|fromEntries|matchAll|replaceAll|at|finally|replaceWith|timeout)\(|"
    r"new FormData\([^)]+\)\)"
)
CLASSES = re.compile(r"\{% block (?:body|main)_class %\}.*?\{% endblock %\}")
COMMENT = re.compile(r"\{#.*?#\}|/\*.*?\*/", re.DOTALL)


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("sheet", SHEETS, ids=relative)
def test_a_style_sheet_says_start_and_end_never_left_and_right(sheet: Path) -> None:
    text = COMMENT.sub("", sheet.read_text("utf-8"))
    assert PHYSICAL.findall(text) == []
    assert "[dir" not in text
    assert ":dir(" not in text


@pytest.mark.parametrize("sheet", SHEETS, ids=relative)
def test_a_style_sheet_uses_only_tokens_that_exist(sheet: Path) -> None:
    known = set(re.findall(r"(--[\w-]+)\s*:", (ROOT / "static/tokens.css").read_text("utf-8")))
    text = sheet.read_text("utf-8")
    known |= set(re.findall(r"(--[\w-]+)\s*:", text))
    assert set(re.findall(r"var\((--[\w-]+)", text)) - known == set()


@pytest.mark.parametrize("script", CITIZENS)
def test_a_script_with_which_people_answer_is_read_by_a_phone_of_2017(script: str) -> None:
    code = re.sub(r"/\*.*?\*/|(?<![:\"])//[^\n]*", "", (ROOT / "static" / script).read_text("utf-8"))
    assert LATER_THAN_2017.findall(code) == []


@pytest.mark.parametrize("template", TEMPLATES, ids=relative)
def test_a_template_carries_no_style_and_no_script_inline(template: Path) -> None:
    text = COMMENT.sub("", template.read_text("utf-8"))
    assert re.findall(r"\sstyle\s*=|<style|\son[a-z]+\s*=\s*[\"']|javascript:", text) == []
    scripts = re.findall(r"<script[^>]*>", text)
    assert [tag for tag in scripts if "src=" not in tag and "application/json" not in tag] == []


@pytest.mark.parametrize("template", TEMPLATES, ids=relative)
def test_what_scrolls_sideways_is_named_and_reached_by_keyboard(template: Path) -> None:
    tags = re.findall(r"<\w+[^>]*\bclass=\"(?:[^\"]* )?scroll[ \"][^>]*>", template.read_text("utf-8"))
    named = re.compile(r"role=\"region\" (?:aria-label|aria-labelledby)=\".*tabindex=\"0\"")
    assert [tag for tag in tags if not named.search(tag)] == []


@pytest.mark.parametrize("template", TEMPLATES, ids=relative)
def test_a_template_has_no_words_of_its_own(template: Path) -> None:
    source = CLASSES.sub("", template.read_text("utf-8"))
    pieces = Environment(autoescape=True).lex(source)
    text = "{}".join(words for _line, kind, words in pieces if kind == "data")
    bare = re.sub(r"<svg.*?</svg>|<[^>]*>|&\w+;", "\n", text, flags=re.DOTALL)
    assert set(re.findall(r"[A-Za-z\u0621-\u064a]{3,}", bare)) - {"CSV", "XLSX"} == set()


@pytest.mark.parametrize("template", TEMPLATES, ids=relative)
def test_every_key_that_a_template_names_is_written_in_both_languages(template: Path) -> None:
    named = set(re.findall(r"\bn?t\(\s*[\"']([a-z]+\.\w+)[\"']\s*[,)]", template.read_text("utf-8")))
    for language in ("ar", "en"):
        assert named - written(language) == set(), language


def written(language: str) -> set[str]:
    keys: set[str] = set()
    for area in sorted((ROOT / "govdesk/translations" / language / "LC_MESSAGES").glob("*.po")):
        with area.open("rb") as file:
            messages = [message for message in read_po(file) if message.id and message.string]
        keys |= {message.id if isinstance(message.id, str) else message.id[0] for message in messages}
    return keys
