"""Whom a program books for: read from what it sends, and noted without overwriting what is known."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from govdesk import i18n
from govdesk.config import settings
from govdesk.errors import DeskError
from govdesk.faces.api.fields import Field, InvalidError
from govdesk.people import service as people
from govdesk.people.contact import clean_email, clean_name, clean_phone
from govdesk.people.identity import Identity, IdentityKind, identify
from govdesk.people.models import Person, PersonContact
from govdesk.web import actor

DOCUMENTS: dict[str, IdentityKind] = {"citizen": "national", "resident": "residence", "visitor": "passport"}
LANGUAGE = Field(name="language", kind="text", choices=tuple(i18n.LANGUAGES), example="ar")
NAME = Field(name="name", kind="text", required=True, example="Nora Ali")
IDENTITY = Field(name="identity", kind="text", example="1000000008")
KIND = Field(name="kind", kind="text", choices=tuple(DOCUMENTS), example="citizen")
PERSON = (
    NAME,
    Field(name="phone", kind="text", example="+966501234567"),
    Field(name="email", kind="text", example="nora@example.org"),
    IDENTITY,
    KIND,
    LANGUAGE,
)


def read(sent: dict[str, Any]) -> dict[str, Any]:
    """Read who books with the rules of `people`. Raises InvalidError with all that is wrong."""
    wrong: list[tuple[str, str]] = []
    read_ = _parts(sent, ("name", "phone", "email", "identity"), "person", wrong)
    if not (sent["phone"] or sent["email"]):
        wrong.append(("person.phone", i18n.t("api.contact_missing")))
    if wrong:
        raise InvalidError(wrong)
    return read_ | {"language": sent["language"] or i18n.language()}


def read_others(sent: Sequence[dict[str, Any]], person: dict[str, Any]) -> list[dict[str, Any]]:
    """Read the others of a family, who are reached as the one who books. Raises InvalidError."""
    wrong: list[tuple[str, str]] = []
    read_ = [
        person | _parts(one, ("name", "identity"), f"others.{number}", wrong)
        for number, one in enumerate(sent)
    ]
    if wrong:
        raise InvalidError(wrong)
    return read_


def note(session: Session, read_: dict[str, Any]) -> Person:
    """Whose matter it is. No program may overwrite what is known of a person: only gaps are filled."""
    known_by: Identity | None = read_["identity"]
    if known_by is not None:
        person = people.identify(session, actor=actor(), identity=known_by, language=read_["language"])
    else:
        told = {part: read_[part] for part in ("phone", "email", "name", "language")}
        person = people.identify_contact(session, actor=actor(), **told)
    known = session.get(PersonContact, person.id)
    given = {part: read_[part] for part in ("name", "phone", "email")}
    given["identity_hint"] = known_by.hint if known_by else None
    gaps = {part: text for part, text in given.items() if known is None or not getattr(known, part)}
    people.note_contact(session, actor=actor(), person=person, **gaps)
    return person


def field_of(read_: dict[str, Any], member: int) -> str:
    """The field beside which a refusal stands that concerns who books (0), or another of the family."""
    if member:
        return f"others.{member - 1}.{'identity' if read_['identity'] else 'name'}"
    return f"person.{'identity' if read_['identity'] else 'phone' if read_['phone'] else 'email'}"


def _parts(
    sent: dict[str, Any], parts: Sequence[str], inside: str, wrong: list[tuple[str, str]]
) -> dict[str, Any]:
    """These parts of a person, read; what is wrong with them is added to `wrong`."""
    kind = DOCUMENTS.get(sent["kind"] or "")
    readers: dict[str, Any] = {
        "name": clean_name,
        "phone": lambda text: clean_phone(text, settings().country),
        "email": clean_email,
        "identity": lambda text: identify(text, kind),
    }
    found: dict[str, Any] = {}
    for part in parts:
        try:
            found[part] = readers[part](sent[part]) if sent[part] else None
        except DeskError as problem:
            wrong.append((f"{inside}.{part}", i18n.t(problem.key, **problem.params)))
    return found
