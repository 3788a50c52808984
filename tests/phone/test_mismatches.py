"""Taps that came late and did not fit: kept once with both sides, insisted on by whoever made them, settled at the station; what fits is only marked late."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from tests.browser import Browser, shown
from tests.builders import make_community, make_volunteer, set_clock
from tests.phone.test_phone import Scene, haircut, meals, text
from timebank.access.models import Role
from timebank.db import db, transaction
from timebank.notices.models import Notice
from timebank.places.models import Community
from timebank.visits.actions import confirming
from timebank.visits.actions.offering import withdraw
from timebank.visits.mismatches import Mismatch
from timebank.visits.models import Offer, Outcome, Round


@pytest.fixture
def scene(app: Flask, sign_in_as: Callable[..., Browser]) -> Scene:
    set_clock("2026-11-25 10:50")
    with app.app_context(), transaction():
        number = make_community().id
    browser = sign_in_as(Role.VOLUNTEER, number)
    with app.app_context(), transaction():
        volunteer = make_volunteer(db.session.get_one(Community, number), user_id=browser.user)
        return Scene(app, browser, number, volunteer.id)


def on_the_way(scene: Scene, doors: int = 2) -> list[int]:
    """Fetch the boxes of a round."""
    offers = meals(scene, doors=doors)
    scene.browser.send(f"/phone/rounds/{scene.get(Offer, offers[0]).round_id}/pick-up", counted=str(doors))
    return offers


def kept(scene: Scene) -> list[Mismatch]:
    with scene.app.app_context():
        rows = list(db.session.scalars(select(Mismatch).order_by(Mismatch.id)))
        db.session.expunge_all()
        return rows


def taken_back(scene: Scene, offer_id: int) -> None:
    with scene.app.app_context(), transaction():
        withdraw(db.session.get_one(Offer, offer_id), "replanned")


def test_a_late_tap_at_a_door_that_was_taken_back_is_kept_once_and_told_as_a_problem_document(
    scene: Scene, sign_in_as: Callable[..., Browser]
) -> None:
    sign_in_as(Role.COORDINATOR, scene.community_id)
    offers = on_the_way(scene)
    taken_back(scene, offers[0])
    set_clock("2026-11-25 11:30")
    for seconds in ("600", "700"):
        data = {"csrf_token": scene.browser.token(), "_key": "a-late-tap-0001", "_ago": seconds}
        answer = scene.browser.post(f"/phone/visits/{offers[0]}/delivered", data=data, headers={"Accept": "application/json"})
        assert (answer.status_code, answer.mimetype) == (409, "application/problem+json")
    [row] = kept(scene)
    assert (row.deed, row.offer_id, f"{row.at:%H:%M} {row.told_at:%H:%M}") == ("deliver", offers[0], "11:20 11:30")
    assert "10:50 已经收回" in row.why_zh
    with scene.app.app_context():
        assert len(db.session.scalars(select(Notice.id).where(Notice.template == "mismatch")).all()) == 1
    assert scene.get(Offer, offers[0]).outcome is None


def test_a_tap_that_is_told_of_as_it_is_made_is_refused_on_the_page_and_kept_nowhere(scene: Scene) -> None:
    offers = on_the_way(scene)
    taken_back(scene, offers[0])
    assert scene.browser.send(f"/phone/visits/{offers[0]}/delivered").status_code == 409
    assert kept(scene) == []


def test_two_phones_that_say_different_things_of_a_door_keep_both(scene: Scene) -> None:
    offers = on_the_way(scene)
    scene.browser.send(f"/phone/visits/{offers[0]}/problem", outcome="no_answer")
    answer = scene.browser.send(f"/phone/visits/{offers[0]}/delivered", _ago="300")
    assert answer.status_code == 409
    assert scene.get(Offer, offers[0]).outcome is Outcome.NO_ANSWER
    [row] = kept(scene)
    assert row.deed == "deliver"
    scene.browser.send(f"/phone/visits/{offers[1]}/delivered", _ago="200")
    assert scene.browser.send(f"/phone/visits/{offers[1]}/problem", _ago="100", outcome="unwell", note="脸色不好").status_code == 409
    assert (kept(scene)[1].outcome, kept(scene)[1].note) == (Outcome.UNWELL, "脸色不好")


def test_a_mismatch_is_insisted_on_settled_with_a_result_and_seen_by_whoever_made_it(
    scene: Scene, sign_in_as: Callable[..., Browser]
) -> None:
    offers = on_the_way(scene)
    taken_back(scene, offers[0])
    scene.browser.send(f"/phone/visits/{offers[0]}/delivered", _ago="60")
    [row] = kept(scene)
    assert "两条都留着" in shown(text(scene.browser.get("/phone")))
    scene.browser.send(f"/phone/mismatches/{row.id}/insist")
    office = sign_in_as(Role.COORDINATOR, scene.community_id)
    assert "1 条补报对不上" in text(office.get("/today"))
    page = text(office.get("/mismatches"))
    assert "志愿者说确实做了" in page
    empty = office.send(f"/mismatches/{row.id}/settle")
    assert empty.status_code == 422
    assert "请写结果" in text(empty)
    office.send(f"/mismatches/{row.id}/settle", result="老人说送到了，已补录")
    assert "没有对不上的补报" in text(office.get("/mismatches"))
    assert "结果：老人说送到了，已补录" in shown(text(scene.browser.get("/phone")))
    assert scene.browser.send(f"/phone/mismatches/{row.id}/insist").status_code == 409
    set_clock("2026-11-26 08:00")
    assert "已补录" not in shown(text(scene.browser.get("/phone")))


def test_a_mismatch_is_nobody_else_s(scene: Scene, sign_in_as: Callable[..., Browser]) -> None:
    offers = on_the_way(scene)
    taken_back(scene, offers[0])
    scene.browser.send(f"/phone/visits/{offers[0]}/delivered", _ago="60")
    [row] = kept(scene)
    stranger = sign_in_as(Role.VOLUNTEER, scene.community_id)
    with scene.app.app_context(), transaction():
        make_volunteer(db.session.get_one(Community, scene.community_id), "李静怡", stranger.user)
        other = make_community(name="邻近社区", slug="next-door").id
    assert stranger.send(f"/phone/mismatches/{row.id}/insist").status_code == 404
    assert sign_in_as(Role.COORDINATOR, other).send(f"/mismatches/{row.id}/settle", result="没有").status_code == 404


def test_what_comes_late_and_fits_is_marked_with_its_minutes_and_the_clock_does_not_confirm_a_late_pick_up(scene: Scene) -> None:
    offers = meals(scene, doors=1)
    number = scene.get(Offer, offers[0]).round_id
    set_clock("2026-11-25 11:30")
    scene.browser.send(f"/phone/rounds/{number}/pick-up", counted="1", _ago="1800")
    scene.browser.send(f"/phone/visits/{offers[0]}/delivered", _ago="900")
    assert (f"{scene.get(Round, number).picked_up_at:%H:%M}", scene.get(Round, number).late_by) == ("11:00", 30)
    assert (f"{scene.get(Offer, offers[0]).ended_at:%H:%M}", scene.get(Offer, offers[0]).late_by) == ("11:15", 15)
    set_clock("2026-12-05 11:30")
    with scene.app.app_context(), transaction():
        assert confirming.confirm_due() == 0


@pytest.mark.parametrize("ago", ["-5", "zwei", "99999999999", "1209601"])
def test_a_forged_age_is_refused_and_changes_nothing(scene: Scene, ago: str) -> None:
    offers = on_the_way(scene)
    assert scene.browser.send(f"/phone/visits/{offers[0]}/delivered", _ago=ago).status_code == 422
    assert scene.get(Offer, offers[0]).outcome is None


def test_an_age_beyond_the_pick_up_counts_from_the_pick_up_at_the_earliest(scene: Scene) -> None:
    offers = on_the_way(scene)
    set_clock("2026-11-25 11:00")
    scene.browser.send(f"/phone/visits/{offers[0]}/delivered", _ago="172800")
    assert f"{scene.get(Offer, offers[0]).ended_at:%m-%d %H:%M}" == "11-25 10:50"


def test_a_wrong_code_that_was_typed_without_a_network_begins_the_visit_without_it_and_says_so(scene: Scene) -> None:
    offer_id = haircut(scene)
    set_clock("2026-11-25 14:50")
    scene.browser.send(f"/phone/visits/{offer_id}/check-in", code="0000", _ago="1200")
    made = scene.get(Offer, offer_id)
    assert (f"{made.started_at:%H:%M}", made.code_ok, made.code_tries, made.late_by) == ("14:30", False, 1, 20)
    assert "14:30 的到访码没有对上" in text(scene.browser.get(f"/phone/visits/{offer_id}"))
