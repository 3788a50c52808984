"""Files in: each is looked at by its name and size here, and read by a child process, never by the service itself.

The child (``reader.py``) has little memory, little time and nothing it could open. What it answers is plain cells; where it
dies, the file it was at is refused in words and the others are read by another child.
"""

import contextlib
import json
import logging
import subprocess
import tempfile
import threading
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import IO

from timebank import children
from timebank.errors import Invalid, TooMany
from timebank.exchange.sheets import RawSheet, from_json

MEGABYTE = 1024 * 1024
MOST_BYTES = 5 * MEGABYTE
ENDINGS = {".xlsx", ".csv"}
FILE_SECONDS = 20
"""So long a child may take for each of its files, the machine's other work included; it bounds its processor time itself."""
AT_ONCE = 2
WAITING_SECONDS = 5

log = logging.getLogger(__name__)
_room = threading.BoundedSemaphore(AT_ONCE)

File = tuple[str, bytes]
Outcome = list[RawSheet] | Invalid


def load(path: Path) -> bytes:
    """Return the bytes of a file on the disk, if it is there and not too large."""
    if not path.is_file():
        raise Invalid("没有找到文件“%(path)s”，请核对文件名。", path=path.name)
    if path.stat().st_size > MOST_BYTES:
        raise _too_big()
    return path.read_bytes()


def read_all(files: Sequence[File]) -> list[Outcome]:
    """Read some files, and return of each its sheets or its refusal."""
    outcomes: list[Outcome | None] = [_refusal(name, data) for name, data in files]
    waiting = [file for file, refused in zip(files, outcomes, strict=True) if refused is None]
    read = iter(_read(waiting))
    return [next(read) if outcome is None else outcome for outcome in outcomes]


def _refusal(name: str, data: bytes) -> Invalid | None:
    """Return why a file is not worth a look inside, if it is not."""
    if Path(name).suffix.lower() not in ENDINGS:
        return Invalid("只能导入 .xlsx 或 .csv 文件；.xls 请在 Excel 里另存为 .xlsx。")
    if len(data) > MOST_BYTES:
        return _too_big()
    return None if data else Invalid("文件是空的，请重新保存后再试。")


def _too_big() -> Invalid:
    """Return the refusal of a file with too many bytes."""
    most = MOST_BYTES // MEGABYTE
    return Invalid("文件超过 %(most)s MB，请拆成几份再导入。", most=most)


def _unreadable() -> Invalid:
    """Return the refusal of a file that the child died of."""
    return Invalid(
        "这个文件读不了：里面的内容太多、铺得太远，或者不是用表格软件正常存的。请把要导入的行列复制到一张新表，另存为 .xlsx 再试。"
    )


def _read(files: Sequence[File]) -> list[Outcome]:
    """Read files by one child, or by another for the rest where it died of one."""
    outcomes: list[Outcome] = []
    while len(outcomes) < len(files):
        with _turn():
            outcomes += _by_a_child(files[len(outcomes) :])
    return outcomes


@contextlib.contextmanager
def _turn() -> Generator[None]:
    """Let only some children be at work at once; whoever would wait for long is asked to come again."""
    if not _room.acquire(timeout=WAITING_SECONDS):
        raise TooMany("现在有别的文件正在读，请过一分钟再试。")
    try:
        yield
    finally:
        _room.release()


def _by_a_child(files: Sequence[File]) -> list[Outcome]:
    """Return what a child said of the first of these files, up to the end or to the one it died of."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as said:
        given.write(json.dumps([(name, len(data)) for name, data in files]).encode() + b"\n")
        given.writelines(data for _name, data in files)
        given.seek(0)
        ended = _run(given, said, FILE_SECONDS * len(files))
        said.seek(0)
        found = [_outcome(line) for line in said if line.endswith(b"\n")]
    if len(found) < len(files):
        log.warning("the reader of files ended with %s", ended)
        found.append(_unreadable())
    return found


def _run(given: IO[bytes], said: IO[bytes], seconds: float) -> int:
    """Run the child to its end, or end it when its time is over; return what it ended with."""
    command = children.command("timebank.exchange.reader")
    with subprocess.Popen(command, stdin=given, stdout=said, stderr=subprocess.DEVNULL, env=children.environment()) as child:  # noqa: S603 - our own module
        try:
            return child.wait(seconds)
        except BaseException as over:
            child.kill()
            if isinstance(over, subprocess.TimeoutExpired):
                return child.wait()
            raise


def _outcome(line: bytes) -> Outcome:
    """Return what one line of the child's answer says."""
    if line.startswith(b"{"):
        words, gaps = json.loads(line)["refused"]
        return Invalid(words, **gaps)
    return from_json(line)
