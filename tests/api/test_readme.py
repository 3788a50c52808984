"""The example of README plans a week through the API: that very text is run, against a town and, at length, against the demo."""

import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlencode

import pytest
from flask import Flask

from tests import builders as make
from tests.api.conftest import whole_town
from tests.api.program import token_for
from tests.journeys.conftest import serve
from timebank.access.tokens import Scope
from timebank.catalogue.models import ServiceKind
from timebank.db import db, transaction
from timebank.elders.models import Elder
from timebank.places.models import Community
from timebank.serving import free_port

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = re.compile(r"```python\n(import .*?)```", re.DOTALL)
HIDDEN = re.compile(r'name="(csrf_token|_key)" value="([^"]+)"')
NEW = re.compile(r'id="new-token">(tb_[\w-]+)<')
PATIENCE = 400


def example() -> str:
    found = EXAMPLE.search((ROOT / "README.md").read_text(encoding="utf-8"))
    assert found is not None
    return found[1]


def run(base: str, token: str) -> str:
    places = {**os.environ, "TIMEBANK_API": f"{base}/api/v1", "TIMEBANK_TOKEN": token}
    done = subprocess.run([sys.executable, "-c", example()], env=places, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_example_is_short() -> None:
    assert len(example().splitlines()) <= 40


def test_the_example_plans_and_publishes_a_week(app: Flask) -> None:
    town = whole_town(app)
    with app.app_context(), transaction():
        community, elder = db.session.get_one(Community, town.community), db.session.get_one(Elder, town.rows["elder"])
        kind = db.session.query(ServiceKind).filter_by(code="HAIR").one()
        day = "2026-12-01"
        make.make_request(
            community, kind, elder.household, elder_id=elder.id, dates=[day], first_day=make.MONDAY, window_from=540, window_to=700
        )
    token = token_for(app, town.users["coordinator"], [Scope.READ, Scope.PLAN])
    with serve(app) as base:
        said = run(base, token)
    assert "2026-W49: 1 of 1 visits served" in said
    assert "published, 1 volunteers were asked" in said


@contextmanager
def demo(folder: Path) -> Iterator[str]:
    """Run the demo as README says, on a free port, and give its address."""
    port = free_port("127.0.0.1", 5900)
    command = [
        sys.executable,
        "-c",
        "from timebank.cli import main; main()",
        "demo",
        "--port",
        str(port),
        "--folder",
        str(folder),
        "--seconds",
        "4",
    ]
    at_once = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with (folder.parent / "said").open("w+") as said, subprocess.Popen(command, cwd=ROOT, stdout=said, stderr=said, env=at_once) as running:
        try:
            yield _door(port, said.name)
        finally:
            running.terminate()


def _door(port: int, said: str) -> str:
    """Wait until the demo answers, and return the coordinator's one-click door."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        found = re.search(rf"http://127\.0\.0\.1:{port}/link/[\w-]+", Path(said).read_text())
        if found is not None:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2).close()
            except URLError:
                pass
            else:
                return found[0]
        time.sleep(1)
    raise AssertionError(Path(said).read_text())


@pytest.mark.long  # a minute to play the demo, a minute to plan another week of it
def test_the_example_plans_another_week_of_the_demo(tmp_path: Path) -> None:
    with demo(tmp_path / "demo") as door:
        base = door.split("/link/")[0]
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        browser.open(door).close()
        page = browser.open(f"{base}/tokens").read().decode()
        form = dict(HIDDEN.findall(page)) | {"name": "README", "scopes": "read", "days": "30"}
        sent = urlencode([*form.items(), ("scopes", "plan")]).encode()
        token = NEW.search(browser.open(f"{base}/tokens", sent).read().decode())
        assert token is not None
        said = run(base, token[1])
    assert re.search(r"2026-W49: \d+ of \d+ visits served", said)
    assert re.search(r"published, [1-9]\d* volunteers were asked", said)
