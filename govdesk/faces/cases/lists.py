"""The work lists of cases: one's own, the unit's, and what was raised to whoever answers for it."""

from flask import Blueprint, Response, request
from sqlalchemy import select

from govdesk import clock
from govdesk.cases.work import lists
from govdesk.cases.work.scope import READERS
from govdesk.catalog.models import PublicService
from govdesk.db import reading
from govdesk.web import actor, page, staff_only

bp = Blueprint("cases", __name__, url_prefix="/cases")
FILTERS = ("unit", "free", "late", "waiting", "answered")
MOST_PAGES = 200


@bp.get("/mine")
@staff_only(*READERS)
def mine() -> Response:
    """What the signed-in person has."""
    return _shown("mine", ())


@bp.get("/unit")
@staff_only(*READERS)
def unit() -> Response:
    """What the unit has, or a part of it."""
    wanted = request.args.get("show", "unit")
    return _shown(wanted if wanted in FILTERS else "unit", FILTERS)


@bp.get("/raised")
@staff_only("supervisor", "head")
def raised() -> Response:
    """What is so late that it is theirs to look at."""
    return _shown("raised", ())


def _shown(which: str, filters: tuple[str, ...]) -> Response:
    session, who = reading(), actor()
    wanted = request.args.get("service", "")
    service_id = int(wanted) if wanted.isdecimal() and len(wanted) < 10 else None  # noqa: PLR2004 - of a row
    offered = lists.services_in(session, who, which)
    service_id = service_id if service_id in offered else None
    count = lists.count(session, who, which, service_id)
    pages = max(1, -(-count // lists.AT_ONCE))
    number = request.args.get("page", "1")
    here = min(pages, max(1, int(number))) if number.isdecimal() and len(number) < 6 else 1  # noqa: PLR2004 - the same
    services = select(PublicService).where(PublicService.id.in_(offered)).order_by(PublicService.prefix)
    return page(
        "cases/list.html",
        which=which,
        filters=filters,
        counts={one: lists.count(session, who, one) for one in filters},
        lines=lists.lines(session, who, which, service_id=service_id, page=here),
        count=count,
        services=session.scalars(services).all() if len(offered) > 1 else [],
        service_id=service_id,
        number=here,
        pages=pages,
        now=clock.now(),
    )
