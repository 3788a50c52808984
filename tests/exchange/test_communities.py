"""Several communities in one set of files: every row says which one it is of, and nobody's rows go to another."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.exchange.files import Book, Rows, look_at, take_in
from timebank.audit import AuditRow
from timebank.db import db, transaction
from timebank.exchange import actions
from timebank.exchange.handed import hand_in
from timebank.places.models import Building, Community, Compound
from timebank.volunteers.models import Team, TeamMember, Volunteer
from timebank.volunteers.queries import memberships_of

STREET = "青杨街道"
HOUSES = ["小区", "楼栋", "层数", "纬度", "经度", "社区代码"]
PEOPLE = ["编号", "姓名", "手机", "纬度", "经度", "服务队", "社区代码"]


def two(more: dict[str, Rows] | None = None) -> dict[str, Rows]:
    """Return a street of two communities, each with one house of the same name."""
    head = ["代码", "街道", "社区", "记录单位", "负责人", "电话"]
    heads = [[code, STREET, f"{code}社区", f"{code}居委会", "闻松", "0532-80000001"] for code in ("north", "south")]
    houses = [HOUSES, ["同福里", "1号楼", 5, 36.06, 120.35, "north"], ["同福里", "1号楼", 9, 36.05, 120.35, "south"]]
    return {"社区": [head, *heads], "小区楼栋": houses, **(more or {})}


def test_a_house_of_one_name_stands_in_each_of_two_communities(empty: Flask, book: Book) -> None:
    report = take_in(book(two()))
    assert report.applied, report.problems
    found = select(Community.slug, Building.floors).join(Compound, Compound.community_id == Community.id).join(Building)
    assert set(db.session.execute(found)) == {("north", 5), ("south", 9)}
    assert len({each.street_id for each in db.session.scalars(select(Community))}) == 1


def test_each_community_has_its_own_line_in_the_trail(empty: Flask, book: Book) -> None:
    take_in(book(two()))
    lines = list(db.session.scalars(select(AuditRow.detail).where(AuditRow.verb == "import")))
    assert [line["new"] for line in lines] == [2 + 2 - 1, 1]


def test_the_same_files_of_two_communities_twice_change_nothing(empty: Flask, book: Book) -> None:
    assert take_in(book(two())).changes == 4
    again = take_in(book(two()))
    assert again.applied
    assert again.changes == 0


def test_a_row_that_does_not_say_which_of_two_it_is_of_is_refused_with_the_way_on(empty: Flask, book: Book) -> None:
    (problem,) = look_at(book(two({"单位": [["单位"], ["青杨小学"]]}))).problems
    assert problem.column == "社区代码"
    assert "写明这一行是哪一个的" in problem.zh


def test_a_community_nobody_knows_is_named(empty: Flask, book: Book) -> None:
    (problem,) = look_at(book(two({"单位": [["单位", "社区代码"], ["青杨小学", "west"]]}))).problems
    assert "“west”" in problem.zh
    assert "“社区”表" in problem.zh


def test_rows_come_later_without_the_sheet_of_communities_when_they_say_whose_they_are(empty: Flask, book: Book) -> None:
    take_in(book(two()))
    assert take_in(book({"单位": [["单位", "社区代码"], ["青杨小学", "south"]]})).applied
    (problem,) = look_at(book({"单位": [["单位"], ["青杨小学"]]})).problems
    assert "不止一个社区" in problem.zh


def test_a_coordinator_takes_in_nothing_of_another_community(empty: Flask, book: Book) -> None:
    take_in(book(two()))
    north = db.session.scalars(select(Community).where(Community.slug == "north")).one()
    handed = hand_in(book({"单位": [["单位", "社区代码"], ["青杨小学", "south"]]}))
    with transaction():
        report = actions.import_files(handed, north)
    assert not report.applied
    assert "另一个社区" in report.problems[0].zh


def test_people_of_two_communities_join_the_teams_of_their_own(empty: Flask, book: Book) -> None:
    teams = [["服务队", "社区代码"], ["护学队", "north"], ["护学队", "south"], ["理发队", "south"]]
    people = [
        PEOPLE,
        ["N1", "古月明", "17000090021", 36.06, 120.35, "护学队", "north"],
        ["S1", "辛晓禾", "17000090022", 36.05, 120.35, "护学队；理发队", "south"],
    ]
    sheets = two({"服务队": teams, "志愿者": people})
    assert take_in(book(sheets)).applied
    assert take_in(book(sheets)).changes == 0
    found = select(Volunteer.number, func.count(TeamMember.id)).join(TeamMember, TeamMember.volunteer_id == Volunteer.id)
    assert dict(db.session.execute(found.group_by(Volunteer.number)).all()) == {"N1": 1, "S1": 2}
    for person in db.session.scalars(select(Volunteer)):
        assert {member.team.community_id for member in memberships_of(person)} == {person.community_id}


def test_a_team_nobody_wrote_down_is_refused_and_one_that_is_left_alone_stays(empty: Flask, book: Book) -> None:
    one = ["N1", "古月明", "17000090021", 36.06, 120.35, "护学队", "north"]
    take_in(book(two({"服务队": [["服务队", "社区代码"], ["护学队", "north"]], "志愿者": [PEOPLE, one]})))
    (problem,) = look_at(book({"志愿者": [PEOPLE, [*one[:5], "合唱队", "north"]]})).problems
    assert problem.column == "服务队"
    assert "“合唱队”" in problem.zh
    assert take_in(book({"志愿者": [PEOPLE, [*one[:5], "", "north"]]})).changes == 0
    (problem,) = look_at(book({"志愿者": [PEOPLE, [*one[:5], "清空", "north"]]})).problems
    assert "这个人的页面" in problem.zh
    assert db.session.scalars(select(TeamMember.left).join(Team)).one() is None


@pytest.mark.parametrize("either", ["sqlite"], indirect=True)
def test_the_street_of_five_comes_in_whole(either: Flask) -> None:
    folder = Path(__file__).resolve().parents[2] / "seeds" / "jiuquanlu"
    report = take_in(folder)
    assert report.applied, report.problems[:3]
    assert db.session.scalar(select(func.count()).select_from(Community)) == 5
