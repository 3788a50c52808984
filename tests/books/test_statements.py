"""Both books of a month: they stay apart, add up, and every minute stands on exactly one statement."""

from datetime import date, timedelta

from flask import Flask

from tests import builders as make
from tests.served import TODAY, World, record
from timebank import clock
from timebank.books import queries as books
from timebank.books import trail as trails
from timebank.books.printing import statement_paper
from timebank.catalogue.models import ServiceKind
from timebank.db import db, transaction
from timebank.ledger import actions as ledger
from timebank.records import totals
from timebank.reports import monthly as reports
from timebank.today import sheets
from timebank.visits.actions import serving
from timebank.visits.actions.confirming import confirm_round
from timebank.visits.actions.correcting import correct
from timebank.visits.models import Round, Trust
from timebank.volunteers.models import Volunteer

OCTOBER = date(2026, 10, 1)
NOVEMBER = date(2026, 11, 1)


def month(world: World, of: date) -> books.Month:
    """Return the volunteer's month."""
    return books.statement(db.session.get_one(Volunteer, world.volunteer), of)


def test_a_month_holds_its_own_records_and_all_minutes_up_to_its_end(app: Flask, world: World) -> None:
    with app.app_context():
        october, november = month(world, OCTOBER), month(world, TODAY)
        assert [each.minutes for each in october.records] == [35, 52]
        assert (october.minutes, october.lifetime) == (87, 87)
        assert (november.minutes, november.lifetime) == (40, 127)


def test_opening_plus_movements_is_closing_and_the_next_opening(app: Flask, world: World) -> None:
    with app.app_context():
        october, november = month(world, OCTOBER), month(world, NOVEMBER)
        assert october.account.opening + october.moved.net == october.account.closing
        assert october.account.closing == november.account.opening


def test_spending_never_lowers_the_record_and_a_gift_never_raises_it(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        community, volunteer, _ = world.get()
        other = make.make_volunteer(community, "王建国")
        ledger.gift(volunteer.account_id, other.account_id, 60, source="gift:1", idem=("test", "1"), actor="user:1")
        before, given = books.statement(volunteer, NOVEMBER), books.statement(other, NOVEMBER)
        assert (before.minutes, before.lifetime, before.moved.spent) == (40, 127, 60)
        assert (given.minutes, given.lifetime, given.moved.credited) == (0, 0, 60)


def test_only_a_closed_month_names_the_last_day_for_objections(app: Flask, world: World) -> None:
    with app.app_context():
        assert month(world, OCTOBER).object_until == date(2026, 12, 4)
        assert month(world, NOVEMBER).object_until is None


def test_the_paper_shows_credits_for_service_as_one_line_and_the_head_of_the_chain(app: Flask, world: World) -> None:
    with app.app_context():
        paper = statement_paper(month(world, OCTOBER), "zh")
        assert [(line.what, line.minutes) for line in paper.account_lines] == [("服务存入 2 笔", 87)]
        assert [(line.what, line.mark_word) for line in paper.lines] == [("上门理发", "到访码"), ("买菜代购", "到期自动")]
        assert paper.closing == paper.opening + 87
        assert len(paper.chain_head) == 64
        assert paper.chain_row == month(world, OCTOBER).head.seq


def test_a_back_entry_and_a_correction_stay_marked(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        _, volunteer, coordinator = world.get()
        record(volunteer, db.session.get_one(ServiceKind, world.hair), date(2026, 11, 20), 30, Trust.TWO_PERSONS)
        correct(totals.records_of(volunteer, TODAY, TODAY + timedelta(days=1))[0], 25, "签退晚了", coordinator)
        marks = {line.minutes: line.entry for line in statement_paper(books.statement(volunteer, NOVEMBER), "zh").lines}
        assert marks == {30: "补录", 25: "更正"}


def test_the_list_of_a_community_shows_both_books_of_everybody(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        make.make_volunteer(make.make_community("sea-street"), "外社区")
        rows = books.standings(world.community, NOVEMBER)
        assert [(row.volunteer.name, row.month_visits, row.month_minutes, row.lifetime, row.balance) for row in rows] == [
            ("王秀芬", 1, 40, 127, 127)
        ]
        assert len(books.standings(None, NOVEMBER)) == 2
        assert books.standings(world.community, NOVEMBER, "李") == []


def test_the_monthly_report_keeps_persons_visits_and_hours_apart(app: Flask, world: World) -> None:
    with app.app_context():
        report = reports.monthly(reports.of_community(world.get()[0]), OCTOBER)
        assert (report.volunteers, report.elders, report.visits, report.doors, report.minutes) == (1, 2, 2, 2, 87)
        assert report.by_month[-1] == (OCTOBER, 87)
        assert len(report.by_month) == 12


def meal_round(world: World) -> Round:
    """Serve a round of three doors at noon and confirm it."""
    community, volunteer, coordinator = world.get()
    offers = make.make_round(community, volunteer, doors=3)
    meals = offers[0].round
    assert meals is not None
    make.set_clock("2026-11-25 10:50")
    serving.pick_up(meals, 3)
    for minute, offer in zip((5, 12, 20), offers, strict=True):
        make.set_clock(f"2026-11-25 11:{minute:02d}")
        serving.deliver(offer)
    confirm_round(meals, Trust.DESK, coordinator)
    return meals


def test_an_hour_can_be_followed_from_the_request_to_the_transfer(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        meals = meal_round(world)
        mine = next(each for each in month(world, NOVEMBER).records if each.round_id == meals.id)
        found = trails.trail(mine, "zh")
        assert [step.title for step in found.steps] == [
            "有人需要",
            "排进第 48 周",
            "接受了邀约",
            "食堂取餐",
            "最后一户送到",
            "已确认",
        ]
        assert mine.minutes == 30
        assert found.transfer is not None
        assert (found.transfer.minutes, found.transfer.seq) == (30, mine.transfer_seq)
        assert not found.is_reversed


def test_a_correction_shows_every_version_and_that_the_first_credit_was_reversed(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        coordinator = world.get()[2]
        first = month(world, OCTOBER).records[0]
        newer = correct(first, 20, "签退晚了", coordinator)
        assert [each.minutes for each in trails.trail(newer, "en").versions] == [35, 20]
        assert trails.trail(first, "en").is_reversed


def test_a_round_counts_once_and_its_doors_are_counted_apart(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        meal_round(world)
        meals = next(kind for kind in reports.monthly(reports.of_community(world.get()[0]), NOVEMBER).kinds if kind.name == "送餐上门")
        assert (meals.volunteers, meals.visits, meals.doors, meals.minutes) == (1, 1, 3, 30)


def test_a_day_sheet_names_doors_but_never_an_illness_or_a_code(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        community, volunteer, _ = world.get()
        offers = make.make_round(community, volunteer, doors=2)
        home = offers[0].visit.household
        home.door_note, home.elders[0].care_note, home.elders[0].diet = "门锁密码 4821", "高血压", "低盐"
        (sheet,) = sheets.day_sheets(community, TODAY, [volunteer.id], "zh", {})
        first = sheet.stops[0]
        assert (sheet.pickup_time, sheet.finish_time, len(sheet.stops)) == ("10:50", "11:08", 2)
        assert first.note == "进门方法请问服务站"
        assert first.who == "鞠奶奶"
        assert [(each.kind, each.count, each.special) for each in first.portions] == [("低盐", 1, True)]
        assert "4821" not in str(sheet)
        assert "高血压" not in str(sheet)


def test_the_kitchen_counts_boxes_by_kind_and_labels_each(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        community, volunteer, _ = world.get()
        offers = make.make_round(community, volunteer, doors=2, boxes=2)
        offers[1].visit.household.elders[0].diet = "软食"
        meals = offers[0].round
        assert meals is not None
        paper = sheets.kitchen_sheet(meals.canteen, TODAY, "zh")
        assert [(each.kind, each.count) for each in paper.totals] == [("普通", 3), ("软食", 1)]
        assert [(label.round, label.stop, label.kind) for label in paper.labels] == [
            ("R1", 1, "普通"),
            ("R1", 1, "普通"),
            ("R1", 2, "普通"),
            ("R1", 2, "软食"),
        ]
        assert "王秀芬" not in str(paper)
        assert paper.labels[0].eat_before == clock.hhmm(650 + sheets.EAT_WITHIN)
