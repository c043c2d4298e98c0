"""The texts that the product brings along are whole: right placeholders, both languages, short enough."""

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from govdesk.faces.admin import messages
from govdesk.i18n import speaking, t
from govdesk.notify import rules, templates
from govdesk.notify.kinds import BY_KEY, KINDS
from govdesk.notify.models import MessageTemplate
from govdesk.notify.templates import Text

MOST_PARTS = 4
Texts = list[tuple[str, str, str, Text]]


def texts() -> Texts:
    return list(templates.defaults())


def test_every_text_may_be_published(app: Flask) -> None:
    for key, channel, language, text in texts():
        templates.check(key, channel, language, text)
        assert bool(text.subject) == (channel == "email"), f"{key} {channel}"


def test_every_kind_has_four_texts_and_a_name(app: Flask) -> None:
    assert len(texts()) == 4 * len(KINDS) == 4 * len(BY_KEY)
    for kind in KINDS:
        for language in ("ar", "en"):
            with speaking(language):
                assert t(f"notify.kind_{kind.key}") != f"notify.kind_{kind.key}"


def test_an_sms_with_usual_values_is_short_and_an_english_one_keeps_to_the_basic_alphabet(app: Flask) -> None:
    for key, channel, language, text in texts():
        if channel == "sms":
            parts = rules.sms_parts(rules.render(text.body, messages._samples(BY_KEY[key], language)))
            assert parts.count <= MOST_PARTS, f"{key} {language}: {parts}"
            assert parts.is_unicode == (language == "ar"), f"{key} {language}"


def test_only_reminders_can_be_stopped_and_they_say_how(app: Flask) -> None:
    for key, channel, _language, text in texts():
        is_offered = "{stop_link}" in text.body
        assert is_offered == (BY_KEY[key].stopped_by is not None and channel == "email"), key


def test_seeding_twice_changes_nothing(session: Session) -> None:
    before = session.scalar(select(func.count()).select_from(MessageTemplate))
    templates.seed(session)
    session.flush()
    assert before == len(texts()) == session.scalar(select(func.count()).select_from(MessageTemplate))
