"""Tables of exchange: files on their way in, kept between the check and the import, and imports; what each did is kept for a day."""

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from timebank import audit
from timebank.access.models import User
from timebank.db import Base
from timebank.places.models import Community
from timebank.sealed import Sealed
from timebank.wholly import SECRET


class Upload(Base):
    """Some files somebody has handed in: sealed, with what the check said; emptied once they are taken in."""

    __tablename__ = "upload"
    __table_args__ = ({"info": SECRET},)

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(unique=True, default=lambda: secrets.token_urlsafe(18))
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    community_id: Mapped[int | None] = mapped_column(ForeignKey(Community.id), index=True)
    created_at: Mapped[datetime] = mapped_column(index=True)
    content: Mapped[str | None] = mapped_column(Sealed)
    report: Mapped[dict[str, Any]]
    taken_at: Mapped[datetime | None]


class ImportBatch(Base):
    """One import: when, by whom, and for a day what it did to each row (``journal``), so that it can be taken back.

    ``outcome`` says what stayed when it was taken back. Who imports by the machine's own commands has no number.
    """

    __tablename__ = "import_batch"
    __table_args__ = (CheckConstraint("(undone_at IS NULL) = (outcome IS NULL)", name="undone"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int | None] = mapped_column(ForeignKey(Community.id), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey(User.id), default=audit.acting_user)
    at: Mapped[datetime]
    files: Mapped[list[Any]]
    new: Mapped[int]
    changed: Mapped[int]
    journal: Mapped[str | None] = mapped_column(Sealed)
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    outcome: Mapped[str | None] = mapped_column(Sealed)
