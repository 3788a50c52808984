"""The embedded database: SQLite's own online copy, and a copy put in its place.

The copy is taken in one step of SQLite's backup: it sees one committed state, writers go on meanwhile (without WAL they wait
for it), and what stands in the write-ahead log is in it.
"""

import contextlib
import errno
from collections.abc import Generator
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import NullPool

from timebank.db import engine_options, sqlite_driver
from timebank.errors import Invalid


class Damaged(Invalid):
    """What should be a database is none, or none any more."""


def file_of(url: str | URL) -> Path:
    """Return the file of a SQLite database's address."""
    return Path(make_url(url).database or "")


def copy_running(database: Path, target: Path) -> None:
    """Copy a database while it is written to; the original is only read."""
    driver = sqlite_driver()
    address = f"{database.resolve().as_uri()}?mode=ro"
    with contextlib.closing(driver.connect(address, uri=True)) as source, contextlib.closing(driver.connect(str(target))) as copy:
        try:
            source.backup(copy)
        except driver.OperationalError as error:  # the disk is full, or gone
            raise OSError(errno.EIO, str(error)) from error


def fold(database: Path) -> None:
    """Make a closed database one file that stands by itself, with no log beside it."""
    with contextlib.closing(sqlite_driver().connect(str(database))) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")


@contextlib.contextmanager
def reading(database: Path) -> Generator[Connection]:
    """Give one unmoving view of a database's file."""
    url = f"sqlite:///{database}"
    engine = create_engine(url, poolclass=NullPool, **engine_options(url))
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def check(connection: Connection) -> None:
    """Refuse a database that SQLite itself finds damaged."""
    said = connection.exec_driver_sql("PRAGMA integrity_check(3)").scalars().all()
    orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if said != ["ok"]:
        raise _damaged("; ".join(str(each) for each in said))
    if orphans is not None:
        raise _damaged(" ".join(str(each) for each in orphans))


@contextlib.contextmanager
def readable() -> Generator[None]:
    """Say in words that a file is no database, or none any more, when reading it comes upon that."""
    try:
        yield
    except (DatabaseError, sqlite_driver().DatabaseError) as error:
        if not any(words in str(error) for words in ("malformed", "not a database")):
            raise
        raise _damaged("malformed") from error


def _damaged(what: str) -> Damaged:
    """Return the refusal of a damaged database."""
    return Damaged(
        "数据库文件已经损坏，不能当作备份（%(what)s）。请停止服务，原样保留数据文件夹，从最近一份完好的备份恢复到别处。", what=what
    )
