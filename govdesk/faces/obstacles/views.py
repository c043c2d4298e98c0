"""The pages of obstacles that all staff see: what is open, one of them, and a new one."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.actor import Actor
from govdesk.cases.obstacles import costs, listing, service
from govdesk.cases.obstacles.rules import MANAGERS
from govdesk.catalog.models import Branch, Department, PublicService
from govdesk.catalog.service import branch_of, open_branches, service_of
from govdesk.config import settings
from govdesk.db import reading
from govdesk.errors import NotFoundError
from govdesk.faces.admin.acts import pressed, sent
from govdesk.faces.obstacles.forms import ReportForm, WordsForm, names_of
from govdesk.i18n import num
from govdesk.kpi import effects
from govdesk.web import actor, page, staff_only

JUDGED = 12  # closed ones whose effect the list shows
MINUS = "\N{MINUS SIGN}"
bp = Blueprint("obstacles", __name__, url_prefix="/obstacles")


@bp.get("")
@staff_only()
def index() -> ResponseReturnValue:
    """All open obstacles of the agency, the oldest first; at `?state=closed` those that were closed."""
    branches = open_branches(reading())
    chosen = next((one for one in branches if one.code == request.args.get("branch")), None)
    is_closed = request.args.get("state") == "closed"
    find = listing.closed_ones if is_closed else listing.open_ones
    lines = find(reading(), branch_id=chosen.id if chosen else None)
    latest = [line.obstacle for line in lines[:JUDGED]] if is_closed else []
    return page(
        "obstacles/index.html",
        lines=lines,
        judged={one.id: effects.effect(reading(), one, clock.now()) for one in latest},
        signed=_signed,
        branches=branches,
        chosen=chosen,
        is_closed=is_closed,
        posters=[one for one in branches if actor().may(*MANAGERS, branch_id=one.id)],
    )


@bp.get("/mine")
@staff_only(*MANAGERS)
def mine() -> ResponseReturnValue:
    """What the signed-in person answers for, what is due first."""
    return page("obstacles/mine.html", lines=listing.of(reading(), actor()))


@bp.route("/new", methods=["GET", "POST"])
@staff_only()
def new() -> ResponseReturnValue:
    """Raise one; where somebody works in one branch, that is chosen already."""
    form = ReportForm()
    branches = _own_first(actor(), open_branches(reading()))
    form.offer(reading(), branches)
    if request.method == "GET" and branches:
        form.branch.data = branches[0].code

    def act(session: Session) -> str:
        made = service.report(
            session,
            actor=actor(),
            category=form.category.data or "",
            words=form.words.data or "",
            branch=branch_of(session, form.branch.data) if form.branch.data else None,
            department=_department(session, form.service.data),
            links=form.links,
        )
        return url_for("obstacles.show", obstacle_id=made.id)

    return sent(form, act, "obstacles.raised") or page("obstacles/new.html", form=form)


@bp.route("/<int:obstacle_id>", methods=["GET", "POST"])
@staff_only()
def show(obstacle_id: int) -> ResponseReturnValue:
    """One obstacle: what it costs, what was done, whether it helped; anyone may add what they know."""
    form = WordsForm()

    def act(session: Session) -> str:
        service.note(
            session,
            actor=actor(),
            obstacle=service.found(session, obstacle_id),
            words=form.words.data or "",
        )
        return url_for("obstacles.show", obstacle_id=obstacle_id)

    done = sent(form, act, "obstacles.noted")
    if done is not None:
        return done
    session = reading()
    obstacle = service.found(session, obstacle_id)
    names = names_of(session)
    return page(
        "obstacles/show.html",
        form=form,
        line=listing.lines(session, [obstacle])[0],
        obstacle=obstacle,
        events=listing.history(session, obstacle),
        links=[
            (kind, [names[kind].get(code, code) for code in obstacle.codes(kind)])
            for kind in names
            if obstacle.codes(kind)
        ],
        cost=costs.cost(session, obstacle),
        effect=effects.effect(session, obstacle, clock.now()),
        may_manage=service.may_manage(actor(), obstacle),
        may_link=service.may_link(actor(), obstacle),
        has_supported=listing.has_supported(session, actor(), obstacle),
        people={one.id: one for one in listing.named_in(session, obstacle)},
        zone=_zone(obstacle.branch),
        signed=_signed,
    )


@bp.post("/<int:obstacle_id>/support")
@staff_only()
def support(obstacle_id: int) -> ResponseReturnValue:
    """Say that one meets it too."""
    back = url_for("obstacles.show", obstacle_id=obstacle_id)

    def act(session: Session) -> str:
        service.support(session, actor=actor(), obstacle=service.found(session, obstacle_id))
        return back

    return pressed(act, "obstacles.supported", back)


def _own_first(who: Actor, branches: list[Branch]) -> list[Branch]:
    """Put the branches in which somebody works before the others."""
    return sorted(branches, key=lambda one: who.branch_ids is None or one.id not in who.branch_ids)


def _department(session: Session, code: str | None) -> Department | None:
    """The department of the service that was named."""
    try:
        found: PublicService | None = service_of(session, code) if code else None
    except NotFoundError:
        return None
    return found.department if found else None


def _signed(value: float) -> str:
    """A difference with its sign, for readers of both directions."""
    return f"{'+' if value > 0 else MINUS if value < 0 else ''}{num(abs(value), 1)}"


def _zone(branch: Branch | None) -> str:
    return branch.timezone if branch is not None else settings().default_timezone
