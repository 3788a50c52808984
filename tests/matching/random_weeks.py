"""Random tiny weeks with half-made plans, and a slow search that tries everything, to hold the engine against."""

import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, product

from matching.advice.assign import apply, insertions, without
from matching.files import read_week
from matching.model import PickupStop, Plan, Route, Stop, Visit, VisitStop, Week
from matching.referee.check import check
from tests.matching.weeks import Json, bare, canteen, elder, meal, visit, volunteer

DAYS = (0, 1)


def random_week(seed: int, *, crews: bool = True, tied: bool = False, uneven: bool = False) -> Week:
    """A week of two days with a few people and visits, short windows and tight limits.

    `tied`, some visits are kept apart; `uneven`, the second of every crew has minutes of their own, of a half of all visits.
    """
    dice = random.Random(seed)
    names = [f"v{number}" for number in range(dice.randint(1, 4))]
    elders = [_elder(dice, number, names) for number in range(3)]
    visits = [_visit(dice, number, crews=crews, uneven=uneven) for number in range(dice.randint(2, 6))]
    changes: Json = {
        "days": 2, "elders": elders, "visits": visits, "volunteers": [_volunteer(dice, name) for name in names],
        "canteens": [canteen(until=dice.choice([None, 620, 640]), hot=dice.choice([None, 12, 20]), place=_place(dice))],
        "history": [[elder["id"], name] for elder in elders for name in names if dice.random() < 0.3],
    }  # fmt: skip
    if dice.random() < 0.3:
        changes["from"] = [dice.choice(DAYS), dice.randint(590, 640)]
    if dice.random() < 0.3:
        changes["travel"] = {"minutes": {mode: _matrix(dice) for mode in ("walk", "ebike")}}
    if dice.random() < 0.3:
        changes["pins"] = [_pin(dice, one["id"], names) for one in visits if dice.random() < 0.4]
    if tied:
        _tie(random.Random(seed), changes, names)
    return read_week(bare(**changes))


def _tie(dice: random.Random, changes: Json, names: list[str]) -> None:
    """Keep some visits from people, from one another in time, and from being made by one person."""
    visits = [one["id"] for one in changes["visits"]]
    for one in changes["visits"]:
        if dice.random() < 0.25:
            one["excluded"] = dice.sample(names, 1)
    for one in changes["elders"]:
        one["at_once"] = dice.random() < 0.5
    changes["apart"] = [
        {"visits": dice.sample(visits, 2), **dice.choice([{"people": True}, {"people": True, "gap": [0, None]}, {"gap": _gap(dice)}])}
        for _ in range(dice.randint(1, 3))
    ]


def _gap(dice: random.Random) -> list[int | None]:
    least = dice.choice([0, 5, 15, 1440])
    return [least, dice.choice([None, least, least + 10, least + 1500])]


def _place(dice: random.Random) -> str:
    return f"p{dice.randint(0, 8)}"


def _matrix(dice: random.Random) -> list[list[int]]:
    return [[dice.randint(1, 9) for _ in range(40)] for _ in range(40)]


def _elder(dice: random.Random, number: int, names: list[str]) -> Json:
    return elder(
        f"e{number}",
        place=_place(dice),
        preferred=[name for name in names if dice.random() < 0.2],
        excluded=[name for name in names if dice.random() < 0.1],
    )


def _volunteer(dice: random.Random, name: str) -> Json:
    windows = []
    for day in DAYS:
        start = dice.randint(580, 610)
        end = start + dice.choice([0, 25, 40, 60])
        windows.append([day, start, end])
        if dice.random() < 0.3:
            windows.append([day, end + 10, end + dice.choice([25, 40])])
    return volunteer(
        name,
        place=_place(dice),
        gender=dice.choice(["F", "M", None]),
        skills=[skill for skill in ("care", "meal", "nurse") if dice.random() < 0.75],
        mode=dice.choice(["walk", "ebike"]),
        boxes=dice.randint(1, 3),
        trips=dice.choice([None, 0, 1, 2]),
        radius=dice.choice([None, 300, 700]),
        windows=windows,
        max_day=dice.choice([20, 40, 100]),
        max_week=dice.choice([30, 60, 200]),
        used=[[dice.choice(DAYS), dice.randint(0, 20)]] if dice.random() < 0.3 else [],
    )


def _visit(dice: random.Random, number: int, *, crews: bool, uneven: bool) -> Json:
    start = dice.randint(585, 620)
    common: Json = {
        "elder": f"e{dice.randint(0, 2)}",
        "days": dice.choice([[0], [1], [0, 1]]),
        "window": [start, start + dice.randint(5, 50)],
        "minutes": dice.randint(2, 10),
        "weight": dice.randint(1, 20),
        "gender": dice.choice([None, None, None, "F"]),
    }
    if dice.random() < 0.5:
        return meal(f"x{number}", **common, boxes=dice.randint(1, 2))
    skills = dice.choice([[], ["care"], ["nurse"], ["care", "nurse"]])
    if crews and dice.random() < (0.8 if uneven else 0.35):
        second = dice.choice([None, {"skills": [], "gender": None}, {"skills": ["care"], "gender": "F"}])
        if uneven:
            second = (second or {"skills": skills, "gender": common["gender"]}) | {"minutes": random.Random(start).randint(1, 12)}
        return visit(f"x{number}", **common, skills=skills, crew=2, second=second)
    return visit(f"x{number}", **common, skills=skills)


def _pin(dice: random.Random, name: str, names: list[str]) -> Json:
    return {
        "visit": name, "volunteers": dice.sample(names, dice.randint(0, min(2, len(names)))), "day": dice.choice(DAYS),
        "start": dice.choice([None, None, 605]),
    }  # fmt: skip


def half_made(week: Week, seed: int) -> Plan:
    """A plan grown by random insertions, leaving some visits out."""
    dice = random.Random(seed + 1)
    made = Plan(week=week.name, routes=())
    for one in dice.sample(week.visits, len(week.visits)):
        if dice.random() < 0.75:
            found = insertions(week, made, one.id)
            if found:
                made = apply(made, dice.choice(found))
    return made


def planned_again(week: Week, seed: int) -> tuple[Week, Plan]:
    """The week with a baseline and few people to be touched, and a plan that has left some of the baseline."""
    dice = random.Random(seed + 2)
    base = half_made(replace(week, from_=None), seed + 3)
    again = replace(week, baseline=base, max_touched=dice.randint(0, 2), from_=None)
    made = base
    for one in dice.sample(week.visits, len(week.visits)):
        fewer = without(made, one.id)
        if dice.random() < 0.5 and all(breach.rule == "pin" for breach in check(again, fewer).breaches):
            made = fewer
    return again, made


def scene(seed: int, *, crews: bool = True, tied: bool = False, uneven: bool = False) -> tuple[Week, Plan]:
    """A random week with a half-made plan, with a baseline every third time."""
    week = random_week(seed, crews=crews, tied=tied, uneven=uneven)
    return planned_again(week, seed) if seed % 3 == 0 else (week, half_made(week, seed))


def ways(week: Week, plan: Plan, visit: Visit) -> Iterator[tuple[frozenset[str], Plan]]:
    """Try every crew, window, gap, pick-up and minute; give who and the plan where the referee finds no fault."""
    pinned = {pin.visit for pin in week.pins}
    pin = next((pin for pin in week.pins if pin.visit == visit.id), None)
    for day in visit.days if pin is None else {pin.day} & set(visit.days):
        for crew in combinations(week.volunteers, visit.crew):
            if pin is not None and not set(pin.volunteers) <= {one.id for one in crew}:
                continue
            found = _try(week, plan, visit, day, [one.id for one in crew], pinned)
            if found is not None:
                yield frozenset(one.id for one in crew), found


def _try(week: Week, plan: Plan, visit: Visit, day: int, crew: list[str], pinned: set[str]) -> Plan | None:
    first, last = visit.window
    for start in range(first, last - visit.minutes + 1):
        members = [list(_trials(week, plan, visit, day, name, start)) for name in crew]
        for routes in product(*members):
            trial = _with(plan, routes)
            if not {breach.rule for breach in check(week, trial).breaches if breach.visit not in pinned - {visit.id}}:
                return trial
    return None


def _with(plan: Plan, routes: tuple[Route, ...]) -> Plan:
    changed = {(route.volunteer, route.window) for route in routes}
    kept = [route for route in plan.routes if (route.volunteer, route.window) not in changed]
    return Plan(week=plan.week, routes=(*kept, *routes))


def _trials(week: Week, plan: Plan, visit: Visit, day: int, name: str, start: int) -> Iterator[Route]:
    windows = next(one.windows for one in week.volunteers if one.id == name)
    for index, window in enumerate(windows):
        if window.day != day:
            continue
        stops = next((route.stops for route in plan.routes if (route.volunteer, route.window) == (name, index)), ())
        for found in _lists(week, visit, stops, start):
            route = Route(volunteer=name, window=index, stops=found)
            # Alone, a crew's visit breaks only what a partner mends, and nobody is yet there for the second's minutes.
            rules = {breach.rule for breach in check(week, _with(plan, (route,))).breaches}
            if visit.is_uneven or rules <= {"crew", "skill", "gender", "pin", "touched"}:
                yield route


def _lists(week: Week, visit: Visit, stops: tuple[Stop, ...], start: int) -> Iterator[tuple[Stop, ...]]:
    door = VisitStop(visit=visit.id, start=start)
    for gap in range(len(stops) + 1):
        if visit.canteen is None:
            yield (*stops[:gap], door, *stops[gap:])
            continue
        for index, stop in enumerate(stops[:gap]):
            if isinstance(stop, PickupStop):
                joined = PickupStop(pickup=stop.pickup, at=stop.at, visits=(*stop.visits, visit.id))
                yield (*stops[:index], joined, *stops[index + 1 : gap], door, *stops[gap:])
        kitchen = next(one for one in week.canteens if one.id == visit.canteen)
        for fetch in range(gap + 1):
            for minute in range(kitchen.ready, min(start, kitchen.until or start) + 1):
                pickup = PickupStop(pickup=kitchen.id, at=minute, visits=(visit.id,))
                yield (*stops[:fetch], pickup, *stops[fetch:gap], door, *stops[gap:])
