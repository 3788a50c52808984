"""Persons and times apart by month and kind; meals at the canteen beside those carried home, none twice."""

from tests import builders as make
from tests.stations.conftest import DAY, Corner, hold, people, sign_up, whoever
from timebank.db import db, transaction
from timebank.stations import figures
from timebank.stations.actions import check_ups, sessions
from timebank.stations.actions.people import person
from timebank.stations.models import Kind, Outcome


def test_one_person_of_two_kinds_is_one_in_the_total_and_every_coming_is_a_time(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        lecture, children = hold(corner, kind=Kind.OTHER, title="讲座"), hold(corner, kind=Kind.CHILDREN, title="四点半")
        for session in (lecture, children):
            sign_up(session, whoever(corner, "孙甲", "13800138000"), here=True)
        sessions.count(lecture, 30, 0)
        row = check_ups.begin(corner.community, check_ups.Rhythm(what="量血压", every_weeks=4, due=DAY), whoever(corner, "孙甲"))
        check_ups.note(row, Outcome.DONE, "", corner.user())
        every = figures.served(corner.community, DAY, DAY)
        assert (every.persons, every.times, every.unnamed) == (1, 32, 30)
        assert [figures.served(corner.community, DAY, DAY, kind).persons for kind in (Kind.OTHER, Kind.CHILDREN)] == [1, 1]
        assert figures.checked(corner.community, DAY, DAY) == 1
    page = corner.browser.get("/stations/served?month=2026-11").text
    assert "讲座" not in page
    assert "其他活动" in page
    assert "这个月还没有场次" in corner.browser.get("/stations/served?month=2026-10").text
    assert corner.browser.get("/stations/served?month=x").status_code == 422


def test_todays_kitchen_says_who_eats_there_beside_what_is_carried(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        community, _station, _barber, elder, young = people(corner)
        canteen = make.make_canteen(community)
        sitting = hold(corner, kind=Kind.SITTING, title="午饭", canteen=canteen, start=660, end=720)
        sign_up(sitting, person(corner.community, elder=elder))
        sign_up(sitting, person(corner.community, elder=young), boxes=1)
        sessions.count(sitting, 5, 2)
        found = figures.dining(canteen.id, DAY)
        assert (found.seats, found.boxes, figures.boxes_carried(canteen.id, DAY)) == (4, 3, 0)
    page = corner.browser.get("/today").text
    assert "另有堂食 4 位" in page
    assert "当场打包 3 份" in page


def test_a_meal_ordered_after_the_sign_up_is_shown_on_the_sitting(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        community, _station, _barber, elder, _young = people(corner)
        canteen = make.make_canteen(community)
        sitting = hold(corner, kind=Kind.SITTING, title="午饭", canteen=canteen)
        sign_up(sitting, person(corner.community, elder=elder))
        number = sitting.id
        meal = make.make_request(community, make.make_kind("MEAL"), elder.household, elder=elder)
        make.make_visit(meal, canteen=canteen)
        db.session.flush()
    assert "这天又排了送餐" in corner.browser.get(f"/stations/sessions/{number}").text
