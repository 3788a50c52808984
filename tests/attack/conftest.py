"""The town under attack, the same town twice for attacks across communities, and the office of an insider."""

import io
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from flask import Flask

from tests.attack.crawl import Walk, walk
from tests.attack.insider import Office, opened_office
from tests.attack.town import Town, build_town
from tests.browser import Browser
from tests.conftest import fresh_service
from timebank.notices.channels import Outbox, Terminal, carriers


@pytest.fixture
def town(app: Flask) -> Town:
    """Give a town with one of everything."""
    return build_town(app)


@pytest.fixture(scope="session")
def walked(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Walk]:
    """Return a function that says what somebody of a town comes to: all towns are built alike, so one walk serves every test."""

    @cache
    def walk_of(who: str) -> Walk:
        with fresh_service("sqlite", tmp_path_factory.mktemp("walk"), folder) as app:
            return walk(app, build_town(app).browser(app, who), each=1)

    return walk_of


@pytest.fixture
def towns(app: Flask) -> tuple[Town, Town]:
    """Give two towns that must know nothing of each other."""
    return build_town(app, "甲"), build_town(app, "乙")


@pytest.fixture
def office(app: Flask, sign_in_as: Callable[..., Browser]) -> Iterator[Office]:
    """Give the insider's office."""
    with opened_office(app, sign_in_as) as office:
        yield office


@pytest.fixture
def sent(office: Office) -> Iterator[None]:
    """Let messages go out by themselves; without that nothing takes effect by waiting."""
    carriers.messages = Terminal(io.StringIO())
    yield
    carriers.messages = Outbox()
