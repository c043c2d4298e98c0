"""Pages of figures on paper (A4, by the browser): all the text, nothing cut off, no navigation."""

import re
import shutil
import subprocess
import unicodedata
from collections import Counter
from pathlib import Path

import html5lib
import pytest
from playwright.sync_api import Page

from tests.browser.conftest import NewPage

A4 = (594.96, 841.92)  # points, as browsers round it
MARGIN = 15  # points that stay white at either edge
PAGES = ("/figures", "/figures/waiting_time", "/figures/waiting_time?by=channel", "/figures/quality")
READ = """() => {
  const walk = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT), found = [];
  while (walk.nextNode()) {
    const one = walk.currentNode.parentElement;
    if (one.checkVisibility({visibilityProperty: true}) && !one.closest(".unseen, svg, select"))
      found.push(walk.currentNode.data);
  }
  return found.join(" ");
}"""
VOWELLED = re.compile(r"[\w\u064b-\u0652]*[\u064b-\u0652][\w\u064b-\u0652]*")  # taken apart on paper


def words(text: str) -> Counter[str]:
    """The words of a text by their letters: paper has joined ones, and not always in their order."""
    plain = unicodedata.normalize("NFKC", text)
    found = re.findall(
        r"\d+|[^\W\d]+", "".join(one for one in plain if unicodedata.category(one) not in {"Mn", "Cf"})
    )
    return Counter("".join(sorted(word)) for word in found)


def printed(page: Page, path: Path) -> list[tuple[str, float, float]]:
    """The words on all sheets, each with where it begins and ends."""
    page.pdf(path=path, format="A4")
    told = subprocess.run(
        [shutil.which("pdftotext") or "pdftotext", "-bbox", path, "-"], check=True, capture_output=True
    ).stdout.decode()
    tree = html5lib.parse(told, treebuilder="etree", namespaceHTMLElements=False)
    for sheet in tree.iter("page"):
        assert (float(sheet.get("width")), float(sheet.get("height"))) == pytest.approx(A4, abs=2)
    return [(one.text or "", float(one.get("xmin")), float(one.get("xmax"))) for one in tree.iter("word")]


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="needs pdftotext (apt-get install poppler-utils)")
@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_figures_are_printed_whole(new_page: NewPage, tmp_path: Path, language: str, path: str) -> None:
    page = new_page(language, who="head")
    page.goto(path)
    page.wait_for_load_state("networkidle")
    navigation = page.locator("header nav").first.inner_text()
    found = printed(page, tmp_path / "figures.pdf")
    on_paper = words(" ".join(text for text, _left, _right in found))
    page.emulate_media(media="print")
    read = VOWELLED.sub(" ", page.evaluate(READ))
    assert len(words(read)) > 50
    assert words(read) - on_paper == Counter()
    assert [one for one in found if one[1] < MARGIN or one[2] > A4[0] - MARGIN] == []
    assert (words(navigation) - words(read)) & on_paper == Counter()
