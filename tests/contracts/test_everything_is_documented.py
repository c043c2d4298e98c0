"""Every setting, command, event, job and measure stands in docs/reference.md, as the code has it."""

from dataclasses import fields

from flask import Flask

from docs.make_reference import FILE, SETTINGS, reference
from govdesk import i18n
from govdesk.config import Settings


def test_every_setting_is_explained() -> None:
    assert set(SETTINGS) == {field.name for field in fields(Settings)}


def test_the_reference_is_as_the_code_is(app: Flask) -> None:
    with i18n.speaking("en"):
        assert FILE.read_text("utf-8") == reference(), "run `make docs` and commit docs/reference.md"
