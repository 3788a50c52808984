"""The legs of a week as the search reads them: between nodes by mode, and each free volunteer's legs from home and back."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.model import Week
from matching.search.facts import Bools, Ints, Small
from matching.travel import Roads

RADIUS_TOLERANCE = 1e-6
FARTHEST = 1 << 28
"""Whatever takes longer takes no longer than this: out of reach of any window, and sums of it still fit."""
CLOSED_NODES = 1_200
"""Up to this many nodes the shortest way over other nodes is worked out for a matrix that stands as given."""


@dataclass(slots=True)
class Legs:
    """Minutes by mode and node (`ways`), and by node and free volunteer from home (`out`) and to it (`back`).

    The `least` figures are never more than the travel of any way from one end to the other, whatever lies between: on
    a map they are the legs themselves, in a matrix given as it stands a detour over a third place may be shorter.
    `slot` is a volunteer's row (-1: never free), `mode` the row of the ways; `near` says whose radius reaches a node.
    """

    ways: Small
    out: Small
    back: Small
    least: Small
    leaving: Small
    coming: Small
    slot: Ints
    mode: Ints
    near: Bools


def measure(week: Week, modes: Sequence[str], active: Sequence[bool]) -> tuple[Legs, dict[str, int]]:
    """Measure all legs of a week; rows out and back only for volunteers who are free at all."""
    roads = Roads(week)
    stops = dict.fromkeys([*(one.place for one in week.canteens), *(one.place for one in week.elders)])
    node_at = {place: number for number, place in enumerate(stops)}
    nodes = np.array([roads.index[place] for place in stops], dtype=np.int64)
    names = sorted(set(modes))
    mode = np.array([names.index(one) for one in modes], dtype=np.int64)
    free = np.array(active, dtype=np.bool_)
    slot: Ints = np.where(free, np.cumsum(free) - 1, -1).astype(np.int64)
    home = np.array([roads.index[one.place] for one in week.volunteers], dtype=np.int64)
    plan = _Points(week, roads)
    ways = np.stack([plan.block(one, nodes, nodes) for one in names]) if names else np.zeros((1, len(nodes), len(nodes)), dtype=np.int32)
    out = np.zeros((len(nodes), int(free.sum())), dtype=np.int32)
    back = np.zeros_like(out)
    for number, name in enumerate(names):
        members = np.flatnonzero(free & (mode == number))
        if len(members):
            out[:, slot[members]] = plan.block(name, home[members], nodes).T
            back[:, slot[members]] = plan.block(name, nodes, home[members])
    given = week.travel.minutes is not None
    least = np.stack([_closed(block) for block in ways]) if given else ways
    leaving, coming = _closed_homes(out, back, least, mode[free]) if given else (out, back)
    near = _near(week, plan, home[free], nodes, np.flatnonzero(free))
    return Legs(ways, out, back, least, leaving, coming, slot, mode, near), node_at


class _Points:
    """Travel by points: whoever lives in one building has the same metres to everywhere, so they are worked out once."""

    def __init__(self, week: Week, roads: Roads) -> None:
        self.roads = roads
        self.pace = week.travel.pace
        self.detour = week.travel.detour or 0.0
        points: dict[tuple[float | None, float | None], int] = {}
        self.first: list[int] = []
        self.point = np.zeros(len(week.places), dtype=np.int64)
        for number, place in enumerate(week.places):
            at = points.setdefault((place.lat, place.lon), len(points))
            self.point[number] = at
            if at == len(self.first):
                self.first.append(number)

    def metres(self, origins: Ints, targets: Ints) -> npt.NDArray[np.float64]:
        """Return metres from each origin (rows) to each target (columns)."""
        metres, where = self._between(origins, targets)
        found: npt.NDArray[np.float64] = metres[where]
        return found

    def block(self, mode: str, origins: Ints, targets: Ints) -> Small:
        """Return minutes from each origin (rows) to each target (columns), the way to the door included."""
        if self.pace is None:
            return self.roads.block(mode, origins, targets).clip(max=FARTHEST).astype(np.int32)
        metres, where = self._between(origins, targets)
        found: Small = np.ceil(self.detour * metres / self.pace[mode] - 1e-9).clip(max=FARTHEST).astype(np.int32)[where]
        found += self.roads.access[targets].clip(max=FARTHEST).astype(np.int32)[None, :]
        found[origins[:, None] == targets[None, :]] = 0
        return found

    def _between(self, origins: Ints, targets: Ints) -> tuple[npt.NDArray[np.float64], tuple[Ints, ...]]:
        """Return the metres between the points there are, and where each pair of places stands among them."""
        first = np.array(self.first, dtype=np.int64)
        starts, rows = np.unique(self.point[origins], return_inverse=True)
        ends, columns = np.unique(self.point[targets], return_inverse=True)
        return self.roads.metres(first[starts][:, None], first[ends][None, :]), np.ix_(rows, columns)


def _near(week: Week, plan: _Points, home: Ints, nodes: Ints, people: Ints) -> Bools:
    """Return which free volunteers' radius reaches each node."""
    radius = np.array([np.inf if week.volunteers[one].radius is None else week.volunteers[one].radius for one in people], dtype=np.float64)
    near: Bools = np.ones((len(people), len(nodes)), dtype=np.bool_)
    bound = np.flatnonzero(np.isfinite(radius))
    if len(bound):
        near[bound] = plan.metres(home[bound], nodes) <= radius[bound, None] + RADIUS_TOLERANCE
    return near


def _closed(block: Small) -> Small:
    """Return the shortest ways between nodes over any other nodes; nothing at all where that is too much work."""
    if len(block) > CLOSED_NODES:
        return np.zeros_like(block)
    closed = block.copy()
    for middle in range(len(closed)):
        np.minimum(closed, closed[:, middle, None] + closed[middle], out=closed)
    return closed


def _closed_homes(out: Small, back: Small, least: Small, mode: Ints) -> tuple[Small, Small]:
    """Return the shortest ways from home to a node and back over any other nodes."""
    leaving, coming = np.zeros_like(out), np.zeros_like(back)
    for column in range(out.shape[1]):
        if len(out):
            leaving[:, column] = (out[:, column, None] + least[mode[column]]).min(axis=0)
            coming[:, column] = (least[mode[column]] + back[None, :, column]).min(axis=1)
    return leaving, coming
