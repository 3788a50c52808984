"""The steps of the first day that an office has decided to leave out."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from timebank.db import Base
from timebank.places.models import Community


class SkippedStep(Base):
    """A step somebody has left out for now; the page goes on saying what does not work without it."""

    __tablename__ = "skipped_step"

    community_id: Mapped[int] = mapped_column(ForeignKey(Community.id), primary_key=True)
    step: Mapped[str] = mapped_column(String(24), primary_key=True)
    at: Mapped[datetime]
