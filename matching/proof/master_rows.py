"""The master's rows and, for every window, its chances: which visits it could serve, when, and which rows that enters.

A visit for one has one row: it is served once. A visit for two is met on a day within a slot of the clock: each meeting
is an unknown of its own, two people come to it, one of them with what is asked of the first, one with what is asked of
the second, and nobody twice. Every plan of the week fits these rows.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.proof.pricing import WORD, Chances
from matching.search.problem import Problem

Ints = npt.NDArray[np.int64]

SLOT = 60
"""Minutes within which two people who meet must begin."""
REMEMBERED = 6
"""So many near visits a trip remembers: it cannot come back to one before it has been far away."""


@dataclass(slots=True)
class Meeting:
    """A visit for two on one day within one slot; `enters` are its rows with their factors."""

    visit: int
    weight: int
    enters: dict[int, int]


@dataclass(slots=True)
class Job:
    """One chance of a window before it is put into columns."""

    visit: int
    first: int
    last: int
    gain: int
    enters: tuple[int, ...]


@dataclass(slots=True)
class Shift:
    """One window: its chances, what each gains by itself, the rows each enters (0: none), their signs."""

    window: int
    chances: Chances
    gain: Ints
    rows: Ints
    signs: Ints


class Master:
    """Rows with their limits (`exact`: to be met), meetings and shifts of one problem. Row 0 stands for none."""

    def __init__(self, problem: Problem, pins: int) -> None:
        self.problem = problem
        self.limits: list[int] = [0]
        self.exact: list[bool] = [False]
        self.meetings: list[Meeting] = []
        self.pins = self._row(-pins) if pins else 0
        jobs: dict[int, list[Job]] = {}
        for visit, crew in enumerate(problem.visits.crew):
            (self._alone if crew == 1 else self._together)(visit, jobs)
        self.shifts = {window: self._shift(window, found) for window, found in sorted(jobs.items())}

    def _row(self, limit: int, *, exact: bool = False) -> int:
        self.limits.append(limit)
        self.exact.append(exact)
        return len(self.limits) - 1

    def _alone(self, visit: int, jobs: dict[int, list[Job]]) -> None:
        problem, visits = self.problem, self.problem.visits
        if visits.fits[visit]:
            enters = (self._row(1), self.pins if visits.pinned[visit] else 0)
            for window in visits.fits[visit]:
                first = problem.first_by_day[problem.windows.day[window]][visit]
                jobs.setdefault(window, []).append(Job(visit, first, visits.last[visit], visits.weight[visit], enters))

    def _together(self, visit: int, jobs: dict[int, list[Job]]) -> None:
        problem, visits = self.problem, self.problem.visits
        must = visits.must[visit]
        for day in visits.days[visit]:
            able = sorted(
                window
                for window in {*visits.fits[visit], *visits.seconds[visit]}
                if problem.windows.day[window] == day and (len(must) < visits.crew[visit] or problem.windows.volunteer[window] in must)
            )
            person = {problem.windows.volunteer[window]: 0 for window in able}
            person = {one: self._row(0) for one in person}
            for first in range(problem.first_by_day[day][visit], visits.last[visit] + 1, SLOT):
                self._meeting(visit, able, (first, min(first + SLOT - 1, visits.last[visit])), person, jobs)

    def _meeting(self, visit: int, able: list[int], slot: tuple[int, int], person: dict[int, int], jobs: dict[int, list[Job]]) -> None:
        visits, windows = self.problem.visits, self.problem.windows
        there = [window for window in able if self._in_time(visit, window, slot)]
        fits, seconds = set(visits.fits[visit]), set(visits.seconds[visit])
        if not any(windows.volunteer[a] != windows.volunteer[b] for a in there if a in fits for b in there if b in seconds):
            return
        both, others, firsts = self._row(0, exact=True), self._row(0), self._row(0)
        enters = {both: -2, others: -1, firsts: -1} | {row: -1 for one, row in person.items()}
        if self.pins and visits.pinned[visit]:
            enters[self.pins] = -1
        self.meetings.append(Meeting(visit, visits.weight[visit], enters))
        for window in there:
            rows = (both, 0 if window in fits else others, 0 if window in seconds else firsts, person[windows.volunteer[window]])
            jobs.setdefault(window, []).append(Job(visit, *slot, 0, rows))

    def _in_time(self, visit: int, window: int, slot: tuple[int, int]) -> bool:
        problem, legs = self.problem, self.problem.legs
        node, row = problem.visits.node[visit], int(legs.slot[problem.windows.volunteer[window]])
        earliest = problem.windows.start[window] + int(legs.leaving[node, row])
        latest = problem.windows.end[window] - problem.least_minutes(visit, window) - int(legs.coming[node, row])
        return max(earliest, slot[0]) <= min(latest, slot[1])

    def _shift(self, window: int, jobs: list[Job]) -> Shift:
        visits = self.problem.visits
        kitchens = tuple(sorted({visits.canteen[job.visit] for job in jobs} - {-1}))
        rows = np.array([(*job.enters, 0, 0)[:4] for job in jobs], dtype=np.int64)
        signs = np.where((rows == self.pins) & (self.pins > 0), -1, 1)
        gain = np.array([job.gain for job in jobs], dtype=np.int64)
        return Shift(window, self._chances(window, jobs, kitchens), gain, rows, signs)

    def _chances(self, window: int, jobs: list[Job], kitchens: tuple[int, ...]) -> Chances:
        problem = self.problem
        visits, windows, people, legs, canteens = problem.visits, problem.windows, problem.people, problem.legs, problem.canteens
        volunteer = windows.volunteer[window]
        floor = problem.ready_by_day[windows.day[window]]
        if any(visits.pinned[job.visit] for job in jobs):
            floor = canteens.ready
        places = [*(visits.node[job.visit] for job in jobs), *(canteens.node[one] for one in kitchens)]
        ways = np.ascontiguousarray(legs.least[int(legs.mode[volunteer])][np.ix_(places, places)].astype(np.int64))
        row = int(legs.slot[volunteer])
        back = legs.coming[places, row].astype(np.int64)
        visit = np.array([job.visit for job in jobs], dtype=np.int64)
        bits = _bits(visit)
        spent = people.used_day[windows.key[window]], people.used_week[volunteer]
        rest = min(people.max_day[volunteer] - spent[0], people.max_week[volunteer] - spent[1])
        return Chances(
            first=np.array([job.first for job in jobs], dtype=np.int64),
            last=np.array([job.last for job in jobs], dtype=np.int64),
            minutes=np.array([problem.least_minutes(one, window) for one in visit.tolist()], dtype=np.int64),
            boxes=np.array([visits.boxes[one] for one in visit], dtype=np.int64),
            kitchen=np.array([kitchens.index(c) if (c := visits.canteen[one]) >= 0 else -1 for one in visit], dtype=np.int64),
            visit=visit,
            bits=bits,
            nears=_nears(ways, bits),
            alike=_alike(ways, back, bits),
            hot=np.array([canteens.hot[one] for one in kitchens], dtype=np.int64),
            ready=np.array([floor[one] for one in kitchens], dtype=np.int64),
            until=np.array([canteens.until[one] for one in kitchens], dtype=np.int64),
            legs=ways,
            out=legs.leaving[places, row].astype(np.int64),
            back=back,
            begin=windows.start[window],
            end=windows.end[window],
            carries=people.boxes[volunteer],
            trips=people.trips[volunteer],
            rest=max(0, min(rest, windows.end[window] - windows.start[window])),
        )


def _bits(visit: Ints) -> Ints:
    """Give each visit a bit of its own as far as two words reach; the others are never remembered."""
    _, number = np.unique(visit, return_inverse=True)
    bits = np.zeros((len(visit), 2), dtype=np.int64)
    for word in (0, 1):
        inside = number // WORD == word
        bits[inside, word] = np.int64(1) << (number[inside] % WORD)
    return bits


def _nears(ways: Ints, bits: Ints) -> Ints:
    """Return what is remembered at each chance: itself and the visits nearest to it."""
    count = len(bits)
    apart = ways[:count, :count] + ways[:count, :count].T
    nearest = np.argsort(apart, axis=1, kind="stable")[:, :REMEMBERED]
    nears: Ints = np.bitwise_or.reduce(bits[nearest], axis=1) | bits
    return nears


def _alike(ways: Ints, back: Ints, bits: Ints) -> Ints:
    """Return for each place the first one from which every way on is as long: doors of one house stand alike."""
    alike = np.arange(len(ways))
    for one in range(len(bits)):
        for two in range(one):
            apart = ways[one] != ways[two]
            apart[[one, two]] = False
            if alike[two] == two and back[one] == back[two] and bits[one].any() and bits[two].any() and not apart.any():
                alike[one] = two
                break
    return alike
