"""A certificate whose records were corrected after it was issued: the check and the register say so, and never more than they may."""

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from tests import builders as make
from tests.browser import Browser
from tests.served import TODAY, World, record, served_world
from timebank.access.models import Role, User
from timebank.catalogue.models import ServiceKind
from timebank.certificates import actions, queries
from timebank.certificates.models import Certificate, CertificateState
from timebank.db import db, transaction
from timebank.proposals import actions as proposals
from timebank.proposals.models import Proposal
from timebank.visits.actions.correcting import correct
from timebank.visits.models import ServiceRecord

YEAR = date(2026, 1, 1)
LATER = "2026-11-27 15:00"
WHY = "王秀芬签退晚了，打电话问过鞠淑贞"


def issue(app: Flask, world: World, start: date = YEAR, end: date = TODAY) -> Certificate:
    """Issue a certificate of 127 minutes and return it, loaded."""
    with app.app_context(), transaction():
        _, volunteer, coordinator = world.get()
        made = actions.issue_certificate(volunteer, start, end, coordinator)
        db.session.refresh(made)
        db.session.expunge(made)
    return made


def corrected(app: Flask, world: World, day: date, minutes: int, when: str = LATER) -> None:
    """Correct the record of a day to so many minutes; more of them are agreed to by a colleague."""
    make.set_clock(when)
    with app.app_context(), transaction():
        found = db.session.scalars(select(ServiceRecord).where(ServiceRecord.day == day, ServiceRecord.current)).one()
        made = correct(found, minutes, WHY, db.session.get_one(User, world.coordinator))
        if isinstance(made, Proposal):
            proposals.agree(made, make.make_user(Role.COORDINATOR, world.get()[0], name="于海"))


def checked(client: Browser, certificate: Certificate) -> str:
    """Return what the public check says, in one line."""
    return " ".join(client.get(f"/check/{certificate.number}/{certificate.check_code}").text.split())


@pytest.fixture
def certificate(app: Flask, world: World) -> Certificate:
    return issue(app, world)


@pytest.fixture
def desk(world: World, sign_in_as: Callable[..., Browser]) -> Browser:
    """Give the browser of a coordinator who came to work after the correction."""
    make.set_clock(LATER)
    return sign_in_as(Role.COORDINATOR, community_id=world.community)


def test_the_check_says_what_it_said_then_when_it_was_corrected_and_what_holds_now(
    app: Flask, client: Browser, world: World, certificate: Certificate
) -> None:
    assert "这份证明有效" in checked(client, certificate)
    corrected(app, world, date(2026, 10, 28), 22)
    page = checked(client, certificate)
    assert "出具以后更正过" in page
    assert "这份证明有效" not in page
    for said in ("出具 2026年11月25日", "3 次，2.1 小时", "更正 2026年11月27日", "52 分钟", "22 分钟", "3 次，1.6 小时"):
        assert said in page, said


def test_the_check_names_of_a_correction_neither_the_visit_nor_whose_door_nor_why(
    app: Flask, client: Browser, world: World, certificate: Certificate
) -> None:
    corrected(app, world, date(2026, 10, 28), 22)
    page = checked(client, certificate)
    for hidden in ("王秀芬", "鞠淑贞", "签退", "衣晓雯", "10月28日", certificate.content["volunteer_no"]):
        assert hidden not in page, hidden
    assert "王**" in page


def test_a_record_taken_off_counts_no_more(app: Flask, client: Browser, world: World, certificate: Certificate) -> None:
    corrected(app, world, TODAY, 0)
    corrected(app, world, date(2026, 10, 28), 60, "2026-11-28 09:00")
    page = checked(client, certificate)
    assert "更正或撤回了 2 条" in page
    assert "撤回 2026年11月27日" in page
    assert "不再计入" in page
    assert "2 次，1.6 小时" in page
    assert page.index("2026年11月27日") < page.index("2026年11月28日")


def test_corrections_that_make_the_same_total_are_said_all_the_same(
    app: Flask, client: Browser, world: World, certificate: Certificate
) -> None:
    corrected(app, world, date(2026, 10, 21), 40)
    corrected(app, world, TODAY, 35)
    assert "更正或撤回了 2 条" in checked(client, certificate)
    with app.app_context(), transaction():
        _, volunteer, coordinator = world.get()
        assert actions.issue_certificate(volunteer, YEAR, TODAY, coordinator, replaces=certificate.id).replaces_id == certificate.id


@pytest.mark.parametrize("minutes", [[20, 52], [52]])
def test_a_record_that_says_again_what_it_said_then_leaves_the_certificate_valid(
    app: Flask, client: Browser, world: World, certificate: Certificate, minutes: list[int]
) -> None:
    for each in minutes:
        corrected(app, world, date(2026, 10, 28), each)
    assert "这份证明有效" in checked(client, certificate)


def test_what_was_corrected_before_or_came_on_record_later_or_lies_outside_changes_nothing(
    app: Flask, client: Browser, world: World
) -> None:
    corrected(app, world, date(2026, 10, 21), 30, "2026-11-25 11:00")
    october = issue(app, world, date(2026, 10, 1), date(2026, 10, 31))
    corrected(app, world, TODAY, 10)
    with app.app_context(), transaction():
        _, volunteer, _ = world.get()
        late = record(volunteer, db.session.get_one(ServiceKind, world.hair), date(2026, 10, 29), 30)
        correct(late, 25, WHY, db.session.get_one(User, world.coordinator))
    assert "这份证明有效" in checked(client, october)


def test_a_revoked_or_edited_certificate_is_said_to_be_that_first(
    app: Flask, client: Browser, world: World, certificate: Certificate
) -> None:
    corrected(app, world, date(2026, 10, 28), 22)
    with app.app_context(), transaction():
        actions.revoke(db.session.get_one(Certificate, certificate.id), db.session.get_one(User, world.coordinator), "开错了")
    assert "已撤销，无效" in checked(client, certificate)
    with app.app_context(), transaction():
        row = db.session.get_one(Certificate, certificate.id)
        row.content = row.content | {"total_minutes": 97}
    assert "有异常" in checked(client, certificate)


def test_the_register_and_the_page_of_the_certificate_say_what_was_corrected_and_why(
    app: Flask, world: World, certificate: Certificate, desk: Browser
) -> None:
    assert "出具以后更正过" not in desk.get("/certificates").text
    corrected(app, world, date(2026, 10, 28), 22)
    assert "出具以后更正过" in desk.get("/certificates").text
    page = " ".join(desk.get(f"/certificates/{certificate.id}").text.split())
    for said in ("出具以后更正过", "更正了什么", "买菜代购", "52 分钟", "22 分钟", WHY):
        assert said in page, said


def test_a_corrected_record_names_the_certificates_it_stands_on(app: Flask, world: World, certificate: Certificate, desk: Browser) -> None:
    corrected(app, world, date(2026, 10, 28), 22)
    with app.app_context():
        newest = db.session.scalars(select(ServiceRecord.id).where(ServiceRecord.version > 1)).one()
    page = desk.get(f"/books/hours/{newest}").text
    assert certificate.number in page
    assert "出具以后更正过" in page


def test_service_that_came_on_record_later_is_not_called_a_correction(
    app: Flask, world: World, certificate: Certificate, desk: Browser
) -> None:
    with app.app_context(), transaction():
        record(world.get()[1], db.session.get_one(ServiceKind, world.hair), date(2026, 11, 24), 30)
    assert "更正过" not in desk.get("/certificates").text
    page = desk.get(f"/certificates/{certificate.id}").text
    assert "又有服务入账" in page
    assert "更正过" not in page


def test_a_volunteer_sees_it_on_their_own_list_and_takes_a_new_one(
    app: Flask, client: Browser, phone: Browser, world: World, certificate: Certificate
) -> None:
    corrected(app, world, date(2026, 10, 28), 22, "2026-11-25 12:00")
    assert "出具以后更正过" in phone.get("/my/certificates").text
    period = {"start": YEAR.isoformat(), "end": TODAY.isoformat()}
    asked = phone.send("/my/certificates", **period)
    assert (asked.status_code, "已经有一份了" in asked.text, "替换旧的，开新的" in asked.text) == (409, True, True)
    assert phone.send("/my/certificates", replaces=str(certificate.id), **period).status_code == 303
    page = phone.get("/my/certificates").text
    assert "出具以后更正过" not in page
    assert "已替换" in page
    assert "被新的替换" in checked(client, certificate)


def test_corrected_certificates_are_found_on_both_databases(both: Flask) -> None:
    world = served_world(both)
    first = issue(both, world)
    second = issue(both, world, date(2026, 10, 1), date(2026, 10, 31))
    corrected(both, world, TODAY, 30)
    with both.app_context():
        rows = db.session.scalars(queries.register(world.community)).all()
        assert {each.state for each in rows} == {CertificateState.VALID}
        assert queries.corrected_among(rows) == {first.id}
        assert second.id not in queries.corrected_among(rows)
        assert [(each.then.minutes, each.now.minutes) for each in queries.corrections_since(rows[-1])] == [(40, 30)]
