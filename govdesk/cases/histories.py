"""What a case has of its own, brought to where its visits are, and the present that follows from it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from govdesk.cases import records
from govdesk.cases.courses import Act, standing_of
from govdesk.cases.dues import due_at
from govdesk.cases.file_models import CaseAct, CaseAsk, CaseDesk
from govdesk.cases.models import Case, CasePause
from govdesk.cases.records import Places, in_parts

LIVE = records.LIVE
Acts = dict[int, list[CaseAct]]


def act_of(row: CaseAct) -> Act:
    """An act as the rules read it."""
    return Act(row.at, row.kind, row.owner_id, row.branch_id, row.rung)


def acts_of(session: Session, case_ids: Iterable[int]) -> list[CaseAct]:
    """What was done with these cases between visits, in order."""
    found: list[CaseAct] = []
    for some in in_parts(case_ids):
        found += session.scalars(select(CaseAct).where(CaseAct.case_id.in_(some)))
    return sorted(found, key=lambda act: (act.at, act.id))


def people_of(session: Session) -> set[int]:
    """Whose cases have a history of their own, or no present yet: they are not told from visits alone."""
    acted = select(CaseAct.case_id)
    bare = ~exists().where(CaseDesk.case_id == Case.id)
    query = select(Case.person_id).where(Case.source == LIVE, or_(Case.id.in_(acted), bare)).distinct()
    return {person_id for person_id in session.scalars(query) if person_id is not None}


def bring_home(session: Session, case_ids: Collection[int], homes: Mapping[str, int]) -> Acts:
    """Bring the acts of these cases to the cases of the visits they hang on; the acts by case, in order.

    `homes` gives the case of each visit by its key. An act whose visit is in no matter now (taken back, or
    nobody's any more) stays where it is. What was asked goes with the act that asked it.
    """
    found: Acts = defaultdict(list)
    moved: dict[int, int] = {}
    for act in acts_of(session, case_ids):
        home = homes.get(act.anchor, act.case_id)
        if home != act.case_id:
            act.case_id = moved[act.id] = home
        found[home].append(act)
    if moved:
        _move_pauses(session, moved)
    return dict(found)


def stand(
    session: Session, cases: Iterable[Case], acts: Mapping[int, Sequence[CaseAct]], places: Places
) -> None:
    """Write the present of these cases: the policy they are under, when they are due, who has them."""
    by_id = {case.id: case for case in cases}
    desks: dict[int, CaseDesk] = {}
    for some in in_parts(by_id):
        desks |= {
            row.case_id: row for row in session.scalars(select(CaseDesk).where(CaseDesk.case_id.in_(some)))
        }
    for case in by_id.values():
        desk = desks.get(case.id) or CaseDesk(case_id=case.id)
        standing = standing_of(map(act_of, acts.get(case.id, ())), case.reopened_at)
        desk.owner_id, desk.branch_id, desk.rung = standing.owner_id, standing.branch_id, standing.rung
        desk.policy_version, desk.resolve_days = places.promise_at(case.service_id, case.opened_at)
        desk.due_at = case.due_at
        if case.due_at is not None and case.reopened_at is not None and case.reopened_at > case.due_at:
            zone = "UTC" if case.branch_id is None else str(places.zones[case.branch_id])
            desk.due_at = due_at(case.reopened_at, desk.resolve_days, zone)
        session.add(desk)
    session.flush()


def forget(session: Session, case_ids: Collection[int]) -> None:
    """Remove the present of cases that are about to be removed: they have nothing of their own."""
    for some in in_parts(case_ids):
        for desk in session.scalars(select(CaseDesk).where(CaseDesk.case_id.in_(some))):
            session.delete(desk)
    session.flush()


def _move_pauses(session: Session, home_of: Mapping[int, int]) -> None:
    """Move the pauses that these acts made to the cases where the acts are now."""
    session.flush()
    for some in in_parts(home_of):
        query = select(CaseAsk.act_id, CasePause).join(CasePause, CasePause.id == CaseAsk.pause_id)
        for act_id, pause in session.execute(query.where(CaseAsk.act_id.in_(some))).all():
            pause.case_id = home_of[act_id]
    session.flush()
    for known in list(session.identity_map.values()):
        if isinstance(known, Case):
            session.expire(known, ["pauses"])
