"""The workbooks of every community: what its script writes, byte for byte, people who are invented, telephones that are nobody's."""

import re
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from timebank import seeding
from timebank.exchange.columns import WORKBOOKS
from timebank.exchange.handed import hand_in
from timebank.exchange.report import Report
from timebank.exchange.rows import Row, parse_sheets

SEEDS = seeding.community_folder("badaguan").parent
COMMITTED = ("badaguan", "cangnan", "jiuquanlu", "xinhu", "binhu")
MARKS = ("编号", "姓名", "手机", "电话")


@cache
def rows(name: str) -> dict[str, list[Row]]:
    """Return the rows of a community's workbooks by sheet; nothing may be wrong with them."""
    report = Report()
    found = parse_sheets(hand_in(SEEDS / name).sheets, report)
    assert report.problems == []
    return found


@pytest.mark.parametrize("name", COMMITTED)
def test_the_script_writes_the_same_bytes_as_the_files_beside_it(tmp_path: Path, name: str) -> None:
    script = [sys.executable, str(SEEDS / "make.py"), name, str(tmp_path)]
    subprocess.run(script, check=True, cwd=SEEDS.parent, env={"PYTHONPATH": str(SEEDS.parent)})
    for stem in (workbook.stem for workbook in WORKBOOKS):
        written, kept = tmp_path / f"{stem}.xlsx", SEEDS / name / f"{stem}.xlsx"
        assert hand_in(written) == hand_in(kept), stem
        assert written.read_bytes() == kept.read_bytes(), stem


@pytest.mark.parametrize("name", COMMITTED)
def test_nobody_has_the_name_or_the_telephone_of_another(name: str) -> None:
    # In Binhu some give and receive: the same person, by name and telephone, stands among the volunteers and the elders.
    people = {(row.values["name"], row.values["phone"]) for row in rows(name)["志愿者"] + rows(name)["老人"]}
    assert [each for each, times in Counter(who for who, _ in people).items() if times > 1] == []
    phones = Counter([phone for _, phone in people] + [row.values["phone"] for row in rows(name)["家属"]])
    assert [each for each, times in phones.items() if times > 1] == []
    # 1700 and 1 … 4 were handed out to nobody; landlines begin with 8000.
    assert all(re.fullmatch(r"1700[0-4]\d{6}|0\d{2,3}-800\d{4,5}", phone) for phone in phones)


@pytest.mark.parametrize("name", COMMITTED)
def test_a_points_of_a_community_lie_within_two_kilometres_of_each_other(name: str) -> None:
    for sheet in ("小区楼栋", "食堂", "服务站", "志愿者"):
        spots: dict[str, list[tuple[float, float]]] = {}
        for row in rows(name).get(sheet, ()):
            spots.setdefault(row.values["community"], []).append((row.values["lat"], row.values["lon"]))
        for found in spots.values():
            lats, lons = zip(*found, strict=True)
            assert max(lats) - min(lats) < 0.020, sheet
            assert max(lons) - min(lons) < 0.025, sheet


def test_cangnan_is_the_supermarket_of_services_of_the_article() -> None:
    found = rows("cangnan")
    kinds = {row.values["kind"] for sheet in ("固定需求", "单次需求") for row in found[sheet]}
    assert {"买菜代购", "代交水电费", "上门理发", "剪指甲", "代取药", "陪同就医"} <= kinds
    assert len(kinds) >= 10
    (station,), (canteen,) = found["服务站"], found["食堂"]
    assert station.values["name"] == "暖巢志愿服务超市"
    assert canteen.values["name"] == "爱老食堂"
    assert "40 个座位" in canteen.values["address"]
    assert [row.values["name"] for row in found["服务队"]] == [
        "爱心帮扶队", "维修维护队", "信息咨询队", "文化娱乐队", "应急处理队", "矛盾调处队"
    ]  # fmt: skip
    eighty = sum(row.values["birth_year"] <= 2026 - 80 for row in found["老人"])
    assert eighty >= 40, "the canteen's forty seats are for those of eighty and more"
    lists = [row.values["note"] for row in found["固定需求"] if row.values["kind"] == "买菜代购"]
    assert sum("预算" in note and "小票" in note for note in lists) > len(lists) / 2


def test_jiuquanlu_is_five_communities_with_a_speciality_each() -> None:
    found = rows("jiuquanlu")
    assert len({row.values["code"] for row in found["社区"]}) == 5
    assert len({row.values["street"] for row in found["社区"]}) == 1
    specials = {row.values["community"]: row.values["name"] for row in found["服务站"]}
    assert set(specials.values()) == {"我的声音·你的眼睛工作室", "三级调解室", "一口式接件窗口", "以书换绿书屋", "爱心共享冰箱"}
    asked = Counter(row.values["kind"] for sheet in ("固定需求", "单次需求") for row in found[sheet])
    assert all(asked[kind] >= 5 for kind in ("上门送学", "居家保洁", "心理疏导", "政务代办"))
    assert {row.values["name"] for row in found["服务队"]} == {"我的声音·你的眼睛服务队"}


def test_xinhu_is_a_street_of_22_communities_with_ten_stations_in_two_of_them() -> None:
    found = rows("xinhu")
    assert len({row.values["code"] for row in found["社区"]}) == 22
    assert len({row.values["street"] for row in found["社区"]}) == 1
    stations = Counter(row.values["community"] for row in found["服务站"])
    assert stations == {"xinhu": 5, "hubin": 5}
    assert all("零距离" in row.values["name"] and row.values["hours"] for row in found["服务站"])
    asked = Counter(row.values["kind"] for sheet in ("固定需求", "单次需求") for row in found[sheet])
    assert asked["家电小维修"] >= 30
    assert asked["上门理发"] >= 30
    begun = Counter(row.values["community"] for row in found["志愿者"])
    assert len(begun) == 22, "every community of the street has begun"


def test_binhu_has_6327_volunteers_in_67_teams_and_189_buildings() -> None:
    found = rows("binhu")
    assert len(found["志愿者"]) == 6327
    assert len(found["服务队"]) == 67
    assert len(found["小区楼栋"]) == 189
    members = Counter(team for row in found["志愿者"] for team in row.values["teams"])
    assert len(members) == 67
    assert sum(members.values()) == 6327
    assert round(6327 / 67) == 94
    assert members["惠园护学队"] == 38, "the crossing team grew from ten to 38"
    homes = {(row.values["community"], row.values["address"]) for row in found["志愿者"]}
    assert len(homes) == 189, "volunteers live in every building"


def test_in_binhu_some_of_those_who_give_receive_as_well() -> None:
    found = rows("binhu")
    elders = {(row.values["name"], row.values["phone"], row.values["birth_year"]) for row in found["老人"]}
    givers = {(row.values["name"], row.values["phone"], row.values["birth_year"]) for row in found["志愿者"]}
    assert len(elders & givers) >= 50
