"""Two desks at the same moment, on both databases: one last seat, one person, one parcel, each once."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import builders as make
from tests.at_once import at_once
from tests.browser import Browser
from tests.stations.conftest import Corner, build_corner, hold, whoever
from timebank.access.models import Role, User
from timebank.db import db, transaction
from timebank.places.models import Station
from timebank.stations.actions import items, queueing
from timebank.stations.models import SEATED, Attendance, Item, ServiceSession, Sort, Source, Turn


@pytest.fixture
def town(both: Flask, tmp_path: Path) -> Corner:
    """Give the corner on both databases, with a coordinator and no browser."""
    browser = Browser(both, both.response_class, use_cookies=True)
    corner = build_corner(both, browser)
    with both.app_context(), transaction():
        browser.user = make.add(
            User(phone="13500000001", role=Role.COORDINATOR, community_id=corner.community, created_at=make.set_clock("2026-11-25 09:00"))
        ).id
    return corner


def test_the_last_seat_goes_to_one_and_the_same_person_stands_once(town: Corner) -> None:
    with town.app.app_context(), transaction():
        session = hold(town, seats=2).id

    def come(name: str) -> Callable[[], object]:
        return lambda: queueing.sign_up(db.session.get_one(ServiceSession, session), whoever(town, name, "13800138000"), Source.DESK)

    refused = at_once(town.app, come("孙甲"), come("孙乙"), come("孙丙"), come("孙甲"))
    assert len(refused) == 1
    assert "signed up already" in refused[0]
    with town.app.app_context():
        rows = db.session.scalars(select(Attendance)).all()
        assert sorted(row.number for row in rows) == [1, 2, 3]
        assert sum(row.turn in SEATED for row in rows) == 2
        assert sum(row.turn is Turn.WAITING for row in rows) == 1


def test_a_parcel_is_handed_out_once(town: Corner) -> None:
    with town.app.app_context(), transaction():
        brought = items.Brought(sort=Sort.PARCEL, what="纸箱")
        station = db.session.get_one(Station, town.station)
        number = items.bring(station, brought, whoever(town, "郑国")).id

    def fetch(name: str) -> Callable[[], object]:
        return lambda: items.hand_out(db.session.get_one(Item, number), name, town.user(), had_ticket=True)

    refused = at_once(town.app, fetch("郑国"), fetch("郑丽"))
    assert len(refused) == 1
    assert "already" in refused[0]


def test_two_things_brought_at_once_get_two_numbers(town: Corner) -> None:
    def bring() -> object:
        station = db.session.get_one(Station, town.station)
        return items.bring(station, items.Brought(sort=Sort.REPAIR, what="电饭锅"), whoever(town, "郑国"))

    assert at_once(town.app, bring, bring) == []
    with town.app.app_context():
        assert db.session.scalar(select(func.count(Item.number.distinct()))) == 2
