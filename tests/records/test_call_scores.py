"""Call-backs score the service: by lot and all that is flagged, a score from one to five, the rate of a month by kind and by team."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.browser import Browser
from tests.records.conftest import Office, open_office, served
from tests.records.test_checks import LAST_WEEK, SEED, busy_week, checked
from timebank import clock
from timebank.db import db, transaction
from timebank.errors import Invalid
from timebank.places.models import Community
from timebank.records import checklists
from timebank.records.actions import checking
from timebank.records.models import CallBack, Drawn, Heard
from timebank.reports import monthly as reports
from timebank.reports import redemption
from timebank.reports import report_paper as reporting
from timebank.volunteers import actions as volunteers

NOVEMBER = date(2026, 11, 1)


def report_of(office: Office) -> reports.Report:
    """Return the office's November."""
    return reports.monthly(reports.of_community(db.session.get_one(Community, office.community)), NOVEMBER)


def test_everything_flagged_is_called_beside_the_lot_and_once(both: Flask) -> None:
    office = open_office(both)
    with both.app_context():
        busy_week(office)
        check = checked(office)
        flagged = {each.record_id for each in checklists.findings_of(check)}
        calls = checklists.calls_of(check)
        assert {each.record_id for each in calls} >= flagged
        assert sum(1 for each in calls if each.drawn is Drawn.LOT) == 3  # five in a hundred of 41, rounded up
        before = [each.id for each in calls]
        assert [each.id for each in checklists.calls_of(checked(office, SEED + 1))] == before


def test_a_score_comes_from_whoever_was_reached_and_stands_by_kind_and_team(office: Office, app: Flask) -> None:
    with app.app_context():
        with transaction():
            community = db.session.get_one(Community, office.community)
            volunteers.join_team(volunteers.add_team(community.id, "松坡服务队"), office.carer, date(2026, 11, 1), "本人愿意")
            for number in range(5):
                served(office.carer, office.kind, clock.at(LAST_WEEK + timedelta(days=number), 600), 41, planned_minutes=40)
        check = checked(office)
        with transaction():
            db.session.add_all(
                CallBack(check_id=check.id, record_id=record)
                for record in db.session.execute(text("SELECT id FROM service_record")).scalars().all()
                if record not in {each.record_id for each in checklists.calls_of(check)}
            )
        calls = checklists.calls_of(check)
        assert len(calls) == 5
        with pytest.raises(Invalid), transaction():
            checking.call(calls[0], Heard.NOT_REACHED, "", office.user("second"), 5)
        with transaction():
            for made, (heard, score) in zip(
                calls,
                [
                    (Heard.AS_RECORDED, 5),
                    (Heard.AS_RECORDED, 4),
                    (Heard.AS_RECORDED, 2),
                    (Heard.AS_RECORDED, None),
                    (Heard.NOT_REACHED, None),
                ],
                strict=True,
            ):
                checking.call(made, heard, "", office.user("second"), score)
        found = report_of(office).satisfaction
        assert found.whole.figures == (5, 4, 3, 2, 67, 3.7)
        assert [(row.name, row.counted.figures) for row in found.kinds] == [(office.kind.name, (5, 4, 3, 2, 67, 3.7))]
        assert [(row.name, row.counted.figures) for row in found.teams] == [("松坡服务队", (5, 4, 3, 2, 67, 3.7))]
        health, clearing = redemption.health([office.community], NOVEMBER), redemption.clearing([office.community], NOVEMBER)
        table = next(
            each for each in reporting.report_paper(report_of(office), health, clearing, "zh").tables if each.title == "回访满意度"
        )
        assert table.rows[-1] == ("队：松坡服务队", 5, 4, 3, 2, 67, 3.7)
        assert table.total == ("合计", 5, 4, 3, 2, 67, 3.7)


@pytest.mark.parametrize(
    "broken",
    [
        "score = 6, heard = 'as_recorded'",
        "score = 0, heard = 'as_recorded'",
        "score = 4, heard = 'not_reached'",
        "score = 4",
        "drawn = 'me'",
    ],
)
def test_the_database_keeps_a_score_between_one_and_five_of_somebody_reached(both: Flask, broken: str) -> None:
    office = open_office(both)
    with both.app_context():
        busy_week(office, 2)
        checked(office)
        heard = ', called_by = (SELECT min(id) FROM "user"), called_at = (SELECT checked_at FROM check_week)' if "heard" in broken else ""
        with pytest.raises(DBAPIError), transaction():
            db.session.execute(text(f"UPDATE call_back SET {broken}{heard}"))


def test_the_page_says_what_to_ask_and_takes_the_score(office: Office, app: Flask, sit: Callable[[str], Browser]) -> None:
    with app.app_context():
        busy_week(office, 3)
        check = checked(office)
        call = checklists.calls_of(check)[0].id
    desk = sit("second")
    page = desk.get("/checks?week=2026-W47").text
    assert "电话里照着说" in page
    assert "可疑的都要打" in page
    assert desk.send(f"/call-backs/{call}", heard="as_recorded", score="9").status_code == 422
    assert desk.send(f"/call-backs/{call}", heard="as_recorded", score="4").status_code == 303
    with app.app_context():
        assert db.session.get_one(CallBack, call).score == 4
    assert "4 分" in desk.get("/checks?week=2026-W47").text
