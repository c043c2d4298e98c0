"""What is filled in to run a programme; labels and sentences are keys."""

from collections.abc import Sequence

from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from govdesk.catalog.models import Department
from govdesk.faces.admin.forms import ARABIC, ENGLISH
from govdesk.faces.fields import ChoiceField, DayField, line, whole
from govdesk.feedback.asking import periods, programmes, sampling
from govdesk.feedback.asking.models import Programme
from govdesk.feedback.asking.programmes import Terms
from govdesk.feedback.forms.models import Questionnaire
from govdesk.i18n import named, num, t
from govdesk.web import DeskForm

AGENCY = ""
HALF_WIDTHS = (0.03, 0.05, 0.07, 0.1)
MANY = 10**9


class ProgrammeForm(DeskForm):
    """A programme: what is asked, of whom, when, and how exactly."""

    name_ar = line("programmes.name_ar", render_kw=ARABIC)
    name_en = line("programmes.name_en", render_kw=ENGLISH)
    questionnaire = ChoiceField(
        "programmes.questionnaire", coerce=int, description="programmes.questionnaire_hint"
    )
    department = ChoiceField("programmes.department", description="programmes.department_hint")
    every = ChoiceField(
        "programmes.every", choices=[SelectChoice(one, f"programmes.every_{one}") for one in periods.EVERY]
    )
    calendar = ChoiceField(
        "programmes.calendar",
        choices=[SelectChoice(one, f"programmes.calendar_{one}") for one in periods.CALENDARS],
    )
    starts_on = DayField(
        "programmes.starts_on", [InputRequired("errors.required")], description="programmes.starts_on_hint"
    )
    half_width = ChoiceField("programmes.half_width", coerce=float, description="programmes.half_width_hint")
    rate = whole("programmes.rate", 1, 100, description="programmes.rate_hint")
    panels = whole("programmes.panels", *programmes.PANELS, description="programmes.panels_hint")
    spread_days = whole(
        "programmes.spread_days", *programmes.SPREAD_DAYS, description="programmes.spread_days_hint"
    )
    open_days = whole("programmes.open_days", *programmes.OPEN_DAYS, description="programmes.open_days_hint")

    def offer(
        self, questionnaires: Sequence[Questionnaire], departments: Sequence[Department], *, has_agency: bool,
        half_width: float | None = None,
    ) -> None:  # fmt: skip
        """Fill the lists; a half-width that is none of the usual ones stays to be chosen."""
        self.questionnaire.choices = [SelectChoice(one.id, named(one)) for one in questionnaires]
        agency = [SelectChoice(AGENCY, "programmes.all_services")] if has_agency else []
        self.department.choices = agency + [SelectChoice(one.code, named(one)) for one in departments]
        widths = sorted({*HALF_WIDTHS, *([half_width] if half_width else [])})
        self.half_width.choices = [SelectChoice(one, width_words(one)) for one in widths]

    def show(self, programme: Programme) -> None:
        """Fill in a programme as it is."""
        for name in ("name_ar", "name_en", "every", "calendar", "starts_on", "half_width", "panels"):
            self[name].data = getattr(programme, name)
        self.spread_days.data, self.open_days.data = programme.spread_days, programme.open_days
        self.questionnaire.data = programme.questionnaire_id
        self.rate.data = round(programme.expected_rate * 100)

    @property
    def terms(self) -> Terms:
        """What was filled in."""
        assert self.starts_on.data is not None
        assert self.panels.data is not None
        assert self.spread_days.data is not None
        assert self.open_days.data is not None
        return Terms(
            every=self.every.data, calendar=self.calendar.data, starts_on=self.starts_on.data,
            half_width=self.half_width.data, expected_rate=(self.rate.data or 0) / 100,
            panels=self.panels.data, spread_days=self.spread_days.data, open_days=self.open_days.data,
        )  # fmt: skip


def width_words(half_width: float) -> str:
    """Say a half-width in points, with the answers that it needs where very many are asked."""
    answers = sampling.answers_for(half_width, MANY)
    points = round(half_width * 100, 1)
    places = 0 if points == int(points) else 1
    return t("programmes.width", points=num(points, places), answers=num(answers))
