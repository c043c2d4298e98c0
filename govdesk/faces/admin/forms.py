"""Forms of the administrator; labels and sentences are keys."""

from typing import Any
from zoneinfo import available_timezones

from wtforms import BooleanField, HiddenField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange, Optional, Regexp

from govdesk.catalog.common_codes import LONGEST as LONGEST_CODE
from govdesk.catalog.entries import PLAN_REASONS, HoursEntry
from govdesk.catalog.objects import KINDS as OBJECT_KINDS
from govdesk.faces import fields
from govdesk.faces.fields import ChoiceField, ClockField, DayField, TicksField, line, text, tidy, whole
from govdesk.web import DeskForm

WEEK = (6, 0, 1, 2, 3, 4, 5)  # from Sunday
LATIN = {"dir": "ltr", "autocapitalize": "none", "spellcheck": "false"}
ARABIC, ENGLISH = {"lang": "ar", "dir": "rtl"}, {"lang": "en", "dir": "ltr"}
ZONES = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
STAY, MOVE = "stay", "move"


class NamedForm(DeskForm):
    """Something with a name in both languages; one that is new also gets a code."""

    code = line(
        "admin.code",
        longest=40,
        checks=[Regexp(r"[a-z][a-z0-9_-]*\Z", message="admin.code_wrong")],
        description="admin.code_rule",
        render_kw=LATIN,
    )
    name_ar = line("admin.name_ar", render_kw=ARABIC)
    name_en = line("admin.name_en", render_kw=ENGLISH)

    def names(self) -> dict[str, str]:
        """Return the names as the verbs take them."""
        return {"name_ar": self.name_ar.data or "", "name_en": self.name_en.data or ""}


class AgencyForm(DeskForm):
    """What the agency is called."""

    name_ar = line("admin.name_ar", render_kw=ARABIC)
    name_en = line("admin.name_en", render_kw=ENGLISH)
    tagline_ar = line("admin.tagline_ar", required=False, render_kw=ARABIC)
    tagline_en = line("admin.tagline_en", required=False, render_kw=ENGLISH)


class CauseForm(NamedForm):
    """Why a visit failed."""

    position = whole("admin.position", 1, 99, required=False, description="admin.position_hint")
    is_failure = BooleanField("admin.is_failure", default=True)
    is_knowledge = BooleanField("training.is_knowledge")
    is_active = BooleanField("admin.in_use", default=True)


class ServiceForm(NamedForm):
    """What people come for, and when a return for it is a failure."""

    department_id = ChoiceField("admin.department", [NumberRange(1, message="errors.choose")], coerce=int)
    description_ar = text("admin.description_ar", render_kw=ARABIC)
    description_en = text("admin.description_en", render_kw=ENGLISH)
    family = line(
        "admin.family",
        longest=40,
        checks=[Regexp(r"[a-z][a-z0-9_-]*\Z", message="admin.code_wrong")],
        description="admin.family_hint",
        render_kw=LATIN,
    )
    prefix = line(
        "admin.prefix",
        longest=2,
        checks=[Regexp(r"[A-Z]{1,2}\Z", message="admin.prefix_wrong")],
        filters=[tidy, str.upper],
        description="admin.prefix_hint",
        render_kw=LATIN,
    )
    minutes = whole("admin.minutes", 1, 480, description="admin.minutes_hint")
    interpreter_minutes = whole(
        "admin.interpreter_minutes", 0, 240, default=10, description="admin.interpreter_minutes_hint"
    )
    wait_target_minutes = whole("admin.wait_target", 1, 480, default=15)
    resolve_days = whole("admin.resolve_days", 1, 366, required=False, description="admin.resolve_days_hint")
    object_kind = ChoiceField(
        "linking.object_kind",
        choices=[SelectChoice(name, f"linking.kind_{name or 'none'}") for name in ("", *OBJECT_KINDS)],
        default="",
        filters=[lambda chosen: chosen or ""],
        description="linking.object_kind_hint",
    )
    common_vocabulary = line(
        "admin.common_vocabulary",
        required=False,
        longest=LONGEST_CODE,
        description="admin.common_vocabulary_hint",
        render_kw=LATIN,
    )
    common_code = line(
        "admin.common_code",
        required=False,
        longest=LONGEST_CODE,
        description="admin.common_code_hint",
        render_kw=LATIN,
    )
    is_active = BooleanField("admin.in_use", default=True)
    window_days = whole("admin.window_days", 7, 90, default=30, description="admin.window_days_hint")
    lag_days = whole("admin.lag_days", 0, 30, default=2, description="admin.lag_days_hint")
    cycle_days = whole("admin.cycle_days", 1, 7320, required=False, description="admin.cycle_days_hint")
    allowed_reasons = TicksField(
        "admin.allowed_reasons",
        choices=[SelectChoice(reason, f"catalog.reason_{reason}") for reason in PLAN_REASONS],
        default=list(PLAN_REASONS),
        description="admin.allowed_reasons_hint",
    )


class NoticeForm(DeskForm):
    """The line at the foot of a branch's board."""

    notice_ar = text("admin.notice_ar", longest=200, render_kw=ARABIC)
    notice_en = text("admin.notice_en", longest=200, render_kw=ENGLISH)


class AnnouncementForm(DeskForm):
    """A notice with a beginning and an end."""

    text_ar = text("admin.notice_ar", longest=200, render_kw=ARABIC)
    text_en = text("admin.notice_en", longest=200, render_kw=ENGLISH)
    from_day = DayField("admin.notice_from", [InputRequired("errors.required")])
    from_time = ClockField("admin.notice_from_time", [InputRequired("errors.required")])
    until = DayField("admin.notice_until", [InputRequired("errors.required")])
    until_time = ClockField("admin.notice_until_time", [InputRequired("errors.required")])

    def validate(self, extra_validators: Any = None) -> bool:
        """Refuse a notice without a word in either language."""
        is_right = bool(super().validate(extra_validators))
        if not (self.text_ar.data or self.text_en.data):
            self.text_ar.errors = ["errors.required"]
            return False
        return is_right


class WeekForm(DeskForm):
    """A week of openings: two shifts a day, each a pair of times."""

    def shifts(self) -> list[tuple[int, list[tuple[Any, Any]]]]:
        """Return each weekday, from Sunday, with its pairs of fields."""
        return [(day, [(self[a.format(day)], self[b.format(day)]) for a, b in SHIFTS]) for day in WEEK]

    def week(self) -> list[HoursEntry]:
        """Return the openings that are filled in."""
        pairs = [(day, opens.data, closes.data) for day, both in self.shifts() for opens, closes in both]
        return [HoursEntry(day, opens, closes) for day, opens, closes in pairs if opens and closes]

    def fill_week(self, week: list[HoursEntry]) -> None:
        """Show these openings."""
        for day, both in self.shifts():
            rows = [row for row in week if row.weekday == day]
            for (opens, closes), row in zip(both, rows, strict=False):
                opens.data, closes.data = row.opens, row.closes

    def validate(self, extra_validators: Any = None) -> bool:
        """Refuse a shift of which only one end is filled in."""
        is_right = super().validate(extra_validators)
        for _day, both in self.shifts():
            for opens, closes in both:
                if (opens.data is None) != (closes.data is None) and not (opens.errors or closes.errors):
                    closes.errors = ["admin.half_shift"]
                    is_right = False
        return bool(is_right)


class PeopleForm(DeskForm):
    """What becomes of the people whom a change leaves outside; saved only as it was shown."""

    people = RadioField(
        "schedules.people",
        invalid_choice_message="errors.choose_known",
        choices=[SelectChoice(MOVE, "schedules.people_move"), SelectChoice(STAY, "schedules.people_stay")],
        default=MOVE,
    )
    seen = HiddenField()

    @property
    def moves_people(self) -> bool:
        """Whether those who would be left outside get other places."""
        return bool(self.people.data == MOVE)


class OutsideForm(PeopleForm):
    """Hours or days: where they leave people outside, that must be confirmed."""

    anyway = BooleanField("admin.save_anyway")


class BranchForm(NamedForm, WeekForm, OutsideForm):
    """A place, its board, its services and its week."""

    address_ar = line("admin.address_ar", required=False, longest=200, render_kw=ARABIC)
    address_en = line("admin.address_en", required=False, longest=200, render_kw=ENGLISH)
    notice_ar = text("admin.notice_ar", longest=200, render_kw=ARABIC)
    notice_en = text("admin.notice_en", longest=200, render_kw=ENGLISH)
    phone = line("admin.branch_phone", required=False, longest=40, render_kw={"dir": "ltr"})
    access_ar = text("admin.access_ar", longest=300, render_kw=ARABIC)
    access_en = text("admin.access_en", longest=300, render_kw=ENGLISH)
    near_ahead = whole("admin.near_ahead", 0, 50, required=False, default=2)
    push_back_places = whole(
        "admin.push_back_places", 0, 50, required=False, default=5, description="admin.zero_never"
    )
    rejoin_minutes = whole(
        "admin.rejoin_minutes", 0, 240, required=False, default=15, description="admin.zero_never"
    )
    calls_before_noshow = whole("admin.calls_before_noshow", 1, 9, required=False, default=3)
    allows_remote = BooleanField("admin.allows_remote")
    remote_share = whole(
        "admin.remote_share", 0, 100, required=False, default=30, description="admin.remote_share_hint"
    )
    latitude = fields.DegreesField("admin.latitude", render_kw=LATIN)
    longitude = fields.DegreesField("admin.longitude", render_kw=LATIN)
    timezone = ChoiceField("admin.timezone", choices=[SelectChoice(zone, zone) for zone in ZONES])
    is_active = BooleanField("admin.in_use", default=True)
    services = TicksField("admin.offers", coerce=int, description="admin.offers_hint")


SHIFTS = (("hours_{}", "closes_{}"), ("again_{}", "ends_{}"))
for _day in WEEK:
    for _pair in SHIFTS:
        for _name in _pair:
            setattr(WeekForm, _name.format(_day), ClockField("admin.time", [Optional()]))


class CounterForm(DeskForm):
    """A desk and what it serves."""

    number = whole("admin.counter_number", 1, 999)
    services = TicksField("admin.counter_services", coerce=int, description="admin.counter_services_hint")
    is_active = BooleanField("admin.in_use", default=True)


class HolidayForm(OutsideForm):
    """A day shut, or open at other hours."""

    day = DayField("admin.day", [InputRequired("errors.required")])
    branch = ChoiceField("admin.where", coerce=int)
    name_ar = line("admin.name_ar", render_kw=ARABIC)
    name_en = line("admin.name_en", render_kw=ENGLISH)
    opens = ClockField("admin.opens", [Optional()], description="admin.other_hours_hint")
    closes = ClockField("admin.closes", [Optional()])

    def validate(self, extra_validators: Any = None) -> bool:
        """Refuse hours of which only one end is filled in."""
        is_right = bool(super().validate(extra_validators))
        if (self.opens.data is None) != (self.closes.data is None):
            self.closes.errors = ["admin.half_shift"]
            return False
        return is_right
