"""The books, the register and the report say the same on SQLite and on PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

from flask import Flask

from tests.served import TODAY, served_world
from timebank.books import queries as books
from timebank.certificates import actions, checking
from timebank.certificates import queries as register
from timebank.db import db, transaction
from timebank.reports import monthly as reports


def test_books_register_and_report_say_the_same(both: Flask) -> None:
    world = served_world(both)
    with both.app_context():
        with transaction():
            _, volunteer, coordinator = world.get()
            first = actions.issue_certificate(volunteer, date(2026, 1, 1), TODAY, coordinator)
            second = actions.replace(first, coordinator, "负责人换了")
            assert (first.serial, second.serial) == (1, 2)
            assert checking.check(second.number, second.check_code) is second
            assert checking.check(second.number, first.check_code) is None
        _, volunteer, _ = world.get()
        month = books.statement(volunteer, date(2026, 10, 1))
        assert (month.minutes, month.account.closing, month.lifetime) == (87, 87, 87)
        assert [row.lifetime for row in books.standings(world.community, TODAY, "王")] == [127]
        assert len(db.session.scalars(register.register(world.community, "zm-pine")).all()) == 2
        report = reports.monthly(reports.of_community(world.get()[0]), date(2026, 10, 1))
        assert (report.volunteers, report.elders, report.visits, report.minutes) == (1, 2, 2, 87)


def test_two_taps_at_the_same_moment_give_one_certificate(both: Flask) -> None:
    world = served_world(both)

    def tap() -> str:
        with both.app_context():
            try:
                with transaction():
                    _, volunteer, coordinator = world.get()
                    return actions.issue_certificate(volunteer, date(2026, 1, 1), TODAY, coordinator).number
            finally:
                db.session.remove()

    with ThreadPoolExecutor(4) as hands:
        numbers = [each.result() for each in [hands.submit(tap) for _ in range(4)]]
    assert set(numbers) == {"ZM-PINE-STREET-2026-000001"}
