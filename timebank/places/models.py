"""Tables of places; every point is WGS-84 degrees."""

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from timebank.db import Base, choice, kept

STOREY_MINUTES_PER_TWO_FLOORS = 1
POINT = "lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180"


class DayKind(StrEnum):
    """Whether a day differs from the ordinary week: a holiday or a working weekend."""

    OFF = "off"
    WORK = "work"


@kept
class Street(Base):
    """街道: the office above the communities."""

    __tablename__ = "street"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


@kept
class Community(Base):
    """社区: the tenant; the unit that records service and issues certificates."""

    __tablename__ = "community"

    id: Mapped[int] = mapped_column(primary_key=True)
    street_id: Mapped[int] = mapped_column(ForeignKey("street.id"), index=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    issuer: Mapped[str]
    issuer_code: Mapped[str]
    phone: Mapped[str]
    responsible: Mapped[str]

    street: Mapped[Street] = relationship()


@kept
class Compound(Base):
    """小区 or 片: a group of buildings."""

    __tablename__ = "compound"
    __table_args__ = (UniqueConstraint("community_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), index=True)
    name: Mapped[str]


@kept
class Building(Base):
    """楼栋: the entrance a route leads to."""

    __tablename__ = "building"
    __table_args__ = (
        UniqueConstraint("compound_id", "name"),
        CheckConstraint(POINT, name="point"),
        CheckConstraint("floors BETWEEN 1 AND 200", name="floors"),
        CheckConstraint("access BETWEEN 0 AND 60", name="access"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    compound_id: Mapped[int] = mapped_column(ForeignKey("compound.id"), index=True)
    name: Mapped[str]
    lat: Mapped[float]
    lon: Mapped[float]
    floors: Mapped[int] = mapped_column(default=1)
    lift: Mapped[bool] = mapped_column(default=False)
    access: Mapped[int] = mapped_column(default=1)

    compound: Mapped[Compound] = relationship(lazy="joined")

    def minutes_to_floor(self, floor: int) -> int:
        """Return the minutes from the street to a door: gate and stairs, or gate and lift."""
        climb = 1 if self.lift else max(0, floor - 1) // 2 * STOREY_MINUTES_PER_TWO_FLOORS
        return self.access + (climb if floor > 1 else 0)


@kept
class Canteen(Base):
    """老年食堂: where meals are picked up; times are minutes of the day, ``closes`` (截单) of the day before."""

    __tablename__ = "canteen"
    __table_args__ = (
        UniqueConstraint("community_id", "name"),
        CheckConstraint(POINT, name="point"),
        CheckConstraint("ready BETWEEN 0 AND 1440 AND until > ready AND until <= 1440", name="times"),
        CheckConstraint("hot BETWEEN 1 AND 240", name="hot"),
        CheckConstraint("closes BETWEEN 0 AND 1440", name="closes"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), index=True)
    name: Mapped[str]
    address: Mapped[str]
    lat: Mapped[float]
    lon: Mapped[float]
    access: Mapped[int] = mapped_column(default=1)
    ready: Mapped[int]
    until: Mapped[int]
    hot: Mapped[int]
    closes: Mapped[int] = mapped_column(default=960, server_default="960")
    phone: Mapped[str] = mapped_column(default="")


@kept
class Station(Base):
    """服务站: a place of the community with opening hours and a telephone."""

    __tablename__ = "station"
    __table_args__ = (UniqueConstraint("community_id", "name"), CheckConstraint(POINT, name="point"))

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), index=True)
    name: Mapped[str]
    address: Mapped[str]
    lat: Mapped[float]
    lon: Mapped[float]
    hours: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")


class CalendarDay(Base):
    """A day on which the ordinary week does not hold: a public holiday or a make-up working day."""

    __tablename__ = "calendar_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[DayKind] = mapped_column(choice(DayKind))
    name: Mapped[str]
    source: Mapped[str] = mapped_column(default="")
