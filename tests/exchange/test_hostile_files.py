"""Hostile files: a process of its own reads them, so what they do they do to it; all of them are kept in ``hostile.py``."""

import io
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.browser import Browser
from tests.exchange import hostile
from tests.exchange.files import Book
from timebank import children, clock
from timebank.access.models import Role
from timebank.cli import main
from timebank.db import db, transaction
from timebank.exchange import reading, uploads
from timebank.exchange.handed import Handed, hand_in
from timebank.exchange.models import Upload
from timebank.exchange.report import Problem
from timebank.exchange.sheets import Line, Merge, RawSheet, as_json, from_json

SignIn = Callable[..., Browser]
# What ended the whole service, each way, and one of every other kind; all of them are read in tests/attack/test_hostile_files.py.
KILLERS = [
    *(f"a cell at XFD1048576, {way}" for way in ("blanks", "small letters", "leading zeros", "an attribute with >", "an attribute before")),
    "a row 9223372036854775807",
    "4294967295 shared strings",
    "9223372036854775807 shared strings",
    "a long string a hundred thousand times",
]
OTHERS = [
    "a cell at XFD1048576, plain",
    "a cell at A1048576, blanks",
    "a sheet moved",
    "string 18446744073709551616",
    "a day NaN",
    "a kind b",
    "a size up to the end of Excel",
    f"deep {hostile.SHEET}",
    f"entities in {hostile.SHEET}",
    "an entity that is a file",
    "very many sheets",
    "very many merged cells",
    "relations that lead out",
    "relations to an address",
    "macros",
    "a formula that starts a program",
    "a part outside",
    "crumbs",
]
FAR_AND_MOVED = ("a cell at XFD1048576, plain", "a sheet moved")


def made(*names: str) -> tuple[str, bytes]:
    """Return one hostile workbook under the name it is handed in by."""
    _label, name, data = hostile.damaged(names, 1)
    return name, data


def killer() -> tuple[str, bytes]:
    return made(KILLERS[0])


def good(book: Book, *names: str) -> tuple[str, bytes]:
    return book({"单位": [["单位", "联系人"], *([name, ""] for name in names)]})


def choose(browser: Browser, *files: tuple[str, bytes]) -> TestResponse:
    """Choose files on the import page and send them."""
    return browser.send("/import", files=[(io.BytesIO(data), name) for name, data in files])


def says_what_to_do(handed: Handed) -> str:
    """Return the one sentence of a refused file; it says in both languages what to do next."""
    (problem,) = handed.problems
    assert "请" in problem.zh
    assert problem.en.endswith(".")
    return problem.zh


@pytest.mark.parametrize("names", [*((name,) for name in KILLERS), FAR_AND_MOVED], ids=" and ".join)
def test_what_ended_the_service_is_refused_in_words(names: tuple[str, ...]) -> None:
    assert "另存为 .xlsx 再试" in says_what_to_do(hand_in(made(*names)))


@pytest.mark.parametrize("name", OTHERS)
def test_a_hostile_workbook_is_refused_in_words_or_read_as_plain_cells(name: str) -> None:
    handed = hand_in(made(name))
    assert bool(handed.sheets) != bool(handed.problems)
    assert handed.sheets or says_what_to_do(handed)
    assert "root:" not in as_json(handed.sheets)  # nothing of this machine is among them


def test_what_is_no_workbook_is_refused_in_words_or_read_as_plain_cells() -> None:
    for label, name, data in hostile.whole_files():
        handed = hand_in((name, data))
        assert handed.sheets or says_what_to_do(handed), label


def test_the_files_beside_one_that_kills_its_reader_are_read(book: Book) -> None:
    handed = hand_in([good(book, "银杏里"), killer(), killer(), good(book, "红瓦"), ("旧.xls", b"old")])
    assert [sheet.lines[1].cells[0] for sheet in handed.sheets] == ["银杏里", "红瓦"]
    assert ["另存为 .xlsx 再试" in problem.zh for problem in handed.problems] == [True, True, False]


def test_a_file_that_takes_too_long_is_given_up(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "FILE_SECONDS", 0.001)
    assert "另存为 .xlsx 再试" in says_what_to_do(hand_in(good(book, "银杏里")))


def test_who_would_wait_long_for_other_peoples_files_is_asked_to_come_again(
    served: Flask, sign_in_as: SignIn, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_room", threading.Semaphore(0))
    monkeypatch.setattr(reading, "WAITING_SECONDS", 0.01)
    page = choose(sign_in_as(Role.COORDINATOR), good(book, "银杏里"))
    assert page.status_code == 429
    assert "请过一分钟再试" in page.text


def test_one_person_has_one_reading_at_a_time(served: Flask, sign_in_as: SignIn, book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    browser, another = sign_in_as(Role.COORDINATOR), sign_in_as(Role.COORDINATOR)
    answers = []

    def meanwhile(files: Any) -> Handed:
        if not answers:
            answers.append(None)
            answers.append(choose(browser, good(book, "红瓦")).status_code)
            answers.append(choose(another, good(book, "红瓦")).status_code)
        return hand_in(files)

    monkeypatch.setattr(uploads, "hand_in", meanwhile)
    assert choose(browser, good(book, "银杏里")).status_code == 303
    assert answers[1:] == [429, 303]
    assert choose(browser, good(book, "银杏里")).status_code == 303


def test_others_write_while_a_file_is_read(served: Flask, sign_in_as: SignIn, book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    wrote = []

    def write() -> None:
        with served.app_context(), transaction():
            db.session.add(Upload(user_id=browser.user, created_at=clock.now(), content=None, report={}))
        wrote.append(True)

    def meanwhile(files: Any) -> Handed:
        writer = threading.Thread(target=write, daemon=True)
        writer.start()
        writer.join(10)
        assert wrote, "a writer waits for somebody's file"
        return hand_in(files)

    browser = sign_in_as(Role.COORDINATOR)
    monkeypatch.setattr(uploads, "hand_in", meanwhile)
    assert choose(browser, good(book, "银杏里")).status_code == 303


def test_what_was_checked_is_not_read_again(served: Flask, sign_in_as: SignIn, book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = sign_in_as(Role.COORDINATOR)
    page = choose(browser, good(book, "银杏里")).location
    monkeypatch.setattr(subprocess, "Popen", None)
    browser.send(page)
    assert "已导入 1 行" in browser.get(page).text


def test_what_cannot_be_taken_in_is_not_kept(served: Flask, sign_in_as: SignIn) -> None:
    browser = sign_in_as(Role.COORDINATOR)
    page = choose(browser, killer()).location
    assert "这个文件读不了" in browser.get(page).text
    with served.app_context():
        assert db.session.scalars(select(Upload.content)).all() == [None]
    assert browser.send(page, skip_bad_rows="1").status_code == 409


def test_what_an_earlier_version_kept_must_be_chosen_again(served: Flask, sign_in_as: SignIn, book: Book) -> None:
    browser = sign_in_as(Role.COORDINATOR)
    page = choose(browser, good(book, "银杏里")).location
    with served.app_context(), transaction():
        db.session.scalars(select(Upload)).one().content = json.dumps([["上传.xlsx", "UEsDBA=="]])
    assert browser.send(page).status_code == 409


def test_the_command_line_survives_them_as_well(served: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, book: Book) -> None:
    monkeypatch.setenv("TIMEBANK_DATABASE_URL", str(served.config["SQLALCHEMY_DATABASE_URI"]))
    monkeypatch.setenv("TIMEBANK_INSTANCE", str(tmp_path))
    for name, (_name, data) in {"a.xlsx": killer(), "b.xlsx": good(book, "银杏里")}.items():
        (tmp_path / name).write_bytes(data)
    done = CliRunner().invoke(main, ["import", str(tmp_path / "a.xlsx"), str(tmp_path / "b.xlsx"), "--dry-run"])
    assert done.exit_code == 1
    assert "a.xlsx：这个文件读不了" in done.output
    assert "单位: 1 new" in done.output


# What the reader may do


def inside(code: str) -> str:
    """Run code in a process that has shut itself in as the reader does, and return what it prints."""
    start = "import sys, socket, sqlite3\nfrom timebank.exchange import reader\nreader.shut_in(100)\nreader.give_time()\n"
    command = [sys.executable, "-c", start + code]
    done = subprocess.run(command, capture_output=True, text=True, env=children.environment(), timeout=60, check=False)
    return done.stdout + str(done.returncode)


@pytest.mark.parametrize(
    "opening", ["open('/etc/hostname')", "socket.socket()", "sqlite3.connect('x.db').execute('select 1')", "__import__('os').pipe()"]
)
def test_the_reader_can_open_nothing(opening: str) -> None:
    assert inside(f"try:\n    {opening}\nexcept Exception as error:\n    print(type(error).__name__)").startswith(
        ("OSError", "OperationalError")
    )


def test_the_reader_has_little_memory() -> None:
    assert inside("try:\n    bytearray(600_000_000)\nexcept MemoryError:\n    print('refused')").startswith("refused")


def test_the_reader_has_little_time() -> None:
    assert inside("reader.MOST_SECONDS = 0\nreader.give_time()\nwhile True: pass") == "-24"  # SIGXCPU


def test_the_reader_knows_neither_settings_nor_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIMEBANK_SECRET_KEY", "hidden")
    assert "hidden" not in children.environment().values()


def test_the_reader_is_light() -> None:
    code = (
        "import timebank.exchange.reader, sys; print([name for name in ('flask', 'sqlalchemy', 'numpy', 'asyncio') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_cells_cross_over_as_what_they_are() -> None:
    cells = [
        "林\n涛",
        "\ud800",
        "",
        None,
        True,
        7,
        7.0,
        1e300,
        date(2026, 11, 25),
        datetime.combine(date(2026, 11, 25), time(9, 30, 1)),
        time(9, 30),
    ]
    sheets = [
        RawSheet("表.xlsx", "志愿者", [Line(3, [*cells, timedelta(days=2, microseconds=5)])], [Merge(1, 2, 0, 3)]),
        RawSheet("", "", []),
    ]
    assert from_json(as_json(sheets)) == sheets
    kinds = [type(cell) for cell in from_json(as_json(sheets))[0].lines[0].cells]
    assert kinds == [type(cell) for cell in sheets[0].lines[0].cells]
    handed = Handed(["表.xlsx"], sheets, [Problem("表.xlsx", "", 0, "", "请再试。", "Try again.")])
    assert Handed.from_kept(handed.as_kept()) == handed
