"""Tokens of programs: listed, made (the secret shown once), revoked."""

from flask import request, url_for
from flask import session as browser
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice

from govdesk import clock
from govdesk.catalog.models import Branch
from govdesk.catalog.service import open_branches
from govdesk.config import settings
from govdesk.db import reading
from govdesk.faces.admin.acts import found, pressed, sent
from govdesk.faces.fields import ChoiceField, TicksField, line, whole
from govdesk.i18n import named, t
from govdesk.people import tokens as verbs
from govdesk.people.models import ApiToken
from govdesk.web import DeskForm, actor, page, staff_only
from govdesk.webhooks import service as webhooks

SECRET = "token_made"  # noqa: S105 - where the browser carries it from the form to the list
EVERYWHERE = ""


class TokenForm(DeskForm):
    """What a program may do, where and for how long."""

    name = line("admin.token_name", longest=verbs.LONGEST_NAME, description="admin.token_name_hint")
    scopes = TicksField("admin.token_scopes")
    branch = ChoiceField("admin.branch")
    days = whole("admin.token_days", 1, verbs.MOST_DAYS, default=verbs.USUAL_DAYS)


@staff_only("admin")
def tokens() -> ResponseReturnValue:
    """List the tokens, and where their programs are told of events; a new one shows its secret, this once."""
    zone = settings().default_timezone
    return page(
        "admin/tokens.html",
        secret=browser.pop(SECRET, None),
        tokens=verbs.known(reading()),
        webhooks=webhooks.states(reading(), webhooks.known(reading())),
        branch_of={branch.id: branch for branch in reading().scalars(select(Branch))}.get,
        day_of=lambda moment: clock.local_day(moment, zone),
    )


@staff_only("admin")
def new_token() -> ResponseReturnValue:
    """Make a token.

    The secret goes to the list in the browser's own cookie, not in the answer that is kept for a second
    press: what a table holds must not let anybody in.
    """
    form = _with_choices(TokenForm())
    made: list[str] = []

    def act(session: Session) -> str:
        _token, secret = verbs.issue(
            session,
            actor=actor(),
            name=form.name.data or "",
            scopes=form.scopes.data or (),
            branch_id=int(form.branch.data) if form.branch.data else None,
            days=form.days.data or 0,
        )
        made.append(secret)
        return url_for("admin.tokens")

    answer = sent(form, act, "admin.token_added")
    if answer is None:
        return page("admin/new_token.html", form=form)
    if made:
        browser[SECRET] = made[0]
    return answer


@staff_only("admin")
def revoke_token(row_id: int) -> ResponseReturnValue:
    """Ask before a program is shut out; shut it out."""
    token = found(reading(), ApiToken, row_id)
    if request.method == "GET":
        return page("admin/revoke_token.html", token=token)

    def act(session: Session) -> str:
        verbs.revoke(session, actor=actor(), token=found(session, ApiToken, row_id))
        return url_for("admin.tokens")

    return pressed(act, "admin.token_gone", url_for("admin.tokens"))


def _with_choices(form: TokenForm) -> TokenForm:
    form.scopes.choices = [
        SelectChoice(scope, t(f"api.scope_{scope.replace(':', '_')}")) for scope in verbs.SCOPES
    ]
    places = [SelectChoice(str(branch.id), named(branch)) for branch in open_branches(reading())]
    form.branch.choices = [SelectChoice(EVERYWHERE, t("admin.everywhere")), *places]
    return form
