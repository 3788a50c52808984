"""The inbox, what the desk writes down, and the pages of elders and volunteers with their visits."""

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask

from tests import builders as make
from tests.browser import Browser
from tests.small_town import Town, build_town
from timebank.access.models import Role, User
from timebank.access.sorting import sort_key
from timebank.audit import AuditRow
from timebank.catalogue.models import ServiceKind
from timebank.db import db, transaction
from timebank.elders.models import Elder, Pause
from timebank.notices.models import Notice
from timebank.places.models import Community
from timebank.visits.actions import offering
from timebank.visits.models import HelpRequest, Offer, OfferState, Pairing, Pattern, RequestState, Source, Tie, Visit, VisitState
from timebank.volunteers.models import Volunteer

READING = [
    "/requests",
    "/requests?state=all",
    "/requests/{request}",
    "/elders",
    "/elders/{elder}",
    "/volunteers",
    "/volunteers/{volunteer}",
    "/search?q=王",
    "/late-meals",
]
CHANGING = ["/requests/new", "/requests/new?elder={elder}", "/elders/new", "/elders/{elder}/edit", "/volunteers/new", "/volunteers/{volunteer}/edit",
            "/volunteers/{volunteer}/skills", "/volunteers/{volunteer}/times", "/requests/{request}/edit",
            "/elders/{elder}/state?state=moved"]  # fmt: skip


@pytest.fixture
def town(app: Flask, sign_in_as: Callable[..., Browser]) -> Town:
    make.set_clock("2026-11-25 09:30")
    return build_town(app, sign_in_as(Role.COORDINATOR))


@pytest.fixture
def stranger(town: Town, sign_in_as: Callable[..., Browser]) -> Browser:
    """Give the coordinator of another community."""
    with town.app.app_context(), transaction():
        other = make.make_community("other-street", name="别处社区").id
    return sign_in_as(Role.COORDINATOR, other)


def asked(town: Town, name: str = "新来的", **values: object) -> int:
    """Let somebody unknown ask for a haircut."""
    with town.app.app_context(), transaction():
        kind = db.session.query(ServiceKind).filter_by(code="HAIR").one()
        community = db.session.get_one(Community, town.community)
        return make.make_request(community, kind, None, source=Source.FAMILY, for_name=name, for_address="松坡路 12 号 3 楼", **values).id


def address(town: Town, path: str) -> str:
    """Fill the numbers of the town into an address."""
    return path.format(request=town.request, elder=town.elder, volunteer=town.volunteer)


@pytest.mark.parametrize("path", READING)
def test_an_inspector_reads_every_page_of_people(town: Town, sign_in_as: Callable[..., Browser], path: str) -> None:
    assert sign_in_as(Role.INSPECTOR, town.community).get(address(town, path)).status_code == 200


@pytest.mark.parametrize("path", [*READING, *CHANGING])
def test_a_coordinator_opens_every_page_of_people(town: Town, path: str) -> None:
    assert town.browser.get(address(town, path)).status_code == 200


@pytest.mark.parametrize("path", CHANGING)
def test_an_inspector_opens_no_form(town: Town, sign_in_as: Callable[..., Browser], path: str) -> None:
    assert sign_in_as(Role.INSPECTOR, town.community).get(address(town, path)).status_code == 403


@pytest.mark.parametrize("path", [path for path in [*READING, *CHANGING] if "/{" in path])
def test_another_communitys_people_are_not_found(town: Town, stranger: Browser, path: str) -> None:
    assert stranger.get(address(town, path)).status_code == 404


def test_the_inbox_shows_what_nobody_has_decided_and_the_navigation_counts_it(town: Town) -> None:
    asked(town)
    page = town.browser.get("/requests").text
    assert "新来的" in page
    assert '<span class="count">1</span>' in page


def test_a_request_is_bound_to_an_elder_who_is_known(town: Town) -> None:
    number = asked(town, "臧玉梅")
    assert "就是这位，接下" in town.browser.get(f"/requests/{number}").text
    assert town.browser.send(f"/requests/{number}/accept", elder=town.elder).status_code == 303
    row = town.get(HelpRequest, number)
    assert (row.state, row.elder_id) == (RequestState.ACCEPTED, town.elder)


def test_a_request_without_a_door_is_not_accepted(town: Town) -> None:
    number = asked(town)
    answer = town.browser.send(f"/requests/{number}/accept")
    assert answer.status_code == 409
    assert "还不知道这件求助是哪一户" in answer.text
    assert town.get(HelpRequest, number).state is RequestState.NEW


def test_an_elder_of_another_community_is_not_bound(town: Town, stranger: Browser) -> None:
    number = asked(town)
    assert stranger.send(f"/requests/{number}/accept", elder=town.elder).status_code == 404
    assert town.get(HelpRequest, number).state is RequestState.NEW


def test_a_new_elder_is_written_down_and_the_request_accepted_once(town: Town) -> None:
    number = asked(town)
    before = town.count(Elder)
    fields = {"name": "綦秀兰", "building": town.building, "floor": 3, "phone": "0532-80001234"}
    for _tap in range(2):
        assert town.browser.send(f"/requests/{number}/new-elder", key="new-elder-key", **fields).status_code == 303
    assert town.count(Elder) == before + 1
    row = town.get(HelpRequest, number)
    assert row.state is RequestState.ACCEPTED
    assert town.get(Elder, row.elder_id).name == "綦秀兰"


def test_a_floor_the_building_has_not_is_refused_and_what_was_typed_stays(town: Town) -> None:
    number = asked(town)
    answer = town.browser.send(f"/requests/{number}/new-elder", name="綦秀兰", building=town.building, floor=40)
    assert answer.status_code == 422
    assert "这一栋共 4 层" in answer.text
    assert 'value="綦秀兰"' in answer.text
    assert town.get(HelpRequest, number).state is RequestState.NEW


def test_declining_needs_a_reason(town: Town) -> None:
    number = asked(town)
    answer = town.browser.send(f"/requests/{number}/decline", reason=" ")
    assert answer.status_code == 422
    assert "请写原因" in answer.text
    assert town.browser.send(f"/requests/{number}/decline", reason="这项服务还没有人会").status_code == 303
    assert town.get(HelpRequest, number).reason == "这项服务还没有人会"


def intake(town: Town, **values: object) -> dict[str, object]:
    """Return the desk's form for a haircut once."""
    return {
        "elder": town.elder,
        "kind": "HAIR",
        "pattern": "once",
        "dates": ["2026-11-27"],
        "window_from": "1400",
        "window_to": "17:00",
        "then": "accept",
        **values,
    }


def test_the_desk_writes_down_a_request_and_accepts_it(town: Town) -> None:
    before = town.count(HelpRequest)
    answer = town.browser.send("/requests/new", **intake(town, note="找老手艺"))
    assert answer.status_code == 303
    row = town.all(HelpRequest, HelpRequest.id > town.request)[0]
    assert (row.state, row.source, row.window_from, row.dates) == (RequestState.ACCEPTED, Source.DESK, 840, ["2026-11-27"])
    assert row.asked_by == town.browser.user
    assert town.count(HelpRequest) == before + 1


def test_the_desk_writes_down_a_standing_need(town: Town) -> None:
    fields = intake(
        town,
        pattern="each_day",
        dates=[],
        weekdays=["0", "2", "4"],
        kind="MEAL",
        window_from="1100",
        window_to="1215",
        boxes="2",
        then="inbox",
    )
    town.browser.send("/requests/new", **fields)
    row = town.all(HelpRequest, HelpRequest.source == Source.DESK, HelpRequest.state == RequestState.NEW)[0]
    assert (row.pattern, row.weekdays, row.boxes, row.elder_id) == (Pattern.EACH_DAY, [0, 2, 4], 2, None)
    assert "每周：周一、周三、周五" in town.browser.get(f"/requests/{row.id}").text


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"dates": []}, "请选日期"),
        ({"dates": ["2026-11-20"]}, "日期已过"),
        ({"pattern": "one_of", "dates": []}, "请选一天"),
        ({"window_from": "1400", "window_to": "1410"}, "时间不够长"),
        ({"window_from": "二点"}, "时间写成"),
        ({"note": "长" * 201}, "最多 200 个字"),
        ({"boxes": "10000000000000000000000"}, "之间的整数"),
        ({"dates": ["2026-02-30"]}, "日期不对"),
    ],
)
def test_a_wish_no_week_could_hold_is_refused_beside_its_field(town: Town, values: dict[str, object], sentence: str) -> None:
    before = town.count(HelpRequest)
    answer = town.browser.send("/requests/new", **intake(town, **values))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert town.count(HelpRequest) == before


def test_ending_a_need_takes_its_offers_back(town: Town) -> None:
    town.browser.send(f"/requests/{town.request}/end", last_day="2026-11-24")
    assert town.get(HelpRequest, town.request).state is RequestState.ENDED
    assert town.get(Offer, town.haircut).state is OfferState.WITHDRAWN
    assert town.get(Visit, town.visit).state is VisitState.CANCELLED


def test_the_door_stays_shut_until_it_is_asked_for_and_reading_it_is_noted(town: Town) -> None:
    page = town.browser.get(f"/elders/{town.elder}").text
    assert "耳背，多敲一会儿" not in page
    assert town.count(AuditRow, AuditRow.verb == "read_door") == 0
    assert "耳背，多敲一会儿" in town.browser.get(f"/elders/{town.elder}?door=1").text
    assert [row.actor for row in town.all(AuditRow, AuditRow.verb == "read_door")] == [f"user:{town.browser.user}"]


def test_an_inspector_does_not_read_a_door(town: Town, sign_in_as: Callable[..., Browser]) -> None:
    page = sign_in_as(Role.INSPECTOR, town.community).get(f"/elders/{town.elder}?door=1").text
    assert "耳背，多敲一会儿" not in page


def accepted_by_somebody_with_a_phone(town: Town) -> int:
    """Ask a volunteer with a phone for the haircut instead, and let them accept."""
    with town.app.app_context(), transaction():
        offering.withdraw(db.session.get_one(Offer, town.haircut), "test")
        community = db.session.get_one(Community, town.community)
        user = make.make_user(Role.VOLUNTEER, community)
        made = make.make_offer(
            db.session.get_one(Visit, town.visit), make.make_volunteer(community, "江文博", user_id=user.id), 840, accepted=True
        )
        return made.id


def test_a_pause_takes_offers_back_and_tells_their_volunteers(town: Town) -> None:
    number = accepted_by_somebody_with_a_phone(town)
    answer = town.browser.send(f"/elders/{town.elder}/pause", first_day="2026-11-25", last_day="2026-11-30", reason="住院")
    assert answer.status_code == 303
    assert town.get(Offer, number).state is OfferState.WITHDRAWN
    assert town.count(Notice, Notice.template == "cancelled") == 1
    assert "暂停到" in town.browser.get(f"/elders/{town.elder}").text


def test_a_pause_that_ends_before_it_begins_is_refused(town: Town) -> None:
    answer = town.browser.send(f"/elders/{town.elder}/pause", first_day="2026-11-30", last_day="2026-11-25")
    assert answer.status_code == 422
    assert "早于开始" in answer.text
    assert town.count(Pause) == 0


def test_somebody_back_early_has_their_visits_planned_again(town: Town) -> None:
    town.browser.send(f"/elders/{town.elder}/pause", first_day="2026-11-25", last_day="2026-11-30")
    with town.app.app_context(), transaction():
        db.session.get_one(Visit, town.visit).state = VisitState.CANCELLED
    pause = town.all(Pause)[0]
    town.browser.send(f"/elders/{town.elder}/pauses/{pause.id}/end", back="2026-11-25")
    assert town.count(Pause) == 0
    assert town.get(Visit, town.visit).state is VisitState.OPEN


def test_nobody_is_sent_to_somebody_who_has_moved_away(town: Town) -> None:
    town.browser.send(f"/elders/{town.elder}/state", state="moved", sure="1")
    assert town.get(Offer, town.haircut).state is OfferState.WITHDRAWN
    assert "臧玉梅" not in town.browser.get("/elders").text.split("<tbody>")[-1]
    assert "臧玉梅" in town.browser.get("/elders?gone=1").text


def test_who_must_not_come_is_called_off_at_once(town: Town) -> None:
    town.browser.send(f"/elders/{town.elder}/ties", volunteer=town.silent, tie="excluded")
    assert [row.tie for row in town.all(Pairing)] == [Tie.EXCLUDED]
    assert town.get(Offer, town.haircut).state is OfferState.WITHDRAWN
    town.browser.send(f"/elders/{town.elder}/ties/{town.all(Pairing)[0].id}/drop")
    assert town.count(Pairing) == 0


def test_a_volunteer_of_another_community_is_not_tied_to_a_door(town: Town, stranger: Browser) -> None:
    assert stranger.send(f"/elders/{town.elder}/ties", volunteer=town.silent, tie="usual").status_code == 404
    assert town.count(Pairing) == 0


def test_the_list_of_volunteers_weighs_the_week_and_names_what_expires(town: Town) -> None:
    with town.app.app_context(), transaction():
        db.session.get_one(Volunteer, town.volunteer).insured_until = date(2026, 11, 20)
    page = town.browser.get("/volunteers").text
    assert "18 / 360" in page
    assert "已到期" in page


def test_the_search_finds_people_by_name_number_and_street(town: Town) -> None:
    assert "臧玉梅" in town.browser.get("/search?q=松坡路12").text
    assert "王秀芬" in town.browser.get("/search?q=王秀").text
    with town.app.app_context(), transaction():
        for row in (*db.session.query(Elder), *db.session.query(Volunteer)):
            row.sort_key = sort_key(row.name)
    for pinyin in ("zangyumei", "zangy", "zym", "ZYM", "zang yumei"):
        assert "臧玉梅" in town.browser.get("/search", query_string={"q": pinyin}).text, pinyin
    for pinyin in ("wxf", "wangxiufen"):
        assert "王秀芬" in town.browser.get("/search", query_string={"q": pinyin}).text, pinyin
    for nobody in ("zyx", "yumex%", "z_m"):
        assert "没有找到" in town.browser.get("/search", query_string={"q": nobody}).text, nobody
    assert "没有找到" in town.browser.get("/search?q=%25").text


def test_the_kit_is_only_in_the_demo(town: Town) -> None:
    assert town.browser.get("/kit").status_code == 404


def test_a_volunteers_phone_has_its_four_places(town: Town, sign_in_as: Callable[..., Browser]) -> None:
    browser = sign_in_as(Role.VOLUNTEER, town.community)
    with town.app.app_context(), transaction():
        make.make_volunteer(db.session.get_one(Community, town.community), "江文博", user_id=db.session.get_one(User, browser.user).id)
    page = browser.get("/my").text if browser.get("/my").status_code == 200 else browser.get("/no/such/page").text
    assert 'class="tab-bar"' in page
