"""The pages: who sees which rows, what is refused politely, and that the check page agrees with the paper."""

import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from flask import Flask, url_for
from werkzeug.test import TestResponse

from tests import builders as make
from tests.browser import Browser
from tests.served import World
from timebank.access.models import Role, User
from timebank.certificates import actions
from timebank.certificates.models import Certificate, CheckTry
from timebank.certificates.printing import certificate_paper
from timebank.db import db, transaction
from timebank.papers import seal

OFFICE = ("/books", "/books?month=2026-10", "/certificates", "/objections", "/report", "/report?month=2026-10", "/sheets")


@pytest.fixture
def certificate(app: Flask, world: World) -> Certificate:
    """Issue a certificate and return it, loaded."""
    with app.app_context(), transaction():
        _, volunteer, coordinator = world.get()
        made = actions.issue_certificate(volunteer, date(2026, 1, 1), date(2026, 11, 25), coordinator)
        db.session.flush()
        db.session.refresh(made)
        db.session.expunge(made)
    return made


def said(answer: TestResponse) -> str:
    """Return a page with single spaces, without the keys that are new each time."""
    return " ".join(re.sub(r'name="(_key|csrf_token)" value="[^"]*"', "", answer.get_data(as_text=True)).split())


def test_every_page_of_the_office_opens_in_both_languages(desk: Browser, world: World) -> None:
    for language in ("zh", "en"):
        desk.send("/language", locale=language)
        for path in (*OFFICE, f"/books/{world.volunteer}", f"/books/{world.volunteer}/certificate", "/books/hours/1"):
            answer = desk.get(path)
            assert answer.status_code == 200, path
            assert "style=" not in said(answer), path


def test_every_page_of_the_phone_opens(phone: Browser, world: World) -> None:
    for path in ("/my/hours", "/my/hours?month=2026-10", "/my/hours/1", "/my/certificates"):
        assert phone.get(path).status_code == 200, path


def test_the_list_shows_recorded_hours_and_credit_apart(desk: Browser) -> None:
    page = said(desk.get("/books"))
    assert "王秀芬" in page
    assert "2.1" in page


def test_a_phone_reads_the_months_as_rows_with_their_figures(desk: Browser, world: World) -> None:
    page = said(desk.get(f"/books/{world.volunteer}?month=2026-10"))
    rows = re.findall(r'<tr><th scope="row">([^<]+)<svg class="row-bar"', page.split('class="list phone-rows"', 1)[1])
    assert rows == [f"{number}月" for number in (11, 12, *range(1, 11))]
    assert '<td class="number-cell">1.5 小时</td>' in page
    assert "phone-only" in said(desk.get("/report?month=2026-10"))


def test_the_desk_issues_prints_replaces_and_revokes(desk: Browser, world: World, app: Flask) -> None:
    answer = desk.send(f"/books/{world.volunteer}/certificate", start="2026-01-01", end="2026-11-25", seal_required="1")
    assert answer.status_code == 303
    first = answer.location
    assert "ZM-PINE-STREET-2026-000001" in said(desk.get(first))
    for language in ("zh", "en"):
        printed = desk.get(f"{first}.pdf?lang={language}")
        assert printed.mimetype == "application/pdf"
        assert printed.data.startswith(b"%PDF")
    second = desk.send(f"{first}/replace", reason="负责人换了").location
    assert "已替换" in said(desk.get(first))
    assert desk.send(f"{second}/reported", national_no="3702001").status_code == 303
    assert "3702001" in said(desk.get(second))
    assert "不能收回" in said(desk.get(f"{second}/revoke"))
    assert desk.send(f"{second}/revoke", reason="").status_code == 422
    assert desk.send(f"{second}/revoke", reason="记录有误").status_code == 303
    assert desk.get(f"{second}.pdf").status_code == 409


@pytest.mark.parametrize(
    ("period", "status"),
    [
        (("2026-03-01", "2026-02-01"), 422),
        (("2026-01-01", "2026-12-31"), 422),
        (("", "2026-02-01"), 422),
        (("2026-02-31", "2026-03-01"), 422),
        (("2026-01-01", "2026-02-01"), 409),
    ],
)
def test_a_certificate_that_cannot_be_issued_is_refused_with_a_sentence(
    desk: Browser, phone: Browser, world: World, period: tuple[str, str], status: int
) -> None:
    for browser, path in ((desk, f"/books/{world.volunteer}/certificate"), (phone, "/my/certificates")):
        answer = browser.send(path, start=period[0], end=period[1])
        assert answer.status_code == status
        assert re.search("请|最晚", said(answer))


def test_a_volunteer_takes_their_own_certificate_at_once(phone: Browser) -> None:
    answer = phone.send("/my/certificates", start="2026-01-01", end="2026-11-25")
    assert answer.status_code == 303
    page = said(phone.get("/my/certificates"))
    path = re.search(r"/my/certificates/\d+\.pdf", page)
    assert path is not None
    assert phone.get(path[0]).data.startswith(b"%PDF")


def test_a_volunteer_sees_nothing_of_anybody_else(
    app: Flask, world: World, certificate: Certificate, sign_in_as: Callable[..., Browser]
) -> None:
    stranger = sign_in_as(Role.VOLUNTEER, community_id=world.community)
    with app.app_context(), transaction():
        make.make_volunteer(world.get()[0], "王建国", user_id=stranger.user)
    assert stranger.get(f"/my/certificates/{certificate.id}.pdf").status_code == 404
    assert stranger.get("/my/hours/1").status_code == 404
    assert stranger.send("/my/hours/1/objection", words="不对").status_code == 404
    assert stranger.get(f"/books/{world.volunteer}").status_code == 403


def test_a_coordinator_of_another_community_finds_nothing(
    app: Flask, world: World, certificate: Certificate, sign_in_as: Callable[..., Browser]
) -> None:
    with app.app_context(), transaction():
        other = make.make_community("sea-street").id
    browser = sign_in_as(Role.COORDINATOR, community_id=other)
    for path in (f"/books/{world.volunteer}", f"/certificates/{certificate.id}", f"/certificates/{certificate.id}.pdf", "/books/hours/1"):
        assert browser.get(path).status_code == 404, path
    assert "王秀芬" not in said(browser.get("/books"))
    assert certificate.number not in said(browser.get("/certificates"))


def test_an_inspector_reads_and_changes_nothing(certificate: Certificate, world: World, sign_in_as: Callable[..., Browser]) -> None:
    inspector = sign_in_as(Role.INSPECTOR, community_id=world.community)
    assert inspector.get(f"/certificates/{certificate.id}").status_code == 200
    assert inspector.send(f"/certificates/{certificate.id}/revoke", reason="x").status_code == 403


def test_an_objection_goes_to_the_desk_and_its_answer_comes_back(phone: Browser, desk: Browser) -> None:
    assert phone.send("/my/hours/1/objection", words="").status_code == 422
    assert phone.send("/my/hours/1/objection", words="那天只待了 30 分钟").status_code == 303
    assert "那天只待了 30 分钟" in said(desk.get("/objections"))
    assert desk.send("/books/hours/1/correct", minutes="30", reason="").status_code == 422
    assert desk.send("/books/hours/1/correct", minutes="30", reason="签退按错了").status_code == 303
    assert desk.send("/objections/1", words="已更正为 30 分钟").status_code == 303
    assert "已更正为 30 分钟" in said(phone.get("/my/hours/1"))
    assert "更正" in said(phone.get("/my/hours?month=2026-10"))


def test_statements_are_printed_for_the_office_and_for_oneself(desk: Browser, phone: Browser, world: World) -> None:
    for browser, path in ((desk, f"/books/{world.volunteer}/2026-10.pdf"), (phone, "/my/hours/2026-10.pdf")):
        assert browser.get(path).data.startswith(b"%PDF")
        assert browser.get(path.replace("2026-10", "2026-13")).status_code == 422


def test_day_sheets_and_kitchen_sheets_are_printed(app: Flask, desk: Browser, world: World) -> None:
    with app.app_context(), transaction():
        community, volunteer, _ = world.get()
        volunteer.has_phone = False
        canteen = make.make_round(community, volunteer)[0].visit.canteen_id
    assert "王秀芬" in said(desk.get("/sheets?day=2026-11-25"))
    assert desk.send("/sheets/2026-11-25/volunteers.pdf", volunteer=[str(world.volunteer)]).data.startswith(b"%PDF")
    assert desk.send("/sheets/2026-11-25/volunteers.pdf").status_code == 422
    assert desk.get(f"/sheets/2026-11-25/kitchen-{canteen}.pdf").data.startswith(b"%PDF")


def test_the_check_page_shows_no_more_than_is_needed(client: Browser, certificate: Certificate) -> None:
    page = said(client.get(f"/check/{certificate.number}/{certificate.check_code}"))
    digest = certificate.content_sha256
    for shown in (
        *("这份证明有效", certificate.number, "王**", "松坡社区居委会", "2026年1月1日", "出具日期</dt><dd>2026年11月25日", "尚未报送"),
        *("上门理发", "买菜代购", *(f'<td class="number-cell">{each}</td>' for each in (2, 75, 1, 52, 3, 127, "1.3", "0.9", "2.1"))),
        *(f"<b>{end}</b>" for end in (digest[:8], digest[-8:])),
        *("370200", "0532-0000 0123"),
    ):
        assert shown in page, shown
    for hidden in ("王秀芬", certificate.content["volunteer_no"], "衣晓雯", digest):
        assert hidden not in page, hidden


def test_a_wrong_code_gets_the_same_answer_as_an_unknown_number(client: Browser, certificate: Certificate) -> None:
    wrong = client.get("/check", query_string={"number": certificate.number, "code": "000000000000"})
    unknown = client.get("/check", query_string={"number": "ZM-PINE-STREET-2026-999999", "code": "000000000000"})
    empty = client.get("/check", query_string={"number": certificate.number})
    assert (wrong.status_code, unknown.status_code, empty.status_code) == (404, 404, 404)
    assert said(wrong).replace(certificate.number, "N") == said(unknown).replace("ZM-PINE-STREET-2026-999999", "N")


@pytest.mark.parametrize("door", ["check", "copy"])
def test_guessing_is_slowed_down_by_the_database_and_stops_nobody_with_the_right_code(
    app: Flask, client: Browser, certificate: Certificate, later: Callable[..., None], door: str
) -> None:
    def tried(code: str) -> TestResponse:
        if door == "copy":
            return client.send("/check/paper", lines="\n".join(seal.lines(certificate.content)), code=code)
        return client.get(f"/check/{certificate.number}/{code}")

    for _ in range(10):
        assert tried("000000000000").status_code == 404
    refused = tried("000000000000")
    assert refused.status_code == 429
    assert "两样都对，随时能查" in refused.text
    assert "这份证明有效" in tried(certificate.check_code).text
    later(minutes=14)
    assert tried("000000000000").status_code == 429
    with app.app_context():
        sources = [row.source for row in db.session.query(CheckTry)]
        assert len(sources) == 2 * 10, "each counts for the browser and for the address"
        assert len(set(sources)) == 2
        assert "127.0.0.1" not in sources
    later(minutes=2)
    assert tried("000000000000").status_code == 404, "after a quarter of an hour there are tries again"


def test_a_revoked_certificate_is_said_to_be_revoked(app: Flask, client: Browser, world: World, certificate: Certificate) -> None:
    with app.app_context(), transaction():
        coordinator = db.session.get_one(User, world.coordinator)
        actions.revoke(db.session.get_one(Certificate, certificate.id), coordinator, "内部原因")
    page = said(client.get(f"/check/{certificate.number}/{certificate.check_code}"))
    assert "已撤销，无效" in page
    assert "内部原因" not in page


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext reads the paper back")
def test_the_check_page_agrees_with_the_paper(app: Flask, desk: Browser, client: Browser, certificate: Certificate, tmp_path: Path) -> None:
    file = tmp_path / "certificate.pdf"
    file.write_bytes(desk.get(f"/certificates/{certificate.id}.pdf").data)
    out = subprocess.run(["pdftotext", "-enc", "UTF-8", str(file), "-"], capture_output=True, check=True, timeout=20)
    paper = "".join(out.stdout.decode().split())
    with app.test_request_context():
        link = url_for("certificates.check_link", number=certificate.number, code=certificate.check_code, _external=True)
    assert certificate_paper(certificate, "http://localhost/").check_url == link
    for printed in (certificate.number, certificate.check_code, "localhost/check"):
        assert printed in paper
    page = said(client.get(link))
    for shown in ("2.1", "2026年1月1日", "2026年11月25日", "松坡社区居委会"):
        assert shown in paper
        assert shown in page


def test_an_edited_register_is_neither_printed_nor_called_valid(
    app: Flask, desk: Browser, client: Browser, certificate: Certificate
) -> None:
    with app.app_context(), transaction():
        row = db.session.get_one(Certificate, certificate.id)
        row.content = row.content | {"total_minutes": 99999}
    assert desk.get(f"/certificates/{certificate.id}.pdf").status_code == 409
    page = said(client.get(f"/check/{certificate.number}/{certificate.check_code}"))
    assert "这份证明有效" not in page
    assert "有异常" in page
