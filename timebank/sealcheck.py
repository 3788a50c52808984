"""The check of the chain of seals: which rows are not what was sealed, which are gone or were slipped in, where the chain breaks.

Everything is read from the database itself in big slices, on a connection that sees one unmoving state. What is found is named by
table and key and never by what it says.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import Text, cast, select
from sqlalchemy.engine import Connection

from timebank import seals
from timebank.db import db
from timebank.sealed import sealer
from timebank.seals import GENESIS, SHAPE, Key, Seal
from timebank.sentences import Sentence

SLICE = 1000
TOLD = 20
"""So many faults are named; of more only the number is said."""
CHANGED = Sentence("被改过")
GONE = Sentence("不见了")
ADDED = Sentence("是塞进来的")
BROKEN = Sentence("这里断了")
OTHER_KEY = Sentence("是用别的密钥封的")
CUT = Sentence("以后的被截掉了，或者换成了旧的数据库")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it was sealed."""

    table: str
    key: Key
    said: tuple[str, str]

    @property
    def words(self) -> str:
        """The fault in both languages."""
        zh, en = self.said
        return f"{self.table} {self.key} {zh} / {en}"


@dataclass(slots=True)
class Found:
    """What the check came to."""

    seals: int = 0
    head: str = GENESIS
    rows: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether everything is as it was sealed."""
        return not self.faults

    @property
    def line(self) -> str:
        """The whole in one line."""
        if self.ok:
            return f"封印完好：{self.rows} 行、{self.seals} 次封印 / the seals are whole: {self.rows} rows, {self.seals} seals · {self.head[:16]}"
        return f"有 {len(self.faults)} 处和封印不符 / {len(self.faults)} things are not as they were sealed"

    def told(self) -> list[str]:
        """The faults, each in a line, as many as anybody reads."""
        return [fault.words for fault in self.faults[:TOLD]] + (["…"] if len(self.faults) > TOLD else [])


class _Chain:
    """The chain as it is read: what it says of each row and of the database's guards; once a newer key was used, no older one is believed."""

    def __init__(self) -> None:
        """Begin before the first seal."""
        self.number, self.head = 0, GENESIS
        self._oldest = len(sealer.seal_keys)
        self.rows: dict[str, dict[Key, str | None]] = {}
        self.shape: dict[str, str] = {}

    def take(self, row: Seal) -> Iterator[Fault]:
        """Take the next seal, and say what is wrong with it."""
        keys = sealer.seal_keys
        if row.id != self.number + 1 or row.prev != self.head:
            yield Fault("seal", row.id, BROKEN)
        if row.key_mark not in keys or (age := list(keys).index(row.key_mark)) > self._oldest:
            yield Fault("seal", row.id, OTHER_KEY)
        elif row.mac != seals.mac_of(row.id, row.at, row.rows, row.prev, keys[row.key_mark]):
            yield Fault("seal", row.id, CHANGED)
        else:
            self._oldest = age
        self.number, self.head = row.id, row.mac
        for table, rows in row.rows.items():
            if table == SHAPE:
                self.shape = dict(rows)
            else:
                self.rows.setdefault(table, {}).update((key, said) for key, said in rows)


def check(connection: Connection) -> Found:
    """Compare every sealed row, and the database's own guards, with the chain."""
    found, chain, noted = Found(), _Chain(), seals.head.noted()
    for row in _seals(connection):
        found.faults += chain.take(row)
        if noted is not None and row.id == noted[0] and row.mac != noted[1]:
            found.faults.append(Fault("seal", row.id, CHANGED))
    found.seals, found.head = chain.number, chain.head
    if noted is not None and noted[0] > chain.number:
        found.faults.append(Fault("seal", chain.number, CUT))
    for table in seals.as_it_stands(connection):
        sealed = chain.rows.pop(table.name, {})
        for key, now in seals.read(connection, table):
            found.rows += 1
            if key not in sealed or sealed[key] is None:
                found.faults.append(Fault(table.name, key, ADDED))
            elif sealed[key] != now:
                found.faults.append(Fault(table.name, key, CHANGED))
            sealed.pop(key, None)
        found.faults += [Fault(table.name, key, GONE) for key, said in sealed.items() if said is not None]
    found.faults += _of_shape(seals.shape_of(connection), chain.shape)
    return found


def check_now() -> Found:
    """Check the service's own database, as one reading of it sees it."""
    engine = db.session.get_bind().engine
    level = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    with engine.connect().execution_options(**level) as connection:
        return check(connection)


def _seals(connection: Connection) -> Iterator[Seal]:
    """Yield the seals in their order, a slice at a time."""
    after = -1
    columns = Seal.__table__.columns
    while part := connection.execute(select(*columns).where(Seal.id > after).order_by(Seal.id).limit(SLICE)).all():
        yield from part  # type: ignore[misc] # its columns by name are all that is read
        after = part[-1].id


def _of_shape(now: dict[str, str], sealed: dict[str, str]) -> list[Fault]:
    """Return which of the database's own guards are others than were sealed."""
    gone = [Fault("schema", name, GONE) for name in sorted(sealed.keys() - now.keys())]
    added = [Fault("schema", name, ADDED) for name in sorted(now.keys() - sealed.keys())]
    return [*gone, *added, *(Fault("schema", name, CHANGED) for name in sorted(sealed.keys() & now.keys()) if sealed[name] != now[name])]


def guards() -> list[Fault]:
    """Return which of the database's own guards are others than were sealed last; this takes no time."""
    with db.engine.connect() as connection:
        shaped = select(Seal.rows).where(cast(Seal.rows, Text).like(f"%{SHAPE}%")).order_by(Seal.id.desc()).limit(1)
        found = connection.execute(shaped).scalar()
        return _of_shape(seals.shape_of(connection), dict(found[SHAPE]) if found else {})


def stands(number: int, begins: str) -> bool:
    """Say whether the seal with this number, as an older backup or paper has it, still stands in the chain."""
    with db.engine.connect() as connection:
        mac = connection.execute(select(Seal.mac).where(Seal.id == number)).scalar()
    return number == 0 or (mac is not None and bool(begins) and mac.startswith(begins))
