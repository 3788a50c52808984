"""A program for tests: it shows a token, gives each thing its key, and checks every answer against the description."""

import itertools
from collections.abc import Iterable
from typing import Any

from flask import Flask
from werkzeug.test import Client, TestResponse

from timebank.access import tokens
from timebank.access.models import User
from timebank.access.tokens import Scope
from timebank.db import db, transaction

KEYS = itertools.count(1)
ROOT = "/api/v1"


def token_for(app: Flask, user_id: int, scopes: Iterable[Scope] = Scope, place: int | None = None) -> str:
    """Make a token of somebody."""
    with app.app_context(), transaction():
        return tokens.make_token(db.session.get_one(User, user_id), "测试", list(scopes), 30, place)


class Program:
    """A program with a token."""

    def __init__(self, app: Flask, token: str) -> None:
        self.app, self.token = app, token
        self._client = Client(app, app.response_class)

    def get(self, path: str, **more: Any) -> TestResponse:
        """Read."""
        return self.call("GET", path, **more)

    def send(self, path: str, body: Any = None, *, method: str = "POST", key: str | None = None, **more: Any) -> TestResponse:
        """Send something under a key, a new one unless it is given."""
        heads = {"Idempotency-Key": key or f"test-key-{next(KEYS):05d}", **more.pop("headers", {})}
        return self.call(method, path, json={} if body is None else body, headers=heads, **more)

    def call(self, method: str, path: str, **more: Any) -> TestResponse:
        """Send a request as it stands."""
        heads = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        return self._client.open(path if path.startswith("/api/") else f"{ROOT}{path}", method=method, headers=heads, **more)


def program_of(app: Flask, user_id: int, scopes: Iterable[Scope] = Scope, place: int | None = None) -> Program:
    """Return a program that acts for somebody."""
    return Program(app, token_for(app, user_id, scopes, place))
