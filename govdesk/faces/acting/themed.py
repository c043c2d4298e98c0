"""Themes of comments: the list with its names, and giving one to a comment or taking it away."""

from flask import request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk.db import reading
from govdesk.faces.acting.changing import bp
from govdesk.faces.acting.forms import CommentForm, ThemeEditForm, ThemeForm
from govdesk.faces.admin.acts import sent
from govdesk.feedback.acting import comments, themes
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


@bp.route("/acting/comments/<int(max=9223372036854775807):comment_id>", methods=["GET", "POST"])
@staff_only(*themes.TAGGERS)
def comment(comment_id: int) -> ResponseReturnValue:
    """One comment, and what it is about: ticked is given, not ticked is taken away."""
    session = reading()
    one = comments.comment_of(session, actor(), comment_id)
    form = CommentForm()
    given = themes.of_comments(session, [one.id]).get(one.id, [])
    form.offer(themes.known(session), given)
    if request.method == "GET":
        form.themes.data = [theme.id for theme in given]

    def act(session: Session) -> str:
        here = comments.comment_of(session, actor(), comment_id)
        wanted = set(form.themes.data or ())
        held = {theme.id for theme in themes.of_comments(session, [here.id]).get(here.id, [])}
        for theme_id in sorted(wanted - held):
            themes.give(session, actor=actor(), comment=here, theme=themes.theme_of(session, theme_id))
        for theme_id in sorted(held - wanted):
            themes.take_away(session, actor=actor(), comment=here, theme=themes.theme_of(session, theme_id))
        return url_for("acting.comment", comment_id=comment_id)

    code = one.response.version.questionnaire.code
    done = sent(form, act, "acting.comment_themed")
    return done or page("acting/comment.html", form=form, comment=one, code=code)
