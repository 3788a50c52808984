"""The app that tests pass on to each other is as new for each of them."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests import builders as make
from tests import databases
from tests.browser import open_browser
from tests.conftest import fresh_service
from timebank.db import db, transaction
from timebank.places.models import Community


@pytest.mark.parametrize("kind", databases.KINDS)
def test_an_app_that_comes_again_has_nothing_left_of_the_time_before(
    kind: str, tmp_path: Path, folder: Path, request: pytest.FixtureRequest
) -> None:
    server = request.getfixturevalue("server") if kind == "postgresql" else ""
    with fresh_service(kind, tmp_path / "first", folder, server) as first:
        first.config["SESSION_COOKIE_NAME"] = "another"
        first.view_functions["access.home"] = lambda: "changed"
        with first.app_context(), transaction():
            make.make_community()
        address = first.config["SQLALCHEMY_DATABASE_URI"]
    with fresh_service(kind, tmp_path / "second", folder, server) as second:
        assert second is first, "built once"
        assert second.config["SQLALCHEMY_DATABASE_URI"] != address
        assert second.config["SESSION_COOKIE_NAME"] == "timebank"
        assert open_browser(second).get("/").text != "changed"
        assert second.extensions["timebank"].instance == str(tmp_path / "second")
        with second.app_context():
            assert db.session.scalar(select(func.count()).select_from(Community)) == 0


def test_whoever_needs_a_second_app_at_the_same_time_gets_another_one(tmp_path: Path, folder: Path) -> None:
    with fresh_service("sqlite", tmp_path / "one", folder) as one, fresh_service("sqlite", tmp_path / "other", folder) as other:
        assert one is not other
        with one.app_context(), transaction():
            make.make_community()
        with other.app_context():
            assert db.session.scalar(select(func.count()).select_from(Community)) == 0
