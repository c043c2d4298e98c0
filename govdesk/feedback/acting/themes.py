"""Verbs of themes: what comments are about, as somebody of staff says."""

from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from govdesk import audit, clock
from govdesk.actor import Actor
from govdesk.errors import DeskError, NotAllowedError, NotFoundError
from govdesk.feedback.acting.models import CommentTheme, Theme
from govdesk.feedback.answers.models import Comment

MAKERS = ("head", "admin")
TAGGERS = ("head", "supervisor", "admin")
LONGEST_NAME = 60


def make(session: Session, *, actor: Actor, name_ar: str, name_en: str) -> Theme:
    """Make a theme that comments can be given. DeskError beside `name_ar` or `name_en`."""
    _refuse_others(actor, MAKERS)
    made = Theme(**_names(session, name_ar, name_en))
    session.add(made)
    session.flush()
    audit.record(
        session, actor=actor, action="theme.made", subject=f"theme:{made.id}", name_ar=made.name_ar,
        name_en=made.name_en,
    )  # fmt: skip
    return made


def rename(
    session: Session, *, actor: Actor, theme: Theme, name_ar: str, name_en: str, is_used: bool
) -> None:
    """Name a theme otherwise, or give it to no more comments; those that have it keep it."""
    _refuse_others(actor, MAKERS)
    names = _names(session, name_ar, name_en, except_id=theme.id)
    theme.name_ar, theme.name_en, theme.is_used = names["name_ar"], names["name_en"], is_used
    audit.record(
        session, actor=actor, action="theme.renamed", subject=f"theme:{theme.id}", is_used=is_used, **names
    )


def give(session: Session, *, actor: Actor, comment: Comment, theme: Theme) -> bool:
    """Say that a comment is about a theme; whether that is news. Who may read it is asked by the page."""
    _refuse_others(actor, TAGGERS)
    if not theme.is_used:
        raise DeskError("errors.choose_known", field="theme", status=422)
    if session.get(CommentTheme, (comment.id, theme.id)) is not None:
        return False
    session.add(
        CommentTheme(comment_id=comment.id, theme_id=theme.id, staff_id=int(actor.id), at=clock.now())
    )
    audit.record(
        session, actor=actor, action="comment.themed", subject=f"comment:{comment.id}", theme=theme.id
    )
    return True


def take_away(session: Session, *, actor: Actor, comment: Comment, theme: Theme) -> bool:
    """Say that a comment is not about a theme; whether that is news."""
    _refuse_others(actor, TAGGERS)
    given = session.get(CommentTheme, (comment.id, theme.id))
    if given is None:
        return False
    session.delete(given)
    audit.record(
        session, actor=actor, action="comment.unthemed", subject=f"comment:{comment.id}", theme=theme.id
    )
    return True


def known(session: Session, *, is_used: bool = True) -> list[Theme]:
    """The themes in use, or all of them, by name."""
    query = select(Theme).order_by(Theme.name_en, Theme.id)
    return list(session.scalars(query.where(Theme.is_used) if is_used else query))


def theme_of(session: Session, theme_id: int) -> Theme:
    """A theme, or NotFoundError."""
    theme = session.get(Theme, theme_id)
    if theme is None:
        raise NotFoundError
    return theme


def counts(session: Session) -> dict[int, int]:
    """How many comments are about each theme, by its id."""
    query = select(CommentTheme.theme_id, func.count()).group_by(CommentTheme.theme_id)
    return {row[0]: row[1] for row in session.execute(query)}


def of_comments(session: Session, comment_ids: Iterable[int]) -> dict[int, list[Theme]]:
    """The themes of some comments, by the comment's id."""
    query = (
        select(CommentTheme.comment_id, Theme)
        .join(Theme, Theme.id == CommentTheme.theme_id)
        .where(CommentTheme.comment_id.in_(list(comment_ids)))
        .order_by(Theme.name_en, Theme.id)
    )
    found: dict[int, list[Theme]] = {}
    for comment_id, theme in session.execute(query):
        found.setdefault(comment_id, []).append(theme)
    return found


def _names(session: Session, name_ar: str, name_en: str, except_id: int | None = None) -> dict[str, str]:
    names = {"name_ar": " ".join(name_ar.split()), "name_en": " ".join(name_en.split())}
    for field, name in names.items():
        if not name:
            raise DeskError("errors.required", field=field, status=422)
        if len(name) > LONGEST_NAME:
            raise DeskError("errors.too_long", field=field, status=422)
        same = [one for one in known(session, is_used=False) if getattr(one, field) == name]
        if any(one.id != except_id for one in same):
            raise DeskError("acting.theme_exists", field=field, status=422)
    return names


def _refuse_others(actor: Actor, roles: tuple[str, ...]) -> None:
    if not actor.has(*roles):
        raise NotAllowedError
