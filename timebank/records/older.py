"""History of service from an older system (旧系统): kept with the marks it came with, and never among the hours signed here.

A file's rows wait until a second person accepts them; then they stand for ever, beside every sum and in none. They credit nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from timebank import wholly
from timebank.db import db
from timebank.places.models import Community
from timebank.records.models import OlderBatch, OlderService
from timebank.volunteers.models import Volunteer


@dataclass(frozen=True, slots=True)
class Older:
    """What older systems recorded of somebody in a period: minutes, and the names of the systems."""

    minutes: int
    systems: str


NONE = Older(0, "")


def batches(community_id: int) -> Sequence[OlderBatch]:
    """Return a community's batches, newest first."""
    return db.session.scalars(select(OlderBatch).where(OlderBatch.community_id == community_id).order_by(OlderBatch.id.desc())).all()


def batch_in(community_id: int, batch_id: int) -> OlderBatch | None:
    """Return a batch of a community."""
    return db.session.scalar(select(OlderBatch).where(OlderBatch.id == batch_id, OlderBatch.community_id == community_id))


def rows_of(batch: OlderBatch, limit: int | None = None) -> Sequence[tuple[OlderService, Volunteer]]:
    """Return the rows of a batch with whose they are, by day."""
    rows = select(OlderService, Volunteer).join(Volunteer, Volunteer.id == OlderService.volunteer_id)
    rows = rows.where(OlderService.batch_id == batch.id).order_by(OlderService.day, OlderService.id).limit(limit)
    return [(one, whose) for one, whose in db.session.execute(rows)]


def digest_of(batch: OlderBatch) -> str:
    """Return a digest of every row of a batch: another one as soon as a row comes, goes or says something else."""
    rows = select(OlderService).where(OlderService.batch_id == batch.id).order_by(OlderService.id)
    told = (
        repr((each.id, each.volunteer_id, each.number, each.day, each.minutes, each.what, each.place, each.mark))
        for each in db.session.scalars(rows)
    )
    return wholly.digest_of(told)[1]


def sizes(community: Community) -> dict[int, tuple[int, int, int]]:
    """Return rows, minutes and persons of each batch of a community."""
    rows = select(
        OlderService.batch_id, func.count(), func.sum(OlderService.minutes), func.count(OlderService.volunteer_id.distinct())
    ).where(OlderService.community_id == community.id)  # fmt: skip
    return {
        number: (count, int(minutes), persons)
        for number, count, minutes, persons in db.session.execute(rows.group_by(OlderService.batch_id))
    }


def accepted(volunteer: Volunteer, start: date, end: date) -> Older:
    """Return what was accepted of somebody from a day up to and with another."""
    rows = (
        select(OlderBatch.system, func.sum(OlderService.minutes))
        .join(OlderBatch, OlderBatch.id == OlderService.batch_id)
        .where(OlderService.volunteer_id == volunteer.id, OlderBatch.accepted_at.is_not(None))
        .where(OlderService.day >= start, OlderService.day <= end)
        .group_by(OlderBatch.system)
        .order_by(OlderBatch.system)
    )
    found = [(system, int(minutes)) for system, minutes in db.session.execute(rows)]
    return Older(sum(minutes for _, minutes in found), "、".join(system for system, _ in found))
