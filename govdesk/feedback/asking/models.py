"""Tables of asking: programmes that ask periodically, their waves, and who was invited."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govdesk.catalog.models import Department
from govdesk.db import Base
from govdesk.feedback.forms.models import Questionnaire, QuestionnaireVersion

_DUE = text("state = 'due'")
_UNDER_WAY = text("state IN ('due', 'sent', 'shown')")


class Programme(Base):
    """A questionnaire that is asked again each month or quarter."""

    __tablename__ = "programme"
    id: Mapped[int] = mapped_column(primary_key=True)
    questionnaire_id: Mapped[int] = mapped_column(ForeignKey("questionnaire.id"))
    name_ar: Mapped[str]
    name_en: Mapped[str]
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))  # None: all services
    every: Mapped[str]  # month | quarter
    calendar: Mapped[str]  # gregorian | hijri
    starts_on: Mapped[dt.date]  # the first period is the one that begins on it or next after it
    half_width: Mapped[float]  # wanted of the 95 % interval, as a share: .05
    expected_rate: Mapped[float]  # of those asked who will answer, as a share
    panels: Mapped[int]  # who is in which of them decides in which wave they may be asked
    spread_days: Mapped[int]  # over which a wave's invitations leave
    open_days: Mapped[int]  # from the first invitation to the closing
    seed: Mapped[str]
    is_running: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[dt.datetime]
    questionnaire: Mapped[Questionnaire] = relationship(lazy="joined")
    department: Mapped[Department | None] = relationship(lazy="joined")


class Wave(Base):
    """One round of a programme: the sample of one period."""

    __tablename__ = "wave"
    __table_args__ = (UniqueConstraint("programme_id", "from_on"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_version.id"))
    number: Mapped[int]
    from_on: Mapped[dt.date]  # the period, both days belong to it
    to_on: Mapped[dt.date]
    panel: Mapped[int]
    panels: Mapped[int] = mapped_column(default=1)  # as the programme had them then
    seed: Mapped[str]
    state: Mapped[str]  # preparing | open | closed | cancelled
    why_not: Mapped[str | None]  # of a cancelled one: too_late | no_questions | nobody | by_hand
    prepared_to: Mapped[int] = mapped_column(default=0)  # how far its preparation has come
    opens_at: Mapped[dt.datetime]
    closes_at: Mapped[dt.datetime]
    population: Mapped[int] = mapped_column(default=0)  # people with an end in the period
    drawn: Mapped[int] = mapped_column(default=0)
    spared: Mapped[int] = mapped_column(default=0)  # whom fatigue, opt-out or a missing address left out
    strata: Mapped[list[dict[str, Any]]] = mapped_column(default=list)  # see preparing: population, drawn
    closed_at: Mapped[dt.datetime | None]
    programme: Mapped[Programme] = relationship(lazy="joined")
    version: Mapped[QuestionnaireVersion] = relationship(lazy="select")


class WaveRehearsal(Base):
    """The next wave of a programme rehearsed beside the pages, for a period of many people; once for each.

    How far it has come stands in it, so that whoever goes on after a fall begins there.
    """

    __tablename__ = "wave_rehearsal"
    __table_args__ = (UniqueConstraint("programme_id", "from_on"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    from_on: Mapped[dt.date]
    to_on: Mapped[dt.date]
    terms: Mapped[str]  # what it was rehearsed with: see rehearsals.terms_of
    state: Mapped[str]  # waiting | working | ready | failed
    asked_at: Mapped[dt.datetime]
    ready_at: Mapped[dt.datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    population: Mapped[int] = mapped_column(default=0)
    strata: Mapped[list[dict[str, Any]]] = mapped_column(default=list)  # as of a wave
    looked_to: Mapped[int] = mapped_column(default=0)  # the last person who was looked at
    looked: Mapped[int] = mapped_column(default=0)  # how many were
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)  # see rehearsing.Counts


class Invitation(Base):
    """Somebody is asked once about one end or in one wave. It never leads to what they answered.

    It knows that there was an answer and in which week, not which one. When it was answered, what would help
    to tell whose answer is whose is removed from it: its draft, what it was about, its mode.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        UniqueConstraint("questionnaire_id", "about"),
        UniqueConstraint("wave_id", "person_id"),
        Index("ix_invitation_due", "send_after", sqlite_where=_DUE, postgresql_where=_DUE),
        Index("ix_invitation_under_way", "closes_at", sqlite_where=_UNDER_WAY, postgresql_where=_UNDER_WAY),
        Index("ix_invitation_person", "person_id", "asked_on"),
        Index("ix_invitation_week", "questionnaire_id", "week"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(unique=True)  # the secret of the private link; used once
    questionnaire_id: Mapped[int] = mapped_column(ForeignKey("questionnaire.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_version.id"))
    wave_id: Mapped[int | None] = mapped_column(ForeignKey("wave.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    about: Mapped[str | None]  # ticket:12, appointment:3, case:4, complaint:5; a digest of it once answered
    occasion: Mapped[str]  # served | turned_away | left | unserved | noshow | resolved_away | complaint | …
    week: Mapped[dt.date]  # the Monday of the week of the end that it asks about, or of the wave's opening
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))
    service_id: Mapped[int | None] = mapped_column(ForeignKey("public_service.id"))
    channel: Mapped[str | None]
    outcome: Mapped[str | None]  # of the visit: resolved | planned_next_step | unresolved | left
    person_kind: Mapped[str | None]  # citizen | resident | visitor
    priority: Mapped[str | None]
    language: Mapped[str]
    stratum: Mapped[str | None]  # of a wave: service and channel
    state: Mapped[str]  # due | sent | shown | answered | undeliverable | expired | spared | declined
    why_spared: Mapped[str | None]  # one of rules.SPARED
    mode: Mapped[str | None]  # sms | email | qr | page | desk: how it was asked
    send_after: Mapped[dt.datetime]
    asked_on: Mapped[dt.date | None]  # when it was sent or shown: fatigue counts from it
    reminded_on: Mapped[dt.date | None]
    closes_at: Mapped[dt.datetime]
    answered_week: Mapped[dt.date | None]  # the Monday of it
    draft: Mapped[dict[str, Any] | None]  # answers saved as one goes; gone once they are given
    questionnaire: Mapped[Questionnaire] = relationship(lazy="select")
    version: Mapped[QuestionnaireVersion] = relationship(lazy="select")
    wave: Mapped[Wave | None] = relationship(lazy="select")
