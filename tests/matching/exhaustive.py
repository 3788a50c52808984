"""The slow truth about tiny weeks, by the contract alone: every share, every order, every pick-up, the least times that hold.

Nothing of `matching` is used here. Pins, `from`, a baseline and `max_touched` count too; what is found is judged by the second referee.
"""

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import combinations, pairwise, product
from typing import Any, NamedTuple

from tests.matching.second_referee import Referee, by_id

Row = dict[str, Any]


class Slot(NamedTuple):
    """A window of a volunteer."""

    volunteer: str
    window: int


class Stop(NamedTuple):
    """A pick-up with what it takes aboard, or a visit (then `canteen` is None)."""

    canteen: str | None
    visits: tuple[str, ...]


Trip = tuple[Stop, ...]
Bounds = dict[str, tuple[int, int]]


class Best(NamedTuple):
    """The most pins any clean plan keeps, the most weight such a plan serves, and one that does."""

    pins: int
    weight: int
    plan: Row


def best(week: Row) -> Best | None:
    """Search every plan of a week; None where none is clean, because the baseline cannot be left as little as asked."""
    return Search(week).best()


class Search:
    def __init__(self, week: Row) -> None:
        self.week = week
        self.referee = Referee(week)
        self.visits, self.people = by_id(week["visits"]), by_id(week["volunteers"])
        self.slots = [Slot(name, at) for name, one in self.people.items() for at in range(len(one["windows"]))]
        self.trips_of = cache(self._trips)
        before = self.referee.served(self.referee.known(week["baseline"])) if week.get("baseline") else {}
        self.before = self.referee.starts(before)

    def best(self) -> Best | None:
        shares = sorted(product(*map(self.choices, self.visits.values())), key=self.reach, reverse=True)
        for share in shares:
            found = self.plan(share)
            if found is not None:
                return Best(*self.reach(share), found)
        return None

    def reach(self, share: tuple[tuple[Slot, ...], ...]) -> tuple[int, int]:
        served = [visit for visit, slots in zip(self.visits.values(), share, strict=True) if slots]
        return sum(visit["id"] in self.referee.pins for visit in served), sum(visit["weight"] for visit in served)

    def choices(self, visit: Row) -> list[tuple[Slot, ...]]:
        """Nobody, or a crew that may come, in windows of one day; pinned people and the pinned day where there is a pin."""
        pin = self.referee.pins.get(visit["id"], {"volunteers": [], "day": None})
        found: list[tuple[Slot, ...]] = [()]
        for slots in combinations(self.slots, visit["crew"]):
            names = [slot.volunteer for slot in slots]
            days = {self.day(slot) for slot in slots}
            if len(days) == 1 and len(set(names)) == len(names) and days <= set(visit["days"]):
                pinned = set(pin["volunteers"]) <= set(names) and pin["day"] in {None, *days}
                able = pinned and not self.referee.broken_by_people(visit, names)
                self.referee.seconds = self.referee.seated({visit["id"]: names})
                if able and all(self.trips(slot, frozenset({visit["id"]})) for slot in slots):
                    found.append(slots)
        return found

    def day(self, slot: Slot) -> int:
        return int(self.people[slot.volunteer]["windows"][slot.window][0])

    # One share: who is touched by it, which orders, which minutes.

    def plan(self, share: tuple[tuple[Slot, ...], ...]) -> Row | None:
        loads: dict[Slot, set[str]] = defaultdict(set)
        for visit, slots in zip(self.visits, share, strict=True):
            for slot in slots:
                loads[slot].add(visit)
        crews = {visit: [slot.volunteer for slot in slots] for visit, slots in zip(self.visits, share, strict=True) if slots}
        self.referee.seconds = self.referee.seated(crews)
        options = [self.trips(slot, frozenset(load)) for slot, load in loads.items()]
        if not all(options):
            return None
        for bounds in self.held(loads):
            for trips in product(*options):
                if self.over_ceilings(dict(zip(loads, trips, strict=True))):
                    continue
                times = self.times(list(loads), trips, bounds)
                if times is not None:
                    return self.written(list(loads), trips, times)
        return None

    def held(self, loads: dict[Slot, set[str]]) -> Iterator[dict[str, Bounds]]:
        """The starts that must stay near the baseline's, for every choice of people who may be touched."""
        most = self.week.get("max_touched")
        if most is None or not self.week.get("baseline"):
            yield {}
            return
        now: dict[str, set[tuple[str, int]]] = defaultdict(set)
        for slot, load in loads.items():
            now[slot.volunteer] |= {(visit, self.day(slot)) for visit in load}
        same = [name for name in self.people if self.before[name] and self.before[name].keys() == now[name]]
        touched = sum(self.before[name].keys() != now[name] for name in self.people)
        for count in range(min(len(same), most - touched) + 1):
            for free in combinations(same, count):
                yield {
                    name: {key[0]: (start - 15, start + 15) for key, start in self.before[name].items()}
                    for name in same
                    if name not in free
                }

    def over_ceilings(self, trips: dict[Slot, Trip]) -> bool:
        work: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
        for slot, trip in trips.items():
            work[slot.volunteer][self.day(slot)] += self.work(slot, trip)
        return any(self.referee.broken_ceilings(self.people[name], days) for name, days in work.items())

    def work(self, slot: Slot, trip: Trip) -> int:
        return self.referee.route_work(self.people[slot.volunteer], self.stops(trip, [0] * len(trip)))

    @staticmethod
    def stops(trip: Trip, times: list[int]) -> list[Row]:
        return [
            {"visit": stop.visits[0], "start": at}
            if stop.canteen is None
            else {"pickup": stop.canteen, "at": at, "visits": list(stop.visits)}
            for stop, at in zip(trip, times, strict=True)
        ]

    # Orders.

    def trips(self, slot: Slot, load: frozenset[str]) -> list[Trip]:
        return self.trips_of(slot, load, frozenset(visit for visit in load if (visit, slot.volunteer) in self.referee.seconds))

    def _trips(self, slot: Slot, load: frozenset[str], _as_second: frozenset[str]) -> list[Trip]:
        """Every order that can be driven by itself; where only work counts, the one with the least."""
        found = [trip for trip in self.orders(slot, load, (), frozenset()) if self.times([slot], (trip,), {}) is not None]
        if self.week.get("max_touched") is None and all(self.visits[visit]["crew"] == 1 for visit in load):
            return sorted(found, key=lambda trip: self.work(slot, trip))[:1]
        return found

    def orders(self, slot: Slot, load: frozenset[str], trip: Trip, aboard: frozenset[str]) -> Iterator[Trip]:
        one = self.people[slot.volunteer]
        done = {visit for stop in trip if stop.canteen is None for visit in stop.visits}
        if done == load:
            yield trip
            return
        for visit in sorted(load - done):
            if self.visits[visit]["canteen"] is None or visit in aboard:
                yield from self.orders(slot, load, (*trip, Stop(None, (visit,))), aboard - {visit})
        if one["trips"] is not None and sum(stop.canteen is not None for stop in trip) >= one["trips"]:
            return
        for canteen in self.referee.canteens:
            meals = sorted(visit for visit in load - done - aboard if self.visits[visit]["canteen"] == canteen)
            for count in range(1, len(meals) + 1):
                for taken in combinations(meals, count):
                    if sum(self.visits[visit]["boxes"] for visit in {*aboard, *taken}) <= one["boxes"]:
                        yield from self.orders(slot, load, (*trip, Stop(canteen, taken)), aboard | set(taken))

    # Minutes.

    def times(self, slots: list[Slot], trips: tuple[Trip, ...], held: dict[str, Bounds]) -> list[list[int]] | None:
        """The least minutes of all stops together, or None where nothing holds: only lower bounds push, upper ones refuse."""
        limits = [[self.limits(slot, stop, held) for stop in trip] for slot, trip in zip(slots, trips, strict=True)]
        times = [[low for low, _ in row] for row in limits]
        changed = True
        while changed:
            changed = False
            for row, (slot, trip) in enumerate(zip(slots, trips, strict=True)):
                pushed = self.pushed(slot, trip, times[row])
                changed, times[row] = changed or pushed != times[row], pushed
            changed = self.meet(slots, trips, times) or changed
            if any(at > high for row, line in enumerate(times) for at, (_, high) in zip(line, limits[row], strict=True)):
                return None
        return times

    def limits(self, slot: Slot, stop: Stop, held: dict[str, Bounds]) -> tuple[int, int]:
        one = self.people[slot.volunteer]
        place = self.place(stop)
        opens, closes = one["windows"][slot.window][1:]
        low, high = opens + self.referee.leg(one["mode"], one["place"], place), closes
        if stop.canteen is not None:
            kitchen = self.referee.canteens[stop.canteen]
            low, high = max(low, kitchen["ready"]), min(high, closes if kitchen.get("until") is None else kitchen["until"])
        else:
            visit = self.visits[stop.visits[0]]
            home = self.referee.leg(one["mode"], place, one["place"])
            minutes = self.referee.minutes(visit, slot.volunteer)
            low, high = max(low, visit["window"][0]), min(visit["window"][1], closes) - minutes
            near = held.get(slot.volunteer, {}).get(visit["id"], (low, high))
            exact = self.referee.pins.get(visit["id"], {}).get("start")
            low, high = max(low, near[0]), min(high, near[1], closes - home - minutes)
            low, high = (low, high) if exact is None else (max(low, exact), min(high, exact))
        if self.week.get("from") and not all(visit in self.referee.pins for visit in stop.visits):
            day, minute = self.week["from"]
            low = max(low, minute if self.day(slot) == day else high + 1 if self.day(slot) < day else low)
        return low, high

    def place(self, stop: Stop) -> str:
        return self.referee.timed(self.stops((stop,), [0]))[0][0]

    def pushed(self, slot: Slot, trip: Trip, times: list[int]) -> list[int]:
        """Later because of the way from the stop before, or because what is fetched must still be hot."""
        times, mode, who = list(times), self.people[slot.volunteer]["mode"], slot.volunteer
        for at, (before, after) in enumerate(pairwise(trip)):
            minutes = self.referee.minutes(self.visits[before.visits[0]], who) if before.canteen is None else 0
            times[at + 1] = max(times[at + 1], times[at] + minutes + self.referee.leg(mode, self.place(before), self.place(after)))
        fetched = {visit: at for at, stop in enumerate(trip) if stop.canteen is not None for visit in stop.visits}
        for at, stop in enumerate(trip):
            if stop.canteen is None and stop.visits[0] in fetched:
                visit, pickup = self.visits[stop.visits[0]], fetched[stop.visits[0]]
                hot = self.referee.canteens[visit["canteen"]]["hot"]
                if hot is not None:
                    times[pickup] = max(times[pickup], times[at] + visit["minutes"] - hot)
        return times

    def meet(self, slots: list[Slot], trips: tuple[Trip, ...], times: list[list[int]]) -> bool:
        """Bring both of a crew to the later one's minute; say whether anybody had to wait."""
        where: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for row, _ in enumerate(slots):
            for at, stop in enumerate(trips[row]):
                if stop.canteen is None:
                    where[stop.visits[0]].append((row, at))
        waited = False
        for spots in where.values():
            latest = max(times[row][at] for row, at in spots)
            for row, at in spots:
                waited, times[row][at] = waited or times[row][at] < latest, latest
        return waited

    def written(self, slots: list[Slot], trips: tuple[Trip, ...], times: list[list[int]]) -> Row:
        routes = [
            {"volunteer": slot.volunteer, "window": slot.window, "stops": self.stops(trip, line)}
            for slot, trip, line in zip(slots, trips, times, strict=True)
        ]
        return {"format": "timebank-plan/1", "week": self.week["name"], "routes": routes}
