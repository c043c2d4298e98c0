"""How templates find their words."""

from collections.abc import MutableMapping
from typing import Any

from flask.templating import Environment


class Pages(Environment):
    """Templates that know all global words from when they are loaded, so that each is found in one look."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Jinja lays the template's words over ours and asks both for each word of each import."""
        return {**self.globals, **(d or {})}
