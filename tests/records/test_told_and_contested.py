"""A correction is told to whom it concerns, stays to be seen, and is contested before somebody else than who made it."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from tests import builders as make
from tests.browser import Browser
from tests.records.conftest import TUESDAY, Office, open_office, served
from timebank import clock
from timebank.access.models import Role
from timebank.db import db, transaction
from timebank.errors import Conflict
from timebank.notices.models import Notice
from timebank.proposals import actions as proposals
from timebank.proposals.models import Proposal
from timebank.records.actions import objecting
from timebank.visits.actions.correcting import correct
from timebank.visits.models import ServiceRecord


def told(template: str) -> list[str]:
    """Return the messages of one kind, oldest first."""
    return [each.text for each in db.session.scalars(select(Notice).order_by(Notice.id)) if each.template == template]


def on_record(office: Office) -> ServiceRecord:
    """Put 40 minutes of Tuesday on record."""
    with transaction():
        return served(office.carer, office.kind, clock.at(TUESDAY, 600), 40)


def test_a_correction_tells_the_volunteer_old_new_why_and_until_when_to_object(both: Flask) -> None:
    office = open_office(both)
    with both.app_context():
        record = on_record(office)
        with transaction():
            correct(record, 34, "签退晚点了", office.user("first"))
        assert told("correction") == ["【时间银行】11月24日 上门理发由 40 改记 34 分钟：签退晚点了。1月3日前可提异议。"]


def test_minutes_that_two_people_add_are_told_once_they_stand_and_not_before(both: Flask) -> None:
    office = open_office(both)
    with both.app_context():
        record = on_record(office)
        with transaction():
            asked = correct(record, 50, "其实做了 50 分钟", office.user("first"))
        assert isinstance(asked, Proposal)
        assert told("correction") == []
        with transaction():
            proposals.agree(asked, office.user("second"))
        assert ["由 40 改记 50 分钟" in each for each in told("correction")] == [True]


def test_whoever_reads_english_is_told_in_english(office: Office, app: Flask) -> None:
    with app.app_context():
        record = on_record(office)
        with transaction():
            office.user("owner").locale = "en"
            correct(record, 34, "left early", office.user("first"))
        (said,) = told("correction")
        assert "2026-11-24" in said
        assert "34 minutes, not 40" in said
        assert "left early" in said
        assert "2027-01-03" in said


def test_a_long_reason_is_cut_so_that_the_message_stays_one(office: Office, app: Flask) -> None:
    with app.app_context():
        record = on_record(office)
        with transaction():
            correct(record, 34, "家属来电话说【实际】上只做了\n半个小时多一点就走了，后面没有再来", office.user("first"))
        (said,) = told("correction")
        assert len(said) <= 70
        assert said.count("【") == 1
        assert "…" in said


def test_a_volunteer_who_does_not_sign_in_is_told_on_the_number_they_have(office: Office, app: Flask) -> None:
    with app.app_context():
        record = on_record(office)
        with transaction():
            office.carer.user_id = None
            correct(record, 34, "签退晚点了", office.user("first"))
        (notice,) = db.session.scalars(select(Notice))
        assert (notice.template, notice.user_id, notice.phone) == ("correction", None, office.carer.phone)


def test_nobody_without_a_number_holds_a_correction_up(office: Office, app: Flask) -> None:
    with app.app_context():
        record = on_record(office)
        with transaction():
            office.carer.user_id, office.carer.has_phone = None, False
            newer = correct(record, 34, "签退晚点了", office.user("first"))
        assert isinstance(newer, ServiceRecord)
        assert newer.minutes == 34
        assert told("correction") == []


def test_an_answer_that_corrects_is_one_message_and_one_that_does_not_another(both: Flask) -> None:
    office = open_office(both)
    with both.app_context():
        record = on_record(office)
        with transaction():
            said = objecting.object_to(record, office.carer, "记错了")
            objecting.answer(said, "按家里的钟只有 30 分钟", office.user("first"), 30)
        assert (len(told("correction")), told("answered")) == (1, [])
        with transaction():
            again = objecting.object_to(said.newer or record, office.carer, "还是不对")
            objecting.answer(again, "没有别的依据", office.user("second"))
        assert (len(told("correction")), len(told("answered"))) == (1, 1)


def test_whoever_corrected_does_not_answer_the_objection_to_it(both: Flask) -> None:
    office = open_office(both)
    with both.app_context():
        record = on_record(office)
        with transaction():
            newer = correct(record, 34, "签退晚点了", office.user("first"))
            assert isinstance(newer, ServiceRecord)
            said = objecting.object_to(newer, office.carer, "没有晚，是 40 分钟")
        with pytest.raises(Conflict, match="You corrected this record"), transaction():
            objecting.answer(said, "核对过", office.user("first"))
        assert said.answered_at is None
        with transaction():
            objecting.answer(said, "核对过", office.user("second"))
        assert said.answered_by == office.second


def test_whoever_corrects_because_of_an_objection_may_answer_it(office: Office, app: Flask) -> None:
    with app.app_context():
        record = on_record(office)
        with transaction():
            said = objecting.object_to(record, office.carer, "其实只有 30 分钟")
        make.set_clock("2026-11-25 16:10")
        with transaction():
            correct(record, 30, "本人说的", office.user("first"))
        with transaction():
            objecting.answer(said, "已经更正", office.user("first"))
        assert said.answered_by == office.first


def test_neither_of_two_who_corrected_answers_about_it(both: Flask) -> None:
    office = open_office(both)
    with both.app_context():
        record = on_record(office)
        with transaction():
            third = make.make_user(Role.ADMIN)
            asked = correct(record, 50, "其实做了 50 分钟", office.user("first"))
            assert isinstance(asked, Proposal)
            proposals.agree(asked, office.user("second"))
            said = objecting.object_to(record, office.carer, "应该是 60 分钟")
        for name in ("first", "second"):
            with pytest.raises(Conflict, match="You corrected this record"), transaction():
                objecting.answer(said, "核对过", office.user(name))
        with transaction():
            objecting.answer(said, "核对过", third)


def test_the_page_names_why_whoever_corrected_has_no_answer_to_give(office: Office, app: Flask, sit: Callable[[str], Browser]) -> None:
    with app.app_context():
        record = on_record(office)
        with transaction():
            newer = correct(record, 34, "签退晚点了", office.user("first"))
            assert isinstance(newer, ServiceRecord)
            objecting.object_to(newer, office.carer, "没有晚")
    assert "这条记录是你更正的" in sit("first").get("/objections").text
    assert "这条记录是你更正的" not in sit("second").get("/objections").text
