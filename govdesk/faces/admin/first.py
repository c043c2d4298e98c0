"""Whom the law puts first: the groups that reception, kiosks, citizens and programs choose from."""

from flask import url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from wtforms import BooleanField

from govdesk.catalog import priorities
from govdesk.catalog.priority_models import PriorityGroup
from govdesk.db import reading
from govdesk.errors import NotFoundError
from govdesk.faces import priorities as words
from govdesk.faces.admin.acts import sent
from govdesk.faces.admin.forms import ARABIC, ENGLISH, NamedForm
from govdesk.faces.fields import text, whole
from govdesk.web import actor, page, staff_only

MEANT = "admin.first_meant_hint"


class PriorityGroupForm(NamedForm):
    """A group of people."""

    meant_ar = text("admin.first_meant_ar", longest=200, description=MEANT, render_kw=ARABIC)
    meant_en = text("admin.first_meant_en", longest=200, description=MEANT, render_kw=ENGLISH)
    position = whole("admin.position", 1, 99, required=False, description="admin.position_hint")
    is_stated = BooleanField("admin.first_is_stated", default=True, description="admin.first_stated_hint")
    is_active = BooleanField("admin.in_use", default=True)


@staff_only("admin")
def first() -> ResponseReturnValue:
    """List the groups, in the order in which people choose."""
    return page("admin/first.html", groups=priorities.known(reading()), meanings=words.meanings())


@staff_only("admin")
def priority_group(code: str | None = None) -> ResponseReturnValue:
    """Add or change a group; one that is not wanted any more is taken out of use, not deleted."""
    row = reading().get(PriorityGroup, code) if code else None
    if code and row is None:
        raise NotFoundError
    form = PriorityGroupForm(obj=row)
    if row:
        del form.code

    def act(session: Session) -> str:
        priorities.describe_group(
            session,
            actor=actor(),
            code=row.code if row else form.code.data or "",
            meant_ar=form.meant_ar.data or "",
            meant_en=form.meant_en.data or "",
            position=form.position.data,
            is_stated=bool(form.is_stated.data),
            is_active=bool(form.is_active.data),
            is_new=row is None,
            **form.names(),
        )
        return url_for("admin.first")

    return sent(form, act) or page("admin/priority_group.html", form=form, group=row)
