"""A round accepted once for every week: the next one is theirs without asking, a new door is asked for, and it ends when they say so."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from tests import builders as make
from tests.browser import Browser
from tests.phone.test_phone import Scene, text, volunteer_of
from timebank import clock
from timebank.access.models import Role
from timebank.db import db, transaction
from timebank.places.models import Community
from timebank.visits.models import Offer, OfferState, Round
from timebank.visits.promises import Promise, promises_of

NEXT = make.WEDNESDAY + timedelta(days=7)


@pytest.fixture
def scene(app: Flask, sign_in_as: Callable[..., Browser]) -> Scene:
    make.set_clock("2026-11-23 09:00")
    with app.app_context(), transaction():
        number = make.make_community().id
    browser = sign_in_as(Role.VOLUNTEER, number)
    with app.app_context(), transaction():
        volunteer = make.make_volunteer(db.session.get_one(Community, number), user_id=browser.user)
        return Scene(app, browser, number, volunteer.id)


def first_week(scene: Scene) -> tuple[int, list[int]]:
    """Ask for a round on Wednesday; return its number and its offers'."""
    with scene.app.app_context(), transaction():
        offers = make.make_round(db.session.get_one(Community, scene.community_id), volunteer_of(scene), doors=2, accepted=False)
        return offers[0].round_id or 0, [each.id for each in offers]


def a_week_later(scene: Scene, offers: list[int], *, new_door: bool = False) -> list[OfferState]:
    """Ask for the same doors a week later, and for one nobody has been to; return how each offer stands."""
    with scene.app.app_context(), transaction():
        community = db.session.get_one(Community, scene.community_id)
        visits = [db.session.get_one(Offer, each).visit for each in offers]
        homes = [each.household for each in visits] + ([make.make_household(community)] if new_door else [])
        made = []
        for place, home in enumerate(homes):
            need = make.make_request(community, visits[0].kind, home, dates=[NEXT.isoformat()], first_day=NEXT)
            visit = make.make_visit(need, NEXT, visits[0].canteen)
            made.append(make.make_offer(visit, volunteer_of(scene), 660 + 5 * place, NEXT, pickup=650).state)
        return made


def test_a_round_that_is_promised_needs_no_answer_next_week_but_a_new_door_does(scene: Scene) -> None:
    number, offers = first_week(scene)
    scene.browser.send(f"/phone/rounds/{number}/promise")
    assert {scene.get(Offer, each).state for each in offers} == {OfferState.ACCEPTED}
    assert a_week_later(scene, offers, new_door=True) == [OfferState.ACCEPTED, OfferState.ACCEPTED, OfferState.SENT]
    page = text(scene.browser.get("/phone/week"))
    assert "每周三送餐" in page
    assert "已约好每周都接" in page


def test_without_a_promise_and_after_its_end_each_week_is_asked_for(scene: Scene) -> None:
    number, offers = first_week(scene)
    scene.browser.send("/phone/offers", pick=f"r{number}")
    assert "以后每周这样都接" in text(scene.browser.get("/phone/week"))
    for _press in range(2):
        scene.browser.send(f"/phone/rounds/{number}/promise")
    with scene.app.app_context():
        [given] = promises_of(volunteer_of(scene))
    scene.browser.send(f"/phone/promises/{given.id}/end")
    assert a_week_later(scene, offers) == [OfferState.SENT, OfferState.SENT]
    assert {scene.get(Offer, each).state for each in offers} == {OfferState.ACCEPTED}


def test_a_promised_round_can_still_be_declined_at_no_cost(scene: Scene) -> None:
    number, offers = first_week(scene)
    scene.browser.send(f"/phone/rounds/{number}/promise")
    a_week_later(scene, offers)
    with scene.app.app_context():
        following = max(each.id for each in db.session.query(Round))
    assert scene.browser.send("/phone/decline", pick=f"r{following}", reason="time").status_code == 303
    with scene.app.app_context():
        assert {each.state for each in db.session.get_one(Round, following).offers} == {OfferState.DECLINED}
        assert len(promises_of(volunteer_of(scene))) == 1


def test_nobody_promises_or_ends_for_somebody_else(scene: Scene, sign_in_as: Callable[..., Browser]) -> None:
    number, _offers = first_week(scene)
    scene.browser.send(f"/phone/rounds/{number}/promise")
    stranger = sign_in_as(Role.VOLUNTEER, scene.community_id)
    with scene.app.app_context(), transaction():
        make.make_volunteer(db.session.get_one(Community, scene.community_id), "李静怡", stranger.user)
        [given] = promises_of(volunteer_of(scene))
        kept = given.id
    assert stranger.send(f"/phone/rounds/{number}/promise").status_code == 404
    assert stranger.send(f"/phone/promises/{kept}/end").status_code == 404


def test_the_database_keeps_one_promise_of_a_round(both: Flask) -> None:
    with both.app_context():
        with transaction():
            community = make.make_community()
            volunteer, canteen = make.make_volunteer(community), make.make_canteen(community)
            same = {"volunteer_id": volunteer.id, "weekday": 2, "canteen_id": canteen.id, "window": 660, "given_at": clock.now()}
            make.add(Promise(**same))
        with pytest.raises(IntegrityError), transaction():
            make.add(Promise(**same))
