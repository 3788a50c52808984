"""Fixtures of every test: an app on a database of its own, browsers for it, people signed in.

``app`` is the service on a new SQLite file; ``client`` is a browser that nobody has signed in; ``sign_in_as(role)`` gives
a browser of a new user with that role (``.user`` is the user's number). A browser's ``send(path, field=...)`` posts a
form as a page does, with its token and its key. ``later(minutes=...)`` moves the clock on; it is set back afterwards.
"""

import itertools
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from tests.browser import Browser, build, open_browser
from timebank import clock
from timebank.access import actions, guards
from timebank.access.models import Role
from timebank.db import Base, db, transaction

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


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the tables once; each test copies the file."""
    folder = tmp_path_factory.mktemp("empty")
    service = build(folder)
    with service.app_context():
        Base.metadata.create_all(db.engine)
        db.engine.dispose()
    return folder / "timebank.db"


@pytest.fixture
def app(tmp_path: Path, empty_database: Path) -> Iterator[Flask]:
    """Give the service on a new database."""
    shutil.copyfile(empty_database, tmp_path / "timebank.db")
    service = build(tmp_path)
    yield service
    with service.app_context():
        db.engine.dispose()


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
            user = actions.add_user(phone or str(next(PHONES)), "", Role(role), community_id=community_id)
            token, _session = actions.sign_in(user)
            browser.user = user.id
        with app.test_request_context():
            browser.set_cookie(guards.cookie_name(), token)
        return browser

    return signed_in
