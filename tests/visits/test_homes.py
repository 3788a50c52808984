"""A couple's pause, somebody who has moved or died, two behind one door, and a door that changes."""

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
from timebank.elders.models import Elder, ElderState, Household, Pause
from timebank.notices.models import Notice
from timebank.places.models import Canteen, Community
from timebank.today.sheets import kitchen_sheet
from timebank.visits.models import HelpRequest, LateMeal, Offer, OfferState, Pattern, RequestState, Source, Visit, VisitState
from timebank.volunteers.models import Volunteer

FRIDAY = date(2026, 11, 27)


@pytest.fixture
def town(app: Flask, sign_in_as: Callable[..., Browser]) -> Town:
    make.set_clock("2026-11-25 09:30")
    return build_town(app, sign_in_as(Role.COORDINATOR))


class Couple:
    """A couple with a standing meal for two, accepted for Friday by a volunteer with a phone."""

    def __init__(self, town: Town) -> None:
        """Build them behind a door of their own."""
        self.town = town
        with town.app.app_context(), transaction():
            community = db.session.get_one(Community, town.community)
            kind = db.session.scalars(select(ServiceKind).where(ServiceKind.code == "MEAL")).one()
            home = make.make_household(community)
            husband, wife = make.make_elder(home, "宋德昌", gender="M"), make.make_elder(home, "宋桂兰")
            need = make.make_request(
                community,
                kind,
                home,
                boxes=2,
                eaters=[husband.id, wife.id],
                pattern=Pattern.EACH_DAY,
                weekdays=[4],
                dates=[],
                first_day=date(2026, 11, 2),
            )
            canteen = db.session.scalars(select(Canteen)).one()
            user = make.make_user(Role.VOLUNTEER, community)
            carrier = make.make_volunteer(community, "江文博", user_id=user.id)
            visit = make.make_visit(need, FRIDAY, canteen)
            made = make.make_offer(visit, carrier, 665, FRIDAY, pickup=650, accepted=True)
            self.husband, self.wife, self.home = husband.id, wife.id, home.id
            self.need, self.visit, self.offer, self.carrier, self.user = need.id, visit.id, made.id, carrier.id, user.id

    def boxes(self) -> int:
        """Return how many boxes Friday's meal takes."""
        return int(self.town.get(Visit, self.visit).boxes)

    def in_the_kitchen(self) -> int:
        """Return how many boxes the kitchen's sheet of Friday counts."""
        with self.town.app.app_context(), self.town.app.test_request_context():
            sheet = kitchen_sheet(db.session.scalars(select(Canteen)).one(), FRIDAY, "zh")
            return len(sheet.labels)


@pytest.fixture
def couple(town: Town) -> Couple:
    return Couple(town)


FRIDAY_AWAY = {"first_day": "2026-11-27", "last_day": "2026-11-27", "reason": "体检"}


def test_a_couple_is_asked_whether_both_are_away_and_what_was_typed_stays(town: Town, couple: Couple) -> None:
    answer = town.browser.send(f"/elders/{couple.husband}/pause", **FRIDAY_AWAY)
    assert answer.status_code == 422
    assert "两位都不在家吗" in answer.text
    assert 'value="体检"' in answer.text
    assert town.count(Pause) == 0
    assert couple.boxes() == 2


def test_with_one_of_a_couple_away_the_meal_is_one_box_everywhere(town: Town, couple: Couple, sign_in_as: Callable[..., Browser]) -> None:
    assert couple.in_the_kitchen() == 2
    answer = town.browser.send(f"/elders/{couple.husband}/pause", **FRIDAY_AWAY, both="0")
    assert answer.status_code == 303
    assert town.count(Pause) == 1
    assert couple.boxes() == 1
    assert couple.in_the_kitchen() == 1
    assert town.get(Offer, couple.offer).state is OfferState.ACCEPTED
    assert town.count(Notice, Notice.template == "boxes", Notice.user_id == couple.user) == 1
    browser = sign_in_as(Role.VOLUNTEER, town.community)
    with town.app.app_context(), transaction():
        db.session.get_one(Volunteer, couple.carrier).user = db.session.get_one(User, browser.user)
    assert "送餐 1 户 1 份" in browser.get("/phone/week").text
    assert "1 次送餐改了份数" in town.browser.get(answer.location).text


def test_with_both_of_a_couple_away_nobody_comes(town: Town, couple: Couple) -> None:
    town.browser.send(f"/elders/{couple.husband}/pause", **FRIDAY_AWAY, both="1")
    assert {row.elder_id for row in town.all(Pause)} == {couple.husband, couple.wife}
    assert town.get(Visit, couple.visit).state is VisitState.CANCELLED
    assert town.get(Offer, couple.offer).state is OfferState.WITHDRAWN
    assert couple.in_the_kitchen() == 0


def test_somebody_who_lives_alone_is_asked_nothing(town: Town) -> None:
    assert "两位都不在" not in town.browser.get(f"/elders/{town.elder}").text
    assert town.browser.send(f"/elders/{town.elder}/pause", **FRIDAY_AWAY).status_code == 303


def test_a_family_says_of_a_couple_who_is_away(town: Town, couple: Couple, sign_in_as: Callable[..., Browser]) -> None:
    daughter = sign_in_as(Role.FAMILY, None)
    with town.app.app_context(), transaction():
        make.make_family(db.session.get_one(Elder, couple.wife), db.session.get_one(User, daughter.user))
    said = {"elder": couple.wife, "first_day": "2026-11-27"}
    asked = daughter.send("/family/away", **said)
    assert asked.status_code == 422
    assert "两位都不在家吗" in asked.text
    assert 'value="2026-11-27"' in asked.text
    assert town.count(Pause) == 0
    assert daughter.send("/family/away", **said, both="0").status_code == 303
    assert [row.elder_id for row in town.all(Pause)] == [couple.wife]
    assert couple.boxes() == 1
    assert daughter.send(f"/family/away/{couple.wife}/{town.all(Pause)[0].id}/back").status_code == 303
    assert couple.boxes() == 2
    daughter.send("/family/away", **said, both="1")
    assert town.get(Visit, couple.visit).state is VisitState.CANCELLED
    back = next(row for row in town.all(Pause) if row.elder_id == couple.husband)
    assert "宋德昌" in daughter.get("/family/away").text
    assert daughter.send(f"/family/away/{couple.husband}/{back.id}/back").status_code == 303
    assert couple.boxes() == 1


def gone(town: Town, elder: int, state: str, **more: object) -> object:
    return town.browser.send(f"/elders/{elder}/state", state=state, **more)


@pytest.mark.parametrize("state", ["moved", "deceased"])
def test_somebody_gone_is_first_told_what_will_happen_and_nothing_is_done(town: Town, state: str) -> None:
    page = town.browser.get(f"/elders/{town.elder}/state?state={state}").text
    assert "1 次还没做的上门取消" in page
    assert "于淑珍会收到消息" in page
    assert "确认" in page
    assert "不改" in page
    answer = town.browser.send(f"/elders/{town.elder}/state", state=state)
    assert answer.status_code == 422
    assert "1 次还没做的上门取消" in answer.text
    assert town.get(Elder, town.elder).state is ElderState.ACTIVE
    assert town.get(Offer, town.haircut).state is OfferState.SENT


def test_a_death_taken_back_within_a_day_lets_the_offers_stand_again(town: Town) -> None:
    gone(town, town.elder, "deceased", sure="1")
    assert town.get(Offer, town.haircut).state is OfferState.WITHDRAWN
    assert "撤回（原来的邀约也恢复）" in town.browser.get(f"/elders/{town.elder}").text
    gone(town, town.elder, "active")
    assert town.get(Elder, town.elder).state is ElderState.ACTIVE
    assert town.get(Offer, town.haircut).state is OfferState.SENT
    assert town.get(Visit, town.visit).state is VisitState.OFFERED
    assert "撤回（原来的邀约也恢复）" not in town.browser.get(f"/elders/{town.elder}").text


def test_a_day_later_a_death_is_not_taken_back_by_a_slip(town: Town, sign_in_as: Callable[..., Browser]) -> None:
    gone(town, town.elder, "deceased", sure="1")
    make.set_clock("2026-11-26 10:30")
    town.browser = sign_in_as(Role.COORDINATOR, town.community)
    page = town.browser.get(f"/elders/{town.elder}").text
    assert "撤回（原来的邀约也恢复）" not in page
    assert "还住在这里" in page


def test_one_of_a_couple_dying_leaves_one_box_and_taken_back_two(town: Town, couple: Couple) -> None:
    page = town.browser.get(f"/elders/{couple.husband}/state?state=deceased").text
    assert "1 次合吃的餐少一份，只送宋桂兰的" in page
    assert "没有要取消的上门" in page
    assert "不再排" not in page
    gone(town, couple.husband, "deceased", sure="1")
    assert (couple.boxes(), couple.in_the_kitchen()) == (1, 1)
    assert town.get(Offer, couple.offer).state is OfferState.ACCEPTED
    for path in (f"/elders/{couple.wife}", f"/requests/{couple.need}"):
        page = town.browser.get(path).text
        assert "1 份" in page
        assert "宋桂兰吃" in page
    gone(town, couple.husband, "active")
    assert (couple.boxes(), couple.in_the_kitchen()) == (2, 2)
    assert town.get(Offer, couple.offer).state is OfferState.ACCEPTED


def test_the_last_of_a_household_dying_names_the_standing_need(town: Town, couple: Couple) -> None:
    gone(town, couple.husband, "deceased", sure="1")
    page = town.browser.get(f"/elders/{couple.wife}/state?state=moved").text
    assert "1 次还没做的上门取消" in page
    assert "江文博会收到消息" in page
    assert "长期的送餐上门" in page
    gone(town, couple.wife, "moved", sure="1")
    assert town.get(Visit, couple.visit).state is VisitState.CANCELLED
    gone(town, couple.wife, "active")
    assert town.get(Offer, couple.offer).state is OfferState.ACCEPTED
    assert couple.boxes() == 1


def newcomer(town: Town, **values: object) -> dict[str, object]:
    """Return the form of somebody who lives behind the town's elder's door."""
    return {"name": "臧国栋", "building": town.building, "entrance": "2单元", "floor": 3, "door": "西户", "gender": "M", **values}


def test_a_door_that_is_known_asks_whether_it_is_one_household_and_loses_nothing(town: Town) -> None:
    before = town.count(Elder)
    asked = town.browser.send("/elders/new", **newcomer(town))
    assert asked.status_code == 422
    assert "这一户已经登记了臧玉梅，是同一家吗" in asked.text
    assert 'name="name" value="臧国栋"' in asked.text
    assert 'name="entrance" value="2单元"' in asked.text
    assert town.count(Elder) == before


def test_the_same_household_gets_a_second_elder_and_no_second_door(town: Town) -> None:
    home = town.get(Elder, town.elder).household_id
    doors = town.count(Household)
    assert town.browser.send("/elders/new", **newcomer(town, same=home)).status_code == 303
    assert town.all(Elder, Elder.name == "臧国栋")[0].household_id == home
    assert town.count(Household) == doors


def test_not_the_same_household_gets_a_door_of_its_own(town: Town) -> None:
    home = town.get(Elder, town.elder).household_id
    assert town.browser.send("/elders/new", **newcomer(town, same=0)).status_code == 303
    assert town.all(Elder, Elder.name == "臧国栋")[0].household_id != home


def test_another_door_of_the_floor_asks_nothing(town: Town) -> None:
    assert town.browser.send("/elders/new", **newcomer(town, door="东户")).status_code == 303


def test_a_household_that_is_not_at_this_door_is_not_joined(town: Town, couple: Couple) -> None:
    answer = town.browser.send("/elders/new", **newcomer(town, same=couple.home))
    assert answer.status_code == 422
    assert "是同一家吗" in answer.text
    assert town.all(Elder, Elder.name == "臧国栋") == []


def test_a_door_nobody_lives_behind_any_more_asks_nothing(town: Town) -> None:
    gone(town, town.elder, "moved", sure="1")
    assert town.browser.send("/elders/new", **newcomer(town)).status_code == 303


def test_the_elder_of_a_request_joins_a_household_too(town: Town) -> None:
    with town.app.app_context(), transaction():
        kind = db.session.scalars(select(ServiceKind).where(ServiceKind.code == "HAIR")).one()
        community = db.session.get_one(Community, town.community)
        number = make.make_request(community, kind, None, source=Source.FAMILY, for_name="臧国栋", for_address="松坡路 12 号").id
    home = town.get(Elder, town.elder).household_id
    asked = town.browser.send(f"/requests/{number}/new-elder", **newcomer(town))
    assert asked.status_code == 422
    assert "是同一家吗" in asked.text
    assert town.get(HelpRequest, number).state is RequestState.NEW
    assert town.browser.send(f"/requests/{number}/new-elder", **newcomer(town, same=home)).status_code == 303
    row = town.get(HelpRequest, number)
    assert (row.state, row.household_id) == (RequestState.ACCEPTED, home)
    assert town.get(Elder, row.elder_id).name == "臧国栋"


def door(town: Town, **values: object) -> dict[str, object]:
    """Return the whole form of the wife as it stands."""
    return {"name": "宋桂兰", "gender": "F", "level": "unknown", "entrance": "2 单元", "floor": 3, "door": "西户", **values}


def test_whoever_is_still_to_come_is_told_once_when_a_door_changes(town: Town, couple: Couple) -> None:
    answer = town.browser.send(f"/elders/{couple.wife}/edit", **door(town, building=town.building))
    assert answer.status_code == 303
    assert town.get(Household, couple.home).building_id == town.building
    assert town.count(Notice, Notice.template == "changed", Notice.user_id == couple.user) == 1
    assert town.get(Offer, couple.offer).state is OfferState.ACCEPTED
    assert "要上门的 1 位志愿者已收到消息" in town.browser.get(answer.location).text


def test_nobody_is_told_when_only_the_telephone_changes(town: Town, couple: Couple) -> None:
    same = town.get(Household, couple.home).building_id
    town.browser.send(f"/elders/{couple.wife}/edit", **door(town, building=same, phone="0532-80005555"))
    assert town.get(Elder, couple.wife).phone == "0532-80005555"
    assert town.count(Notice, Notice.template == "changed") == 0


def test_taking_back_what_was_too_late_for_the_kitchen_leaves_it_nothing_to_know(
    town: Town, couple: Couple, sign_in_as: Callable[..., Browser]
) -> None:
    make.set_clock("2026-11-26 16:01")
    town.browser = sign_in_as(Role.COORDINATOR, town.community)
    gone(town, couple.husband, "deceased", sure="1")
    assert [row.boxes for row in town.all(LateMeal)] == [-1]
    gone(town, couple.husband, "active")
    assert town.count(LateMeal) == 0
