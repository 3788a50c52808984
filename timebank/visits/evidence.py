"""The tie between the two books: every credit for service has the one record it was made for, every claim the one corrected."""

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import aliased

from timebank.db import db
from timebank.ledger import claims
from timebank.ledger.models import CREDITS, Account, AccountKind, Transfer, correction_source
from timebank.visits.models import ServiceRecord
from timebank.volunteers.models import Volunteer


def first_unfounded() -> int | None:
    """Return the first credit for service that no record of whom it went to (or, of a group, to the pool) stands behind.

    Where there is none, the first claim that does not come from the correction of a record.
    """
    credited = aliased(Account)
    founded = exists().where(
        ServiceRecord.transfer_seq == Transfer.seq,
        Volunteer.id == ServiceRecord.volunteer_id,
        Volunteer.community_id == Transfer.community_id,
        credited.id == Transfer.credit_id,
        or_(Volunteer.account_id == credited.id, credited.kind == AccountKind.POOL),
    )
    found = db.session.scalar(select(func.min(Transfer.seq)).where(Transfer.kind.in_(CREDITS), ~founded))
    return _first_claim_of_nothing() if found is None else found


def _first_claim_of_nothing() -> int | None:
    """Return the first claim whose source names no corrected record of a volunteer of its community."""
    owed = claims.claims()
    corrected = select(ServiceRecord.id, Volunteer.community_id).join(ServiceRecord.volunteer).where(ServiceRecord.version > 1)
    meant = {correction_source(number): community for number, community in db.session.execute(corrected)} if owed else {}
    wrong = (each.advance.seq for each in owed if meant.get(each.advance.source) != each.advance.community_id)
    return min(wrong, default=None)
