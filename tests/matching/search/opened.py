"""The inner functions of the search made callable from tests, and weeks laid out for it whose parts are called by their names.

Functions that only compiled code calls have no door for Python: `opened` gives them one. Its machine code is never kept, so that
a test never runs what a function it opens once was.
"""

from collections.abc import Callable
from typing import Any

from numba import njit

from matching.model import Week
from matching.search.facts import VOLUNTEER, Ints, Small
from matching.search.loading import restore
from matching.search.problem import compile_week
from matching.search.state import (
    DAY_WORK,
    GONE,
    LOST,
    MISSING,
    MISSING_LIST,
    OFF,
    SHIFTS,
    SPOT,
    SPOT_TOO,
    SUM,
    TAKEN,
    TAKEN_LIST,
    TOUCHED,
    UNFAIR,
    WEEK_WORK,
    empty_state,
)
from matching.search.trip import CODE, COUNT, EARLY, HEAD, HELD, LEAST_COLUMNS

NOBODY = -1

Stop = str | tuple[str, int]
"""A canteen or a visit by its id; with a minute a visit held to that start."""


def opened(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same function with a door for Python."""

    def called(*given: Any) -> Any:
        return function(*given)

    return njit(nogil=True, error_model="numpy", _nrt=False)(called)


class Board:
    """A week laid out for the search, with nobody served yet."""

    def __init__(self, of: Week, *, seed: int = 1) -> None:
        self.problem = compile_week(of)
        self.f, self.s = self.problem.facts, empty_state(self.problem, seed)
        self.visit = {one.id: number for number, one in enumerate(of.visits)}
        self.person = {one.id: number for number, one in enumerate(of.volunteers)}
        self.kitchen = {one.id: number for number, one in enumerate(of.canteens)}
        self.names = list(self.visit)
        self.people = list(self.person)
        self.kitchens = list(self.kitchen)

    def window(self, name: str, index: int = 0) -> int:
        """The number of a volunteer's window."""
        windows = self.problem.windows
        return next(at for at, one in enumerate(zip(windows.volunteer, windows.index, strict=True)) if one == (self.person[name], index))

    def codes(self, *stops: Stop) -> tuple[list[int], list[int]]:
        """Stops as a trip has them: codes and held starts."""
        bare = [stop if isinstance(stop, str) else stop[0] for stop in stops]
        codes = [self.visit[name] if name in self.visit else ~self.kitchen[name] for name in bare]
        return codes, [NOBODY if isinstance(stop, str) else stop[1] for stop in stops]

    def write(self, trip: Small, *stops: Stop) -> int:
        """Write stops into a trip that is yet to be laid out."""
        trip[[CODE, HELD], : len(stops)] = self.codes(*stops)
        return len(stops)

    def serve(self, **trips: list[Stop]) -> None:
        """Let everybody named do these stops in their first window, and nobody do anything else."""
        self.serve_in({(name, 0): stops for name, stops in trips.items()})

    def serve_in(self, trips: dict[tuple[str, int], list[Stop]]) -> None:
        """The same, with the windows named."""
        size, plan = max(1, self.problem.size), {}
        for (name, index), stops in trips.items():
            codes, held = self.codes(*stops)
            plan[self.window(name, index)] = tuple(code + (at + 1) * size for code, at in zip(codes, held, strict=True))
        restore(self.problem, self.s, plan)

    def named(self, codes: Small | Ints) -> list[str]:
        """Codes as ids."""
        return [self.names[code] if code >= 0 else self.kitchens[~code] for code in codes.tolist()]

    def stops(self, name: str, index: int = 0) -> list[str]:
        """What somebody does in a window, in order."""
        trip = self.s.trips[self.window(name, index)]
        return self.named(trip[CODE, : trip[HEAD, COUNT]])

    def starts(self, name: str, index: int = 0) -> list[int]:
        """When, at the earliest."""
        trip = self.s.trips[self.window(name, index)]
        found: list[int] = trip[EARLY, : trip[HEAD, COUNT]].tolist()
        return found

    def crew(self, name: str) -> set[str]:
        """Who serves a visit."""
        windows = self.s.visits[self.visit[name], [SPOT, SPOT + 1]]
        return {self.people[self.f.windows[one, VOLUNTEER]] for one in windows.tolist() if one >= 0}

    def taken(self) -> list[str]:
        """The visits chosen to be taken out."""
        return self.named(self.s.lists[TAKEN_LIST, : self.s.sums[TAKEN]])

    def fits(self, name: str, seat: int = 0) -> list[tuple[str, int]]:
        """Whose windows fit a visit, and which of their own each is."""
        lists, windows = (self.problem.visits.fits, self.problem.visits.seconds)[seat], self.problem.windows
        return [(self.people[windows.volunteer[one]], windows.index[one]) for one in lists[self.visit[name]]]

    def bytes(self) -> tuple[Any, ...]:
        """All that says what the plan is and what it costs, byte by byte."""
        s = self.s
        trips = s.trips[: len(self.f.windows)]
        return (
            [trip[:, : max(trip[HEAD, COUNT] + 1, LEAST_COLUMNS)].tobytes() if trip[HEAD, COUNT] else b"" for trip in trips],
            s.visits[:, [SPOT, SPOT_TOO, GONE]].tobytes(),
            s.people[:, [WEEK_WORK, OFF, SHIFTS]].tobytes(),
            s.people[:, DAY_WORK:].tobytes(),
            s.sums[LOST : TOUCHED + 1].tobytes(),
            s.reals[SUM, UNFAIR].tobytes(),
            s.pairs.tobytes(),
            sorted(s.lists[MISSING_LIST, : s.sums[MISSING]].tolist()),
        )
