"""One person in a recall, for staff; and the person's own page behind a private link."""

import datetime as dt
from collections.abc import Callable

from flask import Response, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk import limits
from govdesk.cases import places_ahead
from govdesk.cases.recall import listing, reaching, rules
from govdesk.cases.recall.models import RecallMember
from govdesk.cases.recall.steps import member_of
from govdesk.db import reading
from govdesk.errors import DeskError
from govdesk.faces.admin.acts import pressed, sent
from govdesk.faces.recall.forms import AttemptForm, EndForm, WishForm
from govdesk.faces.recall.views import bp, who
from govdesk.once import once
from govdesk.web import DeskForm, actor, client_address, page, private_link

__all__ = ["bp"]
MEMBER = "/recalls/members/<int:member_id>"
PRESSES, WINDOW = 30, dt.timedelta(minutes=10)


@bp.get(MEMBER)
@who
def member(member_id: int) -> Response:
    """Whom to reach, what was wrong, what was tried."""
    return _show(member_id)


@bp.post(MEMBER + "/attempt")
@who
def attempt(member_id: int) -> ResponseReturnValue:
    """Note an attempt to reach the person."""
    form = AttemptForm()

    def act(session: Session) -> str:
        reaching.attempt(
            session, actor=actor(), member_id=member_id, channel=form.channel.data or "",
            is_reached=form.reached.data == "yes", words=form.words.data or "",
        )  # fmt: skip
        return url_for("recall.member", member_id=member_id)

    return sent(form, act, "recall.attempt_done") or _show(member_id, form)


@bp.post(MEMBER + "/invite")
@who
def invite(member_id: int) -> ResponseReturnValue:
    """Ask the person to come, and give them a place ahead."""
    back = url_for("recall.member", member_id=member_id)

    def act(session: Session) -> str:
        reaching.invite(session, actor=actor(), member_id=member_id)
        return back

    return pressed(act, "recall.invited_done", back)


@bp.post(MEMBER + "/end")
@who
def end_member(member_id: int) -> ResponseReturnValue:
    """Say how it ended for the person."""
    form = EndForm()

    def act(session: Session) -> str:
        verbs: dict[str, Callable[..., RecallMember]] = {
            rules.REMEDIED: reaching.remedy,
            rules.DECLINED: reaching.decline,
            rules.UNREACHED: reaching.give_up,
        }
        verb = verbs[form.how.data or ""]
        verb(session, actor=actor(), member_id=member_id, words=form.words.data or "")
        return url_for("recall.member", member_id=member_id)

    return sent(form, act, "recall.end_done") or _show(member_id, form)


@bp.get("/recall/<token>")
@private_link
def own(token: str) -> Response:
    """What was wrong, and how it can be put right; nothing is chosen by looking."""
    return _own(token, WishForm(formdata=None))


@bp.post("/recall/<token>")
@private_link
def choose(token: str) -> ResponseReturnValue:
    """Say what one wants."""
    form = WishForm()

    def act(session: Session) -> ResponseReturnValue:
        mine = listing.by_token(session, token)
        reaching.answer(
            session, actor=actor(), member=mine, wish=form.wish.data or "", words=form.words.data or ""
        )
        return redirect(url_for("recall.own", token=token))

    if form.validate_on_submit():
        try:
            limits.spend("recall.answer", client_address(), allowed=PRESSES, window=WINDOW)
            return once(act)
        except DeskError as refusal:
            form.refuse(refusal)
    return _own(token, form)


def _own(token: str, form: WishForm) -> Response:
    mine = listing.by_token(reading(), token)
    if not form.is_submitted():
        form.wish.data = mine.wish
    place = places_ahead.of(reading(), reaching.about(mine))
    return page("recall/own.html", form=form, member=mine, place_ahead=place)


def _show(member_id: int, wrong: DeskForm | None = None) -> Response:
    session, me = reading(), actor()
    here = member_of(session, member_id, me)
    steps = reaching.steps_of(session, here)
    made: dict[str, DeskForm] = {"attempting": AttemptForm(formdata=None), "ending": EndForm(formdata=None)}
    forms = {name: wrong if wrong and type(wrong) is type(form) else form for name, form in made.items()}
    return page(
        "recall/member.html",
        form=wrong,
        member=here,
        steps=steps,
        who=listing.names_of(session, [step.actor for step in steps]),
        is_lost=here.id in listing.lost(session, here.recall),
        has_reached=reaching.has_reached(session, here),
        is_open=here.end is None and here.recall.ended_at is None,
        place_ahead=places_ahead.of(session, reaching.about(here)),
        zone=here.branch.timezone,
        **forms,
    )
