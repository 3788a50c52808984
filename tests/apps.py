"""One app for each kind of database, kept by whoever runs the tests and led from database to database.

To build an app takes longer than most tests: its addresses, its templates and its SQL are compiled anew. So a test gets the app
of the one before it, over a database and an instance folder of its own; what a test changed of it is set back.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Dialect, event
from sqlalchemy.engine import Engine, make_url

from tests.browser import build, settings_of
from timebank.app import begin, configure
from timebank.config import Settings
from timebank.db import db

SECRET = "a key for tests, of no worth anywhere else"


class Kept:
    """An app and its engine, with what they were like when they were built."""

    def __init__(self, app: Flask) -> None:
        """Keep an app; its engine goes wherever its address says."""
        self.app = app
        with app.app_context():
            self.engine: Engine = db.engine
        self._as_built = [(changing, dict(changing)) for changing in self._what_tests_change()]
        event.listen(self.engine, "do_connect", self._connect)

    def _what_tests_change(self) -> list[dict[str, Any]]:
        """Name the parts of an app that a test may put something else into."""
        return [self.app.config, self.app.view_functions, self.app.extensions, self.app.jinja_env.globals, self.app.jinja_env.filters]

    def _connect(self, dialect: Dialect, _record: object, _arguments: object, options: dict[str, Any]) -> object:
        """Open a connection to where the engine's address leads now."""
        arguments, more = dialect.create_connect_args(self.engine.url)
        return dialect.connect(*arguments, **{**options, **more})

    def lead_to(self, settings: Settings) -> None:
        """Make this the app of some settings, as if it had been built with them, and the one of the process."""
        configure(self.app, settings)
        begin(self.app, settings)
        self.engine.url = make_url(settings.database)

    def leave(self) -> None:
        """Close its connections and set back what was changed of it."""
        with self.app.app_context():
            db.session.remove()
        self.engine.dispose()
        for changing, as_built in self._as_built:
            changing.clear()
            changing.update(as_built)


_resting: dict[str, Kept] = {}
_out: list[Kept] = []


@contextlib.contextmanager
def served(url: str, instance: Path) -> Iterator[Flask]:
    """Give the kept app over a database; whoever comes while it is out gets a new one, and the first is the process's again afterwards."""
    kind = make_url(url).get_backend_name()
    instance.mkdir(parents=True, exist_ok=True)
    (instance / "secret.key").write_text(SECRET, encoding="utf-8")
    kept = _resting.pop(kind, None) or Kept(build(instance, database_url=url))
    kept.lead_to(settings_of(instance, database_url=url))
    _out.append(kept)
    try:
        yield kept.app
    finally:
        kept.leave()
        _out.remove(kept)
        _resting[kind] = kept
        if _out:
            _out[-1].lead_to(_out[-1].app.extensions["timebank"])
