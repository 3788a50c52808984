"""The verb that takes a whole import back within a day: what it brought goes, what it changed is as before; the rest stays and is named.

A row stays when somebody has changed or deleted it since, or when something that came later points at it. The visits of a need follow it back.
"""

import json
from dataclasses import astuple, dataclass, field
from datetime import timedelta

from sqlalchemy import Table, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from timebank import audit, clock, seals, wholly
from timebank.access.models import User
from timebank.db import Base, db
from timebank.errors import Conflict
from timebank.exchange import journal
from timebank.exchange.journal import Entries
from timebank.exchange.models import ImportBatch
from timebank.exchange.putting_back import close_keys, put_back, row_of, stands
from timebank.exchange.report import Fate, Report
from timebank.visits.actions.needs import follow_need
from timebank.visits.models import HelpRequest

A_DAY = timedelta(days=1)
Numbers = dict[str, set[int]]


@dataclass(slots=True)
class Outcome:
    """What became of an import that was taken back: rows gone, rows as before, and (table, name) of what stays."""

    gone: int = 0
    back: int = 0
    kept: list[tuple[str, str]] = field(default_factory=list)

    @classmethod
    def of(cls, batch: ImportBatch) -> "Outcome | None":
        """Return what became of an import, nothing while it stands."""
        return cls(*json.loads(batch.outcome)) if batch.outcome else None


def keep(entries: Entries, community_id: int | None, report: Report) -> ImportBatch:
    """Keep an import, so that it can be taken back; what earlier ones did is forgotten after a day."""
    forget_old_journals()
    counts = {"new": report.rows(Fate.NEW), "changed": report.rows(Fate.CHANGED)}
    row = ImportBatch(community_id=community_id, at=clock.now(), files=report.files, journal=journal.as_kept(entries), **counts)
    db.session.add(row)
    db.session.flush()
    return row


def can_be_undone(batch: ImportBatch) -> bool:
    """Say whether an import can still be taken back."""
    return batch.undone_at is None and batch.journal is not None and batch.at > clock.now() - A_DAY


def undo(batch: ImportBatch, by: User | None) -> Outcome:
    """Take an import back."""
    if batch.undone_at is not None:
        raise Conflict("这次导入已经撤销过了。")
    if batch.journal is None or not can_be_undone(batch):
        raise Conflict("导入满一天就不能整个撤销了。请在各人的页面上改，或改好表再导入一次。")
    done = Outcome()
    entries = journal.from_kept(batch.journal)
    here = db.session.connection()
    tables = [table for table in wholly.tables(secrets=False) if table.name in entries]
    now = {table.name: journal.rows_now(here, table, entries[table.name]) for table in tables}
    goes = _what_goes(here, entries, now)
    for table in reversed(tables):
        done.gone += _take_away(here, table, goes, now)
    stays = {(name, number) for name, rows in entries.items() for number in rows if stands(entries, now, name, number)}
    stays |= {(name, number) for name, rows in entries.items() for number, (before, _) in rows.items() if before is None}
    stays -= {(name, number) for name, numbers in goes.items() for number in numbers}
    stays = {key for key in stays if row_of(entries, now, key) is not None}
    stays |= {
        ("volunteer", row["volunteer_id"]) for key in stays if key[0] == "standing" and (row := row_of(entries, now, key)) is not None
    }
    done.back = put_back(here, [table.name for table in tables], entries, now, stays)
    done.kept = sorted({(key[0], _named(here, key[0], row)) for key in stays if (row := row_of(entries, now, key)) is not None})
    for name, rows in entries.items():
        seals.touch(db.session(), name, rows)
    db.session.expire_all()
    close_keys(entries, now, stays)
    for number in entries.get("help_request", {}):
        if (request := db.session.get(HelpRequest, number)) is not None:
            follow_need(request)
    batch.undone_at, batch.undone_by, batch.journal = clock.now(), by.id if by else None, None
    batch.outcome = json.dumps(astuple(done), ensure_ascii=False)
    audit.record("undo_import", "import_batch", batch.id, gone=done.gone, back=done.back, kept=len(done.kept))
    return done


def forget_old_journals() -> None:
    """Forget what imports did to each row, once they cannot be taken back any more."""
    for row in db.session.scalars(select(ImportBatch).where(ImportBatch.at < clock.now() - A_DAY, ImportBatch.journal.is_not(None))):
        row.journal = None


def _what_goes(here: Connection, entries: Entries, now: dict[str, dict[int, wholly.Row]]) -> Numbers:
    """Return the rows that came in, are as they came, and are pointed at by nothing that stays."""
    goes = {
        name: {number for number, (before, _) in rows.items() if before is None and number in now[name] and not stands(entries, now, name, number)}
        for name, rows in entries.items()
    }  # fmt: skip
    while True:
        held = {name: numbers for name in goes if (numbers := _pointed_at(here, Base.metadata.tables[name], goes))}
        if not held:
            return goes
        for name, numbers in held.items():
            goes[name] -= numbers


def _pointed_at(here: Connection, target: Table, goes: Numbers) -> set[int]:
    """Return which rows of a table something points at that stays."""
    held: set[int] = set()
    for table in wholly.tables(secrets=True):
        for column in table.columns:
            if any(key.column.table is target for key in column.foreign_keys):
                held |= wholly.pointing(here, table, column.name, goes[target.name], but=goes.get(table.name, set()))
    return held


def _take_away(here: Connection, table: Table, goes: Numbers, now: dict[str, dict[int, wholly.Row]]) -> int:
    """Take the rows of a table away; what the database keeps, because of what is on record, stays."""
    numbers = goes.get(table.name, set())
    try:
        with db.session.begin_nested():
            wholly.take_away(here, table, numbers)
    except IntegrityError:
        for number in list(numbers):
            try:
                with db.session.begin_nested():
                    wholly.take_away(here, table, {number})
            except IntegrityError:
                numbers.discard(number)
    for number in numbers:
        del now[table.name][number]
    return len(numbers)


def _named(here: Connection, name: str, row: wholly.Row) -> str:
    """Return by what people know a row: its number or name, or that of whom it is about."""
    if said := row.get("number") or row.get("name") or row.get("phone"):
        return f"{said} {row.get('name', '')}".strip() if said != row.get("name") else str(said)
    for column, whose in (("volunteer_id", "volunteer"), ("elder_id", "elder"), ("household_id", "household")):
        if column in row:
            known = journal.rows_now(here, Base.metadata.tables[whose], [row[column]])
            if row[column] in known:
                return _named(here, whose, known[row[column]])
    return f"{name} {row['id']}"
