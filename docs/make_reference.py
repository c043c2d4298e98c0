"""Write docs/reference.md from the code: settings, commands, events, jobs, measures. Run by `make docs`."""

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import MISSING, fields
from pathlib import Path

import click

from govdesk import config, i18n, unheard, wiring
from govdesk.app import create_app
from govdesk.cli import govdesk
from govdesk.kpi.registry import MEASURES

FILE = Path(__file__).with_name("reference.md")
SETTINGS = {
    "instance": "Folder of database, secrets, `config.toml` and logs.",
    "database_url": "`sqlite:///…` or `postgresql://…`; by default one SQLite file in the instance folder.",
    "secret_key": "Signs cookies and private links. Made once in the instance folder.",
    "pseudonym_key": "Turns identity numbers into pseudonyms. Whoever loses it recognises nobody any more.",
    "audit_key": "Signs the chain of the audit. Made once in the instance folder.",
    "host": "Address on which `govdesk serve` listens.",
    "port": "Port on which `govdesk serve` listens.",
    "workers": "Number of web processes.",
    "threads": "Threads of each web process; each live stream holds one.",
    "debug": "Show details of errors; never where people come in.",
    "jobs": "Whether `govdesk serve` also runs scheduled jobs and the outbox.",
    "default_language": "`ar` or `en`, where the reader and the browser say nothing.",
    "default_timezone": "Zone of imported times without an offset.",
    "country": "Country of telephone numbers and of public holidays.",
    "latin_digits": "Write quantities with Latin digits in Arabic too.",
    "assumed_travel_minutes": "What a visit takes people on the road, there and back; 0: not assumed.",
    "session_hours": "How long a member of staff stays signed in.",
    "secure_cookies": "Send cookies over HTTPS only, even if the page came by HTTP; else the scheme decides.",
    "trusted_proxies": "Number of proxies in front whose `X-Forwarded-…` headers are believed.",
    "verify_contact": "Ask for a code sent to the contact of a booking: `off`, `new` contacts, `always`.",
    "bookings_per_contact": "How many appointments ahead one phone number or address may have.",
    "video_url": "Address of the rooms of video appointments, with `{room}` in it; empty shows none.",
    "rate_limits": "Whether attempts to sign in, book and so on are limited.",
    "public_url": "How addresses in messages begin, `https://desk.example.org`; else host and port.",
    "smtp_host": "Mail server; without one, e-mails are written to `outbox/` in the instance folder.",
    "smtp_port": "Port of the mail server: 587 for `starttls`, 465 for `tls`, 25 for `none`.",
    "smtp_security": "`starttls`, `tls` or `none`.",
    "smtp_username": "Sign-in at the mail server, where it wants one.",
    "smtp_password": "Password at the mail server; never shown.",
    "mail_from": "Sender of e-mails, `City Desk <desk@example.org>`.",
    "sms_url": "Address of the SMS gateway; without one, SMS are written to `outbox/`.",
    "sms_shape": "What the gateway wants: `form`, `json`, or a TOML file in the instance folder.",
    "sms_sender": "Sender of SMS, as registered with the provider.",
    "sms_username": "Account at the provider.",
    "sms_password": "Password or token at the provider; never shown.",
    "quiet_from": "From this time of the day on nobody is woken by a reminder.",
    "quiet_until": "Until this time; equal to `quiet_from`, no hour is quiet.",
    "open_data_licence": "Address of the licence of the open data of published periods.",
    "chromium": "Path of a Chromium that makes the PDF of reports; empty: looked for by its usual names.",
    "webhooks_private_networks": "Whether events may be sent to, and feeds read from, our own network.",
    "demo_shift_seconds": "How far the demo city's clock is from the world's; kept by itself.",
}


def reference() -> str:
    """The whole page."""
    parts = [
        "# Reference\n\nMade by `make docs` from the code; a test compares them.\n",
        "## Settings\n\nDefaults, then `config.toml` in the instance folder (names as in the first column),\n"
        "then the environment. `govdesk doctor` shows each with its origin.\n"
        "They are read once at the start: restart `govdesk serve` after a change. `SIGHUP` begins the\n"
        "web processes anew, but reads no settings.\n\n"
        + table("Setting", "Environment", "Default", "What it does", rows=settings()),
        "## Commands\n\nExit status: 0 done, 1 refused or found wrong, 2 wrong usage. Data go to stdout,\n"
        "the rest to stderr.\n\n"
        + table("Command", "What it does", "Example", rows=commands(govdesk, "govdesk")),
        "## Events\n\nWhat happened, written with the change that caused it and delivered at least once.\n\n"
        + table("Event", "Heard by", rows=events()),
        "## Jobs\n\n" + table("Job", "Every", rows=jobs()),
        "## Measures\n\n" + table("Key", "Measure", "Unit", "Better", "What it is", rows=measures()),
    ]
    return "\n".join(parts)


def settings() -> Iterator[tuple[str, ...]]:
    for field in fields(config.Settings):
        default = "" if field.default is MISSING else str(field.default)
        shown = f"`{default.lower() if field.type is bool else default}`" if default else "made"
        yield f"`{field.name}`", f"`{config.PREFIX}{field.name.upper()}`", shown, SETTINGS[field.name]


def commands(group: click.Group, path: str) -> Iterator[tuple[str, ...]]:
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        if not isinstance(command, click.Group) or command.invoke_without_command:
            purpose, _, example = (command.help or "").partition("Example:")
            yield f"`{path} {name}`", " ".join(purpose.split()), f"`{' '.join(example.split())}`"


def events() -> Iterator[tuple[str, ...]]:
    for name in sorted({*wiring.HANDLERS, *unheard.SILENT}):
        listeners = [f"{h.__module__}.{h.__qualname__}" for h in wiring.HANDLERS.get(name, ())]
        heard = ", ".join(f"`{listener.removeprefix('govdesk.')}`" for listener in listeners)
        yield f"`{name}`", heard or f"nobody yet: {unheard.SILENT[name]}"


def jobs() -> Iterator[tuple[str, ...]]:
    yield from ((f"`{job.name}`", f"{job.every} s") for job in wiring.JOBS)


def measures() -> Iterator[tuple[str, ...]]:
    for measure in MEASURES:
        better = "lower" if measure.is_lower_better else "higher"
        name, formula = i18n.t(measure.words("name")), i18n.t(measure.words("formula"))
        yield f"`{measure.key}`", name, measure.unit, better, formula


def table(*heads: str, rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    cells = [[cell.replace("|", "\\|") for cell in line] for line in lines]
    return "".join(f"| {' | '.join(line)} |\n" for line in cells)


def main() -> None:
    """Write the page."""
    with tempfile.TemporaryDirectory() as folder:
        made, _ = config.load({"GOVDESK_INSTANCE": folder})
        with create_app(made).app_context(), i18n.speaking("en"):
            FILE.write_text(reference(), "utf-8")


if __name__ == "__main__":
    main()
