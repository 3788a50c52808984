"""What is known of earlier backups."""

from datetime import datetime

from sqlalchemy import func, select

from timebank.audit import AuditRow
from timebank.db import db


def last_backup() -> datetime | None:
    """Return when a whole backup was last made."""
    return db.session.scalar(select(func.max(AuditRow.at)).where(AuditRow.verb == "back_up"))
