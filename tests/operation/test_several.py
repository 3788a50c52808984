"""Several processes behind one address: the commands people use, in processes of their own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import databases
from tests.attack import served
from tests.conftest import migrated
from timebank import several
from timebank.errors import NotAvailable
from timebank.serving import free_port

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60
TOKEN = "q8vR3sJx-0ZkLw7Yt2Np"


@contextmanager
def running(instance: Path, url: str, *words: str) -> Iterator[tuple[int, int]]:
    """Run the service by its command; give its number and its port."""
    port = free_port("127.0.0.1", 18_700)
    command = [sys.executable, "-c", "from timebank.cli import main; main()", "run", "--port", str(port), *words]
    settings = {"PYTHONPATH": str(ROOT), "TIMEBANK_DATABASE_URL": url, "TIMEBANK_INSTANCE": str(instance)}
    settings |= {"TIMEBANK_METRICS_TOKEN": TOKEN, "HOME": str(instance), "XDG_RUNTIME_DIR": str(instance)}
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=os.environ | settings) as program:
        try:
            served.wait_for(port)
            yield program.pid, port
        finally:
            program.send_signal(signal.SIGTERM)
            program.wait(PATIENCE)


def children_of(process: int) -> list[int]:
    """Return the processes that a process has begun."""
    return [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii").split()]


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.skipif(sys.platform != "linux", reason="gunicorn runs on Linux")
def test_two_processes_serve_one_is_killed_and_nobody_notices(folder: Path, tmp_path: Path) -> None:
    url = databases.fresh_database("sqlite", migrated, folder=folder)
    _app, names = served.prepare(url, tmp_path)
    with running(tmp_path, url, "--processes", "2") as (master, port):
        until(lambda: len(children_of(master)) == 2)
        phone = served.phone_of(names, port, "office", "/import")
        first = children_of(master)[0]
        os.kill(first, signal.SIGKILL)
        until(lambda: first not in children_of(master) and len(children_of(master)) == 2)
        for _try in range(6):
            assert served.ask(port, "GET", "/import", "", {"Cookie": phone.cookies})[0] == 200
        status, headers, _text = served.ask(port, "GET", "/readyz", "", {"X-Forwarded-Proto": "https"})
        assert status == 200
        assert "Strict-Transport-Security" not in headers
        _status, _headers, figures = served.ask(port, "GET", "/metrics", "", {"Authorization": f"Bearer {TOKEN}"})
        assert 'page="exchange.choose",status="200"} 7.0' in figures, "whichever answers knows what all have done, those that are gone too"
        assert not list(tmp_path.rglob("gunicorn.ctl")), "nobody gives the processes orders past the service"
        family = children_of(master)
    until(lambda: not any(Path(f"/proc/{each}").exists() for each in family))


def test_several_processes_are_refused_where_they_cannot_be(monkeypatch: pytest.MonkeyPatch) -> None:
    several.must_be_possible()
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(NotAvailable, match="Linux only"):
        several.must_be_possible()
