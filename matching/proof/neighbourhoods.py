"""Groups of doors that lie together: whoever serves anything in a group must come into it once, and that has its price.

The least leg to each door alone lets a trip hop between far blocks for the price of a staircase. So each group of
near doors gets a moat, as wide as the least that any leg into the group costs beyond what is charged already; groups
lie within groups, and every leg pays for each moat it crosses and no more than it is long.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Moat:
    """A group of doors, by column, and the minutes that coming into it costs beyond the least leg to the door."""

    inside: tuple[int, ...]
    width: int


def dig(legs: Ints, incoming: Ints, near: Ints) -> tuple[list[Moat], Ints]:
    """Return the moats, inner before outer, and what is left of every leg.

    `legs[a, b]` is the leg from a to column b; rows beyond the columns are kitchens and home, which lie in no group.
    `incoming` is charged already. `near` says how far apart columns are, for the grouping only.
    """
    left = legs - incoming[None, :]
    groups = np.arange(len(incoming))
    moats: list[Moat] = []
    for level in np.unique(near):
        merged = _merge(groups, near <= level)
        for group in np.unique(merged):
            inside = merged == group
            if len(np.unique(groups[inside])) == 1:
                continue
            outside = np.concatenate([~inside, np.ones(len(left) - len(inside), dtype=np.bool_)])
            width = int(left[np.ix_(outside, inside)].min())
            if width > 0:
                left[np.ix_(outside, inside)] -= width
                moats.append(Moat(tuple(np.flatnonzero(inside).tolist()), width))
        groups = merged
        if len(np.unique(groups)) == 1:
            break
    return moats, left


def _merge(groups: Ints, touching: npt.NDArray[np.bool_]) -> Ints:
    """Return the groups after those that touch have become one, each named by its least member."""
    names = groups.copy()
    while True:
        least = np.where(touching, names[None, :], len(names)).min(axis=1)
        least = np.minimum(least, names)
        found = names.copy()
        np.minimum.at(found, groups, least)
        found = found[groups]
        if (found == names).all():
            return names
        names = found
