"""The photo on a volunteer's card, given by themselves and taken back by themselves: whoever opens the door compares it with a face."""

import base64
from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from timebank import audit, clock, photos
from timebank.db import Base, db
from timebank.sealed import Sealed
from timebank.volunteers.models import Volunteer


class BadgePhoto(Base):
    """志愿者证的照片: the picture alone, without where and with what it was taken, sealed."""

    __tablename__ = "badge_photo"

    volunteer_id: Mapped[int] = mapped_column(ForeignKey(Volunteer.id), primary_key=True)
    picture: Mapped[str] = mapped_column(Sealed)
    taken_at: Mapped[datetime]


def take_photo(volunteer: Volunteer, photo: bytes) -> None:
    """Put a photo on somebody's card, in place of the one of before."""
    picture = base64.b64encode(photos.clean(photo)).decode()
    kept = db.session.get(BadgePhoto, volunteer.id) or BadgePhoto(volunteer_id=volunteer.id)
    kept.picture, kept.taken_at = picture, clock.now()
    db.session.add(kept)
    audit.record("take_photo", "volunteer", volunteer.id)


def drop_photo(volunteer: Volunteer) -> None:
    """Take the photo off somebody's card; nothing is left of it."""
    kept = db.session.get(BadgePhoto, volunteer.id)
    if kept is not None:
        db.session.delete(kept)
        audit.record("drop_photo", "volunteer", volunteer.id)


def photo_of(volunteer: Volunteer) -> bytes | None:
    """Return the photo on the card of somebody who serves here, None where there is none."""
    kept = db.session.get(BadgePhoto, volunteer.id) if volunteer.active else None
    return base64.b64decode(kept.picture) if kept is not None else None
