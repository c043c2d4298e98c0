"""How many people each stratum of a sample stands for: of a wave by its draw, else by who was at an end."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, literal_column, select
from sqlalchemy.orm import Session

from govdesk.catalog.models import PublicService
from govdesk.feedback.asking.models import Invitation, Wave
from govdesk.feedback.forms.models import Questionnaire, QuestionnaireVersion
from govdesk.kpi.columns import Columns
from govdesk.kpi.gathering import Gathering
from govdesk.kpi.groups import By, Grouping, Tallies
from govdesk.kpi.inviting import OF_ANY
from govdesk.kpi.question import Question

WEIGHABLE = frozenset({"questionnaire", "wave", "service", "channel", "department", "family"})
Unit = tuple[str, int]  # a wave, or a questionnaire that is asked at each end
Key = str  # of a stratum in it: a service and a channel


@dataclass(slots=True)
class Ends:
    """Who was at an end: how many invitations of each questionnaire, service and channel, in no wave."""

    people: Counter[tuple[int, int | None, str | None]] = field(default_factory=Counter)


def tally_ends(session: Session, question: Question, bys: Sequence[By]) -> list[Tallies[Ends]]:
    """Give who was at an end in the weeks that begin in a period."""
    return [columns.tallies(Ends) for columns in gather_ends(session, question, bys)]


def gather_ends(session: Session, question: Question, bys: Sequence[By]) -> list[Columns]:
    """Count them. For those in no wave SQLite would take the index of waves and read nearly all there are."""
    rows = Gathering(Grouping(bys, question.places, has_weeks=True))
    columns = Invitation.week, Invitation.questionnaire_id, Invitation.channel.label("way")
    inner = (
        rows.grouping.select(select(*columns), Invitation)
        .where(
            OF_ANY,
            (Invitation.wave_id + literal_column("0")).is_(None),
            *question.days(Invitation.week, until=question.today(None)),
            *question.scope.conditions(Invitation),
        )
        .subquery()
    )
    counted = select(*inner.c, func.count()).group_by(*inner.c)
    for week, questionnaire_id, channel, *values, count in session.execute(counted):
        rows.row(values, week)
        rows.count("people", (questionnaire_id, values[-2], channel), count)
    return rows.columns()


def may_weigh(by: By) -> bool:
    """Whether each stratum is whole in one group of a breakdown."""
    return WEIGHABLE.issuperset(by)


def key_of(
    wave_id: int | None, stratum: str | None, questionnaire_id: int, row: Mapping[str, Any]
) -> tuple[Unit, Key]:
    """The stratum that an answer belongs to; where it was taken away from the answer, none that is known."""
    if wave_id is not None:
        return ("wave", wave_id), stratum or ""
    return ("ends", questionnaire_id), f"{row['service_id'] or ''}/{row['way'] or ''}"


def populations(
    session: Session, question: Question, ends: Ends | None = None
) -> Iterator[tuple[Unit, Key, int, dict[str, Any]]]:
    """Give the strata of a period with their people, and what each is of: service, channel, wave.

    `ends` are those of the question, where they are known already.
    """
    codes = {one.id: one.code for one in session.scalars(select(Questionnaire))}
    seen = _services_seen(session, question)
    waves = select(Wave.id, Wave.strata, QuestionnaireVersion.questionnaire_id).join(Wave.version)
    for wave_id, strata, questionnaire_id in session.execute(waves):
        for one in strata:
            if one["service_id"] in seen:
                facts = {
                    "service_id": one["service_id"], "channel": one["channel"], "wave": str(wave_id),
                    "questionnaire": codes[questionnaire_id],
                }  # fmt: skip
                yield ("wave", wave_id), one["stratum"], one["population"], facts
    ends = ends or tally_ends(session, question, [()])[0][()]
    for (questionnaire_id, service_id, channel), people in ends.people.items():
        facts = {"service_id": service_id, "channel": channel, "questionnaire": codes[questionnaire_id]}
        yield ("ends", questionnaire_id), f"{service_id or ''}/{channel or ''}", people, facts


def _services_seen(session: Session, question: Question) -> frozenset[int]:
    """The services whose strata are wholly in the scope."""
    scope = question.scope
    services: Sequence[Any] = session.execute(select(PublicService.id, PublicService.department_id)).all()
    return frozenset(
        service_id
        for service_id, department_id in services
        if scope.has_department(department_id) and scope.service_id in {None, service_id}
    )
