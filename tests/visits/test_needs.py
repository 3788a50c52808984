"""A need that ends on a date, one that is changed at the desk, and a couple's meals that name who eats."""

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from tests import builders as make
from tests.browser import Browser
from tests.small_town import Town, build_town
from timebank.access.models import Role, User
from timebank.catalogue.models import ServiceKind
from timebank.db import db, transaction
from timebank.elders.models import Elder
from timebank.notices.models import Notice
from timebank.places.models import Community
from timebank.visits import registers
from timebank.visits.actions.scheduling import schedule_week
from timebank.visits.models import HelpRequest, Offer, OfferState, Pattern, RequestState, Visit, VisitState
from timebank.volunteers.models import Volunteer

ENDING = date(2026, 12, 16)


@pytest.fixture
def town(app: Flask, sign_in_as: Callable[..., Browser]) -> Town:
    make.set_clock("2026-11-25 09:30")
    return build_town(app, sign_in_as(Role.COORDINATOR))


def standing(town: Town, kind: str = "HAIR", people: int = 1, **values: object) -> int:
    """Let a household ask for something every weekday from this week on; return the need's number."""
    with town.app.app_context(), transaction():
        community = db.session.get_one(Community, town.community)
        home = make.make_household(community)
        who = [make.make_elder(home, name) for name in ("宋德昌", "宋桂兰")[:people]]
        row = db.session.scalars(select(ServiceKind).where(ServiceKind.code == kind)).one()
        ordinary = {"pattern": Pattern.EACH_DAY, "weekdays": [0, 1, 2, 3, 4], "dates": [], "first_day": make.MONDAY}
        if row.from_canteen:
            ordinary |= {"boxes": people, "eaters": [each.id for each in who] if people > 1 else []}
        return make.make_request(community, row, home, **{**ordinary, **values}).id


def opened(town: Town, *mondays: date) -> None:
    """Open some weeks."""
    with town.app.app_context(), transaction():
        for monday in mondays:
            schedule_week(town.community, monday)


def visits(town: Town, need: int, *where: object) -> list[Visit]:
    return sorted(town.all(Visit, Visit.request_id == need, *where), key=lambda each: each.occurrence)


def days(town: Town, need: int, state: VisitState = VisitState.OPEN) -> list[str]:
    """Return the days of a need's visits in a state."""
    return [each.days[0] for each in visits(town, need) if each.state is state]


def test_a_standing_need_that_ends_on_a_date_still_gets_its_visits_until_then(town: Town) -> None:
    need = standing(town)
    assert town.browser.send(f"/requests/{need}/end", last_day=ENDING.isoformat()).status_code == 303
    opened(town, date(2026, 12, 14), date(2026, 12, 21))
    assert days(town, need) == ["2026-12-14", "2026-12-15", "2026-12-16"]


def test_a_need_that_runs_until_a_date_says_so_on_its_page_and_on_the_elders(town: Town) -> None:
    need = standing(town)
    answer = town.browser.send(f"/requests/{need}/end", last_day=ENDING.isoformat())
    elder = town.all(Elder, Elder.name == "宋德昌")[0].id
    assert town.get(HelpRequest, need).state is RequestState.ACCEPTED
    for path in (answer.location, f"/elders/{elder}", "/requests?state=accepted"):
        assert "做到 12月16日为止" in town.browser.get(path).text


def test_after_its_last_day_a_need_counts_as_ended(town: Town, sign_in_as: Callable[..., Browser]) -> None:
    need = standing(town)
    town.browser.send(f"/requests/{need}/end", last_day=ENDING.isoformat())
    make.set_clock("2026-12-16 12:00")
    with town.app.app_context():
        before = registers.counts(town.community)
    make.set_clock("2026-12-17 09:00")
    town.browser = sign_in_as(Role.COORDINATOR, town.community)
    with town.app.app_context():
        after = registers.counts(town.community)
        assert need in [each.id for each in registers.requests(town.community, RequestState.ENDED)]
        assert need not in [each.id for each in registers.requests(town.community, RequestState.ACCEPTED)]
    assert after[RequestState.ENDED] == before.get(RequestState.ENDED, 0) + 1
    assert after[RequestState.ACCEPTED] == before[RequestState.ACCEPTED] - 1
    page = town.browser.get(f"/requests/{need}").text
    assert "已结束" in page
    assert "结束这件求助" not in page
    assert town.browser.send(f"/requests/{need}/end", last_day="2026-12-17").status_code == 409


def test_both_databases_count_a_need_past_its_last_day_as_ended(both: Flask) -> None:
    make.set_clock("2026-11-25 09:30")
    with both.app_context(), transaction():
        community = make.make_community()
        home, kind = make.make_household(community), make.make_kind("HAIR")
        over = make.make_request(community, kind, home, last_day=date(2026, 11, 24))
        going = make.make_request(community, kind, home, last_day=date(2026, 11, 25))
        assert registers.counts(community.id) == {RequestState.ENDED: 1, RequestState.ACCEPTED: 1}
        assert registers.requests(community.id, RequestState.ENDED) == [over]
        assert registers.requests(community.id, RequestState.ACCEPTED) == [going]


def test_a_family_reads_until_when_its_need_runs(town: Town, sign_in_as: Callable[..., Browser]) -> None:
    need = standing(town)
    daughter = sign_in_as(Role.FAMILY, None)
    with town.app.app_context(), transaction():
        elder = db.session.scalars(select(Elder).where(Elder.name == "宋德昌")).one()
        make.make_family(elder, db.session.get_one(User, daughter.user))
    town.browser.send(f"/requests/{need}/end", last_day=ENDING.isoformat())
    assert "做到 12月16日为止" in daughter.get(f"/family/requests/{need}").text
    make.set_clock("2026-12-17 09:00")
    assert "做到" not in daughter.get(f"/family/requests/{need}").text


def test_a_need_is_not_made_longer_by_ending_it(town: Town) -> None:
    need = standing(town)
    town.browser.send(f"/requests/{need}/end", last_day=ENDING.isoformat())
    answer = town.browser.send(f"/requests/{need}/end", last_day="2026-12-18")
    assert answer.status_code == 422
    assert "比原来的最后一天晚" in answer.text
    assert town.get(HelpRequest, need).last_day == ENDING


def said(**values: object) -> dict[str, object]:
    """Return the form of a standing haircut."""
    return {"weekdays": ["0", "1", "2", "3", "4"], "every_weeks": 1, "window_from": "14:00", "window_to": "17:00", **values}


def accepted_on_friday(town: Town, need: int, start: int = 870) -> tuple[int, int]:
    """Let a volunteer with a phone accept the visit of Friday; return the offer and who is told."""
    with town.app.app_context(), transaction():
        community = db.session.get_one(Community, town.community)
        user = make.make_user(Role.VOLUNTEER, community)
        carrier = make.make_volunteer(community, "江文博", user_id=user.id)
        visit = db.session.scalars(select(Visit).where(Visit.request_id == need, Visit.occurrence == date(2026, 11, 27))).one()
        pickup = 650 if visit.canteen_id else None
        return make.make_offer(visit, carrier, start, date(2026, 11, 27), pickup=pickup, accepted=True).id, user.id


def test_changing_the_days_of_a_need_moves_its_visits_and_says_how_many(town: Town) -> None:
    need = standing(town)
    opened(town, make.MONDAY)
    assert days(town, need) == ["2026-11-25", "2026-11-26", "2026-11-27"]
    answer = town.browser.send(f"/requests/{need}/edit", **said(weekdays=["3"], note="带推子"))
    assert answer.status_code == 303
    assert days(town, need) == ["2026-11-26"]
    row = town.get(HelpRequest, need)
    assert (row.weekdays, row.note) == ([3], "带推子")
    assert "已存好" in town.browser.get(answer.location).text


def test_a_one_time_need_moved_to_another_day_is_one_visit(town: Town) -> None:
    form = {"dates": ["2026-11-26"], "window_from": "14:00", "window_to": "17:00"}
    answer = town.browser.send(f"/requests/{town.request}/edit", **form)
    assert [each.days for each in visits(town, town.request)] == [["2026-11-26"]]
    assert town.get(Offer, town.haircut).state is OfferState.WITHDRAWN
    page = town.browser.get(answer.location).text
    assert "1 次上门跟着改了" in page
    assert "于淑珍" in page


def test_a_one_time_need_with_a_last_day_moves_beyond_it(town: Town) -> None:
    with town.app.app_context(), transaction():
        db.session.get_one(HelpRequest, town.request).last_day = make.WEDNESDAY
    assert "做到" not in town.browser.get(f"/requests/{town.request}").text
    form = {"dates": ["2026-11-27"], "window_from": "14:00", "window_to": "17:00"}
    assert town.browser.send(f"/requests/{town.request}/edit", **form).status_code == 303
    assert town.get(HelpRequest, town.request).last_day == date(2026, 11, 27)
    assert days(town, town.request) == ["2026-11-27"]
    town.browser.send(f"/requests/{town.request}/edit", **{**form, "dates": ["2026-11-26"]})
    assert days(town, town.request) == ["2026-11-26"]


def test_an_offer_that_no_longer_fits_is_taken_back_and_its_volunteer_named_and_told(town: Town) -> None:
    need = standing(town)
    opened(town, make.MONDAY)
    offer, user = accepted_on_friday(town, need)
    answer = town.browser.send(f"/requests/{need}/edit", **said(window_from="9:00", window_to="11:00"))
    assert town.get(Offer, offer).state is OfferState.WITHDRAWN
    assert town.count(Notice, Notice.template == "cancelled", Notice.user_id == user) == 1
    page = town.browser.get(answer.location).text
    assert "3 次上门跟着改了" in page
    assert "江文博已收到消息" in page


def test_an_offer_that_still_fits_stands_and_nobody_is_told(town: Town) -> None:
    need = standing(town)
    opened(town, make.MONDAY)
    offer, user = accepted_on_friday(town, need)
    town.browser.send(f"/requests/{need}/edit", **said(window_from="13:00", window_to="18:00"))
    assert town.get(Offer, offer).state is OfferState.ACCEPTED
    assert {each.window_from for each in visits(town, need)} == {780}
    assert town.count(Notice, Notice.user_id == user) == 0


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"weekdays": []}, "请选一天"),
        ({"window_to": "14:10"}, "时间不够长"),
        ({"window_from": "二点"}, "时间写成"),
        ({"last_day": "2026-11-20"}, "日期不对"),
        ({"note": "长" * 201}, "最多 200 个字"),
    ],
)
def test_a_change_no_week_could_hold_is_refused_and_what_was_typed_stays(town: Town, values: dict[str, object], sentence: str) -> None:
    need = standing(town)
    answer = town.browser.send(f"/requests/{need}/edit", **said(**{"note": "带推子", "minutes": "45", **values}))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'value="45"' in answer.text
    assert town.get(HelpRequest, need).minutes is None


def test_a_declined_need_is_not_changed(town: Town) -> None:
    need = standing(town, state=RequestState.DECLINED)
    assert town.browser.send(f"/requests/{need}/edit", **said()).status_code == 409


def test_letting_a_need_run_longer_brings_the_visits_back_that_fell_for_its_end(town: Town) -> None:
    need = standing(town)
    opened(town, make.MONDAY)
    town.browser.send(f"/requests/{need}/end", last_day="2026-11-25")
    assert days(town, need) == ["2026-11-25"]
    town.browser.send(f"/requests/{need}/edit", **said(last_day="2026-11-26"))
    assert days(town, need) == ["2026-11-25", "2026-11-26"]
    town.browser.send(f"/requests/{need}/edit", **said())
    assert days(town, need) == ["2026-11-25", "2026-11-26", "2026-11-27"]


def test_an_inspector_and_a_stranger_change_no_need(town: Town, sign_in_as: Callable[..., Browser]) -> None:
    path = f"/requests/{town.request}/edit"
    assert sign_in_as(Role.INSPECTOR, town.community).get(path).status_code == 403
    with town.app.app_context(), transaction():
        other = make.make_community("other-street", name="别处社区").id
    assert sign_in_as(Role.COORDINATOR, other).send(path, **said()).status_code == 404


def meal(town: Town, elder: int, **values: object) -> dict[str, object]:
    """Return the desk's form for a standing lunch."""
    ordinary = {"elder": elder, "kind": "MEAL", "pattern": "each_day", "weekdays": ["0", "2", "4"]}
    return {**ordinary, "window_from": "11:00", "window_to": "12:15", "then": "accept", **values}


def couple(town: Town) -> tuple[int, int]:
    """Register a couple; return their numbers."""
    with town.app.app_context(), transaction():
        home = make.make_household(db.session.get_one(Community, town.community))
        return make.make_elder(home, "宋德昌").id, make.make_elder(home, "宋桂兰").id


def last_need(town: Town) -> HelpRequest:
    return town.all(HelpRequest)[-1]


def test_the_desk_names_who_of_a_couple_eats_and_the_boxes_are_as_many(town: Town) -> None:
    one, two = couple(town)
    page = town.browser.get(f"/requests/new?elder={one}&kind=MEAL").text
    assert page.count('name="eaters"') == 2
    assert page.count(" checked><span>宋") == 2
    town.browser.send("/requests/new", **meal(town, one, eaters=[one, two]))
    row = last_need(town)
    assert (row.eaters, row.boxes, row.elder_id) == ([one, two], 2, None)
    for path in (f"/requests/{row.id}", f"/elders/{two}"):
        assert "宋德昌、宋桂兰吃" in town.browser.get(path).text


def test_a_meal_for_one_of_a_couple_is_theirs_whoever_it_was_asked_for(town: Town) -> None:
    one, two = couple(town)
    town.browser.send("/requests/new", **meal(town, one, eaters=[two]))
    row = last_need(town)
    assert (row.eaters, row.boxes, row.elder_id) == ([two], 1, two)


def test_the_desk_may_ask_for_more_boxes_than_eaters_never_for_fewer(town: Town) -> None:
    one, two = couple(town)
    town.browser.send("/requests/new", **meal(town, one, eaters=[one, two], boxes="3"))
    assert (last_need(town).boxes, last_need(town).eaters) == (3, [one, two])
    answer = town.browser.send("/requests/new", **meal(town, one, eaters=[one, two], boxes="1", note="少盐"))
    assert answer.status_code == 422
    assert "比吃饭的人少" in answer.text
    assert "少盐" in answer.text


def test_a_couples_meal_that_nobody_eats_is_asked_about(town: Town) -> None:
    one, _two = couple(town)
    before = town.count(HelpRequest)
    answer = town.browser.send("/requests/new", **meal(town, one))
    assert answer.status_code == 422
    assert "请勾上谁吃" in answer.text
    assert town.count(HelpRequest) == before


def test_who_eats_is_changed_at_the_desk_and_the_carrier_told_of_the_box(town: Town) -> None:
    need = standing(town, "MEAL", people=2)
    opened(town, make.MONDAY)
    offer, user = accepted_on_friday(town, need, 665)
    one, two = town.get(HelpRequest, need).eaters
    lunch = said(window_from="11:00", window_to="12:15")
    town.browser.send(f"/requests/{need}/edit", **lunch, eaters=[two])
    row = town.get(HelpRequest, need)
    assert (row.eaters, row.boxes, row.elder_id) == ([two], 1, two)
    assert {each.boxes for each in visits(town, need)} == {1}
    assert town.get(Offer, offer).state is OfferState.ACCEPTED
    assert town.count(Notice, Notice.template == "boxes", Notice.user_id == user) == 1
    town.browser.send(f"/requests/{need}/edit", **lunch, eaters=[one, two])
    assert town.get(HelpRequest, need).elder_id is None
    assert {each.boxes for each in visits(town, need)} == {2}


def test_the_form_of_a_need_saved_as_it_stands_changes_nothing(town: Town) -> None:
    need = standing(town, "MEAL", people=2)
    opened(town, make.MONDAY)
    offer, user = accepted_on_friday(town, need, 665)
    page = town.browser.get(f"/requests/{need}/edit").text
    assert 'name="window_from" value="11:00"' in page
    assert page.count(" checked><span>宋") == 2
    before = town.get(HelpRequest, need)
    town.browser.send(f"/requests/{need}/edit", **said(window_from="11:00", window_to="12:15"), eaters=before.eaters)
    row = town.get(HelpRequest, need)
    assert (row.boxes, row.eaters, row.elder_id, row.last_day) == (2, before.eaters, None, None)
    assert town.get(Offer, offer).state is OfferState.ACCEPTED
    assert town.count(Notice, Notice.user_id == user) == 0


def test_a_box_more_than_the_carrier_can_take_is_given_back(town: Town) -> None:
    need = standing(town, "MEAL", people=2, boxes=1, eaters=[])
    opened(town, make.MONDAY)
    offer, _user = accepted_on_friday(town, need, 665)
    with town.app.app_context(), transaction():
        db.session.get_one(Volunteer, town.get(Offer, offer).volunteer_id).boxes = 1
    both = [row.id for row in town.all(Elder, Elder.name.in_(["宋德昌", "宋桂兰"]))]
    answer = town.browser.send(f"/requests/{need}/edit", **said(window_from="11:00", window_to="12:15"), eaters=both)
    assert town.get(Offer, offer).state is OfferState.WITHDRAWN
    assert "江文博已收到消息" in town.browser.get(answer.location).text


def test_a_family_ticks_who_of_a_couple_eats(town: Town, sign_in_as: Callable[..., Browser]) -> None:
    one, two = couple(town)
    daughter = sign_in_as(Role.FAMILY, None)
    with town.app.app_context(), transaction():
        make.make_family(db.session.get_one(Elder, one), db.session.get_one(User, daughter.user))
    page = daughter.get("/ask/MEAL").text
    assert page.count('name="eaters"') == 2
    asked = {"elder": one, "dates": "2026-11-27", "window": "660-735", "boxes": "1"}
    answer = daughter.send("/ask/MEAL", **asked, eaters=[one, two])
    assert answer.status_code == 303
    assert (last_need(town).eaters, last_need(town).boxes) == ([one, two], 2)
    assert "宋德昌、宋桂兰" in daughter.get(answer.location).text
    refused = daughter.send("/ask/MEAL", **asked, note="少盐")
    assert refused.status_code == 422
    assert "请勾上谁吃" in refused.text
    assert "少盐" in refused.text


def test_a_shared_meal_by_somebody_unknown_stays_the_households_when_it_is_bound_to_one_of_them(town: Town) -> None:
    one, two = couple(town)
    with town.app.app_context(), transaction():
        kind = db.session.scalars(select(ServiceKind).where(ServiceKind.code == "MEAL")).one()
        number = make.make_request(db.session.get_one(Community, town.community), kind, None, boxes=2, for_name="宋德昌").id
    town.browser.send(f"/requests/{number}/accept", elder=one)
    row = town.get(HelpRequest, number)
    assert (row.elder_id, row.eaters) == (None, [one, two])
