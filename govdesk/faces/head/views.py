"""The pages of heads: what needs a decision, one measure, how everything is counted."""

from flask import Blueprint, Response, make_response

from govdesk.faces.head import behind, cards, measure, plotly_script, signals_told, words, workbook
from govdesk.faces.head.asking import asked
from govdesk.faces.head.sections import sections
from govdesk.faces.head.still import still
from govdesk.i18n import moment_of
from govdesk.kpi import tables
from govdesk.kpi.question import READERS
from govdesk.kpi.registry import BY_KEY, MEASURES
from govdesk.kpi.service import UnknownMeasureError
from govdesk.web import page, staff_only

bp = Blueprint("head", __name__)
bp.add_url_rule("/plotly-<number>.min.js", "plotly", plotly_script.plotly_script)
bp.add_app_template_global(still)
who = staff_only(*READERS)


@bp.context_processor
def _around() -> dict[str, object]:
    return {"sections": sections()}


@bp.get("/figures")
@who
def overview() -> Response:
    """Every figure as a card, what got worse first."""
    question = asked()
    made = cards.cards(question)
    return page(
        "head/overview.html",
        asked=question,
        cards=made,
        headline=cards.headline(made),
        waiting=signals_told.waiting(),
        period=cards.until(question),
        as_of=moment_of(question.question.as_of, question.zone),
        words=words,
    )


@bp.get("/figures.csv")
@who
def overview_csv() -> Response:
    """The cards as a table."""
    question = asked()
    figures = [measure.csv_figures(question, key)[0] for key in cards.SHOWN]
    return csv_file(tables.as_csv(figures), "figures")


@bp.get("/figures.xlsx")
@who
def overview_xlsx() -> Response:
    """The same as a workbook."""
    return workbook.of_overview(asked())


@bp.get("/figures/definitions")
@who
def definitions() -> Response:
    """What every figure means and how it is counted."""
    return page("head/definitions.html", measures=MEASURES)


@bp.get("/figures/<key>")
@who
def figure(key: str) -> Response:
    """One figure with its companions, its course, where it is made and why."""
    if key not in BY_KEY:
        raise UnknownMeasureError(measure=key)
    question = asked()
    return page(
        "head/figure.html",
        asked=question,
        view=measure.view(question, key),
        has_cases=behind.has_list(key),
        period=cards.until(question),
        as_of=moment_of(question.question.as_of, question.zone),
        plotly_version=plotly_script.version(),
        map_style_id=plotly_script.map_style_id(),
        words=words,
    )


@bp.get("/figures/<key>.csv")
@who
def figure_csv(key: str) -> Response:
    """The same figures as a file."""
    if key not in BY_KEY:
        raise UnknownMeasureError(measure=key)
    return csv_file(tables.as_csv(measure.csv_figures(asked(), key)), key)


@bp.get("/figures/<key>.xlsx")
@who
def figure_xlsx(key: str) -> Response:
    """The same as a workbook."""
    if key not in BY_KEY:
        raise UnknownMeasureError(measure=key)
    return workbook.of_measure(asked(), key)


def csv_file(text: str, name: str) -> Response:
    """Give a table as a file that spreadsheets open."""
    answer = make_response("\ufeff" + text)  # the mark tells spreadsheets that it is UTF-8
    answer.mimetype = "text/csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer
