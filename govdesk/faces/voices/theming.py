"""What the comments of a page are about, as it was ticked there: only what was changed is written."""

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from govdesk.actor import Actor
from govdesk.faces.fields import row_id
from govdesk.faces.voices.comments import ON_A_PAGE
from govdesk.feedback.acting import comments, themes
from govdesk.feedback.answers.service import DRAWN_BELOW


def save(session: Session, who: Actor, sent: MultiDict[str, str]) -> None:
    """Give and take away the themes that were ticked and unticked; what others did meanwhile stays.

    `comment` names those of the page, `held-ID` what one had when it was shown, `themes-ID` what was ticked.
    NotFoundError for a comment that this person may not read.
    """
    for comment_id in sent.getlist("comment", type=_drawn)[:ON_A_PAGE]:
        held = {row_id(one) for one in sent.get(f"held-{comment_id}", "").split() if one.isdecimal()}
        wanted = set(sent.getlist(f"themes-{comment_id}", type=row_id))
        if wanted == held:
            continue
        here = comments.comment_of(session, who, comment_id)
        for theme_id in sorted(wanted - held):
            themes.give(session, actor=who, comment=here, theme=themes.theme_of(session, theme_id))
        for theme_id in sorted(held - wanted):
            themes.take_away(session, actor=who, comment=here, theme=themes.theme_of(session, theme_id))


def _drawn(typed: str) -> int:
    """The number of a comment: it is drawn, and larger than those of other rows."""
    number = int(typed)
    if not 0 <= number < DRAWN_BELOW:
        raise ValueError(typed)
    return number
