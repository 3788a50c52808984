"""The move to another database: compared, all or nothing, the old one locked; and keys that change."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from tests import databases
from tests.conftest import migrated
from tests.safekeeping.conftest import Office
from timebank import sealcheck, wholly
from timebank.audit import AuditRow
from timebank.config import Settings
from timebank.db import db, engine_options
from timebank.elders.models import Household
from timebank.errors import Conflict, NotAvailable
from timebank.ledger.verify import verify
from timebank.safekeeping import keys, moving
from timebank.safekeeping.actions import office as opened
from timebank.safekeeping.facts import counts_of
from timebank.sealed import mark_of


def settings_of(office: Office) -> Settings:
    """Return the settings of an office."""
    return Settings(instance=str(office.instance), database_url=office.url, base_url="http://localhost")


def counts(url: str) -> dict[str, int]:
    """Return how many rows each table of a database has."""
    engine = create_engine(url, poolclass=NullPool, **engine_options(url))
    with engine.connect() as connection:
        return counts_of(connection)


def empty(kind: str, folder: Path, server: str) -> str:
    """Return the address of an empty database."""
    return (
        databases.fresh_database(kind, lambda _url: None, folder=folder, server=server)
        if kind == "postgresql"
        else f"sqlite:///{folder}/moved.db"
    )


@pytest.fixture(params=databases.KINDS)
def target(request: pytest.FixtureRequest, tmp_path: Path, server: str) -> str:
    """Give an empty database of each kind."""
    return empty(request.param, tmp_path, server)


def test_an_office_moves_whole_and_its_old_database_is_locked(office: Office, target: str) -> None:
    """From either kind to either kind: the same rows, books and seals, and not a word written where it was."""
    before = counts(office.url)
    said: list[str] = []
    moved = moving.move_to(target, settings_of(office), said.append)
    after = counts(target)
    own = {"audit", "seal"}
    assert {name: count for name, count in after.items() if name not in own} == {
        name: count for name, count in before.items() if name not in own
    }
    assert after["audit"] == before["audit"] + 1
    assert moved.rows == sum(count for name, count in before.items() if name != "seal")
    assert any(line.startswith("audit: ") for line in said)
    with opened(Settings(instance=str(office.instance), database_url=target, base_url="http://localhost")):
        assert verify().ok
        assert sealcheck.check_now().ok
        assert db.session.scalars(select(AuditRow.verb).order_by(AuditRow.id.desc())).first() == "arrive"
    engine = create_engine(office.url, poolclass=NullPool, **engine_options(office.url))
    for statement in ("UPDATE community SET name = 'x'", "DELETE FROM audit", "INSERT INTO skill (id) VALUES (99)"):
        with pytest.raises(DBAPIError, match=moving.LOCKED), engine.begin() as connection:
            connection.execute(text(statement))


@pytest.mark.parametrize("office", databases.POSTGRES_IN_THE_LONG_RUN, indirect=True)
def test_nothing_is_kept_when_the_move_fails_half_way_and_it_can_be_made_again(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new database is as empty as before, the old one is not locked, and the second try succeeds."""
    target = empty("sqlite", tmp_path, "")
    put_rows, places = wholly.put_rows, iter(range(1000))

    def fail_half_way(*words: object) -> int:
        if next(places) == 30:
            raise OSError("the line is dead")
        return put_rows(*words)  # type: ignore[arg-type]

    monkeypatch.setattr(wholly, "put_rows", fail_half_way)
    with pytest.raises(OSError, match="the line is dead"):
        moving.move_to(target, settings_of(office), lambda _line: None)
    assert counts(target)["community"] == 0
    monkeypatch.setattr(wholly, "put_rows", put_rows)
    assert moving.move_to(target, settings_of(office), lambda _line: None).rows > 10


@pytest.mark.parametrize("office", databases.POSTGRES_IN_THE_LONG_RUN, indirect=True)
def test_a_copy_that_differs_is_not_kept(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = empty("sqlite", tmp_path, "")
    told, sides = moving._told, iter((False, True))
    monkeypatch.setattr(moving, "_told", lambda connection: told(connection) | ({"visit": (0, "")} if next(sides) else {}))
    with pytest.raises(NotAvailable, match="visit"):
        moving.move_to(target, settings_of(office), lambda _line: None)
    assert counts(target)["visit"] == 0


@pytest.mark.parametrize("office", databases.POSTGRES_IN_THE_LONG_RUN, indirect=True)
def test_only_an_empty_database_is_moved_to(office: Office, folder: Path, server: str, tmp_path: Path) -> None:
    with pytest.raises(Conflict, match="same database"):
        moving.move_to(office.url, settings_of(office), lambda _line: None)
    used = f"sqlite:///{tmp_path}/used.db"
    moving.move_to(used, settings_of(office), lambda _line: None)
    other = Office(tmp_path / "other", databases.fresh_database("sqlite", migrated, folder=folder, server=server), server)
    with pytest.raises(Conflict, match="empty"):
        moving.move_to(used, settings_of(other), lambda _line: None)


def test_a_new_key_opens_everything_and_the_old_one_nothing_any_more(office: Office) -> None:
    """What is under seal is closed anew; the chain goes on under the new key, earlier seals are checked with the old one."""
    settings = settings_of(office)
    with opened(settings):
        doors = {each.id: each.door_note for each in db.session.scalars(select(Household))}
        stored = dict(db.session.execute(text("SELECT id, door_note FROM household")).all())  # type: ignore[arg-type]
    file = office.instance / "secret.key"
    old = file.read_text().splitlines()
    done = keys.rotate(settings)
    new, *kept = file.read_text().splitlines()
    assert kept == old
    assert done.mark == mark_of(new)
    assert done.values >= len(stored) > 0
    with opened(settings):
        assert {each.id: each.door_note for each in db.session.scalars(select(Household))} == doors
        assert sealcheck.check_now().ok
    file.write_text(new)
    with opened(settings):
        assert {each.id: each.door_note for each in db.session.scalars(select(Household))} == doors


def test_a_key_of_the_settings_is_changed_by_the_settings(office: Office) -> None:
    settings = Settings(instance=str(office.instance), database_url=office.url, secret_key=(office.instance / "secret.key").read_text())
    with pytest.raises(Conflict, match="TIMEBANK_OLD_KEYS"):
        keys.rotate(settings)
