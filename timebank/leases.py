"""Leases: of several processes, on one machine or on many, one does what is only to be done once, such as the work of the clock.

Whoever takes a lease has it until its time is over; then, or at once when its process on this machine has ended, the next one who
asks takes it. Taking is one statement that the database decides, so that of two who ask at the same moment one gets it.
"""

from datetime import datetime, timedelta

from sqlalchemy import or_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from timebank import children, clock
from timebank.db import Base, db, transaction
from timebank.wholly import SECRET


class Lease(Base):
    """Who does something that only one process does, and until when nobody else may take it over."""

    __tablename__ = "lease"
    __table_args__ = ({"info": SECRET},)

    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    until: Mapped[datetime]


def take(name: str, length: timedelta) -> bool:
    """Take a lease, or keep the one this process has, in a write unit of its own; say whether this process has it now."""
    me, now = children.name_of_this_process(), clock.now()
    try:
        with transaction():
            held = db.session.get(Lease, name)
            if held is None:
                db.session.add(Lease(name=name, holder=me, until=now + length))
                return True
            may = or_(Lease.until <= now, Lease.holder == me)
            if children.is_gone(held.holder):
                may = or_(may, Lease.holder == held.holder)
            taken = update(Lease).where(Lease.name == name, may).values(holder=me, until=now + length)
            changed: int = db.session.execute(taken).rowcount  # type: ignore[attr-defined]
            return changed == 1
    except IntegrityError:
        return False  # somebody else wrote the first one at this moment


def holder(name: str) -> str:
    """Return which process has a lease: machine, number and when it began; nothing where nobody has."""
    held = db.session.get(Lease, name, populate_existing=True)
    return held.holder if held is not None and held.until > clock.now() else ""
