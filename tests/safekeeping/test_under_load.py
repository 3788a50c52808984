"""A backup made while people are at work has all that was acknowledged before it was begun, and a sound book."""

import itertools
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests import databases
from tests.attack import served
from tests.attack.served import DONATE
from tests.conftest import migrated
from tests.safekeeping.conftest import Office, nothing, tools
from timebank.db import db
from timebank.ledger.verify import verify

WRITERS = 4
BEFORE, BACKUPS_IN_CI, BACKUPS = 25, 1, 20
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(params=databases.KINDS)
def url(request: pytest.FixtureRequest, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Give the address of a fresh database of each kind."""
    server = ""
    if request.param == "postgresql":
        server = request.getfixturevalue("server")
        monkeypatch.setenv("PATH", f"{tools()}{os.pathsep}{os.environ['PATH']}")
    made = databases.fresh_database(request.param, migrated, folder=folder, server=server)
    yield made
    databases.drop_database(made, server=server)


def run(office: Office, *words: str | Path) -> str:
    """Run the program as a process of its own, as an office does."""
    env = os.environ | {"PYTHONPATH": str(ROOT)} | {name: value or "" for name, value in office.env.items()}
    code = "from timebank.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code, *map(str, words)], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _keep_while_writing(request: pytest.FixtureRequest, url: str, tmp_path: Path, times: int) -> None:
    """Let clients donate minute by minute while backups are made, and compare each with what had been acknowledged before it."""
    office = Office(tmp_path / "instance", url)
    app, names = served.prepare(url, office.instance)
    numbers, acknowledged = itertools.count(), []
    at_work, enough = threading.Event(), threading.Event()
    with served.serving(office.instance, url) as port:
        phone = served.phone_of(names, port, "volunteer", "/phone/account")

        def write(_number: int) -> None:
            while not enough.is_set():
                key = f"donation-{next(numbers)}"
                assert phone.post(port, DONATE, key, minutes=1).status == 303
                acknowledged.append(key)
                if len(acknowledged) >= BEFORE:
                    at_work.set()

        with ThreadPoolExecutor(WRITERS) as pool:
            writing = [pool.submit(write, number) for number in range(WRITERS)]
            try:
                assert at_work.wait(served.PATIENCE)
                begun, ended = [], []
                for turn in range(times):
                    begun.append(set(acknowledged))
                    run(office, "backup", tmp_path / f"{turn}.zip")
                    ended.append(len(acknowledged))
            finally:
                enough.set()
            for each in writing:
                each.result()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    assert all(after > len(before) for before, after in zip(begun, ended, strict=True)), "nobody wrote meanwhile"
    for turn, before in enumerate(begun):
        _assert_whole(request, tmp_path, turn, before)


def _assert_whole(request: pytest.FixtureRequest, tmp_path: Path, turn: int, before: set[str]) -> None:
    """Restore one backup on another machine and look for what had been acknowledged."""
    server = request.getfixturevalue("server") if request.node.callspec.params["url"] == "postgresql" else ""
    given = databases.fresh_database("postgresql", nothing, folder=tmp_path, server=server) if server else ""
    new = Office(tmp_path / f"new-{turn}", given, server)
    run(new, "restore", tmp_path / f"{turn}.zip")
    there = {str(key).rpartition(":")[2] for (key,) in new.ask("SELECT idem_key FROM ledger_transfer WHERE kind = 'donate'")}
    assert before - there == set()
    with new.open():
        assert verify().ok
    if server:
        databases.drop_database(given, server=server)


@pytest.mark.parametrize("url", databases.POSTGRES_IN_THE_LONG_RUN, indirect=True)
def test_a_backup_under_load_misses_nothing(request: pytest.FixtureRequest, url: str, tmp_path: Path) -> None:
    _keep_while_writing(request, url, tmp_path, BACKUPS_IN_CI)


@pytest.mark.long
def test_twenty_backups_under_load_miss_nothing(request: pytest.FixtureRequest, url: str, tmp_path: Path) -> None:
    _keep_while_writing(request, url, tmp_path, BACKUPS)
