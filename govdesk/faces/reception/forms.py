"""Forms of the reception desk."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy.orm import Session
from wtforms import BooleanField, SelectChoice, StringField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import ListWidget, RadioInput

from govdesk.actor import Actor
from govdesk.catalog.models import Cause, PublicService
from govdesk.catalog.scenario_models import Scenario
from govdesk.config import settings
from govdesk.errors import DeskError
from govdesk.faces import priorities
from govdesk.faces.fields import ChoiceField, line, row_id, tidy
from govdesk.i18n import LANGUAGES, named
from govdesk.people import relations
from govdesk.people import service as people
from govdesk.people.contact import clean_phone
from govdesk.people.identity import Identity, identify
from govdesk.people.models import Person
from govdesk.queue.admission import DOOR_CAUSES, LONGEST_WORDS
from govdesk.web import DeskForm

LONGEST = 300
LONGEST_OBJECT = 60


class CardsField(ChoiceField):
    """One of a few, shown as cards."""

    widget = ListWidget(prefix_label=False)
    option_widget = RadioInput()


def identity_field(label: str) -> StringField:
    """Return a field for an identity number, which may stay empty."""
    return StringField(label, [Length(max=LONGEST, message="errors.too_long")], filters=[tidy])


def kind_field(label: str) -> CardsField:
    """Return a field for the kind of that number: a passport must be said, the others show by themselves."""
    return CardsField(
        label,
        default="number",
        choices=[
            SelectChoice("number", "reception.kind_number"),
            SelectChoice("passport", "people.kind_passport"),
        ],
    )


class ArrivalForm(DeskForm):
    """An appointment by its reference, its link, or what a reader typed of its code."""

    reference = StringField(
        "reception.reference",
        [InputRequired("reception.reference_missing"), Length(max=LONGEST, message="errors.too_long")],
        filters=[tidy],
    )


class PersonForm(DeskForm):
    """What both forms of this desk ask: what for, and whose matter it is."""

    service = CardsField("reception.service", [InputRequired("errors.choose")])
    identity = identity_field("reception.identity")
    identity_kind = kind_field("reception.identity_kind")
    identity_read: Identity | None = None

    def __init__(self, services: Iterable[PublicService], **given: Any) -> None:
        super().__init__(**given)
        self.service.choices = [SelectChoice(one.code, named(one)) for one in services]

    def validate(self, extra_validators: Any = None) -> bool:
        """Read the identity numbers too; what is wrong stands beside each."""
        is_valid = super().validate(extra_validators)
        self.identity_read = self.read("identity")
        return is_valid and not self.errors

    def read(self, name: str) -> Identity | None:
        """The identity typed into a field, if any; a refusal stands beside it."""
        field = self._fields[name]
        if not field.data or field.errors:
            return None
        try:
            kind = self._fields[f"{name}_kind"].data
            return identify(field.data, "passport" if kind == "passport" else None, field=name)
        except DeskError as refusal:
            self.refuse(refusal)
            return None

    def person(self, session: Session, actor: Actor, identity: Identity | None) -> Person | None:
        """The person behind an identity that was typed; None without one."""
        return people.identify(session, actor=actor, identity=identity) if identity else None


class TicketForm(PersonForm):
    """A ticket for who came without an appointment."""

    whom = CardsField(
        "reception.whom",
        default="self",
        choices=[SelectChoice("self", "reception.whom_self"), SelectChoice("other", "reception.whom_other")],
    )
    visitor = identity_field("reception.visitor")
    visitor_kind = kind_field("reception.visitor_kind")
    relation = ChoiceField(
        "linking.relation",
        choices=[SelectChoice(name, f"linking.relation_{name}") for name in relations.KINDS],
        default=relations.KINDS[0],
    )
    proof = line(
        "linking.proof", required=False, longest=relations.LONGEST_PROOF, description="linking.proof_hint"
    )
    priority = CardsField(
        "reception.priority",
        default="none",
        choices=priorities.choices,
    )
    language = CardsField(
        "reception.language",
        default="ar",
        choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()],
    )
    object_ref = line("reception.object_ref", required=False, longest=LONGEST_OBJECT)
    scenario = ChoiceField("reception.scenario", coerce=row_id, default=0)
    anyway = BooleanField("reception.anyway")
    visitor_read: Identity | None = None

    def __init__(
        self, services: Iterable[PublicService], scenarios: Iterable[Scenario] = (), **given: Any
    ) -> None:
        known = list(services)
        super().__init__(known, **given)
        letters = {service.id: service.prefix for service in known}
        self.scenario.choices = [
            SelectChoice(0, "reception.scenario_none"),
            *(SelectChoice(one.id, f"{letters[one.service_id]} · {named(one)}") for one in scenarios),
        ]

    def validate(self, extra_validators: Any = None) -> bool:
        """Read who came, when that is somebody else."""
        is_valid = super().validate(extra_validators)
        self.visitor_read = self.read("visitor") if self.whom.data == "other" else None
        return is_valid and not self.errors


class GateForm(PersonForm):
    """Someone who is sent home at the door, and why."""

    cause = CardsField("reception.cause", [InputRequired("queue.cause_missing")])
    words = line("reception.words", required=False, longest=LONGEST_WORDS)
    return_reason = CardsField("counter.return_reason", validate_choice=False)
    return_words = line("counter.return_words", required=False, longest=LONGEST_WORDS)
    phone = line("reception.call_back", required=False, longest=LONGEST)
    phone_read: str | None = None

    def __init__(self, services: Iterable[PublicService], causes: Iterable[Cause], **given: Any) -> None:
        super().__init__(services, **given)
        self.cause.choices = [SelectChoice(cause.code, named(cause)) for cause in causes]
        known = {choice.value for choice in self.cause.choices}
        self.return_reason.choices = list(self.cause.choices)
        missing = [SelectChoice(code, f"reception.cause_{code}") for code in DOOR_CAUSES if code not in known]
        self.cause.choices = [*missing, *self.cause.choices]

    def validate(self, extra_validators: Any = None) -> bool:
        """Read the number at which the person wants to be called, where one is given."""
        is_valid = super().validate(extra_validators)
        if self.phone.data and not self.phone.errors:
            try:
                self.phone_read = clean_phone(self.phone.data, settings().country)
            except DeskError as refusal:
                self.refuse(refusal)
                return False
        return is_valid


class SearchForm(DeskForm):
    """What staff look for among today's people."""

    q = line("reception.search", longest=LONGEST)


class SendForm(DeskForm):
    """The phone to which a ticket is sent."""

    phone = line("reception.send_phone", longest=LONGEST)


class OwnerForm(DeskForm):
    """Whose matter a ticket is."""

    identity = identity_field("reception.identity")
    identity_kind = kind_field("reception.identity_kind")
