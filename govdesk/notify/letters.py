"""A message ready to go, and the ways in which it may not arrive."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that goes along with an e-mail."""

    name: str
    mimetype: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Letter:
    """What a transport is given. Its repr shows neither the address nor the text: no log line holds them."""

    token: str
    channel: str
    language: str
    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    stop_link: str = field(default="", repr=False)  # of an e-mail that its reader may switch off
    attached: Attached | None = None  # to an e-mail


Transport = Callable[[Letter], str | None]  # gives the provider's id; raises the errors below


class RefusedError(Exception):
    """This address will never take this message; trying again is of no use."""


class NotNowError(Exception):
    """It could not be sent this time."""


class OwnFaultError(NotNowError):
    """It is our own set-up or our provider that fails, and no fault of the address."""


class ChannelDownError(OwnFaultError):
    """Nothing can be sent this way at the moment, to anybody."""
