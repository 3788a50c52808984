"""Plans and weeks spoilt one little thing at a time, as JSON: most ways to break a rule, and many that just do not."""

import random
from collections.abc import Callable
from copy import deepcopy
from typing import Any

Json = dict[str, Any]
Spoiler = Callable[[random.Random, Json, Json], None]


def spoilt(week: Json, plan: Json, dice: random.Random) -> tuple[Json, Json]:
    """Copy a pair and spoil it in one to three places; a plan without routes only has its week spoilt."""
    week, plan = deepcopy(week), deepcopy(plan)
    for _ in range(dice.choice([1, 1, 2, 3])):
        spoil = dice.choice(OF_WEEK if not plan["routes"] else [*OF_WEEK, *OF_PLAN, *OF_PLAN])
        spoil(dice, week, plan)
        plan["routes"] = [route for route in plan["routes"] if route["stops"]]
    return week, plan


def _stops(dice: random.Random, plan: Json) -> list[Json]:
    return dice.choice(plan["routes"])["stops"] if plan["routes"] else []


def shift(dice: random.Random, _week: Json, plan: Json) -> None:
    stop = dice.choice(_stops(dice, plan))
    key = "at" if "pickup" in stop else "start"
    stop[key] = max(0, stop[key] + dice.choice([-30, -16, -15, -2, -1, 1, 2, 15, 16, 30]))


def swap_people(dice: random.Random, _week: Json, plan: Json) -> None:
    one, other = dice.choice(plan["routes"]), dice.choice(plan["routes"])
    one["stops"], other["stops"] = other["stops"], one["stops"]


def give_away(dice: random.Random, week: Json, plan: Json) -> None:
    route = dice.choice(plan["routes"])
    held = {(other["volunteer"], other["window"]) for other in plan["routes"]}
    free = [(one["id"], at) for one in week["volunteers"] for at in range(len(one["windows"])) if (one["id"], at) not in held]
    if free:
        route["volunteer"], route["window"] = dice.choice(free)


def swap_stops(dice: random.Random, _week: Json, plan: Json) -> None:
    dice.shuffle(_stops(dice, plan))


def drop_stop(dice: random.Random, _week: Json, plan: Json) -> None:
    stops = _stops(dice, plan)
    stops.remove(dice.choice(stops))


def drop_box(dice: random.Random, _week: Json, plan: Json) -> None:
    for stop in _stops(dice, plan):
        if len(stop.get("visits", [])) > 1:
            stop["visits"].pop()


def split_pickup(dice: random.Random, _week: Json, plan: Json) -> None:
    stops = _stops(dice, plan)
    at = next((at for at, stop in enumerate(stops) if len(stop.get("visits", [])) > 1), None)
    if at is not None:
        stops.insert(at, stops[at] | {"visits": [stops[at]["visits"].pop()]})


def double(dice: random.Random, _week: Json, plan: Json) -> None:
    stop = dice.choice(_stops(dice, plan))
    other = _stops(dice, plan)
    other.insert(dice.randint(0, len(other)), deepcopy(stop))


def add_visit(dice: random.Random, week: Json, plan: Json) -> None:
    visit, stops = dice.choice(week["visits"]), _stops(dice, plan)
    start = dice.randint(visit["window"][0], max(visit["window"]))
    at = next((at for at, stop in enumerate(stops) if stop.get("at", stop.get("start", 0)) > start), len(stops))
    stops.insert(at, {"visit": visit["id"], "start": start})
    if visit["canteen"]:
        stops.insert(at, {"pickup": visit["canteen"], "at": start - dice.randint(0, 5), "visits": [visit["id"]]})


def tighten(dice: random.Random, week: Json, _plan: Json) -> None:
    one = dice.choice(week["volunteers"])
    key = dice.choice(["boxes", "trips", "max_day", "max_week", "max_day", "max_week"])
    one[key] = max(int(key.startswith("max")), (one[key] or 2) - dice.choice([1, 1, 5, 20]))


def narrow(dice: random.Random, week: Json, _plan: Json) -> None:
    window = dice.choice([row["windows"][-1] for row in week["volunteers"]] + [[0, *row["window"]] for row in week["visits"]])
    if window[1] < window[2]:
        window[dice.choice([1, 2])] = dice.randint(window[1], window[2])


def change_person(dice: random.Random, week: Json, _plan: Json) -> None:
    one = dice.choice(week["volunteers"])
    change = dice.choice(
        [
            {"gender": "M"},
            {"gender": None},
            {"skills": []},
            {"skills": ["care"]},
            {"radius": dice.randint(0, 900)},
            {"used": [[0, dice.randint(0, 60)]]},
        ]
    )
    one.update(change)


def change_visit(dice: random.Random, week: Json, _plan: Json) -> None:
    one = dice.choice(week["visits"])
    changes: list[Json] = [
        {"days": [dice.randint(0, 1)]},
        {"gender": dice.choice(["F", "M"])},
        {"skills": [dice.choice(["care", "nurse"])]},
    ]
    if one["crew"] == 1 and not one["canteen"]:
        changes.append({"crew": 2})
    one.update(dice.choice(changes))


def exclude(dice: random.Random, week: Json, _plan: Json) -> None:
    elder, name = dice.choice(week["elders"]), dice.choice(week["volunteers"])["id"]
    if name not in elder["excluded"] and name not in elder["preferred"]:
        elder["excluded"].append(name)


def cool(dice: random.Random, week: Json, _plan: Json) -> None:
    for one in week["canteens"]:
        one["hot"] = dice.randint(2, 20)
        one["ready"] += dice.choice([0, 0, 5])


def begin_later(dice: random.Random, week: Json, _plan: Json) -> None:
    week["from"] = [dice.randint(0, 1), dice.randint(590, 640)]


def pin(dice: random.Random, week: Json, plan: Json) -> None:
    free = [one for one in week["visits"] if one["id"] not in {pin["visit"] for pin in week.get("pins", [])}]
    if free:
        names = [one["id"] for one in week["volunteers"]]
        people = dice.sample(names, dice.randint(0, min(2, len(names))))
        found = next((route for route in plan["routes"] for stop in route["stops"] if stop.get("visit") == free[0]["id"]), None)
        if found is not None and dice.random() < 0.5:
            people = [found["volunteer"]]
        week.setdefault("pins", []).append(
            {"visit": free[0]["id"], "volunteers": people, "day": dice.randint(0, 1), "start": dice.choice([None, None, 605])}
        )


def settle(dice: random.Random, week: Json, plan: Json) -> None:
    week["baseline"] = {"format": plan["format"], "week": plan["week"], "routes": deepcopy(plan["routes"])}
    week["max_touched"] = dice.choice([None, 0, 1, 2])


OF_PLAN: list[Spoiler] = [shift, shift, swap_people, give_away, swap_stops, drop_stop, drop_box, split_pickup, double, add_visit]
OF_WEEK: list[Spoiler] = [tighten, narrow, change_person, change_visit, exclude, cool, begin_later, pin, settle]
