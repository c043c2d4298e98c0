"""Rules of the door: who may still walk in, and how the address of a printer is written."""

import re

RAW_PORT = 9100  # where a network printer listens for what it shall print
LARGEST_PORT = 65535
_ADDRESS = re.compile(r"(?P<host>[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)(?::(?P<port>[0-9]{1,5}))?")


def printer_address(typed: str) -> str:
    """Return host:port as typed (9100 where no port is), or nothing for nothing. Raises ValueError."""
    plain = typed.strip().lower()
    if not plain:
        return ""
    found = _ADDRESS.fullmatch(plain)
    port = int(found["port"] or RAW_PORT) if found else 0
    if found is None or not 0 < port <= LARGEST_PORT:
        raise ValueError(typed)
    return f"{found['host']}:{port}"


def reason_full(
    *,
    used: int,
    daily: int | None,
    kept: int,
    is_remote: bool,
    quoted_high: float | None,
    longest: int | None,
) -> str | None:
    """Why a newcomer without appointment gets no ticket any more: `contingent`, `wait`, or None.

    `used` of today's `daily` tickets are given, of which `kept` are for people in the hall, not for who is
    elsewhere; `quoted_high` is the upper end in minutes of the wait that would be announced. Where nothing
    can be announced, no wait is too long.
    """
    if daily is not None and used >= daily - (min(kept, daily) if is_remote else 0):
        return "contingent"
    if longest is not None and quoted_high is not None and quoted_high > longest:
        return "wait"
    return None
