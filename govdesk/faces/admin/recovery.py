"""How we make good, as an administrator settles it: deadlines, redress, who answers complaints."""

from flask import url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from wtforms import BooleanField

from govdesk.cases.recovery import deadlines, redressing, rules
from govdesk.cases.recovery.models import RedressKind
from govdesk.db import reading
from govdesk.errors import NotFoundError
from govdesk.faces.admin.acts import sent
from govdesk.faces.admin.forms import NamedForm
from govdesk.faces.complaints.forms import InstanceForm
from govdesk.faces.fields import whole
from govdesk.feedback.complaints import instances
from govdesk.feedback.complaints.models import ComplaintInstance
from govdesk.web import DeskForm, actor, page, staff_only

MOST_HOURS = 400
SHOW, EDIT = ("GET",), ("GET", "POST")


class DeadlineForm(DeskForm):
    """Within how many working hours, and whether it opens a task at all."""

    working_hours = whole("recovery.working_hours", 1, MOST_HOURS)
    is_active = BooleanField("recovery.opens_tasks", default=True)


class RedressForm(NamedForm):
    """Something to give, and who may give it up to which cost."""

    has_cost = BooleanField("recovery.has_cost", description="recovery.has_cost_hint")
    gives_place = BooleanField("recovery.gives_place", description="recovery.gives_place_hint")
    front_limit = whole(
        "recovery.limit_front", 0, redressing.HIGHEST, required=False, description="recovery.limit_hint"
    )
    supervisor_limit = whole("recovery.limit_supervisor", 0, redressing.HIGHEST, required=False)
    head_limit = whole("recovery.limit_head", 0, redressing.HIGHEST, required=False)
    position = whole("admin.position", 1, 99, required=False, description="admin.position_hint")
    is_active = BooleanField("admin.in_use", default=True)


@staff_only("admin")
def recovery() -> ResponseReturnValue:
    """Show what is settled, table by table."""
    session = reading()
    return page(
        "admin/recovery.html",
        deadlines=deadlines.settled(session),
        redress=redressing.known(session),
        instances=instances.known(session),
    )


@staff_only("admin")
def recovery_deadline(kind: str) -> ResponseReturnValue:
    """Change one deadline; open tasks keep theirs."""
    row = next((one for one in deadlines.settled(reading()) if one.kind == kind), None)
    if row is None or kind not in rules.KINDS:
        raise NotFoundError
    form = DeadlineForm(obj=row)

    def act(session: Session) -> str:
        deadlines.settle(
            session, actor=actor(), kind=kind, working_hours=form.working_hours.data or 1,
            is_active=bool(form.is_active.data),
        )  # fmt: skip
        return url_for("admin.recovery")

    return sent(form, act) or page("admin/recovery_deadline.html", form=form, kind=kind)


@staff_only("admin")
def redress_kind(code: str | None = None) -> ResponseReturnValue:
    """Add or change something to give; what is not wanted any more is taken out of use, not deleted."""
    row = reading().get(RedressKind, code) if code else None
    if code and row is None:
        raise NotFoundError
    form = RedressForm(obj=row)
    if row:
        del form.code

    def act(session: Session) -> str:
        redressing.describe_kind(
            session, actor=actor(), code=row.code if row else form.code.data or "",
            has_cost=bool(form.has_cost.data), gives_place=bool(form.gives_place.data),
            front_limit=form.front_limit.data,
            supervisor_limit=form.supervisor_limit.data, head_limit=form.head_limit.data,
            position=form.position.data, is_active=bool(form.is_active.data), is_new=row is None,
            **form.names(),
        )  # fmt: skip
        return url_for("admin.recovery")

    return sent(form, act) or page("admin/redress_kind.html", form=form, kind=row)


@staff_only("admin")
def complaint_instance(level: int) -> ResponseReturnValue:
    """Change an instance; what runs before it keeps its deadlines."""
    row = reading().get(ComplaintInstance, level)
    if row is None:
        raise NotFoundError
    form = InstanceForm(obj=row)

    def act(session: Session) -> str:
        instances.settle(
            session, actor=actor(), level=level, name_ar=form.name_ar.data, name_en=form.name_en.data,
            acknowledge_days=form.acknowledge_days.data, answer_days=form.answer_days.data,
            address_ar=form.address_ar.data, address_en=form.address_en.data,
        )  # fmt: skip
        return url_for("admin.recovery")

    return sent(form, act) or page("admin/complaint_instance.html", form=form, instance=row)


ROUTES = (
    ("/recovery", recovery, SHOW),
    ("/recovery/deadlines/<kind>", recovery_deadline, EDIT),
    ("/recovery/redress/new", redress_kind, EDIT),
    ("/recovery/redress/<code>", redress_kind, EDIT),
    ("/recovery/instances/<int(max=2147483647):level>", complaint_instance, EDIT),
)
