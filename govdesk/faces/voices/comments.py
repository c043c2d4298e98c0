"""What people wrote: found however it is spelled, shown only out of a crowd and once its week is over."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select

from govdesk import i18n
from govdesk.catalog.models import Branch, PublicService
from govdesk.catalog.spelling import likeness, stems
from govdesk.db import reading
from govdesk.faces.voices.asking import Reading
from govdesk.feedback.acting import comments as crowds
from govdesk.feedback.acting import themes
from govdesk.feedback.acting.models import Theme
from govdesk.feedback.answers.models import Comment, Response
from govdesk.kpi import survey

ON_A_PAGE = 25
MOST_READ = 20_000  # comments looked through for one search


@dataclass(frozen=True, slots=True)
class Said:
    """A comment with what may be told of it."""

    comment: Comment
    where: str
    when: str
    themes: list[Theme]


@dataclass(frozen=True, slots=True)
class Found:
    """The comments of one page, how many there are in all, and how many wait for a larger crowd."""

    said: list[Said]
    total: int
    waiting: int
    page: int
    counts: list[tuple[Theme, int]]

    @property
    def pages(self) -> int:
        """How many pages they fill."""
        return max(1, -(-self.total // ON_A_PAGE))


def find(asked: Reading, words: str, theme_id: int | None, page: int) -> Found:
    """Find comments of a questionnaire: every word asked for, or one like it, is in them.

    One that was given in the week that still runs is not shown: who reads every day could tell when it came.
    """
    session = reading()
    over = survey.last_week(asked.question)
    query = (
        select(Comment)
        .join(Response, Response.id == Comment.response_id)
        .where(*asked.cut.conditions(asked.question), Response.week <= over)
        .order_by(Response.week.desc(), Comment.id)
        .limit(MOST_READ)
    )
    crowded = crowds.crowded(session, asked.questionnaire)
    everything = list(session.scalars(query))
    shown = [one for one in everything if crowds.crowd_of(one.response, asked.questionnaire) in crowded]
    given = _themes(one.id for one in shown)
    wanted = stems(words)
    found = [
        one
        for one in shown
        if (theme_id is None or any(theme.id == theme_id for theme in given.get(one.id, ())))
        and (not wanted or all(likeness({word}, stems(one.text)) for word in wanted))
    ]
    counted = Counter(theme.id for one in shown for theme in given.get(one.id, ()))
    named = {theme.id: theme for some in given.values() for theme in some}
    places = (lambda _one: "") if crowds.is_placeless(asked.questionnaire) else _names()
    page = min(max(page, 1), max(1, -(-len(found) // ON_A_PAGE)))
    part = found[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]
    said = [
        Said(one, places(one.response), _when(asked, one.response), given.get(one.id, [])) for one in part
    ]
    counts = [(named[key], count) for key, count in counted.most_common()]
    return Found(said, len(found), len(everything) - len(shown), page, counts)


def _themes(comment_ids: Iterable[int]) -> Mapping[int, list[Theme]]:
    ids = list(comment_ids)
    return themes.of_comments(reading(), ids) if ids else {}


def _names() -> Callable[[Response], str]:
    branches = {one.id: i18n.named(one) for one in reading().scalars(select(Branch))}
    services = {one.id: i18n.named(one) for one in reading().scalars(select(PublicService))}

    def where(response: Response) -> str:
        said = [branches.get(response.branch_id or 0), services.get(response.service_id or 0)]
        return " · ".join(filter(None, said))

    return where


def _when(asked: Reading, response: Response) -> str:
    if response.wave_id is not None and response.wave_id in asked.waves:
        return i18n.t("voices.in_wave", number=i18n.num(asked.waves[response.wave_id].number))
    return i18n.t("voices.in_week", day=i18n.date_short(response.week))
