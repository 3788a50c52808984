"""Doors of the two books: records and their correction, accounts and moves, statements, certificates, and what waits for a second person.

Whatever makes, lengthens or moves minutes waits for a second person exactly as on pages: it is the same action that says so.
"""

from datetime import date, timedelta
from typing import Any

from flask import request
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from timebank import clock
from timebank.access.guards import this_user
from timebank.api.edge import Doors, marked, once
from timebank.api.paging import PageArgs, listed, page
from timebank.api.shapes import books as shapes
from timebank.api.shared import here, me
from timebank.books import queries as books
from timebank.certificates import actions as issuing
from timebank.certificates import proposed as issuing_proposed
from timebank.certificates import queries as register
from timebank.certificates.models import Certificate
from timebank.credit import actions as credit
from timebank.credit import proposed as credit_proposed
from timebank.credit import queries as credits_
from timebank.elders import queries as elders
from timebank.errors import NotFound
from timebank.ledger import queries as ledger
from timebank.ledger.models import Account, Transfer
from timebank.proposals import actions as proposals
from timebank.proposals import carriers
from timebank.proposals import queries as waiting
from timebank.proposals.models import Proposal
from timebank.proposals.models import State as ProposalState
from timebank.records import queries as records
from timebank.visits.actions.correcting import correct
from timebank.visits.models import ServiceRecord
from timebank.volunteers import queries as volunteers
from timebank.volunteers.models import Volunteer
from timebank.web import found

doors = Doors("books", "Records, accounts, certificates, second persons")
RECENT = timedelta(days=62)
Page = dict[str, Any]


@doors.get("/records")
@doors.arguments(shapes.RecordArgs, location="query")
@doors.response(200, listed(shapes.RecordShape))
def list_records(asked: dict[str, Any]) -> Page:
    """The records that stand, of some days or of one volunteer."""
    rows = select(ServiceRecord).where(ServiceRecord.community_id == here(), ServiceRecord.current)
    if asked["volunteer"] is not None:
        rows = rows.where(ServiceRecord.volunteer_id == asked["volunteer"])
    return _records(rows, asked)


def _records(rows: Any, asked: dict[str, Any]) -> Page:  # noqa: ANN401 - a statement of many parts
    """Return a page of records of some days."""
    rows = rows.where(ServiceRecord.day >= asked["first"]) if asked["first"] else rows
    rows = rows.where(ServiceRecord.day <= asked["last"]) if asked["last"] else rows
    return page(rows.options(joinedload(ServiceRecord.kind)), ServiceRecord.id, asked)


@doors.get("/records/<int:record_id>")
@marked
@doors.response(200, shapes.RecordShape)
def record(record_id: int) -> ServiceRecord:
    """One record, in whichever version."""
    return found(records.record_in(record_id, here()))


@doors.get("/my/records")
@doors.arguments(shapes.RecordArgs, location="query")
@doors.response(200, listed(shapes.RecordShape))
def my_records(asked: dict[str, Any]) -> Page:
    """One's own records."""
    return _records(select(ServiceRecord).where(ServiceRecord.volunteer_id == me().id, ServiceRecord.current), asked)


@doors.post("/records/<int:record_id>/correct")
@once
@doors.arguments(shapes.CorrectBody)
@doors.response(200, shapes.CorrectedShape)
def correct_record(said: dict[str, Any], record_id: int) -> dict[str, Any]:
    """Correct a record's minutes: fewer at once, as a new version beside the old one; more wait for a second person."""
    made = correct(found(records.record_in(record_id, here())), said["minutes"], said["reason"], this_user())
    return _or_proposal("record", made)


def _or_proposal(name: str, made: object) -> dict[str, Any]:
    """Return what was made, or the number of the proposal that waits in its place."""
    waits = isinstance(made, Proposal)
    return {name: None if waits else made, "proposal": made.id if isinstance(made, Proposal) else None}


@doors.get("/accounts")
@doors.arguments(PageArgs, location="query")
@doors.response(200, listed(shapes.AccountShape))
def accounts(asked: dict[str, Any]) -> Page:
    """The time accounts of the community."""
    return page(select(Account).where(Account.community_id == here()), Account.id, asked)


@doors.get("/transfers")
@doors.arguments(PageArgs, location="query")
@doors.response(200, listed(shapes.TransferShape))
def transfers(asked: dict[str, Any]) -> Page:
    """The community's book, transfer after transfer; each carries the hash that chains it to the one before."""
    return page(select(Transfer).where(Transfer.community_id == here()), Transfer.seq, asked)


@doors.get("/my/account")
@doors.response(200, shapes.OwnAccountShape)
def my_account() -> dict[str, Any]:
    """One's own time account."""
    mine = me()
    links = [each for each in credits_.links_of(mine) if each.agreed and each.elder is not None]
    return {
        "account": mine.account_id,
        "balance": ledger.balance(mine.account_id),
        "lines": ledger.lines(mine.account_id, clock.today() - RECENT, clock.today() + timedelta(days=1)).lines,
        "relatives": [{"link": each.id, "elder": each.elder_id} for each in links],
    }


@doors.post("/my/gifts/<int:link_id>")
@once
@doors.arguments(shapes.MinutesBody)
@doors.response(201, shapes.MovedShape)
def give(said: dict[str, Any], link_id: int) -> dict[str, Any]:
    """Give minutes of one's own to a relative who was checked."""
    mine = me()
    moved = credit.give(found(credits_.link_of(mine, link_id)), said["minutes"], key=_key(), actor=_actor())
    return _or_proposal("transfer", moved)


@doors.post("/my/donations")
@once
@doors.arguments(shapes.MinutesBody)
@doors.response(201, shapes.MovedShape)
def donate(said: dict[str, Any]) -> dict[str, Any]:
    """Give minutes of one's own to the public pool."""
    return _or_proposal("transfer", credit.donate(me(), said["minutes"], key=_key(), actor=_actor()))


@doors.post("/elders/<int:elder_id>/grants")
@once
@doors.arguments(shapes.MinutesBody)
@doors.response(201, shapes.MovedShape)
def grant(said: dict[str, Any], elder_id: int) -> dict[str, Any]:
    """Grant a priority elder minutes from the pool; above the usual they wait for a second person."""
    known = found(elders.elder_of(here(), elder_id))
    return _or_proposal("transfer", credit_proposed.grant(known, said["minutes"], key=_key(), by=this_user()))


def _key() -> str:
    """Return the name of this very request in the book, so that it moves minutes once whatever comes of its answer."""
    return f"api:{this_user().id}:{request.endpoint}:{request.headers['Idempotency-Key']}"


def _actor() -> str:
    """Return the token's user as the ledger names who asked."""
    return f"user:{this_user().id}"


def _month(said: str) -> date:
    """Return the first day of a month in an address."""
    try:
        month = date.fromisoformat(f"{said}-01") if len(said) == len("2026-11") else None
    except ValueError:
        month = None
    if month is None or not 2000 <= month.year <= 2100:
        raise NotFound("没有这个月。月份写成 2026-11 这样。")
    return month


def _statement(volunteer: Volunteer, month: str) -> dict[str, Any]:
    """Return a volunteer's month."""
    shown = books.statement(volunteer, _month(month))
    return {
        "volunteer": volunteer.id,
        "month": f"{shown.month:%Y-%m}",
        "minutes": shown.minutes,
        "visits": shown.visits,
        "lifetime": shown.lifetime,
        "opening": shown.account.opening,
        "closing": shown.account.closing,
        "object_until": shown.object_until,
        "closed": shown.closed is not None,
        "head": shown.head.hash,
        "records": shown.records,
        "lines": shown.account.lines,
    }


@doors.get("/volunteers/<int:volunteer_id>/statements/<month>")
@marked
@doors.response(200, shapes.StatementShape)
def statement(volunteer_id: int, month: str) -> dict[str, Any]:
    """A volunteer's month in both books."""
    return _statement(found(volunteers.volunteer_in(here(), volunteer_id)), month)


@doors.get("/my/statements/<month>")
@marked
@doors.response(200, shapes.StatementShape)
def my_statement(month: str) -> dict[str, Any]:
    """One's own month in both books."""
    return _statement(me(), month)


@doors.get("/certificates")
@doors.arguments(PageArgs, location="query")
@doors.response(200, listed(shapes.CertificateShape))
def certificates(asked: dict[str, Any]) -> Page:
    """The register of certificates."""
    return page(select(Certificate).where(Certificate.community_id == here()), Certificate.id, asked)


def _certificate(certificate_id: int) -> Certificate:
    """Return a certificate of the community."""
    return found(register.certificate_in(certificate_id, here()))


@doors.get("/certificates/<int:certificate_id>")
@marked
@doors.response(200, shapes.CertificateShape)
def certificate(certificate_id: int) -> Certificate:
    """One certificate."""
    return _certificate(certificate_id)


@doors.get("/my/certificates")
@doors.arguments(PageArgs, location="query")
@doors.response(200, listed(shapes.CertificateShape))
def my_certificates(asked: dict[str, Any]) -> Page:
    """One's own certificates."""
    return page(select(Certificate).where(Certificate.volunteer_id == me().id), Certificate.id, asked)


@doors.post("/volunteers/<int:volunteer_id>/certificates")
@once
@doors.arguments(shapes.IssueBody)
@doors.response(201, shapes.IssuedShape)
def issue(said: dict[str, Any], volunteer_id: int) -> dict[str, Any]:
    """Issue a certificate from the record; one in force that differs is replaced only where ``replaces`` names it (would_replace)."""
    known = found(volunteers.volunteer_in(here(), volunteer_id))
    start, end, replaces = (said.pop(name) for name in ("start", "end", "replaces"))
    wishes = issuing.Wishes(**said)
    return _or_proposal("certificate", issuing_proposed.ask_for_certificate(known, start, end, this_user(), wishes, replaces=replaces))


@doors.post("/certificates/<int:certificate_id>/revoke")
@once
@doors.arguments(shapes.RevokeBody)
@doors.response(200, shapes.CertificateShape)
def revoke(said: dict[str, Any], certificate_id: int) -> Certificate:
    """End a certificate, with the reason that its check page shows."""
    known = _certificate(certificate_id)
    issuing.revoke(known, this_user(), said["reason"])
    return known


def _proposal(proposal_id: int) -> Proposal:
    """Return a proposal of the community."""
    return found(waiting.proposal_in(here(), proposal_id))


def _said(proposal: Proposal) -> dict[str, Any]:
    """Return a proposal in words, and whether the token's user may decide on it."""
    shown = carriers.of(proposal.kind).show(proposal)
    open_still = proposal.state is ProposalState.PENDING
    return {
        **_stored(proposal),
        "title": shown.title[0],
        "title_en": shown.title[1],
        "may_decide": open_still and proposals.why_not(proposal, this_user()) is None,
    }


def _stored(proposal: Proposal) -> dict[str, Any]:
    """Return what of a proposal is shown as it is stored."""
    made = {"title", "title_en", "may_decide"}
    return {name: getattr(proposal, name) for name in shapes.ProposalShape().fields if name not in made}


@doors.get("/proposals")
@doors.arguments(PageArgs, location="query")
@doors.response(200, listed(shapes.ProposalShape))
def list_proposals(asked: dict[str, Any]) -> Page:
    """What was asked for and waits for a second person, or was decided."""
    rows = page(select(Proposal).where(waiting.of(here())), Proposal.id, asked)
    return {**rows, "items": [_said(each) for each in rows["items"]]}


@doors.post("/proposals/<int:proposal_id>/agree")
@once
@doors.response(200, shapes.ProposalShape)
def agree(proposal_id: int) -> dict[str, Any]:
    """Agree, as the second person, to what a colleague asked for."""
    known = _proposal(proposal_id)
    proposals.agree(known, this_user())
    return _said(known)


@doors.post("/proposals/<int:proposal_id>/refuse")
@once
@doors.arguments(shapes.RefusalBody)
@doors.response(200, shapes.ProposalShape)
def refuse(said: dict[str, Any], proposal_id: int) -> dict[str, Any]:
    """Refuse what a colleague asked for, with the reason."""
    known = _proposal(proposal_id)
    proposals.refuse(known, this_user(), said["decision"])
    return _said(known)


@doors.post("/proposals/<int:proposal_id>/withdraw")
@once
@doors.response(200, shapes.ProposalShape)
def withdraw(proposal_id: int) -> dict[str, Any]:
    """Take back what one has asked for oneself."""
    known = _proposal(proposal_id)
    proposals.withdraw(known, this_user())
    return _said(known)
