"""The compiled search's view of a week: everything it reads, packed into a few arrays of whole numbers.

Rows are visits, windows, people and kitchens in the order of tables.py; the columns are named here. All lists stand in
one array; a row says where its own begin and end.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Small = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

ALWAYS = 1 << 30
"""Stands for "no limit" wherever minutes or boxes are compared."""
SHIFT = 15
"""A start that moves by more than this many minutes touches its volunteer."""

NODE, LAST, MINUTES, MINUTES_TOO, VALUE, CREW, CANTEEN, BOXES, PINNED, ELDER, MUST, MUST_TOO = range(12)
FITS, FITS_END, SECONDS, SECONDS_END, BASE, BASE_END, ELDER_AT, ELDER_END, TIES, TIES_END, EITHER, EITHER_END, FIRST = range(12, 25)
"""Columns of a visit. `MINUTES_TOO` are the second's; `MUST` the pinned volunteers (-1: anybody); from `FIRST` on stand the earliest
starts, day by day.

The others say where lists begin and end: the windows that fit its two seats, all visits of its elder, its ties (apart.py) and
who could be the first of its crew and the second too, where their minutes differ, in `lists`, its part of the baseline in `base`.
"""
AS_SECOND = 1 << 30
"""Is added to the start that the second of a crew is held to: her minutes may be others."""
VOLUNTEER, DAY, START, END, KEY = range(5)
"""Columns of a window; `KEY` counts the volunteer's days."""
HOLDS, TRIPS, MAX_DAY, MAX_WEEK, MODE, SLOT, OWN, OWN_END = range(8)
"""Columns of a person: boxes carried, pick-ups, ceilings, row of the ways of travel, column of the homes, own windows in `lists`."""
KITCHEN, READY, UNTIL, HOT, OPENS = range(5)
"""Columns of a kitchen: its node, first pick-up without the week's `from`, last one, heat; from `OPENS` on the first of each day."""
NODE_AT, NODE_END, NEAR = range(3)
"""Columns of a node: the visits there, in `lists`; from `NEAR` on the nearest nodes, itself first."""
OUT, BACK = range(2)
"""Sheets of the legs from home and to it."""
TRAVEL_PRICE, FACE_PRICE, FAIR_PRICE, TOUCH_PRICE, HAS_BASE, HAS_FROM, IS_METRIC = range(7)
"""The prices of the goals; then, 0 or 1: an earlier plan, a `from`, legs of which none is longer than a way round."""
BY_WEIGHT, BY_SCARCITY, BY_LENGTH = range(3)
"""Rows of the keys by which visits are put in order."""
BASE_VOLUNTEER, BASE_DAY, BASE_START = range(3)


class Facts(NamedTuple):
    """What the search reads; nothing in it changes while it runs.

    Few and wide arrays: each one more has to be handed over at every call, and makes compiling longer.
    """

    visits: Ints
    windows: Ints
    people: Ints
    kitchens: Ints
    near: Ints
    lists: Ints
    base: Small
    ways: Small
    homes: Small
    keys: Floats
    terms: Floats
