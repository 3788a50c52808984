"""Everything in one file: every table as lines of JSON, workbooks for people, and a manifest that says what must be there.

An office can leave with it: the lines go into an empty database of either kind with every hour, paper and seal as it was
(``unpacking``), the workbooks can be read by anybody. What lets somebody in (sessions, codes, links, keys of
gateways) stays behind (``left_behind``); words under
seal are under the passphrase of the export, in the workbooks they stand only by the administrator's express wish.
"""

import hashlib
import json
import secrets
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from sqlalchemy import Table, text
from sqlalchemy.engine import Connection

from timebank import __version__, audit, clock, schema, wholly
from timebank.db import db
from timebank.exchange import left_behind
from timebank.exchange.resealing import Passphrase, in_the_open

FORMAT = 1
MANIFEST, TABLES, BOOKS = "manifest.json", "tables", "workbooks"
READ_ME = """时间银行 · 整库导出 / timebank: an export of everything

tables/*.jsonl   每张表一份，每行一条；时刻为 UTC；空的不写。带印封的字段用导出时的口令加密，办法写在 manifest.json 的 sealing 里。
                 One file a table, one row a line; instants in UTC; what holds nothing is left out. Words under seal are encrypted
                 with the passphrase of the export, in the way that manifest.json says under "sealing".
workbooks/       给人看的表，名册可以原样导入。 / For people; the rosters can be imported as they are.
manifest.json    有什么、各多少行、校验值、各社区账本到哪一笔。 / What there is, how many rows, digests, how far each book has come.

放回一个空的数据库 / into an empty database:  timebank import --whole FILE
会话、验证码、链接、密钥不在里面。 / Sessions, codes, links and keys are not inside.
"""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an export says of itself; ``tables`` gives rows, the digest of the file, and the one over what is under no seal."""

    product: str
    schema: str
    made_at: str
    made_by: str
    mark: str
    tables: dict[str, dict[str, Any]]
    heads: list[list[Any]]
    last_numbers: dict[str, int]
    sealing: dict[str, str]
    unreadable: int = 0
    in_clear: bool = False
    left_out: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> str:
        """Return the manifest as it is written."""
        kept = {name: getattr(self, name) for name in self.__slots__}
        return json.dumps({"format": FORMAT, **kept}, ensure_ascii=False, indent=1)

    @property
    def rows(self) -> int:
        """How many rows there are in all."""
        return sum(int(each["rows"]) for each in self.tables.values())


def new_mark() -> str:
    """Return the mark of a new export: it stands on record and in the file, and tells where a copy comes from."""
    return f"{clock.today():%Y%m%d}-{secrets.token_hex(4)}"


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted: the passphrase for words under seal, and whether they stand open in the workbooks; ``mark`` names the export."""

    passphrase: str
    in_clear: bool = False
    mark: str = field(default_factory=new_mark)


Book = tuple[str, bytes]


def note(order: Order) -> None:
    """Write down that everything goes out, before anything does; the mark stands in the file as well."""
    audit.record("export_whole", "database", order.mark, in_clear=order.in_clear)


def write(target: IO[bytes], order: Order, books: Sequence[Book]) -> Manifest:
    """Write everything into a zip, the tables as one unmoving reading of the database sees them."""
    passphrase = Passphrase.new(order.passphrase)
    level = {"isolation_level": "REPEATABLE READ"} if db.engine.dialect.name == "postgresql" else {}
    with (
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as made,
        db.engine.connect().execution_options(**level) as here,
    ):
        known = wholly.tables(secrets=False)
        tables = {table.name: _write_table(made, here, table, passphrase) for table in known}
        files = {name: _write_book(made, name, content) for name, content in books}
        manifest = Manifest(
            product=__version__,
            schema=schema.head(),
            made_at=clock.now().isoformat(timespec="seconds"),
            made_by=audit.actor.get(),
            mark=order.mark,
            tables=tables,
            heads=heads_of(here),
            last_numbers=wholly.next_numbers(here),
            sealing=passphrase.as_json(),
            unreadable=passphrase.unreadable,
            in_clear=order.in_clear,
            left_out=[table.name for table in wholly.tables(secrets=True) if table not in known],
            files=files,
        )
        made.writestr("README.txt", READ_ME)
        made.writestr(MANIFEST, manifest.as_json())
    return manifest


def _write_table(made: zipfile.ZipFile, here: Connection, table: Table, passphrase: Passphrase) -> dict[str, Any]:
    """Write one table; return how many rows it has, the digest of its file, and that over what is under no seal."""
    count, whole, bare = 0, hashlib.sha256(), hashlib.sha256()
    with made.open(f"{TABLES}/{table.name}.jsonl", "w", force_zip64=True) as file:
        for row in (left_behind.sealed(table, each) for each in wholly.rows_of(here, table)):
            line = wholly.line_of(passphrase.outward(table, row)).encode() + b"\n"
            file.write(line)
            whole.update(line)
            bare.update(wholly.line_of(in_the_open(table, row)).encode() + b"\n")
            count += 1
    return {"rows": count, "sha256": whole.hexdigest(), "open_sha256": bare.hexdigest()}


def open_digest(here: Connection, table: Table) -> tuple[int, str]:
    """Return how many rows a table has and the digest over what is under no seal."""
    return wholly.digest_of(wholly.line_of(in_the_open(table, row)) for row in wholly.rows_of(here, table))


def _write_book(made: zipfile.ZipFile, name: str, content: bytes) -> str:
    """Write one workbook; return its digest."""
    made.writestr(f"{BOOKS}/{name}", content)
    return hashlib.sha256(content).hexdigest()


def heads_of(here: Connection) -> list[list[Any]]:
    """Return community, newest transfer and seal of each book."""
    asked = (
        "SELECT c.id, COALESCE(t.seq, 0), COALESCE(t.hash, '') FROM community c LEFT JOIN ledger_transfer t ON t.seq ="
        " (SELECT MAX(n.seq) FROM ledger_transfer n WHERE n.community_id = c.id) ORDER BY c.id"
    )
    return [list(row) for row in here.execute(text(asked))]
