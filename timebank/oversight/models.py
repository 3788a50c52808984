"""The table of names shown in full on the trail: who asked to see whose, when, and the reason they wrote."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from timebank.access.models import User
from timebank.db import Base
from timebank.sealed import Sealed


class Unmasking(Base):
    """Some people of the trail whose names one reader sees in full for a while; ``people`` holds what kind each is, and the number."""

    __tablename__ = "unmasking"

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), index=True)
    asked_by: Mapped[int] = mapped_column(ForeignKey(User.id))
    asked_at: Mapped[datetime]
    sealed_reason: Mapped[str] = mapped_column(Sealed)
    people: Mapped[list[Any]] = mapped_column(JSON)
