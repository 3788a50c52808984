"""The handbook: for administrators, in both languages, and true: every command and setting in it is the program's own."""

import shlex
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.browser import Browser
from tests.operation.commands import must_be_a_command
from timebank.access.models import Role
from timebank.cli import main
from timebank.config import Settings
from timebank.handbook.settings import MEANINGS, told
from timebank.handbook.text import Do
from timebank.handbook.trouble import TROUBLES
from timebank.handbook.views import CHAPTERS

SignIn = Callable[..., Browser]
LINES = [part.line for chapter in CHAPTERS for part in chapter.parts if isinstance(part, Do)]
LINES += [part.line for _seen, way in TROUBLES for part in way if isinstance(part, Do)]
OWN = [line for line in dict.fromkeys(LINES) if line.startswith("timebank ")]


def test_an_administrator_reads_it_in_either_language_and_nobody_else_does(sign_in_as: SignIn) -> None:
    admin = sign_in_as(Role.ADMIN)
    page = admin.get("/handbook/").text
    assert "<h1>管理员手册</h1>" in page
    assert "备份和恢复" in page
    assert "timebank backup /var/backups/timebank" in page
    assert 'href="/handbook/"' in admin.get("/import").text
    assert sign_in_as(Role.COORDINATOR).get("/handbook/").status_code == 403


@pytest.mark.parametrize("line", OWN)
def test_every_command_in_it_is_one_of_the_program(line: str) -> None:
    must_be_a_command(shlex.split(line))


def test_no_command_of_the_program_is_left_out_that_an_administrator_needs() -> None:
    named = {shlex.split(line)[1] for line in OWN}
    elsewhere = {"demo", "rehearse", "ledger", "certificate", "seal"}  # for a try, or for the office's own work
    assert set(main.commands) - elsewhere == named


def test_every_setting_is_told_in_both_languages() -> None:
    assert set(MEANINGS) == {each.name for each in fields(Settings)}
    assert all(each.meaning[0] and each.meaning[1] for each in told())


def test_an_office_lives_by_its_commands(tmp_path: Path) -> None:
    home, program = tmp_path / "office", CliRunner()
    env = {"TIMEBANK_INSTANCE": str(home), "TIMEBANK_DATABASE_URL": "", "TIMEBANK_SECRET_KEY": ""}

    def run(line: str) -> str:
        done = program.invoke(main, shlex.split(line), env=env, catch_exceptions=False)
        assert done.exit_code == 0, (line, done.output)
        return done.output

    assert "/link/" in run("init --admin-phone 13900000000 --admin-name 王敏")
    assert "backup: 还没有备份" in run("doctor")
    made = run(f"backup {tmp_path}").split(" ")[0]
    run(f"restore {made} --dry-run")
    run(f"restore {made} --into {tmp_path / 'again'}")
    run(f"verify --against {made}")
    run("keys rotate")
    run("upgrade")
    assert "none yet" not in run("doctor")
