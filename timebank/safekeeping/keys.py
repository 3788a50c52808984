"""Keys that change: a new one is drawn, everything under seal is closed with it, and the earlier ones only open what is old.

An office whose key stands in ``secret.key`` gets a new first line there; where the settings name the key, somebody sets the new one
and names the old one in ``TIMEBANK_OLD_KEYS`` before. Afterwards the old keys read nothing any more that is in the database; they are
kept because earlier backups, and the seals made with them, are checked with them.
"""

import secrets
from dataclasses import dataclass

from sqlalchemy import Column, Connection, MetaData, Table, Text, select, update

from timebank import audit, schema, sealcheck, wholly
from timebank.app import kept_secrets
from timebank.config import Settings
from timebank.db import WRITE, Base, db, transaction
from timebank.errors import Conflict
from timebank.safekeeping import archive
from timebank.safekeeping.actions import office
from timebank.sealed import Sealed, sealer


@dataclass(frozen=True, slots=True)
class Rotated:
    """What came of it: the mark of the new key, and how many values were closed anew."""

    mark: str
    values: int


def rotate(settings: Settings) -> Rotated:
    """Draw a new key where the office keeps its own, and close everything under seal with the newest key."""
    with office(settings):
        _refuse_unsound()
    if not settings.secret_key and not settings.data_key:
        file = settings.instance_path / archive.KEY
        before = kept_secrets(file)
        file.write_text("\n".join([secrets.token_urlsafe(48), *before]), encoding="utf-8")
    elif not settings.old_keys:
        raise Conflict("密钥写在设置里。请先生成新的 TIMEBANK_SECRET_KEY（和 TIMEBANK_DATA_KEY），把原来的写进 TIMEBANK_OLD_KEYS，再运行。")
    with office(settings):
        writing = db.engine.connect().execution_options(**{WRITE: float("inf")})
        with writing as connection, connection.begin(), wholly.filling(connection):
            values = sum(_close_anew(connection, table) for table in wholly.tables(secrets=True))
        with transaction():
            audit.record("rotate", "database", schema.head(), values=values)
        return Rotated(sealer.mark, values)


def _refuse_unsound() -> None:
    """Refuse to seal anew what somebody has edited: it would be hidden."""
    if not schema.is_current() or not sealcheck.check_now().ok:
        raise Conflict("数据库和封印对不上，或者还没有升级，没有换密钥。请先运行 timebank verify。")


def _close_anew(connection: Connection, table: Table) -> int:
    """Close every sealed value of a table with the newest key; return how many there are."""
    names = [each.name for each in Base.metadata.tables[table.name].columns if isinstance(each.type, Sealed)]
    if not names:
        return 0
    keys = [each.name for each in table.primary_key.columns]
    plain = Table(table.name, MetaData(), *(Column(each.name, Text if each.name in names else each.type) for each in table.columns))
    count = 0
    for row in connection.execute(select(*(plain.c[name] for name in (*keys, *names)))).mappings().all():
        anew = {name: sealer.fernet.rotate(row[name].encode()).decode() for name in names if row[name] is not None}
        if anew:
            connection.execute(update(plain).where(*(plain.c[name] == row[name] for name in keys)).values(anew))
            count += len(anew)
    return count
