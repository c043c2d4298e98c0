"""The pages of heads in their order, as one line of links; a new page adds its line here."""

from dataclasses import dataclass
from typing import Any

from flask import current_app, request, url_for

from govdesk.i18n import t

# A page: its endpoint and the key of its name. One that is not registered is left out.
SECTIONS: tuple[tuple[str, str], ...] = (
    ("head.overview", "marks.section_overview"),
    ("head.signals", "marks.signals"),
    ("head.comparison", "comparing.section"),
    ("head.periods", "periods.section"),
    ("head.repeats", "returning.section"),
    ("head.timing", "timing.section"),
    ("head.equity", "equity.section"),
    ("head.staffing", "marks.section_staffing"),
    ("head.data_quality", "marks.section_quality"),
    ("head.definitions", "marks.section_definitions"),
)
KEPT = ("period", "from_on", "to_on", "branch", "department", "service")  # filters that go along


@dataclass(frozen=True, slots=True)
class Section:
    """A link: `current` is "page" on the page itself, "true" on one below it, else empty."""

    url: str
    name: str
    current: str


def sections() -> list[Section]:
    """Give the links for the page that is shown, with the filters of its address."""
    known = [pair for pair in SECTIONS if pair[0] in current_app.view_functions]
    paths = {endpoint: url_for(endpoint) for endpoint, _ in known}
    above = [path for path in paths.values() if f"{request.path}/".startswith(f"{path}/")]
    here = max(above, key=len, default="")
    kept: dict[str, Any] = {name: request.args[name] for name in KEPT if request.args.get(name)}
    return [
        Section(url_for(endpoint, **kept), t(label), _current(paths[endpoint], here))
        for endpoint, label in known
    ]


def _current(path: str, here: str) -> str:
    if path != here:
        return ""
    return "page" if request.path == path else "true"
