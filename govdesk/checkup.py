"""What `govdesk doctor` looks at."""

import shutil
import smtplib
import socket
from collections.abc import Iterator
from dataclasses import dataclass, fields
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import func, select, text

from govdesk import audit, clock, schema
from govdesk.config import HIDDEN, SettingError, Settings, settings
from govdesk.db import reading
from govdesk.kpi.periods import printer
from govdesk.notify import faults, files, mail, sms
from govdesk.outbox import OutboxEvent
from govdesk.scheduler import JobLease

LEAST_DISK = 500 * 1024 * 1024
LARGEST_SKEW = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    is_well: bool
    sentence: str
    is_doubtful: bool = False  # well, and yet worth a word


def examine() -> Iterator[Finding]:
    """Look at settings, disk, database, migrations, clock, jobs, outbox, mail and audit, in this order."""
    origins = current_app.extensions["govdesk_origins"]
    for field in fields(Settings):
        shown = "(kept secret)" if field.name in HIDDEN else _shown(str(getattr(settings(), field.name)))
        yield Finding(f"setting {field.name}", True, f"{shown} [{origins.get(field.name, 'given')}]")
    is_https = settings().public_url.startswith("https:")
    if is_https and not (settings().trusted_proxies or settings().secure_cookies):
        sentence = "public_url is HTTPS, but no proxy is trusted to say so: set trusted_proxies"
        yield Finding("cookies", True, sentence, is_doubtful=True)
    free = shutil.disk_usage(settings().instance).free
    yield Finding("disk", free > LEAST_DISK, f"{free // 2**20} MiB free in {settings().instance}")
    current, newest = schema.current_revision(), schema.newest_revision()
    is_current = current == newest
    yield Finding("migrations", is_current, f"database at {current}, code at {newest}")
    if not is_current:
        return
    missing = schema.unguarded()
    sentence = f"not guarded against change: {', '.join(missing)}" if missing else "nothing can change them"
    yield Finding("histories", not missing, sentence)
    session = reading()
    told = session.execute(text("SELECT CURRENT_TIMESTAMP")).scalar_one()
    yield Finding("database", True, f"answers ({session.get_bind().dialect.name}, {told} by its clock)")
    lease = session.get(JobLease, "jobs")
    runs = lease is not None and lease.until >= clock.now()
    yield Finding(
        "jobs",
        True,
        f"run by {lease.holder}" if lease and runs else "nobody runs them now (start the server)",
    )
    stuck = session.scalar(
        select(func.count()).where(OutboxEvent.delivered_at.is_(None), OutboxEvent.attempts >= 3)  # noqa: PLR2004
    )
    yield Finding("outbox", not stuck, f"{stuck or 0} events failed three times or more")
    yield from _channels()
    yield _printer()
    broken = next(audit.verify(session), None)
    sentence = (
        f"entry {audit.numbered(broken.strand, broken.position)}: {broken.problem}"
        if broken
        else f"{audit.length(session)} entries hold"
    )
    yield Finding("audit", broken is None, sentence)


def _channels() -> Iterator[Finding]:
    """How messages leave: whether the mail server answers, whether the gateway is described."""
    here = settings()
    folder = here.instance / files.FOLDER
    if here.smtp_host:
        server = f"{here.smtp_host}:{here.smtp_port}"
        try:
            with mail.connected(here) as connection:
                connection.noop()
            yield Finding("mail", True, f"{server} answers ({here.smtp_security})")
        except (OSError, smtplib.SMTPException) as error:
            yield Finding("mail", False, f"{server} does not answer as set: {error}")
    else:
        yield Finding("mail", True, f"no mail server is set; e-mails are written to {folder}")
    yield _gateway(here)
    if (here.smtp_host or here.sms_url) and not here.public_url:
        sentence = f"public_url is not set; links in messages begin with {here.base_address}"
        yield Finding("links", True, sentence, is_doubtful=True)

    for fault in faults.own_faults(reading()):
        what = {"email": "e-mails", "sms": "SMS"}[fault.channel]
        sentence = (
            f"our own set-up fails, no address is to blame: {fault.waiting} {what} wait, "
            f"{fault.given_up} were given up within a day; said last: {fault.said}"
        )
        yield Finding("messages", not fault.waiting, sentence, is_doubtful=True)


def _printer() -> Finding:
    """Whether reports leave as PDF: printed by a Chromium, else as pages."""
    browser = printer.chromium()
    if browser is None:
        wanted = settings().chromium
        sentence = f"{wanted} is not there" if wanted else "no Chromium is found"
        return Finding("reports", True, f"{sentence}; reports are mailed as pages", is_doubtful=True)
    return Finding("reports", True, f"printed to PDF by {browser}")


def _gateway(here: Settings) -> Finding:
    """Whether SMS are written to files, or the gateway is described and its host is known."""
    try:
        sms.shape_of(here)
    except SettingError as error:
        return Finding("sms", False, str(error))
    if not here.sms_url:
        return Finding("sms", True, f"no gateway is set; SMS are written to {here.instance / files.FOLDER}")
    parts = urlsplit(here.sms_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return Finding("sms", False, "sms_url is no address that begins with http:// or https://")
    try:
        socket.getaddrinfo(parts.hostname, parts.port or parts.scheme, type=socket.SOCK_STREAM)
    except OSError as error:
        return Finding("sms", False, f"the gateway {parts.hostname} is not known: {error}")
    return Finding("sms", True, f"SMS go to a gateway ({here.sms_shape})")


def _shown(value: str) -> str:
    """A setting without the password that an address may carry."""
    if "@" in value and "://" in value:
        scheme, rest = value.split("://", 1)
        return f"{scheme}://…@{rest.rsplit('@', 1)[1]}"
    return value
