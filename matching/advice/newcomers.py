"""One more volunteer imagined: with which skills, on which half-day and where they would serve the most that is left.

Every post (skills x gender x half-day x neighbourhood) some unserved visit asks for is given a volunteer nobody else has
to move for; what they could serve is estimated by putting visit after visit into their empty week.
"""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import NamedTuple

import numpy as np

from matching.advice.assign import apply, insertions_into, spare
from matching.advice.fixes import Look
from matching.advice.plan_arrays import Standing
from matching.advice.week_arrays import Ground
from matching.model import DAY, Plan, Route, Visit, Volunteer, Week, Window, by_id
from matching.travel import Ints

NOON = 720
LUNCH = 90
CELL_DEGREES = 0.0045
NEAR_METRES = 1_000
HALF_DAY_WORK = 240
ON_THE_WAY = 30
LISTED = 10
MOST_ESTIMATED = 120

HALVES = {"morning": (0, NOON + LUNCH), "afternoon": (NOON, DAY)}


class Post(NamedTuple):
    """One opening for a volunteer: skills, gender, a half-day, and the square or door it is about."""

    skills: tuple[str, ...]
    gender: str | None
    day: int
    half: str
    area: tuple[int, int] | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """A volunteer imagined for a post: the visits near them that wait for such a person, and what they could serve."""

    post: Post
    volunteer: Volunteer
    waiting: tuple[Visit, ...]
    served: tuple[Visit, ...]
    routes: tuple[Route, ...]

    @property
    def weight(self) -> int:
        """Add up what they could serve."""
        return sum(visit.weight for visit in self.served)


def newcomers(week: Week, plan: Plan, ends: float) -> list[Newcomer]:
    """Imagine the volunteers who would help most, the best first; nobody whose visits a better one serves already.

    Parameters
    ----------
    week : Week
        The week.
    plan : Plan
        A plan of it that keeps the hard rules.
    ends : float
        The moment of `time.monotonic` at which to stop looking.

    Returns
    -------
    list of Newcomer
        At most ten, by the weight they are estimated to serve.
    """
    waiting = _Waiting(Standing(Ground(week), plan), ends)
    found: list[Newcomer] = []
    for _, post in sorted(waiting.posts(), key=lambda one: (-one[0], str(one[1])))[:MOST_ESTIMATED]:
        if time.monotonic() > ends:
            break
        found.append(waiting.estimated(post))
    kept: list[Newcomer] = []
    for one in sorted(found, key=_rank):
        if one.served and len(kept) < LISTED and not any(_much_the_same(one, better) for better in kept):
            kept.append(one)
    return kept


def _rank(one: Newcomer) -> tuple[object, ...]:
    """Give the order: what they serve, then how much more waits around them, then the days."""
    return -one.weight, -sum(visit.weight for visit in one.waiting), one.post.day, str(one.post)


def _much_the_same(one: Newcomer, better: Newcomer) -> bool:
    ours, theirs = {visit.id for visit in one.served}, {visit.id for visit in better.served}
    return len(ours & theirs) * 2 > len(ours)


class _Waiting:
    """The unserved visits somebody new could serve, as columns."""

    def __init__(self, standing: Standing, ends: float) -> None:
        self.standing, self.ground, self.week = standing, standing.ground, standing.ground.week
        self.visits = list(_alone(standing, ends))
        self.doors: Ints = np.array([self.ground.door(visit) for visit in self.visits], dtype=np.int64)
        self.weight: Ints = np.array([visit.weight for visit in self.visits], dtype=np.int64)
        self.minutes: Ints = np.array([visit.minutes for visit in self.visits], dtype=np.int64)
        self.areas = [self._area(visit) for visit in self.visits]
        self.halves = [_halves(visit) for visit in self.visits]
        self._fit: dict[tuple[object, ...], Ints] = {}

    def posts(self) -> Iterator[tuple[int, Post]]:
        """Give every post with the weight that half a day of work there is worth at most."""
        every = zip(self.visits, self.areas, self.halves, strict=True)
        for post in {Post(visit.skills, visit.gender, *half, area) for visit, area, halves in every for half in halves}:
            near = self._near(post)
            order = near[np.argsort(-self.weight[near] / self.minutes[near], kind="stable")]
            worked = np.cumsum(self.minutes[order]) - self.minutes[order]
            yield int(self.weight[order][worked < HALF_DAY_WORK].sum()), post

    def estimated(self, post: Post) -> Newcomer:
        """Let an imagined volunteer take visit after visit, the weightiest first or those worth most a minute."""
        waiting = tuple(self.visits[row] for row in self._near(post))
        person = _imagined(self.week, post, self.week.places[self._place(post)].id, waiting)
        ground = Ground(_theirs(self.week, person, waiting))
        orders = (
            sorted(waiting, key=lambda one: (-one.weight, one.id)),
            sorted(waiting, key=lambda one: (-one.weight / one.minutes, one.id)),
        )
        return max((_filled(ground, post, person, order) for order in orders), key=attrgetter("weight"))

    def _area(self, visit: Visit) -> tuple[int, int] | str:
        """Give the square of some 500 metres the door is in, or the door itself where there are no coordinates."""
        place = self.week.places[self.ground.door(visit)]
        if place.lat is None or place.lon is None:
            return place.id
        return int(place.lat // CELL_DEGREES), int(place.lon // CELL_DEGREES)

    def _place(self, post: Post) -> int:
        """Find the door of the area at which most weight waits for such a person."""
        doors: Counter[int] = Counter()
        for row in self._able(post).tolist():
            if self.areas[row] == post.area:
                doors[int(self.doors[row])] += int(self.weight[row])
        return min(doors, key=lambda door: (-doors[door], door))

    def _able(self, post: Post) -> Ints:
        """Give the visits such a person could serve, wherever they are."""
        if post[:-1] not in self._fit:
            wanted, half = set(post.skills), (post.day, post.half)
            every = zip(self.visits, self.halves, strict=True)
            fits = [wanted.issuperset(one.skills) and one.gender in {None, post.gender} and half in halves for one, halves in every]
            self._fit[post[:-1]] = np.flatnonzero(fits)
        return self._fit[post[:-1]]

    def _near(self, post: Post) -> Ints:
        """Give those of them within reach of the post's door."""
        rows = self._able(post)
        metres = self.ground.roads.metres(np.full(len(rows), self._place(post)), self.doors[rows])
        near: Ints = rows[~(metres > NEAR_METRES)]
        return near


def _alone(standing: Standing, ends: float) -> Iterator[Visit]:
    """Give the unserved visits, the weightiest first, as one newcomer sees them: of a crew the seat nobody takes."""
    if int(standing.has_baseline) > spare(standing):
        return
    unserved = [visit for visit in standing.ground.week.visits if visit.id not in standing.served and visit.id not in standing.ground.pins]
    for visit in sorted(unserved, key=lambda one: (-one.weight, one.id)):
        if time.monotonic() > ends:
            return
        look = Look(standing, visit)
        if not look.fits:
            yield from [visit] if visit.crew == 1 else _other_seat(look)


def _other_seat(look: Look) -> Iterator[Visit]:
    """Give a crew's visit as the seat beside whoever is free for it longest."""
    visit, plain = look.visit, look.plain
    second = visit.second if visit.second is not None else visit
    seats = [(plain.second, visit, visit.minutes), (plain.first, second, visit.minutes_of_second)]
    for partner, seat, minutes in sorted(seats, key=lambda one: len(one[1].skills)):
        rows = np.flatnonzero(partner)
        if len(rows):
            row = rows[np.argmax(plain.found.hi[rows] - plain.found.lo[rows])]
            window = int(plain.found.lo[row]), int(plain.found.hi[row]) + minutes
            days = (int(plain.day[row]),)
            yield replace(visit, skills=seat.skills, gender=seat.gender, days=days, window=window, minutes=minutes, crew=1, second=None)
            return


def _halves(visit: Visit) -> set[tuple[int, str]]:
    first, last = visit.window
    return {
        (day, half) for day in visit.days for half, (start, end) in HALVES.items() if min(last, end) - max(first, start) >= visit.minutes
    }


def _imagined(week: Week, post: Post, place: str, waiting: tuple[Visit, ...]) -> Volunteer:
    """Imagine a volunteer like the others: their usual mode and boxes, free for the half-day, half a day of work."""
    taken = {one.id for one in week.volunteers}
    earliest, latest = HALVES[post.half]
    start = max(earliest, min(visit.window[0] for visit in waiting) - ON_THE_WAY)
    end = min(latest, max(visit.window[1] for visit in waiting) + ON_THE_WAY)
    carried = [one.boxes for one in week.volunteers] or [visit.boxes for visit in waiting]
    return Volunteer(
        id=next(name for number in range(len(taken) + 1) if (name := f"recruit-{number + 1}") not in taken),
        place=place,
        gender=post.gender,
        skills=post.skills,
        mode=next(iter(week.travel.pace if week.travel.pace is not None else week.travel.minutes or ())),
        boxes=int(np.median(carried)),
        trips=None,
        radius=None,
        windows=(Window(post.day, start, end),),
        max_day=HALF_DAY_WORK,
        max_week=HALF_DAY_WORK,
    )


def _theirs(week: Week, person: Volunteer, waiting: tuple[Visit, ...]) -> Week:
    """Give the week in which there are only this volunteer and what waits for them."""
    doors = {visit.elder for visit in waiting}
    elders = tuple(replace(one, preferred=(), excluded=()) for one in week.elders if one.id in doors)
    names = {visit.id for visit in waiting}
    used = {person.place, *(one.place for one in elders), *(one.place for one in week.canteens)}
    return replace(
        week,
        # The rows of given minutes stand for all places.
        places=week.places if week.travel.minutes is not None else tuple(one for one in week.places if one.id in used),
        elders=elders,
        volunteers=(person,),
        visits=tuple(replace(one, excluded=()) for one in waiting),
        apart=tuple(one for one in week.apart if all(name in names for name in one.visits)),
        history=frozenset(),
        pins=(),
        baseline=None,
        max_touched=None,
    )


def _filled(ground: Ground, post: Post, person: Volunteer, order: list[Visit]) -> Newcomer:
    plan = Plan(week=ground.week.name, routes=())
    for visit in order:
        found = insertions_into(Standing(ground, plan), visit.id)
        if found:
            plan = apply(plan, found[0])
    served = Standing(ground, plan).served
    visits = by_id(order)
    return Newcomer(
        post=post,
        volunteer=person,
        waiting=tuple(order),
        served=tuple(visits[name] for name in sorted(served)),
        routes=plan.routes,
    )
