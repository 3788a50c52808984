"""An empty machine: its first administrator comes in by a link, and writes down what an office needs on pages."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select

from tests import builders as make
from tests import databases
from tests.browser import Browser, build, open_browser
from tests.conftest import migrated
from timebank import cli
from timebank.access import actions as access
from timebank.access.models import Role, User
from timebank.catalogue.models import ServiceKind
from timebank.db import db, transaction
from timebank.office.queries import Step, progress
from timebank.places.models import Building, Canteen, Community
from timebank.seeding import seed_catalogue

ADMIN = "13812340001"
SIGN = {"street": "海滨街道", "name": "海棠社区", "phone": "0532-88880311", "responsible": "林岚", "issuer": "海滨街道海棠社区居民委员会"}
Machine = Callable[..., str]


@pytest.fixture
def machine(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Give the command ``timebank init`` of a new machine; it answers what it printed."""
    monkeypatch.setenv("TIMEBANK_INSTANCE", str(tmp_path))
    monkeypatch.setenv("TIMEBANK_DATABASE_URL", databases.fresh_database("sqlite", migrated, folder=folder))
    return lambda *options: CliRunner().invoke(cli.main, ["init", *options]).output


@pytest.fixture
def admin(machine: Machine, tmp_path: Path) -> Iterator[Browser]:
    """Give the browser of the first administrator, who came in by the link of the command."""
    link = re.search(r"/link/\S+", machine("--admin-phone", ADMIN, "--admin-name", "林岚"))
    service = build(tmp_path, database_url=os.environ["TIMEBANK_DATABASE_URL"])
    browser = open_browser(service)
    assert link is not None
    assert browser.send(link[0]).status_code == 303
    yield browser
    with service.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def office(app: Flask, sign_in_as: Callable[..., Browser]) -> Browser:
    """Give the browser of an administrator of a community with nothing in it."""
    with app.app_context(), transaction():
        seed_catalogue()
        make.make_community()
    return sign_in_as(Role.ADMIN, None)


def invited(giver: Browser, path: str, **fields: str) -> str:
    """Send a form that gives a link, and return the address the next page tells, once."""
    answer = giver.send(path, **fields)
    assert answer.status_code == 303
    found = re.search(r"/link/[\w-]+", giver.get(answer.location).text)
    assert found is not None
    assert giver.get(answer.location).location == "/office/colleagues"
    return found[0]


def test_the_command_makes_the_first_administrator_and_says_so_when_there_is_none(machine: Machine) -> None:
    assert "还没有管理员" in machine()
    assert "手机号是 11 位数字" in machine("--admin-phone", "12345", "--admin-name", "林岚")
    assert "http://127.0.0.1:5000/link/" in machine("--admin-phone", "138 1234 0001", "--admin-name", "林岚")
    assert "还没有管理员" not in machine()


def test_on_an_empty_machine_the_administrator_founds_the_community_and_sees_what_is_next(admin: Browser) -> None:
    assert admin.get("/", follow_redirects=True).request.path == "/office/first-day"
    assert "/office/first-day" in admin.get("/today").text  # nothing to see yet: the way on is said
    assert admin.send("/office/community", **SIGN).location == "/office/first-day"
    page = admin.get("/office/first-day").text
    assert "海棠社区" in page
    assert "先做：院子和楼" in page
    with admin.application.app_context():
        assert db.session.scalars(select(Community)).one().slug == "haitang"


def test_a_community_left_half_empty_is_refused_with_what_was_typed(admin: Browser) -> None:
    answer = admin.send("/office/community", street="海滨街道", name="海棠社区")
    assert answer.status_code == 422
    assert 'value="海棠社区"' in answer.text
    assert "这一项要填" in answer.text


def test_buildings_are_put_on_paper_pasted_and_moved(office: Browser) -> None:
    said = {"compound": "海棠路 9 号院", "floors": "7", "access": "1"}
    answer = office.send("/office/buildings", name="1 号楼", lat="36.0601", lon="120.3501", **said)
    assert answer.status_code == 303
    assert 'value="海棠路 9 号院"' in office.get(answer.location).text  # kept for the next one
    assert office.send("/office/buildings", name="1 号楼", **said).status_code == 422
    office.send("/office/buildings", name="2 号楼", spot="120.3552, 36.0572", datum="wgs84", **said)
    answer = office.send(
        "/office/buildings/column", lines="槐安街2号院 1号楼 6\n\n槐安街2号院，2号楼，18层，有电梯\n柏树街\t甲楼\t3\t36.06123,120.35321"
    )
    assert answer.status_code == 303
    with office.application.app_context():
        rows = db.session.scalars(select(Building).order_by(Building.id)).all()
        assert [(each.name, each.floors, each.lift) for each in rows] == [
            ("1 号楼", 7, False),
            ("2 号楼", 7, False),
            ("1号楼", 6, False),
            ("2号楼", 18, True),
            ("甲楼", 3, False),
        ]
        assert (rows[1].lat, rows[1].lon) == (36.0572, 120.3552)
        assert len({(each.lat, each.lon) for each in rows}) == 5
        first = rows[0].id
    answer = office.send(f"/office/buildings/{first}", name="1 号楼", lat="36.07", lon="120.36", lift="1", **said)
    assert answer.status_code == 303
    with office.application.app_context():
        moved = db.session.get_one(Building, first)
        assert (moved.lat, moved.lon, moved.lift) == (36.07, 120.36, True)


@pytest.mark.parametrize("line", ["海棠路9号院 6号楼", "海棠路9号院 6号楼 0", "海棠路9号院 6号楼 七", "只有一个词"])
def test_a_line_that_is_no_building_is_named_and_none_is_taken(office: Browser, line: str) -> None:
    answer = office.send("/office/buildings/column", lines=f"海棠路9号院 1号楼 6\n{line}")
    assert answer.status_code == 422
    assert "第 2 行" in answer.text
    assert line in answer.text
    with office.application.app_context():
        assert db.session.scalars(select(Building)).all() == []


def test_a_coordinate_nobody_can_read_is_refused_in_words(office: Browser) -> None:
    answer = office.send("/office/buildings", compound="甲院", name="1 号楼", floors="6", spot="海边")
    assert answer.status_code == 422
    assert "坐标没有看懂" in answer.text


def test_a_canteen_stands_beside_a_building_and_is_changed_later(office: Browser) -> None:
    said = {"name": "海棠食堂", "ready": "10:50", "until": "11:40", "closes": "16:00", "hot": "45"}
    office.send("/office/buildings", compound="甲院", name="1 号楼", floors="6", lat="36.07", lon="120.36")
    assert office.send("/office/canteens", **said).status_code == 422
    with office.application.app_context():
        house = str(db.session.scalars(select(Building)).one().id)
    assert office.send("/office/canteens", building=house, **{**said, "until": "10:00"}).status_code == 422
    assert office.send("/office/canteens", building=house, **said).status_code == 303
    with office.application.app_context():
        made = db.session.scalars(select(Canteen)).one()
        number, spot = made.id, (made.lat, made.lon)
    assert spot == (36.07, 120.36)
    assert office.send(f"/office/canteens/{number}", **{**said, "hot": "40", "until": "12:00"}).status_code == 303
    with office.application.app_context():
        kept = db.session.get_one(Canteen, number)
        assert (kept.hot, kept.until, kept.lat) == (40, 720, 36.07)


def test_a_step_is_left_out_and_taken_up_again_but_never_one_the_week_needs(office: Browser) -> None:
    office.send("/office/first-day/leave-out", step="canteen")
    assert "没有食堂，就排不了送餐" in office.get("/office/first-day").text
    with office.application.app_context():
        assert progress(1).skipped == {Step.CANTEEN}
    office.send("/office/first-day/take-up", step="canteen")
    assert office.send("/office/first-day/leave-out", step="volunteers").status_code == 409
    with office.application.app_context():
        assert progress(1).skipped == frozenset()


def test_a_kind_is_switched_at_once_but_its_minutes_wait_for_a_second_person(office: Browser, sign_in_as: Callable[..., Browser]) -> None:
    with office.application.app_context():
        kind = db.session.scalars(select(ServiceKind).where(ServiceKind.code == "WALK")).one().id
    office.send(f"/office/kinds/{kind}/switch")
    office.send(f"/office/kinds/{kind}", windows="9:00-10:00", weight="7", minutes="120")
    with office.application.app_context():
        row = db.session.get_one(ServiceKind, kind)
        assert (row.enabled, row.windows, row.weight, row.minutes) == (False, [[540, 600]], 7, 60)
    assert "等第二个人核准" in office.get("/office/kinds").text
    colleague = sign_in_as(Role.COORDINATOR)
    page = colleague.get("/proposals").text
    assert "120 分钟" in page
    number = re.search(r"/proposals/(\d+)/agree", page)
    assert number is not None
    assert office.send(f"/proposals/{number[1]}/agree").status_code == 409
    assert colleague.send(f"/proposals/{number[1]}/agree").status_code == 303
    with office.application.app_context():
        assert db.session.get_one(ServiceKind, kind).minutes == 120


def test_a_colleague_comes_in_by_a_link_and_is_ended_in_one_press(office: Browser) -> None:
    link = invited(office, "/office/colleagues", name="姜文博", phone="13812340002", role="coordinator")
    them = open_browser(office.application)
    assert "姜文博" in them.get(link).text
    assert them.send(link).status_code == 303
    assert them.get("/today").status_code == 200
    assert open_browser(office.application).send(link).status_code == 404
    with office.application.app_context():
        number = db.session.scalars(select(User.id).where(User.phone == "13812340002")).one()
    assert office.send(f"/office/colleagues/{number}/end").status_code == 303
    assert them.get("/today").status_code == 303
    assert office.send("/office/colleagues", name="姜文博", phone="13812340002", role="inspector").status_code == 303
    with office.application.app_context():
        back = db.session.get_one(User, number)
        assert (back.active, back.role) == (True, Role.INSPECTOR)


def test_a_new_link_ends_the_one_before(office: Browser) -> None:
    first = invited(office, "/office/colleagues", name="姜文博", phone="13812340002", role="coordinator")
    with office.application.app_context():
        number = db.session.scalars(select(User.id).where(User.phone == "13812340002")).one()
    second = invited(office, f"/office/colleagues/{number}/link")
    assert open_browser(office.application).send(first).status_code == 404
    assert open_browser(office.application).send(second).status_code == 303


def test_whoever_came_in_by_ones_link_is_no_second_person_until_a_third_has_vouched_for_them(
    office: Browser, sign_in_as: Callable[..., Browser]
) -> None:
    with office.application.app_context():
        kind = db.session.scalars(select(ServiceKind).where(ServiceKind.code == "WALK")).one().id
    office.send(f"/office/kinds/{kind}", windows="9:00-10:00", weight="7", minutes="120")
    them = open_browser(office.application)
    them.send(invited(office, "/office/colleagues", name="姜文博", phone="13812340002", role="coordinator"))
    third = open_browser(office.application)
    third.send(invited(them, "/office/colleagues", name="邢队长", phone="13812340003", role="team_lead"))
    refused = them.send("/proposals/1/agree")
    assert refused.status_code == 409
    assert "还不能算两个人" in refused.text
    with office.application.app_context(), transaction():
        themselves = db.session.scalars(select(User).where(User.phone == "13812340002")).one()
        token, _session = access.sign_in(themselves)
    own = open_browser(office.application)
    own.set_cookie("timebank-user", token)
    assert "还不能算两个人" in own.send("/proposals/1/agree").text
    assert sign_in_as(Role.ADMIN).send("/proposals/2/agree").status_code == 303
    assert own.send("/proposals/1/agree").status_code == 303


def test_a_coordinator_lets_in_only_who_sees_a_part(office: Browser, sign_in_as: Callable[..., Browser]) -> None:
    desk = sign_in_as(Role.COORDINATOR)
    refused = desk.send("/office/colleagues", name="某人", phone="13812340002", role="admin")
    assert refused.status_code == 422
    assert "请联系管理员" in refused.text
    assert desk.send("/office/colleagues", name="邢楼长", phone="13812340003", role="building_lead").status_code == 303
    assert desk.send(f"/office/colleagues/{office.user}/end").status_code == 403


def test_the_last_administrator_and_oneself_are_not_ended(office: Browser, sign_in_as: Callable[..., Browser]) -> None:
    assert office.send(f"/office/colleagues/{office.user}/end").status_code == 409
    other = sign_in_as(Role.ADMIN, None)
    assert other.send(f"/office/colleagues/{office.user}/end").status_code == 303
    assert "不能停用自己" in other.send(f"/office/colleagues/{other.user}/end").text


def test_nobody_of_another_community_is_seen_or_ended(app: Flask, office: Browser, sign_in_as: Callable[..., Browser]) -> None:
    with app.app_context(), transaction():
        there = make.make_community("there", name="柏树社区").id
    stranger = sign_in_as(Role.CANTEEN, there)
    desk = sign_in_as(Role.COORDINATOR)
    assert desk.send(f"/office/colleagues/{stranger.user}/end").status_code == 404
    assert desk.send(f"/office/colleagues/{stranger.user}/link").status_code == 404
