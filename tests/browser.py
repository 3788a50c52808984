"""A browser for tests: it keeps cookies and posts forms as a page does."""

import itertools
import re
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from timebank.app import create_app
from timebank.config import Settings

KEYS = itertools.count(1)
INERT = re.compile(r"<template(?:(?!<template).)*?</template>", re.DOTALL)


class Browser(FlaskClient):
    """A browser: it keeps cookies and fills in the hidden fields of a form."""

    user: int | None = None

    def token(self) -> str:
        """Return the token of this browser's forms."""
        with self.session_transaction() as kept:
            raw = kept.setdefault("csrf_token", "a-token-of-the-tests")
        secret = self.application.secret_key
        assert secret is not None
        return str(URLSafeTimedSerializer(secret, salt="wtf-csrf-token").dumps(raw))

    def send(self, path: str, key: str | None = None, **fields: Any) -> TestResponse:
        """Post a form as a page does."""
        return self.post(path, data={"csrf_token": self.token(), "_key": key or f"test-key-{next(KEYS)}", **fields})


def open_browser(app: Flask) -> Browser:
    """Return a browser that nobody has signed in."""
    return Browser(app, app.response_class, use_cookies=True)


def settings_of(instance: Path, **settings: Any) -> Settings:
    """Return the settings of an office that is opened by its own address."""
    return Settings(instance=str(instance), **{"base_url": "http://localhost", **settings})


def build(instance: Path, **settings: Any) -> Flask:
    """Build an app over the database of an instance folder, as an office sets it up."""
    return create_app(settings_of(instance, **settings), testing=True)


def shown(page: str) -> str:
    """Return what a reader sees of a page: without what lies ready for a phone that has no network."""
    found = 1
    while found:
        page, found = INERT.subn("", page)
    return page
