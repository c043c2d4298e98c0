"""By which kinds of appointments a branch offers each service: on site, by phone, by video, at home."""

from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice

from govdesk.catalog import branches as verbs
from govdesk.catalog.entries import KINDS
from govdesk.catalog.models import Branch, PublicService
from govdesk.db import reading
from govdesk.errors import DeskError, NotFoundError
from govdesk.faces.admin.acts import found, sent
from govdesk.faces.fields import TicksField
from govdesk.i18n import named
from govdesk.web import DeskForm, actor, page, staff_only


class KindsForm(DeskForm):
    """A row of ticks for each service that the branch offers."""


@staff_only("admin")
def kinds(row_id: int) -> ResponseReturnValue:
    """Say by which kinds of appointments each service is offered; who has booked keeps what was booked."""
    branch = found(reading(), Branch, row_id)
    if branch.is_imported:
        raise NotFoundError
    form = _form(branch)

    def act(session: Session) -> str:
        here = session.get_one(Branch, row_id)
        for offer in list(here.offers):
            field = form[_field(offer.service)]
            if not field.data:
                raise DeskError("admin.kinds_missing", field=field.name, status=422)
            verbs.offer(session, actor=actor(), branch=here, service=offer.service, kinds=field.data)
        return url_for("admin.branch", row_id=row_id)

    return sent(form, act) or page("admin/kinds.html", form=form, branch=branch, rows=_rows(form, branch))


def _form(branch: Branch) -> KindsForm:
    fields: dict[str, Any] = {}
    for offer in branch.offers:
        choices = [SelectChoice(kind, f"booking.kind_{kind}") for kind in KINDS]
        fields[_field(offer.service)] = TicksField(named(offer.service), choices=choices)
    given = {_field(offer.service): list(offer.kinds) for offer in branch.offers}
    made: KindsForm = type("KindsForm", (KindsForm,), fields)(data=given)
    return made


def _rows(form: KindsForm, branch: Branch) -> list[Any]:
    return [form[_field(offer.service)] for offer in branch.offers]


def _field(service: PublicService) -> str:
    return f"kinds_{service.id}"
