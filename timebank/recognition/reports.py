"""The monthly report of a community: persons, visits and hours apart, never in one figure."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, func, select, union

from timebank.catalogue.models import ServiceKind
from timebank.db import db
from timebank.elders.models import Elder
from timebank.recognition.queries import COUNTS, month_of, months_until, next_month
from timebank.visits.actions.serving import SERVED
from timebank.visits.models import Offer, ServiceRecord, Visit

MONTHS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class KindRow:
    """One kind of service in a month: persons who helped, visits or rounds, doors, minutes."""

    name: str
    name_en: str
    volunteers: int
    visits: int
    doors: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Report:
    """A community's month: how many helped, how many were helped, how often, how long."""

    month: date
    volunteers: int
    elders: int
    kinds: list[KindRow]
    by_month: list[tuple[date, int]]

    @property
    def visits(self) -> int:
        """All visits and rounds."""
        return sum(kind.visits for kind in self.kinds)

    @property
    def doors(self) -> int:
        """All doors, a round's each counted."""
        return sum(kind.doors for kind in self.kinds)

    @property
    def minutes(self) -> int:
        """All recorded minutes."""
        return sum(kind.minutes for kind in self.kinds)


def monthly(community_id: int | None, month: date) -> Report:
    """Return the report of a community's month (None = all communities)."""
    inside = _inside(community_id, month)
    volunteers = select(func.count(ServiceRecord.volunteer_id.distinct())).where(inside)
    return Report(
        month=month_of(month),
        volunteers=db.session.scalar(volunteers) or 0,
        elders=_elders_served(inside),
        kinds=_kinds(inside),
        by_month=[(each, _minutes(_inside(community_id, each))) for each in months_until(month_of(month), MONTHS_SHOWN)],
    )


def _inside(community_id: int | None, month: date) -> ColumnElement[bool]:
    """Say that a record counts and lies in a community's month."""
    days = and_(COUNTS, ServiceRecord.day >= month_of(month), ServiceRecord.day < next_month(month))
    return days if community_id is None else and_(days, ServiceRecord.community_id == community_id)


def _kinds(inside: ColumnElement[bool]) -> list[KindRow]:
    """Return the rows by kind, most minutes first."""
    minutes = func.sum(ServiceRecord.minutes)
    rows = db.session.execute(
        select(
            ServiceKind.name,
            ServiceKind.name_en,
            func.count(ServiceRecord.volunteer_id.distinct()),
            func.count(),
            func.sum(ServiceRecord.doors),
            minutes,
        )
        .join(ServiceKind, ServiceKind.id == ServiceRecord.kind_id)
        .where(inside)
        .group_by(ServiceKind.id)
        .order_by(minutes.desc(), ServiceKind.id)
    )
    return [KindRow(name, name_en, persons, visits, int(doors), int(total)) for name, name_en, persons, visits, doors, total in rows]


def _elders_served(inside: ColumnElement[bool]) -> int:
    """Return how many persons live behind the doors that were served."""
    visited = select(Visit.household_id).join(ServiceRecord, ServiceRecord.visit_id == Visit.id).where(inside)
    delivered = (
        select(Visit.household_id)
        .join(Offer, Offer.visit_id == Visit.id)
        .join(ServiceRecord, ServiceRecord.round_id == Offer.round_id)
        .where(inside, Offer.outcome.in_(SERVED))
    )
    doors = union(visited, delivered).subquery()
    return db.session.scalar(select(func.count(Elder.id)).where(Elder.household_id.in_(select(doors.c.household_id)))) or 0


def _minutes(inside: ColumnElement[bool]) -> int:
    """Return all minutes of some records."""
    return int(db.session.scalar(select(func.coalesce(func.sum(ServiceRecord.minutes), 0)).where(inside)) or 0)
