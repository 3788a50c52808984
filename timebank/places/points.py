"""Points on the ground: what a coordinate of one of China's maps is in WGS-84, and how far two buildings stand apart on paper."""

import math
import re
import unicodedata
from collections.abc import Sequence

import prcoords

Point = tuple[float, float]
"""Latitude and longitude in WGS-84 degrees."""

DATUMS = {"WGS-84": "wgs84", "GCJ-02": "gcj02", "BD-09": "bd09"}
"""The maps a coordinate may be measured by, as people name them."""
METRES_PER_DEGREE = 111_320.0
APART = 40
"""So many metres stand between two buildings of a compound that nobody has put on the map yet."""
IN_A_ROW = 5
PAPER: Point = (36.0600, 120.3500)
"""Where the first building stands when nobody gave a coordinate: ways are measured between places, so only their distance matters."""
NUMBER = re.compile(r"-?\d{1,3}(?:\.\d+)?", re.ASCII)


def in_wgs84(lat: float, lon: float, datum: str) -> Point:
    """Return a point of some map in WGS-84."""
    spot = prcoords.Coords(lat, lon)
    if datum == "gcj02":
        spot = prcoords.gcj_wgs_bored(spot)
    elif datum == "bd09":
        spot = prcoords.bd_wgs_bored(spot)
    return round(spot.lat, 6), round(spot.lon, 6)


def read(words: str, datum: str) -> Point | None:
    """Return the point of a coordinate as a map's app copies it, latitude or longitude first; None when it is not one in China."""
    found = [float(each) for each in NUMBER.findall(unicodedata.normalize("NFKC", words))]
    if len(found) != 2:
        return None
    lat, lon = sorted(found)
    return in_wgs84(lat, lon, datum) if 3 <= lat <= 54 and 73 <= lon <= 136 else None


def beside(point: Point, east: float, north: float) -> Point:
    """Return the point so many metres to the east and north of another."""
    lat = point[0] + north / METRES_PER_DEGREE
    return round(lat, 6), round(point[1] + east / (METRES_PER_DEGREE * math.cos(math.radians(point[0]))), 6)


def next_spot(known: Sequence[Point], elsewhere: Sequence[Point]) -> Point:
    """Return where the next building of a compound goes on paper: beside its first, in rows; a new compound beside the others."""
    if known:
        row, place = divmod(len(known), IN_A_ROW)
        return beside(known[0], APART * place, -APART * row)
    if elsewhere:
        south = min(lat for lat, _lon in elsewhere)
        return beside((south, elsewhere[0][1]), 0, -3 * APART)
    return PAPER
