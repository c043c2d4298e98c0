"""A person is known again by a pseudonym; name and contact come and go, and nothing else changes."""

import threading

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk.actor import SYSTEM, VISITOR, Actor
from govdesk.audit import AuditEntry
from govdesk.db import reading, transaction
from govdesk.errors import NotFoundError
from govdesk.people import service
from govdesk.people.contact import ContactError
from govdesk.people.identity import sample_identity
from govdesk.people.models import Person, PersonContact

NATIONAL = sample_identity(5, "national")
OMAR = Actor(kind="staff", id="7", roles=frozenset({"officer"}))


def test_the_same_number_is_the_same_person_and_is_kept_nowhere(session: Session) -> None:
    first = service.identify(session, actor=SYSTEM, identity=NATIONAL, language="ar")
    again = service.identify(session, actor=SYSTEM, identity=NATIONAL, language="en")
    other = service.identify(session, actor=SYSTEM, identity=sample_identity(6, "national"))
    assert first.id == again.id != other.id
    assert (again.kind, again.certainty, again.language) == ("citizen", "certain", "en")
    assert NATIONAL.number not in again.pseudonym


def test_two_desks_that_meet_a_newcomer_at_once_know_one_person(app: Flask) -> None:
    ids: list[int] = []

    def meet() -> None:
        with app.app_context(), transaction() as session:
            ids.append(service.identify(session, actor=SYSTEM, identity=NATIONAL).id)

    threads = [threading.Thread(target=meet) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 6
    assert len(set(ids)) == 1


def test_a_phone_written_in_two_ways_is_one_probable_person(session: Session) -> None:
    first = service.identify_contact(session, actor=SYSTEM, phone="٠٥٠ ١٢٣ ٤٥٦٧", name="أحمد علي")
    again = service.identify_contact(session, actor=SYSTEM, phone="+966501234567", name="احمد  على")
    assert first.id == again.id
    assert first.certainty == "probable"


def test_members_of_a_family_with_one_phone_are_persons_of_their_own(session: Session) -> None:
    people = [
        service.identify_contact(session, actor=SYSTEM, phone="0501234567", name=name).id
        for name in ("Mona", "Sami", "mona ")
    ]
    assert people[0] == people[2] != people[1]


def test_a_phone_never_leads_to_someone_known_by_an_identity(session: Session) -> None:
    known = service.identify(session, actor=SYSTEM, identity=NATIONAL)
    service.note_contact(session, actor=SYSTEM, person=known, name="Mona", phone="0501234567")
    assert service.identify_contact(session, actor=SYSTEM, phone="0501234567", name="Mona").id != known.id


def test_nothing_to_know_someone_by_is_refused(session: Session) -> None:
    with pytest.raises(service.UnknownPersonError):
        service.identify_contact(session, actor=SYSTEM, name="Mona")
    with pytest.raises(ContactError):
        service.identify_contact(session, actor=SYSTEM, phone="12")


def test_an_imported_number_is_the_person_who_later_comes_in(session: Session) -> None:
    written = f" {NATIONAL.number[:4]}-{NATIONAL.number[4:]}"
    imported = service.person_of_reference(session, actor=SYSTEM, text=written)
    assert imported.certainty == "imported"
    came = service.identify(session, actor=SYSTEM, identity=NATIONAL)
    assert (came.id, came.certainty, came.kind) == (imported.id, "certain", "citizen")


def test_many_imported_codes_are_known_at_once_and_na_is_a_code(session: Session) -> None:
    codes = [f"B{n}" for n in range(1200)] + ["NA", "B7", "na"]
    ids = service.people_of_references(session, actor=SYSTEM, texts=codes)
    again = service.people_of_references(session, actor=SYSTEM, texts=reversed(codes))
    assert ids == again
    assert len(ids) == len(set(ids.values())) == 1202


def test_removed_contact_leaves_the_person_and_the_audit_names_no_name(app: Flask) -> None:
    with transaction() as session:
        person = service.identify(session, actor=SYSTEM, identity=NATIONAL)
        service.note_contact(
            session, actor=SYSTEM, person=person, name="Mona Ali", phone="0501234567", email="m@example.sa"
        )
        service.note_contact(session, actor=SYSTEM, person=person, name="Mona Ali")
    before = reading().scalars(select(Person.pseudonym)).one()
    with transaction() as session:
        service.remove_contact(session, actor=SYSTEM, person=session.scalars(select(Person)).one())
    assert reading().scalars(select(PersonContact)).all() == []
    assert reading().scalars(select(Person.pseudonym)).one() == before
    written = [
        (entry.action, str(entry.detail))
        for entry in reading().scalars(select(AuditEntry).order_by(AuditEntry.position))
    ]
    assert [action for action, _ in written] == [
        "person.identified",
        "person.contact_noted",
        "person.contact_removed",
    ]
    assert not any("Mona" in detail or "5012" in detail for _, detail in written)


def test_what_is_not_there_cannot_be_removed(session: Session) -> None:
    person = service.identify(session, actor=SYSTEM, identity=NATIONAL)
    with pytest.raises(NotFoundError):
        service.remove_contact(session, actor=SYSTEM, person=person)


def test_a_stranger_who_types_a_number_changes_no_language(session: Session) -> None:
    phone = {"phone": "0501234567", "name": "Mona"}
    assert service.identify(session, actor=VISITOR, identity=NATIONAL, language="ar").language == "ar"
    assert service.identify(session, actor=VISITOR, identity=NATIONAL, language="en").language == "ar"
    assert service.identify_contact(session, actor=VISITOR, language="ar", **phone).language == "ar"
    assert service.identify_contact(session, actor=VISITOR, language="en", **phone).language == "ar"
    assert service.identify_contact(session, actor=OMAR, language="en", **phone).language == "en"


def test_two_who_note_a_first_contact_at_once_both_do(app: Flask) -> None:
    with transaction() as session:
        person_id = service.identify(session, actor=SYSTEM, identity=NATIONAL).id
    start, noted = threading.Barrier(4), []

    def note() -> None:
        with app.app_context(), transaction() as session:
            if session.get_bind().dialect.name == "postgresql":  # on SQLite the next waits for this one
                start.wait(20)
            person = session.get_one(Person, person_id)
            contact = service.note_contact(session, actor=SYSTEM, person=person, name="Mona Ali")
            assert person.contact is contact
            noted.append(contact.name)

    threads = [threading.Thread(target=note) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert noted == ["Mona Ali"] * 4
    assert [row.name for row in reading().scalars(select(PersonContact))] == ["Mona Ali"]
