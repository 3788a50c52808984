"""A backup is restored into an empty place only, older ones are brought up to date, newer and broken ones refused."""

import json
import random
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.safekeeping.conftest import Office, before
from timebank import schema
from timebank.errors import Refusal
from timebank.safekeeping import actions, archive
from timebank.safekeeping.archive import Manifest

FLIPS, FLIPS_BY_THE_COMMAND = 1_000, 12
CUTS = 40


@pytest.fixture
def file(small: Office) -> Path:
    """Give the backup of a small office."""
    assert small.run("backup", "kept.zip").exit_code == 0
    return Path("kept.zip").resolve()


@pytest.fixture
def new() -> Office:
    """Give another machine."""
    return Office(Path("new").resolve())


def refused(new: Office, file: Path, words: str) -> None:
    """Check that a backup is refused in these words, and that nothing stands where it would have gone."""
    done = new.run("restore", file)
    assert (done.exit_code, words in done.output) == (2, True), done.output
    assert not new.instance.exists()


def sealed_anew(file: Path, **changed: Callable[[bytes], bytes]) -> Path:
    """Return a copy of a backup, some of its members changed, with a seal and a digest that fit them."""
    made, members = file.with_name("forged.zip"), file.with_name("members")
    members.mkdir()
    with zipfile.ZipFile(file) as opened:
        opened.extractall(members)
    for name, change in changed.items():
        path = members / name.replace("_", ".")
        path.write_bytes(change(path.read_bytes()))
    kept = json.loads((members / "manifest.json").read_text(encoding="utf-8"))
    kept["digest"] = archive.digest_of(members / "timebank.db")
    kept.pop("format")
    manifest = Manifest(**{**kept, "facts": archive.Facts.from_json(kept["facts"])})
    archive.write(made, manifest, {path.name: path for path in members.iterdir() if path.name != "manifest.json"})
    return made


def flipped(file: Path, dice: random.Random) -> Path:
    """Return a copy with one byte changed."""
    content = bytearray(file.read_bytes())
    content[dice.randrange(len(content))] ^= dice.randrange(1, 256)
    made = file.with_name("flipped.zip")
    made.write_bytes(content)
    return made


def test_of_a_thousand_changed_bytes_every_one_is_found(file: Path) -> None:
    dice, missed = random.Random(1), 0
    for _ in range(FLIPS):
        try:
            archive.read(flipped(file, dice))
        except Refusal:
            continue
        missed += 1
    assert missed == 0


def _flip_and_restore(file: Path, new: Office, times: int) -> None:
    dice = random.Random(2)
    for _ in range(times):
        refused(new, flipped(file, dice), "not a whole backup")


def test_a_changed_byte_restores_nothing(file: Path, new: Office) -> None:
    _flip_and_restore(file, new, FLIPS_BY_THE_COMMAND)


@pytest.mark.long
def test_a_thousand_changed_bytes_restore_nothing(file: Path, new: Office) -> None:
    _flip_and_restore(file, new, FLIPS)


def test_a_file_cut_short_anywhere_restores_nothing(file: Path, new: Office) -> None:
    dice, content = random.Random(3), file.read_bytes()
    cut = Path("cut.zip").resolve()
    for length in (0, 1, len(content) - 1, len(content) - 64, *(dice.randrange(len(content)) for _ in range(CUTS))):
        cut.write_bytes(content[:length])
        with pytest.raises(Refusal, match="not a whole backup"):
            archive.read(cut)
    refused(new, cut, "not a whole backup")


@pytest.mark.parametrize("content", [b"", b"letters", b"PK\x03\x04" + b"\0" * 4000])
def test_a_file_that_is_no_backup_is_refused(new: Office, tmp_path: Path, content: bytes) -> None:
    other = tmp_path / "other.zip"
    other.write_bytes(content)
    refused(new, other, "not a whole backup")
    refused(new, tmp_path / "none.zip", "There is no file")


def test_a_copy_of_the_bare_database_is_no_backup(small: Office, new: Office) -> None:
    refused(new, small.instance / "timebank.db", "not a whole backup")


def test_with_a_new_seal_on_it_a_changed_database_is_still_found(file: Path, new: Office) -> None:
    """The second wall: the database is not what the manifest says, or no whole database at all."""

    def shorter(content: bytes) -> bytes:
        return content[: len(content) // 2]

    refused(new, sealed_anew(file, timebank_db=shorter), "not a whole backup")


def test_an_older_database_under_a_newer_manifest_is_found(small: Office, file: Path, new: Office) -> None:
    """As of a plain copy: it is sound in itself, only it lacks what came last."""
    small.do("DROP TRIGGER audit_no_delete", "DELETE FROM audit", "DELETE FROM household")
    older = (small.instance / "timebank.db").read_bytes()
    refused(new, sealed_anew(file, timebank_db=lambda _content: older), "counts, audit_id, audit_at")


@pytest.mark.parametrize("name", ["timebank.db", "secret.key", "letters.txt"])
def test_a_place_that_is_not_empty_is_left_as_it_is(file: Path, new: Office, name: str) -> None:
    new.instance.mkdir()
    (new.instance / name).write_text("mine")
    done = new.run("restore", file)
    assert (done.exit_code, "is not empty" in done.output) == (2, True)
    assert [(path.name, path.read_text()) for path in new.instance.iterdir()] == [(name, "mine")]


def test_the_offices_own_place_is_never_restored_over(office: Office) -> None:
    assert office.run("backup", "kept.zip").exit_code == 0
    shutil.rmtree(office.instance)
    done = office.run("restore", "kept.zip")
    assert (done.exit_code, "is not empty" in done.output) == (2, True)
    assert len(office.ask("SELECT * FROM community")) == 1


def test_a_folder_is_named_with_into(small: Office, file: Path) -> None:
    done = small.run("restore", file, "--into", "other")
    assert done.exit_code == 0
    assert Office(Path("other").resolve()).ask("SELECT COUNT(*) FROM community") == [(1,)]
    assert {path.name for path in Path("other").iterdir()} == {"timebank.db", "secret.key"}


def test_a_backup_goes_only_to_its_own_kind_of_database(office: Office, elsewhere: Office) -> None:
    assert office.run("backup", "kept.zip").exit_code == 0
    other = Office(elsewhere.instance, "" if office.server else "postgresql+psycopg://nobody@127.0.0.1:1/none")
    refused(other, Path("kept.zip"), "another kind of database")


def test_a_backup_of_an_older_schema_is_brought_up_to_date(office: Office, elsewhere: Office) -> None:
    with office.open():
        schema.step_down()
    assert office.run("backup", "kept.zip").exit_code == 0
    done = elsewhere.run("restore", "kept.zip")
    assert (done.exit_code, f"schema {before(schema.head())}" in done.output) == (0, True)
    with elsewhere.open():
        assert schema.is_current()


def test_a_backup_of_a_newer_schema_is_refused(small: Office, new: Office) -> None:
    small.do("UPDATE alembic_version SET version_num = '9999'")
    assert small.run("backup", "newer.zip").exit_code == 0
    refused(new, Path("newer.zip"), "made by a newer version")


def test_a_backup_in_a_newer_form_is_refused(file: Path, new: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "FORMAT", 2)
    newer = sealed_anew(file)
    monkeypatch.setattr(archive, "FORMAT", 1)
    refused(new, newer, "made by a newer version")


def test_a_restore_that_fails_half_way_leaves_nothing(file: Path, new: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RuntimeError

    monkeypatch.setattr(actions.schema, "upgrade", fail)
    with pytest.raises(RuntimeError):
        new.run("restore", file)
    assert not new.instance.exists()
