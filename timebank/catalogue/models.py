"""Tables of the catalogue."""

from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from timebank.db import Base, choice, kept
from timebank.hours import DAY_AT_MOST
from timebank.sentences import Pair


class Evidence(StrEnum):
    """What shows that a visit took place: one tap at the door, or check-in and check-out with the visit code."""

    DOOR_TAP = "door_tap"
    TIMED = "timed"


@kept
class Skill(Base):
    """技能: something a volunteer can do; some need a proof that may expire."""

    __tablename__ = "skill"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_en: Mapped[str]
    needs_proof: Mapped[bool] = mapped_column(default=False)

    @property
    def words(self) -> Pair:
        """Its name in both languages."""
        return self.name, self.name_en


@kept
class ServiceKind(Base):
    """服务项目: what can be asked for, with its minutes, windows, skills, crew, evidence and credit rule.

    ``at_door`` says that it is done at somebody's home; the others are work at a canteen or station that no family asks for.
    """

    __tablename__ = "service_kind"
    __table_args__ = (
        CheckConstraint(f"minutes BETWEEN 1 AND {DAY_AT_MOST}", name="minutes"),
        CheckConstraint("crew IN (1, 2)", name="crew"),
        CheckConstraint("weight BETWEEN 1 AND 1000000", name="weight"),
        CheckConstraint(f"credit_cap IS NULL OR credit_cap BETWEEN 1 AND {DAY_AT_MOST}", name="credit_cap"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_en: Mapped[str]
    group: Mapped[str]
    group_en: Mapped[str]
    minutes: Mapped[int]
    windows: Mapped[list[Any]]
    crew: Mapped[int] = mapped_column(default=1)
    skills: Mapped[list[Any]]
    second_skills: Mapped[list[Any]]
    gate: Mapped[str] = mapped_column(default="")
    insured: Mapped[bool] = mapped_column(default=False)
    evidence: Mapped[Evidence] = mapped_column(choice(Evidence))
    at_door: Mapped[bool] = mapped_column(default=True)
    from_canteen: Mapped[bool] = mapped_column(default=False)
    workdays_only: Mapped[bool] = mapped_column(default=False)
    credit_cap: Mapped[int | None]
    weight: Mapped[int]
    icon: Mapped[str]
    position: Mapped[int] = mapped_column(default=0)
    enabled: Mapped[bool] = mapped_column(default=True)

    @property
    def words(self) -> Pair:
        """Its name in both languages."""
        return self.name, self.name_en
