"""Take back that an appointment was fulfilled: the conclusion at the counter was pressed by mistake."""

from sqlalchemy.orm import Session

from govdesk import audit
from govdesk.actor import Actor
from govdesk.booking.models import Appointment


def unfulfil(session: Session, *, actor: Actor, appointment_id: int) -> None:
    """Let a fulfilled appointment be arrived again; any other is left as it is."""
    appointment = session.get_one(Appointment, appointment_id, with_for_update={"of": Appointment})
    if appointment.state == "fulfilled":
        appointment.state = "arrived"
        audit.record(
            session, actor=actor, action="appointment.unfulfilled", subject=f"appointment:{appointment_id}"
        )
