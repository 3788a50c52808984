"""Tables of planning. An assignment is a proposal until it is published; offers live in ``visits``."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from timebank import clock
from timebank.db import Base, choice
from timebank.places.models import Community
from timebank.visits.models import Visit
from timebank.volunteers.models import Volunteer


class PlanState(StrEnum):
    """Where a week's plan is."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CLOSED = "closed"


class RunState(StrEnum):
    """Where a run of the engine is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class RunKind(StrEnum):
    """What a run was asked for: a whole week, or the fewest changes to a published one."""

    SOLVE = "solve"
    REPLAN = "replan"


class Plan(Base):
    """周计划 of one community and week; ``version`` counts every change, so that publishing can compare and swap."""

    __tablename__ = "plan"
    __table_args__ = (
        UniqueConstraint("community_id", "week"),
        CheckConstraint("version >= 1", name="version"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey(Community.id), index=True)
    week: Mapped[date]
    state: Mapped[PlanState] = mapped_column(choice(PlanState), default=PlanState.DRAFT)
    version: Mapped[int] = mapped_column(default=1)
    windows: Mapped[dict[str, Any]]
    ceilings: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(default="")
    bound: Mapped[int | None]
    served_weight: Mapped[int] = mapped_column(default=0)
    published_at: Mapped[datetime | None]

    community: Mapped[Community] = relationship()
    assignments: Mapped[list["Assignment"]] = relationship(back_populates="plan", cascade="all, delete-orphan")
    unserved: Mapped[list["Unserved"]] = relationship(back_populates="plan", cascade="all, delete-orphan")
    runs: Mapped[list["PlanRun"]] = relationship(back_populates="plan", order_by="PlanRun.id")

    # ``touch`` counts; the database compares at every update, so of two hands that read the same version one is refused.
    __mapper_args__ = {"version_id_col": version, "version_id_generator": False}  # noqa: RUF012 - SQLAlchemy reads it as it stands


class PlanRun(Base):
    """One run of the engine: what it was given, how it went, what it found; its heartbeat is its lease."""

    __tablename__ = "plan_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"), index=True)
    kind: Mapped[RunKind] = mapped_column(choice(RunKind))
    state: Mapped[RunState] = mapped_column(choice(RunState), default=RunState.QUEUED, index=True)
    input_version: Mapped[int]
    seconds: Mapped[int]
    seed: Mapped[int] = mapped_column(default=1)
    asked_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    heartbeat: Mapped[datetime | None]
    stop_asked: Mapped[bool] = mapped_column(default=False)
    progress: Mapped[list[Any]]
    needed: Mapped[int] = mapped_column(default=0)
    needed_weight: Mapped[int] = mapped_column(default=0)
    result: Mapped[dict[str, Any] | None]
    kept: Mapped[bool] = mapped_column(default=False)
    fault: Mapped[str] = mapped_column(default="")

    plan: Mapped[Plan] = relationship(back_populates="runs")


class Assignment(Base):
    """指派: one volunteer of a visit in the plan, when, and from which pick-up; ``made_at`` is when the plan last said so."""

    __tablename__ = "assignment"
    __table_args__ = (
        UniqueConstraint("plan_id", "visit_id", "volunteer_id"),
        CheckConstraint("start BETWEEN 0 AND 1439", name="start"),
        CheckConstraint("pickup IS NULL OR pickup <= start", name="pickup"),
        Index(None, "plan_id", "volunteer_id", "day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"), index=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey(Visit.id), index=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey(Volunteer.id), index=True)
    day: Mapped[date]
    window: Mapped[int]
    start: Mapped[int]
    pickup: Mapped[int | None]
    pinned: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[datetime] = mapped_column(default=clock.now)

    plan: Mapped[Plan] = relationship(back_populates="assignments")
    visit: Mapped[Visit] = relationship()
    volunteer: Mapped[Volunteer] = relationship()


class Unserved(Base):
    """未能安排: a visit the plan does not serve, why, and the smallest change that would."""

    __tablename__ = "unserved"
    __table_args__ = (UniqueConstraint("plan_id", "visit_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"), index=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey(Visit.id), index=True)
    reason: Mapped[str]
    who: Mapped[list[Any]]
    zh: Mapped[str]
    en: Mapped[str]
    fix: Mapped[dict[str, Any] | None]

    plan: Mapped[Plan] = relationship(back_populates="unserved")
    visit: Mapped[Visit] = relationship()
