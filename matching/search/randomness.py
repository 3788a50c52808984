"""Random numbers for compiled code: the same seed gives the same numbers on every machine (xorshift64*, Vigna 2016)."""

import numpy as np
import numpy.typing as npt

from matching.search.compiled import compiled, whole

Dice = npt.NDArray[np.uint64]

GOLDEN = 0x9E3779B97F4A7C15
MULTIPLIER = np.uint64(2685821657736338717)
RIGHT, LEFT, RIGHT_AGAIN = np.uint64(12), np.uint64(25), np.uint64(27)
TOP_53, TOP_31 = np.uint64(11), np.uint64(33)
PART = 2.0**-53


def dice(seed: int) -> Dice:
    """Return dice that begin with a seed; neighbouring seeds begin far apart."""
    return np.array([(seed * GOLDEN + GOLDEN) % 2**64 or GOLDEN], dtype=np.uint64)


@compiled
def _next(of: Dice) -> np.uint64:
    number = of[0]
    number ^= number >> RIGHT
    number ^= number << LEFT
    number ^= number >> RIGHT_AGAIN
    of[0] = number
    return np.uint64(number * MULTIPLIER)


@compiled
def chance(of: Dice) -> float:
    """Return a number from 0 up to, not reaching, 1."""
    return float(_next(of) >> TOP_53) * PART


@compiled
def below(of: Dice, limit: int) -> int:
    """Return a whole number from 0 up to, not reaching, the limit."""
    return whole(_next(of) >> TOP_31) % limit


@compiled
def between(of: Dice, least: int, most: int) -> int:
    """Return a whole number from least to most, both included."""
    return least + below(of, most - least + 1)
