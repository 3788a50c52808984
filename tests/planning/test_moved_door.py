"""A household moves to where somebody who has agreed to come cannot be in time: it waits for somebody else, and nothing in the plan is broken."""

import pytest
from flask import Flask

from tests import builders as make
from tests.rehearsal.test_invariants import hair, street
from timebank.db import db, transaction
from timebank.elders.actions import Door
from timebank.elders.models import Household
from timebank.places.models import Community
from timebank.rehearsal.diary import Diary
from timebank.visits.actions import homes
from timebank.visits.models import Offer, OfferState


@pytest.mark.parametrize(("lat", "stands"), [(36.057, OfferState.ACCEPTED), (36.4, OfferState.WITHDRAWN)])
def test_what_cannot_be_reached_any_more_is_taken_back_and_told_once(app: Flask, lat: float, stands: OfferState) -> None:
    with app.app_context():
        community, made = street().community, hair()
        number, home = made.id, made.visit.household_id
        with transaction():
            building = make.make_building(db.session.get_one(Community, community), "崂山路 1 号", lat=lat, lon=120.353).id

        def moves() -> None:
            door = Door(building=db.session.get_one(make.Building, building), entrance="1 单元", floor=2, door="东户")
            homes.move_door(db.session.get_one(Household, home).elders[0], door, agrees=True)

        diary = Diary(community)
        diary.event("door", moves, whole=True)
        assert [each.said for each in diary.broken] == []
        assert db.session.get_one(Offer, number).state is stands
