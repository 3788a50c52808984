"""离门多远: the metres at sign-in, where they are told, once; a question for the weekly check only where the phone cannot be mistaken."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from tests import builders as make
from tests.browser import Browser
from tests.records.test_flags import fact
from timebank import clock
from timebank.access.models import Role
from timebank.db import db, transaction
from timebank.places.models import Community
from timebank.records.flags import far_from_door
from timebank.visits.distances import Distance, distances_of


@pytest.fixture
def stop(app: Flask, sign_in_as: Callable[..., Browser]) -> tuple[Browser, int]:
    """Give the phone of a volunteer at a door, and the offer."""
    make.set_clock("2026-11-25 14:20")
    with app.app_context(), transaction():
        number = make.make_community().id
    phone = sign_in_as(Role.VOLUNTEER, number)
    with app.app_context(), transaction():
        community = db.session.get_one(Community, number)
        visit = make.make_visit(
            make.make_request(community, make.make_kind("HAIR", skills=[]), make.make_household(community)), code="4729"
        )
        return phone, make.make_offer(visit, make.make_volunteer(community, user_id=phone.user), 870, accepted=True).id


def noted(offer: int) -> tuple[int, int] | None:
    return distances_of([offer]).get(offer)


def test_what_the_phone_tells_is_noted_once_and_nothing_where_it_tells_nothing(app: Flask, stop: tuple[Browser, int]) -> None:
    phone, offer = stop
    phone.send(f"/phone/visits/{offer}/check-in", code="0000", metres="40", accuracy="10")
    with app.app_context():
        assert noted(offer) is None
    phone.send(f"/phone/visits/{offer}/check-in", code="4729", metres="40", accuracy="10")
    phone.send(f"/phone/visits/{offer}/check-in", code="4729", metres="9", accuracy="1")
    with app.app_context():
        assert noted(offer) == (40, 10)


def test_without_the_box_nothing_is_noted(app: Flask, stop: tuple[Browser, int]) -> None:
    phone, offer = stop
    phone.send(f"/phone/visits/{offer}/check-in", code="4729")
    with app.app_context():
        assert noted(offer) is None


@pytest.mark.parametrize("metres", ["-1", "1000001", "x"])
def test_what_is_no_distance_is_refused(app: Flask, stop: tuple[Browser, int], metres: str) -> None:
    phone, offer = stop
    assert phone.send(f"/phone/visits/{offer}/check-in", code="4729", metres=metres).status_code == 422
    with app.app_context(), pytest.raises(IntegrityError), transaction():
        make.add(Distance(offer_id=offer, metres=-1, accuracy=0, noted_at=clock.now()))


@pytest.mark.parametrize(("metres", "accuracy", "asked"), [(200, 0, 0), (201, 0, 1), (900, 800, 0), (900, 50, 1)])
def test_only_what_is_farther_than_the_phone_can_be_mistaken_is_asked_about(metres: int, accuracy: int, asked: int) -> None:
    assert len(list(far_from_door([fact(1, off=(metres, accuracy))]))) == asked
    assert list(far_from_door([fact(1)])) == []
