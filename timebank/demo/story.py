"""A story: what is played of one set of data."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from timebank.demo.days import Event, More
from timebank.demo.office import Office
from timebank.demo.week import Week, Wish


def nothing_more(_week: Week, _day: date) -> Iterable[Event]:
    """Return what happens beside the visits where a story tells of nothing else."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Which communities live their week, the first of them the one that is shown; what families ask for, and what else happens."""

    name: str
    offices: tuple[Office, ...]
    wishes: tuple[Wish, ...] = (Wish("HAIR", 14 * 60, 17 * 60), Wish("SHOP", 8 * 60, 11 * 60))
    more: More = nothing_more
