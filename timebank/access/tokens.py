"""Tokens: how a program acts in somebody's name, within some scopes and until a day; kept as hashes, counted by the minute.

A token counts while its user signs in, has the role it was made with, and neither its day nor its owner has ended it. Of somebody
to whom several communities are open it names the one it was made for.
"""

import secrets
from collections.abc import Sequence
from contextvars import ContextVar
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, case, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from timebank import audit, clock
from timebank.access.models import Role, User, stored_words
from timebank.access.queries import hash_of
from timebank.db import Base, db
from timebank.errors import Invalid
from timebank.sentences import Sentence
from timebank.wholly import SECRET

place: ContextVar[int | None] = ContextVar("place", default=None)
"""The community that the token in use was made for; None where somebody has only their own, and on pages."""

MARK = "tb_"
LONGEST_DAYS = 366
MOST = 20
MINUTE = timedelta(minutes=1)


class Scope(StrEnum):
    """What a token may be used for, beside what its user's role may do."""

    READ = "read"
    PEOPLE = "people"
    PLAN = "plan"
    SERVICE = "service"
    MINUTES = "minutes"
    HOOKS = "hooks"


class ApiToken(Base):
    """One token; ``minute`` and ``taken`` are the minute it was last used in and the calls handed out in it."""

    __tablename__ = "api_token"
    __table_args__ = (
        CheckConstraint("length(name) > 0", name="name"),
        CheckConstraint("expires_at > created_at", name="ends"),
        CheckConstraint("taken >= 0", name="taken"),
        {"info": SECRET},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    community_id: Mapped[int | None]
    role: Mapped[Role] = mapped_column(stored_words(Role, "role"))
    name: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[list[Any]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    minute: Mapped[datetime | None]
    taken: Mapped[int] = mapped_column(default=0)

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)

    @property
    def stands(self) -> bool:
        """Whether it still counts."""
        alive = self.revoked_at is None and self.expires_at > clock.now()
        return alive and self.user.active and self.user.role is self.role


def token_of(said: str) -> ApiToken | None:
    """Return the token that somebody shows, while it counts."""
    if not said.startswith(MARK):
        return None
    found = db.session.scalar(select(ApiToken).where(ApiToken.token_hash == hash_of(said)))
    return found if found is not None and found.stands else None


def tokens_of(user: User) -> Sequence[ApiToken]:
    """Return the tokens of a user that count, the newest first."""
    alive = (ApiToken.user_id == user.id, ApiToken.revoked_at.is_(None), ApiToken.expires_at > clock.now(), ApiToken.role == user.role)
    return db.session.scalars(select(ApiToken).where(*alive).order_by(ApiToken.id.desc())).all()


def own_token(user: User, token_id: int) -> ApiToken | None:
    """Return a token of this very user."""
    return db.session.scalar(select(ApiToken).where(ApiToken.id == token_id, ApiToken.user_id == user.id))


def make_token(user: User, name: str, scopes: Sequence[Scope], days: int, community_id: int | None) -> str:
    """Make a token and return it: told once, kept as a hash."""
    if len(tokens_of(user)) >= MOST:
        raise Invalid("已经有 %(most)s 个令牌了。先停用不用的，再做新的。", fields={"name": Sentence("令牌太多了")}, most=MOST)
    said, now = MARK + secrets.token_urlsafe(32), clock.now()
    made = ApiToken(
        user_id=user.id,
        community_id=community_id,
        role=user.role,
        name=name,
        token_hash=hash_of(said),
        scopes=[each.value for each in scopes],
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    db.session.add(made)
    db.session.flush()
    audit.record("make", "api_token", made.id, user=user.id, scopes=made.scopes, until=made.expires_at.date().isoformat())
    return said


def end_token(token: ApiToken) -> None:
    """End a token at once; a second press changes nothing."""
    if token.revoked_at is None:
        token.revoked_at = clock.now()
        audit.record("end", "api_token", token.id, user=token.user_id)


def end_tokens(user: User) -> None:
    """End every token of a user."""
    for token in tokens_of(user):
        end_token(token)


def hand_out(token: ApiToken, minute: datetime, calls: int, most: int) -> bool:
    """Hand some calls of a minute out to whoever serves a token, unless the minute has no more; counted in one statement."""
    fresh = or_(ApiToken.minute.is_(None), ApiToken.minute != minute)
    counted = (
        update(ApiToken)
        .where(ApiToken.id == token.id, or_(fresh, ApiToken.taken < most))
        .values(minute=minute, taken=case((fresh, calls), else_=ApiToken.taken + calls))
        .execution_options(synchronize_session=False)
    )
    return db.session.execute(counted.returning(ApiToken.id)).first() is not None
