"""The verbs of the import page: files are checked and kept sealed, then taken in once, or forgotten after a day."""

import base64
import json
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete

from timebank import audit, clock
from timebank.access.models import User
from timebank.db import db
from timebank.errors import Conflict
from timebank.exchange.actions import check_workbook, import_files
from timebank.exchange.models import Upload
from timebank.exchange.report import Report
from timebank.places.models import Community

KEPT = timedelta(days=1)
# Checking holds the database's one write lock on SQLite; longer lists go in by the command line.
MOST_ROWS_ONLINE = 3_000

Files = Sequence[tuple[str, bytes]]


def check_upload(files: Files, user: User, community: Community | None) -> Upload:
    """Check some files and keep them, so that they need not be chosen again."""
    forget_old_uploads()
    report = check_workbook(files, community, most_rows=MOST_ROWS_ONLINE)
    row = Upload(
        user_id=user.id,
        community_id=community.id if community else None,
        created_at=clock.now(),
        content=json.dumps([(name, base64.b64encode(data).decode()) for name, data in files]),
        report=report.as_kept(),
    )
    db.session.add(row)
    db.session.flush()
    audit.record("check_upload", "upload", row.id, files=len(files), problems=len(report.problems))
    return row


def take_in_upload(row: Upload, *, skip_bad_rows: bool, same_people: bool = False) -> Report:
    """Take in what was checked, once; its files are then let go. With ``same_people`` who is alike is changed, not added."""
    if row.taken_at is not None:
        raise Conflict(
            "这些文件已经导入过了。要再导入，请重新选择文件。", "These files were taken in already. Choose files again to import more."
        )
    if row.content is None:
        raise Conflict("这些文件已经不在了。请重新选择文件。", "These files are gone. Choose them again.")
    files = [(name, base64.b64decode(data)) for name, data in json.loads(row.content)]
    community = db.session.get(Community, row.community_id) if row.community_id else None
    report = import_files(files, community, skip_bad_rows=skip_bad_rows, same_people=same_people)
    row.report = report.as_kept()
    if report.applied:
        row.taken_at, row.content = clock.now(), None
    return report


def forget_old_uploads() -> int:
    """Forget every upload that is older than a day; return how many."""
    gone = db.session.scalars(delete(Upload).where(Upload.created_at < clock.now() - KEPT).returning(Upload.id)).all()
    return len(gone)
