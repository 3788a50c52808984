"""The verbs of the import page: files are read, checked and kept sealed, then taken in once, or forgotten after a day."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete

from timebank import audit, clock
from timebank.access.models import User
from timebank.db import db
from timebank.errors import Conflict, TooMany
from timebank.exchange.actions import check_workbook, import_files
from timebank.exchange.handed import Handed, hand_in
from timebank.exchange.models import Upload
from timebank.exchange.reading import File
from timebank.exchange.report import Report
from timebank.places.models import Community

KEPT = timedelta(days=1)
# Checking holds the database's one write lock on SQLite; longer lists go in by the command line.
MOST_ROWS_ONLINE = 3_000

_readers: set[int] = set()


def read_upload(files: Sequence[File], user_id: int) -> Handed:
    """Read what somebody hands in, before any write unit; nobody has more than one reading under way in a process."""
    if user_id in _readers:
        raise TooMany("您上一次选的文件还在读。请等它读完，再选一次。")
    _readers.add(user_id)
    try:
        return hand_in(files)
    finally:
        _readers.discard(user_id)


def check_upload(handed: Handed, user: User, community: Community | None) -> Upload:
    """Check some files and keep what was read, so that they need be neither chosen nor read again."""
    forget_old_uploads()
    report = check_workbook(handed, community, most_rows=MOST_ROWS_ONLINE)
    row = Upload(
        user_id=user.id,
        community_id=community.id if community else None,
        created_at=clock.now(),
        content=handed.as_kept() if report.fates else None,
        report=report.as_kept(),
    )
    db.session.add(row)
    db.session.flush()
    audit.record("check_upload", "upload", row.id, files=len(handed.names), problems=len(report.problems))
    return row


def take_in_upload(row: Upload, *, skip_bad_rows: bool, same_people: bool = False) -> Report:
    """Take in what was checked, once; it is then let go. With ``same_people`` who is alike is changed, not added."""
    if row.taken_at is not None:
        raise Conflict("这些文件已经导入过了。要再导入，请重新选择文件。")
    handed = Handed.from_kept(row.content) if row.content is not None else None
    if handed is None:
        raise Conflict("这些文件已经不在了。请重新选择文件。")
    community = db.session.get(Community, row.community_id) if row.community_id else None
    report = import_files(handed, community, skip_bad_rows=skip_bad_rows, same_people=same_people)
    row.report = report.as_kept()
    if report.applied:
        row.taken_at, row.content = clock.now(), None
    return report


def forget_old_uploads() -> int:
    """Forget every upload that is older than a day; return how many."""
    gone = db.session.scalars(delete(Upload).where(Upload.created_at < clock.now() - KEPT).returning(Upload.id)).all()
    return len(gone)
