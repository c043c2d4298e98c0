"""What people are told of their appointments: booked, moved, cancelled, and reminders before.

Of a visit that was booked whole and is reached at one contact, the first appointment speaks for all of the
day: one confirmation, one reminder, one change and one farewell, not one for each part.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from govdesk import clock, i18n
from govdesk.booking.models import Appointment
from govdesk.catalog.scenario_models import ScenarioPaper
from govdesk.config import settings
from govdesk.i18n import named, t
from govdesk.notify import rules, service
from govdesk.notify.kinds import BY_KEY

REMINDERS = {5: "reminder_days", 1: "reminder_eve"}
PRIVATE, STOP, BOOK = "/appointment/{}", "/appointment/{}/messages", "/book/{}"  # pages of the citizen


def about(appointment: Appointment) -> str:
    """Return how messages name what they are about."""
    return f"appointment:{appointment.id}"


def tell_booked(session: Session, payload: dict[str, Any]) -> None:
    """Confirm a booking, and plan its reminders."""
    appointment = session.get_one(Appointment, payload["appointment_id"])
    if appointment.state == "booked":
        first, *others = _told_together(session, appointment)
        if first.id == appointment.id:
            _queue(session, appointment, "booked", others=others)
        plan_reminders(session, appointment)


def tell_moved(session: Session, payload: dict[str, Any]) -> None:
    """Tell the new time, with an apology where it was not the person's wish; remind of that one only.

    Of what was moved `together` and is reached at the same contact, the first tells all.
    """
    appointment = session.get_one(Appointment, payload["appointment_id"])
    if appointment.state == "booked":
        first, *others = _moved_together(session, appointment, payload.get("together", ()))
        if first.id == appointment.id:
            _queue(session, appointment, _by(payload, "moved"), payload, others=others)
        plan_reminders(session, appointment)


def tell_displaced(session: Session, payload: dict[str, Any]) -> None:
    """Tell that a time was closed and no other found; nobody is reminded of a shut door."""
    appointment = session.get_one(Appointment, payload["appointment_id"])
    service.drop_about(session, about(appointment))
    _queue(session, appointment, "displaced", payload)
    _remind_of_others(session, appointment)


def tell_cancelled(session: Session, payload: dict[str, Any]) -> None:
    """Tell that the place is given up: as the person asked, or by us."""
    appointment = session.get_one(Appointment, payload["appointment_id"])
    service.drop_about(session, about(appointment))
    first, *others = _in_one_act(session, appointment, Appointment.cancelled_at, appointment.cancelled_at)
    if first.id == appointment.id:
        _queue(session, appointment, _by(payload, "cancelled"), payload, others=others)
    _remind_of_others(session, appointment)


def plan_reminders(session: Session, appointment: Appointment) -> None:
    """Queue the reminders of an appointment as it stands; earlier ones are dropped, so twice is once."""
    _remind(session, _told_together(session, appointment) or [appointment])


def send_link(session: Session, *, appointment: Appointment) -> None:
    """Send the private link again, to the contact of whose appointment it is and to no other."""
    _queue(session, appointment, "link_again")


def values_of(
    appointment: Appointment,
    told: Mapping[str, Any] | None = None,
    others: Iterable[Appointment] = (),
) -> dict[str, str]:
    """Return what messages about an appointment may say, in the language spoken now.

    `told` is what its event brought along: the time before, the reason why. `others` are those of the same
    visit for which it speaks.
    """
    told = told or {}
    branch, zone, base = appointment.branch, appointment.branch.timezone, settings().base_address
    is_here = appointment.kind == "on_site"
    address = branch.address_ar if i18n.language() == "ar" else branch.address_en
    return {
        "service": "".join([named(appointment.service), *map(_further, others)]),
        "branch": named(branch) if is_here else t(f"notify.place_{appointment.kind}"),
        "address": address if is_here else "",
        "when": when(appointment.starts_at, zone),
        "before": when(dt.datetime.fromisoformat(told["before"]), zone) if "before" in told else "",
        "reason": told.get(f"reason_{i18n.language()}", ""),
        "reference": appointment.reference,
        "papers": _papers(appointment),
        "link": base + PRIVATE.format(appointment.link_token),
        "stop_link": base + STOP.format(appointment.link_token),
        "book_link": base + BOOK.format(appointment.service.code),
    }


def when(moment: dt.datetime, zone: str) -> str:
    """Return a day and a time as a message says them, without the year."""
    day = clock.local_day(moment, zone)
    return t(
        "notify.when", weekday=i18n.weekday(day), date=i18n.date_short(day), time=i18n.time_of(moment, zone)
    )


def _queue(
    session: Session,
    appointment: Appointment,
    key: str,
    told: Mapping[str, Any] | None = None,
    *,
    send_after: dt.datetime | None = None,
    others: Iterable[Appointment] = (),
) -> None:
    with i18n.speaking(appointment.language):
        values = values_of(appointment, told, others)
    service.queue(
        session,
        key=key,
        about=about(appointment),
        language=appointment.language,
        values={name: value for name, value in values.items() if name in BY_KEY[key].values},
        person=appointment.person,
        expires_at=appointment.starts_at,
        send_after=send_after,
        zone=appointment.branch.timezone,
    )


def _told_together(session: Session, appointment: Appointment) -> list[Appointment]:
    """The appointments that were booked in one act and are reached at one contact, as they are now, by time.

    What is not booked any more is not among them.
    """
    act = _in_one_act(session, appointment, Appointment.booked_at, appointment.booked_at)
    return [one for one in act if one.state == "booked"]


def _moved_together(session: Session, appointment: Appointment, ids: Collection[int]) -> list[Appointment]:
    """What was moved in one act with an appointment and is told with it, by time; itself at least."""
    if not ids or appointment.contact_digest is None:
        return [appointment]
    together = select(Appointment).where(
        Appointment.id.in_(ids),
        Appointment.contact_digest == appointment.contact_digest,
        Appointment.state == "booked",
    )
    return list(session.scalars(together.order_by(Appointment.starts_at, Appointment.id)))


def _in_one_act(
    session: Session,
    appointment: Appointment,
    moment: InstrumentedAttribute[dt.datetime | None],
    was_at: dt.datetime | None,
) -> list[Appointment]:
    """What was done at the same moment to other appointments of a visit, by time; itself at least."""
    if appointment.visit_reference is None or appointment.contact_digest is None:
        return [appointment]
    together = select(Appointment).where(
        Appointment.visit_reference == appointment.visit_reference,
        Appointment.contact_digest == appointment.contact_digest,
        moment == was_at,
    )
    return list(session.scalars(together.order_by(Appointment.starts_at, Appointment.id)))


def _remind_of_others(session: Session, appointment: Appointment) -> None:
    """Plan anew the reminders of those for whom an appointment spoke until now."""
    others = [one for one in _told_together(session, appointment) if one.id != appointment.id]
    if others:
        _remind(session, others)


def _remind(session: Session, visit: Iterable[Appointment]) -> None:
    """Queue the reminders of these appointments: on each day the first speaks for the others."""
    quiet = rules.Quiet(settings().quiet_from, settings().quiet_until)
    by_day: dict[tuple[int, dt.date], list[Appointment]] = {}
    for one in visit:
        service.drop_about(session, about(one), keys=REMINDERS.values())
        day = clock.local_day(one.starts_at, one.branch.timezone)
        by_day.setdefault((one.branch_id, day), []).append(one)
    for first, *others in by_day.values():
        moments = rules.reminder_moments(
            first.starts_at, now=clock.now(), zone=first.branch.timezone, quiet=quiet
        )
        for days, moment in moments:
            _queue(session, first, REMINDERS[days], send_after=moment, others=others)


def _further(appointment: Appointment) -> str:
    """Another service of the same visit, with its time."""
    time = i18n.time_of(appointment.starts_at, appointment.branch.timezone)
    return t("notify.further", service=named(appointment.service), time=time)


def _by(payload: dict[str, Any], key: str) -> str:
    """The wording for what the person wished, or for what the office did to their booking."""
    return f"{key}_by_us" if payload.get("by") == "office" else key


def _papers(appointment: Appointment) -> str:
    """What to bring, a line each, under a heading; nothing where no reason was chosen."""
    papers = appointment.scenario.papers if appointment.scenario else []
    if not papers:
        return ""
    return "\n".join([t("notify.bring"), *(f"- {_paper(paper)}" for paper in papers)])


def _paper(paper: ScenarioPaper) -> str:
    form = t(f"notify.paper_{paper.form}")
    line = t("notify.paper", name=named(paper), form=form)
    return line if paper.is_required else t("notify.paper_if_any", paper=line)
