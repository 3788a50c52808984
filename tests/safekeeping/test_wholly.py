"""Every row of every table goes over to a database of the other kind and back, with its triggers and its counting as before."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError
from sqlalchemy.pool import NullPool

from tests import builders as make
from tests import databases
from tests.conftest import migrated
from tests.safekeeping.conftest import Office
from timebank import wholly
from timebank.access.models import Role, User
from timebank.db import WRITE, db, engine_options, transaction
from timebank.ledger.verify import verify

GUARDS = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name",
    "postgresql": "SELECT tgname, tgenabled, tgrelid::regclass::text, tgdeferrable, tginitdeferred FROM pg_trigger ORDER BY 1, 3",
}
Told = dict[str, tuple[int, str]]


@contextmanager
def writing(url: str) -> Iterator[Connection]:
    """Open one write unit on a database."""
    engine = create_engine(url, poolclass=NullPool, **engine_options(url))
    with engine.connect().execution_options(**{WRITE: float("inf")}) as connection, connection.begin():
        yield connection


def told(connection: Connection) -> Told:
    """Return how many lines each table has and the digest over them."""
    return {table.name: wholly.digest_of(wholly.lines_of(connection, table)) for table in wholly.tables(secrets=True)}


def copy(source: str, target: str) -> tuple[Told, Told]:
    """Bring every row from one database into an empty one; return what both say of themselves."""
    with writing(source) as there, writing(target) as here:
        with wholly.filling(here):
            for table in wholly.tables(secrets=True):
                wholly.put_rows(here, table, wholly.rows_of(there, table))
        wholly.go_on_counting(here, wholly.next_numbers(there))
        return told(there), told(here)


@pytest.mark.parametrize("kind", databases.KINDS)
def test_every_row_goes_into_a_database_of_either_kind_and_the_rules_stand_there_again(
    office: Office, kind: str, tmp_path: Path, folder: Path, request: pytest.FixtureRequest
) -> None:
    server = request.getfixturevalue("server")
    url = databases.fresh_database(kind, migrated, folder=folder, server=server)
    other = Office(tmp_path / "other", url, server)
    guards = other.ask(GUARDS[kind])
    before, after = copy(office.url, url)
    assert before == after
    assert before["ledger_transfer"][0] > 0
    assert other.ask(GUARDS[kind]) == guards
    with other.open():
        assert verify().ok
        with transaction():
            numbers = set(db.session.scalars(select(User.id)))
            assert make.make_user(Role.FAMILY, None).id not in numbers
        with pytest.raises(IntegrityError), transaction():
            db.session.execute(text("DELETE FROM ledger_transfer"))


@pytest.mark.parametrize("kind", databases.KINDS)
def test_a_row_that_points_nowhere_leaves_the_database_as_it_was(
    kind: str, folder: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    server = request.getfixturevalue("server") if kind == "postgresql" else ""
    url = databases.fresh_database(kind, migrated, folder=folder, server=server)
    guards = Office(tmp_path, url, server).ask(GUARDS[kind])
    compound = next(table for table in wholly.tables(secrets=False) if table.name == "compound")
    with pytest.raises(IntegrityError), writing(url) as here, wholly.filling(here):
        wholly.put_rows(here, compound, [{"id": 1, "community_id": 77, "name": "nowhere"}])
    assert Office(tmp_path, url, server).ask(GUARDS[kind]) == guards
    assert Office(tmp_path, url, server).ask("SELECT COUNT(*) FROM compound") == [(0,)]


def test_nothing_and_null_stay_two_things_and_what_is_sealed_stays_sealed(small: Office) -> None:
    with small.open():
        tables = {table.name: table for table in wholly.tables(secrets=True)}
        engine = db.engine
        with engine.connect() as connection:
            (household,) = wholly.rows_of(connection, tables["household"])
            assert household["door_note"].startswith("gAAAA")
            assert {"care_note", "last_seen"}.isdisjoint(household)
            assert inspect(connection).has_table("audit")


def test_what_lets_somebody_in_is_known_to_be_secret() -> None:
    """A new table of sessions, codes or keys is to say so: by its columns' names it is found here."""
    told = {table.name for table in wholly.tables(secrets=False)}
    known = {table.name for table in wholly.tables(secrets=True)}
    assert {"session", "sign_in_code", "magic_link", "upload", "submission"} <= known - told
    for table in wholly.tables(secrets=False):
        assert not [each.name for each in table.columns if any(word in each.name for word in ("token_hash", "secret", "password"))]
