"""The texts of messages by version: seeded, written as drafts, published, never changed after that."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from govdesk import audit, clock
from govdesk.actor import Actor
from govdesk.errors import DeskError, NotFoundError
from govdesk.notify import kinds, rules
from govdesk.notify.kinds import CHANNELS, KINDS, LANGUAGES, Kind
from govdesk.notify.models import MessageTemplate

LONGEST_SUBJECT, LONGEST_BODY = 150, 4000
COMMON = ("agency",)  # what every text may say


class TemplateError(DeskError):
    """A text that cannot be used; the key says why."""

    key = "notify.text_invalid"
    status = 422


@dataclass(frozen=True, slots=True)
class Text:
    """What a template says, before it is stored."""

    subject: str
    body: str


def kind_of(key: str) -> Kind:
    """Return the kind of this key, or raise NotFoundError."""
    kind = kinds.BY_KEY.get(key)
    if kind is None:
        raise NotFoundError
    return kind


def known_values(kind: Kind) -> tuple[str, ...]:
    """Return the placeholders that a text of this kind may use."""
    return (*kind.values, *COMMON)


def defaults() -> Iterator[tuple[str, str, str, Text]]:
    """Yield (key, channel, language, text) of every text that the product brings along."""
    source = resources.files("govdesk.notify").joinpath("defaults.toml").read_text("utf-8")
    document = tomllib.loads(source)
    for kind in KINDS:
        for channel in CHANNELS:
            table: Mapping[str, str] = document[kind.key][channel]
            for language in LANGUAGES:
                subject = table.get(f"subject_{language}", "")
                yield kind.key, channel, language, Text(subject, table[language].strip())


def seed(session: Session) -> None:
    """Make the first version of every text that has none; a second time nothing changes."""
    columns = MessageTemplate.key, MessageTemplate.channel, MessageTemplate.language
    present = {tuple(row) for row in session.execute(select(*columns))}
    now = clock.now()
    session.add_all(
        MessageTemplate(
            key=key, channel=channel, language=language, version=1,
            subject=text.subject, body=text.body, changed_at=now, published_at=now,
        )
        for key, channel, language, text in defaults()
        if (key, channel, language) not in present
    )  # fmt: skip


def current(session: Session, key: str, channel: str, language: str) -> MessageTemplate:
    """Return the published text that is sent now."""
    return session.scalars(
        _versions(key, channel, language)
        .where(MessageTemplate.published_at.is_not(None))
        .order_by(MessageTemplate.version.desc())
        .limit(1)
    ).one()


def version(session: Session, key: str, channel: str, language: str, number: int) -> MessageTemplate:
    """Return one version of a text, as a message was sent with it."""
    return session.scalars(_versions(key, channel, language).where(MessageTemplate.version == number)).one()


def draft(session: Session, key: str, channel: str, language: str) -> MessageTemplate | None:
    """Return the version that is being written, if there is one."""
    return session.scalars(
        _versions(key, channel, language).where(MessageTemplate.published_at.is_(None))
    ).one_or_none()


def write(
    session: Session, *, actor: Actor, key: str, channel: str, texts: Mapping[str, Text]
) -> list[MessageTemplate]:
    """Keep texts (by language) as drafts of the next version; a text equal to the published one is no draft.

    Raises TemplateError beside `subject_ar`, `body_en` and so on; NotFoundError for no such kind.
    """
    for language, text in texts.items():
        check(key, channel, language, text)
    drafts = []
    for language, text in texts.items():
        published, kept = current(session, key, channel, language), draft(session, key, channel, language)
        if (published.subject, published.body) == (text.subject, text.body):
            if kept is not None:
                session.delete(kept)
            continue
        if kept is None:
            kept = MessageTemplate(
                key=key, channel=channel, language=language, version=published.version + 1, published_at=None
            )
            session.add(kept)
        kept.subject, kept.body, kept.changed_at = text.subject, text.body, clock.now()
        drafts.append(kept)
    session.flush()
    subject = _subject(key, channel)
    audit.record(session, actor=actor, action="message.text_written", subject=subject, drafts=len(drafts))
    return drafts


def publish(session: Session, *, actor: Actor, key: str, channel: str) -> int:
    """Send with the drafts of this text from now on; how many there were. What waits keeps its version."""
    kind_of(key)
    drafts = session.scalars(
        select(MessageTemplate)
        .where(MessageTemplate.key == key, MessageTemplate.channel == channel)
        .where(MessageTemplate.published_at.is_(None))
        .with_for_update()
    ).all()
    for row in drafts:
        row.published_at = clock.now()
    session.flush()
    for row in drafts:
        detail = {"language": row.language, "version": row.version}
        subject = _subject(key, channel)
        audit.record(session, actor=actor, action="message.text_published", subject=subject, **detail)
    return len(drafts)


def check(key: str, channel: str, language: str, text: Text) -> None:
    """Raise TemplateError for a text that cannot be sent: empty, too long, or with a wrong placeholder."""
    kind = kind_of(key)
    known = known_values(kind)
    parts = [(f"body_{language}", text.body, LONGEST_BODY, kind.needed)]
    if channel == "email":
        parts.append((f"subject_{language}", text.subject, LONGEST_SUBJECT, ()))
    for field, written, longest, needed in parts:
        if not written.strip():
            raise TemplateError("errors.required", field=field)
        if len(written) > longest:
            raise TemplateError("notify.text_long", field=field, longest=longest)
        problem = rules.problem_of(written, known=known, needed=needed)
        if problem is not None:
            what, which = problem
            raise TemplateError(f"notify.placeholder_{what}", field=field, name=which)


def _versions(key: str, channel: str, language: str) -> Select[MessageTemplate]:
    return select(MessageTemplate).where(
        MessageTemplate.key == key,
        MessageTemplate.channel == channel,
        MessageTemplate.language == language,
    )


def _subject(key: str, channel: str) -> str:
    return f"message_text:{key}.{channel}"
