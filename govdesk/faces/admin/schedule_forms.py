"""Forms of the schedule editor: a rule, an exception, a season; each is looked at before it is saved."""

from typing import Any

from wtforms import BooleanField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from govdesk.booking.schedule.timetable import KINDS
from govdesk.catalog.toml_table import NTH_WEEKS
from govdesk.faces.admin.forms import ARABIC, ENGLISH, WEEK, OutsideForm, PeopleForm, WeekForm
from govdesk.faces.fields import ChoiceField, ClockField, DayField, TicksField, line, whole

WEEKS_SHOWN = (2, 4, 8, 12)


class LookingForm(PeopleForm):
    """Something that is shown with what it would change, and saved only as it was shown."""

    weeks = ChoiceField(
        "schedules.weeks_shown",
        choices=[SelectChoice(n, f"schedules.weeks_{n}") for n in WEEKS_SHOWN],
        coerce=int,
        default=4,
    )


class RemovalForm(LookingForm):
    """Taking something away: why, for those who are told."""

    reason_ar = line("schedules.reason_ar", required=False, render_kw=ARABIC)
    reason_en = line("schedules.reason_en", required=False, render_kw=ENGLISH)


class ScheduleForm(RemovalForm):
    """A rule that makes slots."""

    service = ChoiceField("schedules.service", coerce=int)
    name_ar = line("admin.name_ar", required=False, render_kw=ARABIC)
    name_en = line("admin.name_en", required=False, render_kw=ENGLISH)
    weekdays = TicksField(
        "schedules.weekdays", coerce=int, choices=[SelectChoice(day, f"schedules.day_{day}") for day in WEEK]
    )
    starts = ClockField("schedules.starts", [InputRequired("errors.required")])
    ends = ClockField("schedules.ends", [InputRequired("errors.required")])
    slot_minutes = whole("schedules.slot_minutes", 1, 480)
    capacity = whole("schedules.capacity", 0, 999, description="schedules.capacity_hint")
    kept_walkins = whole("schedules.kept_walkins", 0, 999, default=0, description="schedules.kept_hint")
    kept_staff = whole("schedules.kept_staff", 0, 999, default=0, description="schedules.kept_staff_hint")
    may_overbook = BooleanField("schedules.may_overbook")
    lead_minutes = whole("schedules.lead", 0, 129600, description="schedules.lead_hint")
    horizon_days = whole("schedules.horizon", 1, 366, description="schedules.horizon_hint")
    every_weeks = whole("schedules.every_weeks", 1, 52, default=1)
    anchor = DayField("schedules.anchor", [Optional()], description="schedules.anchor_hint")
    nth_weeks = TicksField(
        "schedules.nth_weeks",
        coerce=int,
        choices=[SelectChoice(n, f"schedules.nth_{n if n > 0 else 'last'}") for n in NTH_WEEKS],
        description="schedules.nth_hint",
    )
    valid_from = DayField("schedules.valid_from", [Optional()])
    valid_until = DayField("schedules.valid_until", [Optional()])

    def columns(self) -> dict[str, Any]:
        """Return what is typed as the columns of a schedule."""
        return {name: self[name].data for name in COLUMNS} | {
            "name_ar": self.name_ar.data or "",
            "name_en": self.name_en.data or "",
            "weekdays": sorted(self.weekdays.data or ()),
            "nth_weeks": sorted(self.nth_weeks.data or ()),
        }


COLUMNS = (
    "starts", "ends", "slot_minutes", "capacity", "kept_walkins", "kept_staff", "may_overbook",
    "lead_minutes", "horizon_days", "every_weeks", "anchor", "valid_from", "valid_until",
)  # fmt: skip


class ExceptionForm(LookingForm):
    """Days that go another way, and why: the reason is told to those who are moved."""

    kind = RadioField(
        "schedules.kind",
        choices=[SelectChoice(kind, f"schedules.kind_{kind}") for kind in KINDS],
        default="shut",
        invalid_choice_message="errors.choose_known",
    )
    scope = ChoiceField("schedules.scope")
    first_on = DayField("schedules.first_on", [InputRequired("errors.required")])
    last_on = DayField("schedules.last_on", [InputRequired("errors.required")])
    starts = ClockField("schedules.from_time", [Optional()], description="schedules.from_time_hint")
    ends = ClockField("schedules.until_time", [Optional()])
    capacity = whole("schedules.desks", 0, 999, required=False, description="schedules.desks_hint")
    name_ar = line("schedules.reason_ar", render_kw=ARABIC)
    name_en = line("schedules.reason_en", render_kw=ENGLISH)

    def validate(self, extra_validators: Any = None) -> bool:
        """Refuse hours of which only one end is filled in."""
        is_right = bool(super().validate(extra_validators))
        if (self.starts.data is None) != (self.ends.data is None):
            self.ends.errors = ["admin.half_shift"]
            return False
        return is_right

    def columns(self) -> dict[str, Any]:
        """Return what is typed as the columns of an exception; what its kind does not know is left out."""
        has_hours, has_desks = self.kind.data != "desks", self.kind.data != "shut"
        return {
            "kind": self.kind.data,
            "first_on": self.first_on.data,
            "last_on": self.last_on.data,
            "starts": self.starts.data if has_hours else None,
            "ends": self.ends.data if has_hours else None,
            "capacity": self.capacity.data if has_desks else None,
            "name_ar": self.name_ar.data or "",
            "name_en": self.name_en.data or "",
        }


class SeasonForm(WeekForm, OutsideForm):
    """Days with a week of their own."""

    branch = ChoiceField("admin.where", coerce=int)
    name_ar = line("admin.name_ar", render_kw=ARABIC)
    name_en = line("admin.name_en", render_kw=ENGLISH)
    first_on = DayField("schedules.first_on", [InputRequired("errors.required")])
    last_on = DayField("schedules.last_on", [InputRequired("errors.required")])
