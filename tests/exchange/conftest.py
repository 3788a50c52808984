"""The service on databases that hold the catalogue, or all of Badaguan; each prepared once and copied."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests import databases
from tests.apps import SECRET
from tests.browser import build
from tests.conftest import fresh_service
from tests.exchange.files import BADAGUAN, Book, excel
from timebank import schema, seeding
from timebank.db import db, transaction
from timebank.exchange import actions
from timebank.exchange.handed import hand_in
from timebank.places.models import Community, Street


def with_catalogue(url: str) -> None:
    """Bring an empty database to the newest schema and seed the catalogue."""
    with tempfile.TemporaryDirectory() as instance, build(Path(instance), database_url=url, secret_key=SECRET).app_context():
        schema.upgrade()
        with transaction():
            seeding.seed_catalogue()
        db.session.remove()
        db.engine.dispose()


def with_badaguan(url: str) -> None:
    """Make a database that has Badaguan in it."""
    with_catalogue(url)
    with tempfile.TemporaryDirectory() as instance, build(Path(instance), database_url=url, secret_key=SECRET).app_context():
        with transaction():
            assert actions.import_files(hand_in(seeding.community_folder("badaguan"))).applied
        db.session.remove()
        db.engine.dispose()


def inside(kind: str, instance: Path, folder: Path, server: str = "", prepare: databases.Prepare = with_catalogue) -> Iterator[Flask]:
    """Give the service over a database of its own, its context pushed."""
    with fresh_service(kind, instance, folder, server, prepare) as app, app.app_context():
        yield app
        db.session.remove()


@pytest.fixture
def empty(folder: Path, tmp_path: Path) -> Iterator[Flask]:
    """Give the service with the catalogue and nothing else."""
    yield from inside("sqlite", tmp_path, folder)


@pytest.fixture
def lived(folder: Path, tmp_path: Path) -> Iterator[Flask]:
    """Give the service with Badaguan in it."""
    yield from inside("sqlite", tmp_path, folder, prepare=with_badaguan)


@pytest.fixture(params=databases.KINDS)
def either(request: pytest.FixtureRequest, folder: Path, tmp_path: Path) -> Iterator[Flask]:
    """Give the service with the catalogue on each kind of database."""
    server = request.getfixturevalue("server") if request.param == "postgresql" else ""
    yield from inside(request.param, tmp_path, folder, server)


@pytest.fixture
def badaguan() -> list[Path]:
    """Name Badaguan's four workbooks."""
    return [seeding.community_folder("badaguan") / f"{stem}.xlsx" for stem in BADAGUAN]


@pytest.fixture
def book() -> Book:
    """Give the writer of small Excel files."""
    return excel


@pytest.fixture
def served(app: Flask) -> Flask:
    """Give the service with its catalogue and an empty community."""
    with app.app_context(), transaction():
        seeding.seed_catalogue()
        street = Street(name="八大关街道")
        db.session.add(street)
        db.session.flush()
        names = {"name": "八大关社区", "issuer": "八大关社区居民委员会", "issuer_code": "", "phone": "0532-80000001", "responsible": "闻松"}
        db.session.add(Community(id=1, street_id=street.id, slug="badaguan", **names))
    return app
