"""The dispatch policy of a branch in plain values: who is called before whom, and what may be written in it.

Two forms. *order*: one order by arrival, in which some stand a bounded number of minutes earlier (head
starts). *turns*: the classes take turns by weight; who has waited long overtakes, and past the ceiling goes
first whatever the class. All lengths are whole minutes.
"""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import Any, NamedTuple

CLASSES = ("priority", "displaced", "our_mistake", "appointment", "walk_in")
FORMS = ("order", "turns")
PATIENCE = 120  # minutes: nobody who has waited so long is passed by who comes after, whatever is written
MOST_TURNS, LONGEST_AGEING = 20, PATIENCE
EARLIEST, LATEST, LONGEST_SEARCH = 60, 120, 60  # of early and late appointments, and for a language
MINUTE = dt.timedelta(minutes=1)


class Problem(NamedTuple):
    """What is wrong in a policy: the field, a message key, and the numbers of the message."""

    field: str
    key: str
    params: dict[str, int] = {}


class PolicyError(ValueError):
    """A policy that does not hold together; `problems` says what and where."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{problem.field}: {problem.key}" for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class ClassRule:
    """How one class is treated: its turns, after how long it overtakes (None = not), its head start."""

    turns: int = 1
    ageing: int | None = None
    head_start: int = 0


@dataclass(frozen=True, slots=True)
class Help:
    """When the longest wait for a service passes so many minutes, counters of other services help."""

    service_id: int
    after: int


@dataclass(frozen=True, slots=True)
class Policy:
    """Who is called before whom at a branch."""

    form: str = "order"
    priority: ClassRule = ClassRule(4, 10, 30)
    displaced: ClassRule = ClassRule(2, 20, 15)
    our_mistake: ClassRule = ClassRule(2, 20, 15)
    appointment: ClassRule = ClassRule(3, 15, 15)
    walk_in: ClassRule = ClassRule(2, 40, 0)
    ceiling: int = 60
    early: int = 0  # how long before its minute an appointment may be called, when nobody due waits
    late: int = 10  # how long after its minute an appointment is still one
    language: int = 0  # how long somebody may be left to an officer who speaks their language
    helps: tuple[Help, ...] = field(default=())

    def rule(self, name: str) -> ClassRule:
        """The rule of a class."""
        found: ClassRule = getattr(self, name)
        return found

    @property
    def is_plain(self) -> bool:
        """Whether the first in the one order is who is called, whoever calls."""
        return self.form == "order" and not (self.early or self.language or self.helps)

    @property
    def memory(self) -> int:
        """Of how many calls before this one the turns depend: one round of all classes, less this call."""
        return sum(self.rule(name).turns for name in CLASSES) - 1


PLAIN = Policy()


def class_of(
    arrived_at: dt.datetime,
    due_at: dt.datetime | None,
    *,
    has_priority: bool,
    is_displaced: bool = False,
    is_our_mistake: bool = False,
    policy: Policy = PLAIN,
) -> str:
    """The class of a ticket: the first that fits. An appointment that comes too late is a walk-in."""
    if has_priority:
        return "priority"
    is_in_time = due_at is not None and arrived_at <= due_at + policy.late * MINUTE
    if is_displaced and is_in_time:
        return "displaced"
    if is_our_mistake:
        return "our_mistake"
    return "appointment" if is_in_time else "walk_in"


def place(
    arrived_at: dt.datetime,
    due_at: dt.datetime | None,
    *,
    has_priority: bool,
    is_displaced: bool = False,
    is_our_mistake: bool = False,
    policy: Policy = PLAIN,
) -> dt.datetime:
    """The moment by which a ticket stands: the earlier, the sooner it is called among its like.

    Where classes take turns it is the moment from which the person waits. In one order it is that moment
    less the head starts, which add up and are bounded, so that whoever waits longer than all of them is
    passed by nobody who comes after.
    """
    is_in_time = due_at is not None and arrived_at <= due_at + policy.late * MINUTE
    if policy.form == "turns":
        return max(arrived_at, due_at) if due_at is not None else arrived_at
    applies = {
        "priority": has_priority,
        "displaced": is_displaced and is_in_time,
        "our_mistake": is_our_mistake,
        "appointment": is_in_time,
        "walk_in": not is_in_time,
    }
    stands = due_at if is_in_time and due_at is not None else arrived_at
    return stands - sum(policy.rule(name).head_start for name in CLASSES if applies[name]) * MINUTE


def problems(policy: Policy) -> list[Problem]:
    """What does not hold together, each beside its field; nothing for a policy that may be switched on.

    Every policy that passes keeps one promise: whoever has waited `PATIENCE` is passed by nobody who comes
    later, because the head starts together, or the ceiling, are no longer than that.
    """
    wrong = [] if policy.form in FORMS else [Problem("form", "dispatch.form_unknown")]
    for name in CLASSES:
        rule = policy.rule(name)
        wrong += _outside(f"{name}_turns", rule.turns, 1, MOST_TURNS)
        wrong += _outside(f"{name}_head_start", rule.head_start, 0, PATIENCE)
        if rule.ageing is not None:
            wrong += _outside(f"{name}_ageing", rule.ageing, 1, LONGEST_AGEING)
            if policy.form == "turns" and policy.ceiling <= rule.ageing <= LONGEST_AGEING:
                wrong.append(Problem(f"{name}_ageing", "dispatch.ageing_past_ceiling"))
    wrong += _outside("ceiling", policy.ceiling, 5, PATIENCE)
    wrong += _outside("early", policy.early, 0, EARLIEST)
    wrong += _outside("late", policy.late, 0, LATEST)
    wrong += _outside("language", policy.language, 0, LONGEST_SEARCH)
    together = sum(policy.rule(name).head_start for name in CLASSES if name != "walk_in")
    if policy.form == "order" and together > PATIENCE:
        wrong.append(Problem("priority_head_start", "dispatch.head_starts_long", {"most": PATIENCE}))
    if policy.walk_in.head_start:
        wrong.append(Problem("walk_in_head_start", "dispatch.walk_in_head_start"))
    for number, help_ in enumerate(policy.helps):
        wrong += _outside(f"help_{number}_after", help_.after, 1, PATIENCE)
    if len({help_.service_id for help_ in policy.helps}) < len(policy.helps):
        wrong.append(Problem("helps", "dispatch.help_twice"))
    return wrong


def _outside(name: str, value: int, least: int, most: int) -> list[Problem]:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if is_whole and least <= value <= most:
        return []
    return [Problem(name, "errors.out_of_range", {"min": least, "max": most})]


def document(policy: Policy) -> dict[str, Any]:
    """The policy as plain values, to be stored."""
    return asdict(policy)


def of_document(given: Mapping[str, Any]) -> Policy:
    """The policy in stored values, the rest as by default. PolicyError when it does not hold together."""
    unknown = sorted(given.keys() - asdict(PLAIN).keys())
    if unknown:
        raise PolicyError([Problem(name, "dispatch.unknown") for name in unknown])
    try:
        values = dict(given)
        for name in CLASSES:
            if name in values:
                values[name] = ClassRule(**{**asdict(PLAIN.rule(name)), **values[name]})
        values["helps"] = tuple(Help(**help_) for help_ in values.get("helps", ()))
        policy = Policy(**values)
        wrong = problems(policy)
    except (TypeError, ValueError) as error:
        raise PolicyError([Problem("form", "dispatch.unreadable")]) from error
    if wrong:
        raise PolicyError(wrong)
    return policy


@cache
def of_text(text: str | None) -> Policy:
    """The policy in a stored text, read once for each text; without one the plain one."""
    return of_document(json.loads(text)) if text else PLAIN
