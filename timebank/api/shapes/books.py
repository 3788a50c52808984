"""Shapes of the two books: records of service, and minutes on accounts; of statements, certificates, and what waits for a second person."""

from marshmallow import Schema, fields

from timebank.api.fields import Among, Between, Day, Mark, Written, number, text, word_of
from timebank.api.paging import PageArgs
from timebank.certificates.models import CertificateState
from timebank.certificates.schemas import ID_TYPES
from timebank.hours import DAY_AT_MOST
from timebank.ledger.models import MOST_MINUTES, AccountKind, TransferKind
from timebank.proposals.models import Kind, State
from timebank.visits.models import Trust

LONGEST_REASON = 200


class RecordShape(Schema):
    """A service record in its version that stands, or in an earlier one."""

    id = fields.Integer()
    version = fields.Integer()
    current = fields.Boolean()
    volunteer = fields.Integer(attribute="volunteer_id")
    visit = fields.Integer(attribute="visit_id", allow_none=True)
    round = fields.Integer(attribute="round_id", allow_none=True)
    duty = fields.Integer(attribute="duty_id", allow_none=True)
    kind = fields.String(attribute="kind.code")
    day = fields.Date()
    started_at = fields.AwareDateTime()
    ended_at = fields.AwareDateTime()
    minutes = fields.Integer()
    planned_minutes = fields.Integer()
    activity = fields.String()
    place = fields.String()
    paid = fields.Boolean()
    collective = fields.Boolean()
    trust = word_of(Trust)
    transfer = fields.Integer(attribute="transfer_seq", allow_none=True)


class RecordsShape(Schema):
    """What went on record."""

    items = fields.List(fields.Nested(RecordShape))


class RecordArgs(PageArgs):
    """Which records are listed."""

    first = Day(load_default=None)
    last = Day(load_default=None)
    volunteer = fields.Integer(load_default=None, validate=Between(1, 2**31 - 1))


class CorrectBody(Schema):
    """The right minutes, and why."""

    minutes = number(0, DAY_AT_MOST, required=True)
    reason = text(LONGEST_REASON, required=True)


class CorrectedShape(Schema):
    """The new version of a record, or the proposal that waits for a second person."""

    record = fields.Nested(RecordShape, allow_none=True)
    proposal = fields.Integer(allow_none=True)


class AccountShape(Schema):
    """A time account; only a member's is somebody's."""

    id = fields.Integer()
    kind = word_of(AccountKind)
    balance = fields.Integer()


class TransferShape(Schema):
    """Minutes moved, once and for ever."""

    seq = fields.Integer()
    at = fields.AwareDateTime()
    kind = word_of(TransferKind)
    debit = fields.Integer(attribute="debit_id")
    credit = fields.Integer(attribute="credit_id")
    minutes = fields.Integer()
    source = fields.String()
    reverses = fields.Integer(allow_none=True)
    hash = fields.String()


class LineShape(Schema):
    """A movement of one account; minutes are signed, the balance is the one after it."""

    seq = fields.Integer()
    at = fields.AwareDateTime()
    kind = word_of(TransferKind)
    minutes = fields.Integer()
    balance = fields.Integer()
    is_reversed = fields.Boolean()


class OwnAccountShape(Schema):
    """A volunteer's own time account, with the movements of the last two months and whom minutes can be given to."""

    account = fields.Integer()
    balance = fields.Integer()
    lines = fields.List(fields.Nested(LineShape))
    relatives = fields.Function(lambda row: row["relatives"], metadata={"type": "array", "items": {"type": "object"}})


class MinutesBody(Schema):
    """How many minutes."""

    minutes = number(1, MOST_MINUTES, required=True)


class MovedShape(Schema):
    """The transfer that was made, or the proposal that waits for a second person."""

    transfer = fields.Nested(TransferShape, allow_none=True)
    proposal = fields.Integer(allow_none=True)


class StatementShape(Schema):
    """A volunteer's month in both books."""

    volunteer = fields.Integer()
    month = fields.String()
    minutes = fields.Integer()
    visits = fields.Integer()
    lifetime = fields.Integer(metadata={"description": "all recorded minutes until the end of the month"})
    opening = fields.Integer()
    closing = fields.Integer()
    object_until = fields.Date(allow_none=True)
    closed = fields.Boolean()
    head = fields.String(metadata={"description": "hash of the community's newest transfer"})
    records = fields.List(fields.Nested(RecordShape))
    lines = fields.List(fields.Nested(LineShape))


class CertificateShape(Schema):
    """A certificate of the register, with the check code and the digest that stand on its paper."""

    id = fields.Integer()
    number = fields.String()
    volunteer = fields.Integer(attribute="volunteer_id")
    period_from = fields.Date()
    period_to = fields.Date()
    state = word_of(CertificateState)
    check_code = fields.String()
    content_sha256 = fields.String()
    issued_at = fields.AwareDateTime()
    ended_at = fields.AwareDateTime(allow_none=True)
    national_no = fields.String(allow_none=True)


class IssueBody(Schema):
    """The period of a certificate, and what the volunteer wishes on it; ``replaces`` names the one in force that it takes the place of."""

    start = Day(required=True)
    end = Day(required=True)
    replaces = number(load_default=None, allow_none=True)
    remarks = text(LONGEST_REASON, load_default="")
    seal_required = fields.Boolean(load_default=False)
    id_type = fields.String(load_default=next(iter(ID_TYPES)), validate=Among([*ID_TYPES]))
    id_last4 = fields.String(load_default="", validate=Written(r"^(?:[0-9A-Za-z]{4})?$"))


class IssuedShape(Schema):
    """The certificate that was issued, or the proposal that waits for a second person."""

    certificate = fields.Nested(CertificateShape, allow_none=True)
    proposal = fields.Integer(allow_none=True)


class RevokeBody(Schema):
    """Why a certificate ends."""

    reason = text(LONGEST_REASON, required=True)


class ProposalShape(Schema):
    """What somebody asked for and a second person decides."""

    id = fields.Integer()
    kind = word_of(Kind)
    subject = fields.String()
    state = word_of(State)
    title = Mark()
    title_en = Mark()
    reason = fields.String()
    proposed_by = fields.Integer()
    proposed_at = fields.AwareDateTime()
    due_at = fields.AwareDateTime(allow_none=True)
    decided_by = fields.Integer(allow_none=True)
    decided_at = fields.AwareDateTime(allow_none=True)
    may_decide = fields.Boolean(metadata={"description": "whether the token's user may be its second person"})


class RefusalBody(Schema):
    """Why not."""

    decision = text(LONGEST_REASON, required=True)
