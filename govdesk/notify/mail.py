"""E-mail by SMTP."""

import contextlib
import smtplib
import ssl
from collections.abc import Iterator
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime, parseaddr
from urllib.parse import urlsplit

from govdesk import clock
from govdesk.config import Settings, settings
from govdesk.notify.letters import ChannelDownError, Letter, NotNowError, OwnFaultError, RefusedError

TIMEOUT = 10  # seconds
PERMANENT = 500  # SMTP answers from here on (RFC 5321, 4.2.1)
SIGN_IN = frozenset({530, 534, 535, 538})  # who sends must sign in, otherwise or better (RFC 4954, 6)
POLICY = "5.7."  # the server wants us to send nothing, or not so (RFC 3463, 3.8)


class Folding(EmailPolicy):
    """Headers as SMTP wants them, with every space that was written.

    Python's own folding (3.11 to 3.13) drops the space where a line ends between two words that are not
    ASCII, so that a reader sees them as one. Here the encoded words hold the spaces.
    """

    def fold(self, name: str, value: str) -> str:
        """Return the header as lines."""
        if value.isascii():
            return str(super().fold(name, value))
        if name.lower() == "from":
            (sender,) = value.addresses  # type: ignore[attr-defined]
            shown = _encoded(name, sender.display_name)
            return f"{name}: {shown}{self.linesep} <{sender.addr_spec}>{self.linesep}"
        return f"{name}: {_encoded(name, value)}{self.linesep}"

    def fold_binary(self, name: str, value: str) -> bytes:
        """Return the same for the wire."""
        return self.fold(name, value).encode("ascii")


def send(letter: Letter) -> str:
    """Hand an e-mail to the mail server; its Message-ID. Raises RefusedError, NotNowError.

    A recipient or a text that the server refuses for good is the letter's fault; a server that cannot be
    reached, or that does not want us or our sender's name, is not: such a letter waits, by our own fault.
    """
    message = compose(letter, settings())
    try:
        with connected(settings()) as server:
            server.send_message(message)
    except smtplib.SMTPRecipientsRefused as refused:
        code, reason = next(iter(refused.recipients.values()))
        raise _error(code, reason) from refused
    except smtplib.SMTPDataError as refused:
        raise _error(refused.smtp_code, refused.smtp_error) from refused
    except (
        smtplib.SMTPConnectError,
        smtplib.SMTPServerDisconnected,
        smtplib.SMTPAuthenticationError,
        smtplib.SMTPSenderRefused,
    ) as down:
        raise ChannelDownError(f"{type(down).__name__}: {down}") from down
    except smtplib.SMTPException as failed:
        raise OwnFaultError(f"{type(failed).__name__}: {failed}") from failed
    except OSError as down:
        raise ChannelDownError(f"{type(down).__name__}: {down}") from down
    return str(message["Message-ID"])


def compose(letter: Letter, given: Settings) -> EmailMessage:
    """Write the e-mail. Its Message-ID is the same each time it is sent, so that a repetition is known."""
    name, sender = sender_of(given)
    message = EmailMessage(policy=Folding(linesep=SMTP.linesep, cte_type="7bit"))  # not every relay takes 8
    message["From"] = Address(display_name=name, addr_spec=sender)
    message["To"] = Address(addr_spec=letter.to)
    message["Subject"] = " ".join(letter.subject.split())
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = f"<{letter.token}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # no machine answers (RFC 3834)
    if letter.stop_link:
        message["List-Unsubscribe"] = f"<{letter.stop_link}>"
    message.set_content(letter.text + "\n")
    message["Content-Language"] = letter.language  # after the content, which clears such headers
    if letter.attached is not None:
        main, _, sub = letter.attached.mimetype.partition("/")
        name = letter.attached.name
        message.add_attachment(letter.attached.content, maintype=main, subtype=sub, filename=name)
    return message


def sender_of(given: Settings) -> tuple[str, str]:
    """Return name and address of the sender: as set, else of the host under which people know the desk."""
    name, address = parseaddr(given.mail_from)
    host = urlsplit(given.base_address).hostname or "localhost"
    return name, address or f"no-reply@{host}"


@contextlib.contextmanager
def connected(given: Settings) -> Iterator[smtplib.SMTP]:
    """Be connected to the mail server, encrypted and signed in as set. Certificates are checked."""
    address, context = (given.smtp_host, given.smtp_port), ssl.create_default_context()
    if given.smtp_security == "tls":
        opened: smtplib.SMTP = smtplib.SMTP_SSL(*address, timeout=TIMEOUT, context=context)
    else:
        opened = smtplib.SMTP(*address, timeout=TIMEOUT)
    with opened as server:
        if given.smtp_security == "starttls":
            server.starttls(context=context)
        if given.smtp_username:
            server.login(given.smtp_username, given.smtp_password)
        yield server


def _encoded(name: str, text: str) -> str:
    return Header(text, "utf-8", header_name=name).encode(linesep=SMTP.linesep)


def _error(code: int, reason: bytes | str) -> RefusedError | NotNowError:
    text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else reason
    sentence = f"{code} {text}"
    if code in SIGN_IN or text.startswith(POLICY):
        return OwnFaultError(sentence)
    return RefusedError(sentence) if code >= PERMANENT else NotNowError(sentence)
