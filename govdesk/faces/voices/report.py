"""The page of one questionnaire, put together: who answered first, then what they said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from govdesk.cases.silent.rules import Estimate
from govdesk.db import reading
from govdesk.faces.head import words
from govdesk.faces.voices import questions, trend, who
from govdesk.faces.voices.asking import FEWEST, Reading
from govdesk.faces.voices.questions import Line, Strength, key_of, text_of
from govdesk.faces.voices.trend import Trend
from govdesk.faces.voices.who import Who
from govdesk.feedback.forms.models import Questionnaire
from govdesk.feedback.forms.rules import INSIDE
from govdesk.i18n import language, moment_of, num, pct, t
from govdesk.kpi import asked_forms, service, survey
from govdesk.kpi.figures import Figure, Row, hide_small
from govdesk.kpi.question import Question
from govdesk.kpi.survey import Driver, Told

PLACES = ("branch", "service")
UNINVITED = frozenset({"tablet", "import"})


@dataclass(frozen=True, slots=True)
class Entry:
    """A questionnaire in the list."""

    questionnaire: Questionnaire
    n: int | None  # None: too few to be told
    rate: Row | None
    csat: Row | None
    faces: Row | None


@dataclass(slots=True)
class View:
    """All that the page shows. A cut that is too small shows nothing but that it is."""

    n: int
    is_hidden: bool
    as_of: str
    has_waiting: bool = False  # answers that are read when their week or wave is over
    who: Who | None = None
    lines: list[Line] = field(default_factory=list)
    main: Line | None = None
    trend: Trend | None = None
    strengths: list[Strength] = field(default_factory=list)
    drivers: list[list[str | None]] = field(default_factory=list)
    found_drivers: list[Driver] = field(default_factory=list)
    unheard: Estimate | None = None
    asks_complained: bool = False
    places: list[tuple[str, list[list[str | None]]]] = field(default_factory=list)


def index(
    known: Sequence[Questionnaire], found: Mapping[str, Mapping[str | None, Row]], question: Question
) -> list[Entry]:
    """Give the questionnaires that were ever answered or asked, those in use first."""
    made = []
    for one in known:
        count = survey.responses(reading(), question, survey.Cut(one.id))
        rate, csat, faces = (found[key].get(one.code) for key in ("response_rate", "csat", "good_faces"))
        if one.kind in INSIDE:
            rate = who.rate_inside(question, one)
        if count or rate is not None or one.is_used:
            made.append(Entry(one, count if count == 0 or count >= FEWEST else None, rate, csat, faces))
    return sorted(made, key=lambda entry: (not entry.questionnaire.is_used, entry.questionnaire.id))


def is_hidden(asked: Reading) -> bool:
    """Whether what was chosen is too small to be shown."""
    return survey.is_hidden(reading(), asked.question, asked.cut, FEWEST)


def told(asked: Reading) -> list[Told]:
    """How each question was answered."""
    return survey.tell(reading(), asked.question, asked.cut, asked.known)


def report(asked: Reading) -> View:
    """Gather the page."""
    session = reading()
    n = survey.responses(session, asked.question, asked.cut)
    waits = survey.waiting(session, asked.question, survey.Cut(asked.questionnaire.id)) > 0
    made = View(n, is_hidden(asked), moment_of(asked.question.as_of, asked.zone), waits)
    if made.is_hidden:
        return made
    all_told = told(asked)
    made.lines = questions.lines(asked, all_told)
    main = _main(asked)
    answered = next((one for one in all_told if main and one.asking.key == main.asking_key), None)
    made.main = next((line for line in made.lines if main and line.key == main.asking_key), None)
    made.who = who.who(asked, _share_of_invited(answered))
    if main is not None:
        made.trend = trend.trend(asked, main.measure)
        made.places = _places(asked, main.measure)
    together = survey.together(session, asked.question, asked.cut, asked.known)
    if together.satisfied.total() >= FEWEST:
        made.found_drivers = [
            one
            for one in survey.drivers(together, asked.known)
            if one.effect.met >= FEWEST and one.effect.others >= FEWEST
        ]
        made.drivers = _drivers(made.found_drivers)
    weights = survey.weights(session, asked.question, asked_forms.asked(session))
    made.strengths = questions.strengths(all_told, together, weights)
    complained = next((one.asking.key for one in all_told if one.asking.role == "complained"), None)
    if complained is not None:
        made.asks_complained = True
        made.unheard = survey.unheard(session, asked.question, together, complained)
    return made


def _share_of_invited(answered: Told | None) -> float | None:
    """The share of good answers of those who had an invitation: only of them silence can be told."""
    if answered is None:
        return None
    counted = [answered.of_mode(mode) for mode in answered.modes if mode not in UNINVITED]
    good, n = (sum(one[place] for one in counted) for place in (0, 1))
    return good / n if n >= FEWEST else None


def figures(asked: Reading) -> list[Figure]:
    """The response rate in all and by group, the course of the main question and its places, for a file."""
    if is_hidden(asked):
        return []
    made = [*who.who(asked, None).figures]
    main = _main(asked)
    if main is None:
        return made
    course = trend.trend(asked, main.measure)
    made += [course.figure] if course is not None else []
    return made + [figure for _word, figure in _by_place(asked, main.measure)]


@dataclass(frozen=True, slots=True)
class Main:
    """The question that says how satisfied somebody is, and the measure that it feeds."""

    asking_key: str
    measure: str


def _main(asked: Reading) -> Main | None:
    for (_, key), one in asked.known.items():
        if one.question.role == "satisfied" and one.measure is not None and _is_counted(asked):
            return Main(key, key_of(one.measure))
    return None


def _is_counted(asked: Reading) -> bool:
    return asked.questionnaire.kind in asked_forms.COUNTED


def _drivers(found: Sequence[Driver]) -> list[list[str | None]]:
    """What goes with being dissatisfied, in words."""
    lines: list[list[str | None]] = []
    for one in found:
        what = one.effect
        choice = next((each for each in one.asking.choices if each.key == one.choice), None)
        if choice is not None:
            name = choice.text.get(language(), choice.key)
        elif one.choice is not None:
            name = t(f"voices.driver_{one.choice}")
        else:
            name = t("voices.denied", text=text_of(one.asking))
        ratio = "" if what.ratio is None else num(what.ratio, 1)
        if what.interval is not None:
            low, high = (num(end, 1) for end in what.interval)
            ratio = t("voices.ratio", value=ratio, low=low, high=high)
        lines.append(
            [
                name, pct(what.prevalence), num(what.met),
                pct(what.met_bad / what.met), pct(what.others_bad / what.others), ratio,
                "" if what.attributable is None else pct(max(what.attributable, 0.0)),
            ]
        )  # fmt: skip
    return lines


def _places(asked: Reading, measure: str) -> list[tuple[str, list[list[str | None]]]]:
    made = []
    for word, figure in _by_place(asked, measure):
        lines: list[list[str | None]] = [
            [who.group_name(asked, word, row.group[word]), *_cells(row)] for row in figure.rows
        ]
        made.append((word, sorted(lines, key=lambda line: line[0] or "")))
    return made


def _by_place(asked: Reading, measure: str) -> list[tuple[str, Figure]]:
    """The measure in each branch and each service, small ones hidden; not of one mode or wave."""
    if asked.cut.mode is not None or asked.cut.wave_id is not None:
        return []
    bys = [("questionnaire", word) for word in PLACES]
    found = service.figures(reading(), asked.question, [(measure, by) for by in bys])
    made = []
    for word, figure in zip(PLACES, found, strict=True):
        mine = tuple(row for row in figure.rows if row.group["questionnaire"] == asked.questionnaire.code)
        shown = hide_small(who.with_rows(figure, mine), FEWEST)
        rows = tuple(row for row in shown.rows if row.n or row.is_hidden)
        if len(rows) > 1:
            made.append((word, who.with_rows(shown, rows)))
    return made


def _cells(row: Row) -> list[str | None]:
    if row.is_hidden:
        return [t("head.hidden"), "", ""]
    return [words.value_of(row), words.interval_of(row.interval, row.unit), num(row.n)]
