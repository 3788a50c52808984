"""Where things stand on a drawing: the board's time axis, the map's projection, the scales and lines of charts.

Pages draw with SVG only; these functions turn minutes, degrees and figures into positions and know nothing of pages.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

METRES_PER_DEGREE = 111_320.0
GRID_METRES = 200
NOON = (10 * 60 + 30, 12 * 60 + 30)
FOLD = (12 * 60 + 30, 14 * 60)
DAY = (8 * 60 + 30, 17 * 60)
NOON_STRETCH = 2.3
FOLD_WEIGHT = 21.0
TICK_ROOM = 4.6
NARROW_TRACK = 600.0
NEAR_CEILING = 0.9
FIRST_WIDE = "\u2e80"


@dataclass(frozen=True)
class Axis:
    """A day's time axis: pieces of time, each with its own scale; positions are percents of the width."""

    first: int
    last: int
    folded: bool
    pieces: tuple[tuple[int, int, float], ...]

    def at(self, minute: int) -> float:
        """Return where a minute of the day stands, in percent; a minute outside stands at the edge."""
        total = sum(weight for _, _, weight in self.pieces)
        passed = 0.0
        for start, end, weight in self.pieces:
            share = min(max(minute - start, 0), end - start) / (end - start)
            passed += weight * share
        return round(100 * passed / total, 3)

    def span(self, start: int, end: int) -> tuple[float, float]:
        """Return the left edge and the width of a stretch of time, in percent."""
        left = self.at(start)
        return left, round(max(self.at(end) - left, 0.0), 3)

    @property
    def points(self) -> list[tuple[int, float]]:
        """Return where each piece begins and the last one ends: between two of them time runs evenly."""
        return [(minute, self.at(minute)) for minute in (*(start for start, _end, _weight in self.pieces), self.last)]

    @property
    def noon(self) -> tuple[float, float]:
        """Return the left edge and the width of the stretched noon."""
        return self.span(*NOON)

    @property
    def fold(self) -> tuple[float, float]:
        """Return the left edge and the width of the noon break, zero wide when it is not folded."""
        return self.span(*FOLD) if self.folded else (self.at(FOLD[0]), 0.0)

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """Return the positions and words of the hours, and of the half hours inside the stretched noon."""
        found: list[tuple[float, str]] = []
        for minute in range(math.ceil(self.first / 30) * 30, self.last + 1, 30):
            inside_noon = NOON[0] < minute < NOON[1]
            hidden = self.folded and FOLD[0] <= minute < FOLD[1]
            place = self.at(minute)
            room = not found or place - found[-1][0] >= TICK_ROOM
            if (minute % 60 == 0 or inside_noon) and not hidden and room and TICK_ROOM / 2 <= place <= 100 - TICK_ROOM / 2:
                found.append((place, f"{minute // 60}:{minute % 60:02}"))
        return found


def day_axis(spans: Iterable[tuple[int, int]] = ()) -> Axis:
    """Return the axis that shows the given stretches of a day; the noon break folds when nothing begins or ends in it."""
    known = [(start, end) for start, end in spans if end > start]
    first = min([DAY[0], *(start // 30 * 30 for start, _ in known)])
    last = max([DAY[1], *(math.ceil(end / 30) * 30 for _, end in known)])
    folded = not any(FOLD[0] < edge < FOLD[1] for span in known for edge in span)
    break_weight = FOLD_WEIGHT if folded else float(FOLD[1] - FOLD[0])
    pieces = (
        (first, NOON[0], float(NOON[0] - first)),
        (*NOON, (NOON[1] - NOON[0]) * NOON_STRETCH),
        (*FOLD, break_weight),
        (FOLD[1], last, float(last - FOLD[1])),
    )
    return Axis(first, last, folded, tuple(piece for piece in pieces if piece[1] > piece[0]))


@dataclass(frozen=True)
class BlockPlace:
    """Where a block stands in its row, and what it has room for beside its word."""

    left: float
    width: float
    icon: bool
    mark: bool
    fits: bool


def block_place(axis: Axis, start: int, end: int, label: str) -> BlockPlace:
    """Place a block; when it is narrow its mark goes first, then its icon, never its word."""
    left, width = axis.span(start, end)
    pixels = NARROW_TRACK * width / 100
    word = text_width(label) + 10
    return BlockPlace(left, width, icon=pixels >= word + 20, mark=pixels >= word + 42, fits=pixels >= word - 11)


def text_width(text: str, size: float = 12) -> float:
    """Estimate a text's width: a Chinese character is as wide as tall, a letter a little over half, a gap a quarter."""
    return sum(size if letter >= FIRST_WIDE else size * (0.25 if letter == " " else 0.58) for letter in text)


def board_axis(rows: Iterable[Mapping[str, Any]]) -> Axis:
    """Return the axis that shows every block of a board's rows."""
    blocks = (block for row in rows for block in row["blocks"] if block.get("status") != "away")
    return day_axis((block["start"], block["end"]) for block in blocks)


def near_ceiling(minutes: int, ceiling: int | None) -> bool:
    """Say whether somebody's week is close to the ceiling they chose."""
    return bool(ceiling) and minutes >= NEAR_CEILING * (ceiling or 0)


def share(part: float, whole: float) -> float:
    """Return a part of a whole in percent, between 0 and 100."""
    return round(min(max(100 * part / whole, 0.0), 100.0), 2) if whole > 0 else 0.0


def segments(count: int, gap: float = 1.5) -> list[tuple[float, float]]:
    """Return the left edge and the width of equal segments side by side, in percent."""
    width = (100 - gap * (count - 1)) / max(count, 1)
    return [(round(number * (width + gap), 2), round(width, 2)) for number in range(count)]


@dataclass(frozen=True)
class Frame:
    """A piece of map: degrees in, drawing units out, north up, the same scale both ways."""

    west: float
    north: float
    units_per_metre: float
    squeeze: float
    width: float
    height: float

    def xy(self, lat: float, lon: float) -> tuple[float, float]:
        """Return where a point stands."""
        x = (lon - self.west) * METRES_PER_DEGREE * self.squeeze * self.units_per_metre
        y = (self.north - lat) * METRES_PER_DEGREE * self.units_per_metre
        return round(x, 1), round(y, 1)

    def line(self, points: Iterable[tuple[float, float]]) -> str:
        """Return the points of a line as an SVG polyline wants them."""
        return " ".join(f"{x},{y}" for x, y in (self.xy(lat, lon) for lat, lon in points))

    @property
    def step(self) -> int:
        """Return the metres between two lines of the grid, wider when the map shows a whole district."""
        wanted = GRID_METRES
        while wanted * self.units_per_metre < self.width / 9:
            wanted *= 2
        return wanted

    @property
    def scale(self) -> float:
        """Return the drawing units of one step of the grid."""
        return round(self.step * self.units_per_metre, 1)

    @property
    def columns(self) -> list[float]:
        """Return the places of the grid's upright lines."""
        return [round(self.scale * number, 1) for number in range(1, int(self.width / self.scale) + 1)]

    @property
    def rows(self) -> list[float]:
        """Return the places of the grid's level lines."""
        return [round(self.scale * number, 1) for number in range(1, int(self.height / self.scale) + 1)]


def frame(points: Iterable[tuple[float, float]], width: float = 330, height: float = 336, margin: float = 34) -> Frame:
    """Return the frame that shows all points (latitude, longitude) with a margin; at least about 400 m wide."""
    known = list(points) or [(36.06, 120.35)]
    south, north = min(lat for lat, _ in known), max(lat for lat, _ in known)
    west, east = min(lon for _, lon in known), max(lon for _, lon in known)
    squeeze = math.cos(math.radians((south + north) / 2))
    tall = max((north - south) * METRES_PER_DEGREE, 2.0 * GRID_METRES)
    broad = max((east - west) * METRES_PER_DEGREE * squeeze, 2.0 * GRID_METRES)
    per_metre = min((width - 2 * margin) / broad, (height - 2 * margin) / tall)
    middle_lat, middle_lon = (south + north) / 2, (west + east) / 2
    return Frame(
        west=middle_lon - width / per_metre / 2 / (METRES_PER_DEGREE * squeeze),
        north=middle_lat + height / per_metre / 2 / METRES_PER_DEGREE,
        units_per_metre=per_metre,
        squeeze=squeeze,
        width=width,
        height=height,
    )


def map_frame(
    routes: Sequence[Mapping[str, Any]],
    unserved: Sequence[Mapping[str, Any]] = (),
    canteen: Mapping[str, Any] | None = None,
    buildings: Sequence[tuple[float, float]] = (),
    *,
    width: float = 330,
    height: float = 336,
) -> Frame:
    """Return the frame of a map with routes, doors nobody can go to, the canteen and the buildings around."""
    stops = [(stop["lat"], stop["lon"]) for route in routes for stop in route["stops"]]
    others = [(place["lat"], place["lon"]) for place in (*unserved, *([canteen] if canteen else []))]
    return frame([*stops, *others, *buildings], width, height)


def route_points(route: Mapping[str, Any], canteen: Mapping[str, Any] | None) -> list[tuple[float, float]]:
    """Return the points of a route in order, from the canteen where it begins there."""
    begin = [(canteen["lat"], canteen["lon"])] if canteen and route.get("from_canteen", True) else []
    return begin + [(stop["lat"], stop["lon"]) for stop in route["stops"]]


def nice_ticks(low: float, high: float, count: int = 4) -> list[int]:
    """Return about ``count`` round figures from at or below ``low`` to at or above the last one under ``high``."""
    room = max(high - low, 1)
    rough = room / max(count, 1)
    power = 10 ** math.floor(math.log10(rough))
    step = max(next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough), 1)
    first = math.floor(low / step)
    return [round(step * number) for number in range(first, math.floor(high / step) + 1)]


@dataclass(frozen=True)
class Curve:
    """The picture of a plan getting better: a climbing step line under a falling dashed bound."""

    served: str
    under: str
    bound: str
    now_x: float
    served_y: float
    bound_y: float | None
    served_word_y: float
    bound_word_y: float
    words_left: bool
    y_ticks: tuple[tuple[float, int], ...]
    x_ticks: tuple[tuple[float, int], ...]
    left: float
    right: float
    top: float
    bottom: float


def curve(points: Sequence[Mapping[str, Any]], seconds: float, needed: int, width: float = 780, height: float = 210) -> Curve | None:
    """Return the step curve of a run's points {seconds, served, bound}; None before the first point."""
    known = sorted(points, key=lambda point: point["seconds"])
    if not known:
        return None
    left, right, top, bottom = 44.0, width - 12, 6.0, height - 26
    limit = max(seconds, known[-1]["seconds"], 1)
    highest = max([needed, *(point["bound"] for point in known if point.get("bound"))])
    settled = [point["served"] for point in known if point["served"] > 0]
    ticks = nice_ticks(min([*settled, highest * 0.6]) * 0.9, highest * 1.04)
    low, high = ticks[0], max(highest * 1.05, ticks[-1], ticks[0] + 1)

    def x(at: float) -> float:
        return _tenth(left + (right - left) * at / limit)

    def y(value: float) -> float:
        return _tenth(bottom - (bottom - top) * (max(value, low) - low) / (high - low))

    served = [(x(point["seconds"]), y(point["served"])) for point in known]
    bounds = [(x(point["seconds"]), y(point["bound"])) for point in known if point.get("bound")]
    now_x, served_y = served[-1]
    bound_y = bounds[-1][1] if bounds else None
    above = min(served_y, bound_y if bound_y is not None else served_y) - 6
    line = step_path([(served[0][0], bottom), *served])
    return Curve(
        served=line,
        under=f"{line} V{bottom} H{served[0][0]} Z",
        bound=step_path([*bounds, (now_x, bounds[-1][1])]) if bounds else "",
        now_x=now_x,
        served_y=served_y,
        bound_y=bound_y,
        served_word_y=max(served_y + 18, above + 30),
        bound_word_y=max(above, 13.0),
        words_left=now_x > right - 140,
        y_ticks=tuple((y(value), value) for value in ticks),
        x_ticks=tuple((x(limit * part / 4), round(limit * part / 4)) for part in range(5)),
        left=left,
        right=right,
        top=top,
        bottom=bottom,
    )


def _tenth(value: float) -> float:
    """Return a place to a tenth of a unit, which no eye can tell from the truth."""
    return round(float(value), 1)


def step_path(points: Sequence[tuple[float, float]]) -> str:
    """Return the SVG path of a line that holds its height until the next point."""
    if not points:
        return ""
    start = f"M{points[0][0]} {points[0][1]}"
    return start + "".join(f" H{after[0]} V{after[1]}" for _, after in pairwise(points))


@dataclass(frozen=True)
class Column:
    """One column of a chart: its place, its height and its words."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    label: str
    value: str
    current: bool
    second: bool


def columns(
    bars: Sequence[Mapping[str, Any]], width: float = 680, height: float = 150, *, top: float = 20, bottom: float = 24
) -> list[Column]:
    """Return the columns of a chart of bars {label, value, current}; a bar with ``second`` carries a further series."""
    if not bars:
        return []
    paired = any(bar.get("second") is not None for bar in bars)
    highest = max([1e-9, *(float(bar[key]) for bar in bars for key in ("value", "second") if bar.get(key) is not None)])
    room = width / len(bars)
    broad = min(room * (0.36 if paired else 0.58), 44)
    drawn: list[Column] = []
    for number, bar in enumerate(bars):
        middle = room * (number + 0.5)
        for order, key in enumerate(("value", "second") if paired else ("value",)):
            value = bar.get(key)
            if value is None:
                continue
            tall = (height - top - bottom) * float(value) / highest
            x = middle - broad / 2 if not paired else middle - broad + order * (broad + 2)
            drawn.append(
                Column(
                    x=round(x, 1),
                    y=round(height - bottom - tall, 1),
                    width=round(broad, 1),
                    height=round(tall, 1),
                    middle=round(middle, 1),
                    label=str(bar["label"]) if order == 0 else "",
                    value=str(bar.get("words", {}).get(key, value)),
                    current=bool(bar.get("current")),
                    second=order == 1,
                )
            )
    return drawn
