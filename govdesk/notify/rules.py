"""Rules of messages: SMS parts, quiet hours, reminders, back-off, placeholders."""

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

_GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_EXTENSION = frozenset("^{}\\[~]|€\f")
_GSM_ALONE, _GSM_JOINED = 160, 153
_UCS_ALONE, _UCS_JOINED = 70, 67
_ONE_UNIT = 0xFFFF
FIRST_DELAY, LONGEST_DELAY = dt.timedelta(minutes=1), dt.timedelta(hours=6)
REMINDED_BEFORE = (5, 1)  # days
_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_BRACE = re.compile(r"[{}]")


@dataclass(frozen=True, slots=True)
class Parts:
    """How an SMS is sent: in how many parts, in which alphabet, of how many of its units."""

    count: int
    units: int
    is_unicode: bool


@dataclass(frozen=True, slots=True)
class Quiet:
    """The hours in which nobody is woken, on the wall of the place; half-open, maybe past midnight."""

    begins: dt.time
    ends: dt.time

    def holds(self, time: dt.time) -> bool:
        """Whether nobody is to be woken at this time of the day; never where both ends are one."""
        if self.begins <= self.ends:
            return self.begins <= time < self.ends
        return time >= self.begins or time < self.ends


def sms_parts(text: str) -> Parts:
    """Count the parts of an SMS (3GPP TS 23.038).

    The GSM alphabet takes 160 septets in one part or 153 in each of several; its extension table (such as €)
    takes two. One character outside it makes the whole text UCS-2: 70, or 67 in each of several, where a
    character beyond the basic plane (an emoji) takes two. What takes two is never cut in half.
    """
    is_unicode = any(c not in _GSM_BASIC and c not in _GSM_EXTENSION for c in text)
    if is_unicode:
        sizes = [2 if ord(character) > _ONE_UNIT else 1 for character in text]
        alone, joined = _UCS_ALONE, _UCS_JOINED
    else:
        sizes = [2 if character in _GSM_EXTENSION else 1 for character in text]
        alone, joined = _GSM_ALONE, _GSM_JOINED
    units = sum(sizes)
    if units <= alone:
        return Parts(min(units, 1), units, is_unicode)
    count, filled = 1, 0
    for size in sizes:
        if filled + size > joined:
            count, filled = count + 1, 0
        filled += size
    return Parts(count, units, is_unicode)


def send_at(
    wanted: dt.datetime, *, expires_at: dt.datetime, zone: str, quiet: Quiet | None
) -> dt.datetime | None:
    """Return when a message wanted at this moment goes: then, or when the quiet hours end.

    None where that is not before `expires_at`: it would tell somebody what is over.
    """
    moment = wanted
    place = ZoneInfo(zone)
    local = wanted.astimezone(place)
    if quiet is not None and quiet.holds(local.time()):
        is_past_end = local.time() >= quiet.ends
        morning = local.date() + dt.timedelta(days=1) if is_past_end else local.date()
        moment = dt.datetime.combine(morning, quiet.ends, place).astimezone(dt.UTC)
    return moment if moment < expires_at else None


def reminder_moments(
    starts_at: dt.datetime, *, now: dt.datetime, zone: str, quiet: Quiet | None
) -> Iterator[tuple[int, dt.datetime]]:
    """Yield (days before, moment) of each reminder of an appointment, at its own hour in its zone.

    One that lies in the past, or that the quiet hours would push to the appointment or past it, is left out.
    """
    place = ZoneInfo(zone)
    local = starts_at.astimezone(place)
    for days in REMINDED_BEFORE:
        before = dt.datetime.combine(local.date() - dt.timedelta(days=days), local.time(), place)
        moment = send_at(before.astimezone(dt.UTC), expires_at=starts_at, zone=zone, quiet=quiet)
        if moment is not None and moment > now:
            yield days, moment


def delay_after(attempts: int) -> dt.timedelta:
    """Return how long a message waits after this many failed attempts: 1, 2, 4 … minutes, at most 6 hours."""
    doublings = min(max(attempts, 1) - 1, 20)
    return min(FIRST_DELAY * (1 << doublings), LONGEST_DELAY)


def problem_of(text: str, *, known: Collection[str], needed: Collection[str] = ()) -> tuple[str, str] | None:
    """Return what is wrong with the placeholders of a text, as (what, which), or None.

    `unknown`: nobody has such a value. `brace`: a brace that belongs to no placeholder. `missing`: the text
    would be of no use without this value.
    """
    names = _PLACEHOLDER.findall(text)
    unknown = next((name for name in names if name not in known), None)
    if unknown is not None:
        return "unknown", unknown
    stray = _BRACE.search(_PLACEHOLDER.sub("", text))
    if stray is not None:
        return "brace", stray.group()
    missing = next((name for name in needed if name not in names), None)
    return ("missing", missing) if missing is not None else None


def render(text: str, values: Mapping[str, str]) -> str:
    """Put the values in; a line whose values are all empty is left out. KeyError for a value nobody gave."""
    lines = []
    for line in text.split("\n"):
        names = _PLACEHOLDER.findall(line)
        if names and not any(values[name] for name in names):
            continue
        lines.append(_PLACEHOLDER.sub(lambda found: values[found[1]], line))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
