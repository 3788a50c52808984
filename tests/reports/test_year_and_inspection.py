"""The yearly summary (O67 art. 18) and what an inspector takes along: the same figures as the records, masked by role, noted."""

import io
import re
from collections.abc import Callable
from datetime import date

import pytest
import python_calamine
from flask import Flask

from tests import builders as make
from tests.browser import Browser
from tests.served import World, served_world
from timebank.access.models import Role
from timebank.audit import AuditRow
from timebank.certificates.actions import issue_certificate
from timebank.db import db, transaction
from timebank.papers import tables
from timebank.records.actions.objecting import answer, object_to
from timebank.reports import inspection, yearly
from timebank.visits.actions.correcting import correct
from timebank.visits.models import ServiceRecord

Sheets = dict[str, list[list[object]]]


def sheets(book: bytes) -> Sheets:
    """Return the sheets of a workbook."""
    found = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(book))
    return {name: found.get_sheet_by_name(name).to_python() for name in found.sheet_names}


def happened(world: World) -> None:
    """Let a record be objected to and corrected, another be set to nothing, and a certificate be issued."""
    _, volunteer, coordinator = world.get()
    first, second = db.session.scalars(db.select(ServiceRecord).order_by(ServiceRecord.id).limit(2)).all()
    issue_certificate(volunteer, date(2026, 10, 1), date(2026, 11, 25), coordinator)
    said = object_to(first, volunteer, "签退晚了，是二十分钟")
    answer(said, "核对过，是二十分钟", make.make_user(Role.COORDINATOR, world.get()[0], name="曲成海"), 20)
    correct(second, 0, "重复记了", coordinator)


def test_a_year_adds_up_its_months_and_says_what_was_done_with_the_records_on_both_databases(both: Flask) -> None:
    world = served_world(both)
    with both.app_context(), transaction():
        happened(world)
        found = yearly.yearly(world.get()[0], 2026)
        assert (found.whole.minutes, found.whole.visits, found.whole.doors, found.whole.volunteers, found.elders) == (60, 2, 2, 1, 2)
        assert [(month.month, tally.minutes) for month, tally in found.months if tally.minutes] == [(10, 20), (11, 40)]
        assert [(month.month, *rest) for month, *rest in found.helped if rest[1]] == [(10, 1, 1), (11, 1, 1)]
        assert found.times == 2
        items = {name[0]: count for name, count, _unit in found.items}
        wanted = {
            "新记录": 3,
            "更正": 2,
            "其中改为不计": 1,
            "提出异议": 1,
            "已答复": 1,
            "过期才答复": 0,
            "出具证明": 1,
            "登记在册的志愿者": 1,
        }
        assert {name: items[name] for name in wanted} == wanted
        assert yearly.yearly(world.get()[0], 2025).whole.minutes == 0
        book = sheets(tables.as_workbook(yearly.yearly_paper(found, "zh"), "zh"))
        assert book["各月"][-1][:6] == ["合计", 1, 2, 2, 60, 1]
        assert book["各月服务的老人"][-1][:3] == ["合计", 2, 2]
        assert ["更正", 2, "条"] in book["记录和证明"]


def test_the_year_stands_on_page_paper_and_in_a_workbook_and_a_year_to_come_is_not_found(desk: Browser) -> None:
    page = " ".join(re.sub(r"<[^>]+>", " ", desk.get("/report/year?year=2026").text).split())
    assert "合计 1 3 3 127 2.1 0" in page
    assert "这一年还没有过完" in page
    assert desk.get("/report/year/2026.pdf").data.startswith(b"%PDF")
    assert desk.get("/report/year/2026.pdf?lang=en").data.startswith(b"%PDF")
    assert desk.get("/report/year/2026.xlsx").data.startswith(b"PK")
    assert desk.get("/report/year/2027.xlsx").status_code == 404
    assert desk.get("/report/year").status_code == 200


@pytest.mark.parametrize(("role", "name", "said"), [(Role.COORDINATOR, "王秀芬", "签退晚了，是二十分钟"), (Role.INSPECTOR, "王**", "")])
def test_records_register_objections_and_corrections_of_a_period_are_taken_along_masked_by_role(
    app: Flask, world: World, sign_in_as: Callable[..., Browser], role: Role, name: str, said: str
) -> None:
    with app.app_context(), transaction():
        happened(world)
    reader = sign_in_as(role, community_id=world.community)
    assert reader.get("/inspection").status_code == 200
    answered = reader.send("/inspection", start="2026-10-01", end="2026-11-25")
    assert answered.status_code == 200
    book = sheets(answered.data)
    records = [row[2:12] for row in book["服务记录"][1:4]]
    assert [(row[0], row[6], row[7], row[8]) for row in records] == [(name, 20, 0.3, 1), (name, 0, 0.0, 1), (name, 40, 0.7, 1)]
    assert [(row[2], row[6], row[7], row[9]) for row in book["证明登记簿"][1:]] == [(name, 3, 127, "有效")]
    assert [(row[2], row[4], row[8], row[9], row[10]) for row in book["异议"][1:]] == [(name, "本人", "是", 20, said)]
    assert [(row[2], row[4], row[5], row[6], row[7]) for row in book["更正"][1:]] == [(name, 2, 35, 20, -15), (name, 2, 52, 0, -52)]
    with app.app_context():
        noted = db.session.scalars(db.select(AuditRow).where(AuditRow.verb == "export", AuditRow.subject == "community")).one()
        assert noted.actor == f"user:{reader.user}"
        assert (noted.detail["first"], noted.detail["last"], noted.detail["rows"]) == ("2026-10-01", "2026-11-25", 7)


def test_a_period_turned_round_or_too_full_is_refused_in_words(desk: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = desk.send("/inspection", start="2026-11-25", end="2026-10-01")
    assert wrong.status_code == 422
    assert "截止日期早于起始日期" in wrong.text
    monkeypatch.setattr(inspection, "MOST_ROWS", 2)
    full = desk.send("/inspection", start="2026-10-01", end="2026-11-25")
    assert full.status_code == 422
    assert "分成几段" in full.text
