"""Tables around the service record: objections, evaluations, trainings, and the weekly check with its call-backs."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from timebank.access.models import User
from timebank.db import Base, choice
from timebank.places.models import Community
from timebank.sealed import Sealed
from timebank.visits.models import ServiceRecord
from timebank.volunteers.models import Volunteer

OPEN_OBJECTION = text("answered_at IS NULL")


class Origin(StrEnum):
    """Who says that a record is wrong: its volunteer, or the office after a call-back or a finding of the weekly check."""

    VOLUNTEER = "volunteer"
    CALL_BACK = "call_back"
    FINDING = "finding"


class Objection(Base):
    """异议: somebody says that a record is wrong; it stays open until somebody answers, with a new version where it was."""

    __tablename__ = "objection"
    __table_args__ = (
        CheckConstraint("(answered_at IS NULL) = (answer IS NULL)", name="answered"),
        CheckConstraint("newer_id IS NULL OR newer_id <> record_id", name="newer_is_another"),
        Index("uq_objection_open", "record_id", unique=True, sqlite_where=OPEN_OBJECTION, postgresql_where=OPEN_OBJECTION),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey(Community.id), index=True)
    record_id: Mapped[int] = mapped_column(ForeignKey(ServiceRecord.id), index=True)
    words: Mapped[str] = mapped_column(Sealed)
    origin: Mapped[Origin] = mapped_column(choice(Origin), default=Origin.VOLUNTEER, server_default=Origin.VOLUNTEER.value)
    raised_at: Mapped[datetime]
    due: Mapped[date]
    answer: Mapped[str | None] = mapped_column(Sealed)
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    newer_id: Mapped[int | None] = mapped_column(ForeignKey(ServiceRecord.id))

    record: Mapped[ServiceRecord] = relationship(foreign_keys=[record_id])
    newer: Mapped[ServiceRecord | None] = relationship(foreign_keys=[newer_id])


class Grade(StrEnum):
    """How good a service was, as somebody who knows says."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"


class Evaluation(Base):
    """服务质量评价 (O67 art. 10): how a service was and when that was said; a later word stands beside the earlier one."""

    __tablename__ = "evaluation"

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey(ServiceRecord.id), index=True)
    grade: Mapped[Grade] = mapped_column(choice(Grade))
    words: Mapped[str | None] = mapped_column(Sealed)
    by_user: Mapped[int] = mapped_column(ForeignKey(User.id))
    at: Mapped[datetime]


class Training(Base):
    """培训情况 (O67 art. 8): a training somebody took part in; its minutes are never service minutes."""

    __tablename__ = "training"
    __table_args__ = (
        UniqueConstraint("volunteer_id", "name", "day"),
        CheckConstraint("minutes BETWEEN 1 AND 60000", name="minutes"),
        CheckConstraint("length(name) > 0 AND length(held_by) > 0", name="named"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="withdrawn_by_somebody"),
        CheckConstraint("withdrawn_at IS NULL OR length(withdrawn_reason) > 0", name="withdrawn_for_a_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey(Community.id), index=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey(Volunteer.id))
    name: Mapped[str]
    content: Mapped[str] = mapped_column(default="")
    minutes: Mapped[int]
    held_by: Mapped[str]
    day: Mapped[date]
    noted_at: Mapped[datetime]
    noted_by: Mapped[int] = mapped_column(ForeignKey(User.id))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    withdrawn_reason: Mapped[str] = mapped_column(default="")

    volunteer: Mapped[Volunteer] = relationship()


class CheckWeek(Base):
    """The check of one week of a community: the seed of its random call-backs, drawn once, so that the choice can be told again."""

    __tablename__ = "check_week"
    __table_args__ = (UniqueConstraint("community_id", "week"), CheckConstraint("percent BETWEEN 0 AND 100", name="percent"))

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey(Community.id))
    week: Mapped[date]
    seed: Mapped[int]
    percent: Mapped[int]
    checked_at: Mapped[datetime]


class Settled(StrEnum):
    """How a finding of the weekly check ended."""

    IN_ORDER = "in_order"
    WATCHED = "watched"
    OBJECTED = "objected"


class Finding(Base):
    """A flag of the weekly check: which rule, whose records, and its reason in words; it goes away only with a result."""

    __tablename__ = "finding"
    __table_args__ = (
        UniqueConstraint("check_id", "key"),
        CheckConstraint(
            "(settled IS NULL) = (settled_at IS NULL) AND (settled IS NULL) = (settled_by IS NULL)", name="settled_by_somebody"
        ),
        CheckConstraint("settled IS NULL OR length(result) > 0", name="settled_in_words"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    check_id: Mapped[int] = mapped_column(ForeignKey(CheckWeek.id), index=True)
    rule: Mapped[str]
    key: Mapped[str]
    volunteer_id: Mapped[int] = mapped_column(ForeignKey(Volunteer.id), index=True)
    record_id: Mapped[int] = mapped_column(ForeignKey(ServiceRecord.id), index=True)
    zh: Mapped[str]
    en: Mapped[str]
    settled: Mapped[Settled | None] = mapped_column(choice(Settled))
    result: Mapped[str | None] = mapped_column(Sealed)
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))

    check: Mapped[CheckWeek] = relationship()
    volunteer: Mapped[Volunteer] = relationship()
    record: Mapped[ServiceRecord] = relationship()


class Heard(StrEnum):
    """What was heard on the telephone when a confirmed visit was asked after."""

    AS_RECORDED = "as_recorded"
    WRONG = "wrong"
    NOT_REACHED = "not_reached"


class Drawn(StrEnum):
    """Why a confirmed visit is asked after: by lot, or because the weekly check flagged it."""

    LOT = "lot"
    FLAG = "flag"


class CallBack(Base):
    """抽查回访: a confirmed visit to be asked after, with the score of whoever was served; somebody not reached is called again."""

    __tablename__ = "call_back"
    __table_args__ = (
        UniqueConstraint("check_id", "record_id"),
        CheckConstraint("(heard IS NULL) = (called_at IS NULL) AND (heard IS NULL) = (called_by IS NULL)", name="called"),
        CheckConstraint("heard IS NULL OR heard <> 'wrong' OR length(words) > 0", name="wrong_in_words"),
        CheckConstraint("score IS NULL OR score BETWEEN 1 AND 5", name="score"),
        CheckConstraint("score IS NULL OR (heard IS NOT NULL AND heard <> 'not_reached')", name="score_is_heard"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    check_id: Mapped[int] = mapped_column(ForeignKey(CheckWeek.id), index=True)
    record_id: Mapped[int] = mapped_column(ForeignKey(ServiceRecord.id), index=True)
    drawn: Mapped[Drawn] = mapped_column(choice(Drawn), default=Drawn.LOT, server_default=Drawn.LOT.value)
    score: Mapped[int | None]
    heard: Mapped[Heard | None] = mapped_column(choice(Heard))
    words: Mapped[str | None] = mapped_column(Sealed)
    called_at: Mapped[datetime | None]
    called_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))

    check: Mapped[CheckWeek] = relationship()
    record: Mapped[ServiceRecord] = relationship()


class OlderBatch(Base):
    """Rows of an older system that came together: who handed them in, and the second person who accepted or refused them."""

    __tablename__ = "older_batch"
    __table_args__ = (
        CheckConstraint("decided_by IS NULL OR noted_by IS NULL OR decided_by <> noted_by", name="two_people"),
        CheckConstraint("accepted_at IS NULL OR refused_at IS NULL", name="one_answer"),
        CheckConstraint("(accepted_at IS NULL AND refused_at IS NULL) = (decided_by IS NULL)", name="decided"),
        CheckConstraint("refused_at IS NULL OR length(reason) > 0", name="refused_for_a_reason"),
        CheckConstraint("length(system) > 0", name="system"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey(Community.id), index=True)
    system: Mapped[str]
    noted_at: Mapped[datetime]
    noted_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    accepted_at: Mapped[datetime | None]
    refused_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    reason: Mapped[str] = mapped_column(default="")

    noter: Mapped[User | None] = relationship(foreign_keys=[noted_by])
    decider: Mapped[User | None] = relationship(foreign_keys=[decided_by])

    @property
    def waits(self) -> bool:
        """Whether nobody has decided yet."""
        return self.decided_by is None


class OlderService(Base):
    """旧系统的一条服务: a service that an older system recorded, with its number and its mark there; it stands once it is accepted."""

    __tablename__ = "older_service"
    __table_args__ = (
        UniqueConstraint("community_id", "system", "number"),
        CheckConstraint("minutes BETWEEN 1 AND 1440", name="minutes"),
        CheckConstraint("length(number) > 0 AND length(what) > 0", name="named"),
        Index(None, "volunteer_id", "day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey(Community.id))
    batch_id: Mapped[int] = mapped_column(ForeignKey(OlderBatch.id), index=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey(Volunteer.id))
    system: Mapped[str]
    number: Mapped[str]
    day: Mapped[date]
    minutes: Mapped[int]
    what: Mapped[str]
    place: Mapped[str] = mapped_column(default="")
    mark: Mapped[str] = mapped_column(default="")
