"""The grown database: PostgreSQL's own tools, pg_dump and pg_restore, on one snapshot that the counts are read from as well."""

import os
import re
import shutil
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.engine import Connection

from timebank.errors import Invalid, NotAvailable
from timebank.queue import SCHEMA
from timebank.safekeeping.facts import VERSION_TABLE

COPY = re.compile(rb'^COPY (?:\S+\.)?"?([^"\s]+)"? \(')


def tool(name: str, engine: Engine) -> str:
    """Return the path of one of PostgreSQL's tools."""
    found = shutil.which(name)
    if found is None:
        with engine.connect() as connection:
            version = str(connection.execute(text("SHOW server_version")).scalar_one()).split(".", maxsplit=1)[0]
        raise NotAvailable(
            "这台机器上没有 %(name)s。请安装 PostgreSQL %(version)s 的客户端工具（如 Debian、Ubuntu 的 postgresql-client-%(version)s），并让它在 PATH 里，再试一次。",
            name=name,
            version=version,
        )
    return found


@contextmanager
def reading(engine: Engine) -> Generator[Connection]:
    """Give one unmoving view of the database."""
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        yield connection


def dump(connection: Connection, target: Path) -> None:
    """Let pg_dump write exactly what this connection sees; the queue of jobs is no part of a backup."""
    snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
    words = ["--format=custom", "--no-owner", "--no-privileges", f"--exclude-schema={SCHEMA}", f"--snapshot={snapshot}", f"--file={target}"]
    _run(connection.engine, "pg_dump", *words)


def put_back(engine: Engine, dumped: Path) -> None:
    """Let pg_restore fill an empty database, wholly or not at all."""
    _run(engine, "pg_restore", "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", str(dumped))


def counts_in(engine: Engine, dumped: Path) -> dict[str, int]:
    """Return how many rows of each table stand in a dump, read to its end."""
    found: dict[str, int] = {}
    table = ""
    command = [tool("pg_restore", engine), "--data-only", "--file=-", str(dumped)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as reader:  # noqa: S603 - our own file
        for line in reader.stdout or ():
            if table:
                if line == b"\\.\n":
                    table = ""
                else:
                    found[table] += 1
            elif begun := COPY.match(line):
                table = begun[1].decode()
                found[table] = 0
    if reader.returncode:
        raise Invalid("%(dumped)s 读不完。", dumped=dumped.name)
    found.pop(VERSION_TABLE, None)
    return found


def _run(engine: Engine, name: str, *words: str) -> None:
    """Run a tool against the database; its password is in no command line."""
    path = tool(name, engine)
    _, how = engine.dialect.create_connect_args(engine.url)
    password = how.pop("password", None)
    address = " ".join(f"{key}='{_quoted(str(value))}'" for key, value in how.items() if isinstance(value, str | int))
    env = os.environ | ({"PGPASSWORD": str(password)} if password else {})
    done = subprocess.run([path, f"--dbname={address}", *words], env=env, capture_output=True, text=True, check=False)  # noqa: S603 - a list
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["?"])[0]
        raise NotAvailable(
            "%(name)s 没有做成：%(said)s。若是版本不同，请安装不低于数据库版本的客户端工具并放进 PATH。", name=name, said=said
        )


def _quoted(value: str) -> str:
    """Return a value as it stands between the quotes of a connection string."""
    return value.replace("\\", "\\\\").replace("'", "\\'")
