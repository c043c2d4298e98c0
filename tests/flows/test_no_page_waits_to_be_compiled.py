"""Before the first question every page is compiled, and a second start finds what the first one made."""

from pathlib import Path

import pytest
from jinja2 import Environment

from govdesk.app import create_app
from govdesk.commands.run import compile_pages
from govdesk.config import Settings


def test_every_page_is_compiled_before_anybody_asks_and_only_once(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, app = tmp_path / "pages", create_app(settings)
    compile_pages(app, kept)
    pages = app.jinja_env.list_templates(extensions=["html"])
    assert len(list(kept.iterdir())) == len(pages) > 100
    compiled: list[str] = []
    monkeypatch.setattr(Environment, "compile", lambda _self, _source, name, *_rest: compiled.append(name))
    compile_pages(create_app(settings), kept)
    assert compiled == []
