"""Lists of whole numbers, kept as one array and the places where each begins: compiled code and Python read the same."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from matching.search.facts import Ints, Small


class Lists(Sequence[tuple[int, ...]]):
    """Lists of whole numbers, kept as one array and the places where each begins."""

    def __init__(self, starts: Ints, values: Small) -> None:
        self.starts = starts
        self.values = values

    def __len__(self) -> int:
        """Count the lists."""
        return len(self.starts) - 1

    def counts(self) -> list[int]:
        """Say how long each list is."""
        lengths: list[int] = np.diff(self.starts).tolist()
        return lengths

    def __getitem__(self, at: int) -> tuple[int, ...]:  # type: ignore[override]
        """Return one list."""
        return tuple(self.values[self.starts[at] : self.starts[at + 1]].tolist())

    def __iter__(self) -> Iterator[tuple[int, ...]]:
        """Go through the lists."""
        return (self[at] for at in range(len(self)))


def lists_of(keys: Iterable[int], count: int) -> Lists:
    """Return for each of so many keys the places where it stands."""
    row = np.fromiter(keys, dtype=np.int64)
    starts = np.zeros(count + 1, dtype=np.int64)
    np.cumsum(np.bincount(row, minlength=count), out=starts[1:])
    return Lists(starts, np.argsort(row, kind="stable").astype(np.int32))


def in_lists(several: Sequence[Sequence[int]]) -> Lists:
    """Return some lists of whole numbers as one array and where each begins."""
    starts = np.zeros(len(several) + 1, dtype=np.int64)
    np.cumsum([len(one) for one in several], out=starts[1:])
    return Lists(starts, np.array([number for one in several for number in one], dtype=np.int32))
