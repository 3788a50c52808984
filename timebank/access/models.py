"""Tables of sign-in: users, their codes, sessions and links. Secrets are kept as hashes, codes sealed."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Enum, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from timebank import audit
from timebank.db import Base
from timebank.phones import mask_phone
from timebank.sealed import Sealed
from timebank.wholly import SECRET


class Role(StrEnum):
    """What somebody is here; each user has one."""

    ADMIN = "admin"
    STREET_OFFICER = "street_officer"
    COORDINATOR = "coordinator"
    STEWARD = "steward"
    TEAM_LEAD = "team_lead"
    BUILDING_LEAD = "building_lead"
    CANTEEN = "canteen"
    VOLUNTEER = "volunteer"
    FAMILY = "family"
    INSPECTOR = "inspector"


class Purpose(StrEnum):
    """What a sign-in link is for."""

    DAY_SHEET = "day-sheet"
    DEMO = "demo"
    INVITATION = "invitation"


def stored_words(kind: type[StrEnum], name: str) -> Enum:
    """Return a column type that stores an enum's words, checked by the database."""
    values = lambda members: [each.value for each in members]  # noqa: E731 - SQLAlchemy asks for a callable
    return Enum(kind, native_enum=False, create_constraint=True, length=16, name=name, values_callable=values)


class User(Base):
    """Somebody who can sign in; ``community_id`` and ``street_id`` name places without pointing at them, for places stand above.

    Only a street officer is a street's. ``mail`` is where somebody wishes messages and codes to go that reach no telephone; only they say it. ``looks_at`` is the community that somebody to whom several are open has chosen to see.
    ``rests_on`` is who let a colleague in, while nobody else has vouched for them (``one_hand``).
    """

    __tablename__ = "user"
    __table_args__ = (
        CheckConstraint("length(phone) = 11", name="phone_length"),
        CheckConstraint("street_id IS NULL OR (role = 'street_officer' AND community_id IS NULL)", name="of_a_street"),
        CheckConstraint("rests_on IS NULL OR rests_on <> id", name="rests_on"),
        CheckConstraint("looks_at IS NULL OR role IN ('admin', 'street_officer')", name="looks_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    phone: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(default="")
    role: Mapped[Role] = mapped_column(stored_words(Role, "role"))
    community_id: Mapped[int | None] = mapped_column(index=True)
    street_id: Mapped[int | None] = mapped_column(index=True)
    looks_at: Mapped[int | None]
    active: Mapped[bool] = mapped_column(default=True)
    locale: Mapped[str] = mapped_column(default="zh")
    mail: Mapped[str | None] = mapped_column(Sealed)
    created_at: Mapped[datetime]
    rests_on: Mapped[int | None]

    @property
    def shown_name(self) -> str:
        """The name, or the masked phone of somebody who has not said a name yet."""
        return self.name or mask_phone(self.phone)


class SignInCode(Base):
    """A six-digit code sent to a phone, known here or not; ``device`` is the mark of a device of the phone's user, empty for strangers."""

    __tablename__ = "sign_in_code"
    __table_args__ = (Index(None, "phone", "created_at"), Index(None, "source", "created_at"), {"info": SECRET})

    id: Mapped[int] = mapped_column(primary_key=True)
    phone: Mapped[str]
    device: Mapped[str] = mapped_column(default="", server_default="")
    code: Mapped[str] = mapped_column(Sealed)
    source: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    tried_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]


class WrongTry(Base):
    """One wrong try at a code, and where it came from."""

    __tablename__ = "wrong_try"
    __table_args__ = (Index(None, "code_id", "at"), {"info": SECRET})

    id: Mapped[int] = mapped_column(primary_key=True)
    code_id: Mapped[int] = mapped_column(ForeignKey("sign_in_code.id"))
    source: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime] = mapped_column(index=True)


class Session(Base):
    """One signed-in browser; ends by time, by leaving, or when the user is switched off.

    ``sheet_by`` is whoever printed the sheet whose code opened it: what is done in it rests on that one's word as well. ``invited_by`` is
    whoever made the invitation that opened it: it shows nothing about whose hands it came into, so those two are no two persons.
    ``second_at`` is when the second step was done in it, where a setting asks for one.
    """

    __tablename__ = "session"
    __table_args__ = ({"info": SECRET},)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    code_id: Mapped[int | None] = mapped_column(ForeignKey("sign_in_code.id"), unique=True)
    device: Mapped[str] = mapped_column(default="other")
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    sheet_by: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    invited_by: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    second_at: Mapped[datetime | None]
    second_tries: Mapped[int] = mapped_column(default=0, server_default="0")

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True, foreign_keys=[user_id])


class SecondFactor(Base):
    """What somebody's second step is checked with: the secret of their app, the spare codes that are left, the newest half minute used."""

    __tablename__ = "second_factor"
    __table_args__ = ({"info": SECRET},)

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True, autoincrement=False)
    secret: Mapped[str] = mapped_column(Sealed)
    spares: Mapped[str] = mapped_column(Sealed)
    last_step: Mapped[int]
    confirmed_at: Mapped[datetime | None]


class MagicLink(Base):
    """A link that signs one user in, a limited number of times: the QR of a day sheet, a colleague's invitation, a demo's one-click door."""

    __tablename__ = "magic_link"
    __table_args__ = (CheckConstraint("uses <= use_limit", name="uses_within_limit"), {"info": SECRET})

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    purpose: Mapped[Purpose] = mapped_column(stored_words(Purpose, "purpose"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    uses: Mapped[int] = mapped_column(default=0)
    use_limit: Mapped[int] = mapped_column(default=1)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("user.id"), default=audit.first_hand)

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True, foreign_keys=[user_id])
