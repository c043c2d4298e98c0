"""How a branch calls: its policy, looked at on a past day before it is switched on; calls by hand."""

import csv
import datetime as dt
import io
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, make_response, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.catalog.models import Branch, PublicService
from govdesk.db import reading
from govdesk.errors import DeskError, NotAllowedError, NotFoundError
from govdesk.faces.admin.acts import found, sent
from govdesk.faces.admin.dispatch_forms import PolicyForm, profile_form
from govdesk.i18n import named
from govdesk.people.models import Staff
from govdesk.queue import by_hand, past_days, policies, policy, replay, skills
from govdesk.queue.dispatch_models import WorkProfile
from govdesk.queue.policy import CLASSES, Policy
from govdesk.queue.replay import Figures
from govdesk.web import actor, page, staff_only

READERS = ("admin", "supervisor", "head")
SAVE = "save"
DAYS_BACK = 28


class LookFirstError(DeskError):
    """What would be switched on was not looked at."""

    key = "dispatch.look_first"


@dataclass(frozen=True, slots=True)
class Preview:
    """A past day as it was, played again as it is, and as it would be: figures by class."""

    day: dt.date
    people: int
    rows: list[tuple[str, list[tuple[str, Figures]]]]
    apart: float  # minutes between the truth and the replay of what is in force, at the most
    is_of_another_policy: bool


@staff_only(*policies.MAY_SWITCH)
def dispatch(branch: str) -> ResponseReturnValue:
    """Show the policy; looked at, what it would have done; switched on only as it was looked at."""
    here = _branch(branch, *policies.MAY_SWITCH)
    in_force = policies.in_force(reading(), here.id)
    form = PolicyForm()
    form.name_all(_offered(here))
    preview = None
    if not form.is_submitted():
        form.fill(in_force)
    elif form.validate() and _holds(form):
        if request.form.get("step") == SAVE:
            answer = sent(form, lambda session: _switched(session, form, here.id), "dispatch.switched_on")
            if answer is not None:
                return answer
        preview = _look(here, in_force, form.policy(), form.day.data)
        form.seen.data = form.digest()
    return page(
        "admin/dispatch.html",
        form=form,
        branch=here,
        preview=preview,
        versions=policies.versions(reading(), here.id),
        classes=CLASSES,
        round_=sum(rule for name in CLASSES if isinstance(rule := form[f"{name}_turns"].data, int)),
        team=_team(here),
        names={service.id: service for service in _offered(here)},
    )


@staff_only(*policies.MAY_SWITCH)
def work_profile(branch: str, row_id: int) -> ResponseReturnValue:
    """Say which services and languages an officer serves."""
    here = _branch(branch, *policies.MAY_SWITCH)
    officer = found(reading(), Staff, row_id)
    if officer not in [one for one, _profile in _team(here)]:
        raise NotFoundError
    row = reading().get(WorkProfile, officer.id)
    own = skills.of_staff(reading(), officer.id)
    known: dict[str, Any] = {"services": row.service_ids, "languages": row.languages} if row else {}
    if own:
        known["services"] = [skill.service_id for skill in own]
        known |= {f"until_{skill.service_id}": skill.valid_until for skill in own}
    form = profile_form(_offered(here))(data=known)
    form.services.choices = [(service.id, _named(service)) for service in _offered(here)]

    def act(session: Session) -> str:
        skills.grant(
            session,
            actor=actor(),
            staff=found(session, Staff, officer.id),
            branch=session.get_one(Branch, here.id),
            services=form.skills(),
            languages=form.languages.data or (),
        )
        return url_for("admin.dispatch", branch=branch)

    return sent(form, act) or page(
        "admin/work_profile.html",
        form=form,
        branch=here,
        officer=officer,
        ended={skill.service_id for skill in own if skills.has_ended(skill)},
    )


@staff_only(*READERS)
def calls_by_hand(branch: str) -> ResponseReturnValue:
    """List the calls out of order by hand of the last four weeks, and who was passed."""
    here = _branch(branch, *READERS)
    return page("admin/by_hand.html", branch=here, calls=_by_hand(here), days=DAYS_BACK)


@staff_only(*READERS)
def calls_by_hand_csv(branch: str) -> Response:
    """The same as a file."""
    here = _branch(branch, *READERS)
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(
        ["at", "branch", "counter", "officer", "ticket", "reason", "words", "overtook", "overtaken"]
    )
    for call in _by_hand(here):
        cells = (
            call.at.astimezone(ZoneInfo(here.timezone)).isoformat(timespec="seconds"), here.code,
            call.counter_id, call.staff.username, call.ticket.number, call.reason, _inert(call.words),
            call.overtook, " ".join(call.overtaken),
        )  # fmt: skip
        rows.writerow(cells)
    answer = make_response("\ufeff" + text.getvalue())  # the mark tells spreadsheets that it is UTF-8
    answer.mimetype = "text/csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="by-hand-{here.code}.csv"'
    return answer


def _inert(words: str) -> str:
    """Words that no spreadsheet takes for a formula."""
    return f"'{words}" if words[:1] in {"=", "+", "-", "@", "\t"} else words


def _branch(code: str, *roles: str) -> Branch:
    here = reading().scalars(select(Branch).where(Branch.code == code)).one_or_none()
    if here is None or here.is_imported:
        raise NotFoundError
    if not actor().may(*roles, branch_id=here.id):
        raise NotAllowedError
    return here


def _offered(here: Branch) -> list[PublicService]:
    services = [offer.service for offer in here.offers if offer.service.is_active]
    return sorted(services, key=lambda service: (service.prefix, service.id))


def _named(service: PublicService) -> str:
    return f"{service.prefix} · {named(service)}"


def _team(here: Branch) -> list[tuple[Staff, WorkProfile | None]]:
    rows = reading().execute(
        select(Staff, WorkProfile)
        .outerjoin(WorkProfile, WorkProfile.staff_id == Staff.id)
        .where(Staff.is_active)
        .order_by(Staff.username)
    )
    return [
        (staff, profile)
        for staff, profile in rows
        if any(role.role == "officer" and role.branch_id == here.id for role in staff.roles)
    ]


def _holds(form: PolicyForm) -> bool:
    """Whether what is typed holds together; what does not stands beside its field."""
    wrong = policy.problems(form.policy())
    for problem in wrong:
        name = "help_0_service" if problem.field == "helps" else problem.field
        form.refuse(policies.PolicyRefusedError(problem.key, field=name, **problem.params))
    return not wrong


def _switched(session: Session, form: PolicyForm, branch_id: int) -> str:
    if form.seen.data != form.digest():
        raise LookFirstError
    branch = session.get_one(Branch, branch_id)
    policies.switch_on(session, actor=actor(), branch=branch, policy=form.policy())
    return url_for("admin.dispatch", branch=branch.code)


def _look(here: Branch, in_force: Policy, wanted: Policy, day: dt.date | None) -> Preview | None:
    """Play a past day; None where there is none."""
    chosen = day or past_days.last_day(reading(), here)
    if chosen is None:
        return None
    past = past_days.past_day(reading(), here, chosen)
    if not past.people:
        return None
    truth = replay.figures(past.people, replay.really(past.people), in_force)
    same = replay.figures(past.people, replay.play(past.people, past.shifts, in_force), in_force)
    other = replay.figures(past.people, replay.play(past.people, past.shifts, wanted), in_force)
    medians = [(truth[name].median, same[name].median) for name in truth]
    begins = clock.day_bounds(chosen, here.timezone)[0]
    newest = next(iter(policies.versions(reading(), here.id)), None)
    return Preview(
        day=chosen,
        people=len(past.people),
        rows=[
            (name, [("truth", truth[name]), ("same", same[name]), ("other", other[name])])
            for name in CLASSES
            if name in truth
        ],
        apart=max(
            (abs(was - again) for was, again in medians if was is not None and again is not None), default=0
        ),
        is_of_another_policy=newest is not None and newest.since > begins,
    )


def _by_hand(here: Branch) -> list[Any]:
    ends = clock.now()
    begins = ends - dt.timedelta(days=DAYS_BACK)
    return list(
        by_hand.calls_by_hand(
            reading(), branch_ids=[here.id], begins=begins, ends=ends + dt.timedelta(seconds=1)
        )
    )
