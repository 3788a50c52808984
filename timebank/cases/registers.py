"""Tables of what stands outside the time ledger: gifts in kind with rough counts, groups of residents, a community's speciality.

Nothing here has minutes, and nothing points at an account, a record or a visit: a gift in kind is never worth time.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from timebank.access.models import User
from timebank.db import Base, choice


class GiftSort(StrEnum):
    """What sort of place it is: 爱心冰箱, 衣旧传情, a rest point for those who work outdoors, 以书换绿, another."""

    FRIDGE = "fridge"
    CLOTHES = "clothes"
    REST = "rest"
    BOOKS = "books"
    OTHER = "other"


class GiftWay(StrEnum):
    """Whether things came in, went out, or people were counted."""

    IN = "in"
    OUT = "out"
    HEADS = "heads"


class GiftPlace(Base):
    """A place where things are given and taken for nothing, or where people rest."""

    __tablename__ = "gift_place"
    __table_args__ = (
        UniqueConstraint("community_id", "name"),
        CheckConstraint("length(name) > 0", name="named"),
        CheckConstraint("(ended IS NULL) = (length(ended_reason) = 0)", name="ended_for_a_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    name: Mapped[str]
    sort: Mapped[GiftSort] = mapped_column(choice(GiftSort))
    place: Mapped[str] = mapped_column(default="")
    ended: Mapped[date | None]
    ended_reason: Mapped[str] = mapped_column(default="")


class GiftEntry(Base):
    """One line of a place's register: what, how many, which way and roughly by whom, or how many heads. Only added, or withdrawn once."""

    __tablename__ = "gift_entry"
    __table_args__ = (
        CheckConstraint("count BETWEEN 1 AND 100000", name="count"),
        CheckConstraint("(way = 'heads') = (length(what) = 0)", name="things_or_heads"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="withdrawn_by_somebody"),
        CheckConstraint("withdrawn_at IS NULL OR length(withdrawn_reason) > 0", name="withdrawn_for_a_reason"),
        Index(None, "place_id", "day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey(GiftPlace.id))
    day: Mapped[date]
    way: Mapped[GiftWay] = mapped_column(choice(GiftWay))
    what: Mapped[str] = mapped_column(default="")
    count: Mapped[int]
    who: Mapped[str] = mapped_column(default="")
    noted_at: Mapped[datetime]
    noted_by: Mapped[int] = mapped_column(ForeignKey(User.id))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    withdrawn_reason: Mapped[str] = mapped_column(default="")

    place: Mapped[GiftPlace] = relationship()
    noter: Mapped[User] = relationship(foreign_keys=[noted_by])


class ClubSort(StrEnum):
    """What sort of group it is."""

    ARTS = "arts"
    SPORT = "sport"
    READING = "reading"
    CRAFT = "craft"
    HELP = "help"
    HOBBY = "hobby"
    OTHER = "other"


class Club(Base):
    """A group of residents: who leads it, roughly how many come, where and when it meets, and until when it was one."""

    __tablename__ = "club"
    __table_args__ = (
        UniqueConstraint("community_id", "name"),
        CheckConstraint("length(name) > 0", name="named"),
        CheckConstraint("members BETWEEN 0 AND 100000", name="members"),
        CheckConstraint("(ended IS NULL) = (length(ended_reason) = 0)", name="ended_for_a_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    name: Mapped[str]
    sort: Mapped[ClubSort] = mapped_column(choice(ClubSort))
    lead: Mapped[str] = mapped_column(default="")
    lead_phone: Mapped[str] = mapped_column(default="")
    members: Mapped[int] = mapped_column(default=0)
    place: Mapped[str] = mapped_column(default="")
    meets: Mapped[str] = mapped_column(default="")
    ended: Mapped[date | None]
    ended_reason: Mapped[str] = mapped_column(default="")


class Speciality(Base):
    """一社一特: what a community is known for, in words, with the sorts of tickets and the doings that belong to it."""

    __tablename__ = "speciality"
    __table_args__ = (CheckConstraint("length(title) > 0", name="titled"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), unique=True)
    title: Mapped[str]
    words: Mapped[str] = mapped_column(default="")
    sorts: Mapped[list[Any]]
    doings: Mapped[list[Any]]
