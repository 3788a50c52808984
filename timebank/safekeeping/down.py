"""One step down: what it would cost is found by trying it and taking it back, and it is only done behind a backup."""

# ruff: noqa: S608 - the names in the statements are those the database itself gave

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from timebank import schema
from timebank.config import Settings
from timebank.db import db, forget_reads
from timebank.errors import Conflict
from timebank.safekeeping.actions import back_up
from timebank.safekeeping.facts import counts_of

Shape = dict[str, dict[str, str | None]]


@dataclass(frozen=True, slots=True)
class Step:
    """One migration back: its full name, and what would be gone, as (what, how many)."""

    name: str
    tables: list[tuple[str, int]]
    columns: list[tuple[str, int]]
    rows: list[tuple[str, int]]

    def lines(self) -> list[str]:
        """Say what would be lost."""
        said = [f"表 / table {name}: {count} 行 / rows" for name, count in self.tables]
        said += [f"列 / column {name}: {count} 个值 / values" for name, count in self.columns]
        said += [f"表 / table {name}: 其中 / of it {count} 行 / rows" for name, count in self.rows]
        return said or ["没有数据会丢 / no data is lost"]


def next_step() -> Step:
    """Return the next step down and what it would cost; the database is left as it is."""
    revision = schema.current()
    if not revision:
        raise Conflict("数据库里没有表，没有可退的。")
    if not schema.knows(revision):
        raise Conflict("数据库的表结构（%(revision)s）比这个程序新。请先安装新版本，再用它退回。", revision=revision)
    forget_reads()
    with db.engine.connect() as connection:
        shape, counts = _shape(connection), counts_of(connection)
    after: list[tuple[Shape, dict[str, int]]] = []
    try:
        schema.try_step_down(lambda connection: after.append((_shape(connection), counts_of(connection))))
    except DBAPIError as error:
        raise Conflict(
            "%(title)s 退不回去，什么都没有改：库里有以前的表结构容不下的内容（%(orig)s）。", title=schema.title(revision), orig=error.orig
        ) from error
    left, left_counts = after[0]
    with db.engine.connect() as connection:
        columns = [
            (f"{table}.{name}", _values(connection, table, name, default))
            for table in sorted(shape.keys() & left.keys())
            for name, default in shape[table].items()
            if name not in left[table]
        ]
    fewer = [(table, counts[table] - left_counts[table]) for table in sorted(left_counts) if left_counts[table] < counts.get(table, 0)]
    return Step(schema.title(revision), [(table, counts[table]) for table in sorted(shape.keys() - left.keys())], columns, fewer)


def go_down(step: Step, typed: str, settings: Settings, where: Path) -> Path:
    """Take one migration back when its name was typed, behind a backup; return the backup."""
    if typed != step.name:
        raise Conflict("没有退回。要退回请照抄这一步的名字：%(step)s（脚本里用 --yes-lose %(step)s）。", step=step.name)
    file, _ = back_up(settings, where)
    schema.step_down()
    return file


def _shape(connection: Connection) -> Shape:
    """Return the tables with their columns and what stands in a column nobody filled in."""
    seen = inspect(connection)
    tables = set(seen.get_table_names()) - {"alembic_version"}
    return {table: {column["name"]: column["default"] for column in seen.get_columns(table)} for table in tables}


def _values(connection: Connection, table: str, column: str, default: str | None) -> int:
    """Count what somebody put into a column: neither nothing nor what stands there by itself."""
    quoted = connection.dialect.identifier_preparer.quote_identifier
    filled = f"{quoted(column)} IS NOT NULL"
    if default is not None:
        filled += f" AND CAST({quoted(column)} AS TEXT) <> CAST({default} AS TEXT)"
    return int(connection.execute(text(f"SELECT COUNT(*) FROM {quoted(table)} WHERE {filled}".replace(":", r"\:"))).scalar_one())
