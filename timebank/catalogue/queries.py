"""Reads of the catalogue."""

from collections.abc import Sequence

from sqlalchemy import select

from timebank.catalogue.models import ServiceKind
from timebank.db import db


def kinds() -> Sequence[ServiceKind]:
    """Return every kind of service, those switched off too, in the order of the catalogue."""
    return db.session.scalars(select(ServiceKind).order_by(ServiceKind.position, ServiceKind.id)).all()
