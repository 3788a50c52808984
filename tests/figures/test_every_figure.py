"""Every figure of every page, paper and workbook equals an independent fold of the raw rows, over months that were lived."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from tests import databases
from tests.browser import Browser, open_browser
from tests.conftest import migrated, served
from tests.figures.differences import Compared, Look
from tests.figures.fold import Raw, day_of
from tests.figures.lived import MONDAY, Lived, months_of
from tests.figures.own import Own
from timebank import clock
from timebank.access import actions, guards
from timebank.access.models import User
from timebank.books import passbooks
from timebank.certificates import actions as certificates
from timebank.db import db, transaction
from timebank.records.totals import VOLUNTARY
from timebank.visits.closing import MonthClose
from timebank.visits.models import ServiceRecord
from timebank.volunteers.models import Volunteer

WEEKS_IN_CI, WEEKS = 3, 104
CERTIFIED = 3


def signed_in(app: Flask, user: int) -> Browser:
    """Return the browser of somebody of the office."""
    browser = open_browser(app)
    with app.app_context(), transaction():
        token, _session = actions.sign_in(db.session.get_one(User, user))
    with app.test_request_context():
        browser.set_cookie(guards.cookie_name(), token)
    return browser


def with_passbooks(app: Flask, life: Lived) -> dict[int, int]:
    """Open a paper passbook for some volunteers; return the number of the last transfer before each."""
    with app.app_context(), transaction():
        by = db.session.get_one(User, life.office[0])
        people = [db.session.get_one(Volunteer, who) for who in life.people[:CERTIFIED]]
        return {each.id: passbooks.open_book(each, by).after_seq for each in people}


def with_certificates(app: Flask, life: Lived) -> list[tuple[int, int, date, date]]:
    """Issue certificates over everything lived; return the number, the person and the days of each."""
    with app.app_context():
        first, last, made = MONDAY, clock.today(), []
        served = select(Volunteer).join(ServiceRecord).where(VOLUNTARY, Volunteer.staff.is_(False)).order_by(Volunteer.id).distinct()
        for person in list(db.session.scalars(served.limit(CERTIFIED))):
            with transaction():
                by = db.session.get_one(User, life.office[0])
                made.append((certificates.issue_certificate(person, first, last, by).id, person.id, first, last))
        return made


def lived(url: str, folder: Path, weeks: int, seed: int) -> Iterator[tuple[Own, Lived]]:
    """Live some weeks and give who compares: the office, and volunteers with what is their own."""
    with served(url, folder) as app:
        life = Lived(app, seed)
        books = with_passbooks(app, life)
        life.weeks(weeks)
        certified = with_certificates(app, life)
        with app.app_context(), db.engine.connect() as connection:
            raw = Raw(connection)
        look = Look(signed_in(app, life.office[0]), raw, folder)
        look.certified = [(number, raw.by["volunteer"][person], *days) for number, person, *days in certified]
        yield Own(look, partial(signed_in, app), books), life


def everything(own: Own) -> Compared:
    """Compare every figure that somebody sees of the months that were lived."""
    months = months_of(own.look.browser.application)
    own.look.everything(months)
    own.everything(months)
    return own.look.found


def a_year_later(own: Own, life: Lived) -> None:
    """Print every closed month again a year later and compare it with what was printed when it was closed, byte for byte."""
    now = clock.now()
    clock.clock.start_at(now + timedelta(days=366))
    with own.look.browser.application.app_context():
        for month, papers in life.kept.items():
            again = life.papers(db.session.scalars(select(MonthClose).where(MonthClose.month == month)).one())
            own.look.found.same(
                f"{month:%Y-%m} papers a year later",
                {name: again[name] == paper for name, paper in papers.items()},
                dict.fromkeys(papers, True),
            )
    clock.clock.start_at(now)


def a_wrong_change_is_found(own: Own) -> None:
    """Let what came after its month was closed be wrong by one minute, and see it found in both months and in every export."""
    raw, look = own.look.raw, own.look
    month = clock.month_of(clock.today())
    late = raw.made_in(month)[0].row
    late["minutes"] += 1
    for each in (day_of(late["day"]).replace(day=1), month):
        look.report(each)
        look.books(each)
    look.taken_along(month, clock.today())
    where = " ".join(each.split(":")[0] for each in look.found.different)
    for part in (
        "本月更正的以前月份 page",
        "since page",
        "since workbook",
        "workbook corrections",
        "taken along corrections",
    ):
        assert part in where


# Half a minute each; on SQLite the week with a wrong figure is compared in every run.
@pytest.mark.parametrize("kind", [pytest.param("sqlite", marks=pytest.mark.long), "postgresql"])
def test_every_figure_of_the_months_lived_equals_the_fold_on_both_databases(
    kind: str, tmp_path: Path, folder: Path, request: pytest.FixtureRequest
) -> None:
    server = request.getfixturevalue("server") if kind == "postgresql" else ""
    url = databases.fresh_database(kind, migrated, folder=folder, server=server)
    for own, life in lived(url, tmp_path, WEEKS_IN_CI, seed=3):
        found = everything(own)
        a_year_later(own, life)
        assert found.different == []
        assert found.figures > 2000
        assert own.look.raw.closes
        a_wrong_change_is_found(own)


def test_a_figure_that_is_wrong_by_one_minute_or_one_person_is_found(tmp_path: Path, folder: Path) -> None:
    for own, _life in lived(databases.fresh_database("sqlite", migrated, folder=folder), tmp_path, 1, seed=4):
        seen = {person["id"] for person in own.people()}
        record = next(row for row in own.look.raw.counting if not own.look.raw.paid(row) and row["volunteer_id"] in seen)
        record["minutes"] += 1
        found = everything(own)
        where = " ".join(each.split(":")[0] for each in found.different)
        for part in (
            "各项服务 page",
            "各项服务 workbook",
            "各项服务 paper",
            "星期几 page",
            "近 12 个月 page",
            "谁确认的、凭什么 page",
            "statement",
            "national",
            "phone",
        ):
            assert part in where


@pytest.mark.long
def test_every_figure_of_two_years_equals_the_fold(tmp_path: Path, folder: Path) -> None:
    url = databases.fresh_database("sqlite", migrated, folder=folder)
    for own, life in lived(url, tmp_path, WEEKS, seed=5):
        found = everything(own)
        a_year_later(own, life)
        assert found.different == []
        assert found.figures > 30_000
