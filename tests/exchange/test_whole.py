"""An office leaves today and comes back tomorrow with nothing lost, on either kind of database; what lets somebody in stays behind."""

import hashlib
import io
import json
import shutil
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import func, select, text

from tests import builders as make
from tests import databases
from tests.browser import Browser, build
from tests.conftest import migrated
from tests.exchange.files import Book, take_in
from tests.served import TODAY, World, served_world
from timebank import schema, sealcheck, seeding
from timebank.access.models import Role, Session
from timebank.books import queries
from timebank.certificates import actions, checking
from timebank.certificates.models import Certificate
from timebank.cli import main
from timebank.db import db, transaction
from timebank.elders.models import Elder, Household
from timebank.errors import Invalid
from timebank.exchange import going_out, one_person, unpacking
from timebank.exchange.actions import import_files
from timebank.exchange.filled import books
from timebank.exchange.handed import hand_in
from timebank.exchange.report import Fate
from timebank.exchange.whole import MANIFEST, Order
from timebank.ledger.verify import verify
from timebank.places.models import Community
from timebank.volunteers.models import Volunteer

WORDS = "松木第三扇门 钥匙在砖下"
PASSPHRASE = "a passphrase for tests"
SignIn = Callable[..., Browser]


@contextmanager
def office(url: str, instance: Path, key: str) -> Iterator[Flask]:
    """Open a service with a key of its own."""
    app = build(instance, database_url=url, secret_key=key)
    with app.app_context():
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()


def lived(app: Flask) -> World:
    """Give an office hours, a certificate, words under seal and somebody who is signed in."""
    world = served_world(app)
    with transaction():
        community, volunteer, coordinator = world.get()
        make.make_household(community, door_note=WORDS)
        actions.issue_certificate(volunteer, date(2026, 1, 1), TODAY, coordinator)
        db.session.add(Session(token_hash="x", user_id=coordinator.id, created_at=make.set_clock("2026-11-25 10:30"),
                               last_seen_at=make.set_clock("2026-11-25 10:30"), expires_at=make.set_clock("2026-11-25 10:30")))  # fmt: skip
    return world


def what_people_have(world: World) -> dict[str, Any]:
    """Return balances, a statement, the certificate and the head of the book as the office reads them."""
    _, volunteer, _ = world.get()
    month = queries.statement(volunteer, date(2026, 10, 1))
    paper = db.session.scalars(select(Certificate)).one()
    return {
        "balances": [tuple(row) for row in db.session.execute(text("SELECT id, kind, balance, last_seq FROM ledger_account ORDER BY id"))],
        "statement": (month.minutes, month.account.closing, month.lifetime, [line.id for line in month.records]),
        "certificate": (paper.number, paper.check_code, str(checking.standing(paper)), paper.content),
        "chain": [tuple(row) for row in db.session.execute(text("SELECT seq, prev_hash, hash FROM ledger_transfer ORDER BY seq"))],
        "door": db.session.scalars(select(Household.door_note).where(Household.door_note.is_not(None))).all(),
    }


@pytest.mark.parametrize("kinds", [("sqlite", "postgresql"), ("postgresql", "sqlite")], ids=" to ".join)
def test_an_office_leaves_and_comes_back_on_the_other_kind_of_database(
    kinds: tuple[str, str], tmp_path: Path, folder: Path, server: str
) -> None:
    here, there = (databases.fresh_database(kind, migrated, folder=folder, server=server) for kind in kinds)
    with office(here, tmp_path / "old", "the old office's own key, long enough") as app:
        world = lived(app)
        before = what_people_have(world)
        file, made = going_out.export_to(tmp_path, Order(PASSPHRASE))
    assert made.tables["service_record"]["rows"] == 3
    with office(there, tmp_path / "new", "another key that the new office has made") as app:
        manifest = unpacking.look_into(file)
        with transaction():
            unpacking.take_in_whole(file, manifest, PASSPHRASE)
        assert what_people_have(world) == before
        assert before["door"] == [WORDS]
        assert verify().ok
        # The empty database's own first seal is by the key of the tests that made it.
        assert {fault.table for fault in sealcheck.check_now().faults} == {"seal"}
        assert db.session.scalar(select(func.count()).select_from(Session)) == 0
        with transaction():
            paper = db.session.scalars(select(Certificate)).one()
            assert actions.replace(paper, world.get()[2], "负责人换了").serial == 2


def test_what_lets_somebody_in_and_what_is_sealed_stand_in_no_file_of_an_export(app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        lived(app)
        file, _ = going_out.export_to(tmp_path, Order(PASSPHRASE))
    with zipfile.ZipFile(file) as opened:
        everything = {name: opened.read(name) for name in opened.namelist()}
        kept = json.loads(everything[MANIFEST])
    assert {"session", "sign_in_code", "magic_link", "upload", "submission"} <= set(kept["left_out"])
    assert not any(f"tables/{name}.jsonl" in everything for name in kept["left_out"])
    assert all(WORDS.encode() not in content for content in everything.values())
    assert file.stat().st_mode & 0o077 == 0


def test_a_wrong_passphrase_a_changed_byte_and_a_used_database_change_nothing(app: Flask, tmp_path: Path, folder: Path) -> None:
    with app.app_context():
        lived(app)
        file, manifest = going_out.export_to(tmp_path, Order(PASSPHRASE))
        with pytest.raises(Exception, match="not empty"), transaction():
            unpacking.take_in_whole(file, manifest, PASSPHRASE)
    changed = tmp_path / "changed.zip"
    with zipfile.ZipFile(file) as whole, zipfile.ZipFile(changed, "w") as made:
        for name in whole.namelist():
            content = whole.read(name)
            made.writestr(name, content.replace(b'"minutes":35', b'"minutes":95') if name == "tables/service_record.jsonl" else content)
    with office(databases.fresh_database("sqlite", migrated, folder=folder), tmp_path / "new", "another key that is long enough, too"):
        with pytest.raises(Invalid, match=r"tables/service_record.jsonl is not whole"):
            unpacking.look_into(changed)
        with pytest.raises(Invalid, match="not the passphrase"), transaction():
            unpacking.take_in_whole(file, manifest, "another passphrase")
        assert db.session.scalar(select(func.count()).select_from(Community)) == 0


def test_a_cheat_who_mends_the_digest_as_well_is_found_by_the_books(app: Flask, tmp_path: Path, folder: Path) -> None:
    with app.app_context():
        lived(app)
        file, _ = going_out.export_to(tmp_path, Order(PASSPHRASE))
    cheated = tmp_path / "cheated.zip"
    with zipfile.ZipFile(file) as whole, zipfile.ZipFile(cheated, "w") as made:
        kept = json.loads(whole.read(MANIFEST))
        rows = whole.read("tables/ledger_transfer.jsonl").replace(b'"minutes":35', b'"minutes":95')
        count, digest = schema_digest(rows)
        kept["tables"]["ledger_transfer"] = {"rows": count, "sha256": digest, "open_sha256": digest}
        for name in set(whole.namelist()) - {MANIFEST}:
            made.writestr(name, rows if name == "tables/ledger_transfer.jsonl" else whole.read(name))
        made.writestr(MANIFEST, json.dumps(kept))
    with office(databases.fresh_database("sqlite", migrated, folder=folder), tmp_path / "new", "another key that is long enough, too"):
        with pytest.raises(Invalid, match="ledger is broken"), transaction():
            unpacking.take_in_whole(cheated, unpacking.look_into(cheated), PASSPHRASE)
        assert schema.is_current()
        assert db.session.scalar(text("SELECT COUNT(*) FROM ledger_transfer")) == 0


def schema_digest(rows: bytes) -> tuple[int, str]:
    """Return how many lines there are and their digest, as a manifest says them."""
    return rows.count(b"\n"), hashlib.sha256(rows).hexdigest()


def run(instance: Path, *words: str | Path, typed: str = "") -> Result:
    """Run the program on an instance of its own."""
    env = {"TIMEBANK_INSTANCE": str(instance), "TIMEBANK_DATABASE_URL": ""}
    return CliRunner().invoke(main, [str(word) for word in words], env=env, input=typed, catch_exceptions=False)


def test_the_two_commands_ask_for_the_passphrase_and_say_what_they_carried(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    old, new, file = tmp_path / "old", tmp_path / "new", tmp_path / "all.zip"
    for instance in (old, new):
        instance.mkdir()
        shutil.copyfile(databases.fresh_database("sqlite", migrated, folder=folder).removeprefix("sqlite:///"), instance / "timebank.db")
    short = run(old, "export", file, typed="short\nshort\n")
    assert short.exit_code == 2
    assert "at least 10" in short.output
    assert run(old, "export", file, typed=f"{PASSPHRASE}\n{PASSPHRASE}\n").exit_code == 0
    assert run(old, "export", file, typed=f"{PASSPHRASE}\n{PASSPHRASE}\n").exit_code == 2
    looked = run(new, "import", "--whole", "--dry-run", file)
    assert "rows" in looked.output
    done = run(new, "import", "--whole", file, typed=f"{PASSPHRASE}\n")
    assert "已导入" in done.output
    assert done.exit_code == 0


def test_rosters_that_were_taken_out_come_in_again_as_the_same(served: Flask, badaguan: list[Path], book: Book) -> None:
    with served.app_context():
        assert take_in(badaguan).applied
        community = db.session.scalars(select(Community)).one()
        report = take_in(books(community, in_clear=True))
        assert not report.problems, [str(each) for each in report.problems[:5]]
        assert report.rows(Fate.NEW, Fate.CHANGED, Fate.BAD) == 0, {name: dict(each) for name, each in report.fates.items()}
        assert report.rows(Fate.SAME) > 300


def test_one_persons_data_hold_what_points_at_them_and_nobody_elses(app: Flask) -> None:
    with app.app_context():
        world = lived(app)
        with transaction():
            told = one_person.export(db.session.get_one(Volunteer, world.volunteer))
        assert len(told["service_record"]) == 3
        assert len(told["ledger_transfer"]) == 3
        assert [row["id"] for row in told["volunteer"]] == [world.volunteer]
        assert "session" not in told
        with transaction():
            elder = db.session.scalars(select(Elder)).first()
            assert elder is not None
            of_elder = one_person.export(elder)
        assert [row["id"] for row in of_elder["elder"]] == [elder.id]
        assert "volunteer" not in of_elder
        assert one_person.as_workbook(of_elder).startswith(b"PK")


def test_only_an_administrator_takes_out_everything_and_it_is_on_record(served: Flask, sign_in_as: SignIn) -> None:
    twice = {"passphrase": PASSPHRASE, "again": PASSPHRASE}
    assert sign_in_as(Role.COORDINATOR).send("/import/out/everything", **twice).status_code == 403
    browser = sign_in_as(Role.ADMIN)
    assert "Community object" not in browser.get("/import/out").text
    assert "两次打的口令不一样" in browser.send("/import/out/everything", **(twice | {"again": "something else"})).text
    answer = browser.send("/import/out/everything", **twice)
    assert answer.mimetype == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as opened:
        mark = json.loads(opened.read(MANIFEST))["mark"]
    with served.app_context():
        assert db.session.execute(text("SELECT subject_id FROM audit WHERE verb = 'export_whole'")).scalars().all() == [mark]


def test_a_coordinator_takes_out_the_rosters_of_the_own_community_and_one_persons_data(served: Flask, sign_in_as: SignIn) -> None:
    with served.app_context(), transaction():
        community = db.session.scalars(select(Community)).one()
        elder = make.make_elder(make.make_household(community)).id
        other = make.make_community("elsewhere")
        stranger = make.make_elder(make.make_household(other)).id
    browser = sign_in_as(Role.COORDINATOR)
    with zipfile.ZipFile(io.BytesIO(browser.send("/import/out/rosters").data)) as opened:
        assert len(opened.namelist()) == 4
    assert browser.send(f"/import/out/elder/{elder}", form="json").get_json()["tables"]["elder"][0]["id"] == elder
    assert browser.send(f"/import/out/elder/{elder}", form="xlsx").data.startswith(b"PK")
    assert browser.send(f"/import/out/elder/{stranger}", form="json").status_code == 404
    assert sign_in_as(Role.INSPECTOR).send("/import/out/rosters").status_code == 403


@pytest.mark.long  # the greatest roster comes in first, which takes a minute
def test_the_greatest_community_leaves_and_comes_back_within_two_minutes(tmp_path: Path, folder: Path) -> None:
    here, there = (databases.fresh_database("sqlite", migrated, folder=folder) for _ in range(2))
    with office(here, tmp_path / "old", "the old office's own key, long enough"):
        with transaction():
            seeding.seed_catalogue()
            assert import_files(hand_in(seeding.community_folder("binhu"))).applied
        began = time.process_time()
        file, made = going_out.export_to(tmp_path, Order(PASSPHRASE))
        out = time.process_time() - began
    with office(there, tmp_path / "new", "another key that the new office has made"):
        with transaction():
            unpacking.take_in_whole(file, unpacking.look_into(file), PASSPHRASE)
        spent = time.process_time() - began
        back = {name: db.session.scalar(text(f'SELECT COUNT(*) FROM "{name}"')) for name in made.tables}
    sys.stdout.write(f"{sum(back.values())} rows: out in {out:.1f} s, out and in again in {spent:.1f} s\n")
    came_back = {name: table["rows"] for name, table in made.tables.items()}
    assert back == came_back | {"audit": came_back["audit"] + 1}, "that it came back is on record"
    assert back["volunteer"] == 6327
    assert spent <= 120
