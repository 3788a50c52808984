"""Fixtures for tests of what people bring."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask

from tests.browser import Browser, open_browser
from tests.cases import scenes
from tests.cases.scenes import Scene
from timebank.access import actions, guards
from timebank.access.models import User
from timebank.db import db, transaction


@pytest.fixture
def scene(both: Flask) -> Iterator[Scene]:
    """Give the community on each database, inside an app context."""
    with both.app_context():
        with transaction():
            built = scenes.build()
        yield built


@dataclass
class Town:
    """The community with an app for its pages."""

    app: Flask
    scene: Scene

    def browser(self, user: int) -> Browser:
        """Return somebody's browser."""
        browser = open_browser(self.app)
        with self.app.app_context(), transaction():
            token, _session = actions.sign_in(db.session.get_one(User, user))
        with self.app.test_request_context():
            browser.set_cookie(guards.cookie_name(), token)
        return browser


@pytest.fixture
def town(app: Flask) -> Town:
    """Give the community and browsers of its people."""
    with app.app_context(), transaction():
        return Town(app, scenes.build())
