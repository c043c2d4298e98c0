"""Forms of the way in."""

from wtforms import HiddenField, PasswordField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from govdesk.faces.fields import line
from govdesk.web import DeskForm

LONGEST, LONGEST_WORDS = 300, 120
NOTHING = SelectChoice("", "counter.choose")
_LATIN = {"dir": "ltr", "autocapitalize": "none", "spellcheck": "false"}


class SignInForm(DeskForm):
    """Who someone says to be, and the proof."""

    username = line("staff.username", render_kw=_LATIN | {"autocomplete": "username"})
    password = PasswordField(
        "staff.password",
        [InputRequired("errors.required"), Length(max=LONGEST, message="errors.too_long")],
        render_kw={"autocomplete": "current-password", "dir": "ltr"},
    )
    next = HiddenField()


class LeaveForm(DeskForm):
    """Signing out with a counter open: the person who goes back to the line, and why the counter closes."""

    hand_back = HiddenField(default="")
    is_asked = HiddenField(default="")  # set by the page that asks for the reason
    reason = SelectField("counter.pause_reason", choices=[NOTHING], validate_choice=False)
    words = line("counter.pause_words", required=False, longest=LONGEST_WORDS)


class PasswordForm(DeskForm):
    """A new password of one's own."""

    current = PasswordField(
        "staff.password_now",
        [InputRequired("errors.required"), Length(max=LONGEST, message="errors.too_long")],
        render_kw={"autocomplete": "current-password", "dir": "ltr"},
    )
    password = PasswordField(
        "staff.password_new",
        [InputRequired("errors.required"), Length(max=LONGEST, message="errors.too_long")],
        description="staff.password_rule",
        render_kw={"autocomplete": "new-password", "dir": "ltr"},
    )
