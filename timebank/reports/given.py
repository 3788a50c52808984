"""Reports and groups' statements of closed months, as they were given."""

from datetime import date

from sqlalchemy import select

from timebank.db import db
from timebank.papers import frozen
from timebank.papers.facts import Language
from timebank.papers.tables import TablesPaper
from timebank.reports.issued import IssuedReport, PaperSort
from timebank.visits.closing import close_of


def given_tables(community_id: int, month: date, sort: PaperSort, subject_id: int, language: Language) -> TablesPaper | None:
    """Return a report or a group's statement of a month as it was given, nothing while the month is open."""
    made = close_of(community_id, month)
    if made is None:
        return None
    wanted = (IssuedReport.close_id == made.id, IssuedReport.kind == sort, IssuedReport.subject_id == subject_id)
    row = db.session.scalar(select(IssuedReport).where(*wanted))
    return frozen.tables(row.content, row.content_sha256, language) if row is not None else None
