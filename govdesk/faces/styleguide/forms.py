"""A sample form: one field of each kind, one of them wrong."""

from wtforms import (
    BooleanField,
    DateField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from govdesk.web import DeskForm

COUNTERS = {"1": "styleguide.form_counter_1", "2": "styleguide.form_counter_2"}
OUTCOMES = {"met": "styleguide.form_met", "step": "styleguide.form_step", "unmet": "styleguide.form_unmet"}
DRIVERS = {
    "slow": "styleguide.form_slow",
    "unclear": "styleguide.form_unclear",
    "papers": "styleguide.form_papers",
}


class SampleForm(DeskForm):
    """What a form may hold."""

    name = StringField("styleguide.form_name", [InputRequired()], description="styleguide.form_name_hint")
    phone = StringField(
        "styleguide.form_phone", [InputRequired()], render_kw={"dir": "ltr", "inputmode": "tel"}
    )
    day = DateField("styleguide.form_day", [InputRequired()])
    secret = PasswordField("styleguide.form_secret", [InputRequired()])
    counter = SelectField("styleguide.form_counter", choices=COUNTERS)
    words = TextAreaField("styleguide.form_words")
    outcome = RadioField("styleguide.form_outcome", choices=OUTCOMES, default="met")
    drivers = SelectMultipleField(
        "styleguide.form_drivers",
        choices=DRIVERS,
        default=["slow"],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    call_me = BooleanField("styleguide.form_call_me")


def sample(language: str) -> SampleForm:
    """A filled form, with one field wrong, whose ids are its language's own."""
    form = SampleForm(formdata=None, prefix=f"{language}-", data={"phone": "05x1234567"})
    form.phone.errors = ["styleguide.form_phone_wrong"]
    return form
