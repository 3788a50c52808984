"""Minutes and metres between places by the contract's formula, in numpy and only as far as they are asked for.

A week of 13,000 places has 170 million pairs a mode, so nothing here ever fills a whole matrix unasked: callers
take pairs, blocks or rows, and rows are kept up to a fixed number of bytes.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.model import Week

EARTH_METRES = 6_371_009.0
KEPT_BYTES = 64 * 1024 * 1024

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Places = Sequence[int] | NDArray[Any]


class Roads:
    """Travel between the places of one week; places are named by their position in the week's list."""

    def __init__(self, week: Week) -> None:
        self.index = {place.id: number for number, place in enumerate(week.places)}
        self.access: Ints = np.array([place.access for place in week.places], dtype=np.int64)
        self._detour = week.travel.detour or 0.0
        self._pace = week.travel.pace
        self._given = week.travel.minutes
        self._matrices: dict[str, Ints] = {}
        self._rows: dict[tuple[str, int], Ints] = {}
        self._most_rows = max(16, KEPT_BYTES // (8 * max(1, len(week.places))))
        coordinates = [(place.lat, place.lon) for place in week.places]
        self._lat: Floats = np.radians(np.array([np.nan if lat is None else lat for lat, _ in coordinates], dtype=float))
        self._lon: Floats = np.radians(np.array([np.nan if lon is None else lon for _, lon in coordinates], dtype=float))
        self._sin: Floats = np.sin(self._lat)
        self._cos: Floats = np.cos(self._lat)

    def metres(self, origins: Places, targets: Places) -> Floats:
        """Find great-circle metres between pairs of places; the two sides broadcast."""
        a, b = np.asarray(origins, dtype=np.int64), np.asarray(targets, dtype=np.int64)
        delta = self._lon[b] - self._lon[a]
        sin_a, cos_a, sin_b, cos_b = self._sin[a], self._cos[a], self._sin[b], self._cos[b]
        cos_delta = np.cos(delta)
        opposite = np.sqrt((cos_b * np.sin(delta)) ** 2 + (cos_a * sin_b - sin_a * cos_b * cos_delta) ** 2)
        result: Floats = np.arctan2(opposite, sin_a * sin_b + cos_a * cos_b * cos_delta) * EARTH_METRES
        return result

    def minutes(self, mode: str, origins: Places, targets: Places) -> Ints:
        """Find minutes of travel between pairs of places, the way to the door included; the two sides broadcast."""
        a, b = np.asarray(origins, dtype=np.int64), np.asarray(targets, dtype=np.int64)
        if self._pace is None:
            legs = self._matrix(mode)[a, b]
        else:
            legs = np.ceil(self._detour * self.metres(a, b) / self._pace[mode] - 1e-9).astype(np.int64) + self.access[b]
        result: Ints = np.where(a == b, 0, legs)
        return result

    def ways(self, place: int, modes: Sequence[str]) -> tuple[Ints, Ints]:
        """Find minutes by mode and place, from every place to this one and from this one to every place."""
        every, here = np.arange(len(self.access)), np.full(len(self.access), place)
        if self._pace is None:
            return tuple(np.stack([self.minutes(mode, *pair) for mode in modes]) for pair in ((every, here), (here, every)))  # type: ignore[return-value]
        found = []
        for origins, targets in ((every, here), (here, every)):
            metres = self._detour * self.metres(origins, targets)
            legs = np.stack([np.ceil(metres / self._pace[mode] - 1e-9).astype(np.int64) for mode in modes])
            legs += self.access[targets]
            legs[:, place] = 0
            found.append(legs)
        return found[0], found[1]

    def block(self, mode: str, origins: Places, targets: Places) -> Ints:
        """Find minutes from each origin (rows) to each target (columns)."""
        return self.minutes(mode, np.asarray(origins)[:, None], np.asarray(targets)[None, :])

    def row(self, mode: str, origin: int) -> Ints:
        """Find minutes from one place to every place, kept for the next call."""
        key = (mode, origin)
        found = self._rows.get(key)
        if found is None:
            if len(self._rows) >= self._most_rows:
                self._rows.clear()
            found = self._rows[key] = self.minutes(mode, [origin], np.arange(len(self.access)))
        return found

    def between(self, mode: str, origin: int, target: int) -> int:
        """Find minutes from one place to another."""
        return int(self.row(mode, origin)[target])

    def _matrix(self, mode: str) -> Ints:
        if mode not in self._matrices:
            given = (self._given or {})[mode]
            self._matrices[mode] = np.array(given, dtype=np.int64).reshape(len(self.access), len(self.access))
        return self._matrices[mode]
