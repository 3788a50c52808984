"""The audit trail: one row per change, written in the change's own transaction, with ids and never with names.

What of a row has changed is written down field by field: numbers, days and choices as they were and are, a telephone masked,
and of words only that they changed. Who looked at somebody's page is a row as well, one for each reader, person and day.
"""

import contextlib
import logging
from collections.abc import Callable, Collection, Generator, Iterator
from contextvars import ContextVar
from datetime import date, datetime
from enum import Enum
from typing import Any

from sqlalchemy import Index, event, func, inspect, select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Mapped, Session, mapped_column

from timebank import clock
from timebank.db import BRIEFLY, PATIENCE, Base, db, transaction
from timebank.phones import mask_phone

log = logging.getLogger(__name__)
actor: ContextVar[str] = ContextVar("actor", default="system")
printer: ContextVar[int | None] = ContextVar("printer", default=None)
"""Who printed the sheet by whose code somebody is signed in; None for a sign-in of one's own."""
bearer: ContextVar[int | None] = ContextVar("bearer", default=None)
"""By which token a program does this in somebody's name; None for whoever sits at a page."""

inviter: ContextVar[int | None] = ContextVar("inviter", default=None)
"""Who made the invitation by which somebody is signed in; None for a sign-in of one's own."""

noted: list[Callable[["AuditRow"], None]] = []
"""What else is done, in the same write unit, when a deed is noted; a room above that tells others of it adds itself here."""

Changes = dict[str, list[Any]]
PRIVATE = frozenset({"lat", "lon", "birth_year", "level", "floor", "building_id"})
TELEPHONES = frozenset({"phone", "for_phone", "lead_phone"})
DERIVED = frozenset({"sort_key"})
LOOKED = "look"
REFUSED = "refused"


class AuditRow(Base):
    """One change: who, what, on which thing, when; ``once`` names what is noted one time only, such as a look in a day."""

    __tablename__ = "audit"
    __table_args__ = (Index(None, "subject", "subject_id"), Index(None, "at"), Index(None, "actor", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    verb: Mapped[str]
    subject: Mapped[str]
    subject_id: Mapped[str]
    detail: Mapped[dict[str, Any]]
    once: Mapped[str | None] = mapped_column(unique=True)


def acting_user() -> int | None:
    """Return the number of the user in whose name this is done; None for the clock, for jobs and for the machine's own commands."""
    return user_in(actor.get())


def first_hand() -> int | None:
    """Return who stands behind what is done now: whoever made the invitation by which it is done, else the acting user."""
    return inviter.get() or acting_user()


def user_in(words: str) -> int | None:
    """Return the number of the user whom an actor's name means, None where it is the clock, a job or a command."""
    kind, _, number = words.partition(":")
    return int(number) if kind == "user" else None


def hand_in(row: AuditRow) -> int | None:
    """Return who stands behind a row: whoever made the invitation it was done by, else its user; None for the clock, a job or a command."""
    invited: int | None = row.detail.get("invited_by")
    return invited or user_in(row.actor)


def record(verb: str, subject: str, subject_id: object, **detail: object) -> None:
    """Write the audit row of a change; ``detail`` holds ids, minutes and states, never personal data, and the token it came by.

    Of what is done in a session that an invitation opened it says who made that one.
    """
    if bearer.get() is not None:
        detail["token"] = bearer.get()
    if inviter.get() is not None:
        detail["invited_by"] = inviter.get()
    row = AuditRow(at=clock.now(), actor=actor.get(), verb=verb, subject=subject, subject_id=str(subject_id), detail=detail)
    db.session.add(row)
    for follow in noted:
        follow(row)


@contextlib.contextmanager
def changing(verb: str, row: Base, *, always: bool = True, **detail: object) -> Generator[None]:
    """Write the audit row of what is done to a row inside, with every field that becomes another; not ``always``, only if one does."""
    db.session.flush()
    with watched() as seen:
        yield
        db.session.flush()
    changed = seen.get(row, {})
    if changed or always:
        (number,) = inspect(row).identity or ("",)
        record(verb, row.__tablename__, number, fields=changed, **detail)


@contextlib.contextmanager
def watched() -> Generator[dict[Base, Changes]]:
    """Give what becomes of stored rows while it is open: of each that was written, the fields that are others now."""
    seen: dict[Base, Changes] = {}
    session = db.session()

    def note(flushed: Session, _context: object) -> None:
        for row in flushed.dirty:
            if isinstance(row, Base):
                _merge(seen.setdefault(row, {}), row)

    event.listen(session, "after_flush", note)
    try:
        yield seen
    finally:
        event.remove(session, "after_flush", note)


def _merge(changes: Changes, row: Base) -> None:
    """Add what a write has made of a row's fields to what earlier ones had."""
    state = inspect(row)
    for column in state.mapper.column_attrs:
        history = state.attrs[column.key].history
        if column.key in DERIVED or not history.has_changes():
            continue
        before = history.deleted[0] if history.deleted else None
        first = changes.get(column.key, [said(column.key, before)])[0]
        changes[column.key] = [first, said(column.key, history.added[0] if history.added else None)]


def said(field: str, value: object) -> object:
    """Return what the trail may keep of a field's value: a number, a day, a choice; a telephone masked; of words nothing."""
    if isinstance(value, Enum) and field not in PRIVATE:
        return value.value
    if field in TELEPHONES and isinstance(value, str):
        return mask_phone(value)
    if isinstance(value, datetime | date) and field not in PRIVATE:
        return value.isoformat()
    if isinstance(value, str) or field in PRIVATE:
        return None
    return value


def newest(verb: str) -> datetime | None:
    """Return when something was last done; nothing where it never was."""
    return db.session.scalar(select(func.max(AuditRow.at)).where(AuditRow.verb == verb))


def last(subject: str, subject_id: object, *, verbs: Collection[str] = (), fields: Collection[str] = ()) -> AuditRow | None:
    """Return the newest row of a thing that has one of these verbs or says that one of these fields has become another."""
    return next(newest_first(subject, subject_id, verbs=verbs, fields=fields), None)


def newest_first(subject: str, subject_id: object, *, verbs: Collection[str] = (), fields: Collection[str] = ()) -> Iterator[AuditRow]:
    """Yield the rows of a thing that have one of these verbs or say that one of these fields has become another, the newest first."""
    rows = select(AuditRow).where(AuditRow.subject == subject, AuditRow.subject_id == str(subject_id)).order_by(AuditRow.id.desc())
    return (row for row in db.session.scalars(rows) if row.verb in verbs or set(fields) & set(row.detail.get("fields") or ()))


def look(subject: str, subject_id: object) -> None:
    """Note that the reader has seen somebody's page, once a day; a page is still shown when that cannot be written just now."""
    once = f"{LOOKED} {actor.get()} {subject} {subject_id} {clock.today()}"
    if db.session.scalar(select(AuditRow.id).where(AuditRow.once == once)) is not None:
        return
    _note(
        AuditRow(at=clock.now(), actor=actor.get(), verb=LOOKED, subject=subject, subject_id=str(subject_id), detail={}, once=once), BRIEFLY
    )


def refuse(user_id: int, page: str, status: int, most: int) -> None:
    """Note that something was refused to the reader, once a day for each page, and no more than ``most`` a day of one reader."""
    once = f"{REFUSED} {user_id} {page} {status} {clock.today()}"
    mine = (AuditRow.actor == actor.get(), AuditRow.at >= clock.at(clock.today(), 0), AuditRow.verb == REFUSED)
    if db.session.scalar(select(AuditRow.id).where(AuditRow.once == once)) is not None:
        return
    if (db.session.scalar(select(func.count()).select_from(AuditRow).where(*mine)) or 0) >= most:
        return
    detail: dict[str, Any] = {"fields": {"page": [None, page], "answer_given": [None, status]}}
    if inviter.get() is not None:
        detail["invited_by"] = inviter.get()
    _note(
        AuditRow(at=clock.now(), actor=actor.get(), verb=REFUSED, subject="user", subject_id=str(user_id), detail=detail, once=once),
        BRIEFLY,
    )


def handed_out(verb: str, subject: str, subject_id: object, **detail: object) -> None:
    """Note that the reader searched or printed something; it is still given when that cannot be written just now."""
    _note(AuditRow(at=clock.now(), actor=actor.get(), verb=verb, subject=subject, subject_id=str(subject_id), detail=detail))


def _note(row: AuditRow, patience: float = PATIENCE) -> None:
    """Write the row of a reading in a unit of its own, as far as the database takes it."""
    try:
        with transaction(patience=patience):
            db.session.add(row)
    except (IntegrityError, OperationalError):
        log.warning("a reading was not noted: somebody noted it at the same moment, or the database does not take writes")
