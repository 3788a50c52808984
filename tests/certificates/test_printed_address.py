"""Everything printed carries the address of the setting; without one nothing is issued outside the demo, and no Host reaches a paper."""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import func, select

from tests import builders as make
from tests import databases
from tests.browser import Browser, build, open_browser
from tests.conftest import migrated
from tests.served import TODAY, World, served_world
from timebank.access import actions as access
from timebank.access import guards
from timebank.access.models import Role, User
from timebank.certificates import actions
from timebank.certificates.models import Certificate, CertificateBatch
from timebank.cli import main
from timebank.db import db, transaction
from timebank.today.views import sheets
from timebank.volunteers.models import Volunteer

YEAR = {"start": "2026-01-01", "end": "2026-11-25"}
FORGED = {"Host": "evil.example"}


@pytest.fixture
def service(tmp_path: Path, folder: Path) -> Iterator[Callable[..., tuple[Flask, World]]]:
    """Return a function that starts a service with some settings over a database of its own, a volunteer's hours on record."""
    started: list[Flask] = []

    def start(**settings: object) -> tuple[Flask, World]:
        app = build(tmp_path, database_url=databases.fresh_database("sqlite", migrated, folder=folder), **settings)
        started.append(app)
        return app, served_world(app)

    yield start
    for app in started:
        with app.app_context():
            db.engine.dispose()


def signed_in(app: Flask, user_id: int) -> Browser:
    """Return the browser of somebody."""
    browser = open_browser(app)
    with app.app_context(), transaction():
        token, _session = access.sign_in(db.session.get_one(User, user_id))
    with app.test_request_context():
        browser.set_cookie(guards.cookie_name(), token)
    return browser


def count(app: Flask, table: type) -> int:
    """Return how many rows a table has."""
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_without_the_setting_nothing_is_issued_by_any_door_and_the_refusal_names_it(service: Callable[..., tuple[Flask, World]]) -> None:
    app, world = service(base_url="")
    with app.app_context(), transaction():
        community, volunteer, _ = world.get()
        owner = access.add_user("13911112222", "王秀芬", Role.VOLUNTEER, community_id=community.id)
        volunteer.user_id = owner.id
        phone_user = owner.id
    desk, phone = signed_in(app, world.coordinator), signed_in(app, phone_user)
    answers = (
        desk.send(f"/books/{world.volunteer}/certificate", **YEAR),
        desk.send("/certificates/batch", volunteer=[str(world.volunteer)], **YEAR),
        phone.send("/my/certificates", **YEAR),
    )
    for answer in answers:
        assert answer.status_code == 503
        assert "TIMEBANK_BASE_URL" in answer.text
        assert "不开具" in answer.text
    desk.send("/language", locale="en")
    assert "nothing is issued" in desk.send(f"/books/{world.volunteer}/certificate", **YEAR).text
    assert (count(app, Certificate), count(app, CertificateBatch)) == (0, 0)


def test_a_certificate_of_before_is_neither_printed_nor_replaced_without_the_setting(service: Callable[..., tuple[Flask, World]]) -> None:
    app, world = service()
    with app.app_context(), transaction():
        _, volunteer, coordinator = world.get()
        made = actions.issue_certificate(volunteer, date(2026, 1, 1), TODAY, coordinator).id
    bare = build(Path(app.extensions["timebank"].instance), database_url=app.extensions["timebank"].database_url, base_url="")
    desk = signed_in(bare, world.coordinator)
    assert desk.get(f"/certificates/{made}.pdf").status_code == 503
    assert desk.send(f"/certificates/{made}/replace", reason="负责人换了").status_code == 503
    assert count(bare, Certificate) == 1


def test_the_command_refuses_too(service: Callable[..., tuple[Flask, World]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    app, world = service(base_url="")
    settings = app.extensions["timebank"]
    monkeypatch.setenv("TIMEBANK_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("TIMEBANK_INSTANCE", settings.instance)
    with app.app_context():
        number = db.session.get_one(Volunteer, world.volunteer).number
    asked = ["certificate", number, "--from", "2026-01-01", "--to", "2026-11-25", "-o", str(tmp_path / "paper.pdf")]
    refused = CliRunner().invoke(main, asked)
    assert refused.exit_code == 2
    assert "TIMEBANK_BASE_URL" in refused.output
    monkeypatch.setenv("TIMEBANK_BASE_URL", "https://time.example.cn")
    assert CliRunner().invoke(main, asked).exit_code == 0


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext reads the paper back")
@pytest.mark.parametrize(
    ("settings", "host", "printed"),
    [
        ({"base_url": "https://time.example.cn"}, "localhost", "time.example.cn/check"),
        ({"base_url": "", "demo": True}, "evil.example", "127.0.0.1:5000/check"),
    ],
)
def test_the_paper_carries_the_setting_and_never_the_host_of_the_request(
    service: Callable[..., tuple[Flask, World]], tmp_path: Path, settings: dict[str, object], host: str, printed: str
) -> None:
    app, world = service(**settings)
    with app.app_context(), transaction():
        _, volunteer, coordinator = world.get()
        made = actions.issue_certificate(volunteer, date(2026, 1, 1), TODAY, coordinator).id
    browser = signed_in(app, world.coordinator)
    browser.set_cookie("timebank-user", browser.get_cookie("timebank-user").value, domain=host)  # type: ignore[union-attr]
    file = tmp_path / "paper.pdf"
    answer = browser.get(f"/certificates/{made}.pdf", headers={"Host": host}, base_url=f"http://{host}")
    assert answer.status_code == 200
    file.write_bytes(answer.data)
    out = subprocess.run(["pdftotext", "-enc", "UTF-8", str(file), "-"], capture_output=True, check=True, timeout=20)
    paper = re.sub(r"\s", "", out.stdout.decode())
    assert printed in paper
    assert host not in paper


def test_a_forged_host_gets_no_certificate_page_at_all(service: Callable[..., tuple[Flask, World]]) -> None:
    app, world = service(base_url="https://time.example.cn")
    answer = signed_in(app, world.coordinator).get("/certificates", headers=FORGED)
    assert answer.status_code == 400
    assert "time.example.cn" in answer.text


def test_the_code_of_a_day_sheet_leads_to_the_setting_and_is_left_out_without_it(service: Callable[..., tuple[Flask, World]]) -> None:
    for settings, start in (
        ({"base_url": "https://time.example.cn"}, "https://time.example.cn/link/"),
        ({"base_url": "", "demo": True}, "http://127.0.0.1:5000/link/"),
        ({"base_url": ""}, ""),
    ):
        app, world = service(**settings)
        with app.app_context(), transaction():
            community, volunteer, _ = world.get()
            volunteer.user_id = access.add_user("13911112222", "王秀芬", Role.VOLUNTEER, community_id=community.id).id
            make.make_round(community, volunteer)
        with app.test_request_context(headers={"Host": "localhost"}), transaction():
            link = sheets._link(db.session.get_one(Volunteer, world.volunteer), TODAY)
            assert link.startswith(start)
            assert bool(link) == bool(start)
        page = signed_in(app, world.coordinator).get("/sheets?day=2026-11-25").text
        assert ("TIMEBANK_BASE_URL" in page) == (not start)
