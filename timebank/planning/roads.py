"""Minutes by road, asked of an OSRM of the office's own and kept with the plan, so that whoever plans and whoever judges use the same ones.

Only where a setting names one: a run asks for the pairs of points it does not know yet, before it begins, and nothing waits for the
answer but the run. What was answered once stays as long as the plan; pairs nobody has answered for are as the crow flies, as
without the setting. Points go out as coordinates, without a word of whose they are.
"""

import hashlib
import json
import logging
import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any

from timebank.notices.gateways import ONLY_THERE

log = logging.getLogger(__name__)

TRAVEL: dict[str, Any] = {"detour": 1.3, "pace": {"walk": 70, "ebike": 200}}
"""As the crow flies: how much longer ways are, and metres a minute."""
PROFILES = {"walk": "foot", "ebike": "bike"}
MODE = "{mode}"
EARTH_METRES = 6_371_009.0
MOST_POINTS = 1_000
AT_ONCE = 50
"""So many points are asked for from, and so many to, in one question: an OSRM takes a hundred unless told otherwise."""
SECONDS = 20
LONGEST_MINUTES = 24 * 60

Point = tuple[float, float]
Table = dict[str, list[list[int | None]]]


class NoAnswer(Exception):  # noqa: N818 - the run goes on without
    """The service is down, or says what is no table."""


def point_of(place: Mapping[str, Any]) -> Point:
    """Return the point of a place, to a decimetre."""
    return round(place["lat"], 6), round(place["lon"], 6)


def digest_of(kept: Mapping[str, Any] | None) -> str:
    """Return what minutes by road are known by, nothing where there are none."""
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()[:16] if kept else ""


def travel(kept: Mapping[str, Any] | None, places: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return how people travel between some places, for the engine's file: by the minutes kept with a plan, else as the crow flies."""
    if not kept:
        return TRAVEL
    order = {(point[0], point[1]): number for number, point in enumerate(kept["points"])}
    where = [order.get(point_of(each)) for each in places]
    return {"minutes": {mode: _between(mode, kept["minutes"][mode], places, where) for mode in PROFILES}}


def _between(mode: str, table: list[list[int | None]], places: Sequence[Mapping[str, Any]], where: Sequence[int | None]) -> list[list[int]]:
    """Return the minutes of a mode between places, the way to the door with them."""
    rows = []
    for a, one in enumerate(places):
        row = []
        for b, other in enumerate(places):
            here, there = where[a], where[b]
            known = table[here][there] if here is not None and there is not None else None
            row.append(0 if a == b else (_straight(mode, one, other) if known is None else known) + int(other["access"]))
        rows.append(row)
    return rows


def _straight(mode: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> int:
    """Return the minutes between two places as the crow flies."""
    lat_a, lon_a, lat_b, lon_b = (math.radians(each) for each in (one["lat"], one["lon"], other["lat"], other["lon"]))
    half = math.sin((lat_b - lat_a) / 2) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    metres = 2 * EARTH_METRES * math.asin(math.sqrt(min(1.0, half)))
    return math.ceil(float(TRAVEL["detour"]) * metres / float(TRAVEL["pace"][mode]) - 1e-6)


def with_one_more(minutes: Mapping[str, Sequence[Sequence[int]]], places: Sequence[Mapping[str, Any]]) -> dict[str, list[list[int]]]:
    """Return minutes between places that the last of the places has joined, its ways as the crow flies."""
    last = places[-1]
    grown = {}
    for mode, table in minutes.items():
        rows = [[*row, _straight(mode, one, last) + int(last["access"])] for row, one in zip(table, places, strict=False)]
        grown[mode] = [*rows, [*(_straight(mode, last, each) + int(each["access"]) for each in places[:-1]), 0]]
    return grown


def brought(address: str, kept: Mapping[str, Any] | None, points: Iterable[Point]) -> dict[str, Any] | None:
    """Return the minutes that are kept, with those of points that are new; what was known stays as it was."""
    known = [(each[0], each[1]) for each in kept["points"]] if kept else []
    fresh = sorted(set(points) - set(known))
    if not fresh or len(known) + len(fresh) > MOST_POINTS:
        return dict(kept) if kept else None
    every = [*known, *fresh]
    minutes: Table = {}
    for mode, profile in PROFILES.items():
        old = kept["minutes"][mode] if kept else []
        table: list[list[int | None]] = [[*row, *(None for _ in fresh)] for row in old] + [[None for _ in every] for _ in fresh]
        base = address.replace(MODE, profile).rstrip("/")
        for rows, columns in product(_parts(range(len(every))), _parts(range(len(every)))):
            if max(rows) < len(known) and max(columns) < len(known):
                continue
            said = _asked(f"{base}/table/v1/{profile}/", [every[each] for each in rows], [every[each] for each in columns])
            for a, row in zip(rows, said, strict=True):
                for b, seconds in zip(columns, row, strict=True):
                    if a >= len(known) or b >= len(known):
                        table[a][b] = seconds if seconds is None else min(math.ceil(seconds / 60), LONGEST_MINUTES)
        minutes[mode] = table
    return {"points": [list(each) for each in every], "minutes": minutes}


def _parts(numbers: Sequence[int]) -> list[Sequence[int]]:
    """Return numbers in parts that one question takes."""
    return [numbers[start : start + AT_ONCE] for start in range(0, len(numbers), AT_ONCE)]


def _asked(base: str, origins: Sequence[Point], targets: Sequence[Point]) -> list[list[float | None]]:
    """Ask for the seconds from some points to some points."""
    points = ";".join(f"{lon:.6f},{lat:.6f}" for lat, lon in (*origins, *targets))
    sources, ends = range(len(origins)), range(len(origins), len(origins) + len(targets))
    url = f"{base}{points}?annotations=duration&sources={_listed(sources)}&destinations={_listed(ends)}"
    try:
        with ONLY_THERE.open(url, timeout=SECONDS) as came:
            said = json.load(came)
        rows = said["durations"]
        fits = said["code"] == "Ok" and [len(row) for row in rows] == [len(targets)] * len(origins)
        seconds = [[None if each is None else float(each) for each in row] for row in rows]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NoAnswer(type(error).__name__) from error
    if not fits or any(each is not None and not 0 <= each < math.inf for row in seconds for each in row):
        raise NoAnswer(str(said["code"])[:40])
    return seconds


def _listed(numbers: Iterable[int]) -> str:
    """Return numbers as OSRM lists them."""
    return ";".join(str(each) for each in numbers)
