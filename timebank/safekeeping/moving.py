"""The move to another database, of either kind: every row is carried, counted and compared before anything is switched over.

Carried are all tables in one write unit of the new database: nothing stands there before everything does, so a move that is killed
in the middle is simply begun again. While it lasts nobody writes to the old database, and afterwards it is locked: it can be read as
ever, and a service that is pointed at it by mistake is refused every write. What each side says of itself (rows, a digest over the
rows of each table, the heads of the books, every balance through the check of the books) must be the same, or nothing is kept.

The chain of seals is each database's own: the old one is checked first, the new one sealed from its first row.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.pool import NullPool

from timebank import audit, clock, schema, sealcheck, seals, wholly
from timebank.app import create_app
from timebank.config import Settings
from timebank.db import WRITE, db, engine_options, transaction
from timebank.errors import Conflict, NotAvailable
from timebank.ledger.verify import verify_on
from timebank.safekeeping.actions import office

LOCK = "moved_away"
LOCKED = "this office has moved to another database"
Told = dict[str, tuple[int, str]]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Moved:
    """What was carried: the rows of each table with their digest, and how many transfers were checked on both sides."""

    tables: Told
    transfers: int

    @property
    def rows(self) -> int:
        """How many rows there are in all."""
        return sum(count for count, _digest in self.tables.values())


def move_to(url: str, settings: Settings, say: Say) -> Moved:
    """Carry the office to an empty database, compare both, and lock the old one."""
    there = replace(settings, database_url=url)
    _refuse_same(settings, there)
    _prepare(there)
    with office(settings):
        if not schema.is_current():
            raise Conflict("请先运行 timebank upgrade，再搬家。")
        wrong = sealcheck.check_now()
        if not wrong.ok:
            raise Conflict("现在的数据库和封印对不上（%(words_)s），没有搬。请先运行 timebank verify。", words_=wrong.faults[0].words)
        moved = _carry(db.engine, there, say)
        with transaction():
            audit.record("move", "database", schema.head(), rows=moved.rows, transfers=moved.transfers)
        _lock(db.engine)
    _say_in_the_new_one(there, moved)
    return moved


@contextmanager
def _at(there: Settings) -> Generator[None]:
    """Open a database that need not be there yet."""
    with create_app(there).app_context():
        try:
            yield
        finally:
            db.session.remove()
            db.engine.dispose()


def _refuse_same(settings: Settings, there: Settings) -> None:
    """Refuse to move to where the office is."""
    if make_url(settings.database) == make_url(there.database):
        raise Conflict("新旧是同一个数据库。请给另一个空数据库的地址。")


def _prepare(there: Settings) -> None:
    """Bring an empty database to the schema; one in which somebody has been is refused."""
    with _at(there):
        names = set(inspect(db.engine).get_table_names())
        if "community" in names:
            with db.engine.connect() as connection:
                used = connection.execute(text("SELECT (SELECT COUNT(*) FROM community) + (SELECT COUNT(*) FROM audit)")).scalar_one()
            if used:
                raise Conflict("新数据库里已经有内容，没有搬。请换一个空数据库。")
        elif names:
            raise Conflict("新数据库是别的程序的，没有搬。请换一个空数据库。")
        schema.upgrade()


def _carry(old: Engine, there: Settings, say: Say) -> Moved:
    """Carry every row in one write unit, while nobody writes to the old database; compare both sides, and keep all or nothing."""
    new = create_engine(there.database, poolclass=NullPool, **engine_options(there.database))
    try:
        with _still(old) as source, new.connect().execution_options(**{WRITE: float("inf")}) as target, target.begin():
            with wholly.filling(target):
                for table in reversed(wholly.tables(secrets=True)):
                    target.execute(table.delete())
                for table in wholly.tables(secrets=True):
                    count = wholly.put_rows(target, table, wholly.rows_of(source, table))
                    if count:
                        say(f"{table.name}: {count}")
            wholly.go_on_counting(target, wholly.next_numbers(source))
            return _compared(source, target)
    finally:
        new.dispose()


@contextmanager
def _still(engine: Engine) -> Generator[Connection]:
    """Give a database to which nobody else writes meanwhile; readers go on."""
    with engine.connect().execution_options(**{WRITE: float("inf")}) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            names = ", ".join(connection.dialect.identifier_preparer.quote(table.name) for table in wholly.tables(secrets=True))
            connection.exec_driver_sql(f"LOCK TABLE {names} IN SHARE MODE")
        yield connection


def _compared(source: Connection, target: Connection) -> Moved:
    """Return what both sides say of themselves; refuse when they differ."""
    before, after = _told(source), _told(target)
    different = sorted(name for name in before if before[name] != after[name])
    books, copied = verify_on(source), verify_on(target)
    if different or not copied.ok or books.transfers != copied.transfers:
        raise NotAvailable(
            "搬过去的和原来的不一样（%(what)s），什么都没有留下。请再试一次，还是这样请联系维护的人。",
            what=different or (copied.zh, copied.en),
        )
    return Moved(after, copied.transfers)


def _told(connection: Connection) -> Told:
    """Return how many rows each table has and the digest over them."""
    return {table.name: wholly.digest_of(wholly.lines_of(connection, table)) for table in wholly.tables(secrets=True)}


def _say_in_the_new_one(there: Settings, moved: Moved) -> None:
    """Write down in the new database where it comes from."""
    with _at(there), transaction():
        audit.record("arrive", "database", schema.head(), rows=moved.rows, at=clock.now().isoformat(timespec="seconds"))


def _lock(engine: Engine) -> None:
    """Let nobody write to a database any more, whichever program tries; reading and copying go on."""
    with engine.connect().execution_options(**{WRITE: float("inf")}) as connection, connection.begin():
        names = [connection.dialect.identifier_preparer.quote(table.name) for table in wholly.tables(secrets=True)]
        if engine.dialect.name == "sqlite":
            for place, name in enumerate(names):
                for event in ("INSERT", "UPDATE", "DELETE"):
                    body = f"SELECT RAISE(ABORT, '{LOCKED}');"
                    connection.exec_driver_sql(f"CREATE TRIGGER {LOCK}_{place}_{event.lower()} BEFORE {event} ON {name} BEGIN {body} END")
        else:
            body = f"BEGIN RAISE EXCEPTION '{LOCKED}' USING ERRCODE = 'read_only_sql_transaction'; END"
            connection.exec_driver_sql(f"CREATE FUNCTION {LOCK}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$")
            for name in names:
                does = f"BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON {name} FOR EACH STATEMENT EXECUTE FUNCTION {LOCK}()"
                connection.exec_driver_sql(f"CREATE TRIGGER {LOCK} {does}")
        seals.seal_guards(connection)
