"""Months close: statements are issued, numbered and kept; what is corrected later stands in the month in which it is made."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import builders as make
from tests.served import World, record, served_world
from timebank import clock, jobs
from timebank.access.models import Role, User
from timebank.books import closing
from timebank.books import queries as books
from timebank.books.printing import given_paper, print_statement, statement_paper, statement_workbook
from timebank.catalogue.models import ServiceKind
from timebank.credit.models import CreditSetting
from timebank.db import db, transaction
from timebank.errors import Conflict, Invalid
from timebank.notices.models import Notice
from timebank.records import changes, totals
from timebank.records.actions import objecting
from timebank.reports import given, groups, redemption, yearly
from timebank.reports import monthly as reports
from timebank.reports import report_paper as reporting
from timebank.reports.issued import IssuedReport, IssuedStatement, PaperSort
from timebank.visits.actions.correcting import correct
from timebank.visits.closing import MonthClose
from timebank.visits.deadlines import objection_until
from timebank.visits.models import ServiceRecord, VisitState
from timebank.volunteers.models import Unit, Volunteer

OCTOBER, NOVEMBER, DECEMBER = date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)


def the_volunteer(world: World) -> Volunteer:
    """Return the volunteer in the open session."""
    return db.session.get_one(Volunteer, world.volunteer)


def month_of(world: World, month: date) -> books.Month:
    """Return the volunteer's month."""
    return books.statement(the_volunteer(world), month)


def close(world: World, month: date = OCTOBER, by: User | None = None, *, anyway: bool = False) -> MonthClose:
    """Close a month, by the clock unless somebody does."""
    with transaction():
        return closing.close(world.get()[0], month, by, anyway=anyway)


def put_right(world: World, month: date, place: int, minutes: int, reason: str = "签退晚了") -> ServiceRecord:
    """Correct one of a month's records as it stands now."""
    with transaction():
        days = (ServiceRecord.day >= month, ServiceRecord.day < clock.next_month(month), ServiceRecord.current)
        found = db.session.scalars(select(ServiceRecord).where(*days).order_by(ServiceRecord.day)).all()[place]
        made = correct(found, minutes, reason, world.get()[2])
        assert isinstance(made, ServiceRecord)
        return made


def papers(world: World, month: date = OCTOBER) -> dict[str, bytes]:
    """Return everything that is printed of a volunteer's month."""
    found = month_of(world, month)
    printed = {f"pdf {each}": print_statement(found, language=each) for each in closing.LANGUAGES}
    return printed | {f"xlsx {each}": statement_workbook(found, language=each) for each in closing.LANGUAGES}


def test_a_closed_month_is_numbered_and_carries_the_head_of_its_moment(both: Flask) -> None:
    world = served_world(both)
    with both.app_context():
        made = close(world)
        (issued,) = closing.statements_of(made)
        assert issued.number == "DZ-PINE-STREET-2026-10-0001"
        paper = given_paper(month_of(world, OCTOBER), "zh")
        assert (paper.number, paper.chain_row, paper.chain_head) == (issued.number, made.head_seq, made.head_hash)
        with transaction():
            record(the_volunteer(world), db.session.get_one(ServiceKind, world.hair), date(2026, 11, 24), 25)
        assert given_paper(month_of(world, OCTOBER), "zh").chain_row == made.head_seq


def test_a_closed_month_is_reproduced_byte_for_byte_a_year_later(both: Flask) -> None:
    world = served_world(both)
    with both.app_context():
        close(world)
        before = papers(world)
        put_right(world, OCTOBER, 0, 20)
        put_right(world, OCTOBER, 1, 0, "人没有去")
        with transaction():
            community, volunteer, coordinator = world.get()
            volunteer.name, community.issuer, community.phone = "王秀芳", "换了名的居委会", "0532-99"
            db.session.get_one(ServiceKind, world.hair).name = "理发"
            make.add(
                CreditSetting(community_id=community.id, name="auto_days", value="9", changed_by=coordinator.id, changed_at=clock.now())
            )
        make.set_clock("2027-11-26 09:00")
        assert papers(world) == before


def test_an_open_month_is_not_yet_numbered_and_goes_on(both: Flask) -> None:
    world = served_world(both)
    with both.app_context():
        assert given_paper(month_of(world, NOVEMBER), "zh").number == ""
        put_right(world, NOVEMBER, 0, 30)
        assert (month_of(world, NOVEMBER).minutes, list(month_of(world, NOVEMBER).corrections)) == (30, [])


def test_a_correction_of_a_closed_month_stands_in_the_month_it_is_made_in_both_books(both: Flask) -> None:
    world = served_world(both)
    with both.app_context():
        close(world)
        put_right(world, OCTOBER, 1, 16)
        october, november = month_of(world, OCTOBER), month_of(world, NOVEMBER)
        assert [(each.minutes, october.was.get(each.id)) for each in october.records] == [(35, None), (52, None)]
        assert (october.minutes, october.lifetime, [each.minutes for each in october.since]) == (87, 87, [-36])
        assert (november.minutes, november.lifetime) == (40, 91)
        assert october.lifetime + november.minutes + sum(each.minutes for each in november.corrections) == november.lifetime
        paper = statement_paper(november, "zh")
        (line,) = paper.corrections
        assert (line.month, line.before, line.after, line.credit, line.reason) == (OCTOBER, 52, 16, -36, "签退晚了")
        assert [(each.what, each.minutes) for each in paper.account_lines if "更正" in each.what] == [("更正2026年10月", -36)]
        assert sum(each.minutes for each in paper.account_lines) == paper.closing - paper.opening
        assert changes.by_month(november.corrections) == [changes.Moved(OCTOBER, 1, -36, -36)]


def test_a_correction_of_a_correction_across_months_and_the_year_is_each_where_it_was_made(both: Flask) -> None:
    world = served_world(both)
    with both.app_context():
        close(world)
        put_right(world, OCTOBER, 1, 30)
        make.set_clock("2026-12-07 10:00")
        close(world, NOVEMBER)
        given = papers(world, NOVEMBER)
        put_right(world, OCTOBER, 1, 10)
        make.set_clock("2027-01-08 10:00")
        close(world, DECEMBER)
        put_right(world, OCTOBER, 1, 0, "人没有去")
        months = [OCTOBER, NOVEMBER, DECEMBER, date(2027, 1, 1)]
        found = [month_of(world, each) for each in months]
        assert [[each.minutes for each in month.corrections] for month in found] == [[], [-22], [-20], [-10]]
        assert [month.lifetime for month in found] == [87, 105, 85, 75]
        assert papers(world, NOVEMBER) == given
        assert [each.account.closing for each in found] == [each.account.opening for each in found[1:]] + [75]


def test_what_comes_on_record_after_its_month_was_closed_stands_where_it_came(both: Flask) -> None:
    world = served_world(both)
    with both.app_context():
        close(world)
        with transaction():
            record(the_volunteer(world), db.session.get_one(ServiceKind, world.hair), date(2026, 10, 30), 25, start=540)
        october, november = month_of(world, OCTOBER), month_of(world, NOVEMBER)
        assert (october.minutes, november.minutes, november.lifetime) == (87, 40, 152)
        assert [(each.before, each.newer.minutes) for each in november.corrections] == [(0, 25)]
        assert statement_paper(november, "zh").corrections[0].reason == "月结以后才入账"


def test_months_before_the_first_one_closed_are_closed_with_it(both: Flask) -> None:
    world = served_world(both)
    with both.app_context():
        make.set_clock("2026-12-07 10:00")
        close(world, NOVEMBER)
        put_right(world, OCTOBER, 0, 5)
        assert (month_of(world, OCTOBER).minutes, month_of(world, DECEMBER).corrections[0].minutes) == (87, -30)
        with pytest.raises(Conflict, match="next is 2026-12"):
            close(world, OCTOBER)


def test_every_list_of_a_closed_month_keeps_its_figures(both: Flask) -> None:
    world = served_world(both)
    with both.app_context():
        with transaction():
            unit = make.add(Unit(community_id=world.community, name="第一中学"))
            helper = make.make_volunteer(world.get()[0], "丛树立", unit_id=unit.id)
            record(helper, db.session.get_one(ServiceKind, world.hair), date(2026, 10, 12), 20)
        close(world)
        put_right(world, OCTOBER, 0, 2)
        put_right(world, OCTOBER, 2, 16)
        place = reports.of_community(world.get()[0])
        assert reports.monthly(place, OCTOBER).minutes == 107
        assert dict(reports.monthly(place, NOVEMBER).by_month)[OCTOBER] == 107
        assert [each.minutes for each in reports.monthly(place, NOVEMBER).corrections] == [-54]
        assert groups.group_month("unit", db.session.get_one(Unit, unit.id), OCTOBER).minutes == 20
        assert dict(totals.minutes_by_month(the_volunteer(world), [OCTOBER])) == {OCTOBER: 87}
        row = next(each for each in books.standings(world.community, OCTOBER) if each.volunteer.id == world.volunteer)
        assert (row.month_visits, row.month_minutes, row.lifetime) == (2, 87, 91)


def test_the_report_of_a_closed_month_says_what_was_given_and_what_changed_since(both: Flask) -> None:
    world = served_world(both)
    with both.app_context():
        close(world)

        def shown() -> object:
            return given.given_tables(world.community, OCTOBER, PaperSort.REPORT, world.community, "zh")

        before = shown()
        put_right(world, OCTOBER, 1, 16)
        with transaction():
            world.get()[0].name = "改了名的社区"
        assert shown() == before
        paper = given.given_tables(world.community, OCTOBER, PaperSort.REPORT, world.community, "zh")
        assert paper is not None
        since = changes.made_to(OCTOBER, NOVEMBER, totals.UNPAID)
        shown = reporting.with_changes(paper, since, "zh").tables[1]
        assert (shown.title, shown.rows[0][3:], "−0.6 小时" in shown.note) == ("月结以后更正的", (52, 16, -36), True)
        assert reporting.with_changes(paper, [], "zh") is paper


def test_health_and_clearing_of_a_month_are_those_of_its_end(both: Flask) -> None:
    world = served_world(both)
    with both.app_context():
        with transaction():
            community, volunteer, _ = world.get()
            home = make.make_household(community)
            visit = make.make_visit(
                make.make_request(community, volunteer and db.session.get_one(ServiceKind, world.hair), home, boxes=0), date(2026, 10, 28)
            )
            visit.state, visit.day = VisitState.DONE, date(2026, 10, 28)
            waiting = visit.id
        october = redemption.health([world.community], OCTOBER)
        assert (october.stored, redemption.health([world.community], NOVEMBER).stored) == (87, 127)
        assert october.oldest_credit == date(2026, 10, 30)
        before = redemption.clearing([world.community], OCTOBER)
        assert (before.waiting, before.oldest, before.days) == (1, date(2026, 10, 28), 3)
        assert redemption.clearing([world.community], NOVEMBER).days == 28
        assert waiting


def test_the_running_month_is_not_closed_nor_one_to_come(both: Flask) -> None:
    world = served_world(both)
    with both.app_context():
        for month in (NOVEMBER, DECEMBER):
            with pytest.raises(Conflict, match="is not over; it can be closed from"):
                close(world, month)
        assert db.session.scalar(select(func.count()).select_from(MonthClose)) == 0


def test_a_month_is_closed_once_also_by_two_at_one_moment(both: Flask) -> None:
    world = served_world(both)

    def tap() -> str:
        with both.app_context():
            try:
                close(world)
            except Conflict as refused:
                return refused.en
            finally:
                db.session.remove()
            return "closed"

    with ThreadPoolExecutor(3) as hands:
        said = sorted(each.result() for each in [hands.submit(tap) for _ in range(3)])
    assert said[2] == "closed"
    assert all("was closed on 2026-11-25" in each for each in said[:2])
    with both.app_context():
        assert db.session.scalar(select(func.count()).select_from(IssuedStatement)) == 1


def test_what_is_open_is_said_before_a_month_is_closed_by_hand_and_holds_nothing_up(both: Flask) -> None:
    world = served_world(both)
    with both.app_context():
        with transaction():
            objecting.object_to(month_of(world, OCTOBER).records[0], the_volunteer(world), "少记了")
        coordinator = world.get()[2]
        with pytest.raises(Conflict, match="1 things of 2026-10 are still open"):
            close(world, OCTOBER, coordinator)
        assert db.session.scalar(select(func.count()).select_from(IssuedReport)) == 0
        made = close(world, OCTOBER, world.get()[2], anyway=True)
        assert (made.left_open, made.closed_by) == (1, world.coordinator)


def test_the_clock_closes_the_month_on_its_day_and_catches_up(app: Flask, world: World) -> None:
    with app.app_context():
        with transaction():
            closing.set_day(world.get()[0], 8)
        make.set_clock("2026-12-07 23:00")
        assert closing.due(clock.today()) == [(world.community, OCTOBER)] or closing.due(clock.today()) == []
        jobs.keep_house()
        assert not [each for each in db.session.scalars(select(MonthClose)) if each.month == NOVEMBER]
        make.set_clock("2027-02-08 09:00")
        jobs.keep_house()
        jobs.keep_house()
        months = db.session.scalars(select(MonthClose.month).order_by(MonthClose.month)).all()
        assert months[-1] == date(2027, 1, 1)
        assert len(set(months)) == len(months)


def test_whoever_signs_in_is_told_and_anybody_else_is_handed_the_paper(both: Flask) -> None:
    world = served_world(both)
    with both.app_context():
        with transaction():
            community, volunteer, _ = world.get()
            volunteer.user_id = make.make_user(Role.VOLUNTEER, community).id
            other = make.make_volunteer(community, "于淑珍", has_phone=False)
            record(other, db.session.get_one(ServiceKind, world.hair), date(2026, 10, 20), 30)
        made = close(world)
        (said,) = [each.text for each in db.session.scalars(select(Notice)) if each.template == "statement"]
        assert "10月对账单出来了：服务 1.5 小时" in said
        assert "12月24日前可提异议" in said
        (row,) = closing.closed_months(world.community)
        assert (row.statements, row.told, row.to_hand) == (2, 1, 1)
        assert closing.print_all(made, language="zh").startswith(b"%PDF")
        assert closing.print_all(made, language="zh", on_paper=True) != closing.print_all(made, language="zh")
        with transaction():
            assert closing.hand_over(db.session.get_one(MonthClose, made.id), world.get()[2]) == 1
        with pytest.raises(Conflict, match="handed over already"), transaction():
            closing.hand_over(db.session.get_one(MonthClose, made.id), world.get()[2])


def test_an_objection_has_thirty_days_from_the_statement_it_stands_on(both: Flask) -> None:
    world = served_world(both)
    with both.app_context():
        close(world)
        october = month_of(world, OCTOBER)
        assert october.object_until == objection_until(october.records[0]) == date(2026, 12, 24)
        newer = put_right(world, OCTOBER, 0, 20)
        assert objection_until(newer) == date(2027, 1, 3)
        assert statement_paper(month_of(world, NOVEMBER), "zh").corrections[0].until == date(2027, 1, 3)
        assert [each.object_until for each in given_paper(month_of(world, OCTOBER), "zh").lines] == [None, None]


def test_the_day_of_the_month_is_one_that_every_month_has(app: Flask, world: World) -> None:
    with app.app_context():
        for day in (0, 29):
            with pytest.raises(Invalid), transaction():
                closing.set_day(world.get()[0], day)


def test_closing_never_keeps_a_correction_from_taking_effect(both: Flask) -> None:
    world = served_world(both)

    def put_it_right() -> int:
        with both.app_context():
            try:
                return put_right(world, OCTOBER, 0, 20).minutes
            finally:
                db.session.remove()

    def shut_it() -> int:
        with both.app_context():
            try:
                return close(world).last_record
            finally:
                db.session.remove()

    with ThreadPoolExecutor(2) as hands:
        corrected, last = hands.submit(put_it_right), hands.submit(shut_it)
        assert corrected.result() == 20
        assert last.result() > 0
    with both.app_context():
        october, november = month_of(world, OCTOBER), month_of(world, NOVEMBER)
        assert given_paper(october, "zh").record_minutes == october.minutes
        assert october.minutes + sum(each.minutes for each in november.corrections) == 72


def test_the_statements_of_forty_five_are_one_file_within_ten_seconds(app: Flask, world: World) -> None:
    with app.app_context():
        with transaction():
            community, kind = world.get()[0], db.session.get_one(ServiceKind, world.hair)
            for number in range(44):
                other = make.make_volunteer(community, f"于淑珍{number}", has_phone=False)
                for day in range(5, 12):
                    record(other, kind, date(2026, 10, day), 30 + number)
        made = close(world)
        began = time.perf_counter()
        paper = closing.print_all(made, language="zh")
        assert time.perf_counter() - began < 10
        assert paper.startswith(b"%PDF")
        assert len(closing.statements_of(made)) == 45


def test_the_yearly_summary_says_what_changed_since_its_months_were_closed(both: Flask) -> None:
    world = served_world(both)
    with both.app_context():
        close(world)
        assert yearly.yearly(world.get()[0], 2026).since == 0
        put_right(world, OCTOBER, 1, 16)
        found = yearly.yearly(world.get()[0], 2026)
        given = [reports.monthly(reports.of_community(world.get()[0]), each).minutes for each in (OCTOBER, NOVEMBER)]
        assert found.whole.minutes == sum(given) + found.since == 91
        assert any("−0.6 小时" in note for note in yearly.yearly_paper(found, "zh").notes)


def test_a_street_adds_up_what_its_communities_closed_with(both: Flask) -> None:
    world = served_world(both)
    with both.app_context():
        close(world)
        put_right(world, OCTOBER, 1, 16)
        street = reports.of_street([world.get()[0]])
        found = reports.monthly(street, OCTOBER)
        assert (found.minutes, [each.minutes for each in changes.made_to(OCTOBER, NOVEMBER, reports.of(street))]) == (87, [-36])
