"""One knock at an address: sent, its status read, and nothing else of what it answers."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection, HTTPException

from govdesk.errors import DeskError
from govdesk.webhooks import addresses

TIMEOUT = 5  # seconds for each step
DEADLINE = 10  # and for all of it


class UnreachedError(Exception):
    """Nobody answered there, or not in time."""


def post(url: str, headers: Mapping[str, str], body: bytes) -> int:
    """Send to an address, checked and resolved now; the status of the answer. Raises UnreachedError.

    The connection goes to the very IP address that was checked. No redirect is followed, no proxy asked, no
    body of an answer read; a server that dribbles is cut off at the deadline.
    """
    try:
        address = addresses.read(url)
        place = addresses.resolve(address)
        with connected(address, place) as line:
            connection = HTTPConnection(address.host, address.port, timeout=TIMEOUT)
            connection.sock = line
            connection.request("POST", address.target, body, {"Host": address.authority, **headers})
            return connection.getresponse().status
    except DeskError as refused:
        raise UnreachedError(refused.key.partition(".")[2]) from refused
    except (HTTPException, OSError, ValueError) as problem:
        raise UnreachedError(type(problem).__name__) from problem


@contextlib.contextmanager
def connected(
    address: addresses.Address, place: str, *, timeout: float = TIMEOUT, deadline: float = DEADLINE
) -> Iterator[socket.socket]:
    """A line to the very IP address that was checked, cut off at the deadline; under TLS with its name."""
    with contextlib.ExitStack() as opened:
        line = opened.enter_context(socket.create_connection((place, address.port), timeout=timeout))
        watch = threading.Timer(deadline, _cut, [line.fileno(), line])
        watch.daemon = True
        watch.start()
        opened.callback(watch.cancel)
        if address.is_secure:
            context = ssl.create_default_context()
            line = opened.enter_context(context.wrap_socket(line, server_hostname=address.host))
            watch.args = [line.fileno(), line]
        yield line


def _cut(_number: int, line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
