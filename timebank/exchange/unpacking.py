"""An export of everything, put into an empty database of either kind: wholly, or not at all.

Every file's digest is checked before a row goes in; afterwards the rows, the books' heads and the seals of every transfer must be
what the manifest says. Numbers stay what they were, so that a certificate's, a record's or a transfer's number means the same.
"""

import hashlib
import json
import zipfile
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from sqlalchemy import Table, delete, select
from sqlalchemy.engine import Connection

from timebank import audit, schema, wholly
from timebank.access.models import User
from timebank.db import db
from timebank.errors import Conflict, Invalid
from timebank.exchange.resealing import Passphrase
from timebank.exchange.whole import BOOKS, FORMAT, MANIFEST, TABLES, Manifest, heads_of, open_digest
from timebank.ledger.verify import verify_on
from timebank.places.models import Community

SLICE = 1024 * 1024


def look_into(file: Path) -> Manifest:
    """Return what an export says of itself, once every byte of it has been checked and this version can take it."""
    if not file.is_file():
        raise Invalid("没有 %(file)s 这个文件。", file=file)
    try:
        with zipfile.ZipFile(file) as opened:
            kept = json.loads(opened.read(MANIFEST))
            found = Manifest(**{each.name: kept[each.name] for each in fields(Manifest)})
            wanted = {f"{TABLES}/{name}.jsonl": str(each["sha256"]) for name, each in found.tables.items()}
            wanted |= {f"{BOOKS}/{name}": digest for name, digest in found.files.items()}
            spoilt = [name for name, digest in wanted.items() if _digest_in(opened, name) != digest]
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError, EOFError, OSError) as error:
        raise _broken(file.name) from error
    if spoilt:
        raise _broken(spoilt[0])
    if kept["format"] > FORMAT or found.schema != schema.head():
        raise _other_version(found)
    return found


def take_in_whole(file: Path, manifest: Manifest, passphrase: str) -> None:
    """Put everything of an export into the database of this service, which must be empty; belongs into one write unit."""
    sealing = Passphrase.tried(passphrase, manifest.sealing)
    must_be_empty()
    here = db.session.connection()
    known = wholly.tables(secrets=False)  # an export of an earlier version may hold more: what lets somebody in does not come in
    with zipfile.ZipFile(file) as opened, wholly.filling(here):
        for table in reversed(wholly.tables(secrets=True)):
            here.execute(delete(table))
        for table in known:
            if table.name in manifest.tables:
                rows = _rows(opened, table)
                wholly.put_rows(here, table, (sealing.inward(table, row) for row in rows))
    wholly.go_on_counting(here, manifest.last_numbers)
    _assert_same(here, known, manifest)
    audit.record("import_whole", "database", manifest.mark, rows=manifest.rows)


def must_be_empty() -> None:
    """Refuse a database in which somebody works already; what `timebank init` puts in does not count."""
    for model in (Community, User):
        if db.session.scalars(select(model.id).limit(1)).first() is not None:
            raise Conflict(
                "这个数据库不是空的，整库导入只写到空的数据库。请用 TIMEBANK_INSTANCE 或 TIMEBANK_DATABASE_URL 换一个空位置，原来的不会动。"
            )


def _rows(opened: zipfile.ZipFile, table: Table) -> Iterator[wholly.Row]:
    """Yield the rows of a table's file."""
    with opened.open(f"{TABLES}/{table.name}.jsonl") as file:
        for line in file:
            yield json.loads(line)


def _digest_in(opened: zipfile.ZipFile, name: str) -> str:
    """Return the digest of a file inside."""
    found = hashlib.sha256()
    with opened.open(name) as file:
        while part := file.read(SLICE):
            found.update(part)
    return found.hexdigest()


def _assert_same(here: Connection, known: list[Table], manifest: Manifest) -> None:
    """Refuse a database that does not hold what the manifest says, or whose books are not whole."""
    told: dict[str, Any] = {name: (each["rows"], each["open_sha256"]) for name, each in manifest.tables.items()}
    differs = [table.name for table in known if table.name in told and open_digest(here, table) != told[table.name]]
    differs += [] if heads_of(here) == manifest.heads else ["ledger"]
    report = verify_on(here)
    if differs:
        raise Invalid(
            "导入的内容与清单不一致（%(differs)s），什么都没有留下。请换一份导出文件。",
            differs=differs,
        )
    if not report.ok:
        raise Invalid((report.zh, report.en))


def _broken(name: str) -> Invalid:
    """Return the refusal of a file that is not whole."""
    return Invalid("%(name)s 不完整或被改动过，什么都没有导入。请换另一份导出文件。", name=name)


def _other_version(found: Manifest) -> Conflict:
    """Return the refusal of an export of another version."""
    return Conflict(
        "这份导出来自 timebank %(product)s（表结构 %(schema)s），和这里的（%(head)s）不同。请先装那个版本导入，再升级。",
        product=found.product,
        schema=found.schema,
        head=schema.head(),
    )
