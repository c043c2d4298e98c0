"""How many people each stratum of a sample stands for: of a wave by its draw, else by who was at an end."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from govdesk.catalog.models import PublicService
from govdesk.feedback.asking.models import Invitation, Wave
from govdesk.feedback.forms.models import Questionnaire, QuestionnaireVersion
from govdesk.kpi.groups import By
from govdesk.kpi.question import Question

WEIGHABLE = frozenset({"questionnaire", "wave", "service", "channel", "department", "family"})
Unit = tuple[str, int]  # a wave, or a questionnaire that is asked at each end
Key = str  # of a stratum in it: a service and a channel


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


def populations(session: Session, question: Question) -> Iterator[tuple[Unit, Key, int, dict[str, Any]]]:
    """Give the strata of a period with their people, and what each is of: service, channel, wave."""
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
    ends = (
        select(Invitation.questionnaire_id, Invitation.service_id, Invitation.channel, func.count())
        .where(
            Invitation.wave_id.is_(None),
            Invitation.week <= question.today(None),
            *question.days(Invitation.week),
            *question.scope.conditions(Invitation),
        )
        .group_by(Invitation.questionnaire_id, Invitation.service_id, Invitation.channel)
    )
    for questionnaire_id, service_id, channel, people in session.execute(ends):
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
