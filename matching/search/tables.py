"""The week in columns: kitchens, visits, windows and people as plain lists, in the order of the week's own lists."""

from dataclasses import dataclass, field

from matching.search.lists import Lists, lists_of


@dataclass(slots=True)
class Canteens:
    """The kitchens, column by column."""

    node: list[int]
    ready: list[int]
    until: list[int]
    hot: list[int]


@dataclass(slots=True)
class Visits:
    """The visits, column by column; `first` and `last` bound the start, `value` is the weight with the pin's bonus, `minutes_too` are the second's."""

    elder: list[int]
    node: list[int]
    days: list[tuple[int, ...]]
    first: list[int]
    last: list[int]
    minutes: list[int]
    minutes_too: list[int]
    weight: list[int]
    value: list[int]
    crew: list[int]
    canteen: list[int]
    boxes: list[int]
    pinned: list[bool]
    must: list[frozenset[int]]
    fits: Lists = field(default_factory=lambda: lists_of((), 0))
    seconds: Lists = field(default_factory=lambda: lists_of((), 0))


@dataclass(slots=True)
class Windows:
    """All windows of all volunteers in one list; `index` is the place in the volunteer's own list."""

    volunteer: list[int]
    index: list[int]
    day: list[int]
    start: list[int]
    end: list[int]
    key: list[int]


@dataclass(slots=True)
class People:
    """The volunteers, column by column; `free_day` and `free_week` are the ceilings, `used_*` what is already spent."""

    boxes: list[int]
    trips: list[int]
    max_day: list[int]
    max_week: list[int]
    used_day: list[int]
    used_week: list[int]
    mode: list[str]
    windows: list[tuple[int, ...]]
