"""Forms of the way in."""

from wtforms import HiddenField, PasswordField
from wtforms.validators import InputRequired, Length

from govdesk.faces.fields import line
from govdesk.web import DeskForm

LONGEST = 300
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
