"""What the board, the map and the lists of a week are drawn from: plain tables for the macros of the kit."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup, escape

from timebank import clock
from timebank.drawing import DAY
from timebank.places import queries as places
from timebank.planning import queries, words
from timebank.planning.models import Assignment, Unserved
from timebank.planning.queries import UNSENT, Block, Glance, Row
from timebank.visits.models import Visit
from timebank.volunteers.models import Volunteer

Table = dict[str, Any]
DRAWN_AS = {"confirmed": "done", "declined": "away"}
KEPT = {"accepted", "under_way", "done"}


@dataclass(frozen=True, slots=True)
class Looking:
    """What the reader looks at: the day, what the board shows of it, and whose route stands on the map."""

    monday: date
    day: date
    view: str = "day"
    show: str = "all"
    unit: int | None = None
    volunteer: int | None = None

    def address(self, **other: object) -> str:
        """Return the address of this week with something else looked at."""
        own: Table = {
            "day": self.day.isoformat(),
            "view": self.view,
            "show": self.show,
            "unit": self.unit,
            "volunteer": self.volunteer,
            **other,
        }
        plain = {name: value for name, value in own.items() if value and (name, value) not in {("view", "day"), ("show", "all")}}
        return url_for("planning.week", week=clock.week_name(self.monday), **plain)


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


def filters(rows: list[Row], looking: Looking) -> list[Table]:
    """Return the ways to narrow the board, each with its count."""
    named = {
        "all": (_("全部"), None),
        "meals": (_("送餐"), None),
        "home": (_("上门"), None),
        "waiting": (_("待回复"), "clock"),
        "unsent": (_("有改动"), "two-arrows"),
    }
    counted = {show: sum(1 for row in rows if fits(row, show)) for show in named}
    return [
        {
            "href": looking.address(show=show, volunteer=None),
            "word": f"{word} {counted[show]}",
            "icon": icon,
            "current": show == looking.show,
        }
        for show, (word, icon) in named.items()
        if counted[show] or show in {"all", looking.show}
    ]


def fits(row: Row, show: str) -> bool:
    """Say whether a row belongs to what the board shows."""
    if show == "meals":
        return any(block.is_round for block in row.blocks)
    if show == "home":
        return any(not block.is_round for block in row.blocks)
    if show == "waiting":
        return any(block.status == "waiting" for block in row.blocks)
    if show == "unsent":
        return any(block.status in UNSENT for block in row.blocks)
    return True


def narrowed(rows: list[Row], looking: Looking) -> list[Row]:
    """Return the rows that the reader wants to see."""
    return [row for row in rows if fits(row, looking.show) and looking.unit in {None, row.volunteer.unit_id}]


def board_rows(rows: Iterable[Row], looking: Looking) -> list[Table]:
    """Return rows as the board draws them."""
    return [
        {
            "name": row.volunteer.name,
            "href": looking.address(volunteer=row.volunteer.id),
            "mode": row.volunteer.travel.value,
            "minutes": row.week_minutes,
            "ceiling": row.ceiling,
            "staff": row.volunteer.staff,
            "chosen": row.volunteer.id == looking.volunteer,
            "blocks": [*(_block(block, row.volunteer, looking) for block in row.blocks), *_away(row)],
        }
        for row in rows
    ]


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
    asked = next((row for row in working if row.volunteer.id == looking.volunteer), None)
    unsent = next((row for row in working if any(block.status in UNSENT for block in row.blocks)), None)
    return asked or unsent or max(working, key=lambda row: sum(block.doors for block in row.blocks), default=None)


def status_of_row(row: Row) -> str:
    """Return how somebody's day stands: as its least settled block does."""
    return "staff" if row.volunteer.staff else min((block.status for block in row.blocks), key=queries.STATUSES.index)


def day_map(community_id: int, rows: list[Row], chosen: Row | None, left: list[Unserved]) -> Table:
    """Return the map of a day: everybody's routes thin, the chosen one with its numbered stops, open doors, the canteen."""
    routes: list[Table] = []
    number = 0
    for row in rows:
        for block in sorted(row.blocks, key=lambda block: block.start):
            stops = []
            for each in _in_order(block):
                number += row is chosen
                lat, lon = point(each.visit)
                stops.append({"lat": lat, "lon": lon, "number": number, "label": words.elders_of(each.visit)})
            routes.append(
                {"chosen": row is chosen, "name": row.volunteer.name, "stops": stops, "from_canteen": block.is_round and not block.goes_on}
            )
    kitchens = places.canteens(community_id)
    houses = places.buildings(community_id)
    return {
        "routes": routes,
        "unserved": [{"lat": point(each.visit)[0], "lon": point(each.visit)[1], "label": words.elders_of(each.visit)} for each in left],
        "canteen": {"lat": kitchens[0].lat, "lon": kitchens[0].lon, "label": kitchens[0].name} if kitchens else None,
        "buildings": [(house.lat, house.lon) for house in houses],
        "others": sum(1 for route in routes if not route["chosen"]),
    }


def _in_order(block: Block) -> list[Assignment]:
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
        stops += [_stop(each, len(stops) + place) for place, each in enumerate(_in_order(block), start=1)]
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


def units(found: Glance) -> list[tuple[int, str]]:
    """Return the units whose people help this week."""
    known = {person.unit.id: person.unit.name for person in found.of.volunteers if person.unit is not None}
    return sorted(known.items(), key=lambda each: each[1])
