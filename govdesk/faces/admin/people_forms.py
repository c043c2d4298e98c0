"""What an administrator fills in about staff, and to find a person."""

from wtforms import PasswordField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from govdesk.faces.admin.forms import ARABIC, ENGLISH, LATIN
from govdesk.faces.fields import ChoiceField, line, tidy
from govdesk.i18n import latin_digits
from govdesk.web import DeskForm

LONGEST_PASSWORD = 300
LONGEST_TYPED = 200
WAYS_TO_FIND = ("number", "passport", "phone", "reference")
EVERYWHERE = ""


class RoleForm(DeskForm):
    """A role and where it holds."""

    role = ChoiceField("admin.role")
    place = ChoiceField("admin.role_place", description="admin.role_place_hint")


class StaffForm(RoleForm):
    """Someone new who serves."""

    username = line(
        "staff.username",
        longest=40,
        description="admin.username_hint",
        filters=[tidy, latin_digits, str.lower],
        render_kw=LATIN | {"autocomplete": "off"},
    )
    name_ar = line("admin.name_ar", render_kw=ARABIC)
    name_en = line("admin.name_en", render_kw=ENGLISH)
    password = PasswordField(
        "admin.first_password",
        [InputRequired("errors.required"), Length(max=LONGEST_PASSWORD, message="errors.too_long")],
        description="staff.password_rule",
        render_kw={"autocomplete": "new-password", "dir": "ltr"},
    )


class StaffNamesForm(DeskForm):
    """How someone appears."""

    name_ar = line("admin.name_ar", render_kw=ARABIC)
    name_en = line("admin.name_en", render_kw=ENGLISH)


class PersonSearchForm(DeskForm):
    """Who is meant, by what they show."""

    by = ChoiceField(
        "admin.find_by",
        [InputRequired("errors.choose")],
        choices=[SelectChoice(name, f"admin.by_{name}") for name in WAYS_TO_FIND],
    )
    number = line("admin.find_number", longest=LONGEST_TYPED, render_kw={"dir": "ltr", "autocomplete": "off"})


class ResetForm(DeskForm):
    """A new password for someone else."""

    password = PasswordField(
        "staff.password_new",
        [InputRequired("errors.required"), Length(max=LONGEST_PASSWORD, message="errors.too_long")],
        description="staff.password_rule",
        render_kw={"autocomplete": "new-password", "dir": "ltr"},
    )
