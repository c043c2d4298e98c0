"""Rules of webhooks: the events, the signature, the back-off, which addresses of the network are public."""

import datetime as dt
import hashlib
import hmac
import ipaddress

EVENTS = (
    "appointment.booked", "appointment.moved", "appointment.cancelled", "ticket.issued", "ticket.called",
    "ticket.ended", "response.given", "wave.closed", "recall.started", "recall.ended",
)  # fmt: skip
FIRST_DELAY, LONGEST_DELAY = dt.timedelta(seconds=10), dt.timedelta(hours=1)
GIVEN_UP_AFTER = dt.timedelta(days=1)
_TRANSLATED = tuple(
    ipaddress.ip_network(network) for network in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
)  # what stands for an IPv4 address, maybe a private one


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 in hex over the timestamp, a dot and the body, byte for byte as it is sent."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def delay_after(attempts: int) -> dt.timedelta:
    """How long to wait after so many failures: 10 s, 20 s, 40 s … at most an hour."""
    times: int = 2 ** min(attempts - 1, 20)
    return min(FIRST_DELAY * times, LONGEST_DELAY)


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the open network: not loopback, private, link-local or multicast.

    An IPv6 address that carries an IPv4 one inside is judged by what it carries, or refused.
    """
    given = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(given, ipaddress.IPv6Address):
        if given.ipv4_mapped is not None:
            return is_public(str(given.ipv4_mapped))
        if any(given in network for network in _TRANSLATED):
            return False
    return given.is_global and not given.is_multicast and not given.is_reserved


def is_loopback(address: str) -> bool:
    """Whether an IP address is this machine itself."""
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback
