"""What a citizen takes along: the calendar file."""

import datetime as dt
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event, vText

from govdesk import clock, i18n
from govdesk.booking.models import Appointment
from govdesk.faces.citizen.choosing import address as address_of

REMINDER = dt.timedelta(hours=-2)


def render(visit: Iterable[tuple[Appointment, str]]) -> bytes:
    """An appointment and the others of its visit, each with its private address, as an iCalendar file.

    It is RFC 5545, in the branch's own time zone, which it describes. UID stays through moves and SEQUENCE
    grows with them, so that opening the new file moves the old entry. After cancelling, STATUS strikes the
    entry out, and it rings no more.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//govdesk//appointments//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for appointment, address in visit:
        calendar.add_component(_event(appointment, address))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _event(appointment: Appointment, address: str) -> Event:
    zone = ZoneInfo(appointment.branch.timezone)
    branch = i18n.named(appointment.branch)
    event = Event()
    event.add("uid", f"{appointment.reference.lower()}@govdesk")
    event.add("sequence", appointment.sequence)
    event.add("dtstamp", clock.now())
    event.add("dtstart", appointment.starts_at.astimezone(zone))
    event.add("dtend", appointment.ends_at.astimezone(zone))
    event.add(
        "summary", i18n.t("citizen.calendar_title", service=i18n.named(appointment.service), branch=branch)
    )
    event.add("description", i18n.t("citizen.calendar_text", reference=appointment.reference, link=address))
    event["location"] = vText(
        i18n.t("citizen.comma").join(part for part in (branch, address_of(appointment.branch)) if part)
    )
    event.add("url", address)
    is_over = appointment.state == "cancelled"
    event.add("status", "CANCELLED" if is_over else "CONFIRMED")
    if not is_over:
        event.add_component(_alarm(event))
    return event


def _alarm(event: Event) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", event["summary"])
    alarm.add("trigger", REMINDER)
    return alarm
