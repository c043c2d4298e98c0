"""Know a person again, note how to reach them, and forget it when they ask."""

import hashlib
import hmac
import unicodedata
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from govdesk import audit, clock, outbox
from govdesk.actor import Actor
from govdesk.config import settings
from govdesk.errors import DeskError, NotFoundError
from govdesk.people.contact import clean_email, clean_name, clean_phone
from govdesk.people.identity import Identity, pseudonym, pseudonym_of_reference
from govdesk.people.models import Person, PersonContact

_AT_ONCE = 500
_ALIKE = str.maketrans(
    {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ؤ": "و", "ئ": "ي", "ـ": ""}
)


class UnknownPersonError(DeskError):
    """Neither an identity nor a phone number nor an e-mail address was given."""

    key = "people.nobody_named"
    status = 422


def identify(session: Session, *, actor: Actor, identity: Identity, language: str | None = None) -> Person:
    """Return the person who carries this identity, known from before or new; the number itself is not kept.

    Someone first known from an imported file becomes certain now. `language` is that of a newcomer; of
    someone known only staff change it: whoever types a number on the web need not be its carrier. Safe when
    two desks ask at once: the unique pseudonym decides, and both get the same row.
    """
    person, is_new = _person(session, pseudonym(identity, _key()), identity.person_kind, "certain", language)
    if language and actor.kind not in {"person", "device"}:
        person.language = language
    if person.certainty != "certain":
        person.certainty, person.kind = "certain", identity.person_kind
    if is_new:
        audit.record(
            session, actor=actor, action="person.identified", subject=_subject(person), by="identity"
        )
    return person


def identify_contact(
    session: Session,
    *,
    actor: Actor,
    phone: str | None = None,
    email: str | None = None,
    name: str | None = None,
    language: str | None = None,
) -> Person:
    """Return the probable person behind a phone number or e-mail address, known from before or new.

    The name counts too, whichever way it is spelled, because families share a phone and each member is a
    person of their own. Never returns someone who is known by an identity: whoever types another's phone
    number must not learn anything. Raises ContactError for what cannot be read, UnknownPersonError for
    neither.
    """
    if phone:
        reached = f"phone:{clean_phone(phone, settings().country)}"
    elif email:
        reached = f"email:{clean_email(email).lower()}"
    else:
        raise UnknownPersonError(field="phone")
    text = f"{reached}:{_spelled_alike(name or '')}"
    keyed = hmac.new(_key(), text.encode(), hashlib.sha256).hexdigest()
    person, is_new = _person(session, keyed, "unknown", "probable", language)
    if language and actor.kind not in {"person", "device"}:
        person.language = language
    if is_new:
        audit.record(session, actor=actor, action="person.identified", subject=_subject(person), by="contact")
    return person


def person_of_reference(session: Session, *, actor: Actor, text: str) -> Person:
    """Return the person behind a code in an imported file; a valid identity number gives its carrier."""
    ids = people_of_references(session, actor=actor, texts=[text])
    return session.get_one(Person, ids[text])


def people_of_references(session: Session, *, actor: Actor, texts: Iterable[str]) -> dict[str, int]:
    """Return the person's id for each code of an imported file, new people included, in a few statements.

    The import that asks is itself one entry of the audit; its people are not.
    """
    assert actor
    names = {text: pseudonym_of_reference(text, _key()) for text in dict.fromkeys(texts)}
    wanted = list(dict.fromkeys(names.values()))
    now = clock.now()
    found: dict[str, int] = {}
    insert = sqlite_insert if settings().is_sqlite else postgresql_insert
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        known = select(Person.pseudonym, Person.id).where(Person.pseudonym.in_(some))
        found.update({row.pseudonym: row.id for row in session.execute(known)})
        rows = [
            {"pseudonym": keyed, "kind": "unknown", "certainty": "imported", "created_at": now}
            for keyed in some
            if keyed not in found
        ]
        if rows:
            session.execute(insert(Person.__table__).on_conflict_do_nothing(), rows)  # type: ignore[arg-type]
            found.update({row.pseudonym: row.id for row in session.execute(known)})
    return {text: found[keyed] for text, keyed in names.items()}


def note_contact(
    session: Session,
    *,
    actor: Actor,
    person: Person,
    name: str | None = None,
    phone: str | None = None,
    email: str | None = None,
    identity_hint: str | None = None,
) -> PersonContact:
    """Note how a person is called and reached; what is not given stays. Raises ContactError.

    The audit says which parts changed, never what they are.
    """
    given = {
        "name": clean_name(name) if name else None,
        "phone": clean_phone(phone, settings().country) if phone else None,
        "email": clean_email(email) if email else None,
        "identity_hint": identity_hint,
    }
    contact = _contact(session, person)
    changed = [part for part, value in given.items() if value and value != getattr(contact, part)]
    for part in changed:
        setattr(contact, part, given[part])
    if changed:
        contact.changed_at = clock.now()
        audit.record(
            session, actor=actor, action="person.contact_noted", subject=_subject(person), parts=changed
        )
    return contact


def contact_digest(reached: str) -> str:
    """Return what is kept of a cleaned phone number or e-mail address, to know it when it is typed again."""
    return hmac.new(_key(), f"contact:{reached.casefold()}".encode(), hashlib.sha256).hexdigest()


def remove_contact(session: Session, *, actor: Actor, person: Person) -> None:
    """Remove name, phone, e-mail and hint of a person; the pseudonym stays, so that no figure changes.

    Raises NotFoundError when there is nothing to remove.
    """
    contact = session.get(PersonContact, person.id)
    if contact is None:
        raise NotFoundError("people.no_contact")
    session.delete(contact)
    session.flush()
    session.expire(person, ["contact"])
    audit.record(session, actor=actor, action="person.contact_removed", subject=_subject(person))
    outbox.emit(session, "person.contact_removed", person_id=person.id)


def _person(
    session: Session, keyed: str, kind: str, certainty: str, language: str | None
) -> tuple[Person, bool]:
    known = select(Person).where(Person.pseudonym == keyed)
    person = session.scalars(known).one_or_none()
    made = None
    if person is None:
        insert = sqlite_insert if settings().is_sqlite else postgresql_insert
        new = insert(Person).values(
            pseudonym=keyed, kind=kind, certainty=certainty, language=language, created_at=clock.now()
        )
        made = session.execute(new.on_conflict_do_nothing().returning(Person.id)).first()
        person = session.scalars(known).one()
    return person, made is not None


def _contact(session: Session, person: Person) -> PersonContact:
    """The contact of a person, made empty where there is none; of two who make it at once one waits."""
    contact = session.get(PersonContact, person.id)
    if contact is None:
        insert = sqlite_insert if settings().is_sqlite else postgresql_insert
        empty = insert(PersonContact).values(person_id=person.id, changed_at=clock.now())
        session.execute(empty.on_conflict_do_nothing())
        contact = session.get_one(PersonContact, person.id)
        session.expire(person, ["contact"])
    return contact


def _spelled_alike(name: str) -> str:
    """A name as it sounds: without marks, case and spaces, interchangeable Arabic letters made one."""
    plain = unicodedata.normalize("NFKD", name.translate(_ALIKE)).casefold()
    return "".join(character for character in plain if character.isalnum())


def _subject(person: Person) -> str:
    return f"person:{person.id}"


def _key() -> bytes:
    return bytes.fromhex(settings().pseudonym_key)
