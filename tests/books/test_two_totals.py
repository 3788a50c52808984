"""Two totals wherever a total stands: the hours the system signed, and the hours entered afterwards."""

import io
import re
from collections.abc import Callable
from datetime import date

import pytest
import python_calamine
from flask import Flask

from tests import builders as make
from tests.browser import Browser
from tests.records.conftest import open_office
from tests.served import TODAY, World, in_team, record, served_world
from timebank.books import printing as statements
from timebank.books import queries as books
from timebank.catalogue.models import ServiceKind
from timebank.certificates import actions, checking, printing
from timebank.certificates.models import Certificate
from timebank.db import db, transaction
from timebank.papers import seal, words
from timebank.places.models import Community
from timebank.records import totals
from timebank.reports import groups
from timebank.reports import monthly as reports
from timebank.visits import afterwards
from timebank.visits.actions import entering
from timebank.visits.models import Offer, ServiceRecord, Trust
from timebank.volunteers.models import Team, Volunteer
from timebank.volunteers.standing import frozen

YEAR = date(2026, 1, 1)
NOVEMBER = date(2026, 11, 1)


@pytest.fixture
def noted_first() -> Callable[[Volunteer], object]:
    """Let the volunteer be in a team from the new year on."""
    return in_team(YEAR)


def entered_later(world: World, day: date = date(2026, 11, 20), minutes: int = 30) -> ServiceRecord:
    """Put minutes on record for which two people stand, without a check-in."""
    return record(world.get()[1], db.session.get_one(ServiceKind, world.hair), day, minutes, Trust.TWO_PERSONS)


def plain(page: str) -> str:
    """Return the words of a page, in one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def from_paper(world: World, hand: int | None) -> ServiceRecord:
    """Put a round on record whose times somebody typed in from paper, or nobody did."""
    community, volunteer, _ = world.get()
    offers = make.make_round(community, volunteer, doors=2)
    offers[1].entered_by = hand
    begun = make.set_clock("2026-11-25 10:50")
    make.set_clock("2026-11-25 12:00")
    return make.add(
        ServiceRecord(
            community_id=community.id,
            volunteer_id=volunteer.id,
            round_id=offers[0].round_id,
            kind_id=offers[0].visit.kind_id,
            day=TODAY,
            **frozen(volunteer, TODAY),
            started_at=begun,
            ended_at=begun.replace(hour=11, minute=20),
            minutes=30,
            planned_minutes=30,
            trust=Trust.DESK,
            created_at=begun.replace(hour=11, minute=30),
        )
    )


def test_what_two_people_stand_for_without_a_check_in_is_entered_afterwards(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        entered_later(world)
        month = books.statement(world.get()[1], NOVEMBER)
        assert (month.minutes, month.entered, month.lifetime, month.lifetime_entered) == (70, 30, 157, 30)


def test_an_entry_by_hand_is_entered_afterwards(app: Flask) -> None:
    office = open_office(app)
    with app.app_context(), transaction():
        entering.post(entering.enter(office.draft(600, 645), office.user("first")), office.user("second"))
        report = reports.monthly(reports.of_community(db.session.get_one(Community, office.community)), NOVEMBER)
        assert (report.minutes, report.entered) == (45, 45)


@pytest.mark.parametrize(("typed", "later", "marked"), [(True, 30, "照纸录入"), (False, 0, "")])
def test_times_typed_from_a_paper_sheet_are_entered_afterwards_and_taps_are_not(
    app: Flask, world: World, typed: bool, later: int, marked: str
) -> None:
    with app.app_context(), transaction():
        meals = from_paper(world, world.coordinator if typed else None)
        month = books.statement(world.get()[1], NOVEMBER)
        assert (month.minutes, month.entered) == (70, later)
        assert words.entry(meals, "zh", afterwards.typed_among([meals])) == marked
        assert [line.entry for line in statements.statement_paper(month, "zh").lines] == [marked, ""]


def test_somebody_elses_typed_times_do_not_count_for_a_crew_mate(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        community, volunteer, _ = world.get()
        mine = totals.records_of(volunteer, TODAY, date(2026, 11, 26))[0]
        mate = make.make_volunteer(community, "丛立新")
        assert mine.visit is not None
        made: Offer = make.make_offer(mine.visit, mate, 870, TODAY, accepted=True)
        made.entered_by = world.coordinator
        assert afterwards.typed_among([mine]) == set()


def test_a_certificate_says_both_totals_under_its_seal_and_the_check_shows_them(app: Flask, client: Browser, world: World) -> None:
    with app.app_context(), transaction():
        _, volunteer, coordinator = world.get()
        entered_later(world)
        made = actions.issue_certificate(volunteer, YEAR, TODAY, coordinator)
        assert (made.content["total_minutes"], made.content["entered_minutes"]) == (157, 30)
        assert "17=127/2.1/30/0.5" in seal.lines(made.content)
        assert printing.certificate_paper(made, "https://bdg.example").entered_minutes == 30
        forged = dict(made.content) | {"entered_minutes": 0}
        assert seal.digest(seal.lines(forged)) != made.content_sha256
        address = f"/check/{made.number}/{made.check_code}"
    assert "系统签到 127 分钟（2.1 小时），事后录入 30 分钟（0.5 小时）" in plain(client.get(address).text)


def test_a_certificate_from_before_says_neither_and_is_still_whole(app: Flask, client: Browser, world: World) -> None:
    with app.app_context(), transaction():
        _, volunteer, coordinator = world.get()
        made = actions.issue_certificate(volunteer, YEAR, TODAY, coordinator)
        older = {name: value for name, value in made.content.items() if name not in {"entered_minutes", "name_latin"}}
        made.content, made.content_sha256 = older, seal.digest(seal.lines(older))
        assert actions.is_whole(made)
        assert checking.shown(made).entered is None
        assert printing.print_certificate(made, "https://bdg.example", language="en").startswith(b"%PDF")
        address, number = f"/check/{made.number}/{made.check_code}", made.id
    assert "事后录入" not in plain(client.get(address).text)
    with app.app_context():
        assert "事后录入" not in str(printing.certificate_paper(db.session.get_one(Certificate, number), ""))


def test_statement_books_report_team_and_workbook_say_both_totals(app: Flask, desk: Browser, phone: Browser, world: World) -> None:
    with app.app_context(), transaction():
        entered_later(world)
        number = db.session.scalars(db.select(Team)).one().id
    said = "系统签到 40 分钟（0.7 小时），事后录入 30 分钟（0.5 小时）"
    for browser, path in (
        (desk, f"/books/{world.volunteer}?month=2026-11"),
        (phone, "/my/hours?month=2026-11"),
        (desk, "/report?month=2026-11"),
        (desk, f"/groups/team/{number}?month=2026-11"),
    ):
        assert said in plain(browser.get(path).text), path
    assert "累计事后录入" in plain(desk.get("/books?month=2026-11").text)
    for path in (f"/books/{world.volunteer}/2026-11.xlsx", "/report/2026-11.xlsx", f"/groups/team/{number}/2026-11.xlsx"):
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(desk.get(path).data))
        cells = [str(cell) for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python() for cell in row]
        assert said in cells, path


def test_the_rows_of_a_group_and_of_a_report_add_up_to_both_totals(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        for day in range(10, 17):
            entered_later(world, date(2026, 11, day), 7)
        report = reports.monthly(reports.of_community(world.get()[0]), NOVEMBER)
        assert (report.minutes, report.entered, report.entered_by_month[-1]) == (89, 49, 49)
        assert sum(each.entered for each in report.weekdays) == sum(each.entered for each in report.buildings) == 49
        team = db.session.scalars(db.select(Team)).one()
        found = groups.group_month("team", team, NOVEMBER)
        assert (found.minutes, found.entered, sum(each.entered for each in found.kinds)) == (89, 49, 49)


def test_both_totals_are_the_same_on_both_databases(both: Flask) -> None:
    world = served_world(both)
    with both.app_context(), transaction():
        entered_later(world)
        from_paper(world, world.coordinator)
        volunteer = db.session.get_one(Volunteer, world.volunteer)
        assert [(row.lifetime, row.entered) for row in books.standings(world.community, TODAY)] == [(187, 60)]
        assert sum(kind.entered for kind in totals.totals_by_kind(volunteer, YEAR, TODAY)) == 60
        assert reports.monthly(reports.of_community(world.get()[0]), NOVEMBER).entered == 60
