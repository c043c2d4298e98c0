"""What waits for staff, list by list: the hub shows one line for each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy.orm import Session

from govdesk.actor import Actor
from govdesk.cases.coaching import listing as coaching
from govdesk.cases.commitments import lists as commitments
from govdesk.cases.commitments.service import OVERSEERS
from govdesk.cases.linking import seeing as linking
from govdesk.cases.obstacles import listing as obstacles
from govdesk.cases.recall import listing as recalls
from govdesk.cases.recovery import finding as recovery
from govdesk.cases.returns import failures, offering
from govdesk.cases.silent import listing as silent
from govdesk.cases.work import lists as cases
from govdesk.faces.training import views as training
from govdesk.feedback.acting import listing as acting
from govdesk.feedback.asking import colleagues
from govdesk.feedback.complaints import finding as complaints
from govdesk.kpi.marks import listing as marks

ROLES = ("officer", "reception", "supervisor", "head")
Count = Callable[[Session, Actor], int]


@dataclass(frozen=True, slots=True)
class Section:
    """A list of work: its word, where it is, how many wait in it for someone, and who works on it.

    `label` is a message key; `label` + "_lead" says in a line what the list is for. `endpoint` takes no
    values. `is_own` is a list of the signed-in person; others are of their unit.
    """

    key: str
    label: str
    endpoint: str
    count: Count
    roles: tuple[str, ...] = ROLES
    is_own: bool = False


SECTIONS: Sequence[Section] = (
    Section("waves", "acting.section", "acting.index", acting.count_waiting, roles=("head",), is_own=True),
    Section(
        "changes",
        "acting.section_own",
        "acting.index",
        acting.count_own,
        roles=("supervisor", "head"),
        is_own=True,
    ),
    Section(
        "signals",
        "marks.section",
        "head.signals",
        marks.count_unseen,
        roles=("supervisor", "head"),
        is_own=True,
    ),
    Section("recovery_mine", "recovery.section_mine", "recovery.own", recovery.count_own, is_own=True),
    Section("recovery", "recovery.section", "recovery.tasks", recovery.count_unit),
    Section(
        "complaints",
        "complaints.section",
        "complaints.index",
        complaints.count_open,
        roles=("supervisor", "head"),
    ),
    Section(
        "raised_complaints",
        "complaints.raised_section",
        "complaints.raised",
        complaints.count_raised,
        roles=("supervisor", "head"),
        is_own=True,
    ),
    Section("cases", "cases.list_mine", "cases.mine", partial(cases.count, which="mine"), is_own=True),
    Section("promises", "commitments.section", "commitments.mine", commitments.count_own, is_own=True),
    Section(
        "unit_promises",
        "commitments.unit_section",
        "commitments.mine",
        commitments.count_of_units,
        roles=OVERSEERS,
    ),
    Section(
        "linking",
        "linking.section",
        "linking.index",
        linking.count_waiting,
        roles=("reception", "supervisor", "head"),
    ),
    Section("failures", "returns.section", "returns.failed", failures.count_of_units),
    Section("help", "returns.help_section", "returns.helps", offering.count_asked),
    Section("coaching", "training.coaching", "training.coaching", coaching.count_open),
    Section(
        "own_skills",
        "training.own_skills",
        "training.skill_list",
        training.count_own,
        roles=("officer",),
        is_own=True,
    ),
    Section(
        "skills", "training.skills", "training.skill_list", training.count_units, roles=training.OVERSEERS
    ),
    Section("asked", "work.asked", "work.asked", colleagues.count_waiting, is_own=True),
    Section(
        "obstacles_mine",
        "obstacles.section_mine",
        "obstacles.mine",
        obstacles.count_of,
        roles=("supervisor", "head"),
        is_own=True,
    ),
    Section("obstacles", "obstacles.section", "obstacles.index", obstacles.count_open),
    Section("recalls", "recall.section", "recall.index", recalls.count_of, roles=("supervisor", "head")),
    Section("silent", "silent.section", "silent.waiting", silent.count),
    Section("unit_cases", "cases.list_unit", "cases.unit", partial(cases.count, which="unit")),
    Section(
        "raised_cases",
        "cases.list_raised",
        "cases.raised",
        partial(cases.count, which="raised"),
        roles=("supervisor", "head"),
        is_own=True,
    ),
)
