"""Reads of what waits for a second person and what was decided."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select

from timebank import clock
from timebank.db import db
from timebank.proposals.models import OF_ALL, Kind, Proposal, State


def of(community_id: int) -> ColumnElement[bool]:
    """Return what picks the proposals that a community's office decides on: its own, and what concerns every community."""
    return or_(Proposal.community_id == community_id, Proposal.subject.startswith(f"{OF_ALL}:"))


def waiting_on(kind: Kind, subject: str) -> Proposal | None:
    """Return what waits about one thing."""
    return db.session.scalar(select(Proposal).where(Proposal.kind == kind, Proposal.subject == subject, Proposal.state == State.PENDING))


def subjects_waiting(kind: Kind) -> set[str]:
    """Return what something of a kind waits about."""
    return set(db.session.scalars(select(Proposal.subject).where(Proposal.kind == kind, Proposal.state == State.PENDING)))


def agreed_on(subject: str) -> Sequence[Proposal]:
    """Return what two people agreed on about one thing, oldest first."""
    rows = select(Proposal).where(Proposal.subject == subject, Proposal.state == State.AGREED)
    return db.session.scalars(rows.order_by(Proposal.id)).all()


def pending(community_id: int) -> Sequence[Proposal]:
    """Return what waits in a community, oldest first."""
    rows = select(Proposal).where(of(community_id), Proposal.state == State.PENDING)
    return db.session.scalars(rows.order_by(Proposal.id)).all()


def decided(community_id: int, limit: int = 50) -> Sequence[Proposal]:
    """Return what was decided last, newest first."""
    rows = select(Proposal).where(of(community_id), Proposal.state != State.PENDING)
    return db.session.scalars(rows.order_by(Proposal.decided_at.desc(), Proposal.id.desc()).limit(limit)).all()


def proposal_in(community_id: int, proposal_id: int) -> Proposal | None:
    """Return a proposal of a community, or one that concerns every community."""
    return db.session.scalar(select(Proposal).where(Proposal.id == proposal_id, of(community_id)))


def due() -> Sequence[Proposal]:
    """Return what has waited long enough to be carried out without a word."""
    rows = select(Proposal).where(Proposal.state == State.PENDING, Proposal.due_at.is_not(None), Proposal.due_at <= clock.now())
    return db.session.scalars(rows.order_by(Proposal.id)).all()


def carried_out(community_id: int, kinds: Iterable[Kind], start: datetime, end: datetime) -> Sequence[Proposal]:
    """Return what of some kinds took effect in a span of time, oldest first."""
    rows = select(Proposal).where(
        Proposal.community_id == community_id,
        Proposal.kind.in_(list(kinds)),
        Proposal.state.in_([State.AGREED, State.ELAPSED]),
        Proposal.decided_at >= start,
        Proposal.decided_at < end,
    )
    return db.session.scalars(rows.order_by(Proposal.decided_at, Proposal.id)).all()
