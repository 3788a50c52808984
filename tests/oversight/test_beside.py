"""What stands beside the trail: what only another person may settle, who settled what, and whether the time book is whole."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.browser import Browser
from tests.ledger.test_verify import _tamper
from tests.records.conftest import Office, open_office
from tests.records.test_checks import LAST_WEEK, the_finding
from timebank import clock
from timebank.access.models import Role
from timebank.db import db, transaction
from timebank.ledger import actions as ledger
from timebank.oversight import beside as beside_trail
from timebank.proposals import actions as proposals
from timebank.proposals import queries
from timebank.proposals.models import Kind
from timebank.records.actions import checking
from timebank.records.models import Settled
from timebank.visits.actions import correcting
from timebank.volunteers.models import Volunteer


@pytest.fixture
def office(app: Flask) -> Office:
    return open_office(app)


def beside(page: str) -> str:
    """Return what stands beside the list, without what the frame of every page says below it."""
    return page.split("要另一个人来定", 1)[1].split('class="banner', 1)[0]


def test_an_open_flag_says_how_long_it_has_waited_and_leads_to_its_week(
    office: Office, app: Flask, sign_in_as: Callable[..., Browser]
) -> None:
    with app.app_context():
        finding = the_finding(office)
        name = finding.volunteer.name
    page = sign_in_as(Role.INSPECTOR, office.community).get("/trail").text
    assert "120 分钟" in beside(page)
    assert f"checks?week={clock.week_name(LAST_WEEK)}" in beside(page)
    assert "等了 4 天" in beside(page)
    assert name not in page


def test_once_settled_it_stands_with_whoever_settled_it(office: Office, app: Flask, sign_in_as: Callable[..., Browser]) -> None:
    with app.app_context():
        finding = the_finding(office)
        with transaction():
            checking.settle(finding, Settled.IN_ORDER, "老人那天要多聊一会儿", office.user("first"))
        who = office.user("first").shown_name
    page = beside(sign_in_as(Role.INSPECTOR, office.community).get("/trail").text)
    waiting, settled = page.split("已经定了的", 1)
    assert "没有等着别人来定的" in waiting
    assert who in settled
    assert "老人那天要多聊一会儿" in settled


def test_what_a_colleague_asked_for_is_not_theirs_to_decide(office: Office, app: Flask, sign_in_as: Callable[..., Browser]) -> None:
    with app.app_context():
        record = the_finding(office).record
        with transaction():
            correcting.correct(record, record.minutes + 30, "漏记半小时", office.user("first"))
        who, name = office.user("first").shown_name, record.volunteer.name
    page = beside(sign_in_as(Role.ADMIN, office.community).get("/trail").text)
    assert f"{who}提出的，要由另一位同事决定" in page
    assert "更正一条记录，多记分钟" in page
    assert name not in page


def test_what_a_second_person_decided_stands_with_both_names(office: Office, app: Flask, sign_in_as: Callable[..., Browser]) -> None:
    with app.app_context():
        record = the_finding(office).record
        with transaction():
            correcting.correct(record, 150, "漏记半小时", office.user("first"))
        with transaction():
            proposals.refuse(queries.pending(office.community)[0], office.user("second"), "没有凭据")
        names = [office.user(each).shown_name for each in ("first", "second")]
    settled = beside(sign_in_as(Role.INSPECTOR, office.community).get("/trail").text).split("已经定了的", 1)[1]
    assert all(name in settled for name in names)
    assert "没有同意" in settled


def test_everything_that_two_people_decide_has_its_word() -> None:
    assert set(beside_trail.ASKED_FOR) == set(Kind)


def test_the_time_book_is_examined_when_asked_and_a_changed_row_is_said(
    office: Office, app: Flask, sign_in_as: Callable[..., Browser]
) -> None:
    with app.app_context():
        with transaction():
            account = db.session.get_one(Volunteer, office.volunteer).account_id
            made = ledger.fill_pool(office.community, 60, source="test", idem=("t", "1"), actor="user:1")
            seq = made.seq
        assert account
    inspector = sign_in_as(Role.INSPECTOR, office.community)
    plain = inspector.get("/trail").text
    assert 'role="status"' not in beside(plain)
    assert 'role="status"' in beside(inspector.get("/trail?examine=1").text)
    assert 'class="error"' not in beside(inspector.get("/trail?examine=1").text)
    with app.app_context():
        _tamper(seq, "minutes", 600)
    assert 'class="error"' in beside(inspector.get("/trail?examine=1").text)
