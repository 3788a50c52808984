"""Packs the columns of a week into the arrays of facts.py, and finds which windows fit which visit."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from matching.model import Week
from matching.search.facts import DAY, ELDER, END, MINUTES, NODE, START, VALUE, VOLUNTEER, Bools, Facts, Floats, Ints, Small
from matching.search.fitting import Fitting, fit, skill_groups
from matching.search.legs import Legs
from matching.search.lists import Lists, in_lists, lists_of
from matching.search.tables import Canteens, People, Visits, Windows
from matching.search.ties import ties_of

NEIGHBOURS = 100
"""So many nodes are remembered as the neighbours of each."""
SPARE_STOPS = 3
"""A trip under trial may have a visit and a pick-up more than holds, and the leg home."""
EFFORT = 10
"""Minutes of a visit's worth that its way is taken to cost."""


def table(columns: Sequence[Any], width: int) -> Ints:
    """Return columns as one array with a row an entry; no entries, no rows."""
    made: Ints = np.array(columns, dtype=np.int64).reshape(width, -1).T
    return np.ascontiguousarray(made)


def _bounds(lists: Lists) -> Ints:
    """Return where each list begins and ends."""
    return np.stack([lists.starts[:-1], lists.starts[1:]], axis=1)


def _joined(*several: Lists) -> tuple[Ints, list[Ints]]:
    """Return several lists of lists as one array, and where in it each list begins and ends."""
    offsets = np.cumsum([0, *(len(one.values) for one in several)])
    bounds = [_bounds(one) + offset for one, offset in zip(several, offsets, strict=False)]
    return np.concatenate([one.values for one in several]).astype(np.int64), bounds


class Packing:
    """Packs one week."""

    def __init__(
        self,
        week: Week,
        visits: Visits,
        windows: Windows,
        people: People,
        canteens: Canteens,
        legs: Legs,
        first_by_day: list[list[int]],
        ready_by_day: list[list[int]],
    ) -> None:
        self.week = week
        self.columns = visits
        self.legs = legs
        self.people_columns = people
        must = [sorted(one)[:2] + [-1] * (2 - len(one)) for one in visits.must]
        self.visits = table(
            [
                visits.node, visits.last, visits.minutes, visits.minutes_too, visits.value, visits.crew, visits.canteen, visits.boxes,
                visits.pinned, visits.elder, [one[0] for one in must], [one[1] for one in must],
            ],
            12,
        )  # fmt: skip
        self.windows = table([windows.volunteer, windows.day, windows.start, windows.end, windows.key], 5)
        self.people = table([people.boxes, people.trips, people.max_day, people.max_week, legs.mode, legs.slot], 6)
        self.kitchens = table([canteens.node, canteens.ready, canteens.until, canteens.hot], 4)
        self.first: Small = np.array(first_by_day, dtype=np.int32).reshape(week.days, -1)
        self.ready: Small = np.array(ready_by_day, dtype=np.int32).reshape(week.days, -1)

    def fits(self, elder_at: dict[str, int], volunteer_at: dict[str, int]) -> tuple[Lists, Lists]:
        """Return the windows that fit the first and the second seat of every visit."""
        skilled, group = skill_groups(self.week)
        uneven = [one.is_uneven for one in self.week.visits]
        self.either = [np.flatnonzero(skilled[group[at]].all(axis=0)).tolist() if odd else [] for at, odd in enumerate(uneven)]
        on_day = lists_of(self.windows[:, DAY], self.week.days)
        at_elder = lists_of(self.visits[:, ELDER], len(self.week.elders))
        open_day = np.zeros((max(1, len(self.visits)), self.week.days), dtype=np.bool_)
        for at, days in enumerate(self.columns.days):
            open_day[at, list(days)] = True
        used_day, used_week = (np.array(one, dtype=np.int64) for one in (self.people_columns.used_day, self.people_columns.used_week))
        fitting = Fitting(
            visits=self.visits,
            first=self.first,
            windows=self.windows,
            people=self.people,
            kitchens=self.kitchens,
            ready=self.ready,
            least=self.legs.least,
            leaving=self.legs.leaving,
            coming=self.legs.coming,
            used_day=used_day,
            used_week=used_week,
            on_day_at=on_day.starts,
            on_day=on_day.values,
            at_elder_at=at_elder.starts,
            at_elder=at_elder.values,
            open_day=open_day,
            allowed=self._allowed(elder_at, volunteer_at),
            skilled=skilled,
        )
        self.fit_lists, self.second_lists = (Lists(*one) for one in fit(fitting, group, self.columns.must.__getitem__))
        return self.fit_lists, self.second_lists

    def _allowed(self, elder_at: dict[str, int], volunteer_at: dict[str, int]) -> Bools:
        """Return who may go to each elder: not excluded and within their own radius."""
        node = np.zeros(len(self.week.elders), dtype=np.int64)
        node[self.visits[:, ELDER]] = self.visits[:, NODE]
        allowed: Bools = np.ascontiguousarray(self.legs.near.T[node]) if self.legs.near.shape[1] else np.ones((1, 1), dtype=np.bool_)
        for elder in self.week.elders:
            for volunteer in elder.excluded:
                if volunteer in volunteer_at and self.legs.slot[volunteer_at[volunteer]] >= 0:
                    allowed[elder_at[elder.id], self.legs.slot[volunteer_at[volunteer]]] = False
        return allowed

    def most_stops(self) -> int:
        """Return room for the stops of any trip of this week, and of its baseline."""
        held = 0 if self.week.baseline is None else max((len(route.stops) for route in self.week.baseline.routes), default=0)
        fitting = np.zeros(len(self.windows), dtype=np.int64)
        for lists in (self.fit_lists, self.second_lists):
            fitting += np.bincount(lists.values, minlength=len(self.windows))
        if not fitting.any():
            return held + SPARE_STOPS
        both = np.array([self.columns.minutes, self.columns.minutes_too], dtype=np.int64)
        minutes = both.min(axis=0)
        longest = int((self.windows[:, END] - self.windows[:, START]).max())
        hours = np.stack([np.array(self.columns.first), np.array(self.columns.last) + both.max(axis=0), minutes], axis=1)
        kinds, counts = np.unique(hours, axis=0, return_counts=True)
        room = int(np.minimum(counts, (kinds[:, 1] - kinds[:, 0]) // kinds[:, 2]).clip(0).sum())
        visits = min(int(fitting.max()), longest // int(minutes.min()) + 1, room)
        pickups = visits if len(self.kitchens) else 0
        return max(visits + pickups, held) + SPARE_STOPS

    def facts(self, base: list[dict[tuple[int, int], int]]) -> Facts:
        """Return everything the search reads."""
        week, nodes = self.week, self.legs.ways.shape[1]
        rows = sorted((visit, volunteer, day, start) for volunteer, one in enumerate(base) for (visit, day), start in one.items())
        before = lists_of((row[0] for row in rows), len(self.visits))
        at_node, at_elder = lists_of(self.visits[:, NODE], nodes), lists_of(self.visits[:, ELDER], len(week.elders))
        own = lists_of(self.windows[:, VOLUNTEER], len(week.volunteers))
        ties = in_lists(ties_of(week))
        lists = (self.fit_lists, self.second_lists, own, at_node, at_elder, ties, in_lists(self.either))
        every, (fits, seconds, owned, node, elder, tied, either) = _joined(*lists)
        prices = week.weights
        flags = [week.baseline is not None, week.from_ is not None, week.travel.minutes is None]
        return Facts(
            visits=np.hstack([self.visits, fits, seconds, _bounds(before), elder[self.visits[:, ELDER]], tied, either, self.first.T]),
            windows=self.windows,
            people=np.hstack([self.people, owned]),
            kitchens=np.hstack([self.kitchens, self.ready.T]),
            near=np.hstack([node, self._near()]),
            lists=every,
            base=np.array([row[1:] for row in rows], dtype=np.int32).reshape(-1, 3),
            ways=self.legs.ways,
            homes=np.stack([self.legs.out, self.legs.back]),
            keys=self._keys(),
            terms=np.array([prices.travel, prices.new_face, prices.fairness, prices.touched, *flags], dtype=np.float64),
        )

    def _near(self) -> Ints:
        """Return for every node the nearest ones, itself first."""
        ways = self.legs.ways[0]
        count = min(len(ways), NEIGHBOURS)
        if count == len(ways):
            return np.argsort(ways, axis=1, kind="stable")
        found: Ints = np.empty((len(ways), count), dtype=np.int64)
        for node, row in enumerate(ways):
            some = np.sort(np.argpartition(row, count)[:count])
            found[node] = some[np.argsort(row[some], kind="stable")]
        return found

    def _keys(self) -> Floats:
        """Return for each visit the keys it may be put in order by, the most pressing least."""
        value, minutes = self.visits[:, VALUE].astype(np.float64), self.visits[:, MINUTES]
        counts: npt.NDArray[np.int64] = np.diff(self.fit_lists.starts)
        return np.stack([-value / (minutes + EFFORT), counts / np.maximum(value, 1), -minutes.astype(np.float64)])
