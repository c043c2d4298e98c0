"""Forms of links."""

from typing import Any

from wtforms import HiddenField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from govdesk.cases.linking.service import LONGEST_REASON
from govdesk.catalog.objects import LONGEST as LONGEST_OBJECT
from govdesk.errors import DeskError
from govdesk.faces.fields import ChoiceField, DayField, line
from govdesk.people.identity import Identity, identify
from govdesk.people.relations import KINDS, LONGEST_PROOF
from govdesk.web import DeskForm

LONGEST = 60
NUMBERS = {"dir": "ltr", "autocomplete": "off", "spellcheck": "false"}


class ReasonForm(DeskForm):
    """Why something is mended."""

    reason = line("linking.reason", longest=LONGEST_REASON)


class FindForm(DeskForm):
    """Who is meant, by what they show."""

    by = ChoiceField(
        "linking.by",
        choices=[SelectChoice(name, f"linking.by_{name}") for name in ("number", "passport", "phone")],
        default="number",
    )
    number = line("linking.number", longest=LONGEST, render_kw=NUMBERS)


class IdentityForm(ReasonForm):
    """Somebody by the number on a card, and why."""

    identity = line("linking.identity", longest=LONGEST, render_kw=NUMBERS)
    kind = ChoiceField(
        "linking.identity_kind",
        choices=[SelectChoice("", "linking.by_number"), SelectChoice("passport", "linking.by_passport")],
        default="",
    )
    identity_read: Identity | None = None

    def validate(self, extra_validators: Any = None) -> bool:
        """Read the number too; what is wrong stands beside it."""
        is_valid: bool = super().validate(extra_validators)
        if self.identity.data and not self.identity.errors:
            try:
                self.identity_read = identify(
                    self.identity.data, "passport" if self.kind.data == "passport" else None
                )
            except DeskError as refusal:
                self.refuse(refusal)
                return False
        return is_valid


class CaseForm(ReasonForm):
    """To which case a visit belongs: one of the person's for this need, or another by its number."""

    chosen = RadioField("linking.case", choices=[], validate_choice=False)
    case = line("linking.case_number", required=False, longest=LONGEST, render_kw=NUMBERS)

    @property
    def number(self) -> str:
        """The number of the case that is meant; what is typed goes before what is chosen."""
        return (self.case.data or "").strip() or (self.chosen.data or "")


class ObjectForm(ReasonForm):
    """What a visit was about."""

    object_ref = line("linking.object", required=False, longest=LONGEST_OBJECT, render_kw={"dir": "auto"})


class ProposeForm(ReasonForm):
    """That two persons are one."""

    kept = HiddenField()
    other = HiddenField()


class RelationForm(DeskForm):
    """Who acts for somebody: by the number on a card, as what, until when and by what proof."""

    identity = line("linking.agent_identity", longest=LONGEST, render_kw=NUMBERS)
    kind = IdentityForm.kind
    relation = ChoiceField(
        "linking.relation",
        choices=[SelectChoice(name, f"linking.relation_{name}") for name in KINDS],
        default=KINDS[0],
    )
    until = DayField("linking.until", [Optional()])
    proof = line("linking.proof", required=False, longest=LONGEST_PROOF, description="linking.proof_hint")
