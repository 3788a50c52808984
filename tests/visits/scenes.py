"""What the scenes of these tests share: a community on the service under test, and a browser that is signed in."""

from dataclasses import dataclass
from typing import Any

from flask import Flask

from timebank.db import db


@dataclass
class Stage:
    """A community with one reader in front of the service."""

    app: Flask
    browser: Any
    community_id: int

    def get(self, model: type[Any], number: int) -> Any:
        """Read a row as it is stored now."""
        with self.app.app_context():
            row = db.session.get(model, number)
            db.session.expunge_all()
            return row
