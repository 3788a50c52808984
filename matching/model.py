"""The week to be planned and the plan made for it, as frozen values with the contract's key names."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple, Protocol, TypeVar

WEEK_FORMAT = "timebank-week/1"
PLAN_FORMAT = "timebank-plan/1"
DAY = 1440


class Status(StrEnum):
    """How much is proved about a plan."""

    OPTIMAL = "optimal"
    SERVED_OPTIMAL = "served_optimal"
    FEASIBLE = "feasible"


class Window(NamedTuple):
    """A volunteer's free time on one day: one trip from home back home."""

    day: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Travel:
    """How minutes between places are found: by `detour` and `pace`, or as whole `minutes` that stand as given."""

    detour: float | None = None
    pace: Mapping[str, float] | None = None
    minutes: Mapping[str, tuple[tuple[int, ...], ...]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What one minute of travel, one new face, one unit of fairness and one person touched cost."""

    travel: float = 1
    new_face: float = 20
    fairness: float = 1
    touched: float = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One door or one entrance."""

    id: str
    lat: float | None
    lon: float | None
    access: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Canteen:
    """A kitchen: meals are picked up from `ready` to `until` and stay hot for `hot` minutes."""

    id: str
    place: str
    ready: int
    until: int | None = None
    hot: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Elder:
    """Whoever opens the door: a person or a household; not `at_once`, two visits there never overlap in time."""

    id: str
    place: str
    preferred: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    at_once: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Volunteer:
    """Somebody who serves, with what they can, may and want to do this week."""

    id: str
    place: str
    gender: str | None
    skills: tuple[str, ...]
    mode: str
    boxes: int
    trips: int | None
    radius: float | None
    windows: tuple[Window, ...]
    max_day: int
    max_week: int
    used: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Second:
    """What the second of a crew must be able to do, and how long she works if not as long as the first."""

    skills: tuple[str, ...]
    gender: str | None
    minutes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One visit to one elder, on any one of its days within its window, by nobody who is `excluded`."""

    id: str
    elder: str
    kind: str
    skills: tuple[str, ...]
    days: tuple[int, ...]
    window: tuple[int, int]
    minutes: int
    crew: int
    weight: int
    gender: str | None
    canteen: str | None
    boxes: int
    second: Second | None = None
    excluded: tuple[str, ...] = ()

    @property
    def minutes_of_second(self) -> int:
        """How long the second of the crew works."""
        return self.minutes if self.second is None or self.second.minutes is None else self.second.minutes

    @property
    def lasts(self) -> int:
        """How long somebody is there."""
        return max(self.minutes, self.minutes_of_second) if self.crew > 1 else self.minutes

    @property
    def is_uneven(self) -> bool:
        """Whether it matters who of the crew is the first: the two work for different minutes."""
        return self.crew > 1 and self.minutes_of_second != self.minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """Two visits that have to do with each other where both are served: by different `people`, or with a `gap` of minutes between them.

    The gap is from the end of the one that starts first to the start of the other, a day counting 1440, at least and at most (None: any).
    """

    visits: tuple[str, str]
    people: bool = False
    gap: tuple[int, int | None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """A visit that is fixed to people and a day, and to a minute if `start` is given."""

    visit: str
    volunteers: tuple[str, ...]
    day: int
    start: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PickupStop:
    """Boxes of these visits are taken aboard at a canteen at minute `at`."""

    pickup: str
    at: int
    visits: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitStop:
    """A visit is served from minute `start`."""

    visit: str
    start: int


Stop = PickupStop | VisitStop


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What one volunteer does in one window (an index into the volunteer's windows)."""

    volunteer: str
    window: int
    stops: tuple[Stop, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unserved:
    """A visit the plan does not serve: why, who it turns on, and one change that would help."""

    visit: str
    reason: str
    who: tuple[str, ...]
    zh: str
    en: str
    fix: Mapping[str, object] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What a plan reaches; `fairness` and `cost` are rounded to one decimal."""

    served: int
    served_weight: int
    travel: int
    new_faces: int
    fairness: float
    touched: int
    cost: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A plan of one week; `bound` is the proved ceiling of the served weight. A draft leaves out all but its routes."""

    week: str
    routes: tuple[Route, ...]
    status: str | None = None
    unserved: tuple[Unserved, ...] = ()
    score: Score | None = None
    bound: int | None = None
    seed: int | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Week:
    """Everything a plan is made from; `from_` is the contract's `from`: (day, minute) no stop may precede."""

    name: str
    week_start: date
    days: int
    travel: Travel
    weights: Weights = field(default_factory=Weights)
    places: tuple[Place, ...]
    canteens: tuple[Canteen, ...]
    elders: tuple[Elder, ...]
    volunteers: tuple[Volunteer, ...]
    visits: tuple[Visit, ...]
    history: frozenset[tuple[str, str]]
    pins: tuple[Pin, ...] = ()
    apart: tuple[Apart, ...] = ()
    baseline: Plan | None = None
    max_touched: int | None = None
    from_: tuple[int, int] | None = None


class HasId(Protocol):
    """Anything with an id."""

    @property
    def id(self) -> str:
        """The id, unique in its list."""


Thing = TypeVar("Thing", bound=HasId)


def by_id(things: Iterable[Thing]) -> dict[str, Thing]:
    """Index a list of the week by id, in file order."""
    return {thing.id: thing for thing in things}
