"""Room for a demo: a folder and a database that are empty, or an earlier demo's; never anything else."""

import contextlib
import io
import shutil
from collections.abc import Callable, Collection, Generator
from pathlib import Path

from sqlalchemy import inspect, select

from timebank import schema
from timebank.access.models import User
from timebank.db import db, forget_reads
from timebank.errors import Refusal
from timebank.notices.channels import Terminal, carriers
from timebank.queue import jobs

MARK = ".demo"


def clear(folder: Path, *, fresh: bool, ask: Callable[[], bool]) -> bool:
    """Make room for a new demo; an earlier one is only overwritten when told to. Says whether there is room."""
    mark = folder / MARK
    if not folder.exists() or not any(folder.iterdir()):
        folder.mkdir(parents=True, exist_ok=True)
        mark.touch()
        return True
    if not mark.exists():
        raise Refusal("%(folder)s/ 里有别的文件，演示不会动它。请用 --folder 换一个文件夹。", folder=folder)
    if not fresh and not ask():
        return False
    shutil.rmtree(folder)
    folder.mkdir()
    mark.touch()
    return True


@contextlib.contextmanager
def without_a_queue() -> Generator[None]:
    """Do jobs at once, in the demo's own time, and keep the week's messages off the terminal: the outbox shows them."""
    told, carriers.messages = carriers.messages, Terminal(io.StringIO())
    if jobs.huey is not None:
        jobs.huey.immediate = True
    try:
        yield
    finally:
        carriers.messages = told
        if jobs.huey is not None:
            jobs.huey.immediate = False


def prepare(known: Collection[str], *, fresh: bool) -> None:
    """Make the tables; a database named by a setting is only overwritten when told to, and only an earlier demo's.

    ``known`` are the telephones of demos' coordinators: where one of them signs in, or nobody yet, it is a demo's.
    """
    if tables := inspect(db.engine).get_table_names():
        if not _is_a_demos(tables, known):
            raise Refusal("TIMEBANK_DATABASE_URL 指的数据库里不是演示，加 --fresh 也不会动它。请换一个空数据库。")
        if not fresh:
            raise Refusal("TIMEBANK_DATABASE_URL 指的数据库不是空的。要覆盖请加 --fresh。")
        schema.downgrade()
    schema.upgrade()


def _is_a_demos(tables: list[str], known: Collection[str]) -> bool:
    """Say whether a database that is not empty is of an earlier demo: a demo's coordinator signs in there, or nobody yet."""
    if "user" not in tables:
        return tables == ["alembic_version"]
    phones = set(db.session.scalars(select(User.phone)))
    forget_reads()
    return not phones or not phones.isdisjoint(known)
