"""Answers in the layout in which agencies report them: OMB Circular A-11, section 280.

One row for each quarter, service and channel: how many customers passed (volume), how many of them were asked
(opportunities), how many answered (responses), and for each statement how many chose each point.
"""

import csv
import io
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from govdesk.feedback.answers.models import Answer, Response
from govdesk.feedback.asking.models import Invitation
from govdesk.feedback.forms.rules import STATEMENTS
from govdesk.kpi.answers import POINTS, during
from govdesk.kpi.asked_forms import Asked, asked
from govdesk.kpi.groups import period_of
from govdesk.kpi.question import Question
from govdesk.kpi.suppression import Cell, hidden
from govdesk.kpi.survey import Cut
from govdesk.kpi.weighing import populations

MOST_POINTS = 5
HEAD = (
    "year", "quarter", "survey_title", "service_provided", "transaction_point", "channel",
    "volume_of_customers", "volume_of_customers_provided_survey_opportunity", "volume_of_respondents",
    "response_rate",
)  # fmt: skip
HIDDEN = "hidden"


@dataclass(slots=True)
class Line:
    """One quarter, service and channel."""

    volume: int = 0
    opportunities: int = 0
    responses: int = 0
    counts: Counter[tuple[str, int]] = field(default_factory=Counter)  # by statement and point


def lines(session: Session, question: Question, cut: Cut) -> dict[Cell, Line]:
    """Gather the rows of one questionnaire: by quarter, service, occasion and channel."""
    found: dict[Cell, Line] = defaultdict(Line)
    services = {key: one.code for key, one in question.places.services.items()}
    keys = (Invitation.week, Invitation.service_id, Invitation.occasion, Invitation.channel)
    states = (
        select(*keys, Invitation.wave_id, Invitation.state, Invitation.asked_on.is_not(None), func.count())
        .where(
            Invitation.questionnaire_id == cut.questionnaire_id,
            *during(question, Invitation.week),
            *question.scope.conditions(Invitation),
        )
        .group_by(*keys, Invitation.wave_id, Invitation.state, Invitation.asked_on.is_not(None))
    )
    for week, service_id, occasion, channel, wave_id, state, is_asked, count in session.execute(states):
        line = found[period_of(week, "quarter"), services.get(service_id or 0), occasion, channel]
        line.volume += count if wave_id is None else 0
        line.opportunities += count if is_asked and state != "undeliverable" else 0
    place = (Response.week, Response.service_id, Response.occasion, Response.channel)
    counted = select(*place, func.count()).where(*cut.conditions(question)).group_by(*place)
    for week, service_id, occasion, channel, count in session.execute(counted):
        found[period_of(week, "quarter"), services.get(service_id or 0), occasion, channel].responses += count
    known = asked(session, questionnaire_id=cut.questionnaire_id)
    told = (
        select(*place, Response.version_id, Answer.question, Answer.number, func.count())
        .join(Answer, Answer.response_id == Response.id)
        .where(*cut.conditions(question), Answer.number.is_not(None))
        .group_by(*place, Response.version_id, Answer.question, Answer.number)
    )
    for week, service_id, occasion, channel, version, key, number, count in session.execute(told):
        one = known.get((version, key))
        if one is not None and one.measure is not None and number is not None:
            line = found[period_of(week, "quarter"), services.get(service_id or 0), occasion, channel]
            line.counts[one.question.role or "", number] += count
    return dict(found)


def as_csv(session: Session, question: Question, cut: Cut, *, title: str, fewest: int) -> str:
    """Give the report as CSV. Rows of fewer than `fewest` answers, and what would tell of them, say "hidden".

    The volume of a wave is the people of its strata, which are not cut by occasion: it stands in the rows of
    the service and channel, where they were asked on one occasion only, and is empty elsewhere.
    """
    found = lines(session, question, cut)
    gone = hidden({cell: line.responses for cell, line in found.items()}, fewest)
    known = asked(session, questionnaire_id=cut.questionnaire_id)
    statements = {
        one.question.role: one
        for one in reversed(list(known.values()))
        if one.measure is not None and one.question.role
    }
    out = io.StringIO()
    names = [name for place, _ in enumerate(STATEMENTS, start=1) for name in _columns(place)]
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*HEAD, *names])
    _add_volumes(session, question, cut, found)
    for cell in sorted(found, key=lambda cell: tuple(word or "" for word in cell)):
        writer.writerow(_row(cell, found[cell], statements, title, is_hidden=cell in gone))
    return out.getvalue()


def _columns(place: int) -> list[str]:
    counts = [f"q{place}_{point}" for point in range(1, MOST_POINTS + 1)]
    return [f"q{place}_statement", f"q{place}_text", f"q{place}_point_scale", *counts]


def _row(
    cell: Cell, line: Line, statements: dict[str, Asked], title: str, *, is_hidden: bool
) -> list[str | int]:
    quarter, service, occasion, channel = cell
    year, number = str(quarter).split("-Q")
    rate = f"{line.responses / line.opportunities:.4f}" if line.opportunities else ""
    said: list[str | int] = [line.responses, rate] if not is_hidden else [HIDDEN, HIDDEN]
    row: list[str | int] = [
        year, number, title, service or "", occasion or "", channel or "", line.volume or "",
        line.opportunities, *said,
    ]  # fmt: skip
    for statement in STATEMENTS:
        one = statements.get(statement)
        if one is None:
            row += [statement, "", "", *[""] * MOST_POINTS]
            continue
        points = POINTS[one.question.kind]
        counts: list[str | int] = [
            ("" if point not in points else HIDDEN if is_hidden else line.counts[statement, point])
            for point in range(1, MOST_POINTS + 1)
        ]
        row += [statement, one.question.text.get("en", ""), len(points), *counts]
    return row


def _add_volumes(session: Session, question: Question, cut: Cut, found: dict[Cell, Line]) -> None:
    services = {key: one.code for key, one in question.places.services.items()}
    people: Counter[tuple[str | None, str | None]] = Counter()
    waves = set(session.scalars(select(Response.wave_id).where(*cut.conditions(question)).distinct()))
    for (unit, wave_id), _key, count, facts in populations(session, question):
        if unit == "wave" and wave_id in waves:
            people[services.get(facts["service_id"]), facts["channel"]] += count
    for (service, channel), count in people.items():
        rows = [cell for cell in found if (cell[1], cell[3]) == (service, channel)]
        if len(rows) == 1:
            found[rows[0]].volume += count
