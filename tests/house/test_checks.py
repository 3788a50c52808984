"""The house keeps itself in order: lint, types, layers, sizes, one committer, documented rooms."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from matching import __all__ as engine_doors

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("timebank", "matching")
CARD = {"pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", "timebank", "matching", "templates", "tests", "seeds"}


def run(*command: str) -> str:
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def sources() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")) if "vendor" not in path.parts]


def test_ruff_finds_nothing() -> None:
    assert run("ruff", "check", ".") == ""


def test_types_are_strict() -> None:
    assert run("mypy") == ""


def test_rooms_import_only_what_lies_below_them() -> None:
    said = subprocess.run([Path(sys.executable).parent / "lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout


def test_nothing_stands_at_the_top_beyond_the_card() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    assert {name.split("/")[0] for name in tracked if not name.startswith(".")} <= CARD


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_says_what_it_is_for(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)


def test_no_file_of_the_tests_has_the_name_of_a_folder_beside_it() -> None:
    """Whichever is collected first would hide the other."""
    assert [path.name for path in (ROOT / "tests").rglob("*.py") if path.with_suffix("").is_dir()] == []


def test_only_the_write_unit_commits() -> None:
    committing = [
        path for path in sources() if re.search(r"\.commit\(\)", path.read_text(encoding="utf-8")) and "migrations" not in path.parts
    ]
    assert [path.name for path in committing] == ["db.py"]


def test_a_row_is_read_again_and_held_by_one_function_only() -> None:
    """A plain refresh holds what was read along with the row as well, which PostgreSQL refuses where it may not be there."""
    holding = [path for path in sources() if re.search(r"\.refresh\([^)]*with_for_update", path.read_text(encoding="utf-8"))]
    assert [path.name for path in holding] == ["db.py"]


def test_views_are_the_only_doors_that_know_the_web() -> None:
    inner = [path for path in sources() if path.parent.name == "actions" or path.name in {"actions.py", "queries.py", "models.py"}]
    knowing = [path for path in inner if re.search(r"^(from|import) (flask|marshmallow)\b", path.read_text(encoding="utf-8"), re.MULTILINE)]
    assert knowing == []


def test_no_file_names_a_machine_or_a_registry() -> None:
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    paths = re.compile("/" + r"(work|farm|root)/[a-z.]")
    hosts = re.compile(r"registry\.npm" + r"js|pypi\." + r"org|files\.python" + r"hosted")
    texts = [ROOT / name for name in tracked if name.endswith((".py", ".md", ".toml", ".html", ".css", ".js", ".txt", ".yml", "run"))]
    bad = [str(path) for path in texts if path.exists() and (paths.search(text := path.read_text(encoding="utf-8")) or hosts.search(text))]
    assert bad == []


def test_the_web_process_does_not_load_the_solver() -> None:
    code = "import sys, timebank.app; sys.exit('ortools' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_the_engine_shows_its_doors_without_loading_them() -> None:
    code = "import sys, matching; sys.exit(any(name in sys.modules for name in ('ortools', 'numpy')))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
    assert set(engine_doors) >= {"solve", "replan", "check", "explain", "rank", "advise", "compare", "bound", "read_week", "read_plan"}


def test_no_journey_looks_once_at_a_page_that_may_still_be_coming() -> None:
    """``expect`` waits until it is so; a single look right after a press fails on a slow machine, as it once did."""
    once = re.compile(
        r"assert .*(locator|get_by_\w+)\(.*\)\.(is_visible|is_hidden|is_checked|is_enabled|count|inner_text|input_value)\(|\bassert \w+\.url =="
    )
    looks = {path.name: once.findall(path.read_text(encoding="utf-8")) for path in (ROOT / "tests" / "journeys").rglob("*.py")}
    assert {name: found for name, found in looks.items() if found} == {}


def test_the_twelve_hour_day_is_written_once() -> None:
    """Noon and a drawing's width are the same number and something else; who needs the longest day imports it."""
    another = re.compile(r"NOON|MIDDAY|HALF_DAYS|SCHOOL|WIDE|starts BETWEEN 720")
    written = {
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in sources()
        if "migrations" not in path.parts
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"\b720\b", line) and not another.search(line)
    }
    assert written == {"timebank/hours.py: DAY_AT_MOST = 720"}
