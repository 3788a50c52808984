"""A plan as one page of HTML that needs nothing else: a map and a timeline for each day, and why the rest is not served."""

import math
from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby
from operator import attrgetter

from matching.model import Plan, Week
from matching.reasons import DAYS_EN, DAYS_ZH, clock
from matching.show.text import WORDS, head, said
from matching.show.trips import Trip, trips

WIDE, HIGH, MARGIN = 720, 460, 16
"""The map, in units of the drawing."""
MINUTE, ROW, NAMES = 1.1, 22, 110
"""The timeline: units a minute, units a row, room for the names."""
HOUR = 60
COLOURS = ("#0b6e4f", "#b5541c", "#31538f", "#8a2c5a", "#5f6b1a", "#5b3f8f", "#00707f", "#a3333d", "#3c6e2f", "#7a4a12")
STYLE = """
body{font:16px/1.5 system-ui,"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif;margin:2rem auto;max-width:1500px;padding:0 1rem;color:#1d2521}
h1{font-size:1.4rem}h2{font-size:1.15rem;margin-top:2rem}.day{display:flex;flex-wrap:wrap;gap:1.5rem;align-items:flex-start}
svg{background:#f6f7f4;border-radius:8px;max-width:100%;height:auto}.lines{overflow-x:auto;max-width:100%}text{font-size:12px}
.hour{stroke:#d5dad3}.place{fill:#9aa59c}.kitchen{fill:#1d2521}.way{fill:none;stroke-width:2;opacity:.75}li{margin:.25rem 0}
"""


def page(week: Week, plan: Plan, *, language: str = "zh") -> str:
    """Write a plan as a page.

    Parameters
    ----------
    week : Week
        The week; without coordinates the page has no maps.
    plan : Plan
        A plan of it.
    language : str
        "zh" or "en".

    Returns
    -------
    str
        One HTML document with its style and drawings inside; it loads nothing and runs nothing.
    """
    return "\n".join(_parts(week, plan, language))


def _parts(week: Week, plan: Plan, language: str) -> Iterator[str]:
    words, days = WORDS[language], DAYS_ZH if language == "zh" else DAYS_EN
    yield f'<!doctype html><html lang="{"zh-CN" if language == "zh" else "en"}"><head><meta charset="utf-8">'
    yield f'<meta name="viewport" content="width=device-width"><title>{escape(week.name)}</title><style>{STYLE}</style></head><body>'
    yield f"<h1>{escape(head(week, plan, language=language))}</h1>"
    ground = _Ground(week)
    colour = {one.id: COLOURS[number % len(COLOURS)] for number, one in enumerate(week.volunteers)}
    for day, members in groupby(trips(week, plan), key=attrgetter("day")):
        of_day = list(members)
        yield f'<h2>{days[day]}</h2><div class="day">'
        yield from _map(ground, week, of_day, colour)
        yield from _timeline(of_day, colour, words)
        yield "</div>"
    if plan.unserved:
        yield f"<h2>{words['left']}</h2><ul>"
        yield from (f"<li>{escape(one.zh if language == 'zh' else one.en)}</li>" for one in plan.unserved)
        yield "</ul>"
    yield "</body></html>"


class _Ground:
    """Puts places on the drawing, north above, equal scale both ways."""

    def __init__(self, week: Week) -> None:
        self.points = [(one.lon, one.lat) for one in week.places]
        known = [(lon, lat) for lon, lat in self.points if lon is not None and lat is not None]
        self.is_known = len(known) == len(self.points) > 0
        if not self.is_known:
            return
        west, south = min(lon for lon, _ in known), min(lat for _, lat in known)
        east, north = max(lon for lon, _ in known), max(lat for _, lat in known)
        self.narrow = math.cos(math.radians((south + north) / 2))
        wide, high = max((east - west) * self.narrow, 1e-6), max(north - south, 1e-6)
        self.scale = min((WIDE - 2 * MARGIN) / wide, (HIGH - 2 * MARGIN) / high)
        self.west, self.north = west, north
        self.left = (WIDE - wide * self.scale) / 2
        self.high = round(high * self.scale + 2 * MARGIN)

    def at(self, place: int) -> tuple[float, float]:
        """Give where a place is drawn."""
        lon, lat = self.points[place]
        x = self.left + ((lon or 0.0) - self.west) * self.narrow * self.scale
        return round(x, 1), round(MARGIN + (self.north - (lat or 0.0)) * self.scale, 1)


def _map(ground: _Ground, week: Week, of_day: Iterable[Trip], colour: dict[str, str]) -> Iterator[str]:
    if not ground.is_known:
        return
    yield f'<svg viewBox="0 0 {WIDE} {ground.high}" width="{WIDE}" height="{ground.high}" role="img">'
    for number, place in enumerate(week.places):
        x, y = ground.at(number)
        yield f'<circle class="place" cx="{x}" cy="{y}" r="3"><title>{escape(place.id)}</title></circle>'
    for trip in of_day:
        stops = [trip.home, *(call.place for call in trip.calls), trip.home]
        points = " ".join(f"{x},{y}" for x, y in map(ground.at, stops))
        told = escape(f"{trip.volunteer} {clock(trip.leaves)}-{clock(trip.back)}")
        yield f'<polyline class="way" points="{points}" stroke="{colour[trip.volunteer]}"><title>{told}</title></polyline>'
        for call in trip.calls:
            x, y = ground.at(call.place)
            mark = f'<rect class="kitchen" x="{x - 4}" y="{y - 4}" width="8" height="8">' if call.is_pickup else ""
            mark = mark or f'<circle cx="{x}" cy="{y}" r="4" fill="{colour[trip.volunteer]}">'
            yield f"{mark}<title>{escape(call.name)}</title>{'</rect>' if call.is_pickup else '</circle>'}"
    yield "</svg>"


def _timeline(of_day: list[Trip], colour: dict[str, str], words: dict[str, str]) -> Iterator[str]:
    first = min(trip.leaves for trip in of_day) // HOUR * HOUR
    last = -(-max(trip.back for trip in of_day) // HOUR) * HOUR
    wide, high = NAMES + (last - first) * MINUTE + 2 * MARGIN, ROW * (len(of_day) + 1)

    def across(minute: int) -> float:
        return round(NAMES + (minute - first) * MINUTE, 1)

    yield f'<div class="lines"><svg viewBox="0 0 {wide:.0f} {high}" width="{wide:.0f}" height="{high}" role="img">'
    for hour in range(first, last + 1, HOUR):
        x = across(hour)
        yield f'<line class="hour" x1="{x}" x2="{x}" y1="{ROW}" y2="{high}"/><text x="{x}" y="14" text-anchor="middle">{clock(hour)}</text>'
    for row, trip in enumerate(of_day, 1):
        y = row * ROW
        line = colour[trip.volunteer]
        yield f'<text x="4" y="{y + 15}">{escape(trip.volunteer)}</text>'
        yield f'<line x1="{across(trip.leaves)}" x2="{across(trip.back)}" y1="{y + 11}" y2="{y + 11}" stroke="{line}"/>'
        for call in trip.calls:
            x, told = across(call.begins), escape(said(call, words))
            width = max((call.ends - call.begins) * MINUTE, 3)
            shade = "#1d2521" if call.is_pickup else line
            yield f'<rect x="{x}" y="{y + 3}" width="{width:.1f}" height="16" rx="2" fill="{shade}"><title>{told}</title></rect>'
    yield "</svg></div>"
