"""What is known of earlier backups."""

from datetime import datetime

from timebank import audit


def last_backup() -> datetime | None:
    """Return when a whole backup was last made."""
    return audit.newest("back_up")
