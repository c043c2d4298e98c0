"""The administrator writes the texts of messages and sees what became of each."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from govdesk.db import reading, transaction
from govdesk.notify import codes, templates
from govdesk.notify.kinds import CHANNELS, KINDS
from govdesk.notify.letters import RefusedError
from govdesk.notify.models import Message, MessageTemplate
from tests.desk import Desk
from tests.flows.messages import PHONE, Postman, book, give_contact, send
from tests.makers import Cast

SignIn = Callable[[str], Desk]
SMS = "/admin/messages/booked/sms"
GOOD = {"body_ar": "موعدك {reference}: {link}", "body_en": "Your appointment {reference}: {link}"}


def versions(channel: str = "sms") -> list[tuple[str, int, bool]]:
    reading().rollback()
    rows = reading().scalars(
        select(MessageTemplate)
        .where(MessageTemplate.key == "booked", MessageTemplate.channel == channel)
        .order_by(MessageTemplate.language, MessageTemplate.version)
    )
    return [(row.language, row.version, row.published_at is not None) for row in rows]


def test_every_text_has_its_page_with_a_preview_in_both_languages(cast: Cast, sign_in: SignIn) -> None:
    adam = sign_in("adam")
    listed = adam.get("/admin/messages", status=200).links()
    for kind in KINDS:
        for channel in CHANNELS:
            address = f"/admin/messages/{kind.key}/{channel}"
            assert address in listed
            page = adam.get(address, status=200)
            assert [letter.get("lang") for letter in page.all("article", "message")] == ["ar", "en"]


def test_the_preview_counts_the_parts_of_an_sms(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in("adam").post(
        SMS,
        {
            **GOOD,
            "body_ar": "{link}" + "م" * 80,
            "body_en": "{reference}{link}" + "m" * 200,
            "act": "preview",
        },
        status=422,
    )
    assert "لا ينفع هذا النص دون {reference}." in page.errors()["body_ar"]
    seen = sign_in("adam").post(SMS, {**GOOD, "act": "preview"}, status=200, language="en")
    arabic, english = seen.words("article", "message")
    assert arabic.startswith(
        "موعدك K7M2P9QX: http://127.0.0.1:8000/appointment/Vb3kq8ZtX1mLr7sWn0dGyH5jPf2cUe9A"
    )
    assert "2 parts" in arabic  # 81 characters beyond the basic alphabet
    assert "1 part " in english
    assert english.startswith("Your appointment K7M2P9QX")
    assert versions() == [("ar", 1, True), ("en", 1, True)]  # looking keeps nothing


def test_a_draft_waits_until_it_is_published_and_a_published_text_stays(cast: Cast, sign_in: SignIn) -> None:
    adam = sign_in("adam")
    before = templates.current(reading(), "booked", "sms", "en").body
    adam.post(SMS, {**GOOD, "act": "draft"}, status=302)
    assert versions() == [("ar", 1, True), ("ar", 2, False), ("en", 1, True), ("en", 2, False)]
    assert templates.current(reading(), "booked", "sms", "en").body == before
    page = adam.get(SMS, language="en")
    assert "This is a draft." in page.main
    adam.post(SMS, {"act": "publish"}, status=302)
    assert versions() == [("ar", 1, True), ("ar", 2, True), ("en", 1, True), ("en", 2, True)]
    assert templates.current(reading(), "booked", "sms", "en").body == GOOD["body_en"]
    assert templates.version(reading(), "booked", "sms", "en", 1).body == before
    adam.post(SMS, {"body_en": GOOD["body_en"] + "!", "act": "publish"}, status=302)
    assert versions() == [("ar", 1, True), ("ar", 2, True), ("en", 1, True), ("en", 2, True), ("en", 3, True)]


def test_a_message_that_waits_is_sent_in_the_version_it_was_queued_with(cast: Cast, sign_in: SignIn) -> None:
    with transaction() as session:
        give_contact(session, session.merge(cast.nora))
    book(cast)
    sign_in("adam").post(SMS, {**GOOD, "act": "publish"}, status=302)
    postman = Postman()
    send(postman)
    assert postman.letters[0].text.startswith("Your appointment: Identity renewal")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{reference} {link} {salary}", "{salary} is not known here."),
        ("{reference} {link} {", "A brace { stands alone."),
        ("{reference}", "of no use without {link}"),
        (" ", "Please fill this in."),
    ],
)
@pytest.mark.parametrize("act", ["preview", "draft", "publish"])
def test_a_wrong_text_is_refused_beside_its_field_and_not_lost(
    cast: Cast, sign_in: SignIn, body: str, said: str, act: str
) -> None:
    page = sign_in("adam").post(SMS, {**GOOD, "body_en": body, "act": act}, status=422, language="en")
    (error,) = page.errors().values()
    assert said in error
    typed = next(area for area in page.all("textarea") if area.get("name") == "body_en")
    assert (typed.text or "").strip() == body.strip()
    assert versions() == [("ar", 1, True), ("en", 1, True)]


def test_an_unknown_text_is_not_found(cast: Cast, sign_in: SignIn) -> None:
    adam = sign_in("adam")
    assert adam.get("/admin/messages/nothing/sms").status == 404
    assert adam.get("/admin/messages/booked/pigeon").status == 404


@pytest.mark.parametrize("username", ["omar", "reem", "sara", "huda", "aziz"])
def test_nobody_else_writes_or_reads_messages(cast: Cast, sign_in: SignIn, username: str) -> None:
    browser = sign_in(username)
    for path in ("", "/log", "/log/1", "/booked/sms"):
        assert browser.get(f"/admin/messages{path}").status == 403


def test_the_log_says_what_became_of_messages_and_keeps_their_secrets(cast: Cast, sign_in: SignIn) -> None:
    adam = sign_in("adam")
    assert "No messages here" in adam.get("/admin/messages/log", language="en").main
    with transaction() as session:
        give_contact(session, session.merge(cast.nora))
        codes.send_code(
            session, actor=cast.staff["adam"].actor, purpose="contact", address=PHONE, language="en"
        )
    appointment = book(cast)
    code = next(iter(_values("code").values()))
    send(Postman(RefusedError("550 no")))
    log = adam.get("/admin/messages/log", language="en")
    assert [log.main.count(word) for word in ("05•• ••• •12", "Not accepted")] == [2, 2]
    assert "Reminder" not in adam.get("/admin/messages/log?state=undeliverable", language="en").main
    texts = [adam.get(link, language="en").html for link in log.links() if "/log/" in link]
    assert len(texts) == 4
    assert any(appointment.reference in text for text in texts)
    for secret in (code, PHONE, PHONE[1:], appointment.link_token):
        assert not any(secret in text for text in texts)


def _values(key: str) -> dict[str, str]:
    found = reading().scalars(select(Message).where(Message.key == key)).one().values
    assert found is not None
    return dict(found)
