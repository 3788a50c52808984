"""Hostile files handed in to a real server: it stays the same process, as large as it was, and answers everybody else."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from tests import databases
from tests.attack import served
from tests.conftest import migrated
from tests.exchange import hostile
from timebank.exchange.reading import MOST_BYTES
from timebank.lanes import READERS
from timebank.serving import free_port

ALL = 220
# Refusals of the page itself, a page of what was found, never a fault.
ANSWERS = {303, 422}
GROWTH = 48 * hostile.MEGABYTE


@dataclass
class Office:
    """A server of its own and the coordinator's phone."""

    program: "subprocess.Popen[bytes]"
    port: int
    phone: served.Phone

    def hand_in(self, number: int, name: str, data: bytes) -> int:
        """Choose a file on the import page and return the status of the answer."""
        file = FileStorage(BytesIO(data), name)
        form = {"csrf_token": self.phone.token, "_key": f"hostile-file-{number}", "files": file}
        edge, body = encode_multipart(form)
        headers = {"Cookie": self.phone.cookies, "Content-Type": f"multipart/form-data; boundary={edge}"}
        return served.ask(self.port, "POST", "/import", body, headers)[0]

    def resident(self) -> int:
        """Return how much memory the server holds."""
        pages = Path(f"/proc/{self.program.pid}/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")


@pytest.fixture
def office(folder: Path, tmp_path: Path) -> Generator[Office]:
    """Serve a community by the command people use."""
    url = databases.fresh_database("sqlite", migrated, folder=folder)
    _app, names = served.prepare(url, tmp_path)
    port = free_port("127.0.0.1", 18_500)
    command = [sys.executable, "-c", "from timebank.cli import main; main()", "run", "--port", str(port)]
    root = str(Path(__file__).resolve().parents[2])
    settings = {"PYTHONPATH": root, "TIMEBANK_DATABASE_URL": url, "TIMEBANK_INSTANCE": str(tmp_path), "TIMEBANK_WORKERS": "0"}
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ | settings) as program:
        try:
            served.wait_for(port)
            yield Office(program, port, served.phone_of(names, port, "office", "/import"))
        finally:
            program.terminate()


def _attack(office: Office, files: Sequence[hostile.File]) -> None:
    """Hand in every file; the server answers each in words, and somebody else's page after each."""
    seen: Counter[int] = Counter()
    for number, (label, name, data) in enumerate(files):
        status = office.hand_in(number, name, data)
        assert status in ANSWERS, label
        assert served.ask(office.port, "GET", "/readyz", "", {})[0] == 200, label
        seen[status] += 1
    assert office.program.poll() is None
    assert seen.total() == len(files)


def test_what_killed_the_server_no_longer_does(office: Office) -> None:
    ways = ("blanks", "small letters", "leading zeros", "an attribute with >", "an attribute before")
    named = [(f"a cell at XFD1048576, {way}",) for way in ways]
    named += [("a cell at XFD1048576, plain", "a sheet moved"), ("4294967295 shared strings",), ("a row 9223372036854775807",)]
    _attack(office, [hostile.damaged(names, 1) for names in named])


@pytest.mark.long
def test_two_hundred_hostile_files_leave_the_server_as_it_was(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    files = hostile.every_file(ALL)
    assert len({data for _label, _name, data in files}) == ALL
    # Each of the threads that read has had a file as large as they come before anything is measured.
    for number in range(2 * READERS):
        office.hand_in(ALL + number, "表.xlsx", b"\0" * MOST_BYTES)
    before = office.resident()
    _attack(office, files)
    grown = office.resident() - before
    with capsys.disabled():
        print(f"\n{ALL} hostile files, 0 aborts; the server held {before >> 20} MB, then {grown >> 20:+} MB")  # noqa: T201
    assert grown < GROWTH
