"""Fixtures of every test: an app on a database of its own, browsers for it, people signed in.

``app`` is the service on a new SQLite file, ``both`` on SQLite and on PostgreSQL in turn; ``client`` is a browser that nobody has signed in; ``sign_in_as(role)`` gives
a browser of a new user with that role (``.user`` is the user's number). A browser's ``send(path, field=...)`` posts a
form as a page does, with its token and its key. ``later(minutes=...)`` moves the clock on; it is set back afterwards.
"""

import contextlib
import itertools
import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from tests import databases
from tests.apps import SECRET, served
from tests.browser import Browser, build, open_browser
from timebank import clock, schema
from timebank.access import actions, guards
from timebank.access.models import Role
from timebank.db import db, transaction
from timebank.places.models import Community

databases.use_memory()
PHONES = itertools.count(13_900_000_001)
COMMUNITY = 1


@pytest.fixture(autouse=True)
def _true_clock() -> Iterator[None]:
    """Leave the clock as the machine's after every test."""
    yield
    clock.clock.reset()


@pytest.fixture
def later() -> Callable[..., None]:
    """Return a function that moves the clock on."""

    def move(**by: float) -> None:
        clock.clock.shift += timedelta(**by)

    return move


def migrated(url: str) -> None:
    """Bring an empty database to the newest schema, the way an installation does."""
    with tempfile.TemporaryDirectory() as instance:
        service = build(Path(instance), database_url=url, secret_key=SECRET)
        with service.app_context():
            schema.upgrade()
            db.engine.dispose()


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Run one PostgreSQL server for all tests that ask for it."""
    with databases.postgres_server() as url:
        yield url


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give one folder for all SQLite files."""
    return tmp_path_factory.mktemp("databases")


@pytest.fixture
def app(tmp_path: Path, folder: Path) -> Iterator[Flask]:
    """Give the service on a new database."""
    with fresh_service("sqlite", tmp_path, folder) as service:
        yield service


@pytest.fixture(params=databases.KINDS)
def both(request: pytest.FixtureRequest, tmp_path: Path, folder: Path) -> Iterator[Flask]:
    """Give the service on a new database of each kind, SQLite and PostgreSQL."""
    server = request.getfixturevalue("server") if request.param == "postgresql" else ""
    with fresh_service(request.param, tmp_path, folder, server) as service:
        yield service


@contextlib.contextmanager
def fresh_service(kind: str, instance: Path, folder: Path, server: str = "", prepare: databases.Prepare = migrated) -> Iterator[Flask]:
    """Give the service on a new database, and take the database away afterwards."""
    url = databases.fresh_database(kind, prepare, folder=folder, server=server)
    with served(url, instance) as service:
        yield service
    databases.drop_database(url, server=server)


@pytest.fixture
def client(app: Flask) -> Browser:
    """Give a browser that nobody has signed in."""
    return open_browser(app)


@pytest.fixture
def sign_in_as(app: Flask) -> Callable[..., Browser]:
    """Return a function that gives a signed-in browser of a new user with a role."""

    def signed_in(role: Role | str, community_id: int | None = COMMUNITY, phone: str | None = None) -> Browser:
        browser = open_browser(app)
        with app.app_context(), transaction():
            place = {"community_id": community_id}
            if role == Role.STREET_OFFICER:
                known = db.session.get(Community, community_id or 0)
                place = {"street_id": known.street_id if known else None}
            user = actions.add_user(phone or str(next(PHONES)), "", Role(role), **place)
            token, _session = actions.sign_in(user)
            browser.user = user.id
        with app.test_request_context():
            browser.set_cookie(guards.cookie_name(), token)
        return browser

    return signed_in


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Where nothing may be skipped, say what was."""
    if os.environ.get("TIMEBANK_NO_SKIPS") and terminalreporter.stats.get("skipped"):
        terminalreporter.write_line("tests were skipped where none may be", red=True)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail a run that may skip nothing when it skipped something."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("TIMEBANK_NO_SKIPS") and exitstatus == 0 and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
