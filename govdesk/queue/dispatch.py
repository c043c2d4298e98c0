"""Who is called next, and why: one pure decision over the heads of the lines."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from govdesk.queue.policy import CLASSES, MINUTE, Policy

ANY: frozenset[Any] | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """Somebody who waits. A line is all who share class, service and language; its head stands earliest."""

    ticket_id: int
    call_class: str
    service_id: int
    language: str
    order_at: dt.datetime  # the place in the line
    callable_at: dt.datetime  # an appointment cannot be called before its minute
    since: dt.datetime  # from when the wait counts

    @property
    def line(self) -> tuple[str, int, str]:
        """In which line this person stands."""
        return self.call_class, self.service_id, self.language


@dataclass(frozen=True, slots=True)
class Officer:
    """What the one who calls can do; None is everything."""

    own: frozenset[int] | None = ANY  # the services of the counter
    skills: frozenset[int] | None = ANY  # the services this person may serve at all
    languages: frozenset[str] | None = ANY

    def may_serve(self, service_id: int) -> bool:
        """Whether this person may serve a service at all."""
        return self.skills is None or service_id in self.skills

    def is_own(self, service_id: int) -> bool:
        """Whether it is a service of this counter."""
        return self.may_serve(service_id) and (self.own is None or service_id in self.own)


@dataclass(frozen=True, slots=True)
class Choice:
    """Who is called, why (a code with its numbers), and which heads of lines wait longer and were passed."""

    head: Head
    code: str
    numbers: Mapping[str, int | str] = field(default_factory=dict)
    overtook: tuple[int, ...] = ()


ANYBODY = Officer()


def decide(
    heads: Iterable[Head], lately: Sequence[str], officer: Officer, now: dt.datetime, policy: Policy
) -> Choice | None:
    """Return whom this officer calls now; None when nobody may be called.

    `heads` are the heads of the lines, `lately` the classes of the branch's last calls, newest first, of
    which `policy.memory` count. The steps:
    1. Who may be called: whose minute has come (failing these, who is early within the policy's window) and
       whose service is the officer's own, or one in need of help that the officer may serve.
    2. Of these, whose language the officer speaks or who has been left long enough; all, if that is nobody.
    3. In one order: who stands earliest. In turns: who has waited past the ceiling, longest first; else who
       has waited past the ageing of the class, the one whose time came first; else the class that has had
       the least of its turns (of equal ones the first in the list), and in it who waits longest.
    """
    everyone = sorted(heads, key=_place)
    able = _able(everyone, officer, now, policy)
    chosen = _spoken(able, officer, now, policy)
    if not chosen:
        return None
    choice = _first(chosen) if policy.form == "order" else _turn(chosen, lately, now, policy)
    head, numbers = choice.head, dict(choice.numbers)
    if not officer.is_own(head.service_id):
        numbers["help"] = next(help_.after for help_ in policy.helps if help_.service_id == head.service_id)
    if len(chosen) < len(able) and any(_place(one) < _place(head) for one in able if one not in chosen):
        numbers["language"] = head.language
    passed = tuple(one.ticket_id for one in able if one.since < head.since)
    return Choice(head, choice.code, numbers, passed)


def order(
    waiting: Iterable[Head],
    lately: Sequence[str],
    now: dt.datetime,
    policy: Policy,
    officer: Officer = ANYBODY,
    limit: int | None = None,
) -> list[Choice]:
    """Return whom the policy would call one after another if everybody were called at this moment.

    The same decision, run ahead. Those whose minute has not come stand last, by their minute, with the code
    `early`. With `limit` only the first so many.
    """
    everyone = sorted(waiting, key=_place)
    lines: dict[tuple[str, int, str], list[Head]] = {}
    for head in reversed(everyone):
        if head.callable_at <= now:
            lines.setdefault(head.line, []).append(head)
    on_time = replace(policy, early=0)
    called = list(lately[: policy.memory])
    run: list[Choice] = []
    while lines and (limit is None or len(run) < limit):
        choice = decide([line[-1] for line in lines.values()], called, officer, now, on_time)
        if choice is None:
            break
        run.append(choice)
        called = [choice.head.call_class, *called][: policy.memory]
        line = lines[choice.head.line]
        line.pop()
        if not line:
            del lines[choice.head.line]
    early = sorted((head for head in everyone if head.callable_at > now), key=_minute)
    run += [Choice(head, "early") for head in early]
    return run[:limit]


def ahead(
    newcomer: Head, waiting: Iterable[Head], lately: Sequence[str], now: dt.datetime, policy: Policy
) -> list[Head]:
    """Return who would be called before this one, in that order, as things stand now.

    A newcomer whose minute has not come is taken as if it had: they will be due among those who still wait.
    """
    here = replace(newcomer, callable_at=min(newcomer.callable_at, now))
    others = [head for head in waiting if head.ticket_id != here.ticket_id]
    before: list[Head] = []
    for choice in order([*others, here], lately, now, policy):
        if choice.head.ticket_id == here.ticket_id:
            break
        before.append(choice.head)
    return before


def _place(head: Head) -> tuple[dt.datetime, int]:
    return head.order_at, head.ticket_id


def _minute(head: Head) -> tuple[dt.datetime, int]:
    return head.callable_at, head.ticket_id


def _able(everyone: list[Head], officer: Officer, now: dt.datetime, policy: Policy) -> list[Head]:
    due = [head for head in everyone if head.callable_at <= now]
    in_need = {
        help_.service_id for help_ in policy.helps if _longest(due, help_.service_id, now) > help_.after
    }
    near = [head for head in everyone if now < head.callable_at <= now + policy.early * MINUTE]
    for some in (due, near):
        able = [
            head
            for head in some
            if officer.is_own(head.service_id)
            or (head.service_id in in_need and officer.may_serve(head.service_id))
        ]
        if able:
            return able
    return []


def _longest(due: list[Head], service_id: int, now: dt.datetime) -> float:
    waits = [(now - head.since) / MINUTE for head in due if head.service_id == service_id]
    return max(waits, default=0.0)


def _spoken(able: list[Head], officer: Officer, now: dt.datetime, policy: Policy) -> list[Head]:
    spoken = officer.languages
    if not policy.language or spoken is None:
        return able
    longest = policy.language if policy.form == "order" else min(policy.language, policy.ceiling)
    bound = longest * MINUTE
    return [head for head in able if head.language in spoken or now - head.since >= bound] or able


def _first(chosen: list[Head]) -> Choice:
    return Choice(chosen[0], chosen[0].call_class)


def _turn(chosen: list[Head], lately: Sequence[str], now: dt.datetime, policy: Policy) -> Choice:
    over = [head for head in chosen if now - head.since >= policy.ceiling * MINUTE]
    if over:
        return Choice(over[0], "ceiling", {"after": policy.ceiling})
    aged = [
        (head.since + age * MINUTE, *_place(head), head, age)
        for head in chosen
        if (age := policy.rule(head.call_class).ageing) is not None and now - head.since >= age * MINUTE
    ]
    if aged:
        *_when, head, age = min(aged)
        return Choice(head, "aged", {"class": head.call_class, "after": age})
    firsts: dict[str, Head] = {}
    for head in chosen:
        firsts.setdefault(head.call_class, head)
    if len(firsts) == 1:
        return _first(chosen)
    had = {name: lately[: policy.memory].count(name) for name in firsts}
    name = min(firsts, key=lambda name: (Fraction(had[name], policy.rule(name).turns), CLASSES.index(name)))
    turns = policy.rule(name).turns
    if had[name] < turns:
        return Choice(firsts[name], "turn", {"class": name, "turn": had[name] + 1, "of": turns})
    return Choice(firsts[name], "share", {"class": name, "had": had[name], "of": turns})
