"""Messages to people: their texts in both languages, with a preview, and what became of each message."""

from dataclasses import dataclass

from flask import request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from wtforms import Field

from govdesk import i18n
from govdesk.catalog.service import agency_of
from govdesk.config import settings
from govdesk.db import reading
from govdesk.errors import DeskError, NotFoundError
from govdesk.faces.admin.acts import found, sent
from govdesk.faces.admin.forms import ARABIC, ENGLISH
from govdesk.faces.fields import line, text
from govdesk.i18n import latin_digits, t
from govdesk.notify import faults, rules, templates
from govdesk.notify.kinds import CHANNELS, KINDS, LANGUAGES, Kind
from govdesk.notify.models import Message, MessageTemplate
from govdesk.notify.templates import LONGEST_BODY, LONGEST_SUBJECT, Text
from govdesk.web import DeskForm, actor, page, staff_only

ROWS = 50
STATES = ("queued", "sent", "delivered", "undeliverable", "failed", "not_sent", "dropped")
LINKS = frozenset({"link", "stop_link", "book_link"})  # whoever has one acts for its owner
HIDDEN = "…"
FIXED_SAMPLES = {"code": "274831", "reference": "K7M2P9QX", "hash": "5f1c9ae07d3b48e2" * 4}
SAMPLE_TOKEN = "Vb3kq8ZtX1mLr7sWn0dGyH5jPf2cUe9A"  # noqa: S105 - as long as a real one, which nobody has


class TextForm(DeskForm):
    """The text of an SMS in both languages."""

    body_ar = text("notify.body_ar", longest=LONGEST_BODY, render_kw={**ARABIC, "rows": "9"})
    body_en = text("notify.body_en", longest=LONGEST_BODY, render_kw={**ENGLISH, "rows": "9"})

    def texts(self) -> dict[str, Text]:
        """Return what was typed, by language; lines end as lines do here."""
        return {
            code: Text(_typed(self, f"subject_{code}"), _typed(self, f"body_{code}")) for code in LANGUAGES
        }


class MailForm(TextForm):
    """The text of an e-mail, with its subject."""

    subject_ar = line("notify.subject_ar", longest=LONGEST_SUBJECT, render_kw=ARABIC)
    subject_en = line("notify.subject_en", longest=LONGEST_SUBJECT, render_kw=ENGLISH)


@dataclass(frozen=True, slots=True)
class Preview:
    """A text as a person would get it."""

    language: str
    subject: str
    body: str
    parts: rules.Parts | None = None  # of an SMS that is being written


@staff_only("admin")
def messages() -> ResponseReturnValue:
    """List the texts: what is sent now, and what is being written."""
    rows = reading().scalars(select(MessageTemplate).order_by(MessageTemplate.version))
    known: dict[tuple[str, str], list[MessageTemplate]] = {}
    for row in rows:
        known.setdefault((row.key, row.channel), []).append(row)
    return page(
        "admin/messages.html",
        kinds=KINDS,
        channels=CHANNELS,
        state_of=lambda *which: _state(known[which]),
        faults=list(faults.own_faults(reading())),
    )


@staff_only("admin")
def message_text(key: str, channel: str) -> ResponseReturnValue:
    """Write a text in both languages, see what a person would get, keep it as a draft, publish it."""
    kind = templates.kind_of(key)
    if channel not in CHANNELS:
        raise NotFoundError
    form = _form(key, channel)
    act = request.form.get("act", "")
    if act == "preview":
        is_shown = form.validate_on_submit() and _is_right(form, key, channel)
        return _text_page(form, kind, channel, is_shown=is_shown)

    def write(session: Session) -> str:
        templates.write(session, actor=actor(), key=key, channel=channel, texts=form.texts())
        if act == "publish":
            templates.publish(session, actor=actor(), key=key, channel=channel)
        return url_for("admin.message_text", key=key, channel=channel)

    said = "notify.text_published" if act == "publish" else "notify.draft_kept"
    return sent(form, write, said) or _text_page(form, kind, channel, is_shown=not form.errors)


@staff_only("admin")
def message_log() -> ResponseReturnValue:
    """Show the messages, newest first, all or those in one state; no page shows an address or a code."""
    state = request.args.get("state", "")
    wanted = Message.state == state if state in STATES else Message.id > 0
    total = reading().scalar(select(func.count()).select_from(Message).where(wanted)) or 0
    pages = max(1, -(-total // ROWS))
    typed = latin_digits(request.args.get("page", "1"))
    number = min(max(int(typed) if typed.isdecimal() and len(typed) < len("1000000") else 1, 1), pages)
    rows = reading().scalars(
        select(Message).where(wanted).order_by(Message.id.desc()).limit(ROWS).offset((number - 1) * ROWS)
    )
    counted = reading().execute(select(Message.state, func.count()).group_by(Message.state))
    return page(
        "admin/message_log.html",
        messages=rows.all(),
        faults=list(faults.own_faults(reading())),
        counts={row.state: row[1] for row in counted},
        states=STATES,
        state=state if state in STATES else "",
        total=total,
        number=number,
        pages=pages,
        zone=settings().default_timezone,
        url_of=lambda n: url_for("admin.message_log", state=state or None, page=n),
    )


@staff_only("admin")
def message(row_id: int) -> ResponseReturnValue:
    """Show one message: what became of it, and what it said, without the links that it carried."""
    row = found(reading(), Message, row_id)
    shown = None
    if row.values is not None and not templates.kind_of(row.key).is_secret:
        values = {name: HIDDEN if name in LINKS and value else value for name, value in row.values.items()}
        which = row.key, row.channel, row.language, row.version
        written = templates.version(reading(), *which)
        said = rules.render(written.subject, values), rules.render(written.body, values)
        shown = Preview(row.language, *said)
    return page("admin/message.html", message=row, shown=shown, zone=settings().default_timezone)


def _state(versions: list[MessageTemplate]) -> dict[str, object]:
    published = [row for row in versions if row.published_at is not None]
    latest = max(published, key=lambda row: row.version)
    return {"version": latest.version, "has_draft": len(published) < len(versions)}


def _form(key: str, channel: str) -> TextForm:
    shown: dict[str, str] = {}
    for code in LANGUAGES:
        row = templates.draft(reading(), key, channel, code) or templates.current(
            reading(), key, channel, code
        )
        shown |= {f"subject_{code}": row.subject, f"body_{code}": row.body}
    return MailForm(data=shown) if channel == "email" else TextForm(data=shown)


def _is_right(form: TextForm, key: str, channel: str) -> bool:
    try:
        for code, written in form.texts().items():
            templates.check(key, channel, code, written)
    except DeskError as refusal:
        form.refuse(refusal)
        return False
    return True


def _text_page(form: TextForm, kind: Kind, channel: str, *, is_shown: bool) -> ResponseReturnValue:
    samples = {code: _samples(kind, code) for code in LANGUAGES}
    versions = reading().scalars(
        select(MessageTemplate)
        .where(MessageTemplate.key == kind.key, MessageTemplate.channel == channel)
        .where(MessageTemplate.published_at.is_not(None))
        .order_by(MessageTemplate.published_at.desc(), MessageTemplate.language)
    )
    drafts = [templates.draft(reading(), kind.key, channel, code) for code in LANGUAGES]
    return page(
        "admin/message_text.html",
        form=form,
        kind=kind,
        channel=channel,
        samples=samples[i18n.language()],
        previews=[_preview(form.texts()[code], code, samples[code]) for code in LANGUAGES]
        if is_shown
        else [],
        versions=versions.all(),
        has_draft=any(drafts),
        zone=settings().default_timezone,
    )


def _preview(written: Text, language: str, values: dict[str, str]) -> Preview:
    body = rules.render(written.body, values)
    return Preview(language, rules.render(written.subject, values), body, rules.sms_parts(body))


def _samples(kind: Kind, language: str) -> dict[str, str]:
    """Values as a message of this kind may have, in a language."""
    agency = agency_of(reading())
    base = settings().base_address
    with i18n.speaking(language):
        fixed = {
            **FIXED_SAMPLES,
            "agency": i18n.named(agency) if agency else t("design.agency"),
            "minutes": i18n.minutes(10),
            "attached": t("periods.attached_pdf"),
            "link": f"{base}/appointment/{SAMPLE_TOKEN}",
            "stop_link": f"{base}/appointment/{SAMPLE_TOKEN}/messages",
            "book_link": f"{base}/book/renewal",
        }
        return {name: fixed.get(name) or t(f"notify.sample_{name}") for name in templates.known_values(kind)}


def _typed(form: TextForm, name: str) -> str:
    field: Field | None = form._fields.get(name)
    return (field.data or "").replace("\r\n", "\n") if field is not None else ""
