"""The catalogues of other languages: a ``messages.po`` is kept, the ``messages.mo`` beside it is made from it.

The build compiles them into what it ships; a service started from a checkout compiles what is missing or older than its
source, so that an edited sentence is read at the next start.
"""

import contextlib
import os
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def compile_catalogues(folder: Path, *, only_stale: bool = False) -> list[Path]:
    """Compile every messages.po below a folder, or only those whose compiled file is behind, and return the files written."""
    written = []
    for source in sorted(folder.glob("*/LC_MESSAGES/messages.po")):
        target = source.with_suffix(".mo")
        if not (only_stale and _is_fresh(target, source)):
            _compile(source, target)
            written.append(target)
    return written


def refresh(folder: Path) -> None:
    """Compile what is behind where the folder may be written; an installed service has its files from the build."""
    with contextlib.suppress(OSError):
        compile_catalogues(folder, only_stale=True)


def _is_fresh(target: Path, source: Path) -> bool:
    """Say whether a compiled catalogue is as new as its source."""
    return target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns


def _compile(source: Path, target: Path) -> None:
    """Compile one catalogue; a process that starts at the same time never reads half a file."""
    with source.open("rb") as lines:
        catalogue = read_po(lines, locale=source.parts[-3])
    making = target.with_name(f"{os.getpid()}.mo")
    with making.open("wb") as out:
        write_mo(out, catalogue)
    making.replace(target)
