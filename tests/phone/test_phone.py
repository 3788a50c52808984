"""A volunteer's phone: what is shown when, and what each tap does, once."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.browser import shown
from tests.builders import (
    MONDAY,
    WEDNESDAY,
    make_community,
    make_elder,
    make_household,
    make_kind,
    make_offer,
    make_request,
    make_round,
    make_user,
    make_visit,
    make_volunteer,
    set_clock,
)
from tests.visits.scenes import Stage
from timebank.access.models import Role
from timebank.db import db, transaction
from timebank.notices.models import Notice
from timebank.visits.models import Alert, Offer, OfferState, Outcome, Round, Visit, VisitState
from timebank.volunteers.models import Availability, TimeOff, Volunteer

MANY_TRIES = 5


@dataclass
class Scene(Stage):
    """A community with one signed-in volunteer."""

    volunteer_id: int

    def count(self, model: type[Any]) -> int:
        """Count rows."""
        with self.app.app_context():
            return db.session.scalar(select(func.count()).select_from(model)) or 0


@pytest.fixture
def scene(app: Flask, sign_in_as: Callable[..., Any]) -> Scene:
    set_clock("2026-11-25 09:30")
    with app.app_context(), transaction():
        community = make_community()
        community_id = community.id
    browser = sign_in_as(Role.VOLUNTEER, community_id)
    with app.app_context(), transaction():
        volunteer = make_volunteer(db.session.merge(community), user_id=browser.user)
        return Scene(app, browser, community_id, volunteer.id)


def meals(scene: Scene, **values: Any) -> list[int]:
    """Give the volunteer a meal round and return its offers' numbers."""
    with scene.app.app_context(), transaction():
        offers = make_round(community_of(scene), volunteer_of(scene), **values)
        return [each.id for each in offers]


def haircut(scene: Scene, *, accepted: bool = True, start: int = 870, to: Volunteer | None = None, **values: Any) -> int:
    """Give the volunteer a haircut on Wednesday afternoon and return the offer's number."""
    with scene.app.app_context(), transaction():
        community = community_of(scene)
        household = make_household(community)
        make_elder(household, "吕桂英", diet="低盐", care_note="耳背，敲门后请多等一会儿")
        request = make_request(community, make_kind("HAIR"), household)
        visit = make_visit(request, code="4827")
        return make_offer(visit, to or volunteer_of(scene), start, accepted=accepted, why="离你家走 6 分钟", **values).id


def community_of(scene: Scene) -> Any:
    from timebank.places.models import Community

    return db.session.get_one(Community, scene.community_id)


def volunteer_of(scene: Scene) -> Volunteer:
    return db.session.get_one(Volunteer, scene.volunteer_id)


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def test_before_acceptance_a_volunteer_sees_a_masked_name_and_a_building_only(scene: Scene) -> None:
    offer_id = haircut(scene, accepted=False)
    page = text(scene.browser.get(f"/phone/visits/{offer_id}"))
    assert "吕**" in page
    assert "松坡路 12 号" in page
    for secret in ("吕桂英", "西户", "053200001111", "耳背", "低盐", "4827"):
        assert secret not in page


def test_after_acceptance_the_door_is_shown_around_the_visit_but_never_its_code(scene: Scene) -> None:
    offer_id = haircut(scene)
    page = text(scene.browser.get(f"/phone/visits/{offer_id}"))
    for known in ("吕桂英", "西户", "tel:053200001111", "geo:36.05700,120.35300", "耳背", "低盐"):
        assert known in page
    assert "4827" not in page


def test_the_door_is_hidden_again_two_hours_after_the_visit_and_before_its_last_day(scene: Scene) -> None:
    offer_id = haircut(scene)
    for moment in ("2026-11-25 17:30", "2026-11-24 14:00"):
        set_clock(moment)
        assert "吕桂英" not in text(scene.browser.get(f"/phone/visits/{offer_id}"))


def test_another_volunteers_offer_is_not_found(scene: Scene) -> None:
    with scene.app.app_context(), transaction():
        community = community_of(scene)
        other = make_volunteer(community, "李静怡", user_id=make_user(Role.VOLUNTEER, community).id)
        other_id = other.id
    with scene.app.app_context(), transaction():
        foreign = db.session.get_one(Volunteer, other_id)
        household = make_household(community_of(scene))
        make_elder(household)
        visit = make_visit(make_request(community_of(scene), make_kind("HAIR"), household))
        offer_id = make_offer(visit, foreign, 870, accepted=True).id
    assert scene.browser.get(f"/phone/visits/{offer_id}").status_code == 404
    for verb in ("delivered", "undo", "check-in", "check-out"):
        assert scene.browser.send(f"/phone/visits/{offer_id}/{verb}").status_code == 404
    assert scene.browser.send(f"/phone/visits/{offer_id}/problem", outcome="other").status_code == 404
    assert scene.browser.send("/phone/offers", pick=f"o{offer_id}").status_code == 404
    assert scene.get(Offer, offer_id).started_at is None


def test_a_number_beyond_the_database_is_a_page_that_does_not_exist(scene: Scene) -> None:
    assert scene.browser.get("/phone/visits/99999999999999999999999").status_code == 404


def test_offers_are_accepted_in_one_batch(scene: Scene) -> None:
    doors = meals(scene, doors=3, accepted=False)
    single = haircut(scene, accepted=False)
    page = text(scene.browser.get("/phone/offers"))
    assert "接受这 2 项" in page
    assert "离你家走 6 分钟" in page
    answer = scene.browser.send("/phone/offers", pick=[f"r{scene.get(Offer, doors[0]).round_id}", f"o{single}"])
    assert answer.location == "/phone/week"
    assert {scene.get(Offer, each).state for each in [*doors, single]} == {OfferState.ACCEPTED}
    assert "都回复好了" in text(scene.browser.get("/phone/offers"))


def test_one_withdrawn_offer_does_not_hold_up_the_others(scene: Scene) -> None:
    single, gone = haircut(scene, accepted=False), meals(scene, doors=1, accepted=False)[0]
    with scene.app.app_context(), transaction():
        db.session.get_one(Offer, gone).state = OfferState.WITHDRAWN
    answer = scene.browser.send("/phone/offers", pick=[f"o{gone}", f"o{single}"])
    assert "1 项刚刚撤回" in text(scene.browser.get(answer.location))
    assert scene.get(Offer, single).state is OfferState.ACCEPTED
    assert scene.get(Offer, gone).state is OfferState.WITHDRAWN


def test_accepting_nothing_says_what_to_do(scene: Scene) -> None:
    answer = scene.browser.send("/phone/offers")
    assert answer.status_code == 422
    assert "请至少选一项" in text(answer)


def test_a_whole_round_is_declined_with_one_reason_and_needs_nothing_else(scene: Scene) -> None:
    doors = meals(scene, doors=3, accepted=False)
    round_id = scene.get(Offer, doors[0]).round_id
    assert "没有任何影响" in text(scene.browser.get(f"/phone/decline?pick=r{round_id}"))
    answer = scene.browser.send("/phone/decline", pick=f"r{round_id}", reason="time")
    assert answer.status_code == 303
    assert {scene.get(Offer, each).state for each in doors} == {OfferState.DECLINED}
    assert scene.get(Offer, doors[0]).reason == "时间不方便"
    assert scene.get(Visit, scene.get(Offer, doors[0]).visit_id).state is VisitState.OPEN


def test_a_decline_without_a_reason_is_asked_for_one(scene: Scene) -> None:
    offer_id = haircut(scene, accepted=False)
    answer = scene.browser.send("/phone/decline", pick=f"o{offer_id}")
    assert answer.status_code == 422
    assert "请选一个原因" in text(answer)
    assert scene.get(Offer, offer_id).state is OfferState.SENT


def test_a_wrong_count_at_the_canteen_is_refused_with_a_sentence(scene: Scene) -> None:
    doors = meals(scene, doors=3)
    round_id = scene.get(Offer, doors[0]).round_id
    answer = scene.browser.send(f"/phone/rounds/{round_id}/pick-up", counted="2")
    assert answer.status_code == 422
    assert "应取 3 份，点到的是 2 份" in text(answer)
    assert scene.get(Round, round_id).picked_up_at is None
    for odd in ("", "zwei", "-1", "99999999999999999999"):
        assert scene.browser.send(f"/phone/rounds/{round_id}/pick-up", counted=odd).status_code == 422


def test_the_count_is_chosen_or_typed_and_never_filled_in(scene: Scene) -> None:
    meals(scene, doors=3)
    form = text(scene.browser.get("/phone")).split("/pick-up", 1)[1].split("</form>", 1)[0]
    assert re.findall(r'type="radio" name="counted" value="(\d)"', form) == ["1", "2", "3", "4", "5"]
    assert "checked" not in form
    assert re.search(r'type="number"[^>]*value=""', form)


def test_a_wrong_count_stays_as_it_was_chosen_or_typed(scene: Scene) -> None:
    doors = meals(scene, doors=3)
    round_id = scene.get(Offer, doors[0]).round_id
    chosen = text(scene.browser.send(f"/phone/rounds/{round_id}/pick-up", counted="2"))
    assert 'value="2" checked' in chosen
    typed = text(scene.browser.send(f"/phone/rounds/{round_id}/pick-up", counted=["", "12"]))
    assert re.search(r'type="number"[^>]*value="12"', typed)


def test_the_pick_up_can_be_noted_from_ninety_minutes_before(scene: Scene) -> None:
    meals(scene, doors=3)
    set_clock("2026-11-25 09:19")
    early = text(scene.browser.get("/phone"))
    assert "取好了" not in early
    assert "09:20 起可以记取餐" in early
    set_clock("2026-11-25 09:20")
    assert "取好了" in text(scene.browser.get("/phone"))


def test_a_round_is_carried_door_by_door_and_a_double_tap_counts_once(scene: Scene) -> None:
    doors = meals(scene, doors=2)
    round_id = scene.get(Offer, doors[0]).round_id
    set_clock("2026-11-25 10:52")
    scene.browser.send(f"/phone/rounds/{round_id}/pick-up", counted="2")
    page = text(scene.browser.get("/phone"))
    assert "第 1 户，共 2 户" in page
    assert "热餐还有 60 分" in page
    key = "one-tap-of-a-thumb"
    first = scene.browser.send(f"/phone/visits/{doors[0]}/delivered", key=key)
    ended = scene.get(Offer, doors[0]).ended_at
    set_clock("2026-11-25 10:53")
    second = scene.browser.send(f"/phone/visits/{doors[0]}/delivered", key=key)
    third = scene.browser.send(f"/phone/visits/{doors[0]}/delivered")
    assert first.location == second.location == third.location == "/phone"
    assert scene.get(Offer, doors[0]).ended_at == ended
    assert "第 2 户，共 2 户" in text(scene.browser.get("/phone"))
    scene.browser.send(f"/phone/visits/{doors[1]}/delivered")
    assert "全部到过了" in text(scene.browser.get("/phone"))


def test_a_tap_is_taken_back_within_a_minute_and_not_later(scene: Scene) -> None:
    doors = meals(scene, doors=2)
    scene.browser.send(f"/phone/rounds/{scene.get(Offer, doors[0]).round_id}/pick-up", counted="2")
    scene.browser.send(f"/phone/visits/{doors[0]}/delivered")
    assert "撤销" in shown(text(scene.browser.get("/phone")))
    scene.browser.send(f"/phone/visits/{doors[0]}/undo")
    assert scene.get(Offer, doors[0]).outcome is None
    scene.browser.send(f"/phone/visits/{doors[0]}/delivered")
    set_clock("2026-11-25 09:35")
    assert "撤销" not in shown(text(scene.browser.get("/phone")))
    answer = scene.browser.send(f"/phone/visits/{doors[0]}/undo")
    assert answer.status_code == 409
    assert scene.get(Offer, doors[0]).outcome is Outcome.DONE


def test_a_kept_tap_brings_its_own_time(scene: Scene) -> None:
    doors = meals(scene, doors=1)
    scene.browser.send(f"/phone/rounds/{scene.get(Offer, doors[0]).round_id}/pick-up", counted="1")
    set_clock("2026-11-25 12:00")
    scene.browser.send(f"/phone/visits/{doors[0]}/delivered", _ago="2400")
    assert scene.get(Offer, doors[0]).ended_at.strftime("%H:%M") == "11:20"


def test_somebody_unwell_reaches_the_coordinator_at_once_and_once(scene: Scene) -> None:
    doors = meals(scene, doors=1)
    with scene.app.app_context(), transaction():
        make_user(Role.COORDINATOR, community_of(scene))
    scene.browser.send(f"/phone/rounds/{scene.get(Offer, doors[0]).round_id}/pick-up", counted="1")
    page = text(scene.browser.get(f"/phone/visits/{doors[0]}/problem"))
    assert "老人不舒服" in page
    assert "tel:120" in page
    for _tap in range(2):
        scene.browser.send(f"/phone/visits/{doors[0]}/problem", key="the-same-tap", outcome="unwell", note="脸色不好")
    assert scene.count(Alert) == 1
    with scene.app.app_context():
        said = db.session.scalars(select(Notice.text).where(Notice.template == "unwell")).all()
    assert len(said) == 1
    assert "淑贞" not in said[0]


def test_an_outcome_that_does_not_exist_is_asked_for_again(scene: Scene) -> None:
    answer = scene.browser.send(f"/phone/visits/{haircut(scene)}/problem", outcome="vanished")
    assert answer.status_code == 422
    assert "请选一种情况" in text(answer)


def test_a_timed_visit_is_checked_in_with_the_code_and_checked_out(scene: Scene) -> None:
    offer_id = haircut(scene)
    set_clock("2026-11-25 14:28")
    assert "4 位到访码" in text(scene.browser.get(f"/phone/visits/{offer_id}"))
    scene.browser.send(f"/phone/visits/{offer_id}/check-in", code="４８ ２７")
    assert scene.get(Offer, offer_id).code_ok
    set_clock("2026-11-25 15:10")
    scene.browser.send(f"/phone/visits/{offer_id}/check-out")
    made = scene.get(Offer, offer_id)
    assert made.outcome is Outcome.DONE
    assert round((made.ended_at - made.started_at).total_seconds() / 60) == 42
    assert scene.get(Visit, made.visit_id).state is VisitState.DONE


def test_a_visit_code_that_is_wrong_five_times_is_locked_and_the_door_still_opens_without_it(scene: Scene) -> None:
    offer_id = haircut(scene)
    set_clock("2026-11-25 14:28")
    for left in range(MANY_TRIES - 1, -1, -1):
        answer = scene.browser.send(f"/phone/visits/{offer_id}/check-in", code="0000")
        page = text(scene.browser.get(answer.location))
        assert (f"还可以试 {left} 次" if left else "锁住了") in page
    locked = scene.browser.send(f"/phone/visits/{offer_id}/check-in", code="4827")
    assert locked.status_code == 409
    assert "锁住了" in text(locked)
    assert scene.get(Offer, offer_id).started_at is None
    scene.browser.send(f"/phone/visits/{offer_id}/check-in")
    made = scene.get(Offer, offer_id)
    assert made.started_at is not None
    assert not made.code_ok


def test_a_code_that_is_no_code_costs_no_try(scene: Scene) -> None:
    offer_id = haircut(scene)
    set_clock("2026-11-25 14:28")
    answer = scene.browser.send(f"/phone/visits/{offer_id}/check-in", code="48")
    assert answer.status_code == 422
    assert "4 位数字" in text(answer)
    assert scene.get(Offer, offer_id).code_tries == 0


def test_the_week_shows_what_was_accepted_by_day(scene: Scene) -> None:
    assert "还没有接受的安排" in text(scene.browser.get("/phone/week"))
    meals(scene, doors=2)
    haircut(scene)
    page = text(scene.browser.get("/phone/week"))
    assert "送餐 2 户 2 份" in page
    assert "14:30–15:10" in page


def test_an_empty_day_says_when_the_next_one_is(scene: Scene) -> None:
    haircut(scene)
    set_clock(f"{MONDAY.isoformat()} 09:00")
    page = text(scene.browser.get("/phone"))
    assert "今天没有安排" in page
    assert "11月25日" in page


def test_time_off_over_what_was_accepted_shows_it_first_and_gives_it_back_in_one_press(scene: Scene) -> None:
    number = haircut(scene)
    said = {"day": WEDNESDAY.isoformat(), "start": "13:00", "end": "18:00", "reason": "看牙"}
    asked = scene.browser.send("/phone/time-off", **said)
    assert asked.status_code == 422
    assert "这段时间已接受 1 件" in text(asked)
    assert "记下请假并退掉这 1 件" in text(asked)
    assert 'name="give_back" value="1"' in text(asked)
    assert 'name="reason" value="看牙"' in text(asked)
    assert scene.count(TimeOff) == 0
    assert scene.get(Offer, number).state is OfferState.ACCEPTED
    answer = scene.browser.send("/phone/time-off", **said, give_back="1")
    page = text(scene.browser.get(answer.location))
    assert "退掉了 1 件，都等着另请人" in page
    assert scene.get(Offer, number).state is OfferState.WITHDRAWN
    assert scene.get(Visit, scene.get(Offer, number).visit_id).state is VisitState.OPEN
    with scene.app.app_context():
        away = db.session.scalars(select(TimeOff)).one()
        assert (away.start, away.end, away.reason) == (780, 1080, "看牙")
    scene.browser.send(f"/phone/time-off/{away.id}/drop")
    assert scene.count(TimeOff) == 0


def test_time_off_with_nothing_in_the_way_is_one_press(scene: Scene) -> None:
    number = haircut(scene)
    assert scene.browser.send("/phone/time-off", day=WEDNESDAY.isoformat(), start="9:00", end="11:00").status_code == 303
    assert scene.count(TimeOff) == 1
    assert scene.get(Offer, number).state is OfferState.ACCEPTED


def test_a_round_is_touched_by_a_time_off_from_its_pick_up_on_and_as_a_whole(scene: Scene) -> None:
    doors = meals(scene, doors=3)
    said = {"day": WEDNESDAY.isoformat(), "start": "11:12", "end": "13:00"}
    page = text(scene.browser.send("/phone/time-off", **said))
    assert "这段时间已接受 3 件" in page
    assert "送餐 3 户 3 份" in page
    scene.browser.send("/phone/time-off", **said, give_back="1")
    assert {scene.get(Offer, number).state for number in doors} == {OfferState.WITHDRAWN}


def test_free_times_that_change_leave_what_was_accepted_and_name_it(scene: Scene) -> None:
    number = haircut(scene)
    scene.browser.send("/phone/availability/2", start0="14:00", end0="17:00")
    assert "照旧算数" not in text(scene.browser.get("/phone/availability"))
    scene.browser.send("/phone/availability/2", start0="8:30", end0="11:00")
    page = text(scene.browser.get("/phone/availability"))
    assert "照旧算数" in page
    assert "14:30–15:10" in page
    assert scene.get(Offer, number).state is OfferState.ACCEPTED


def test_time_off_in_the_past_or_backwards_is_refused_beside_its_field(scene: Scene) -> None:
    assert "已经过去了" in text(scene.browser.send("/phone/time-off", day="2026-11-01"))
    assert "结束时间要晚于开始时间" in text(scene.browser.send("/phone/time-off", day="2026-12-01", start="15:00", end="14:00"))
    assert "请选日期" in text(scene.browser.send("/phone/time-off", day="31.2."))
    assert scene.count(TimeOff) == 0


def test_free_times_are_set_by_part_of_day_or_by_the_clock(scene: Scene) -> None:
    scene.browser.send("/phone/availability/2", add="noon")
    scene.browser.send("/phone/availability/2", start0="8:30", end0="11:00", start1="１４：００", end1="17:00")
    page = text(scene.browser.get("/phone/availability"))
    assert "08:30–11:00" in page
    assert "14:00–17:00" in page
    assert scene.count(Availability) == 2
    assert "结束时间要晚于开始时间" in text(scene.browser.send("/phone/availability/2", start0="9:00", end0=""))
    scene.browser.send("/phone/availability/2")
    assert scene.count(Availability) == 0


def test_one_volunteers_time_off_is_not_anothers_to_drop(scene: Scene) -> None:
    with scene.app.app_context(), transaction():
        other = make_volunteer(community_of(scene), "李静怡")
        db.session.add(TimeOff(volunteer_id=other.id, day=WEDNESDAY))
    with scene.app.app_context():
        away = db.session.scalars(select(TimeOff)).one()
    assert scene.browser.send(f"/phone/time-off/{away.id}/drop").status_code == 404


def test_every_page_of_the_phone_speaks_english(scene: Scene) -> None:
    offer_id = haircut(scene)
    scene.browser.post("/language", data={"csrf_token": scene.browser.token(), "locale": "en"})
    for path in ("", "/week", "/offers", "/me", "/time-off", "/availability", "/availability/1", f"/visits/{offer_id}"):
        answer = scene.browser.get(f"/phone{path}")
        assert answer.status_code == 200
        assert 'lang="en"' in text(answer)
