"""The door of files on their way in: what a check found, row by row; files come in by the form ``exchange.check``."""

from typing import Any

from timebank.access.guards import this_user
from timebank.api.edge import Doors, marked
from timebank.api.shapes.uploads import UploadShape
from timebank.exchange import queries
from timebank.exchange.models import Upload
from timebank.exchange.report import Report
from timebank.web import found

doors = Doors("uploads", "Files on their way in")


@doors.get("/uploads/<token>")
@marked
@doors.response(200, UploadShape)
def upload(token: str) -> dict[str, Any]:
    """What a check of one's own files found, or their import: counts by sheet, and problems and remarks by row and column, each with its code."""
    return _shown(found(queries.upload_of(token, this_user())))


def _shown(row: Upload) -> dict[str, Any]:
    """Return what was found as it is shown, in the words of the page."""
    report = Report.from_kept(row.report)
    names = ("sheet", "new", "changed", "same", "bad")
    return {
        "token": row.token,
        "files": report.names,
        "checked_at": row.created_at,
        "taken_at": row.taken_at,
        "imported": report.batch or None,
        "sheets": [dict(zip(names, line, strict=True)) | {"odd": report.odd(line[0])} for line in report.lines()],
        "all_problems": row.report["all_problems"],
        **{name: getattr(report, name) for name in ("problems", "remarks", "cleared", "kept", "alike")},
    }
