"""Going down a migration is one step, names what is lost, keeps a backup and wants its name typed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from tests import builders as make
from tests import databases
from tests.safekeeping.conftest import Office, before, down_to
from timebank import schema
from timebank.db import db, transaction

NEWEST = schema.head()
NAME = schema.title(NEWEST)
BEFORE = before(NEWEST)


def revision(office: Office) -> str:
    return str(office.ask("SELECT version_num FROM alembic_version")[0][0])


def step(office: Office, name: str) -> str:
    """Go one step down, and return what was said."""
    done = office.run("upgrade", "--down", "--yes-lose", name)
    assert done.exit_code == 0, done.output
    return done.output


def backups(office: Office) -> list[Path]:
    return sorted(office.instance.glob("*.zip"))


@pytest.mark.parametrize("given", [(), ("--yes-lose", NEWEST), ("--yes-lose", "yes"), ("--yes-lose", schema.title(BEFORE))])
def test_going_down_without_the_name_of_the_step_changes_nothing(office: Office, given: tuple[str, ...]) -> None:
    done = office.run("upgrade", "--down", *given)
    assert done.exit_code == 2
    assert f"--yes-lose {NAME}" in done.output
    assert revision(office) == NEWEST
    assert len(office.ask("SELECT * FROM community")) == 1
    assert backups(office) == []


def test_going_down_takes_one_step_behind_a_backup(office: Office, elsewhere: Office) -> None:
    said = step(office, NAME)
    assert revision(office) == BEFORE
    assert f"Going down {NAME} loses" in said
    assert len(office.ask("SELECT * FROM community")) == 1
    (kept,) = backups(office)
    assert str(kept) in said
    assert elsewhere.run("restore", kept).exit_code == 0
    assert revision(elsewhere) == NEWEST


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal")
@pytest.mark.parametrize(("typed", "left"), [(NAME, BEFORE), ("yes", NEWEST)])
def test_on_a_terminal_the_name_is_typed(small: Office, typed: str, left: str) -> None:
    ours, its = os.openpty()
    env = os.environ | {"TIMEBANK_INSTANCE": str(small.instance), "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    code = "from timebank.cli import main; main(['upgrade', '--down'])"
    with subprocess.Popen([sys.executable, "-c", code], env=env, stdin=its, stdout=its, stderr=its) as program:
        os.write(ours, f"{typed}\n".encode())
        assert (program.wait() == 0) == (left == BEFORE)
    os.close(ours)
    os.close(its)
    assert revision(small) == left


@pytest.mark.parametrize("office", databases.POSTGRES_IN_THE_LONG_RUN, indirect=True)
def test_what_a_step_loses_is_named_with_its_numbers_down_to_the_first_of_all_and_the_backup_still_has_it(
    office: Office, elsewhere: Office
) -> None:
    with office.open():
        down_to("0005")
    office.do("UPDATE canteen SET closes = 900")
    done = office.run("upgrade", "--down")
    assert "canteen.closes: 1 " in done.output
    assert "late_meal: 0 " in done.output
    assert "help_request.urgent: 0 " in done.output
    step(office, "0005_lived_week")
    assert revision(office) == "0004"
    assert elsewhere.run("restore", backups(office)[0]).exit_code == 0
    assert elsewhere.ask("SELECT closes FROM canteen") == [(900,)]
    with office.open():
        down_to("0001")
    said = office.run("upgrade", "--down").output
    for table in ("community: 1 ", "ledger_transfer: 2 ", "volunteer: 1 ", "household: 1 "):
        assert f"table {table}" in said
    step(office, "0001_first_tables")
    done = office.run("upgrade", "--down")
    assert (done.exit_code, "nothing to take back" in done.output) == (2, True)


def test_a_step_that_costs_nothing_says_so_and_one_that_cannot_be_taken_back_changes_nothing(small: Office) -> None:
    """Two volunteers share a telephone, which the schema before did not know."""
    with small.open(), transaction():
        community = db.session.scalars(select(make.Community)).one()
        for number in range(2):
            make.make_volunteer(community, has_phone=False, phone=f"1370000000{number}")
    with small.open():
        down_to("0007")
    assert "no data is lost" in small.run("upgrade", "--down").output
    small.do("UPDATE volunteer SET phone = '13700000000'")
    done = small.run("upgrade", "--down", "--yes-lose", schema.title("0007"))
    assert (done.exit_code, "cannot be taken back" in done.output) == (2, True)
    assert revision(small) == "0007"
    assert backups(small) == []
