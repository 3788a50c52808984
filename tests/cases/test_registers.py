"""Gifts in kind, groups and the speciality: counted and kept, outside the time ledger for good."""

from datetime import timedelta

import pytest
from sqlalchemy import inspect, text, update
from sqlalchemy.exc import IntegrityError

from tests.cases.conftest import Town
from tests.cases.scenes import Scene, bring_to, user
from timebank import clock
from timebank.cases import keeping
from timebank.cases.actions import registering
from timebank.cases.actions.registering import Group, Line
from timebank.cases.models import Sort, State
from timebank.cases.registers import Club, ClubSort, GiftEntry, GiftPlace, GiftSort, GiftWay
from timebank.db import Base, db, transaction
from timebank.errors import Conflict, Invalid

OWN = ("ticket", "ticket_step", "case_meeting", "case_paper", "gift_place", "gift_entry", "club", "speciality")
TIME = {"ledger_account", "ledger_transfer", "service_record", "visit", "offer", "manual_entry"}


def line(way: GiftWay, count: int, what: str = "", **values: object) -> Line:
    return Line(**{"day": clock.today(), "way": way, "count": count, "what": what, **values})  # type: ignore[arg-type]


def test_what_goes_out_of_a_fridge_has_come_in_first(scene: Scene) -> None:
    with transaction():
        office = user(scene.office)
        fridge = registering.open_place(scene.community, "东门爱心冰箱", GiftSort.FRIDGE)
        registering.enter(fridge, line(GiftWay.IN, 12, "面包"), office)
        registering.enter(fridge, line(GiftWay.OUT, 9, "面包", who="环卫工"), office)
        with pytest.raises(Invalid, match="there are 3"):
            registering.enter(fridge, line(GiftWay.OUT, 4, "面包"), office)
        with pytest.raises(Invalid, match="what it is"):
            registering.enter(fridge, line(GiftWay.IN, 4), office)
        with pytest.raises(Invalid, match="not come"):
            registering.enter(fridge, line(GiftWay.IN, 4, "面包", day=clock.today() + timedelta(days=1)), office)
        tally = keeping.tallies(scene.community, clock.today(), clock.today())[fridge.id]
        assert (tally.came, tally.went, tally.heads, tally.at_hand) == (12, 9, 0, {"面包": 3})


def test_heads_at_a_rest_point_are_counted_without_things(scene: Scene) -> None:
    with transaction():
        rest = registering.open_place(scene.community, "北门歇脚点", GiftSort.REST)
        registering.enter(rest, line(GiftWay.HEADS, 31), user(scene.office))
        tally = keeping.tallies(scene.community, clock.today(), clock.today())[rest.id]
        assert (tally.heads, tally.at_hand) == (31, {})


def test_a_line_is_withdrawn_once_with_a_reason_and_otherwise_stays(scene: Scene) -> None:
    with transaction():
        office = user(scene.office)
        place = registering.open_place(scene.community, "旧衣点", GiftSort.CLOTHES)
        came = registering.enter(place, line(GiftWay.IN, 5, "棉衣"), office)
        went = registering.enter(place, line(GiftWay.OUT, 5, "棉衣"), office)
        with pytest.raises(Conflict, match="gone out"):
            registering.withdraw(came, office, "记重了")
        with pytest.raises(Invalid, match="what was wrong"):
            registering.withdraw(went, office, "")
        registering.withdraw(went, office, "记重了")
        with pytest.raises(Conflict, match="already"):
            registering.withdraw(went, office, "x")
        assert keeping.at_hand(place, "棉衣") == 5
    for change in (update(GiftEntry).values(count=7), GiftEntry.__table__.delete()):
        with pytest.raises(IntegrityError, match="a line stays"), transaction():
            db.session.execute(change)


def test_a_closed_place_takes_nothing_more_and_its_name_is_not_given_twice(scene: Scene) -> None:
    with transaction():
        place = registering.open_place(scene.community, "旧衣点", GiftSort.CLOTHES)
        registering.end_place(place, "搬走了，余下的交街道")
        with pytest.raises(Conflict, match="no more"):
            registering.enter(place, line(GiftWay.HEADS, 1), user(scene.office))
        with pytest.raises(Invalid, match="already"):
            registering.open_place(scene.community, "旧衣点", GiftSort.CLOTHES)
        number = place.id
    with pytest.raises(IntegrityError, match="no more"), transaction():
        db.session.add(
            GiftEntry(place_id=number, day=clock.today(), way=GiftWay.HEADS, count=1, noted_at=clock.now(), noted_by=scene.office)
        )


def test_nothing_of_the_registers_has_minutes_or_a_way_to_the_time_ledger(scene: Scene) -> None:
    for name in OWN:
        table = Base.metadata.tables[name]
        assert not [each.name for each in table.columns if "minute" in each.name or "credit" in each.name]
        assert not {key.column.table.name for key in table.foreign_keys} & TIME
        assert not {each["referred_table"] for each in inspect(db.engine).get_foreign_keys(name)} & TIME
    assert not [each for each in TIME for key in Base.metadata.tables[each].foreign_keys if key.column.table.name in OWN]


def test_a_group_is_kept_changed_and_dissolved_and_then_stays_as_it_was(scene: Scene) -> None:
    with transaction():
        club = registering.add_club(scene.community, Group(name="清晨合唱队", sort=ClubSort.ARTS, members=46, meets="每周三上午"))
        with pytest.raises(Invalid, match="already"):
            registering.add_club(scene.community, Group(name="清晨合唱队", sort=ClubSort.SPORT))
        registering.edit_club(club, Group(name="清晨合唱队", sort=ClubSort.ARTS, members=51))
        with pytest.raises(Invalid, match="why"):
            registering.dissolve(club, clock.today(), "")
        registering.dissolve(club, clock.today(), "队长搬走")
        with pytest.raises(Conflict, match="dissolved"):
            registering.edit_club(club, Group(name="清晨合唱队", sort=ClubSort.ARTS))
        assert (keeping.clubs(scene.community), keeping.clubs(scene.community, ended=True)) == ([], [club])
    for change in (update(Club).values(members=1), text("INSERT INTO club SELECT * FROM club")):
        with pytest.raises(IntegrityError), transaction():
            db.session.execute(change)


def test_the_office_keeps_the_registers_on_their_pages_and_what_was_typed_stays(town: Town) -> None:
    desk = town.browser(town.scene.office)
    opened = desk.send("/cases/gifts", name="东门爱心冰箱", sort="fridge", place="东门岗亭")
    assert opened.status_code == 303
    refused = desk.send(f"{opened.location}/lines", day="2026-11-25", way="out", what="面包", count="4", who="居民")
    assert (refused.status_code, "只有 0 件" in refused.text, "面包" in refused.text, "居民" in refused.text) == (422, True, True, True)
    assert desk.send(f"{opened.location}/lines", day="2026-11-25", way="in", what="面包", count="４").status_code == 303
    with town.app.app_context():
        entry = db.session.query(GiftEntry.id).one()[0]
        assert db.session.query(GiftPlace).one().place == "东门岗亭"
    assert desk.send(f"{opened.location}/lines/{entry}/withdraw", reason="数错了").status_code == 303
    assert "撤了：数错了" in desk.get(opened.location).text
    assert desk.send(f"{opened.location}/end", reason="撤点").status_code == 303
    assert "东门爱心冰箱" in desk.get("/cases/gifts").text
    assert (
        desk.send("/cases/groups/new", name="读书会", sort="reading", members="20", lead="齐老师", lead_phone="13712345678").status_code
        == 303
    )
    assert "13712345678" in desk.get("/cases/groups").text
    twice = desk.send("/cases/groups/new", name="读书会", sort="reading", meets="每周五")
    assert (twice.status_code, "已经有一个团体叫这个名字" in twice.text, "每周五" in twice.text) == (422, True, True)
    with town.app.app_context():
        club = db.session.query(Club.id).one()[0]
    assert desk.send(f"/cases/groups/{club}", name="读书会", sort="reading", members="22").status_code == 303
    assert desk.send(f"/cases/groups/{club}/dissolve", day="2026-11-25", reason="没人来").status_code == 303
    assert "没人来" in desk.get("/cases/groups?ended=1").text


def test_the_speciality_stands_on_today_and_where_people_ask_for_help(town: Town) -> None:
    desk = town.browser(town.scene.office)
    refused = desk.send("/cases/speciality", title="", words="老党员坐诊")
    assert (refused.status_code, "请写下叫什么" in refused.text, "老党员坐诊" in refused.text) == (422, True, True)
    with town.app.app_context(), transaction():
        bring_to(town.scene, State.CLOSED, sort=Sort.CONSULTATION)
    saved = desk.send("/cases/speciality", title="道德门诊", words="老党员坐诊", sorts=["consultation"], doings="每周三上午坐诊\n")
    assert saved.status_code == 303
    assert "每周三上午坐诊" in desk.get("/cases/speciality").text
    assert "道德门诊" in desk.get("/today").text
    assert "道德门诊" in town.browser(town.scene.family).get("/ask").text
