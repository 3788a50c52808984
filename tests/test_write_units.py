"""A write unit is whole: nothing opens another inside it, and what is to follow it follows once it is stored."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import builders as make
from timebank.db import after_commit, db, transaction
from timebank.places.models import Community


def stored() -> int:
    """Return how many communities the database holds."""
    with transaction():
        return db.session.scalar(select(func.count(Community.id))) or 0


def nest() -> None:
    """Open a unit inside another, with something written in each."""
    with transaction():
        make.make_community("outer")
        with transaction():
            make.make_community("inner")


def test_one_inside_another_is_refused_and_nothing_of_either_is_stored(both: Flask) -> None:
    with both.app_context():
        with pytest.raises(RuntimeError, match="inside another"):
            nest()
        assert stored() == 0


def test_after_one_that_was_refused_the_next_is_stored(both: Flask) -> None:
    with both.app_context():
        with pytest.raises(RuntimeError):
            nest()
        with transaction():
            make.make_community("next")
        assert stored() == 1


def test_what_follows_one_is_done_after_it_and_may_open_its_own(both: Flask) -> None:
    seen: list[int] = []
    with both.app_context():
        with transaction():
            make.make_community("first")
            after_commit(lambda: seen.append(stored()))
            assert seen == []
        assert seen == [1]
