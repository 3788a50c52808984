"""A whole import is taken back within a day: what it brought goes, what it changed is as before, what was changed since stays and is named."""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import func, select

from tests import builders as make
from tests.browser import Browser
from tests.exchange.files import Book, take_in
from tests.exchange.lookup import elder, request, volunteer
from tests.exchange.test_cases import door_of, row_of
from timebank import clock, sealcheck, wholly
from timebank.access.models import Role
from timebank.cli import main
from timebank.db import db, transaction
from timebank.elders.models import Elder
from timebank.errors import Conflict
from timebank.exchange import undoing
from timebank.exchange.journal import WATCHED
from timebank.exchange.models import ImportBatch
from timebank.exchange.report import Report
from timebank.exchange.undoing import Outcome
from timebank.visits.models import Visit
from timebank.volunteers.models import TimeOff, Volunteer

SignIn = Callable[..., Browser]


def stored() -> Mapping[str, tuple[int, str]]:
    """Return what every table of the rosters holds, line by line."""
    with db.engine.connect() as here:
        return {
            table.name: wholly.digest_of(wholly.lines_of(here, table)) for table in wholly.tables(secrets=False) if table.name in WATCHED
        }


def take_back(report: Report) -> Outcome:
    """Take an import back in a write unit."""
    with transaction():
        return undoing.undo(db.session.get_one(ImportBatch, report.batch), None)


def test_everybody_badaguans_files_brought_goes_again_and_comes_in_anew(either: Flask, badaguan: list[Path]) -> None:
    before = stored()
    done = take_back(take_in(badaguan))
    assert sealcheck.check_now().faults == []
    # Its time accounts are for ever, and so is the community they are of.
    assert {table for table, _ in done.kept} == {"community", "street"}
    left = stored()
    assert {table for table in left if left[table] != before[table]} == {"community", "street"}
    again = take_in(badaguan)
    assert again.applied
    assert db.session.scalar(select(func.count()).select_from(Elder)) == 70


def test_what_an_import_changed_is_as_before_row_by_row(lived: Flask, book: Book) -> None:
    known, old = volunteer("V002"), elder("E001")
    before = stored()
    sheets = {"志愿者": row_of(known, 住址="新搬的地方", 周一="8:00-9:00", 周二="无"), "老人": door_of(old, 电话="0532-88887777")}
    report = take_in(book(sheets))
    assert report.changes == 2
    assert stored() != before
    done = take_back(report)
    assert done.kept == []
    assert stored() == before


def test_what_somebody_changed_since_stays_and_is_named_and_so_does_what_is_in_use(lived: Flask, book: Book) -> None:
    first, second = volunteer("V002"), volunteer("V003")
    sheet = row_of(first, 住址="甲地")
    sheet.append([second.number, second.name, second.phone, second.lat, second.lon, "乙地"])
    sheet.append(["V901", "靳小满", "13912345901", 36.06, 120.35, ""])
    sheet.append(["V902", "靳小雪", "13912345902", 36.06, 120.35, ""])
    report = take_in(book({"志愿者": sheet}))
    with transaction():
        volunteer("V002").address = "后来改的"
        make.add(in_use(volunteer("V901")))
    done = take_back(report)
    assert {name for table, name in done.kept if table == "volunteer"} == {f"V002 {first.name}", "V901 靳小满"}
    assert volunteer("V002").address == "后来改的"
    assert volunteer("V003").address != "乙地"
    assert volunteer("V901").number == "V901"
    assert db.session.scalar(select(Volunteer).where(Volunteer.number == "V902")) is None


def in_use(known: Volunteer) -> TimeOff:
    """Return a day off of somebody, by which the roster's row is in use."""
    return TimeOff(volunteer_id=known.id, day=make.WEDNESDAY)


def test_the_visits_of_a_need_follow_it_back(lived: Flask, book: Book) -> None:
    need = request("S001")
    with transaction():
        visit = make.make_visit(need, make.WEDNESDAY)
    before = (visit.window_from, visit.window_to)
    sheet = [["编号", "老人编号", "服务项目", "频次", "星期", "起始日期", "希望时段"]]
    first = need.elder or need.household.elders[0]  # type: ignore[union-attr]
    sheet.append([need.number, first.number, need.kind.name, "每周", "三", need.first_day.isoformat(), "13:00-17:00"])
    report = take_in(book({"固定需求": sheet}))
    assert report.changes == 1, [str(each) for each in report.problems]
    take_back(report)
    assert (request("S001").window_from, request("S001").window_to) == before
    assert len(db.session.scalars(select(Visit).where(Visit.request_id == need.id)).all()) == 1


def test_an_import_is_taken_back_once_and_only_within_a_day(lived: Flask, book: Book, later: Callable[..., None]) -> None:
    report = take_in(book({"单位": [["单位", "联系人"], ["新单位", ""]]}))
    take_back(report)
    with pytest.raises(Conflict, match="already"):
        take_back(report)
    report = take_in(book({"单位": [["单位", "联系人"], ["又一家", ""]]}))
    later(hours=24, minutes=1)
    with pytest.raises(Conflict, match="within a day"):
        take_back(report)
    take_in(book({"单位": [["单位", "联系人"], ["第三家", ""]]}))
    kept = db.session.scalars(select(ImportBatch).where(ImportBatch.at < clock.now() - timedelta(hours=24))).all()
    assert {each.journal for each in kept} == {None}


def test_a_coordinator_takes_an_import_back_on_its_page_and_nobody_elses(served: Flask, sign_in_as: SignIn, badaguan: list[Path]) -> None:
    with served.app_context():
        report = take_in(badaguan)
        with transaction():
            other = make.make_community("elsewhere").id
    address = f"/import/past/{report.batch}"
    assert sign_in_as(Role.COORDINATOR, community_id=other).get(address).status_code == 404
    browser = sign_in_as(Role.COORDINATOR)
    assert "可以撤销" in browser.get("/import").text
    assert "撤销这次导入" in browser.get(address).text
    assert browser.send(f"{address}/undo").status_code == 303
    page = browser.get(address).text
    assert "已经撤销" in page
    with served.app_context():
        assert db.session.scalar(select(func.count()).select_from(Elder)) == 0


def test_an_import_by_the_command_line_is_taken_back_by_it(
    lived: Flask, book: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = lived.extensions["timebank"]
    monkeypatch.setenv("TIMEBANK_INSTANCE", settings.instance)
    monkeypatch.setenv("TIMEBANK_DATABASE_URL", settings.database)
    monkeypatch.setenv("TIMEBANK_SECRET_KEY", settings.secret_key)
    name, data = book({"单位": [["单位", "联系人"], ["新来的单位", "老赵"]]})
    (tmp_path / name).write_bytes(data)
    run = CliRunner()
    done = run.invoke(main, ["import", str(tmp_path / name)], catch_exceptions=False)
    assert "1 new" in done.output
    (number,) = re.findall(r"timebank import --undo (\d+)", done.output)
    back = run.invoke(main, ["import", "--undo", number], catch_exceptions=False)
    assert "1 rows gone, 0 as before, 0 stay" in back.output
    again = run.invoke(main, ["import", "--undo", number])
    assert again.exit_code == 2
    assert "taken back already" in again.output
    assert "There is no import 99" in run.invoke(main, ["import", "--undo", "99"]).output
    assert run.invoke(main, ["import"]).exit_code == 2
    assert run.invoke(main, ["import", str(tmp_path), "--undo", number]).exit_code == 2
