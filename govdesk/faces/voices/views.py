"""What people answered: the list of questionnaires, one of them read whole, its comments, its files."""

from functools import partial

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk.db import reading
from govdesk.faces.admin.acts import pressed
from govdesk.faces.head import plotly_script
from govdesk.faces.head import words as formats
from govdesk.faces.head.cards import FEWEST as FEWEST_OF_FIGURES
from govdesk.faces.head.views import csv_file
from govdesk.faces.voices import comments, files, report, theming
from govdesk.faces.voices.asking import FEWEST, read, readable, scope_of
from govdesk.feedback.acting import themes
from govdesk.i18n import named
from govdesk.kpi import section_280, service, tables
from govdesk.kpi.figures import hide_small
from govdesk.kpi.question import READERS
from govdesk.web import actor, page, staff_only

bp = Blueprint("voices", __name__, url_prefix="/voices")
who = staff_only(*READERS)


@bp.get("")
@who
def index() -> ResponseReturnValue:
    """Every questionnaire with how many answered and how satisfied they are."""
    asked = service.ask(reading(), scope=scope_of(actor()))
    by = ("questionnaire",)
    keys = ("response_rate", "csat", "good_faces")
    found = {
        figure.key: {row.group["questionnaire"]: row for row in hide_small(figure, FEWEST).rows}
        for figure in service.figures(reading(), asked, [(key, by) for key in keys])
    }
    return page("voices/index.html", lines=report.index(readable(actor()), found, asked), words=formats)


@bp.get("/<code>")
@who
def show(code: str) -> ResponseReturnValue:
    """Who answered, then what they said, then what goes with it."""
    asked = read(code)
    return page(
        "voices/show.html",
        asked=asked,
        view=report.report(asked),
        plotly_version=plotly_script.version(),
        map_style_id=plotly_script.map_style_id(),
    )


@bp.get("/<code>/comments")
@who
def words(code: str) -> ResponseReturnValue:
    """What people wrote, to be searched; out of a crowd only."""
    asked = read(code)
    search, theme_id, number = _sought()
    return page(
        "voices/comments.html",
        asked=asked,
        search=search,
        theme_id=theme_id,
        found=comments.find(asked, search, theme_id, number),
        themes=themes.known(reading()) if actor().has(*themes.TAGGERS) else [],
        may_name=actor().has(*themes.TAGGERS),
    )


@bp.post("/<code>/comments")
@staff_only(*themes.TAGGERS)
def give_themes(code: str) -> ResponseReturnValue:
    """Write down what the comments of a page are about, and come back to it as it was found."""
    search, theme_id, number = _sought()
    back = url_for("voices.words", q=search or None, theme=theme_id, page=number, **read(code).address())

    def act(session: Session) -> str:
        theming.save(session, actor(), request.form)
        return back

    return pressed(act, "voices.themed", back)


def _sought() -> tuple[str, int | None, int]:
    """The words, the theme and the page that the address asks for."""
    number = min(request.args.get("page", 1, type=int), 10_000)
    return request.args.get("q", "")[:200], request.args.get("theme", type=int), number


@bp.get("/<code>/<any('questions', 'strengths', 'drivers', 'silence'):table>.csv")
@who
def table_csv(code: str, table: str) -> Response:
    """One table of the page as a file: what is hidden there is hidden here."""
    asked = read(code)
    view = report.report(asked)
    made = {
        "questions": partial(files.questions, view.lines),
        "strengths": partial(files.strengths, view.strengths),
        "drivers": partial(files.drivers, view.found_drivers),
        "silence": partial(files.silence, view.who, view.unheard),
    }
    return csv_file(made[table](), f"{asked.questionnaire.code}-{table}")


@bp.get("/<code>/figures.csv")
@who
def figures_csv(code: str) -> Response:
    """The response rate by group, the course of the main question and its places, small groups hidden."""
    return csv_file(tables.as_csv(report.figures(read(code))), f"{code}-figures")


@bp.get("/<code>/section-280.csv")
@who
def section_280_csv(code: str) -> Response:
    """The answers in the layout of OMB Circular A-11, section 280."""
    asked = read(code)
    text = section_280.as_csv(
        reading(), asked.question, asked.cut, title=named(asked.questionnaire), fewest=FEWEST_OF_FIGURES
    )
    return csv_file(text, f"{code}-section-280")
