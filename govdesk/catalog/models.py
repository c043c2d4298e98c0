"""Tables of what is offered, where and when."""

import datetime as dt

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govdesk.catalog.common_codes import CommonCode
from govdesk.db import Base


class Agency(Base):
    """The one agency of this installation."""

    __tablename__ = "agency"
    id: Mapped[int] = mapped_column(primary_key=True)
    name_ar: Mapped[str]
    name_en: Mapped[str]
    tagline_ar: Mapped[str] = mapped_column(default="")
    tagline_en: Mapped[str] = mapped_column(default="")


class Department(Base):
    """Who answers for services."""

    __tablename__ = "department"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name_ar: Mapped[str]
    name_en: Mapped[str]


class Branch(Base):
    """A place where people are served, with its own clock."""

    __tablename__ = "branch"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name_ar: Mapped[str]
    name_en: Mapped[str]
    address_ar: Mapped[str] = mapped_column(default="")
    address_en: Mapped[str] = mapped_column(default="")
    notice_ar: Mapped[str] = mapped_column(default="")  # the line at the foot of the board
    notice_en: Mapped[str] = mapped_column(default="")
    timezone: Mapped[str]
    latitude: Mapped[float | None]  # degrees north; both or neither
    longitude: Mapped[float | None]  # degrees east
    phone: Mapped[str] = mapped_column(default="")  # as the public page shows it
    access_ar: Mapped[str] = mapped_column(default="")  # for people with a disability: ramps, lifts, signing
    access_en: Mapped[str] = mapped_column(default="")
    near_ahead: Mapped[int] = mapped_column(default=2)  # so many ahead: one is told to be in the hall
    push_back_places: Mapped[int] = mapped_column(default=5)  # how many one may let pass; 0 = none
    rejoin_minutes: Mapped[int] = mapped_column(default=15)  # after leaving or being missed; 0 = not at all
    calls_before_noshow: Mapped[int] = mapped_column(default=3)  # before these nobody is noted as not there
    allows_remote: Mapped[bool] = mapped_column(default=False)  # a ticket may be taken from elsewhere
    remote_share: Mapped[int] = mapped_column(default=30)  # percent of an hour's capacity
    is_active: Mapped[bool] = mapped_column(default=True)
    is_imported: Mapped[bool] = mapped_column(default=False)  # known only from imported files: offers nothing
    demands_devices: Mapped[bool] = mapped_column(default=True)  # only registered screens are let in
    printer: Mapped[str] = mapped_column(default="")  # host:port of the slip printer at reception
    hours: Mapped[list["BranchHours"]] = relationship(
        cascade="all, delete-orphan", order_by="BranchHours.weekday, BranchHours.opens"
    )
    counters: Mapped[list["Counter"]] = relationship(back_populates="branch", order_by="Counter.number")
    offers: Mapped[list["BranchService"]] = relationship(
        back_populates="branch", cascade="all, delete-orphan"
    )


class BranchHours(Base):
    """One opening of a weekday (0 = Monday); two rows make a split shift."""

    __tablename__ = "branch_hours"
    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), index=True)
    weekday: Mapped[int]
    opens: Mapped[dt.time]
    closes: Mapped[dt.time]


class BranchNotice(Base):
    """What a branch tells everybody for a while, on its board and its public page."""

    __tablename__ = "branch_notice"
    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), index=True)
    text_ar: Mapped[str]
    text_en: Mapped[str]
    shown_from: Mapped[dt.datetime]
    shown_until: Mapped[dt.datetime]


class Holiday(Base):
    """A day on which a branch (or, without one, every branch) is shut, or open at other hours."""

    __tablename__ = "holiday"
    __table_args__ = (UniqueConstraint("day", "branch_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[dt.date] = mapped_column(index=True)
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))
    name_ar: Mapped[str]
    name_en: Mapped[str]
    opens: Mapped[dt.time | None]
    closes: Mapped[dt.time | None]


class Season(Base):
    """Days with a week of their own, such as Ramadan, at a branch or (without one) at every branch."""

    __tablename__ = "season"
    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"), index=True)
    name_ar: Mapped[str]
    name_en: Mapped[str]
    first_on: Mapped[dt.date]
    last_on: Mapped[dt.date]
    hours: Mapped[list["SeasonHours"]] = relationship(
        cascade="all, delete-orphan", order_by="SeasonHours.weekday, SeasonHours.opens", lazy="selectin"
    )


class SeasonHours(Base):
    """One opening of a weekday (0 = Monday) in a season."""

    __tablename__ = "season_hours"
    id: Mapped[int] = mapped_column(primary_key=True)
    season_id: Mapped[int] = mapped_column(ForeignKey("season.id"), index=True)
    weekday: Mapped[int]
    opens: Mapped[dt.time]
    closes: Mapped[dt.time]


class Counter(Base):
    """A desk with a number."""

    __tablename__ = "counter"
    __table_args__ = (UniqueConstraint("branch_id", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    number: Mapped[int]
    is_active: Mapped[bool] = mapped_column(default=True)
    service_ids: Mapped[list[int]] = mapped_column(default=list)  # empty = every service of the branch
    branch: Mapped[Branch] = relationship(back_populates="counters")


class PublicService(Base):
    """What people come for."""

    __tablename__ = "public_service"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), index=True)
    name_ar: Mapped[str]
    name_en: Mapped[str]
    description_ar: Mapped[str] = mapped_column(default="")
    description_en: Mapped[str] = mapped_column(default="")
    family: Mapped[str]  # services of one family serve the same need
    prefix: Mapped[str]  # the letter of its tickets
    minutes: Mapped[int]  # declared length at the desk
    interpreter_minutes: Mapped[int] = mapped_column(default=10)  # what an interpreter adds to it
    wait_target_minutes: Mapped[int] = mapped_column(default=15)
    resolve_days: Mapped[int | None]  # promised days to resolution, for the due date of a case
    object_kind: Mapped[str | None]  # what its matters are about: vehicle | property | application | other
    common_vocabulary: Mapped[str] = mapped_column(default="")  # of a classification that agencies share,
    common_code: Mapped[str] = mapped_column(default="")  # with its code there; both or neither
    is_active: Mapped[bool] = mapped_column(default=True)
    is_imported: Mapped[bool] = mapped_column(default=False)
    department: Mapped[Department] = relationship(lazy="joined")
    policies: Mapped[list["RepeatPolicy"]] = relationship(order_by="RepeatPolicy.version", lazy="selectin")

    @property
    def common(self) -> CommonCode:
        """What it is in a shared classification; NO_CODE where nobody said."""
        return CommonCode(self.common_vocabulary, self.common_code)

    @property
    def policy(self) -> "RepeatPolicy":
        """The repeat parameters in force: the highest version."""
        return self.policies[-1]


class RepeatPolicy(Base):
    """Parameters of repeat detection of a service: a change is a new version, an old one never changes."""

    __tablename__ = "repeat_policy"
    __table_args__ = (UniqueConstraint("service_id", "version"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("public_service.id"))
    version: Mapped[int]
    since: Mapped[dt.datetime]
    window_days: Mapped[int]
    lag_days: Mapped[int]
    cycle_days: Mapped[int | None]
    allowed_reasons: Mapped[list[str]]


class ResolvePolicy(Base):
    """How many days to resolution a service promises: a change is a new version, an old one never changes."""

    __tablename__ = "resolve_policy"
    __table_args__ = (UniqueConstraint("service_id", "version"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("public_service.id"))
    version: Mapped[int]
    since: Mapped[dt.datetime]
    resolve_days: Mapped[int | None]  # None: nothing is promised


class BranchService(Base):
    """A service that a branch offers."""

    __tablename__ = "branch_service"
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("public_service.id"), primary_key=True)
    kinds: Mapped[list[str]] = mapped_column(default=lambda: ["on_site"])  # of appointments
    daily_walkins: Mapped[int | None]  # tickets a day without appointment; none = no limit
    longest_wait_minutes: Mapped[int | None]  # beyond this quote another way is offered
    kept_for_hall: Mapped[int] = mapped_column(default=0)  # of daily_walkins, not given to who is elsewhere
    branch: Mapped[Branch] = relationship(back_populates="offers")
    service: Mapped[PublicService] = relationship(lazy="joined")


class Cause(Base):
    """Why a visit failed: a fixed list that an administrator may extend."""

    __tablename__ = "cause"
    code: Mapped[str] = mapped_column(primary_key=True)
    name_ar: Mapped[str]
    name_en: Mapped[str]
    position: Mapped[int]
    is_failure: Mapped[bool] = mapped_column(default=True)
    is_knowledge: Mapped[bool] = mapped_column(default=False)  # what a unit can learn: see `cases.coaching`
    is_active: Mapped[bool] = mapped_column(default=True)
