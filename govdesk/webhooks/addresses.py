"""Where events may be sent: over HTTPS, and to nothing that stands inside our own network."""

import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from govdesk.config import settings
from govdesk.errors import DeskError
from govdesk.webhooks import rules

PORTS = {"https": 443, "http": 80}
LONGEST = 500


class AddressError(DeskError):
    """An address to which nothing is sent; the key says why."""

    key = "webhooks.address_unusable"
    status = 422


@dataclass(frozen=True, slots=True)
class Address:
    """An address taken apart."""

    is_secure: bool
    host: str
    port: int
    authority: str  # as the Host header says it
    target: str  # path and query


def read(url: str) -> Address:
    """Take an address apart. AddressError: not plain HTTPS (or HTTP where this is for debugging only)."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as problem:
        raise AddressError(field="url") from problem
    is_plain = url.isascii() and url.isprintable() and " " not in url and "\\" not in url
    if not is_plain or not parts.hostname or "@" in parts.netloc or len(url) > LONGEST:
        raise AddressError(field="url")
    if parts.scheme not in PORTS:
        raise AddressError(field="url")
    if parts.scheme == "http" and not settings().debug:
        raise AddressError("webhooks.address_plain", field="url")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Address(parts.scheme == "https", parts.hostname, port or PORTS[parts.scheme], parts.netloc, target)


def resolve(address: Address) -> str:
    """Ask the name service now; the IP address to speak to. AddressError when one of them is not public.

    Whoever connects uses this answer and asks no second time: a name may answer differently each time.
    """
    known = _known(address)
    if not settings().webhooks_private_networks and not all(rules.is_public(one) for one in known):
        raise AddressError("webhooks.address_private", field="url")
    return known[0]


def check(url: str) -> str:
    """Take an address apart and resolve it as whoever reads from it will; the IP address. AddressError."""
    address = read(url)
    return resolve(address) if address.is_secure else resolve_here(address)


def resolve_here(address: Address) -> str:
    """The same of what is spoken to without TLS, for debugging: AddressError unless it is this machine."""
    known = _known(address)
    if not all(rules.is_loopback(one) for one in known):
        raise AddressError("webhooks.address_plain", field="url")
    return known[0]


def _known(address: Address) -> list[str]:
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as problem:
        raise AddressError("webhooks.address_unknown", field="url") from problem
    known = [str(entry[4][0]) for entry in found]
    if not known:
        raise AddressError("webhooks.address_unknown", field="url")
    return known
