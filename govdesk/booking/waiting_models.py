"""Tables of the waiting list: who waits for a place, what was offered, and why somebody was passed by."""

import datetime as dt

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govdesk.booking.models import Appointment
from govdesk.catalog.models import Branch, PublicService
from govdesk.catalog.scenario_models import Scenario
from govdesk.db import Base
from govdesk.people.models import Person

LIVE = ("waiting", "offered")  # states in which somebody stands in the line
_LIVE = text("state IN ('waiting', 'offered')")
_OPEN = text("state = 'open'")


class WaitingEntry(Base):
    """Somebody's place in the line of a service: for any place within a wish, or for an earlier one."""

    __tablename__ = "waiting_entry"
    __table_args__ = (
        Index(
            "uq_waiting_entry_live",
            "person_id",
            "service_id",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        Index("ix_waiting_entry_line", "service_id", "state"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(unique=True)
    link_token: Mapped[str] = mapped_column(unique=True)  # the secret of the private link
    service_id: Mapped[int] = mapped_column(ForeignKey("public_service.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    appointment_id: Mapped[int | None] = mapped_column(
        ForeignKey("appointment.id"), index=True
    )  # to be earlier
    branch_ids: Mapped[list[int]]
    first_on: Mapped[dt.date]
    last_on: Mapped[dt.date]
    part: Mapped[str] = mapped_column(default="any")  # any | morning | afternoon
    people: Mapped[int] = mapped_column(default=1)
    kind: Mapped[str] = mapped_column(default="on_site")
    interpreter: Mapped[str | None]
    scenario_id: Mapped[int | None] = mapped_column(ForeignKey("scenario.id"))
    priority: Mapped[str] = mapped_column(default="none")
    is_displaced: Mapped[bool] = mapped_column(default=False)  # by us: first in the line
    language: Mapped[str]
    contact_digest: Mapped[str | None] = mapped_column(index=True)
    verified_at: Mapped[dt.datetime | None]  # when that contact answered with a code
    state: Mapped[str]  # waiting | offered | placed | left | ended
    end_reason: Mapped[str | None]  # of ended: three_notices | time_over | no_wish | removed_…
    joined_at: Mapped[dt.datetime]
    notices: Mapped[int] = mapped_column(default=0)
    noticed_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
    service: Mapped[PublicService] = relationship(lazy="joined")
    person: Mapped[Person] = relationship()
    appointment: Mapped[Appointment | None] = relationship()
    scenario: Mapped[Scenario | None] = relationship()


class PlaceOffer(Base):
    """A place that is held for one who waits until an hour; its holds carry the token as their visit."""

    __tablename__ = "place_offer"
    __table_args__ = (
        Index("uq_place_offer_open", "entry_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("waiting_entry.id"), index=True)
    token: Mapped[str] = mapped_column(unique=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime]
    offered_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime] = mapped_column(index=True)
    state: Mapped[str]  # open | accepted | refused | expired
    ended_at: Mapped[dt.datetime | None]
    entry: Mapped[WaitingEntry] = relationship()
    branch: Mapped[Branch] = relationship(lazy="joined")


class WaitingSkip(Base):
    """Why a place of one day did not go to somebody who waits: the answer to "why not me?"."""

    __tablename__ = "waiting_skip"
    __table_args__ = (UniqueConstraint("entry_id", "reason", "place_on"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("waiting_entry.id"))
    reason: Mapped[str]  # one of turns.REASONS
    place_on: Mapped[dt.date]
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    starts_at: Mapped[dt.datetime]
    at: Mapped[dt.datetime]
    branch: Mapped[Branch] = relationship(lazy="joined")
