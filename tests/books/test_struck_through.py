"""A record set to nothing stays on the statement struck through; deadlines and certificates are those of the record itself."""

from datetime import date
from io import BytesIO

from flask import Flask
from python_calamine import CalamineWorkbook

from tests import builders as make
from tests.browser import Browser
from tests.served import TODAY, World, served_world
from timebank.books import queries
from timebank.books import trail as trails
from timebank.books.printing import statement_paper, statement_workbook
from timebank.certificates import actions
from timebank.db import db, transaction
from timebank.papers import pdf
from timebank.visits import deadlines
from timebank.visits.actions.correcting import correct
from timebank.visits.models import ServiceRecord
from timebank.volunteers.models import Volunteer

OCTOBER = date(2026, 10, 1)


def test_a_record_set_to_nothing_stays_on_the_statement_struck_through(both: Flask) -> None:
    world = served_world(both)
    with both.app_context():
        with transaction():
            _, volunteer, coordinator = world.get()
            correct(queries.statement(volunteer, OCTOBER).records[0], 0, "人没有去", coordinator)
        month = queries.statement(db.session.get_one(Volunteer, world.volunteer), OCTOBER)
        assert [(each.minutes, month.was.get(each.id)) for each in month.records] == [(0, 35), (52, None)]
        assert (month.visits, month.minutes, month.lifetime) == (1, 52, 52)
        paper = statement_paper(month, "zh")
        assert [(line.minutes, line.was, line.entry) for line in paper.lines] == [(0, 35, "更正 · 作废"), (52, 0, "")]
        assert paper.visits == 1
        pdf.statements([paper])
        rows = CalamineWorkbook.from_filelike(BytesIO(statement_workbook(month, language="zh"))).get_sheet_by_index(0).to_python()
        assert rows[1][3:7] == ["上门理发", "服务台", "更正 · 作废，原 35 分钟，可提异议到 2026-12-24", 0.0]
        assert rows[3][6] == 52


def test_what_was_never_more_than_nothing_is_not_struck_through(app: Flask, world: World) -> None:
    with app.app_context():
        assert queries.statement(world.get()[1], OCTOBER).was == {}


def test_pages_strike_the_minutes_through_that_no_longer_count(world: World, desk: Browser, phone: Browser, app: Flask) -> None:
    with app.app_context(), transaction():
        _, volunteer, coordinator = world.get()
        correct(queries.statement(volunteer, OCTOBER).records[0], 0, "人没有去", coordinator)
    for browser, path in ((desk, f"/books/{world.volunteer}?month=2026-10"), (phone, "/my/hours?month=2026-10")):
        page = browser.get(path).text
        assert "<s>35</s>" in page
        assert "作废" in page


def test_the_deadline_printed_is_that_of_each_record(both: Flask) -> None:
    world = served_world(both)
    with both.app_context():
        with transaction():
            _, volunteer, coordinator = world.get()
            correct(queries.statement(volunteer, OCTOBER).records[0], 20, "签退晚了", coordinator)
        month = queries.statement(db.session.get_one(Volunteer, world.volunteer), OCTOBER)
        paper = statement_paper(month, "zh")
        assert [line.object_until for line in paper.lines] == [date(2026, 12, 24), None]
        assert paper.object_until == date(2026, 12, 4)
        assert [deadlines.objection_until(each) for each in month.records] == [date(2026, 12, 24), date(2026, 12, 4)]


def test_a_new_version_names_the_certificates_that_hold_the_older_one(both: Flask) -> None:
    world = served_world(both)
    with both.app_context():
        with transaction():
            _, volunteer, coordinator = world.get()
            certificate = actions.issue_certificate(volunteer, OCTOBER, TODAY, coordinator)
        first = queries.statement(volunteer, OCTOBER).records[0]
        assert trails.trail(first, "zh").held == {}
        make.set_clock("2026-11-26 10:00")
        with transaction():
            newer = correct(first, 20, "签退晚了", coordinator)
        assert isinstance(newer, ServiceRecord)
        held = trails.trail(newer, "zh").held
        assert {number: (then.version, then.minutes) for number, then in held.items()} == {certificate.id: (1, 35)}


def test_the_page_of_a_new_version_says_what_the_certificate_still_says(world: World, desk: Browser, app: Flask) -> None:
    with app.app_context():
        with transaction():
            _, volunteer, coordinator = world.get()
            actions.issue_certificate(volunteer, OCTOBER, TODAY, coordinator)
        make.set_clock("2026-11-25 10:45")
        with transaction():
            newer = correct(queries.statement(volunteer, OCTOBER).records[0], 20, "签退晚了", coordinator)
        assert isinstance(newer, ServiceRecord)
        path = f"/books/hours/{newer.id}"
    assert "证明上是第 1 版，35 分钟" in desk.get(path).text
