"""Who answered: the response rate, whether those who did are like those who were asked, and the silence."""

from dataclasses import dataclass, replace

from govdesk.db import reading
from govdesk.faces import priorities
from govdesk.faces.head import words
from govdesk.faces.voices.asking import FEWEST, Reading
from govdesk.feedback.asking import colleagues
from govdesk.feedback.asking.models import Invitation
from govdesk.feedback.forms.models import Questionnaire
from govdesk.feedback.forms.rules import INSIDE
from govdesk.i18n import num, pct, t
from govdesk.kpi import figures, service
from govdesk.kpi.figures import Figure, Row, hide_small
from govdesk.kpi.question import Question
from govdesk.kpi.samples import non_response_bounds, representativeness

COMPARED = ("channel", "occasion", "branch", "service", "kind", "language", "priority")
CHANNELS = ("reception", "kiosk", "appointment", "api")
OCCASIONS = (
    "served", "turned_away", "noshow", "left", "unserved", "resolved_away", "returned", "complaint",
    "wave", "exit", "staff", "mystery", "other",
)  # fmt: skip
KINDS = ("citizen", "resident", "visitor")
Lines = list[list[str | None]]


@dataclass(frozen=True, slots=True)
class Compared:
    """One way to divide people: whether its groups answered alike, and each group."""

    word: str
    likeness: float | None
    lines: Lines
    figure: Figure


@dataclass(frozen=True, slots=True)
class Who:
    """What stands before all answers."""

    rate: Row
    compared: list[Compared]
    bounds: tuple[float, float] | None
    figures: list[Figure]

    @property
    def strip(self) -> list[tuple[str, str | None, str]]:
        """The response rate and what it is made of."""
        detail, row = self.rate.detail, self.rate
        if row.is_hidden:
            return [(t("kpi.response_rate_name"), None, t("head.hidden"))]
        between = words.interval_of(row.interval, "share")
        made: list[tuple[str, str | None, str]] = [
            (t("kpi.response_rate_name"), words.value_of(row), between),
            (t("voices.answered"), num(row.numerator or 0), ""),
            (t("voices.reached"), num(row.denominator or 0), t("voices.reached_small")),
            (t("voices.undeliverable"), num(detail.get("undeliverable", 0)), ""),
            (t("voices.under_way"), num(row.open or 0), ""),
            (t("voices.spared"), num(detail.get("spared", 0)), t("voices.spared_small")),
        ]
        return made


def who(asked: Reading, share: float | None) -> Who:
    """Gather who answered; `share` of good answers to the main question gives the bounds of silence."""
    bys = [("questionnaire",), *(("questionnaire", word) for word in COMPARED)]
    if asked.cut.wave_id is not None:
        bys = [("questionnaire", "wave"), *(("questionnaire", "wave", word) for word in COMPARED)]
    found = service.figures(reading(), asked.question, [("response_rate", by) for by in bys])
    mine = [_of(figure, asked) for figure in found]
    if asked.questionnaire.kind in INSIDE:
        mine[0] = with_rows(mine[0], (rate_inside(asked.question, asked.questionnaire),))
    whole = mine[0].rows[0] if mine[0].rows else Row(group={}, unit="share")
    hidden = hide_small(mine[0], FEWEST)
    whole = hidden.rows[0] if hidden.rows else whole
    bounds = None
    if share is not None and whole.value is not None:
        bounds = non_response_bounds(whole.value, share)
    compared = [_compared(asked, word, figure) for word, figure in zip(COMPARED, mine[1:], strict=True)]
    told = [one for one in compared if len(one.lines) > 1]
    return Who(whole, told, bounds, [hidden, *(one.figure for one in told)])


def _of(figure: Figure, asked: Reading) -> Figure:
    """The rows of this questionnaire, and of the wave that was chosen."""
    wanted = {"questionnaire": asked.questionnaire.code}
    if "wave" in figure.by:
        wanted["wave"] = str(asked.cut.wave_id)
    rows = tuple(
        row for row in figure.rows if all(row.group[word] == value for word, value in wanted.items())
    )
    return with_rows(figure, rows)


def rate_inside(question: Question, asked: Questionnaire) -> Row:
    """How many answered of those who serve, or were sent: no part of the response rate of people.

    Of fewer than five it says nothing.
    """
    answered, reached = colleagues.answered_of(
        reading(), asked.id, question.from_day, question.to_day, question.scope.conditions(Invitation)
    )
    group = {"questionnaire": asked.code}
    if 0 < reached < FEWEST:
        return Row(group=group, unit="share", is_hidden=True)
    return Row(group=group, **figures.share(answered, reached))


def with_rows(figure: Figure, rows: tuple[Row, ...]) -> Figure:
    """The same figure with these rows only."""
    return replace(figure, rows=rows)


def _compared(asked: Reading, word: str, figure: Figure) -> Compared:
    shown = hide_small(figure, FEWEST)
    reached = sum(row.denominator or 0 for row in figure.rows) or 1
    answered = sum(row.numerator or 0 for row in figure.rows) or 1
    lines: Lines = []
    for row in shown.rows:
        name = group_name(asked, word, row.group[word])
        if row.is_hidden:
            lines.append([name, t("head.hidden"), "", "", ""])
            continue
        if not row.denominator:
            continue
        lines.append(
            [
                name, num(row.denominator), pct((row.denominator or 0) / reached),
                pct((row.numerator or 0) / answered), words.value_of(row),
            ]
        )  # fmt: skip
    pairs = [(row.denominator or 0, row.numerator or 0) for row in figure.rows]
    is_small = any(row.is_hidden for row in shown.rows)
    return Compared(word, None if is_small else representativeness(pairs), lines, shown)


def group_name(asked: Reading, word: str, value: str | None) -> str:
    """The name of a group in the language spoken now."""
    if value is None:
        return t("head.unknown")
    if word in asked.names:
        return asked.names[word].get(value, value)
    if word == "priority":
        return priorities.name_of(value)
    known = {
        "channel": (CHANNELS, "queue.channel_"),
        "occasion": (OCCASIONS, "programmes.occasion_"),
        "kind": (KINDS, "voices.kind_"),
        "language": (("ar", "en"), "voices.language_"),
    }
    values, prefix = known.get(word, ((), ""))
    return t(prefix + value) if value in values else value
