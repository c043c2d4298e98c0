"""The form of a branch's dispatch policy: sentences with numbers in them."""

import dataclasses
import datetime as dt
import hashlib
from collections.abc import Iterable

from wtforms import HiddenField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from govdesk.catalog.models import PublicService
from govdesk.faces.fields import ChoiceField, DayField, TicksField, row_id, whole
from govdesk.i18n import LANGUAGES, named, t
from govdesk.queue.policy import CLASSES, FORMS, LONGEST_AGEING, MOST_TURNS, PATIENCE, ClassRule, Help, Policy
from govdesk.web import DeskForm

HELPS = range(3)


class PolicyForm(DeskForm):
    """Who is called before whom."""

    form = RadioField(
        "dispatch.form",
        choices=[SelectChoice(name, f"dispatch.form_{name}") for name in FORMS],
        default="order",
        validate_choice=False,
    )
    ceiling = whole("dispatch.ceiling", 0, 999)
    early = whole("dispatch.early", 0, 999)
    late = whole("dispatch.late", 0, 999)
    language = whole("dispatch.language", 0, 999)
    day = DayField("dispatch.day", [Optional()])
    seen = HiddenField()

    def name_all(self, services: Iterable[PublicService]) -> None:
        """Give the fields of each class and of each help their words."""
        offered = [SelectChoice(0, t("dispatch.nobody_helps"))]
        offered += [SelectChoice(service.id, named(service)) for service in services]
        for name in CLASSES:
            for part in ("turns", "ageing", "head_start"):
                label = t(f"dispatch.label_{part}", who=t(f"dispatch.class_{name}"))
                self[f"{name}_{part}"].label.text = label
        for number in HELPS:
            self[f"help_{number}_service"].choices = offered

    def fill(self, policy: Policy) -> None:
        """Show a policy."""
        for name in CLASSES:
            for part, value in dataclasses.asdict(policy.rule(name)).items():
                self[f"{name}_{part}"].data = value
        for name in ("form", "ceiling", "early", "late", "language"):
            self[name].data = getattr(policy, name)
        for number, help_ in zip(HELPS, policy.helps, strict=False):
            self[f"help_{number}_service"].data = help_.service_id
            self[f"help_{number}_after"].data = help_.after

    def policy(self) -> Policy:
        """What is typed, as a policy; nothing is judged yet."""
        rules = {
            name: ClassRule(
                self[f"{name}_turns"].data, self[f"{name}_ageing"].data, self[f"{name}_head_start"].data or 0
            )
            for name in CLASSES
        }
        helps = tuple(
            Help(self[f"help_{number}_service"].data, self[f"help_{number}_after"].data or 0)
            for number in HELPS
            if self[f"help_{number}_service"].data
        )
        return Policy(
            form=self.form.data,
            ceiling=self.ceiling.data,
            early=self.early.data,
            late=self.late.data,
            language=self.language.data,
            helps=helps,
            **rules,
        )

    def digest(self) -> str:
        """What is typed, so that it is switched on only as it was looked at."""
        return hashlib.sha256(repr(self.policy()).encode()).hexdigest()[:32]


for _name in CLASSES:
    setattr(PolicyForm, f"{_name}_turns", whole("dispatch.turns", 0, 10 * MOST_TURNS))
    setattr(PolicyForm, f"{_name}_ageing", whole("dispatch.ageing", 0, 10 * LONGEST_AGEING, required=False))
    setattr(PolicyForm, f"{_name}_head_start", whole("dispatch.head_start", 0, 10 * PATIENCE, required=False))
for _number in HELPS:
    setattr(
        PolicyForm, f"help_{_number}_service", ChoiceField("dispatch.help_service", coerce=row_id, default=0)
    )
    setattr(
        PolicyForm, f"help_{_number}_after", whole("dispatch.help_after", 0, 10 * PATIENCE, required=False)
    )


class ProfileForm(DeskForm):
    """What an officer can do, and until when: each service has a field `until_…` (see `profile_form`)."""

    services = TicksField("dispatch.skills", coerce=row_id, description="dispatch.skills_hint")
    languages = TicksField(
        "dispatch.languages",
        choices=[SelectChoice(code, f"dispatch.language_{code}") for code in LANGUAGES],
        description="dispatch.languages_hint",
    )

    def skills(self) -> dict[int, dt.date | None]:
        """The services that are ticked, each with its last day."""
        return {one: self[f"until_{one}"].data for one in self.services.data or ()}


def profile_form(services: Iterable[PublicService]) -> type[ProfileForm]:
    """The form with a last day for each service."""
    fields = {
        f"until_{service.id}": DayField(t("training.until_for", service=named(service)), [Optional()])
        for service in services
    }
    return type("ProfileForm", (ProfileForm,), fields)
