"""Tables of the credit rules and of whom minutes may go to; the minutes themselves stand in the ledger only."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from timebank.access.models import User
from timebank.db import Base, choice
from timebank.elders.models import Elder
from timebank.ledger.models import Account
from timebank.places.models import Community
from timebank.sealed import Sealed
from timebank.volunteers.models import Volunteer


class Relation(StrEnum):
    """What an elder is to a volunteer; only a friend is no direct relative."""

    SELF = "self"
    SPOUSE = "spouse"
    PARENT = "parent"
    GRANDPARENT = "grandparent"
    PARENT_IN_LAW = "parent_in_law"
    FRIEND = "friend"


class CreditSetting(Base):
    """A credit rule's number as one community has changed it; what is not here is the catalogue's default."""

    __tablename__ = "credit_setting"
    __table_args__ = (CheckConstraint("length(value) > 0", name="value"),)

    community_id: Mapped[int] = mapped_column(ForeignKey(Community.id), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(String(40))
    changed_by: Mapped[int] = mapped_column(ForeignKey(User.id))
    changed_at: Mapped[datetime]


class ElderAccount(Base):
    """The time account an elder's visits are paid from; there is none before the first minute comes in."""

    __tablename__ = "elder_account"

    elder_id: Mapped[int] = mapped_column(ForeignKey(Elder.id), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id), unique=True)

    account: Mapped[Account] = relationship()


class GiftLink(Base):
    """A volunteer says which elder is theirs; once a coordinator has checked it, minutes may go there."""

    __tablename__ = "gift_link"
    __table_args__ = (
        CheckConstraint("(agreed IS NULL) = (decided_at IS NULL) AND (agreed IS NULL) = (decided_by IS NULL)", name="decided"),
        CheckConstraint("agreed IS NULL OR NOT agreed OR elder_id IS NOT NULL", name="agreed_names_an_elder"),
        Index(
            "uq_gift_link_agreed",
            "volunteer_id",
            "elder_id",
            unique=True,
            sqlite_where=text("agreed"),
            postgresql_where=text("agreed"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey(Community.id), index=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey(Volunteer.id), index=True)
    relation: Mapped[Relation] = mapped_column(choice(Relation))
    said_name: Mapped[str] = mapped_column(Sealed)
    elder_id: Mapped[int | None] = mapped_column(ForeignKey(Elder.id), index=True)
    asked_at: Mapped[datetime]
    agreed: Mapped[bool | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))

    volunteer: Mapped[Volunteer] = relationship()
    elder: Mapped[Elder | None] = relationship()
