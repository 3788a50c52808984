"""What the board, the map and the lists of a week are drawn from: plain tables for the macros of the kit."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup, escape

from timebank import clock
from timebank.drawing import DAY
from timebank.places.models import Building
from timebank.planning import queries, scenes, words
from timebank.planning.actions.steps import lines_of, mark_of
from timebank.planning.finding import Found, Wanted
from timebank.planning.models import Assignment, Unserved
from timebank.planning.queries import UNSENT, Block, Glance, Row
from timebank.visits.models import Visit
from timebank.volunteers.models import Volunteer
from timebank.web import voiced

Table = dict[str, Any]
DRAWN_AS = {"confirmed": "done", "declined": "away"}
KEPT = {"accepted", "under_way", "done"}
FIXED = {"declined", "too_late", "under_way", "done", "confirmed", "failed"}
MOST_ROUTES = 12
NEIGHBOURS = 2
MOST_STREETS = 6
STREETS_APART = 0.0015**2
STREET = re.compile(r"(.*?[路街道巷里])")


@dataclass(frozen=True, slots=True)
class Looking:
    """What the reader looks at: the day, which rows the board shows of it, and whose route stands on the map."""

    monday: date
    day: date
    view: str = "day"
    wanted: Wanted = field(default_factory=Wanted)
    volunteer: int | None = None
    routes: bool = False

    def address(self, **other: object) -> str:
        """Return the address of this week with something else looked at; another way to look begins at the first page."""
        own: Table = {
            "day": self.day.isoformat(),
            "view": self.view,
            "volunteer": self.volunteer,
            **asdict(self.wanted),
            "page": None,
            **other,
        }
        plain = {name: value for name, value in own.items() if value and (name, value) not in {("view", "day"), ("show", "all")}}
        return url_for("planning.week", week=clock.week_name(self.monday), **plain)

    def page(self, number: int) -> str:
        """Return the address of another page of the same rows."""
        return self.address(page=number)


def day_tabs(found: Glance, looking: Looking) -> list[Table]:
    """Return the seven days with how they stand."""
    return [
        {
            "href": looking.address(day=each.day.isoformat(), volunteer=None),
            "weekday": words.weekday(each.day),
            "day": each.day.day,
            "served": each.planned,
            "needed": each.needed,
            "today": each.day == clock.today(),
            "current": each.day == looking.day,
        }
        for each in queries.day_counts(found)
    ]


def filters(shown: Found, looking: Looking) -> list[Table]:
    """Return the ways to narrow the board, each with its count."""
    named = {
        "all": (_("有安排"), None),
        "meals": (_("送餐"), None),
        "home": (_("上门"), None),
        "waiting": (_("待回复"), "clock"),
        "unsent": (_("有改动"), "two-arrows"),
        "near": (_("过上限八成"), None),
        "new": (_("第一次见面"), None),
    }
    return [
        {
            "href": looking.address(show=show, volunteer=None),
            "word": f"{word} {shown.counted[show]}" if shown.counted.get(show, -1) >= 0 else word,
            "icon": icon,
            "current": show == looking.wanted.show,
        }
        for show, (word, icon) in named.items()
        if shown.counted.get(show, 1) or show in {"all", looking.wanted.show}
    ]


def choices(seen: Glance, teams: list[tuple[int, str]]) -> list[Table]:
    """Return what else narrows the board: unit, team, building and skill, each only where there are several."""
    units = {person.unit.id: person.unit.name for person in seen.of.volunteers if person.unit is not None}
    houses = {visit.household.building_id: words.address(visit) for visit in seen.of.visits}
    skills = {held.skill.code: voiced(held.skill.words) for person in seen.of.volunteers for held in person.skills}
    every = (
        ("unit", _("全部单位"), _("哪个单位"), _in_order(units)),
        ("team", _("全部队"), _("哪个队"), teams),
        ("building", _("全部楼"), _("哪栋楼"), _in_order(houses)),
        ("skill", _("全部技能"), _("会什么"), _in_order(skills)),
    )
    return [{"name": name, "every": word, "label": label, "options": options} for name, word, label, options in every if options]


def _in_order(named: Mapping[Any, str]) -> list[tuple[Any, str]]:
    """Return things by their names."""
    return sorted(named.items(), key=lambda each: each[1])


def board_rows(seen: Glance, rows: Iterable[Row], looking: Looking) -> list[Table]:
    """Return rows as the board draws them."""
    movable = {visit.id for visit in scenes.to_come(seen.of)}
    return [
        {
            "id": row.volunteer.id,
            "name": row.volunteer.name,
            "href": looking.address(volunteer=row.volunteer.id),
            "mode": row.volunteer.travel.value,
            "minutes": row.week_minutes,
            "ceiling": row.ceiling,
            "staff": row.volunteer.staff,
            "chosen": row.volunteer.id == looking.volunteer,
            "blocks": [*(_block(block, row.volunteer, looking) | _moves(block, movable) for block in row.blocks), *_away(row)],
        }
        for row in rows
    ]


def _moves(block: Block, movable: set[int]) -> Table:
    """Return what a block carries with it when it is lifted; nothing where it cannot be."""
    visits = [each.visit_id for each in block.assignments]
    if block.status in FIXED or not movable.issuperset(visits):
        return {}
    return {"visits": visits, "giver": block.first.volunteer_id, "seen": block_mark(block), "day": block.day.isoformat()}


def block_mark(block: Block) -> str:
    """Return the word for how the visits of a block stand, all of a crew with it."""
    if not block.mark:
        block.mark = mark_of(lines_of(block.whole, [each.visit_id for each in block.assignments]))
    return block.mark


def moving(seen: Glance, rows: Iterable[Row], chosen: Row | None, looking: Looking, refused: Table | None) -> Table | None:
    """Return what the card says by which a block of the chosen row is moved by single presses."""
    movable = {visit.id for visit in scenes.to_come(seen.of)}
    if chosen is None:
        return None
    blocks = [_handle(block) for block in chosen.blocks if _moves(block, movable)]
    if not blocks:
        return None
    weekday = (looking.day - looking.monday).days
    free = [
        (person.id, person.name)
        for person in sorted(seen.of.volunteers, key=lambda each: (each.sort_key, each.id))
        if any(on == weekday and start < end for on, start, end in seen.of.windows.get(str(person.id), []))
    ]
    others = [_handle(block) for row in rows if row is not chosen for block in row.blocks if _moves(block, movable)]
    return {"who": chosen.volunteer, "blocks": blocks, "people": free, "others": others, "refused": refused, "day": looking.day.isoformat()}


def _handle(block: Block) -> Table:
    """Return a block as it is chosen in a form."""
    who = block.first.volunteer
    what = words.meals(block.doors, block.boxes) if block.is_round else _what(block.first.visit)
    visits = [each.visit_id for each in block.assignments]
    return {
        "visits": visits,
        "giver": who.id,
        "seen": block_mark(block),
        "start": clock.hhmm(block.start),
        "what": what,
        "words": f"{who.name} {clock.hhmm(block.start)} {what}",
        "value": f"{who.id}|{block_mark(block)}|{','.join(map(str, visits))}",
    }


def _block(block: Block, volunteer: Volunteer, looking: Looking) -> Table:
    """Return a block as the board draws it."""
    first = block.first
    label = words.in_short(block.doors, block.boxes, block.end - block.start) if block.is_round else words.short_kind(first.visit.kind)
    status = DRAWN_AS.get(block.status, block.status)
    return {
        "start": block.start,
        "end": block.end,
        "kind": "meal" if block.is_round else "home",
        "label": _("婉拒 %(what)s", what=label) if block.status == "declined" else label,
        "icon": first.visit.kind.icon,
        "status": "staff" if volunteer.staff and status in KEPT - {"done"} else status,
        "href": looking.address(volunteer=volunteer.id) if block.is_round else url_for("planning.visit", visit_id=first.visit_id),
        "pinned": block.pinned,
        "crew": f"x{first.visit_id}" if first.visit.crew > 1 else None,
        "chosen": volunteer.id == looking.volunteer and block.is_round,
        "title": f"{volunteer.name} · {words.meals(block.doors, block.boxes)}"
        if block.is_round
        else f"{volunteer.name} · {_what(first.visit)}",
    }


def _away(row: Row) -> list[Table]:
    """Return the time off of a row as hatched blocks."""
    shown = [(max(off.start, DAY[0]), min(off.end, DAY[1])) for off in row.away]
    return [
        {"start": start, "end": end, "kind": "home", "label": _("请假"), "status": "away", "icon": None}
        for start, end in shown
        if start < end
    ]


def _what(visit: Visit) -> str:
    """Return a visit in words: kind and whose."""
    return f"{words.kind_words(visit.kind)} · {words.elders_of(visit)}"


def week_lists(rows: Iterable[Row]) -> list[Table]:
    """Return the list by volunteer: each with the work of the shown days in order."""
    return [
        {
            "volunteer": row.volunteer,
            "minutes": row.week_minutes,
            "ceiling": row.ceiling,
            "blocks": [_entry(block) for block in sorted(row.blocks, key=lambda block: (block.day, block.start))],
            "away": [{"day": off.day, "span": words.span(max(off.start, DAY[0]), min(off.end, DAY[1]))} for off in row.away],
        }
        for row in rows
    ]


def _entry(block: Block) -> Table:
    """Return a block as a line of a list."""
    first = block.first
    return {
        "day": block.day,
        "span": words.span(block.start, block.end),
        "icon": first.visit.kind.icon,
        "what": f"{words.short_kind(first.visit.kind)} {words.meals(block.doors, block.boxes)}" if block.is_round else _what(first.visit),
        "status": block.status,
        "pinned": block.pinned,
        "stops": [
            {"href": url_for("planning.visit", visit_id=each.visit_id), "who": words.elders_of(each.visit)} for each in block.assignments
        ],
        "round": block.is_round,
    }


def left_on(found: Glance, day: date) -> tuple[list[Unserved], list[Unserved]]:
    """Return what is not served and was first wished for a day, and what is so on other days."""
    mine = [each for each in found.left if each.visit.days[0] == day.isoformat()]
    return mine, [each for each in found.left if each not in mine]


def point(visit: Visit) -> tuple[float, float]:
    """Return where a visit is."""
    return visit.household.building.lat, visit.household.building.lon


def chosen_row(rows: list[Row], looking: Looking) -> Row | None:
    """Return whose route stands on the map: who was asked for, else whoever's work is not sent yet, else who has most stops."""
    working = [row for row in rows if row.blocks]
    asked = next((row for row in rows if row.volunteer.id == looking.volunteer), None)
    unsent = next((row for row in working if any(block.status in UNSENT for block in row.blocks)), None)
    return asked or unsent or max(working, key=lambda row: sum(block.doors for block in row.blocks), default=None)


def status_of_row(row: Row) -> str:
    """Return how somebody's day stands: as its least settled block does."""
    return "staff" if row.volunteer.staff else min((block.status for block in row.blocks), key=queries.STATUSES.index)


def day_map(of: scenes.Scene, rows: list[Row], chosen: Row | None, left: list[Unserved], *, whole: bool = False) -> Table:
    """Return the map of a day: the chosen route with its numbered stops, the others thin, open doors, the canteen, the streets.

    Of many routes only the two beside the chosen one are drawn, unless all are asked for.
    """
    routes: list[Table] = []
    number = 0
    for row in rows:
        for block in sorted(row.blocks, key=lambda block: block.start):
            stops = []
            for each in _by_time(block):
                number += row is chosen
                lat, lon = point(each.visit)
                stops.append({"lat": lat, "lon": lon, "number": number, "label": words.elders_of(each.visit)})
            routes.append(
                {"chosen": row is chosen, "name": row.volunteer.name, "stops": stops, "from_canteen": block.is_round and not block.goes_on}
            )
    drawn = routes if whole or len(routes) <= MOST_ROUTES else _beside(routes)
    kitchens, houses = of.canteens, of.houses
    return {
        "routes": drawn,
        "names": [*_streets(houses), *_named(drawn)] if len(routes) > MOST_ROUTES else [],
        "unserved": [{"lat": point(each.visit)[0], "lon": point(each.visit)[1], "label": words.elders_of(each.visit)} for each in left],
        "canteen": {"lat": kitchens[0].lat, "lon": kitchens[0].lon, "label": kitchens[0].name} if kitchens else None,
        "buildings": [(house.lat, house.lon) for house in houses],
        "others": sum(1 for route in drawn if not route["chosen"]),
        "hidden": len(routes) - len(drawn),
    }


def _beside(routes: list[Table]) -> list[Table]:
    """Return the chosen routes and the two others whose middle is nearest to theirs."""
    mine = [route for route in routes if route["chosen"]]
    if not mine:
        return []
    lat, lon = _middle([stop for route in mine for stop in route["stops"]])
    others = [route for route in routes if not route["chosen"]]
    near = sorted(others, key=lambda route: _far(_middle(route["stops"]), (lat, lon)))
    return [*mine, *near[:NEIGHBOURS]]


def _middle(stops: list[Table]) -> tuple[float, float]:
    """Return the middle of some stops."""
    return sum(stop["lat"] for stop in stops) / len(stops), sum(stop["lon"] for stop in stops) / len(stops)


def _far(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return how far two points are from each other, squared, good enough to compare."""
    return (one[0] - other[0]) ** 2 + ((one[1] - other[1]) * math.cos(math.radians(one[0]))) ** 2


def _streets(houses: Iterable[Building]) -> list[Table]:
    """Return the streets by the names of their houses, each in the middle of these."""
    mine: dict[str, list[Table]] = {}
    for house in houses:
        street = STREET.match(house.name)
        if street:
            mine.setdefault(street[1], []).append({"lat": house.lat, "lon": house.lon})
    shown: list[Table] = []
    for name, spots in sorted(mine.items(), key=lambda each: -len(each[1])):
        lat, lon = _middle(spots)
        if len(shown) < MOST_STREETS and all(_far((lat, lon), (each["lat"], each["lon"])) > STREETS_APART for each in shown):
            shown.append({"lat": lat, "lon": lon, "label": name})
    return shown


def _named(routes: Iterable[Table]) -> list[Table]:
    """Return the names of the routes beside the chosen one, each at its last stop."""
    return [
        {"lat": route["stops"][-1]["lat"], "lon": route["stops"][-1]["lon"], "label": route["name"]}
        for route in routes
        if not route["chosen"]
    ]


def _by_time(block: Block) -> list[Assignment]:
    """Return the stops of a block in order of time."""
    return sorted(block.assignments, key=lambda each: (each.start, each.visit_id))


def stop_table(chosen: Row) -> tuple[list[Table], Table | None]:
    """Return the stops of the chosen route in words, and where its meals are picked up."""
    stops: list[Table] = []
    pick_up: Table | None = None
    for block in sorted(chosen.blocks, key=lambda block: block.start):
        if block.is_round and pick_up is None:
            boxes = sum(other.boxes for other in chosen.blocks if other.is_round_of(block.first))
            pick_up = {
                "time": clock.hhmm(block.start),
                "text": ngettext("食堂取 %(boxes)s 份", "食堂取 %(boxes)s 份", boxes, boxes=boxes),
                "note": "",
            }
        stops += [_stop(each, len(stops) + place) for place, each in enumerate(_by_time(block), start=1)]
    return stops, pick_up


def _stop(each: Assignment, number: int) -> Table:
    """Return one stop in words, its person leading to the page of the visit."""
    floor = _("%(floor)s 楼", floor=each.visit.household.floor)
    note = floor if each.pickup is not None else f"{floor} {words.short_kind(each.visit.kind)}"
    boxes = _(" · %(boxes)s 份", boxes=each.visit.boxes) if each.visit.boxes > 1 else ""
    who = Markup('<a href="{}">{}</a>{}').format(
        url_for("planning.visit", visit_id=each.visit_id), words.elders_of(each.visit), escape(boxes)
    )
    return {"number": number, "time": clock.hhmm(each.start), "address": words.address(each.visit), "note": note, "whose": who}


def week_days(monday: date) -> list[date]:
    """Return the seven days of a week."""
    return [monday + timedelta(days=offset) for offset in range(queries.DAYS)]
