"""What a hall reads of a closure, and of a stop in the giving of tickets: in Arabic and in English."""

from collections.abc import Callable, Iterable
from functools import partial

from sqlalchemy.orm import Session

from govdesk import clock, i18n
from govdesk.booking.hours import closures, stops
from govdesk.booking.hours.closures import Closure
from govdesk.catalog.models import Branch, PublicService

Pair = tuple[str, str]


def closed(session: Session, branch: Branch) -> Pair | None:
    """That a branch is shut now whatever its hours say, and why; None where it is not."""
    now = clock.now()
    shut = next((one for one in closures.shut_times(session, branch) if one.start <= now < one.end), None)
    if shut is None:
        return None
    arabic, english = shut.why
    return _pair(lambda: i18n.t("board.closed", reason=_own(arabic, english)))


def stopped(session: Session, branch: Branch, services: Iterable[PublicService]) -> list[Pair]:
    """For what no tickets are given now, of these services or of all, until when and why."""
    shown = {service.id: service for service in services}
    return [
        _pair(
            partial(_said, closures.of_stop(session, branch, stop), branch, shown.get(stop.service_id or 0))
        )
        for stop in stops.in_force(session, branch.id)
        if stop.service_id is None or stop.service_id in shown
    ]


def _said(stop: Closure, branch: Branch, service: PublicService | None) -> str:
    reason, until = stop.words, i18n.t("queue.shut_unknown")
    if stop.until is not None:
        is_today = stop.until.date() == clock.local_day(clock.now(), branch.timezone)
        until = (i18n.time_of if is_today else i18n.moment_of)(stop.until, branch.timezone)
    if service is None:
        return i18n.t("board.stopped_all", until=until, reason=reason)
    return i18n.t("board.stopped", service=i18n.named(service), until=until, reason=reason)


def _pair(said: Callable[[], str]) -> Pair:
    with i18n.speaking("ar"):
        arabic = said()
    with i18n.speaking("en"):
        return arabic, said()


def _own(arabic: str, english: str) -> str:
    return (arabic or english) if i18n.language() == "ar" else english or arabic
