"""The legs of a week as the search reads them: rows between nodes by mode, and each volunteer's rows out and back."""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.model import Week
from matching.travel import Roads

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Minutes = npt.NDArray[np.int32]

Row = Sequence[int]

RADIUS_TOLERANCE = 1e-6
CLOSED_NODES = 1_200
"""Up to this many nodes the shortest way over other nodes is worked out for a matrix that stands as given."""
BATCH = 512


@dataclass(slots=True)
class Legs:
    """Minutes by node: `rows[v]` are the rows of volunteer v's mode, `out[v]` and `back[v]` the legs from and to home.

    The `least` figures are never more than the travel of any way from one end to the other, whatever lies between: on
    a map they are the legs themselves, in a matrix given as it stands a detour over a third place may be shorter.
    """

    rows: list[list[Row]]
    out: list[Row]
    back: list[Row]
    place: Ints
    roads: Roads
    home: Ints
    mode: Ints
    least: list[Ints]
    leaving: Minutes
    coming: Minutes
    slot: Ints

    def least_out(self, volunteer: Ints, node: int) -> Ints:
        """Return the least minutes from each volunteer's home to a node."""
        found: Ints = self.leaving[self.slot[volunteer], node].astype(np.int64)
        return found

    def least_back(self, volunteer: Ints, node: int) -> Ints:
        """Return the least minutes from a node to each volunteer's home."""
        found: Ints = self.coming[self.slot[volunteer], node].astype(np.int64)
        return found

    def least_between(self, volunteer: Ints, origin: int, target: int) -> Ints:
        """Return the least minutes between two nodes for each volunteer's mode."""
        found: Ints = np.array([one[origin, target] for one in self.least], dtype=np.int64)[self.mode[volunteer]]
        return found

    def within(self, week: Week, place: str) -> Bools:
        """Return which volunteers' radius reaches a place."""
        radius = np.array([np.inf if one.radius is None else one.radius for one in week.volunteers])
        if not np.isfinite(radius).any():
            return np.ones(len(radius), dtype=np.bool_)
        metres = self.roads.metres(self.home, np.array([self.roads.index[place]]))
        near: Bools = ~np.isfinite(radius) | (metres <= radius + RADIUS_TOLERANCE)
        return near


def measure(week: Week, modes: Sequence[str], active: Sequence[bool]) -> tuple[Legs, dict[str, int]]:
    """Measure all legs of a week; rows out and back only for volunteers who are free at all."""
    roads = Roads(week)
    stops = dict.fromkeys([*(one.place for one in week.canteens), *(one.place for one in week.elders)])
    node_at = {place: number for number, place in enumerate(stops)}
    nodes = np.array([roads.index[place] for place in stops], dtype=np.int64)
    names = sorted(set(modes))
    blocks = [roads.block(mode, nodes, nodes) for mode in names]
    packed = [[as_row(row) for row in block] for block in blocks]
    mode_at = np.array([names.index(mode) for mode in modes], dtype=np.int64)
    home = np.array([roads.index[one.place] for one in week.volunteers], dtype=np.int64)
    there, back, slot = _homes(roads, names, mode_at, home, nodes, np.array(active, dtype=np.bool_))
    given = week.travel.minutes is not None
    least = [_closed(block) for block in blocks] if given else blocks
    leaving, coming = _closed_homes(there, back, least, mode_at, slot) if given else (there, back)
    none = array("H")
    legs = Legs(
        rows=[packed[mode] for mode in mode_at],
        out=[as_row(there[s]) if s >= 0 else none for s in slot],
        back=[as_row(back[s]) if s >= 0 else none for s in slot],
        place=nodes,
        roads=roads,
        home=home,
        mode=mode_at,
        least=least,
        leaving=leaving,
        coming=coming,
        slot=slot,
    )
    return legs, node_at


def _homes(roads: Roads, names: Sequence[str], mode: Ints, home: Ints, nodes: Ints, active: Bools) -> tuple[Minutes, Minutes, Ints]:
    """Return legs out and back of the active volunteers, and each volunteer's row in them (-1: never free)."""
    slot: Ints = np.where(active, np.cumsum(active) - 1, -1).astype(np.int64)
    total = int(active.sum())
    there: Minutes = np.zeros((total, len(nodes)), dtype=np.int32)
    back: Minutes = np.zeros((total, len(nodes)), dtype=np.int32)
    for number, name in enumerate(names):
        members = np.flatnonzero(active & (mode == number))
        for batch in _batches(members):
            there[slot[batch]] = roads.block(name, home[batch], nodes)
            back[slot[batch]] = roads.block(name, nodes, home[batch]).T
    return there, back, slot


def _batches(members: Ints) -> Iterable[Ints]:
    return (members[at : at + BATCH] for at in range(0, len(members), BATCH))


def _closed(block: Ints) -> Ints:
    """Return the shortest ways between nodes over any other nodes; nothing at all where that is too much work."""
    if len(block) > CLOSED_NODES:
        return np.zeros_like(block)
    closed = block.copy()
    for middle in range(len(closed)):
        np.minimum(closed, closed[:, middle, None] + closed[middle], out=closed)
    return closed


def _closed_homes(there: Minutes, back: Minutes, least: Sequence[Ints], mode: Ints, slot: Ints) -> tuple[Minutes, Minutes]:
    """Return the shortest ways from home to a node and back over any other nodes."""
    leaving, coming = np.zeros_like(there), np.zeros_like(back)
    for volunteer, row in enumerate(slot):
        if row >= 0 and there.shape[1]:
            ways = least[mode[volunteer]]
            leaving[row] = (there[row][:, None] + ways).min(axis=0)
            coming[row] = (ways + back[row][None, :]).min(axis=1)
    return leaving, coming


def as_row(values: npt.NDArray[np.integer]) -> Row:
    """Pack minutes into two bytes each where they fit: a district's rows would not fit in memory as lists."""
    small = len(values) == 0 or int(values.max()) < 65_536
    packed = array("H" if small else "q")
    packed.frombytes(np.ascontiguousarray(values, dtype=np.uint16 if small else np.int64).tobytes())
    return packed
