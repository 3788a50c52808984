"""After an alarm at a door, for the rest of a round, and alone in a home: what the volunteer's phone and the office then show and do."""

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from tests.browser import Browser, shown
from tests.builders import make_community, make_user, make_volunteer, set_clock
from tests.phone.test_phone import Scene, haircut, meals, text, volunteer_of
from timebank import clock
from timebank.access.models import Role
from timebank.db import db, transaction
from timebank.jobs import keep_house
from timebank.notices.models import Notice
from timebank.places.models import Community
from timebank.visits.models import Alert, Offer, OfferState, Outcome, Visit, VisitState


@pytest.fixture
def scene(app: Flask, sign_in_as: Callable[..., Browser]) -> Scene:
    set_clock("2026-11-25 10:50")
    with app.app_context(), transaction():
        community = make_community()
        community.phone, number = "053200000123", community.id
    browser = sign_in_as(Role.VOLUNTEER, number)
    with app.app_context(), transaction():
        volunteer = make_volunteer(db.session.get_one(Community, number), user_id=browser.user)
        return Scene(app, browser, number, volunteer.id)


def unwell(scene: Scene, doors: int = 3) -> list[int]:
    """Fetch the boxes of a round and find somebody unwell at its first door."""
    offers = meals(scene, doors=doors)
    scene.browser.send(f"/phone/rounds/{scene.get(Offer, offers[0]).round_id}/pick-up", counted=str(doors))
    scene.browser.send(f"/phone/visits/{offers[0]}/problem", outcome="unwell", note="脸色不好")
    return offers


def today(scene: Scene) -> str:
    return shown(text(scene.browser.get("/phone")))


def alert(scene: Scene) -> Alert:
    with scene.app.app_context():
        found = db.session.scalars(select(Alert)).one()
        db.session.expunge_all()
        return found


def sent(scene: Scene, template: str) -> int:
    with scene.app.app_context():
        return len(db.session.scalars(select(Notice.id).where(Notice.template == template)).all())


def test_the_card_of_an_alarm_stays_until_the_coordinator_closes_it_and_says_who_rings(
    scene: Scene, sign_in_as: Callable[..., Browser]
) -> None:
    unwell(scene)
    office = sign_in_as(Role.COORDINATOR, scene.community_id)
    for _reload in range(2):
        page = today(scene)
        assert "鞠淑贞不舒服" in page
        assert "先陪着，不用急着去下一户" in page
        assert "还没有人说由谁打" in page
        assert "tel:120" in page
        assert "送到了" not in page
        assert "后面 2 户，先放着" in page
    office.send(f"/alerts/{alert(scene).id}/take")
    page = today(scene)
    assert "看到了，会打给你" in page
    assert "053200000123" in page
    office.send(f"/alerts/{alert(scene).id}/close", result="女儿到了")
    page = today(scene)
    assert "不舒服" not in page.split('id="day"')[1].split("round-card")[0]
    assert "第 2 户，共 3 户" in page


def test_a_volunteer_who_can_carry_on_says_so_and_the_way_goes_on(scene: Scene) -> None:
    unwell(scene)
    scene.browser.send(f"/phone/alerts/{alert(scene).id}/go-on")
    page = today(scene)
    assert "第 2 户，共 3 户" in page
    assert "协调员在办，你接着走" in page


def test_the_rest_of_a_round_is_given_back_in_one_press_and_stands_open_at_once(scene: Scene, sign_in_as: Callable[..., Browser]) -> None:
    offers = unwell(scene)
    sign_in_as(Role.COORDINATOR, scene.community_id)
    round_id = scene.get(Offer, offers[0]).round_id
    for _tap in range(2):
        scene.browser.send(f"/phone/rounds/{round_id}/hand-back", key="one-tap-of-a-thumb")
    assert [scene.get(Offer, each).state for each in offers] == [OfferState.ACCEPTED, OfferState.WITHDRAWN, OfferState.WITHDRAWN]
    assert {scene.get(Visit, scene.get(Offer, each).visit_id).state for each in offers[1:]} == {VisitState.OPEN}
    assert sent(scene, "lost") == 1
    again = scene.browser.send(f"/phone/rounds/{round_id}/hand-back")
    assert again.status_code == 409
    assert "没有剩下的户" in text(again)


def test_a_slip_of_the_finger_is_taken_back_and_told_and_may_be_followed_by_a_real_alarm(
    scene: Scene, sign_in_as: Callable[..., Browser]
) -> None:
    offers = unwell(scene)
    sign_in_as(Role.COORDINATOR, scene.community_id)
    scene.browser.send(f"/phone/alerts/{alert(scene).id}/mistaken")
    made = scene.get(Offer, offers[0])
    assert (made.outcome, made.ended_at, scene.get(Visit, made.visit_id).state) == (None, None, VisitState.UNDER_WAY)
    assert sent(scene, "mistaken") == 1
    assert "第 1 户，共 3 户" in today(scene)
    scene.browser.send(f"/phone/visits/{offers[0]}/problem", outcome="unwell")
    assert alert(scene).closed_at is None
    assert scene.get(Offer, offers[0]).outcome is Outcome.UNWELL


def test_a_slip_is_not_taken_back_when_it_is_old_or_somebody_else_s(scene: Scene, sign_in_as: Callable[..., Browser]) -> None:
    unwell(scene)
    with scene.app.app_context(), transaction():
        user = make_user(Role.VOLUNTEER, db.session.get_one(Community, scene.community_id), phone="13755550001")
        make_volunteer(db.session.get_one(Community, scene.community_id), "李静怡", user.id)
        number = user.id
    stranger = sign_in_as(Role.VOLUNTEER, scene.community_id, phone="13755550002")
    assert number != stranger.user
    assert stranger.send(f"/phone/alerts/{alert(scene).id}/mistaken").status_code == 404
    set_clock("2026-11-25 11:05")
    answer = scene.browser.send(f"/phone/alerts/{alert(scene).id}/mistaken")
    assert answer.status_code == 409
    assert "已经在办" in text(answer)


def test_alone_in_a_home_the_time_is_kept_by_the_service_the_volunteer_hears_first_then_the_coordinators(
    scene: Scene, sign_in_as: Callable[..., Browser]
) -> None:
    offer_id = haircut(scene)
    sign_in_as(Role.COORDINATOR, scene.community_id)
    set_clock("2026-11-25 14:30")
    scene.browser.send(f"/phone/visits/{offer_id}/check-in", code="4827")
    minutes = scene.get(Visit, scene.get(Offer, offer_id).visit_id).minutes
    assert f"说好 {clock.hhmm(14 * 60 + 30 + minutes)} 前离开" in text(scene.browser.get(f"/phone/visits/{offer_id}"))
    for over, still_there, not_out in ((4, 0, 0), (6, 1, 0), (7, 1, 0), (16, 1, 1), (40, 1, 1)):
        set_clock(f"2026-11-25 {clock.hhmm(14 * 60 + 30 + minutes + over)}:30")  # whatever the check-in itself took
        with scene.app.app_context():
            keep_house()
        assert (sent(scene, "still_there"), sent(scene, "not_out")) == (still_there, not_out)
    assert "已经过了 40 分钟" in today(scene)
    office = sign_in_as(Role.COORDINATOR, scene.community_id)
    assert "过了时间 40 分钟没签退" in text(office.get("/today"))
    scene.browser.send(f"/phone/visits/{offer_id}/stay")
    assert "已经过了" not in today(scene)
    assert "没签退" not in text(office.get("/today"))
    scene.browser.send(f"/phone/visits/{offer_id}/check-out")
    assert scene.get(Offer, offer_id).outcome is Outcome.DONE


def test_a_stay_is_prolonged_two_hours_at_most(scene: Scene) -> None:
    offer_id = haircut(scene)
    assert scene.browser.send(f"/phone/visits/{offer_id}/stay").status_code == 409
    set_clock("2026-11-25 14:30")
    scene.browser.send(f"/phone/visits/{offer_id}/check-in", code="4827")
    answers = [scene.browser.send(f"/phone/visits/{offer_id}/stay").status_code for _press in range(9)]
    assert answers == [303] * 8 + [409]
    assert scene.get(Offer, offer_id).longer == 120


def test_papers_that_end_within_a_month_stand_on_today_with_what_to_do(scene: Scene) -> None:
    for day, said in (
        ("2027-03-01", ""),
        ("2026-12-10", "志愿者保险 2026年12月10日 到期"),
        ("2026-11-01", "志愿者保险 2026年11月1日 已经到期"),
    ):
        with scene.app.app_context(), transaction():
            volunteer_of(scene).insured_until = date.fromisoformat(day)
        page = today(scene)
        assert (said in page) if said else ("保险" not in page)
        assert ("请联系服务站续上" in page) is bool(said)


def test_today_says_the_hours_of_the_month_and_how_far_the_next_star_is(scene: Scene) -> None:
    page = today(scene)
    assert "本月 0.0 小时" in page
    assert "离 1 星还差 100.0 小时" in page
    assert 'href="/my/stars"' in page
