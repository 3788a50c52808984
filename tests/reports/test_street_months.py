"""The month of a street: persons, person-times and hours apart, and every total the sum of what its communities closed with."""

import io
from collections.abc import Callable
from datetime import date, timedelta

import pytest
import python_calamine
from flask import Flask

from tests import builders as make
from tests.browser import Browser
from tests.lending.test_lending import Pair, build, serve_away
from tests.served import record
from timebank.access.models import Role
from timebank.books import closing
from timebank.catalogue.models import ServiceKind
from timebank.db import db, transaction
from timebank.papers.tables import Table, TablesPaper
from timebank.places.models import Community
from timebank.places.queries import communities_of
from timebank.reports import given
from timebank.reports import monthly as reports
from timebank.reports import report_paper as reporting
from timebank.reports.issued import PaperSort
from timebank.reports.redemption import clearing, health
from timebank.visits.actions.correcting import correct
from timebank.visits.models import ServiceRecord
from timebank.volunteers import actions as volunteers
from timebank.volunteers.models import Unit

OCTOBER = date(2026, 10, 1)
FIGURES = slice(2, 5)
"""Of a row of figures what adds up over communities: visits, doors, minutes. Persons are counted once, so they do not."""


@pytest.fixture
def street(app: Flask) -> list[int]:
    """Give three communities of a street with an October of their own: teams, a unit, a couple at one door, a crew of two."""
    with app.app_context():
        make.set_clock("2026-10-30 12:00")
        with transaction():
            first = make.make_community("c0", name="甲社区")
            places = [
                first,
                *(make.make_community(f"c{each}", name=f"{mark}社区", street=first.street) for each, mark in ((1, "乙"), (2, "丙"))),
            ]
            hair, shop = make.make_kind("HAIR"), make.make_kind("SHOP", name="买菜代购", name_en="Shopping")
            for place, community in enumerate(places):
                carer, other = make.make_volunteer(community, "王洁"), make.make_volunteer(community, "李华")
                volunteers.join_team(volunteers.add_team(community.id, "送餐队"), carer, date(2026, 9, 1), "报名")
                unit = make.add(Unit(community_id=community.id, name="供电所"))
                make.make_standing(other, date(2026, 9, 1), unit_id=unit.id)
                served = record(carer, hair, date(2026, 10, 9), 30 + place)
                make.make_elder(served.visit.household, "老伴")
                record(other, shop, date(2026, 10, 12), 50 + place, start=600)
            return [each.id for each in places]


def paper_of(place: reports.Place) -> TablesPaper:
    """Return a place's October as a paper, as it stands."""
    shown = reports.monthly(place, OCTOBER)
    return reporting.report_paper(shown, health(place.communities, OCTOBER), clearing(place.communities, OCTOBER), "zh")


def table(paper: TablesPaper, title: str) -> Table:
    """Return a table of a paper."""
    return next(each for each in paper.tables if each.title == title)


def of_street(numbers: list[int]) -> reports.Place:
    """Return the street as the place of a report."""
    return reports.of_street(communities_of(db.session.get_one(Community, numbers[0]).street))


def test_persons_person_times_visits_and_hours_are_different_numbers(app: Flask, street: list[int]) -> None:
    with app.app_context():
        found = reports.monthly(of_street(street), OCTOBER)
        assert (found.elders, found.times, found.visits, found.volunteers) == (9, 9, 6, 6)
        paper = paper_of(of_street(street))
        assert [row[1:] for row in table(paper, "各社区服务了多少人").rows] == [(3, 3)] * 3
        assert "受益 9 人、9 人次" in " ".join(paper.notes)


def test_a_second_visit_is_another_time_for_the_same_person(app: Flask, street: list[int]) -> None:
    with app.app_context(), transaction():
        kind = db.session.query(ServiceKind).filter_by(code="HAIR").one()
        community = db.session.get_one(Community, street[0])
        carer = make.make_volunteer(community, "赵敏")
        again = record(carer, kind, date(2026, 10, 20), 20)
        first = db.session.query(ServiceRecord).filter_by(community_id=community.id, day=date(2026, 10, 9)).one()
        again.visit.household_id = first.visit.household_id
        db.session.flush()
        found = reports.monthly(of_street(street), OCTOBER)
        assert (found.elders, found.times, found.visits) == (9, 11, 7)


def test_the_totals_of_a_street_are_the_sum_of_what_its_communities_closed_with(app: Flask, street: list[int]) -> None:
    with app.app_context():
        make.set_clock("2026-11-06 09:00")
        with transaction():
            for number in street:
                closing.close(db.session.get_one(Community, number), OCTOBER, None)
        make.set_clock("2026-11-20 09:00")
        with transaction():
            late = db.session.get_one(Community, street[1])
            changed = db.session.query(ServiceRecord).filter_by(community_id=late.id, day=date(2026, 10, 9)).one()
            correct(changed, 10, "签退晚了", make.make_user(Role.COORDINATOR, late))
        whole = paper_of(of_street(street))
        kept = {number: given.given_tables(number, OCTOBER, PaperSort.REPORT, number, "zh") for number in street}
        names = {number: db.session.get_one(Community, number).name for number in street}
        rows = {row[0]: row for row in table(whole, "各社区").rows}
        for number, paper in kept.items():
            assert paper is not None
            assert rows[names[number]][FIGURES] == table(paper, "各项服务").total[FIGURES]
        for title in ("各项服务", "各楼栋", "星期几"):
            parts = [table(paper, title).total[FIGURES] for paper in kept.values() if paper is not None]
            assert tuple(map(sum, zip(*parts, strict=True))) == table(whole, title).total[FIGURES], title
        for title in ("各服务队", "各单位"):
            parts = {(names[number], *row) for number, paper in kept.items() if paper is not None for row in table(paper, title).rows}
            assert {(*str(row[0]).split(" · ", 1), *row[1:]) for row in table(whole, title).rows} == parts, title


def test_the_report_says_which_communities_have_not_closed_the_month(app: Flask, street: list[int]) -> None:
    with app.app_context():
        make.set_clock("2026-11-06 09:00")
        with transaction():
            closing.close(db.session.get_one(Community, street[0]), OCTOBER, None)
        notes = " ".join(paper_of(of_street(street)).notes)
        assert "还没有月结的社区：乙社区、丙社区" in notes
        with transaction():
            for number in street[1:]:
                closing.close(db.session.get_one(Community, number), OCTOBER, None)
        assert "还没有月结" not in " ".join(paper_of(of_street(street)).notes)
        assert "还没有月结" not in " ".join(paper_of(reports.of_community(db.session.get_one(Community, street[0]))).notes)


def test_page_pdf_and_workbook_of_a_street_say_the_same_to_its_officer(
    app: Flask, street: list[int], sign_in_as: Callable[..., Browser]
) -> None:
    browser = sign_in_as(Role.STREET_OFFICER, street[0])
    with app.app_context():
        number = db.session.get_one(Community, street[0]).street_id
        minutes = reports.monthly(of_street(street), OCTOBER).minutes
    page = browser.get(f"/report?street={number}&month=2026-10").text
    assert all(f"{mark}社区" in page for mark in "甲乙丙")
    assert "供电所" in page
    assert browser.get(f"/report/2026-10.pdf?street={number}").data[:5] == b"%PDF-"
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(browser.get(f"/report/2026-10.xlsx?street={number}").data))
    cells = [cell for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python() for cell in row]
    assert float(minutes) in cells
    assert "各社区服务了多少人" in book.sheet_names


def test_who_was_lent_is_one_person_of_the_street_and_counts_where_they_served(app: Flask) -> None:
    pair: Pair = build(app)
    serve_away(pair)
    with app.app_context(), transaction():
        kind = db.session.query(ServiceKind).filter_by(code="HAIR").one()
        record(pair.who, kind, make.MONDAY - timedelta(days=7), 25)
        place = of_street([pair.lender])
        found = reports.monthly(place, date(2026, 11, 1))
        own = [
            reports.monthly(reports.of_community(each), date(2026, 11, 1))
            for each in communities_of(db.session.get_one(Community, pair.lender).street)
        ]
        assert (found.volunteers, found.minutes) == (1, 65)
        assert sorted(each.minutes for each in own) == [25, 40]
        assert sum(each.volunteers for each in own) == 2
