"""The living style guide: each token and component, in both directions side by side."""

import datetime as dt

from flask import Blueprint, Response, current_app
from markupsafe import Markup

from govdesk import i18n
from govdesk.faces.head.drawing import spread
from govdesk.faces.styleguide.forms import sample
from govdesk.kpi.shapes import WaitClass
from govdesk.web import page, public

bp = Blueprint("styleguide", __name__)
DAY = dt.date(2026, 10, 14)
WAITS = (WaitClass(0, 5, 34, 0.34), WaitClass(5, 10, 41, 0.41), WaitClass(10, None, 25, 0.25))


@bp.get("/styleguide")
@public
def index() -> Response:
    """Every sample, once in each language."""
    return page("styleguide/index.html", spoken={code: _samples(code) for code in i18n.LANGUAGES})


def _samples(code: str) -> dict[str, Markup]:
    """The markup of each sample by name, in the order of the page, with this language spoken."""
    template = current_app.jinja_env.get_template("styleguide/samples.html")
    with i18n.speaking(code):
        module = template.make_module(
            {"lang": code, "dir_": i18n.direction(), "form": sample(code), "day": DAY, "drawn": spread(WAITS)}
        )
        return {name: getattr(module, name)() for name in module.order}  # type: ignore[attr-defined]
