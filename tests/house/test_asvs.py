"""Two lists stay true, what they name is there: the Application Security Verification Standard, levels 1 and 2, and the plan of trust's demands."""

import ast
import csv
import re
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

from tests.browser import Browser

ROOT = Path(__file__).resolve().parents[2]
ITEMS = 253
FIRST_LEVEL_OPEN = {"14.2.1", "15.2.1"}
"""Items of level 1 that are not met; the list says why."""


def rows(name: str = "asvs.csv") -> list[dict[str, str]]:
    """Return the lines of a list."""
    with (ROOT / "tests" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def names_in(path: Path) -> set[str]:
    """Return the names of the tests of a file."""
    return {each.name for each in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(each, ast.FunctionDef)}


def is_there(shown: str) -> bool:
    """Say whether a file, or a test in it, is there."""
    file, _, name = shown.partition("::")
    path = ROOT / file
    return path.is_file() and (not name or name in names_in(path))


def test_every_item_stands_in_it_once_with_its_level() -> None:
    assert [item for item, times in Counter(each["item"] for each in rows()).items() if times > 1] == []
    assert Counter(each["level"] for each in rows()) == {"1": 70, "2": ITEMS - 70}
    assert all(each["asks"] and {each["applies"], each["met"]} <= {"yes", "no", ""} for each in rows())


def test_what_is_met_names_tests_or_files_that_are_there() -> None:
    missing = [(each["item"], shown) for each in rows() if each["met"] == "yes" for shown in each["shown"].split() if not is_there(shown)]
    assert missing == []


def test_what_is_not_met_or_does_not_apply_says_why() -> None:
    assert [each["item"] for each in rows() if (each["applies"] == "yes") != bool(each["met"])] == []
    assert [each["item"] for each in rows() if each["met"] != "yes" and len(each["shown"]) < 7] == []


def test_nineteen_of_twenty_that_apply_are_met_and_of_the_first_level_all_but_those_named() -> None:
    applies = [each for each in rows() if each["applies"] == "yes"]
    left = [each for each in applies if each["met"] == "no"]
    assert round(100 * (len(applies) - len(left)) / len(applies)) >= 95
    assert {each["item"] for each in left if each["level"] == "1"} == FIRST_LEVEL_OPEN


def test_each_demand_of_the_plan_of_trust_says_what_was_measured_and_by_which_tests() -> None:
    """``tests/demands.csv``: what was demanded, what was measured or that it was not, and tests that are there."""
    demands = rows("demands.csv")
    assert [each["number"] for each in demands] == [f"D{number}" for number in range(1, 25)]
    assert [each["number"] for each in demands if not each["demand"] or not each["measured"] or "@" in each["measured"]] == []
    assert [shown for each in demands for shown in each["tests"].split() if not is_there(shown)] == []


def test_trace_is_no_method_here(client: Browser) -> None:
    """It would send back what only the server may read."""
    answer = client.open("/sign-in", method="TRACE", headers={"X-Said": "secret"})
    assert answer.status_code == 405
    assert "secret" not in answer.text


def test_every_package_the_project_asks_for_stands_in_the_list_with_its_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = project["dependencies"] + [each for name, some in project["optional-dependencies"].items() if name != "bench" for each in some]
    plain = {re.sub(r"[-_.]+", "-", re.split(r"[\[<>=;~ ]", each, maxsplit=1)[0]).lower() for each in asked}
    listed = (ROOT / ".ci" / "constraints.txt").read_text(encoding="utf-8").splitlines()
    known = {re.sub(r"[-_.]+", "-", name).lower() for name, _, version in (each.partition("==") for each in listed) if version}
    assert plain - known == set()
