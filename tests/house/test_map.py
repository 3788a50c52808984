"""The map of the house is the house: every room stands in ``timebank``'s own docstring and in README, and nothing else does."""

import re
from pathlib import Path

import timebank

PACKAGE = Path(timebank.__file__).parent
NO_ROOMS = {"migrations", "static", "translations", "vendor"}
"""What lies in the package and is no room."""


def rooms() -> set[str]:
    """Return the rooms that are there."""
    return {each.name for each in PACKAGE.iterdir() if each.is_dir() and each.name not in NO_ROOMS and not each.name.startswith("__")}


def test_the_package_names_every_room_once_and_no_other() -> None:
    listed = re.findall(r"^    ([a-z]+(?: [a-z]+)*) {2,}", timebank.__doc__ or "", re.MULTILINE)
    named = [room for line in listed for room in line.split()]
    assert sorted(named) == sorted(rooms())


def test_readme_names_every_room_once_and_no_other() -> None:
    named = re.findall(r"^\| \[timebank/(\w+)/\]", (PACKAGE.parent / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(named) == sorted(rooms())
