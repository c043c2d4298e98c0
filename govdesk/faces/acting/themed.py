"""Themes of comments: the list with its names; what a comment is about is ticked where it is read."""

from flask import request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk.db import reading
from govdesk.faces.acting.changing import bp
from govdesk.faces.acting.forms import ThemeEditForm, ThemeForm
from govdesk.faces.admin.acts import sent
from govdesk.feedback.acting import themes
from govdesk.web import actor, page, staff_only

__all__ = ["bp"]


@bp.route("/acting/themes", methods=["GET", "POST"])
@staff_only(*themes.TAGGERS)
def theme_list() -> ResponseReturnValue:
    """The themes and how many comments are about each; a new one is made below."""
    form = ThemeForm()

    def act(session: Session) -> str:
        themes.make(session, actor=actor(), name_ar=form.name_ar.data or "", name_en=form.name_en.data or "")
        return url_for("acting.theme_list")

    done = sent(form, act, "acting.theme_made")
    session = reading()
    return done or page(
        "acting/themes.html",
        form=form,
        themes=themes.known(session, is_used=False),
        counts=themes.counts(session),
        may_make=actor().has(*themes.MAKERS),
    )


@bp.route("/acting/themes/<int:theme_id>", methods=["GET", "POST"])
@staff_only(*themes.MAKERS)
def theme(theme_id: int) -> ResponseReturnValue:
    """Name one otherwise, or give it to no more comments."""
    one = themes.theme_of(reading(), theme_id)
    form = ThemeEditForm(obj=one if request.method == "GET" else None)

    def act(session: Session) -> str:
        themes.rename(
            session,
            actor=actor(),
            theme=themes.theme_of(session, theme_id),
            name_ar=form.name_ar.data or "",
            name_en=form.name_en.data or "",
            is_used=bool(form.is_used.data),
        )
        return url_for("acting.theme_list")

    return sent(form, act) or page("acting/theme.html", form=form, theme=one)
