"""Where a result is written: a whole new file where a plain file stands or nothing, and through whatever else has the name.

A device, a pipe, a link and its target stay what they are; whoever may read a file may read it afterwards, and a new one
keeps to the umask.
"""

import os
import secrets
import stat
from pathlib import Path

from matching.files.values import BadFile

NOT_WRITTEN = "cannot be written"


def must_be_writable(output: Path) -> None:
    """Refuse a place that could not be written to, before any work is done for it."""
    asked = output if output.exists() else output.resolve().parent
    if output.is_dir() or not os.access(asked, os.W_OK):
        raise BadFile(NOT_WRITTEN, str(output))


def write(output: Path, text: str) -> None:
    """Write a text so that whoever looks sees the old file or the whole new one, where that changes nothing but the content."""
    try:
        if _takes_a_new_file(output):
            _put_in_place(output, text)
        else:
            output.write_text(text, encoding="utf-8")
    except OSError as error:
        message = f"{NOT_WRITTEN}: {error.strerror}"
        raise BadFile(message, str(output)) from error


def _takes_a_new_file(output: Path) -> bool:
    """Say whether a file may be put in this place: nothing is there, or a plain file of ours that has no other name."""
    if not os.access(output.parent, os.W_OK):
        return False
    try:
        there = output.lstat()
    except FileNotFoundError:
        return True
    ours = os.name != "posix" or there.st_uid == os.geteuid()
    return stat.S_ISREG(there.st_mode) and there.st_nlink == 1 and ours


def _put_in_place(output: Path, text: str) -> None:
    """Write a file beside the place and give it the name; what stood there hands on who may read and write it."""
    beside = output.with_name(f".{output.name}.{secrets.token_hex(4)}")
    with beside.open("x", encoding="utf-8") as file:
        try:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
            if output.exists():
                beside.chmod(stat.S_IMODE(output.stat().st_mode))
            beside.replace(output)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
