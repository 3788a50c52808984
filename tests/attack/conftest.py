"""The town under attack, and the same town twice for attacks across communities."""

import pytest
from flask import Flask

from tests.attack.town import Town, build_town


@pytest.fixture
def town(app: Flask) -> Town:
    """Give a town with one of everything."""
    return build_town(app)


@pytest.fixture
def towns(app: Flask) -> tuple[Town, Town]:
    """Give two towns that must know nothing of each other."""
    return build_town(app, "甲"), build_town(app, "乙")
