"""The address of the service comes from its setting: another Host is refused, nothing printed carries one, nothing is issued without."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from tests.browser import build, open_browser
from timebank.app import create_app
from timebank.cli import main
from timebank.config import Settings
from timebank.errors import NotAvailable, Refusal
from timebank.outside import outside

OFFICE = "https://time.example.cn"


@pytest.fixture
def office(tmp_path: Path) -> Flask:
    """Give a service whose office has set its address."""
    return build(tmp_path, base_url=f"{OFFICE}/")


@pytest.mark.parametrize("host", ["evil.example", "time.example.cn.evil.example", "evil.example:443", "xtime.example.cn", "10.0.0.7"])
@pytest.mark.parametrize("path", ["/", "/check", "/sign-in", "/nowhere", "/static/timebank.css", "/healthz"])
def test_another_host_is_refused_in_clear_words(office: Flask, host: str, path: str) -> None:
    answer = open_browser(office).get(path, headers={"Host": host})
    assert answer.status_code == 400
    assert OFFICE in answer.text
    assert "网址" in answer.text
    assert host not in answer.text.replace(OFFICE, "")
    assert answer.headers["X-Frame-Options"] == "DENY"


def test_the_refusal_speaks_both_languages_and_to_programs(office: Flask) -> None:
    browser = open_browser(office)
    page = browser.get("/check", headers={"Host": "evil.example"}).text
    assert f"请从 {OFFICE} 进来" in page
    assert f"Come in by {OFFICE}" in page
    told = browser.get("/check", headers={"Host": "evil.example", "Accept": "application/json"})
    assert (told.status_code, told.content_type) == (400, "application/problem+json")
    assert OFFICE in told.json["title"]  # type: ignore[index]


@pytest.mark.parametrize("host", ["time.example.cn", "time.example.cn:443", "localhost:5000", "127.0.0.1:5000"])
def test_its_own_name_and_the_machine_itself_are_answered(office: Flask, host: str) -> None:
    assert open_browser(office).get("/check", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("demo", [True, False])
def test_without_a_setting_every_host_is_answered(tmp_path: Path, demo: bool) -> None:
    browser = open_browser(build(tmp_path, base_url="", demo=demo))
    for host in ("127.0.0.1:5000", "192.168.1.20:5000", "demo.example"):
        assert browser.get("/check", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "wrong", ["time.example.cn", "ftp://time.example.cn", "https://", "https://x.cn/time", "https://x.cn?a=1", "https://a b.cn", "http://u@x.cn",
              "https://x.cn:port", "https://x.cn:99999"]
)  # fmt: skip
def test_a_setting_that_is_no_address_stops_the_start_and_says_how_it_is_written(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(Refusal, match="TIMEBANK_BASE_URL"):
        create_app(Settings(instance=str(tmp_path), base_url=wrong), testing=True)


def test_the_demo_prints_where_it_is_served_and_needs_no_setting(tmp_path: Path) -> None:
    build(tmp_path, base_url="", demo=True)
    assert outside.address == "http://127.0.0.1:5000"
    for host, port, printed in (("127.0.0.1", 5007, "127.0.0.1:5007"), ("0.0.0.0", 80, "127.0.0.1:80"), ("::1", 5000, "[::1]:5000")):
        outside.serve_at(host, port)
        assert outside.address == f"http://{printed}"


def test_an_installation_goes_by_its_setting_wherever_it_is_served(tmp_path: Path, office: Flask) -> None:
    del office
    outside.serve_at("127.0.0.1", 5007)
    assert outside.address == OFFICE
    build(tmp_path / "other", base_url="")
    outside.serve_at("127.0.0.1", 5007)
    with pytest.raises(NotAvailable, match="TIMEBANK_BASE_URL"):
        _ = outside.address


def test_doctor_says_which_address_is_printed_or_which_setting_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIMEBANK_INSTANCE", str(tmp_path))
    monkeypatch.delenv("TIMEBANK_BASE_URL", raising=False)
    assert "TIMEBANK_BASE_URL" in CliRunner().invoke(main, ["doctor"]).output
    monkeypatch.setenv("TIMEBANK_BASE_URL", OFFICE)
    assert f"address: {OFFICE}" in CliRunner().invoke(main, ["doctor"]).output
