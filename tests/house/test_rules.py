"""The list of the rulebook's rules stays true: each rule once, with the function that keeps it and a test that fails where it is broken.

``tests/rules.csv`` has a line for each rule: what it says, the room, the function and the test. A function is a dotted name that is imported
here, or, where the database keeps a rule, ``migration/table:name`` of a constraint, an index or a trigger's own words, or a file of the
pages (a style sheet, a script). A rule that is kept nowhere, or has nothing here to be kept on, says so and is named below.
"""

import csv
import importlib
from collections import Counter
from pathlib import Path

import timebank
from tests.house.test_asvs import is_there
from tests.house.test_map import rooms
from timebank.db import Base

PACKAGE = Path(timebank.__file__).parent
ROOT = PACKAGE.parent
VERSIONS = PACKAGE / "migrations" / "versions"
ABOVE_THE_ROOMS, PAGES, ENGINE = "timebank", "pages", "matching"
"""What stands in the place of a room: a module of no room, a file of the pages, the engine."""
NOWHERE = "Kept nowhere: "
NO_OCCASION = "No occasion: "
KEPT_NOWHERE = {
    *("1.1f", "T8", "T10", "1.6"),
    *("E1", "E2", "E3", "E4", "E5a", "E6", "E9a", "E11", "E12a"),
    *("4.2", "4.3", "4.4", "M4", "M5"),
    *("P6", "P7", "P8", "P10a", "P11", "P12a", "P14", "P15", "P18"),
    *("7.5a", "8.3", "9.4", "11.6", "G2", "G3", "G6"),
}
"""Rules of the rulebook that nothing here keeps; the list says of each what is missing."""
WITHOUT_OCCASION = {"E8", "E10", "M2", "M7", "M9", "8.4", "9.3", "10.5"}
"""Rules about what this service does not do at all."""


def rules() -> list[dict[str, str]]:
    """Return the lines of the list."""
    with (ROOT / "tests" / "rules.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


KEPT = [each for each in rules() if each["function"]]


def is_found(function: str) -> bool:
    """Say whether what keeps a rule is there."""
    migration, _, constraint = function.partition("/")
    if ":" in constraint:
        table, _, name = constraint.partition(":")
        words = (VERSIONS / f"{migration}.py").read_text(encoding="utf-8")
        return table in Base.metadata.tables and table in words and name in words
    return (ROOT / function).is_file() if constraint else bool(callable_at(function))


def callable_at(dotted: str) -> object:
    """Return what a dotted name means: of a module, or of a class in it; nothing where there is none."""
    parts = dotted.split(".")
    for at in range(len(parts) - 1, 0, -1):
        try:
            thing: object = importlib.import_module(".".join(parts[:at]))
        except ModuleNotFoundError:
            continue
        for name in parts[at:]:
            thing = getattr(thing, name, None)
        return thing
    return None


def room_of(function: str) -> str:
    """Return the room of what keeps a rule; of a constraint that of the table's own class."""
    _head, _, rest = function.partition("/")
    if ":" in rest:
        table = rest.partition(":")[0]
        (owner,) = {each.class_.__module__ for each in Base.registry.mappers if getattr(each.local_table, "name", "") == table}
        function = owner
    elif rest:
        return PAGES
    top, *inside = function.split(".")
    if top == ENGINE:
        return ENGINE
    return inside[0] if inside[0] in rooms() else ABOVE_THE_ROOMS


def test_every_rule_stands_in_it_once_with_its_words() -> None:
    assert [rule for rule, times in Counter(each["rule"] for each in rules()).items() if times > 1] == []
    assert [each["rule"] for each in rules() if not each["says"]] == []


def test_every_numbered_rule_of_the_rulebook_stands_in_it() -> None:
    numbered = {
        f"{letter}{number}" for letter, last in (("T", 10), ("C", 6), ("E", 12), ("R", 20), ("M", 9)) for number in range(1, last + 1)
    }
    assert numbered - {each["rule"] for each in rules()} == set()


def test_what_keeps_a_rule_is_there_in_the_room_that_is_named() -> None:
    assert [(each["rule"], each["function"]) for each in KEPT if not is_found(each["function"])] == []
    rooms_of = [(each["rule"], each["room"], room_of(each["function"])) for each in KEPT]
    assert [(rule, named, found) for rule, named, found in rooms_of if named != found] == []


def test_every_rule_that_is_kept_has_a_test_that_is_there() -> None:
    assert [(each["rule"], each["test"]) for each in KEPT if "::" not in each["test"] or not is_there(each["test"])] == []


def test_what_is_kept_nowhere_says_so_and_no_rule_is_added_to_it_unseen() -> None:
    left = [each for each in rules() if not each["function"]]
    assert [each["rule"] for each in left if each["room"] or each["test"] or not each["says"].startswith((NOWHERE, NO_OCCASION))] == []
    assert {each["rule"] for each in left if each["says"].startswith(NOWHERE)} == KEPT_NOWHERE
    assert {each["rule"] for each in left if each["says"].startswith(NO_OCCASION)} == WITHOUT_OCCASION
