"""Papers of many people as one file to be printed at once: the certificates of a batch, everybody's statement of a month.

A file holds as many as a page waits for without impatience; what is more comes in parts.
"""

from collections.abc import Sequence
from datetime import date
from typing import TypeVar

from sqlalchemy import select

from timebank.db import db
from timebank.errors import NotFound
from timebank.recognition.models import BatchLine, Certificate, CertificateBatch, CertificateState
from timebank.recognition.queries import GIVEN, month_of, next_month
from timebank.visits.models import ServiceRecord
from timebank.volunteers.models import Volunteer

A_FILE = 100
Paper = TypeVar("Paper")


def of_batch(batch: CertificateBatch) -> Sequence[Certificate]:
    """Return the certificates of a batch that hold and could be printed, in the order of its lines."""
    rows = (
        select(Certificate)
        .join(BatchLine, BatchLine.certificate_id == Certificate.id)
        .where(BatchLine.batch_id == batch.id, BatchLine.refusal_zh == "", Certificate.state == CertificateState.VALID)
        .order_by(BatchLine.id)
    )
    return db.session.scalars(rows).all()


def with_service(community_id: int, month: date) -> Sequence[Volunteer]:
    """Return who has service on record in a month, in the order of a register."""
    inside = (GIVEN, ServiceRecord.day >= month_of(month), ServiceRecord.day < next_month(month))
    served = select(ServiceRecord.volunteer_id).where(*inside)
    rows = select(Volunteer).where(Volunteer.community_id == community_id, Volunteer.id.in_(served))
    return db.session.scalars(rows.order_by(Volunteer.sort_key, Volunteer.id)).all()


def parts(count: int) -> list[tuple[int, int]]:
    """Return which papers, counted from one, stand in each part."""
    return [(first, min(first + A_FILE - 1, count)) for first in range(1, count + 1, A_FILE)]


def part_of(papers: Sequence[Paper], number: int) -> Sequence[Paper]:
    """Return the papers of one part."""
    found = papers[(number - 1) * A_FILE : number * A_FILE] if number >= 1 else []
    if not found:
        raise NotFound(
            "没有要打印的，或者没有这一部分。请回到列表再看。", "There is nothing to print, or no such part. See the list again."
        )
    return found
