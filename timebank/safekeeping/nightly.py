"""A backup every night by the service itself, where a setting names a folder: made, checked, and the oldest let go."""

import logging
import re
from datetime import datetime, timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from timebank import clock
from timebank.config import Settings
from timebank.errors import Invalid, Refusal
from timebank.safekeeping.actions import back_up
from timebank.safekeeping.queries import last_backup

MORNING = 6
SAME_NIGHT, MISSED = timedelta(hours=20), timedelta(hours=36)
OURS = re.compile(r"timebank-\d{8}-\d{6}\.zip")

log = logging.getLogger(__name__)


def is_due(last: datetime | None, now: datetime) -> bool:
    """Say whether a backup is to be made: once a night, and at any hour where a night was missed."""
    if last is None or now - last > MISSED:
        return True
    return now.hour < MORNING and now - last > SAME_NIGHT


def keep(app: Flask) -> None:
    """Make the night's backup, if it is due; what hinders it is written down, and the next stroke of the clock tries again."""
    settings: Settings = app.extensions["timebank"]
    if not settings.backup_folder:
        return
    with app.app_context():
        try:
            if is_due(last_backup(), clock.now()):
                made, _manifest = back_up(settings, _folder(settings))
                log.info("backup %s", made.name)
                let_go(made.parent, settings.backups_kept)
        except (Refusal, OSError, SQLAlchemyError) as error:
            log.error("no backup: %s", error.en if isinstance(error, Refusal) else type(error).__name__)  # noqa: TRY400 - where it was helps nobody


def _folder(settings: Settings) -> Path:
    """Return the folder of the setting; one that is not there is not made, for it may be a stick that nobody has plugged in."""
    folder = Path(settings.backup_folder)
    if not folder.is_dir():
        raise Invalid("没有 %(folder)s 这个文件夹，没有备份。请建好它，或插上 U 盘。", folder=folder)
    return folder


def let_go(folder: Path, kept: int) -> None:
    """Delete the oldest of the backups that have their names from us, up to as many as are kept; others are nobody's to delete."""
    ours = sorted(each for each in folder.iterdir() if OURS.fullmatch(each.name))
    for old in ours[: max(len(ours) - max(kept, 1), 0)]:
        old.unlink()
