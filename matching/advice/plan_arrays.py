"""A plan laid out as arrays of stops and gaps, so that one pass answers where one more visit would go.

A gap is what lies between two stops of a route, or between home and a stop; an unused window is one gap. Nothing in a
standing plan moves: every stop keeps its place, its order and its minute.
"""

from collections import defaultdict

import numpy as np

from matching.advice.apart import Moment
from matching.advice.week_arrays import Bools, Ground
from matching.compare import UNTOUCHED_SHIFT, doors_by_volunteer
from matching.crews import Seconds, seconds
from matching.model import DAY, PickupStop, Plan, Route, Visit, VisitStop
from matching.travel import Ints


class Standing:
    """The stops and gaps of a plan, the work it gives to each volunteer and who is touched by it."""

    def __init__(self, ground: Ground, plan: Plan) -> None:
        self.ground = ground
        self.plan = plan
        self.seconds = seconds(ground.week, plan)
        self.served = {stop.visit for route in plan.routes for stop in route.stops if isinstance(stop, VisitStop)}
        self._lay_stops()
        self._lay_gaps()
        self._lay_work()
        self._lay_touched()
        self._familiar: dict[str, Bools] = {}
        self.known = _known(ground, plan)
        self.moments = _moments(ground, plan) if ground.ties else {}

    def _lay_stops(self) -> None:
        ground = self.ground
        windows = len(ground.window_day)
        self.count = np.zeros(windows, dtype=np.int64)
        self.first_stop = np.zeros(windows, dtype=np.int64)
        rows: list[tuple[int, int, int, int, int, bool]] = []
        for route in self.plan.routes:
            window = int(ground.first_window[ground.person[route.volunteer]]) + route.window
            self.first_stop[window], self.count[window] = len(rows), len(route.stops)
            rows += _rows(ground, route, self.seconds)
        table = np.array(rows, dtype=np.int64).reshape(len(rows), 6)
        self.place, self.time, self.end, self.aboard, self.kitchen = (table[:, column] for column in range(5))
        self.all_pinned: Bools = table[:, 5].astype(bool)
        self.pickups: Ints = np.zeros(windows, dtype=np.int64)
        owner = self._owner_of_stops()
        np.add.at(self.pickups, owner[self.kitchen >= 0], 1)
        self.owner = owner

    def _owner_of_stops(self) -> Ints:
        owner = np.zeros(len(self.place), dtype=np.int64)
        for window in np.flatnonzero(self.count):
            owner[self.first_stop[window] : self.first_stop[window] + self.count[window]] = window
        return owner

    def _lay_gaps(self) -> None:
        ground = self.ground
        gaps = self.count + 1
        self.first_gap = np.cumsum(gaps) - gaps
        self.gap_window = np.repeat(np.arange(len(gaps)), gaps)
        self.position = np.arange(len(self.gap_window)) - self.first_gap[self.gap_window]
        self.is_first: Bools = self.position == 0
        self.is_last: Bools = self.position == self.count[self.gap_window]
        home = ground.home[ground.window_person[self.gap_window]]
        before = self.first_stop[self.gap_window] + self.position - 1
        self.prev_place, self.next_place = home.copy(), home.copy()
        self.prev_end, self.next_time = np.zeros_like(home), np.zeros_like(home)
        self.gap_boxes = np.zeros_like(home)
        inner, outer = ~self.is_first, ~self.is_last
        self.prev_place[inner], self.next_place[outer] = self.place[before[inner]], self.place[before[outer] + 1]
        self.prev_end[inner], self.next_time[outer] = self.end[before[inner]], self.time[before[outer] + 1]
        self.gap_boxes[inner] = self.aboard[before[inner]]
        self.gap_leg = np.zeros_like(home)
        modes = ground.mode[ground.window_person[self.gap_window]]
        for number, mode in enumerate(ground.modes):
            driven = np.flatnonzero((modes == number) & (self.count[self.gap_window] > 0))
            self.gap_leg[driven] = ground.roads.minutes(mode, self.prev_place[driven], self.next_place[driven])

    def _lay_work(self) -> None:
        ground = self.ground
        travel = np.zeros(len(self.count), dtype=np.int64)
        np.add.at(travel, self.gap_window, self.gap_leg)
        np.add.at(travel, self.owner, self.end - self.time)
        self.work_day = np.zeros_like(ground.used)
        np.add.at(self.work_day, (ground.window_person, ground.window_day), travel)
        self.work_day += ground.used
        self.work_week: Ints = self.work_day.sum(axis=1)

    def _lay_touched(self) -> None:
        """Compare each volunteer's doors with the baseline's, and note whom one certain visit would make whole again."""
        ground = self.ground
        self.touched: Bools = np.zeros(len(ground.home), dtype=bool)
        self.missing: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
        self.has_baseline = ground.week.baseline is not None
        if ground.week.baseline is None:
            return
        before = doors_by_volunteer(ground.week, ground.week.baseline)
        after = doors_by_volunteer(ground.week, self.plan)
        for name in before.keys() | after.keys():
            was, now = before.get(name, {}), after.get(name, {})
            shifted = any(abs(now[door] - was[door]) > UNTOUCHED_SHIFT for door in now.keys() & was.keys())
            person = ground.person[name]
            self.touched[person] = shifted or was.keys() != now.keys()
            lost = was.keys() - now.keys()
            if not shifted and len(lost) == 1 and now.keys() <= was.keys():
                ((visit, day),) = lost
                self.missing[visit].append((person, day, was[visit, day]))

    def familiar(self, visit: Visit) -> Bools:
        """Say for each volunteer whether the elder knows or prefers them, or meets them in this plan anyway."""
        if visit.elder not in self._familiar:
            known = np.zeros(len(self.ground.home), dtype=bool)
            known[[self.ground.person[name] for name in self.known[visit.elder]]] = True
            self._familiar[visit.elder] = known
        return self._familiar[visit.elder]


def _rows(ground: Ground, route: Route, seconds_are: Seconds) -> list[tuple[int, int, int, int, int, bool]]:
    """Write the stops of a route: place, time, end, boxes aboard afterwards, canteen or -1, pinned altogether."""
    rows = []
    aboard = 0
    for stop in route.stops:
        if isinstance(stop, PickupStop):
            aboard += sum(ground.visits[name].boxes for name in stop.visits)
            place = ground.roads.index[ground.canteens[stop.pickup].place]
            pinned = all(name in ground.pins for name in stop.visits)
            rows.append((place, stop.at, stop.at, aboard, ground.canteen_number[stop.pickup], pinned))
            continue
        visit = ground.visits[stop.visit]
        aboard -= visit.boxes
        minutes = visit.minutes_of_second if (visit.id, route.volunteer) in seconds_are else visit.minutes
        rows.append((ground.door(visit), stop.start, stop.start + minutes, aboard, -1, visit.id in ground.pins))
    return rows


def _known(ground: Ground, plan: Plan) -> dict[str, set[str]]:
    """Give for each elder whom they know or prefer, or meet in this plan anyway."""
    known = defaultdict(set, {elder.id: set(elder.preferred) for elder in ground.week.elders})
    for elder, volunteer in ground.week.history:
        known[elder].add(volunteer)
    for route in plan.routes:
        for stop in route.stops:
            if isinstance(stop, VisitStop):
                known[ground.visits[stop.visit].elder].add(route.volunteer)
    return known


def _moments(ground: Ground, plan: Plan) -> dict[str, Moment]:
    """Give when each visit is served and by whom."""
    moments: dict[str, Moment] = {}
    for route in plan.routes:
        day = ground.week.volunteers[ground.person[route.volunteer]].windows[route.window].day
        for stop in route.stops:
            if isinstance(stop, VisitStop):
                begins = day * DAY + stop.start
                people = moments[stop.visit].people if stop.visit in moments else ()
                moments[stop.visit] = Moment(begins, begins + ground.visits[stop.visit].lasts, (*people, route.volunteer))
    return moments
