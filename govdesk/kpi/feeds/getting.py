"""One document fetched from another installation: a checked address, no redirect, not too many bytes."""

from contextlib import closing
from http.client import HTTPConnection, HTTPException, HTTPResponse

from govdesk.errors import DeskError
from govdesk.kpi.feeds.rules import LARGEST, ProblemError
from govdesk.webhooks import addresses, posting

OK = 200
MOVED = range(300, 400)
HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "User-Agent": "govdesk",
    "Connection": "close",
}


def get(
    url: str, *, timeout: float = posting.TIMEOUT, deadline: float = posting.DEADLINE, largest: int = LARGEST
) -> bytes:
    """Fetch a document of JSON. Raises ProblemError.

    Over HTTPS and from the open network; without TLS only from this machine, for debugging. The name is
    resolved once and the connection goes to that very address. No redirect is followed: where a feed moves
    to, an administrator decides. A server that dribbles is cut off at the deadline.
    """
    try:
        address = addresses.read(url)
        place = addresses.resolve(address) if address.is_secure else addresses.resolve_here(address)
        with posting.connected(address, place, timeout=timeout, deadline=deadline) as line:
            connection = HTTPConnection(address.host, address.port, timeout=timeout)
            connection.sock = line
            with closing(connection):
                connection.request("GET", address.target, headers={"Host": address.authority, **HEADERS})
                with closing(connection.getresponse()) as answer:
                    return _body(answer, largest)
    except DeskError as refused:
        raise ProblemError(refused.key.partition(".")[2]) from refused
    except TimeoutError as slow:
        raise ProblemError("slow") from slow
    except (HTTPException, OSError, ValueError) as problem:
        raise ProblemError("unreached", type(problem).__name__) from problem


def _body(answer: HTTPResponse, largest: int) -> bytes:
    if answer.status in MOVED:
        raise ProblemError("moved", answer.headers.get("Location", ""))
    if answer.status != OK:
        raise ProblemError("status", str(answer.status))
    is_plain = answer.headers.get("Content-Encoding", "identity") == "identity"
    if answer.headers.get_content_type() != "application/json" or not is_plain:
        raise ProblemError("not_json", answer.headers.get_content_type())
    said = answer.length  # None where the answer does not say it
    if said is not None and said > largest:
        raise ProblemError("too_large")
    body = answer.read(largest + 1)
    if len(body) > largest:
        raise ProblemError("too_large")
    if said is not None and len(body) < said:  # cut off at the deadline
        raise ProblemError("slow")
    return body
