"""An application on a fresh database with the catalogue in it, and small files to import."""

import io
from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine
from xlsxwriter import Workbook

from tests import databases
from timebank import app as service
from timebank import sealed, seeding
from timebank.db import Base, db, engine_options, transaction
from timebank.exchange import actions
from timebank.exchange.report import Report
from timebank.ledger import ddl

Rows = Sequence[Sequence[Any]]
KEY = "a key for tests, of no worth anywhere else"
BADAGUAN = ("places", "volunteers", "elders", "needs")
assert service.MODELS  # every table is known once the service is


def prepare(url: str) -> None:
    """Make every table, the ledger's triggers and the catalogue."""
    engine = create_engine(url, **engine_options(url))
    with engine.begin() as connection:
        Base.metadata.create_all(connection)
        for statement in ddl.create(engine.dialect.name):
            connection.exec_driver_sql(statement)
    engine.dispose()
    with small_app(url).app_context():
        with transaction():
            seeding.seed_catalogue()
        db.session.remove()
        db.engine.dispose()


def prepare_badaguan(url: str) -> None:
    """Make a database that has Badaguan in it, once for all tests that only look."""
    prepare(url)
    sealed.sealer.use(KEY)
    with small_app(url).app_context():
        with transaction():
            assert actions.import_files(seeding.community_folder("badaguan")).applied
        db.session.remove()
        db.engine.dispose()


def small_app(url: str) -> Flask:
    """Return an application with nothing but the database."""
    app = Flask(__name__)
    app.config.update(SQLALCHEMY_DATABASE_URI=url, SQLALCHEMY_ENGINE_OPTIONS=engine_options(url))
    db.init_app(app)
    return app


@pytest.fixture(scope="session")
def server() -> Generator[str]:
    """Run one PostgreSQL server for all tests of this folder."""
    with databases.postgres_server() as url:
        yield url


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give one folder for all SQLite files."""
    return tmp_path_factory.mktemp("databases")


def opened(kind: str, folder: Path, server: str, made: databases.Prepare = prepare) -> Generator[Flask]:
    """Give an application on a fresh database, its context pushed."""
    sealed.sealer.use(KEY)
    url = databases.fresh_database(kind, made, folder=folder, server=server)
    app = small_app(url)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
    databases.drop_database(url, server=server)


@pytest.fixture
def app(folder: Path) -> Generator[Flask]:
    """Give an application on SQLite."""
    yield from opened("sqlite", folder, "")


@pytest.fixture
def lived(folder: Path) -> Generator[Flask]:
    """Give an application on SQLite with Badaguan in it."""
    yield from opened("sqlite", folder, "", prepare_badaguan)


@pytest.fixture(params=databases.KINDS)
def either(request: pytest.FixtureRequest, folder: Path) -> Generator[Flask]:
    """Give an application on each kind of database."""
    yield from opened(request.param, folder, request.getfixturevalue("server") if request.param == "postgresql" else "")


@pytest.fixture
def badaguan() -> list[Path]:
    """Name Badaguan's four workbooks."""
    return [seeding.community_folder("badaguan") / f"{stem}.xlsx" for stem in BADAGUAN]


def take_in(sources: Any, **options: Any) -> Report:
    """Import in a write unit."""
    with transaction():
        return actions.import_files(sources, **options)


def look_at(sources: Any) -> Report:
    """Check in a write unit, as the pages do."""
    with transaction():
        return actions.check_workbook(sources)


Book = Callable[[Mapping[str, Rows]], tuple[str, bytes]]


@pytest.fixture
def book() -> Book:
    """Write an Excel file of plain cells by sheet name."""

    def write(sheets: Mapping[str, Rows], name: str = "上传.xlsx") -> tuple[str, bytes]:
        target = io.BytesIO()
        with Workbook(target, {"strings_to_formulas": False, "default_date_format": "yyyy-mm-dd"}) as workbook:
            for title, rows in sheets.items():
                page = workbook.add_worksheet(title)
                for number, row in enumerate(rows):
                    page.write_row(number, 0, row)
        return name, target.getvalue()

    return write
