"""Pages on which a period is looked at, reflected upon and published, and who is sent its report."""

from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from govdesk.cases.obstacles import owners
from govdesk.cases.obstacles.rules import CATEGORIES
from govdesk.catalog.models import Department
from govdesk.config import settings
from govdesk.db import reading
from govdesk.errors import NotAllowedError, NotFoundError
from govdesk.faces.admin.acts import found, pressed, sent
from govdesk.faces.fields import ChoiceField, DayField, line, tidy
from govdesk.faces.head import drafts, telling
from govdesk.faces.head.views import bp
from govdesk.i18n import LANGUAGES, named, t
from govdesk.kpi.periods import measuring, published, recipients, rules, service
from govdesk.kpi.periods.models import ReportPeriod
from govdesk.kpi.periods.service import LONGEST, LONGEST_REASON
from govdesk.kpi.periods.settling import is_young
from govdesk.people.models import Staff
from govdesk.web import DeskForm, actor, page, staff_only

__all__ = ["bp"]
PUBLISHERS = ("head", "admin")
CODE = "/figures/periods/<code>"
AGENCY = ""  # in the list of places
WRITING: dict[str, dict[str, Any]] = {
    "ar": {"lang": "ar", "dir": "rtl", "rows": 3},
    "en": {"lang": "en", "dir": "ltr", "rows": 3},
}


def _words(name: str, language: str, hint: str = "") -> TextAreaField:
    checks = [DataRequired("errors.required"), Length(max=LONGEST, message="errors.too_long")]
    return TextAreaField(
        f"periods.{name}_{language}", checks, filters=[tidy], render_kw=WRITING[language], description=hint
    )


class ReflectForm(DeskForm):
    """What was seen, what will change, by whom, until when."""

    saw_ar = _words("saw", "ar", "periods.saw_hint")
    saw_en = _words("saw", "en")
    will_ar = _words("will", "ar")
    will_en = _words("will", "en")
    owner = ChoiceField("periods.owner", coerce=int)
    due_on = DayField("periods.due_on", [InputRequired("errors.required")])
    obstacle = ChoiceField("periods.obstacle")

    def offer(self, managers: list[Staff]) -> None:
        """Fill the lists."""
        self.owner.choices = [SelectChoice(one.id, named(one)) for one in managers]
        kinds = [SelectChoice(one, f"obstacles.category_{one}") for one in CATEGORIES]
        self.obstacle.choices = [SelectChoice("", "periods.no_obstacle"), *kinds]


class CorrectForm(DeskForm):
    """Why what was published is corrected."""

    reason_ar = line(
        "periods.reason_ar", longest=LONGEST_REASON, description="periods.reason_hint",
        render_kw={"lang": "ar", "dir": "rtl"},
    )  # fmt: skip
    reason_en = line(
        "periods.reason_en", longest=LONGEST_REASON, render_kw={"lang": "en", "dir": "ltr"}
    )  # fmt: skip


class RecipientForm(DeskForm):
    """An address, and the language of its reports."""

    place = ChoiceField("periods.place")
    email = line("periods.email", longest=254, render_kw={"dir": "ltr", "autocomplete": "off"})
    language = ChoiceField("periods.language", choices=[SelectChoice(*pair) for pair in LANGUAGES.items()])


@bp.get("/figures/periods")
@staff_only(*rules.READERS)
def periods() -> ResponseReturnValue:
    """Every period that somebody may read, the latest first."""
    query = select(ReportPeriod).order_by(ReportPeriod.last_on.desc(), ReportPeriod.code)
    rows = [one for one in reading().scalars(query) if service.may_read(actor(), one)]
    return page(
        "head/periods.html",
        rows=[(one, telling.name_of(published.span_of(one)), _last(one)) for one in rows],
        may_send=bool(_places()),
    )


@bp.get(CODE)
@staff_only(*rules.READERS)
def period(code: str) -> ResponseReturnValue:
    """One period: its figures as they are now, what was said, what was published."""
    return _show(_period(reading(), code), CorrectForm(formdata=None))


@bp.route(CODE + "/reflect/<topic>", methods=["GET", "POST"])
@staff_only(*PUBLISHERS)
def reflect(code: str, topic: str) -> ResponseReturnValue:
    """Say what was seen in a topic, and what will change."""
    one, form = _own(reading(), code), ReflectForm()
    if topic not in rules.TOPICS:
        raise NotFoundError
    form.offer(list(owners.managers(reading())))
    if request.method == "GET":
        _preset(form, one, topic)

    def act(session: Session) -> str:
        assert form.due_on.data is not None
        service.reflect(
            session, actor=actor(), period=_own(session, code), topic=topic, saw=_both(form, "saw"),
            will=_both(form, "will"), owner=found(session, Staff, form.owner.data), due_on=form.due_on.data,
            obstacle=form.obstacle.data or "",
        )  # fmt: skip
        return url_for("head.period", code=code)

    done = sent(form, act, "periods.done_reflected")
    return done or page(
        "head/period_reflect.html", form=form, period=one, topic=topic, title=_title(one)
    )  # fmt: skip


@bp.post(CODE + "/publish")
@staff_only(*PUBLISHERS)
def publish(code: str) -> ResponseReturnValue:
    """Publish it for the first time; a second press finds what the first published."""
    one = _own(reading(), code)
    measured = measuring.measure(reading(), one, published.span_of(one))

    def act(session: Session) -> str:
        service.publish(session, actor=actor(), period=_own(session, code), measured=measured)
        return url_for("head.period", code=code)

    return pressed(act, "periods.done_published", url_for("head.period", code=code))


@bp.post(CODE + "/correct/<int:edition>")
@staff_only(*PUBLISHERS)
def correct(code: str, edition: int) -> ResponseReturnValue:
    """Publish what is known now as the version after this one."""
    one, form = _own(reading(), code), CorrectForm()
    measured = measuring.measure(reading(), one, published.span_of(one))

    def act(session: Session) -> str:
        service.correct(
            session, actor=actor(), period=_own(session, code), measured=measured, of=edition,
            reason=_both(form, "reason"),
        )  # fmt: skip
        return url_for("head.period", code=code)

    return sent(form, act, "periods.done_corrected") or _show(one, form)


@bp.route("/figures/periods/recipients", methods=["GET", "POST"])
@staff_only(*PUBLISHERS)
def report_recipients() -> ResponseReturnValue:
    """Who is sent the reports of the agency, or of one's department."""
    form, places = RecipientForm(), _places()
    form.place.choices = [SelectChoice(code, name) for code, name, _id in places]
    ids = {code: own for code, _name, own in places}

    def act(session: Session) -> str:
        recipients.add(
            session, actor=actor(), department_id=ids[form.place.data], email=form.email.data or "",
            language=form.language.data,
        )  # fmt: skip
        return url_for("head.report_recipients")

    lists = [(name, recipients.listed(reading(), own)) for _code, name, own in places]
    done = sent(form, act, "periods.done_added")
    return done or page("head/recipients.html", form=form, lists=lists, languages=LANGUAGES)


@bp.post("/figures/periods/recipients/<int:recipient_id>/remove")
@staff_only(*PUBLISHERS)
def remove_recipient(recipient_id: int) -> ResponseReturnValue:
    """Send no more reports to an address."""
    back = url_for("head.report_recipients")

    def act(session: Session) -> str:
        recipients.remove(session, actor=actor(), recipient_id=recipient_id)
        return back

    return pressed(act, "periods.done_removed", back)


def _show(one: ReportPeriod, form: CorrectForm) -> ResponseReturnValue:
    measured = measuring.measure(reading(), one, published.span_of(one))
    versions = published.versions(reading(), one.code)
    young = drafts.young(measured)
    missing = service.missing(reading(), one, measured)
    return page(
        "head/period.html",
        form=form,
        period=one,
        title=_title(one),
        topics=drafts.drafts(one, measured),
        said=service.reflections_of(reading(), one),
        missing=missing,
        missing_names=t("head.and").join(t(f"periods.topic_{topic}") for topic in missing),
        may_publish=service.may_publish(actor(), one),
        versions=versions,
        young=young,
        ripe_on=drafts.ripe_on(one),
        is_ripe_now=bool(versions) and bool(_unjudged(one) - set(young)),
        zone=settings().default_timezone,
        as_of=measured.as_of,
    )


def _unjudged(one: ReportPeriod) -> set[str]:
    """The measures that were published without a number, since nothing could be judged yet."""
    told = published.document_of(published.version(reading(), one.code))
    cells = published.cells_of(told)
    return {key for key, rows in cells.items() if any(is_young(row) for row in rows.values())}


def _period(session: Session, code: str) -> ReportPeriod:
    one = published.period_of(session, code)
    if not service.may_read(actor(), one):
        raise NotAllowedError
    return one


def _own(session: Session, code: str) -> ReportPeriod:
    one = _period(session, code)
    if not service.may_publish(actor(), one):
        raise NotAllowedError
    return one


def _title(one: ReportPeriod) -> str:
    name = telling.name_of(published.span_of(one))
    return t("periods.of_place", period=name, place=named(one.department)) if one.department else name


def _last(one: ReportPeriod) -> object:
    versions = published.versions(reading(), one.code)
    return versions[-1] if versions else None


def _places() -> list[tuple[str, str, int | None]]:
    """The places whose reports somebody publishes: code, name, id of the department."""
    grants = actor().grants
    rows = reading().scalars(select(Department).order_by(Department.code)).all()
    own = [(one.code, named(one), one.id) for one in rows if rules.may_publish(grants, one.id)]
    whole: list[tuple[str, str, int | None]] = [(AGENCY, t("periods.whole_agency"), None)]
    return [*(whole if rules.may_publish(grants, None) else []), *own]


def _preset(form: ReflectForm, one: ReportPeriod, topic: str) -> None:
    """Begin with what was said last."""
    said = service.reflections_of(reading(), one).get(topic)
    form.owner.data = said.owner_id if said else int(actor().id)
    if said is not None:
        form.saw_ar.data, form.saw_en.data = said.saw_ar, said.saw_en
        form.will_ar.data, form.will_en.data = said.will_ar, said.will_en
        form.due_on.data = said.due_on


def _both(form: DeskForm, name: str) -> dict[str, str]:
    return {code: form[f"{name}_{code}"].data or "" for code in LANGUAGES}
