"""Why a figure is as it is: what is recorded as its causes, the most frequent first (Pareto)."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from govdesk.catalog.models import Cause, PublicService
from govdesk.catalog.scenario_models import Scenario, ScenarioPaper
from govdesk.db import reading
from govdesk.faces.cases.lengths import length as length_said
from govdesk.faces.head import breakdowns, further
from govdesk.faces.head.asking import Asked
from govdesk.faces.head.breakdowns import Share
from govdesk.faces.head.cards import FEWEST
from govdesk.feedback.forms.rules import STATEMENTS
from govdesk.i18n import named, num, t
from govdesk.kpi import said
from govdesk.kpi.figures import Figure, Row, hide_small
from govdesk.kpi.suppression import hidden

By = tuple[str, ...]
RETURNS: tuple[str, By] = ("avoidable_visit_share", ("cause",))
FAILURES: tuple[str, By] = ("repeat_visit_rate", ("cause",))
NAMED: tuple[str, By] = ("driver_named", ("driver",))
ASKED: Mapping[str, tuple[str, By]] = {  # of which figure the causes are told, and by what word
    **dict.fromkeys(
        ("repeat_visit_rate", "first_contact_resolution", "visits_per_matter", "shadow_repeat_rate",
         "returned_in_90_days"), FAILURES,
    ),
    **dict.fromkeys(("avoidable_visit_share", "repeat_staff_hours", "repeat_hall_hours"), RETURNS),
    **dict.fromkeys(("obstacles_open", "obstacle_age"), ("obstacles_open", ("category",))),
    **dict.fromkeys(("csat", "good_faces", "driver_named", *STATEMENTS[1:]), NAMED),
    **dict.fromkeys(
        ("time_to_resolution", "net_time_to_resolution", "business_time_to_resolution", "sla_attainment",
         "elapsed_parts"), ("elapsed_parts", ()),
    ),
    **dict.fromkeys(("complaints_per_thousand", "complaints_in_time"), ("complaints_per_thousand", ())),
}  # fmt: skip
WITHHELD = ("driver_named", "complaints_per_thousand")  # of which nothing is told where few spoke


@dataclass(frozen=True, slots=True)
class Why:
    """The causes of a figure: the question, what is counted, and each with its number."""

    question: str
    caption: str
    counted: str
    note: str
    causes: list[Share]


def why(asked: Asked, key: str, figure: Figure) -> Why | None:
    """Tell the causes from the figure that ASKED names; None where none is recorded or too few are."""
    source, by = ASKED[key]
    if source == "elapsed_parts":
        return _parts(figure.rows[0])
    counts = _about(figure.rows[0]) if not by else _counts(figure, by[0])
    total = sum(count for _, count in counts)
    if not counts or (source in WITHHELD and total < FEWEST):
        return None
    kind = {"cause": "causes", "category": "obstacles", "driver": "drivers"}.get(by[0] if by else "", "about")
    if kind == "causes":
        words = ("head.why", "head.causes_caption", "head.returns", "head.causes_note")
    else:
        words = (f"marks.why_{kind}", f"marks.why_{kind}_caption", "marks.why_counted", "marks.why_note")
    question, caption, counted, note = words
    shown = breakdowns.shares([(_name(asked, kind, code), count) for code, count in counts])
    return Why(t(question), t(caption, n=num(total)), t(counted), t(note), shown)


def counted(asked: Asked, row: Row, key: str) -> Why | None:
    """Tell what COUNTED counts of a figure; None where nothing was recorded, or too few said it."""
    return COUNTED[key](asked, row)


def _said(key: str, counts: Mapping[str, int], beginning: str) -> Why | None:
    """The reasons that people gave themselves; none where few did, and none that few gave."""
    shown = [(t(f"{beginning}{code}"), number) for code, number in _told(counts)]
    return _noted(key, "marks.why_said_caption", shown)


def _left(asked: Asked, _row: Row) -> Why | None:
    return _said("abandonment_rate", said.why_they_left(reading(), asked.question), "ticket.why_")


def _did_not_come(asked: Asked, _row: Row) -> Why | None:
    return _said("noshow_rate", said.why_they_did_not_come(reading(), asked.question), "booking.why_")


def _turned_away(asked: Asked, row: Row) -> Why | None:
    causes = [(_name(asked, "causes", code or None), n) for code, n in row.detail["causes"].items()]
    return _noted("turned_away_rate", "marks.why_turned_away_caption", causes)


def _papers(_asked: Asked, row: Row) -> Why | None:
    """Papers of the same name are one, whichever reason for coming asks for them."""
    counts: Mapping[str, int] = row.detail["papers"]
    known = select(PublicService.code, Scenario.code, ScenarioPaper).where(
        ScenarioPaper.scenario_id == Scenario.id, Scenario.service_id == PublicService.id
    )
    by_name: Counter[str] = Counter()
    for service, scenario, paper in reading().execute(known.order_by(ScenarioPaper.id)) if counts else ():
        by_name[named(paper)] += counts.get(f"{service}/{scenario}/{paper.code}", 0)
    return _noted("papers_missing", "marks.why_papers_missing_caption", (+by_name).most_common())


def _noted(key: str, caption: str, counts: Sequence[tuple[str, int]]) -> Why | None:
    if not counts:
        return None
    total = num(sum(number for _, number in counts))
    shown = breakdowns.shares(counts)
    return Why(t(f"marks.why_{key}"), t(caption, n=total), t("marks.why_counted"), t("marks.why_note"), shown)


def _told(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """The counts that are not of too few, the most frequent first."""
    off = hidden({(code,): count for code, count in counts.items()}, FEWEST)
    found = [(code, count) for code, count in counts.items() if (code,) not in off]
    return sorted(found, key=lambda one: -one[1])


def _parts(row: Row) -> Why | None:
    """Where the time of a resolved case goes, the longest part first."""
    if row.n < FEWEST:
        return None
    mean: dict[str, int] = row.detail["mean_seconds"]
    counts = sorted(((t(f"timing.part_{part}"), seconds) for part, seconds in mean.items()), key=_longest)
    return Why(
        t("timing.parts_question"),
        t("marks.why_parts_caption", n=num(row.n)),
        t("marks.why_length"),
        t("marks.why_note"),
        breakdowns.shares([one for one in counts if one[1]], length_said),
    )


def _longest(one: tuple[str, int]) -> int:
    return -one[1]


def _counts(figure: Figure, word: str) -> list[tuple[str | None, int]]:
    """The groups with their numbers; those that are too small are left out, as everywhere."""
    shown = hide_small(figure, FEWEST) if word == "driver" else figure
    found = [(row.group[word], row.numerator or 0) for row in shown.rows if row.numerator]
    return sorted(found, key=lambda one: -one[1]) if word != "cause" else found


def _about(row: Row) -> list[tuple[str | None, int]]:
    """What complaints are about; subjects of too few are not told."""
    return [*_told(row.detail.get("about") or {})]


def _name(asked: Asked, kind: str, code: str | None) -> str:
    if kind == "causes":
        names = {cause.code: named(cause) for cause in reading().scalars(select(Cause))}
        return t("head.no_cause") if code is None else names.get(code, code)
    if kind == "about":
        return t(f"complaints.about_{code}")
    word = {"obstacles": "category", "drivers": "driver"}[kind]
    return further.naming_of(asked, word).name_of(word, code)


def source_of(key: str) -> Sequence[tuple[str, By]]:
    """What must be read to tell the causes of a figure; nothing where none are recorded."""
    return [ASKED[key]] if key in ASKED else []


COUNTED: Mapping[str, Callable[[Asked, Row], Why | None]] = {
    "abandonment_rate": _left,
    "noshow_rate": _did_not_come,
    "turned_away_rate": _turned_away,
    "papers_missing": _papers,
}
