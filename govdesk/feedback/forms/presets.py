"""Questionnaires to begin with, as written in presets.toml."""

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from govdesk.feedback.forms.rules import Form, Words, parse


@dataclass(frozen=True, slots=True)
class Preset:
    """A questionnaire that can be taken as it is, or as a beginning."""

    key: str
    kind: str  # one of rules.KINDS
    name: Words
    form: Form


@functools.cache
def presets() -> Mapping[str, Preset]:
    """Return all of them by their keys, in the order in which they are offered."""
    written = resources.files("govdesk.feedback.forms").joinpath("presets.toml").read_text("utf-8")
    read = tomllib.loads(written)["presets"]
    return {one["key"]: Preset(one["key"], one["kind"], one["name"], parse(one)) for one in read}
