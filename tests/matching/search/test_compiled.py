"""Machine code that is kept: used again while nothing has changed, made anew when any file it was made of has."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from matching.search import compiled

INNER = "from matching.search.compiled import compiled\n\n\n@compiled\ndef more(a):\n    return a + {step}\n"
OUTER = (
    "from matching.search.compiled import door\nfrom matching.search.inner import more\n\n\n@door\ndef twice(a):\n    return more(a) * 2\n"
)
ASK = "from matching.search.outer import twice; print(twice(3), sum(twice.stats.cache_hits.values()))"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package of the engine's name with its compiler and one function that calls another one of a file of its own."""
    room = tmp_path / "matching" / "search"
    room.mkdir(parents=True)
    for folder in (room.parent, room):
        (folder / "__init__.py").touch()
    shutil.copy(compiled.__file__, room)
    (room / "inner.py").write_text(INNER.format(step=1), encoding="utf-8")
    (room / "outer.py").write_text(OUTER, encoding="utf-8")
    return room


def asked(package: Path) -> list[int]:
    """Ask the function in a process of its own: what it answers, and how often kept code was used."""
    home = package.parents[1]
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=home,
        env={"PYTHONPATH": str(home), "PYTHONDONTWRITEBYTECODE": "1"},
        check=True,
        capture_output=True,
        text=True,
    )
    return [int(word) for word in done.stdout.split()]


def test_what_was_compiled_is_used_again(package: Path) -> None:
    assert asked(package) == [8, 0]
    assert asked(package) == [8, 1]


def test_a_function_is_compiled_anew_when_one_that_it_calls_has_become_another(package: Path) -> None:
    assert asked(package) == [8, 0]
    (package / "inner.py").write_text(INNER.format(step=2), encoding="utf-8")
    assert asked(package) == [10, 0]
    assert asked(package) == [10, 1]


def test_every_file_of_the_search_counts(tmp_path: Path) -> None:
    copy = shutil.copytree(Path(compiled.__file__).parent, tmp_path / "search", ignore=shutil.ignore_patterns("__pycache__"))
    assert compiled.stamp(copy) == compiled.STAMP
    seen = {compiled.STAMP}
    for path in sorted(copy.glob("*.py")):
        path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
        seen.add(compiled.stamp(copy))
    assert len(seen) == 1 + len(list(copy.glob("*.py")))
