"""The wheel: built, installed in a fresh environment without the repository, and lived with."""

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.long  # it builds, installs and plays a week: two minutes
def test_the_wheel_alone_makes_an_office_and_plays_the_demo(tmp_path: Path) -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("TIMEBANK_", "PYTHON"))} | {
        "HATCH_NPM_VENDOR_SKIP": "1"
    }

    def run(*words: str | Path) -> str:
        done = subprocess.run([str(word) for word in words], cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    built = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(tmp_path), str(ROOT)], env=env, capture_output=True, text=True, check=False
    )  # fmt: skip
    if built.returncode and "No matching distribution" in built.stderr:
        pytest.skip("no package index in reach: the builder could not be had")
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("timebank-*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert not [name for name in names if name.startswith(("tests/", "templates/", "seeds/"))], "nothing beside the packages"
    assert {"timebank/_templates/base.html", "timebank/_templates/operation/compose.yaml", "timebank/static/timebank.css"} <= names
    assert any(name.startswith("timebank/_seeds/badaguan/") for name in names)
    assert "timebank/translations/en/LC_MESSAGES/messages.mo" in names

    venv.create(tmp_path / "fresh", with_pip=True)
    python, program = tmp_path / "fresh" / "bin" / "python", tmp_path / "fresh" / "bin" / "timebank"
    run(python, "-m", "pip", "install", "-q", "--no-index", "--no-deps", wheel)
    # What it stands on is borrowed from the environment of the tests; the product itself is not there.
    (own,) = (tmp_path / "fresh" / "lib").glob("python*/site-packages")
    (own / "borrowed.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    where = run(python, "-c", "import timebank, matching; print(timebank.__file__, matching.__file__)")
    assert str(ROOT) not in where
    assert where.count(str(own)) == 2

    assert "/link/" in run(program, "init", "--admin-phone", "13900000000", "--admin-name", "王敏")
    run(program, "doctor")
    run(program, "import", own / "timebank" / "_seeds" / "badaguan", "--dry-run")
    run(program, "examples", tmp_path / "examples")
    assert json.loads((tmp_path / "examples" / "grafana.json").read_text(encoding="utf-8"))["panels"]
    assert "70" in run(program, "demo", "--no-serve", "--seconds", "3")
    page = "from timebank.app import create_app; c = create_app().test_client()\nfor at in ('/', '/static/timebank.css'): r = c.get(at); print(r.status_code)"
    assert run(python, "-c", page).split() == ["200", "200"]
