"""A story: what is played of one set of data."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from timebank.demo.days import Event, More
from timebank.demo.office import Office, Person
from timebank.demo.week import Week, Wish


def nothing_more(_week: Week, _day: date) -> Iterable[Event]:
    """Return what happens beside the visits where a story tells of nothing else."""
    return ()


def nothing_to_set_up(_week: Week) -> None:
    """Do nothing before the first week, where a story tells of nothing."""


def nothing_to_tell(_week: Week) -> Iterable[str]:
    """Return what is said at the end where a story tells of nothing else."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Which communities live their week, the first of them the one that is shown; what families ask for, and what else happens.

    ``officer`` works for the street; ``sets_up`` is what an office does before its first week is planned, ``tells`` what it has to
    show in the end.
    """

    name: str
    offices: tuple[Office, ...]
    officer: Person | None = None
    sets_up: Callable[[Week], None] = nothing_to_set_up
    wishes: tuple[Wish, ...] = (Wish("HAIR", 14 * 60, 17 * 60), Wish("SHOP", 8 * 60, 11 * 60))
    more: More = nothing_more
    tells: Callable[[Week], Iterable[str]] = nothing_to_tell
