"""Tables of exchange: files on their way in, kept between the check and the import, and no longer than a day."""

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from timebank.access.models import User
from timebank.db import Base
from timebank.places.models import Community
from timebank.sealed import Sealed


class Upload(Base):
    """Some files somebody has handed in: sealed, with what the check said; emptied once they are taken in."""

    __tablename__ = "upload"

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(unique=True, default=lambda: secrets.token_urlsafe(18))
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    community_id: Mapped[int | None] = mapped_column(ForeignKey(Community.id), index=True)
    created_at: Mapped[datetime] = mapped_column(index=True)
    content: Mapped[str | None] = mapped_column(Sealed)
    report: Mapped[dict[str, Any]]
    taken_at: Mapped[datetime | None]
