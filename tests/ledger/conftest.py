"""An application with nothing but the database, on either database, and a small community in it."""

from collections.abc import Generator
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import create_engine

from tests import databases
from timebank.audit import AuditRow
from timebank.db import Base, db, engine_options, transaction
from timebank.ledger import actions, ddl
from timebank.ledger.models import Account, AccountKind, Transfer
from timebank.sealed import sealer
from timebank.seals import Seal, head

COMMUNITY = 1


def prepare(url: str) -> None:
    """Make the ledger's tables with their triggers."""
    engine = create_engine(url, **engine_options(url))
    with engine.begin() as connection:
        tables = [model.metadata.tables[model.__tablename__] for model in (Account, Transfer, AuditRow, Seal)]
        Base.metadata.create_all(connection, tables=tables)
        for statement in ddl.create(engine.dialect.name):
            connection.exec_driver_sql(statement)
    engine.dispose()


@pytest.fixture(params=databases.KINDS)
def app(request: pytest.FixtureRequest, folder: Path) -> Generator[Flask]:
    """Give an application on a fresh database of each kind, its context pushed."""
    server = request.getfixturevalue("server") if request.param == "postgresql" else ""
    url = databases.fresh_database(request.param, prepare, folder=folder, server=server)
    app = Flask(__name__)
    app.config.update(SQLALCHEMY_DATABASE_URI=url, SQLALCHEMY_ENGINE_OPTIONS=engine_options(url))
    db.init_app(app)
    before, noted = vars(sealer).copy(), vars(head).copy()
    sealer.use("a key of the ledger's tests")
    head.keep_in(folder, url)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
    databases.drop_database(url, server=server)
    vars(sealer).update(before)
    vars(head).update(noted)


@pytest.fixture
def book(app: Flask) -> SimpleNamespace:
    """Open a volunteer's, an elder's and another member's account and the community's own five."""
    del app
    with transaction():
        names = {name: actions.open_account(COMMUNITY).id for name in ("volunteer", "elder", "other")}
        system = [kind for kind in AccountKind if kind is not AccountKind.MEMBER]
        names |= {kind.value: actions.system_account(COMMUNITY, kind).id for kind in system}
    return SimpleNamespace(**names)
