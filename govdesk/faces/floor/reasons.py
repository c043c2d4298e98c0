"""Why a hall closes or takes nobody else in: one press for what happens often, or words of one's own."""

from typing import Any

from wtforms import RadioField, SelectChoice
from wtforms.validators import AnyOf

from govdesk.catalog.entries import Name
from govdesk.errors import DeskError
from govdesk.faces.fields import line
from govdesk.i18n import speaking, t
from govdesk.web import DeskForm

OWN = "own"


class WhyForm(DeskForm):
    """A reason as people are told it, in both languages. `OFTEN` are those that need no typing."""

    OFTEN: tuple[str, ...] = ()
    why = RadioField("floor.why", default=OWN, validate_choice=False)
    reason_ar = line("floor.stop_reason_ar", required=False, render_kw={"lang": "ar", "dir": "rtl"})
    reason_en = line("floor.stop_reason_en", required=False, render_kw={"lang": "en", "dir": "ltr"})

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        codes = (*self.OFTEN, OWN)
        self.why.choices = [SelectChoice(code, f"floor.why_{code}") for code in codes]
        self.why.validators = [AnyOf(codes, "errors.choose_known")]

    def validate(self, extra_validators: Any = None) -> bool:
        """Want words in both languages where they are one's own."""
        super().validate(extra_validators)
        for field in (self.reason_ar, self.reason_en):
            if self.why.data == OWN and not field.data and not field.errors:
                self.refuse(DeskError("errors.required", field=field.name, status=422))
        return not self.errors

    @property
    def reason(self) -> Name:
        """The reason in both languages."""
        if self.why.data == OWN:
            return Name(self.reason_ar.data, self.reason_en.data)
        with speaking("ar"):
            arabic = t(f"floor.why_{self.why.data}")
        with speaking("en"):
            return Name(arabic, t(f"floor.why_{self.why.data}"))
