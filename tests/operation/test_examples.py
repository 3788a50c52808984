"""The examples for running the product: each can be read by whom it is for, and every command and setting in them exists."""

import configparser
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from tests.operation.commands import must_be_a_command
from timebank.cli import main
from timebank.config import Settings

UNITS = ("timebank.service", "timebank-worker.service", "timebank-backup.service", "timebank-backup.timer")
SETTINGS = {f"TIMEBANK_{each.name.upper()}" for each in fields(Settings)}


@pytest.fixture
def examples(tmp_path: Path) -> Path:
    """Hand the examples out as people have them handed out."""
    folder = tmp_path / "examples"
    done = CliRunner().invoke(main, ["examples", str(folder)], catch_exceptions=False)
    assert len(done.output.splitlines()) == len(list(folder.iterdir()))
    return folder


def read(file: Path) -> configparser.ConfigParser:
    """Read a unit."""
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read_string(file.read_text(encoding="utf-8"))
    return unit


def commands_of(compose: dict[str, Any]) -> Iterator[list[str]]:
    """Yield the commands of a compose file."""
    yield from (each["command"] for each in compose["services"].values() if "command" in each)


def test_units_are_units_and_run_commands_there_are(examples: Path, tmp_path: Path) -> None:
    for name in UNITS:
        unit = read(examples / name)
        assert unit["Unit"]["Description"].startswith("timebank")
        if name.endswith(".timer"):
            continue
        service = unit["Service"]
        assert service["User"] == "timebank"
        assert service["ProtectSystem"] == "strict"
        program, *words = shlex.split(service["ExecStart"])
        assert program == "/opt/timebank/bin/timebank"
        must_be_a_command(["timebank", *words])
    if checker := shutil.which("systemd-analyze"):
        for name in UNITS:
            text = (examples / name).read_text(encoding="utf-8").replace("/opt/timebank/bin/timebank", "/bin/true")
            (tmp_path / name).write_text(text.replace("User=timebank", "User=root"), encoding="utf-8")
        done = subprocess.run([checker, "verify", *(str(tmp_path / name) for name in UNITS)], capture_output=True, text=True, check=False)
        said = [line for line in done.stderr.splitlines() if str(tmp_path) in line]
        assert not said


def test_the_compose_file_has_every_part_and_waits_for_what_it_stands_on(examples: Path) -> None:
    compose = yaml.safe_load((examples / "compose.yaml").read_text(encoding="utf-8"))
    services = compose["services"]
    assert set(services) == {"database", "upgrade", "web", "worker", "backup"}
    for words in commands_of(compose):
        must_be_a_command(words)
    for each in services.values():
        assert set(each.get("depends_on", {})) <= set(services)
        assert {volume.partition(":")[0] for volume in each.get("volumes", ())} <= set(compose["volumes"])
    assert services["worker"]["deploy"]["replicas"] == 2
    assert services["web"]["ports"] == ["127.0.0.1:5000:5000"], "strangers come in by the proxy with TLS"


def test_the_container_serves_by_a_command_there_is_and_not_as_root(examples: Path) -> None:
    lines = (examples / "Containerfile").read_text(encoding="utf-8").splitlines()
    steps = [line.split(" ", 1) for line in lines if line and not line.startswith("#")]
    assert next(step for step, _ in steps) == "FROM"
    assert dict(steps)["USER"] == "timebank"
    must_be_a_command(yaml.safe_load(dict(steps)["CMD"]))


def test_the_proxy_speaks_todays_tls_only_and_leads_no_program_on_that_speaks_openly(examples: Path) -> None:
    said = (examples / "nginx.conf").read_text(encoding="utf-8")
    openly, safely = said.split("listen 443 ssl")
    assert re.search(r"ssl_protocols ([^;]*);", safely)[1].split() == ["TLSv1.3", "TLSv1.2"]  # type: ignore[index]
    assert all(
        each.startswith("ECDHE-") and re.search("GCM|POLY1305", each) for each in re.search(r"ssl_ciphers ([^;]*);", safely)[1].split(":")
    )  # type: ignore[index]
    assert re.findall(r"location (\S+) { return (\d+)", openly) == [("/", "301"), ("/api/", "403"), ("/metrics", "403"), ("/feeds/", "403")]


def test_lines_go_to_another_machine_by_tls_to_whom_they_are_meant_for(examples: Path) -> None:
    said = (examples / "rsyslog.conf").read_text(encoding="utf-8")
    assert all(each in said for each in ('StreamDriverMode="1"', 'StreamDriverAuthMode="x509/name"', 'StreamDriverPermittedPeers="'))


def test_every_setting_in_an_example_is_one(examples: Path) -> None:
    for file in examples.iterdir():
        named = set(re.findall(r"TIMEBANK_[A-Z_]+", file.read_text(encoding="utf-8")))
        assert named <= SETTINGS, file.name


def test_what_is_in_a_folder_already_is_left_as_it_is(examples: Path) -> None:
    (examples / "timebank.service").write_text("own", encoding="utf-8")
    done = CliRunner().invoke(main, ["examples", str(examples)])
    assert done.exit_code == 2
    assert "left as it is" in done.output
    assert (examples / "timebank.service").read_text(encoding="utf-8") == "own"
