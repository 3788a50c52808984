"""The file of a backup: a zip that anybody can open, and at its end a digest of every byte before it.

The digest stands in the zip's comment, the last thing in the file; whatever is cut off or changed on the way, the comment no
longer fits, and the file is refused before anything of it is used. It guards against accidents, not against somebody who can
write a new digest: the books have their own chain for that.
"""

import contextlib
import hashlib
import json
import os
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from timebank.errors import Invalid
from timebank.safekeeping.facts import Facts

FORMAT = 1
MANIFEST, KEY = "manifest.json", "secret.key"
DATABASES = {"sqlite": "timebank.db", "postgresql": "timebank.dump"}
SEAL = b"timebank backup, sha256 of all before it: "
SLICE = 1024 * 1024
QUICK = 1  # zip's quickest: an office's database shrinks to a fifth, and a million transfers still take seconds


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself: ``key_mark`` tells which key its sealed words need, ``has_key`` whether that is inside."""

    kind: str
    product: str
    made_at: str
    key_mark: str
    has_key: bool
    digest: str
    facts: Facts

    def as_json(self) -> bytes:
        """Return the manifest as it is stored."""
        names = ("kind", "product", "made_at", "key_mark", "has_key", "digest")
        kept: dict[str, Any] = {"format": FORMAT, **{name: getattr(self, name) for name in names}, "facts": self.facts.as_json()}
        return json.dumps(kept, ensure_ascii=False, indent=1).encode()

    @classmethod
    def from_json(cls, text: bytes) -> "Manifest":
        """Read a manifest; a later form than this version's is refused."""
        kept = json.loads(text)
        if kept.pop("format") > FORMAT:
            raise newer(str(kept.get("product", "?")))
        return cls(**{**kept, "facts": Facts.from_json(kept["facts"])})


def newer(product: str) -> Invalid:
    """Return the refusal of a backup made by a later version."""
    return Invalid("这份备份来自更新的版本（%(product)s）。请先安装那个版本或更新的版本，再恢复。", product=product)


def broken(file: Path) -> Invalid:
    """Return the refusal of a file that is not whole."""
    return Invalid("%(file)s 不是完整的备份：内容缺了或被改动过，什么都没有恢复。请换另一份备份。", file=file)


def digest_of(file: Path, *, up_to: int | None = None) -> str:
    """Return the SHA-256 of a file, or of its beginning."""
    found = hashlib.sha256()
    with file.open("rb") as stream:
        left = file.stat().st_size if up_to is None else up_to
        while left > 0 and (part := stream.read(min(SLICE, left))):
            found.update(part)
            left -= len(part)
    return found.hexdigest()


def write(file: Path, manifest: Manifest, members: Mapping[str, Path]) -> None:
    """Write a backup and bring it to the disk; ``members`` are the files that go in, by their names inside."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=QUICK) as made:
        made.writestr(MANIFEST, manifest.as_json())
        for name, path in members.items():
            made.write(path, name)
        made.comment = SEAL + b"0" * 64
    digest = digest_of(file, up_to=file.stat().st_size - 64)
    with file.open("r+b") as stream:
        stream.seek(-64, os.SEEK_END)
        stream.write(digest.encode())
        stream.flush()
        os.fsync(stream.fileno())


def read(file: Path) -> Manifest:
    """Return what a backup says of itself, once every byte of the file has been checked."""
    length = len(SEAL) + 64
    if not file.is_file():
        raise Invalid("没有 %(file)s 这个文件。", file=file)
    size = file.stat().st_size
    with file.open("rb") as stream:
        stream.seek(max(0, size - length))
        end = stream.read()
    if end[: len(SEAL)] != SEAL or end[len(SEAL) :] != digest_of(file, up_to=size - 64).encode():
        raise broken(file)
    try:
        with zipfile.ZipFile(file) as opened:
            found = Manifest.from_json(opened.read(MANIFEST))
            opened.getinfo(DATABASES[found.kind])
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError) as error:  # sealed, but by somebody else
        raise broken(file) from error
    return found


def take_out(file: Path, manifest: Manifest, folder: Path) -> Path:
    """Put the database of a backup into a folder and check it; return where it is."""
    name = DATABASES[manifest.kind]
    target = folder / name
    with zipfile.ZipFile(file) as opened, opened.open(name) as source, target.open("xb") as copy:
        shutil.copyfileobj(source, copy, SLICE)
    if digest_of(target) != manifest.digest:
        raise broken(file)
    return target


def key_in(file: Path) -> bytes | None:
    """Return the office's key, where a backup has it inside."""
    with zipfile.ZipFile(file) as opened:
        return opened.read(KEY) if KEY in opened.namelist() else None


def name_it(made: Path, file: Path) -> None:
    """Give a finished backup its name, never that of a file that is there already."""
    made.chmod(0o600)
    try:
        os.link(made, file)
    except FileExistsError:
        raise taken(file) from None
    except OSError:  # a stick without hard links
        if file.exists():
            raise taken(file) from None
        made.rename(file)
    with contextlib.suppress(OSError):  # not every system opens folders
        folder = os.open(file.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)


def taken(file: Path) -> Invalid:
    """Return the refusal to write over something."""
    return Invalid("%(file)s 已经存在，不会覆盖。请换一个名字，或只给文件夹，名字自动起。", file=file)
