"""What the desk keeps of a person: found by what they show, removed when they ask."""

from dataclasses import dataclass

from flask import flash, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from govdesk.booking.finding import find
from govdesk.booking.models import Appointment
from govdesk.cases.linking import seeing
from govdesk.cases.links import PROBABLE
from govdesk.cases.models import Visit
from govdesk.config import settings
from govdesk.db import reading
from govdesk.errors import DeskError
from govdesk.faces.admin.acts import found, pressed
from govdesk.faces.admin.people_forms import PersonSearchForm
from govdesk.i18n import t
from govdesk.people import finding, relations, same, service
from govdesk.people.contact import clean_phone, masked_email, masked_phone
from govdesk.people.identity import identify
from govdesk.people.models import Person
from govdesk.web import actor, page, staff_only


@dataclass(frozen=True, slots=True)
class Kept:
    """One person as shown: how they are reached (masked), and what depends on it."""

    person: Person
    phone: str
    email: str
    visits: int
    bookings: int  # still to come
    probable: int  # visits that are theirs only by telephone or e-mail
    names: int  # under which they are known
    acting: int  # relations of theirs, either way
    is_seen: bool  # was at a branch or booked there, so that they have a page

    @property
    def has_contact(self) -> bool:
        """Whether there is anything to remove."""
        return self.person.contact is not None


@staff_only("admin")
def persons() -> ResponseReturnValue:
    """Find a person. The number goes by POST, so that no address and no log keeps it."""
    form, shown = PersonSearchForm(), None
    if form.validate_on_submit():
        try:
            shown = [_kept(reading(), person) for person in _sought(reading(), form)]
        except DeskError as refusal:
            form.refuse(refusal)
    return page("admin/persons.html", form=form, shown=shown)


@staff_only("admin")
def forget_person(row_id: int) -> ResponseReturnValue:
    """Ask before name and contact of a person are removed."""
    kept = _kept(reading(), found(reading(), Person, row_id))
    return page("admin/forget_person.html", kept=kept)


@staff_only("admin")
def person_forgotten(row_id: int) -> ResponseReturnValue:
    """Remove name and contact of a person; visits and figures stay."""

    def act(session: Session) -> str:
        service.remove_contact(session, actor=actor(), person=found(session, Person, row_id))
        return url_for("admin.persons")

    return pressed(act, "admin.person_forgotten", url_for("admin.persons"))


def _sought(session: Session, form: PersonSearchForm) -> list[Person]:
    """Who is meant; said above the form when nobody is. Raises DeskError for what cannot be read."""
    typed = form.number.data or ""
    if form.by.data == "reference":
        owner = find(session, typed).person
        people = [owner] if owner is not None else []
    elif form.by.data == "phone":
        people = finding.by_phone(session, clean_phone(typed, settings().country, field="number"))
    else:
        known = identify(typed, "passport" if form.by.data == "passport" else None, field="number")
        carrier = finding.by_identity(session, known)
        people = [carrier] if carrier is not None else []
    if not people:
        flash(t("admin.nobody_found"), "info")
    return people


def _kept(session: Session, person: Person) -> Kept:
    contact = person.contact
    names = same.names_of(session, same.whole(session, person.id))
    visits = select(func.count()).select_from(Visit).where(Visit.person_id.in_(names))
    ahead = select(func.count()).select_from(Appointment)
    ahead = ahead.where(Appointment.person_id == person.id, Appointment.state == "booked")
    return Kept(
        person,
        masked_phone(contact.phone, settings().country) if contact and contact.phone else "",
        masked_email(contact.email) if contact and contact.email else "",
        session.scalar(visits) or 0,
        session.scalar(ahead) or 0,
        session.scalar(visits.where(Visit.linked_by == PROBABLE)) or 0,
        len(names),
        len(relations.of_person(session, person.id)),
        seeing.sees_person(session, actor(), person.id),
    )
