"""Full names on the trail: for a written reason, for a quarter of an hour, for whoever wrote it; and whoever is named hears of it."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from tests.browser import Browser
from tests.oversight.test_pages import edited, rows
from tests.oversight.test_pages import town as town  # noqa: PLC0414 - a fixture of the neighbouring file
from tests.small_town import Town
from timebank.access.models import Role, User
from timebank.audit import AuditRow
from timebank.db import db, forget_reads, transaction
from timebank.notices.models import Notice
from timebank.oversight.models import Unmasking
from timebank.volunteers.models import Volunteer

REASON = "街道转来投诉，核对是不是本人"


@pytest.fixture
def inspector(town: Town, sign_in_as: Callable[..., Browser]) -> Browser:
    """Give an inspector in front of a trail on which people have been changed; the volunteer signs in."""
    edited(town)
    carer = sign_in_as(Role.VOLUNTEER, town.community)
    reader = sign_in_as(Role.INSPECTOR, town.community)
    with town.app.app_context(), transaction():
        db.session.get_one(Volunteer, town.volunteer).user_id = carer.user
        db.session.get_one(User, reader.user).name = "宫映秋"
    return reader


def test_names_stand_in_full_for_a_written_reason_and_for_nobody_else(
    town: Town, inspector: Browser, sign_in_as: Callable[..., Browser], later: Callable[..., None]
) -> None:
    answer = inspector.send("/trail?page=1", reason=REASON)
    assert answer.status_code == 303
    page = inspector.get(answer.location).text
    assert "臧玉梅" in rows(page)
    assert "王秀芬" in rows(page)
    assert REASON in page
    assert "17000001234" not in page
    assert "臧玉梅" not in inspector.get("/trail").text
    assert "臧玉梅" not in sign_in_as(Role.INSPECTOR, town.community).get(answer.location).text
    later(minutes=16)
    assert "臧玉梅" not in inspector.get(answer.location).text


def test_without_a_reason_nothing_is_shown_or_written(town: Town, inspector: Browser) -> None:
    for words in ("", "看看"):
        answer = inspector.send("/trail", reason=words)
        assert answer.status_code == 422
        assert "请写清为什么要看全名" in answer.text
        assert "臧玉梅" not in answer.text
    with town.app.app_context():
        assert db.session.scalars(select(Unmasking)).all() == []


def test_whoever_is_named_is_told_and_finds_it_on_their_own_page(town: Town, inspector: Browser) -> None:
    assert inspector.send("/trail", reason=REASON).status_code == 303
    with town.app.app_context():
        forget_reads()
        kept = db.session.scalars(select(Unmasking)).one()
        assert (kept.asked_by, kept.sealed_reason) == (inspector.user, REASON)
        noted = {(each.subject, each.subject_id) for each in db.session.scalars(select(AuditRow).where(AuditRow.verb == "unmask"))}
        assert {("elder", str(town.elder)), ("volunteer", str(town.volunteer))} <= noted
        assert REASON not in str([each.detail for each in db.session.scalars(select(AuditRow))])
        told = db.session.scalars(select(Notice).where(Notice.template == "unmasked")).all()
        assert db.session.get_one(Volunteer, town.volunteer).user_id in {each.user_id for each in told}
        assert "宫映秋" in told[0].text


def test_a_coordinator_unmasks_nobody(town: Town) -> None:
    assert town.browser.send("/trail", reason=REASON).status_code == 403
