"""Tables of planning. An assignment is a proposal until it is published; offers live in ``visits``."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from timebank import clock
from timebank.access.models import User
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
    """What a run was asked for: a whole week, the fewest changes to a published one, or a try that is never the plan.

    ``ADVISE`` says whom to recruit, ``WHAT_IF`` plans a copy of the week with people or needs more or fewer.
    """

    SOLVE = "solve"
    REPLAN = "replan"
    ADVISE = "advise"
    WHAT_IF = "what_if"


PLANNING = frozenset({RunKind.SOLVE, RunKind.REPLAN})
"""The runs whose result may become the plan."""


class Plan(Base):
    """周计划 of one community and week; ``version`` counts every change, so that publishing can compare and swap.

    ``roads`` are minutes between points by road, where somebody was asked for them (``roads``).
    """

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
    roads: Mapped[dict[str, Any] | None]

    community: Mapped[Community] = relationship()
    assignments: Mapped[list["Assignment"]] = relationship(back_populates="plan", cascade="all, delete-orphan")
    unserved: Mapped[list["Unserved"]] = relationship(back_populates="plan", cascade="all, delete-orphan")
    runs: Mapped[list["PlanRun"]] = relationship(back_populates="plan", order_by="PlanRun.id")

    # ``touch`` counts; the database compares at every update, so of two hands that read the same version one is refused.
    __mapper_args__ = {"version_id_col": version, "version_id_generator": False}  # noqa: RUF012 - SQLAlchemy reads it as it stands


class PlanRun(Base):
    """One run of the engine: what it was given, how it went, what it found; its heartbeat is its lease, ``runner`` the process that has it.

    ``goals`` say what it was to care for more (``goals``), ``supposed`` what a what-if takes for granted (``supposing``), ``measures``
    what came out in figures that people compare (``measuring``), ``roads`` by which minutes (``roads.digest_of``). What was only tried is never kept as the plan.
    """

    __tablename__ = "plan_run"
    __table_args__ = (CheckConstraint("kind IN ('solve', 'replan') OR NOT kept", name="tried"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"), index=True)
    kind: Mapped[RunKind] = mapped_column(choice(RunKind))
    state: Mapped[RunState] = mapped_column(choice(RunState), default=RunState.QUEUED, index=True)
    input_version: Mapped[int]
    seconds: Mapped[int]
    seed: Mapped[int] = mapped_column(default=1)
    goals: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    supposed: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    asked_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    heartbeat: Mapped[datetime | None]
    runner: Mapped[str] = mapped_column(default="", server_default="")
    stop_asked: Mapped[bool] = mapped_column(default=False)
    progress: Mapped[list[Any]]
    needed: Mapped[int] = mapped_column(default=0)
    needed_weight: Mapped[int] = mapped_column(default=0)
    result: Mapped[dict[str, Any] | None]
    measures: Mapped[dict[str, Any] | None]
    kept: Mapped[bool] = mapped_column(default=False)
    fault: Mapped[str] = mapped_column(default="")
    roads: Mapped[str] = mapped_column(default="", server_default="")

    plan: Mapped[Plan] = relationship(back_populates="runs")


class Publication(Base):
    """发布: a plan going out in pieces, one at a time: ``sent`` of ``changes`` are done, of ``touched`` ``people`` still have to be told.

    Its heartbeat is its lease, as that of a run: one that stopped in the middle is taken up again and goes on where it was.
    """

    __tablename__ = "publication"
    __table_args__ = (
        CheckConstraint("sent BETWEEN 0 AND changes", name="sent"),
        Index(
            "uq_publication_open_plan",
            "plan_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"), index=True)
    by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    changes: Mapped[int]
    sent: Mapped[int] = mapped_column(default=0)
    touched: Mapped[int] = mapped_column(default=0)
    people: Mapped[list[Any]]
    begun_at: Mapped[datetime]
    heartbeat: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    plan: Mapped[Plan] = relationship()


class PlanEdit(Base):
    """手工改动: one step by hand: whose, when, and the lines of its visits before and after, so that it can be taken back and made again.

    What has gone out (``sent``) is not taken back any more. ``before`` and ``after`` hold, by visit, ``[volunteer, day, window, start,
    pickup, pinned]``.
    """

    __tablename__ = "plan_edit"
    __table_args__ = (
        CheckConstraint("(undone_at IS NULL) = (undone_by IS NULL)", name="undone"),
        Index(None, "plan_id", "sent"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"))
    by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    at: Mapped[datetime]
    verb: Mapped[str]
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    sent: Mapped[bool] = mapped_column(default=False)
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))

    plan: Mapped[Plan] = relationship()
    author: Mapped[User | None] = relationship(foreign_keys=[by])


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
