"""What a record says besides its minutes, and the credit of one that was entered by hand."""

from timebank.errors import Conflict
from timebank.ledger import actions as ledger
from timebank.ledger.models import AccountKind, Transfer, TransferKind
from timebank.visits.entries import ManualEntry
from timebank.visits.models import Round, ServiceRecord, Visit
from timebank.volunteers.models import Volunteer


def place_of(visit: Visit | None, meals: Round | None, entry: ManualEntry | None) -> str:
    """Return where something took place, never closer than the compound: the record outlives the visit and is passed on."""
    if visit is not None:
        return visit.household.building.compound.name
    if meals is not None:
        return meals.canteen.name
    return entry.place if entry is not None else ""


def credit_by_hand(record: ServiceRecord, entry: ManualEntry, volunteer: Volunteer, minutes: int, source: str) -> None:
    """Credit what was entered by hand: the ledger keeps both people and shows it as what it is; staff are never credited."""
    if volunteer.staff or minutes < 1:
        return
    transfer: Transfer = ledger.post(
        community_id=volunteer.community_id,
        debit=ledger.system_account(volunteer.community_id, AccountKind.ISSUED).id,
        credit=volunteer.account_id,
        minutes=minutes,
        kind=TransferKind.MANUAL,
        source=source,
        idem=("record", source),
        actor=f"user:{entry.entered_by}",
        approver=f"user:{entry.decided_by}",
        note=f"entry:{entry.id}",
    )
    record.transfer_seq = transfer.seq


def second_person(record: ServiceRecord, minutes: int, by: int) -> str | None:
    """Return who stands behind a corrected entry besides whoever corrects it; there is nobody for minutes they never saw."""
    entry = record.entry
    if entry is None or entry.decided_by is None:
        return None
    if minutes > record.minutes:
        raise Conflict(
            "手工和补录的时间只能往下更正。少记了的，请另录一条，由另一位同事核准。",
            "Time entered by hand is only corrected downwards. What is missing is entered anew and posted by a colleague.",
        )
    return f"user:{entry.decided_by if entry.entered_by == by else entry.entered_by}"
