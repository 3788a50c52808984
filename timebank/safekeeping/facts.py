"""What a database holds: how many rows of what, how far each community's book has come, and the newest row of the audit trail.

The newest audit row is the watermark: every change writes one in its own transaction, so a copy with that row has everything
that was stored before it. A plain copy of a running database's file is sound in itself and has an old watermark.

Everything is read with plain SQL and from the database's own list of tables, so that an older schema can be read as well.
"""

# ruff: noqa: S608 - the names in the statements are those the database itself gave

from dataclasses import asdict, dataclass, field, fields
from typing import Any

from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection

from timebank import seals
from timebank.db import Instant
from timebank.ledger.chain import GENESIS
from timebank.ledger.verify import verify_on

VERSION_TABLE = "alembic_version"
_HEAD = "SELECT seq, hash FROM ledger_transfer WHERE community_id = :community ORDER BY seq DESC LIMIT 1"


@dataclass(frozen=True, slots=True)
class Facts:
    """What must be the same in a copy: ``heads`` is (community, its name, newest transfer, its hash) for each community.

    ``seal`` is the newest seal of all; backups made before there were seals have none.
    """

    schema: str
    counts: dict[str, int]
    heads: list[list[Any]]
    audit_id: int
    audit_at: str
    transfers: int
    ledger_fault: list[int | None]
    seal: list[Any] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the facts as they are kept in a manifest."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Facts":
        """Read the facts of a manifest."""
        return cls(**{each.name: kept[each.name] for each in fields(cls) if each.name in kept})

    @property
    def is_sound(self) -> bool:
        """Say whether the books were whole when the facts were read."""
        return self.ledger_fault == [None, None]

    def lines(self) -> list[str]:
        """Say in a few lines what there is."""
        rows = sum(self.counts.values())
        said = [
            f"表结构 / schema {self.schema} · {len(self.counts)} 张表 / tables · {rows} 行 / rows",
            f"水位线 / watermark: audit {self.audit_id} · {self.audit_at or '-'}",
        ]
        said += [f"{name}: 记账 / transfer {seq} · {seal[:16]}" for _community, name, seq, seal in self.heads]
        if self.seal:
            said.append(f"封印 / seal {self.seal[0]} · {self.seal[1][:16]}")
        told = (
            ("volunteer", "志愿者 / volunteers"),
            ("elder", "老人 / elders"),
            ("visit", "上门 / visits"),
            ("service_record", "记录 / records"),
        )
        said.append(" · ".join(f"{words} {self.counts.get(table, 0)}" for table, words in told))
        return said


def schema_of(connection: Connection) -> str:
    """Return the name of a database's schema; nothing where it has none."""
    if VERSION_TABLE not in inspect(connection).get_table_names():
        return ""
    return str(connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar() or "")


def watermark_of(connection: Connection) -> tuple[int, str]:
    """Return the number and the instant of the newest row of the audit trail."""
    row = connection.execute(text("SELECT id, at FROM audit ORDER BY id DESC LIMIT 1").columns(at=Instant)).first()
    return (0, "") if row is None else (int(row.id), row.at.isoformat())


def counts_of(connection: Connection) -> dict[str, int]:
    """Return how many rows each table has."""
    quoted = connection.dialect.identifier_preparer.quote_identifier
    tables = sorted(set(inspect(connection).get_table_names()) - {VERSION_TABLE})
    return {table: int(connection.execute(text(f"SELECT COUNT(*) FROM {quoted(table)}")).scalar_one()) for table in tables}


def facts_of(connection: Connection) -> Facts:
    """Return what a database holds, as one reading of it sees it; every book is checked on the way."""
    heads = []
    for community, name in connection.execute(text("SELECT id, name FROM community ORDER BY id")).all():
        newest = connection.execute(text(_HEAD), {"community": community}).first()
        heads.append([community, name, *((0, GENESIS) if newest is None else newest)])
    report = verify_on(connection)
    audit_id, audit_at = watermark_of(connection)
    return Facts(
        schema=schema_of(connection),
        counts=counts_of(connection),
        heads=heads,
        audit_id=audit_id,
        audit_at=audit_at,
        transfers=report.transfers,
        ledger_fault=[report.first_bad_seq, report.bad_account],
        seal=list(seals.newest(connection)) if seals.exist_in(connection) else [],
    )
