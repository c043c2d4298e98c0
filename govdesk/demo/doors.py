"""The doors of the demo city: its screens, a service whose tickets are used up, and who wants a call."""

from sqlalchemy.orm import Session

from govdesk.actor import SYSTEM
from govdesk.catalog import branches
from govdesk.catalog.models import BranchService
from govdesk.catalog.service import branch_of, offered, service_of
from govdesk.config import settings
from govdesk.demo import people
from govdesk.people.contact import clean_phone
from govdesk.queue import admission, devices

SCREENS = (
    ("rawdah", "kiosk", "كشك المدخل الرئيس"),
    ("rawdah", "kiosk", "كشك الباب الشرقي"),
    ("rawdah", "board", "لوحة القاعة"),
    ("rawdah", "exit", "جهاز المخرج"),
    ("harbour", "kiosk", "Harbour kiosk"),
    ("harbour", "board", "Harbour board"),
    ("nakheel", "kiosk", "كشك النخيل"),
)
BRANCH, FULL_SERVICE, ENOUGH, LONGEST = "rawdah", "vehicle-transfer", 60, 120
FIRST_NUMBER = 950_000  # of phones that are nobody else's in the city
CALLERS = 2


def furnish(session: Session) -> None:
    """Register the screens, all but the exit tablet in use; set limits; let two people ask for a call."""
    place = branch_of(session, BRANCH)
    for code, kind, name in SCREENS:
        _device, secret_code = devices.register(
            session, actor=SYSTEM, branch=branch_of(session, code), kind=kind, name=name
        )
        if kind != "exit":
            devices.pair(session, actor=SYSTEM, code=secret_code)
    gone_service = service_of(session, FULL_SERVICE)
    for service in offered(session, place):
        branches.limit_offer(
            session, actor=SYSTEM, offer=session.get_one(BranchService, (place.id, service.id)),
            daily_walkins=ENOUGH, longest_wait_minutes=LONGEST, kept_for_hall=ENOUGH // 4,
        )  # fmt: skip
    if gone_service.id not in {service.id for service in offered(session, place)}:
        return
    used = admission.given_today(session, place, gone_service.id)
    branches.limit_offer(
        session, actor=SYSTEM, offer=session.get_one(BranchService, (place.id, gone_service.id)),
        daily_walkins=used, longest_wait_minutes=LONGEST,
    )  # fmt: skip
    for number in range(FIRST_NUMBER, FIRST_NUMBER + CALLERS):
        gone = admission.send_away(
            session, actor=SYSTEM, branch=place, wanted=gone_service, language="ar", channel="kiosk"
        )
        phone = clean_phone(people.phone(number), settings().country)
        admission.wish_call(session, actor=SYSTEM, ticket=gone, phone=phone)
