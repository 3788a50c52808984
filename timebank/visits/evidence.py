"""The tie between the two books: every credit for service has the one record it was made for."""

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import aliased

from timebank.db import db
from timebank.ledger.models import CREDITS, Account, AccountKind, Transfer
from timebank.visits.models import ServiceRecord
from timebank.volunteers.models import Volunteer


def first_unfounded() -> int | None:
    """Return the first credit for service that no record of whom it went to (or, of a group, to the pool) stands behind."""
    credited = aliased(Account)
    founded = exists().where(
        ServiceRecord.transfer_seq == Transfer.seq,
        ServiceRecord.community_id == Transfer.community_id,
        Volunteer.id == ServiceRecord.volunteer_id,
        credited.id == Transfer.credit_id,
        or_(Volunteer.account_id == credited.id, credited.kind == AccountKind.POOL),
    )
    return db.session.scalar(select(func.min(Transfer.seq)).where(Transfer.kind.in_(CREDITS), ~founded))
