"""我不舒服: an elder's own call for help. It goes away only when the office has closed it with a result."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from timebank import audit, clock
from timebank.access.models import Role, User
from timebank.access.queries import users_with
from timebank.db import Base, db
from timebank.elders.models import Elder
from timebank.elders.queries import courtesy_name, family_of
from timebank.errors import wrong
from timebank.notices.actions import notify

OPEN = text("closed_at IS NULL")


class ElderCall(Base):
    """One call: when it came, when the elder said that it was nothing, and who closed it with which result."""

    __tablename__ = "elder_call"
    __table_args__ = (
        Index("uq_elder_call_open", "elder_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name="closed_by_somebody"),
        CheckConstraint("closed_at IS NULL OR length(result) > 0", name="closed_with_a_result"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), index=True)
    elder_id: Mapped[int] = mapped_column(ForeignKey(Elder.id))
    raised_by: Mapped[int] = mapped_column(ForeignKey(User.id))
    raised_at: Mapped[datetime]
    fine_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    result: Mapped[str] = mapped_column(default="", server_default="")

    elder: Mapped[Elder] = relationship()


def call(elder: Elder, by: User) -> ElderCall:
    """Call for help: every coordinator and the family are told at once; calling again while one is open is the same call."""
    known = open_of(elder)
    if known is not None:
        known.fine_at = None
        return known
    made = ElderCall(community_id=elder.community_id, elder_id=elder.id, raised_by=by.id, raised_at=clock.now())
    db.session.add(made)
    db.session.flush()
    audit.record("call", "elder_call", made.id, elder=elder.id)
    said = {"who": courtesy_name(elder), "time": clock.hhmm(clock.minute_of(made.raised_at))}
    for user in users_with(Role.COORDINATOR, elder.community_id):
        notify(user.id, "elder_call", **said)
    for user in family_users(elder, but=by):
        notify(user.id, "elder_call_family", **said)
    return made


def family_users(elder: Elder, *, but: User) -> list[User]:
    """Return who is told of an elder's own news: the approved family, without whoever tells it."""
    return [user for link, user in family_of(elder) if link.approved_at is not None and not link.own and user.id != but.id]


def fine(made: ElderCall) -> None:
    """Note that the elder says it was nothing; the office still closes the call, and sees this on it."""
    if made.closed_at is None and made.fine_at is None:
        made.fine_at = clock.now()
        audit.record("fine", "elder_call", made.id, elder=made.elder_id)


def close(made: ElderCall, by: User, result: str) -> None:
    """Close a call with what was found."""
    if not result.strip():
        raise wrong("result", "请写一句怎么处理的。")
    if made.closed_at is None:
        made.closed_at, made.closed_by, made.result = clock.now(), by.id, result.strip()
        audit.record("close", "elder_call", made.id, elder=made.elder_id)


def open_of(elder: Elder) -> ElderCall | None:
    """Return an elder's call that nobody has closed."""
    return db.session.scalars(select(ElderCall).where(ElderCall.elder_id == elder.id, ElderCall.closed_at.is_(None))).first()


def open_calls(community_id: int) -> Sequence[ElderCall]:
    """Return the calls of a community that nobody has closed, oldest first."""
    rows = select(ElderCall).where(ElderCall.community_id == community_id, ElderCall.closed_at.is_(None))
    return db.session.scalars(rows.order_by(ElderCall.raised_at)).all()


def call_in(community_id: int, call_id: int) -> ElderCall | None:
    """Return a call of a community."""
    return db.session.scalars(select(ElderCall).where(ElderCall.id == call_id, ElderCall.community_id == community_id)).first()
