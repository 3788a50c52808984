"""A backup is whole, says what it holds, and comes back in an empty place on either database."""

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from flask import current_app

from tests.safekeeping.conftest import WORDS, Office, doors
from timebank import audit, clock, schema, sealcheck
from timebank.db import sqlite_driver, transaction, wal_is_safe
from timebank.ledger.verify import verify

ACKNOWLEDGED = 25


def kept(office: Office, name: str = "kept.zip", *options: str) -> Path:
    """Make a backup and return it."""
    done = office.run("backup", name, *options)
    assert done.exit_code == 0, done.output
    return Path(name).resolve()


def of_the_program(office: Office) -> dict[str, str]:
    """Return the surroundings of the program as a process of its own."""
    return os.environ | {"TIMEBANK_INSTANCE": str(office.instance), "PYTHONPATH": str(Path(__file__).resolve().parents[2])}


def manifest(file: Path) -> dict[str, object]:
    with zipfile.ZipFile(file) as opened:
        return dict(json.loads(opened.read("manifest.json")))


def everything(office: Office) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table but the audit trail and its seals, which also tell of the backup and the restore."""
    tables = manifest(Path("kept.zip"))["facts"]["counts"]  # type: ignore[index]
    return {table: sorted(office.ask(f'SELECT * FROM "{table}"'), key=str) for table in tables if table not in {"audit", "seal"}}


def test_a_backup_comes_back_row_for_row_with_its_words_under_seal(office: Office, elsewhere: Office) -> None:
    file = kept(office)
    done = elsewhere.run("restore", file)
    assert done.exit_code == 0, done.output
    assert everything(elsewhere) == everything(office)
    assert doors(elsewhere) == [WORDS]
    with elsewhere.open():
        assert (verify().ok, verify().transfers) == (True, 2)
        assert sealcheck.check_now().ok


def test_what_stands_only_in_the_log_is_in_the_backup_and_not_in_a_plain_copy(small: Office) -> None:
    """The plain copy is sound in itself, and empty of what was acknowledged: nobody would notice."""
    with small.open():
        for number in range(ACKNOWLEDGED):
            with transaction():
                audit.record("acknowledged", "write", number)
        shutil.copyfile(small.instance / "timebank.db", "plain.db")
        file = kept(small)
    question = "SELECT COUNT(*) FROM audit WHERE verb = 'acknowledged'"
    plain = Office(Path(), "sqlite:///plain.db")
    assert plain.ask("PRAGMA integrity_check") == [("ok",)]
    if wal_is_safe(sqlite_driver().sqlite_version_info):
        assert plain.ask(question) == [(0,)]
    new = Office(Path("new").resolve())
    assert new.run("restore", file).exit_code == 0
    assert new.ask(question) == [(ACKNOWLEDGED,)]


def test_a_program_killed_while_it_writes_leaves_no_file_of_that_name(small: Office) -> None:
    """The name comes last, to a file that is whole."""
    code = (
        "import os, signal; from timebank import cli; from timebank.safekeeping import archive;"
        "archive.name_it = lambda *words: os.kill(os.getpid(), signal.SIGKILL);"
        "cli.main(['backup', 'kept.zip'])"
    )
    done = subprocess.run([sys.executable, "-c", code], env=of_the_program(small), check=False)
    assert done.returncode == -signal.SIGKILL
    assert not Path("kept.zip").exists()
    assert "none yet" in small.run("doctor").output
    kept(small)


def test_a_backup_says_what_it_holds_before_anything_is_restored(office: Office, elsewhere: Office) -> None:
    file = kept(office)
    inside = manifest(file)["facts"]
    assert isinstance(inside, dict)
    assert inside["schema"] == schema.head()
    assert inside["counts"]["community"] == 1
    (newest,) = office.ask("SELECT seq, hash FROM ledger_transfer ORDER BY seq DESC LIMIT 1")
    assert inside["heads"] == [[1, "松坡社区", *newest]]
    assert (inside["audit_id"],) == office.ask("SELECT MAX(id) FROM audit WHERE verb = 'fill'")[0]
    done = elsewhere.run("restore", "--dry-run", file)
    assert done.exit_code == 0
    for words in (f"audit {inside['audit_id']}", "松坡社区", str(newest[1])[:16], "volunteers 1"):
        assert words in done.output
    assert not elsewhere.instance.exists()


def test_making_and_restoring_a_backup_are_on_record(office: Office, elsewhere: Office) -> None:
    file = kept(office)
    elsewhere.run("restore", file)
    newest = "SELECT verb FROM audit ORDER BY id DESC LIMIT 1"
    assert (office.ask(newest), elsewhere.ask(newest)) == ([("back_up",)], [("restore",)])


def test_the_doctor_says_when_the_last_backup_was_made(small: Office) -> None:
    Path("kept.zip").touch()
    assert small.run("backup", "kept.zip").exit_code == 2
    assert "none yet" in small.run("doctor").output
    Path("kept.zip").unlink()
    kept(small)
    assert f"backup: {clock.now():%Y-%m-%d}" in small.run("doctor").output


def test_a_backup_is_for_the_owner_alone_and_leaves_nothing_beside_it(small: Office) -> None:
    file = kept(small, "out.zip")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert {path.name for path in file.parent.iterdir()} == {"out.zip", "instance"}


def test_a_file_that_is_there_is_never_overwritten(small: Office) -> None:
    Path("kept.zip").write_text("letters")
    done = small.run("backup", "kept.zip")
    assert (done.exit_code, "never overwritten" in done.output) == (2, True)
    assert Path("kept.zip").read_text() == "letters"


def test_a_backup_made_meanwhile_under_the_same_name_stays(small: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    write = zipfile.ZipFile.write

    def and_somebody_else(made: zipfile.ZipFile, *words: str) -> None:
        Path("kept.zip").write_text("theirs")
        write(made, *words)

    monkeypatch.setattr(zipfile.ZipFile, "write", and_somebody_else)
    assert small.run("backup", "kept.zip").exit_code == 2
    assert Path("kept.zip").read_text() == "theirs"


def test_in_a_folder_each_backup_gets_a_name_of_its_own(small: Office) -> None:
    Path("stick").mkdir()
    assert small.run("backup", "stick").exit_code == 0
    (made,) = Path("stick").iterdir()
    assert made.name.startswith("timebank-20")
    assert small.run("restore", "--dry-run", made).exit_code == 0


def test_where_there_is_no_database_nothing_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    bare = Office(tmp_path / "nothing")
    for words in (("backup", "kept.zip"), ("upgrade", "--down")):
        assert bare.run(*words).exit_code == 2
    assert list(tmp_path.iterdir()) == []
    bare.instance.mkdir()
    (bare.instance / "timebank.db").touch()
    for words, said in ((("backup", "kept.zip"), "The database is empty"), (("upgrade", "--down"), "nothing to take back")):
        assert said in bare.run(*words).output
    assert {path.name for path in tmp_path.iterdir()} == {"nothing"}


@pytest.mark.parametrize("room", [100_000, 600_000])
def test_a_disk_that_is_full_gets_no_half_file(small: Office, room: int) -> None:
    """No file may grow over the room there is: the copy does not fit, or only nearly."""
    code = (
        "import resource, sys; from timebank.cli import main;"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room})); main(['backup', 'kept.zip'])"
    )
    done = subprocess.run([sys.executable, "-c", code], env=of_the_program(small), capture_output=True, text=True, check=False)
    assert (done.returncode, "Cannot write" in done.stderr) == (2, True), done.stderr
    assert {path.name for path in Path().iterdir()} == {"instance"}


def test_what_a_killed_program_left_goes_a_day_later(small: Office) -> None:
    for name, hours in (("old", 25), ("new", 1)):
        left = Path(f".timebank-work-{name}")
        left.mkdir()
        os.utime(left, (time.time() - hours * 3600,) * 2)
    kept(small)
    assert {path.name for path in Path().iterdir()} == {"instance", "kept.zip", ".timebank-work-new"}


def test_a_database_named_by_a_path_that_begins_nowhere_is_found(small: Office, tmp_path: Path) -> None:
    with small.open():
        where = os.path.relpath(small.instance / "timebank.db", current_app.instance_path)
    named = Office(tmp_path / "other", f"sqlite:///{where}", more={"TIMEBANK_SECRET_KEY": "zQ8vR3sJx0ZkLw7Yt2NpUe5aHdGf1CbMi9ToXyKw4Vn6"})
    assert named.run("backup", "kept.zip").exit_code == 0
    done = Office(tmp_path / "new", "sqlite:///new.db", more=named.more).run("restore", "kept.zip")
    assert (done.exit_code, "Write the whole path" in done.output) == (2, True)


def test_a_key_kept_apart_is_asked_for_and_must_be_the_right_one(small: Office) -> None:
    file = kept(small, "kept.zip", "--without-key")
    with zipfile.ZipFile(file) as opened:
        assert "secret.key" not in opened.namelist()
    new = Office(Path("new").resolve())
    wrong = Path("wrong.key")
    wrong.write_text("x" * 64)
    for options in ((), ("--key", "wrong.key")):
        done = new.run("restore", file, *options)
        assert (done.exit_code, "--key FILE" in done.output) == (2, True)
        assert not new.instance.exists()
    assert new.run("restore", file, "--key", small.instance / "secret.key").exit_code == 0
    assert doors(new) == [WORDS]
    assert stat.S_IMODE((new.instance / "secret.key").stat().st_mode) == 0o600


def test_an_office_that_lost_its_key_still_gets_all_the_rest(small: Office) -> None:
    file = kept(small, "kept.zip", "--without-key")
    new = Office(Path("new").resolve())
    assert new.run("restore", file, "--without-key").exit_code == 0
    assert doors(new) == [None]
    assert new.run("ledger", "verify").exit_code == 0


def test_a_key_from_a_setting_is_not_inside_and_the_new_machine_needs_the_setting(small: Office) -> None:
    secret = {"TIMEBANK_SECRET_KEY": (small.instance / "secret.key").read_text()}
    small.more = secret
    file = kept(small)
    assert "secret.key" not in zipfile.ZipFile(file).namelist()
    new = Office(Path("new").resolve())
    assert new.run("restore", file).exit_code == 2
    new.more = secret
    assert new.run("restore", file).exit_code == 0
    assert doors(new) == [WORDS]


def test_a_machine_with_another_secret_set_does_not_take_words_it_cannot_read(small: Office) -> None:
    file = kept(small)
    new = Office(Path("new").resolve(), more={"TIMEBANK_SECRET_KEY": "yQ8vR3sJx0ZkLw7Yt2NpUe5aHdGf1CbMi9ToXyKw4Vn6"})
    done = new.run("restore", file)
    assert (done.exit_code, "does not open" in done.output) == (2, True)


def test_a_broken_ledger_is_kept_as_it_is_and_said_aloud(small: Office) -> None:
    small.do("DROP TRIGGER ledger_transfer_no_update", "UPDATE ledger_transfer SET minutes = 61")
    done = small.run("backup", "kept.zip")
    assert (done.exit_code, "ledger is broken" in done.output) == (1, True)
    new = Office(Path("new").resolve())
    done = new.run("restore", "kept.zip")
    assert (done.exit_code, "ledger is broken" in done.output) == (1, True)
    assert new.instance.exists()
    assert new.run("ledger", "verify").exit_code == 1


@pytest.mark.parametrize("pages", [range(2, 30), range(150, 250)])
def test_a_damaged_database_makes_no_backup(small: Office, pages: range) -> None:
    with (small.instance / "timebank.db").open("r+b") as stream:
        for page in pages:
            stream.seek(4096 * page)
            stream.write(b"\xff" * 8)
    done = small.run("backup", "kept.zip")
    assert (done.exit_code, "damaged" in done.output) == (2, True)
    assert not Path("kept.zip").exists()


def test_without_postgresqls_tools_it_says_what_to_install(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    if not office.server:
        kept(office)
        return
    monkeypatch.setenv("PATH", "")
    done = office.run("backup", "kept.zip")
    assert (done.exit_code, "postgresql-client-18" in done.output) == (2, True)
    assert not Path("kept.zip").exists()


def test_tools_older_than_the_server_are_told_in_their_own_words(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not office.server:
        return
    old = tmp_path / "old"
    old.mkdir()
    (old / "pg_dump").write_text("#!/bin/sh\necho 'pg_dump: error: aborting because of server version mismatch' >&2\nexit 1\n")
    (old / "pg_dump").chmod(0o755)
    monkeypatch.setenv("PATH", f"{old}{os.pathsep}{os.environ['PATH']}")
    done = office.run("backup", "kept.zip")
    assert (done.exit_code, "server version mismatch. If it is a matter of versions" in done.output) == (2, True)
    assert not Path("kept.zip").exists()
