"""Tables of what is entered by hand: one person enters, another one posts, and neither is, or is kin of, who gains by it."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from timebank.access.models import User
from timebank.catalogue.models import ServiceKind
from timebank.db import Base, choice
from timebank.hours import DAY_AT_MOST
from timebank.sealed import Sealed
from timebank.volunteers.models import Volunteer

LIVE_ENTRY = text("state <> 'refused'")


class EntrySort(StrEnum):
    """补录 of a planned visit that took place without check-in, or 手工 of service that was never planned."""

    BACK_ENTRY = "back_entry"
    BY_HAND = "by_hand"


class EntryState(StrEnum):
    """Where an entry is: waiting for a second person, posted to the record, or refused by them."""

    PENDING = "pending"
    POSTED = "posted"
    REFUSED = "refused"


class RecordRules(Base):
    """What a community has settled about its records; without a row the defaults hold."""

    __tablename__ = "record_rules"
    __table_args__ = (
        CheckConstraint("volunteer_month BETWEEN 0 AND 14400", name="volunteer_month"),
        CheckConstraint("coordinator_month BETWEEN 0 AND 144000", name="coordinator_month"),
        CheckConstraint("back_days BETWEEN 1 AND 366", name="back_days"),
        CheckConstraint("call_back_percent BETWEEN 0 AND 100", name="call_back_percent"),
        CheckConstraint("own_word_month BETWEEN 0 AND 144000", name="own_word_month"),
    )

    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), primary_key=True)
    volunteer_month: Mapped[int]
    coordinator_month: Mapped[int]
    back_days: Mapped[int]
    call_back_percent: Mapped[int]
    own_word_month: Mapped[int] = mapped_column(server_default="3000")


class Kinship(Base):
    """亲属: somebody of the office and a volunteer of their family, so that the one never enters or posts for the other."""

    __tablename__ = "kinship"
    __table_args__ = (UniqueConstraint("user_id", "volunteer_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    volunteer_id: Mapped[int] = mapped_column(ForeignKey(Volunteer.id), index=True)
    relation: Mapped[str]

    user: Mapped[User] = relationship()
    volunteer: Mapped[Volunteer] = relationship()


class ManualEntry(Base):
    """手工记录 or 补录: minutes somebody vouches for; they count only once a second person has posted them."""

    __tablename__ = "manual_entry"
    __table_args__ = (
        CheckConstraint("(sort = 'back_entry') = (visit_id IS NOT NULL)", name="back_entry_has_visit"),
        CheckConstraint(f"minutes BETWEEN 1 AND {DAY_AT_MOST}", name="minutes"),
        CheckConstraint("ended_at > started_at", name="order"),
        CheckConstraint("beneficiary IS NULL OR entered_by <> beneficiary", name="not_for_oneself"),
        CheckConstraint("decided_by IS NULL OR decided_by <> entered_by", name="two_people"),
        CheckConstraint("decided_by IS NULL OR beneficiary IS NULL OR decided_by <> beneficiary", name="not_by_who_gains"),
        CheckConstraint("(state = 'pending') = (decided_by IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL)", name="decided"),
        CheckConstraint("state <> 'refused' OR length(decision) > 0", name="refused_for_a_reason"),
        Index("uq_manual_entry_visit", "visit_id", "volunteer_id", unique=True, sqlite_where=LIVE_ENTRY, postgresql_where=LIVE_ENTRY),
        Index(None, "community_id", "state"),
        Index(None, "volunteer_id", "day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    volunteer_id: Mapped[int] = mapped_column(ForeignKey(Volunteer.id))
    beneficiary: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    sort: Mapped[EntrySort] = mapped_column(choice(EntrySort))
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("visit.id"))
    kind_id: Mapped[int] = mapped_column(ForeignKey(ServiceKind.id))
    day: Mapped[date]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    minutes: Mapped[int]
    place: Mapped[str]
    reason: Mapped[str] = mapped_column(Sealed)
    evidence: Mapped[str] = mapped_column(Sealed)
    entered_by: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    entered_at: Mapped[datetime]
    state: Mapped[EntryState] = mapped_column(choice(EntryState), default=EntryState.PENDING)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    decided_at: Mapped[datetime | None]
    decision: Mapped[str] = mapped_column(default="")

    volunteer: Mapped[Volunteer] = relationship()
    kind: Mapped[ServiceKind] = relationship()
    enterer: Mapped[User] = relationship(foreign_keys=[entered_by])
    decider: Mapped[User | None] = relationship(foreign_keys=[decided_by])
