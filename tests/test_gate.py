"""The gate before the service begins: what would let strangers in is refused, with the way out in two languages."""

import socket
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from timebank import gate
from timebank.app import create_app
from timebank.cli import main
from timebank.config import Settings
from timebank.errors import Refusal

DRAWN = "q8vR3sJx-0ZkLw7Yt2NpUe5aHdGf1CbMi9ToXyKw4Vn6"


@pytest.mark.parametrize("name", ["secret_key", "data_key"])
@pytest.mark.parametrize(
    "key", ["a" * 48, "change-me-change-me-change-me-1234567890", "0123456789abcdef0123456789abcdef01", "timebank" * 6]
)
def test_a_key_that_others_know_is_refused(tmp_path: Path, name: str, key: str) -> None:
    keys = {"secret_key": DRAWN, "data_key": DRAWN, name: key}
    with pytest.raises(Refusal, match=name.upper()) as refused:
        create_app(Settings(instance=str(tmp_path), **keys))  # type: ignore[arg-type]
    assert "secrets.token_urlsafe" in refused.value.en
    create_app(Settings(instance=str(tmp_path), secret_key=DRAWN, data_key=DRAWN), testing=True)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.20", "office.example"])
def test_a_demo_that_strangers_can_reach_is_refused_unless_somebody_means_it(tmp_path: Path, host: str) -> None:
    done = CliRunner().invoke(main, ["demo", "--host", host, "--folder", str(tmp_path / "demo")])
    assert done.exit_code == 2
    assert "--for-strangers" in done.output
    assert not (tmp_path / "demo").exists(), "nothing was played first"
    gate.refuse_open_demo(host, agreed=True)
    gate.refuse_open_demo("127.0.0.1", agreed=False)


def run(app: Flask, *words: str, **settings: str) -> str:
    """Run the service's command up to its refusal; return what it says."""
    own: Settings = app.extensions["timebank"]
    env = {"TIMEBANK_INSTANCE": own.instance, "TIMEBANK_DATABASE_URL": own.database}
    env |= {f"TIMEBANK_{name.upper()}": value for name, value in settings.items()}
    done = CliRunner().invoke(main, ["run", *words], env=env)
    assert done.exit_code == 2, done.output
    return done.output


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.20"])
def test_cookies_that_travel_openly_beyond_this_machine_are_refused(app: Flask, host: str) -> None:
    said = run(app, "--host", host, base_url="http://time.example.cn")
    assert "TIMEBANK_HTTPS=1" in said
    assert "TIMEBANK_PLAIN_HTTP=1" in said


def test_an_office_behind_tls_says_so_of_its_cookies(app: Flask) -> None:
    assert "TIMEBANK_HTTPS=1" in run(app, base_url="https://time.example.cn")


def test_what_is_closed_or_agreed_to_is_served() -> None:
    for settings, host in (
        (Settings(), "127.0.0.1"),
        (Settings(), "localhost"),
        (Settings(https=True, base_url="https://time.example.cn"), "0.0.0.0"),
        (Settings(plain_http=True, base_url="http://time.example.cn"), "0.0.0.0"),
    ):
        gate.refuse_open_cookies(settings, host)


def test_a_busy_port_is_said_and_no_other_one_is_taken(app: Flask) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said = run(app, "--port", str(taken.getsockname()[1]))
    assert "--port" in said
    assert "TIMEBANK_BASE_URL" in said


@pytest.mark.parametrize(
    ("setting", "address", "is_open"),
    [
        ("database_url", "postgresql+psycopg://timebank@db.example.cn/timebank", True),
        ("database_url", "postgresql+psycopg://timebank@10.0.0.5/timebank?sslmode=require", True),
        ("database_url", "postgresql+psycopg://timebank@db.example.cn/timebank?sslmode=verify-full&sslrootcert=ca.pem", False),
        ("database_url", "postgresql+psycopg://timebank@127.0.0.1/timebank", False),
        ("database_url", "postgresql+psycopg:///timebank?host=/run/postgresql", False),
        ("database_url", "", False),
        ("jobs_url", "redis://10.0.0.5/0", True),
        ("jobs_url", "rediss://10.0.0.5/0", False),
        ("jobs_url", "redis://localhost/0", False),
    ],
)
def test_a_database_elsewhere_that_is_spoken_to_openly_is_refused(setting: str, address: str, is_open: bool) -> None:
    own = Settings(**{setting: address})  # type: ignore[arg-type]
    if not is_open:
        gate.refuse_open_database(own)
        return
    with pytest.raises(Refusal, match="verify-full"):
        gate.refuse_open_database(own)
    gate.refuse_open_database(replace(own, plain_http=True))
