"""Every form of every page, sent as it stands: twice with the same key is once, other words under that key are refused, and each act is on record."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import builders as make
from tests.attack import crawl
from tests.attack.town import Town
from timebank.access.models import Role, Session, SignInCode
from timebank.audit import REFUSED, AuditRow
from timebank.db import db, transaction
from timebank.web import SubmissionRow

WHO = ("coordinator", "one", "family")
LEAVING = {"access.sign_out", "access.leave_everywhere", "own_data.forget", "family_bind.end"}
"""What ends the very ground that the rest of the walk stands on."""
# A check of files or of a paper, a printed sheet and an export change nothing that counts; a file cannot be left out of a check.
UNCOUNTED = {"exchange.check", "certificates.check", "certificates.check_paper", "today.day_sheets"}
UNCOUNTED |= {
    "reports.national_export",
    "reports.take_along",
    "exchange.reconcile",
    "exchange.rosters",
    "exchange.person",
    "exchange.everything",
}
# These keep what somebody typed in their own browser, or change nothing when sent as they stand.
SILENT = {"access.language", "family.fill", "today.enter", "duty_desk.enter", "volunteers.times", "credit.change_rules"}


def audits(app: Flask) -> int:
    """Count what was done; that something was refused is on record as well, and counts for nothing."""
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(AuditRow).where(AuditRow.verb != REFUSED)) or 0


@pytest.mark.parametrize("who", WHO)
def test_every_form_counts_once_and_is_on_record(app: Flask, town: Town, walked: Callable[[str], crawl.Walk], who: str) -> None:
    browser = town.browser(app, who)
    twice, unrecorded, taken_again, sent = [], [], [], 0
    for place, form in enumerate(walked(who).forms):
        endpoint = crawl.endpoint_of(app, form.action, "POST")
        if form.method != "post" or endpoint in LEAVING | UNCOUNTED:
            continue
        key, said = f"the-form-{who}-{place}", form.filled().to_dict(flat=False)
        before = audits(app)
        first = browser.send(form.action, key=key, **said)
        once = audits(app)
        if first.status_code != 303:
            assert first.status_code in {409, 422}, (endpoint, first.status_code)
            assert once == before or endpoint == "elders.edit", f"{endpoint} was refused and yet recorded"
            continue
        sent += 1
        second = browser.send(form.action, key=key, **said)
        if (second.status_code, second.location, audits(app)) != (303, first.location, once):
            twice.append((endpoint, second.status_code, first.location, second.location))
        if once == before and endpoint not in SILENT:
            unrecorded.append(endpoint)
        other = browser.send(form.action, key=key, **{**said, "one_more": "field"})
        if other.status_code != 422:
            taken_again.append((endpoint, other.status_code))
    assert sent >= 2
    assert (twice, unrecorded, taken_again) == ([], [], [])


def test_leaving_everywhere_twice_ends_on_the_same_page(app: Flask, town: Town) -> None:
    for path in ("/sign-out", "/leave-everywhere"):
        browser = town.browser(app, "one")
        assert browser.send(path, key="leaving-once").location == "/"
        assert browser.send(path, key="leaving-once").status_code == 303
        with app.app_context():
            alive = select(func.count()).select_from(Session).where(Session.revoked_at.is_(None), Session.user_id == town.users["one"])
            assert db.session.scalar(alive) == 0


def test_a_key_belongs_to_one_browser_and_one_form(app: Flask, town: Town) -> None:
    for who in ("one", "two"):
        assert town.browser(app, who).send("/language", key="a-shared-key", locale="en").status_code == 303
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(SubmissionRow).where(SubmissionRow.key == "a-shared-key")) == 2


def test_signing_in_gives_a_new_session_and_ends_the_old_one(app: Flask, town: Town) -> None:
    browser = town.browser(app, "one")
    planted = browser.get_cookie("timebank-user")
    assert planted is not None
    with app.app_context(), transaction():
        make.make_user(Role.FAMILY, phone="13655550009")
    browser.send("/sign-in", phone="13655550009")
    with app.app_context():
        code = db.session.scalars(select(SignInCode.code).where(SignInCode.phone == "13655550009")).one()
    browser.send("/code", code=code)
    given = browser.get_cookie("timebank-user")
    assert given is not None
    assert given.value != planted.value
    browser.set_cookie("timebank-user", planted.value)
    assert browser.get("/devices").status_code == 303


def test_the_first_form_of_a_browser_counts_once_when_its_answer_is_lost(app: Flask, town: Town) -> None:
    """The cookies that came with the page are all the browser has; what the first answer would have set never arrives."""
    browser = town.browser(app, "one")
    browser.get("/devices")
    with browser.session_transaction() as kept:
        as_it_was = dict(kept)
    for _tap in range(2):
        with browser.session_transaction() as kept:
            kept.clear()
            kept.update(as_it_was)
        assert browser.send("/language", key="first-form-ever", locale="en").status_code == 303
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(SubmissionRow).where(SubmissionRow.key == "first-form-ever")) == 1
