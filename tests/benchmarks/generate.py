"""Makes weeks of the contract's sizes from a seed: `python -m tests.benchmarks.generate S --seed 1 [--scarce] -o week.json`.

Invented places, people and needs only. The same size, seed and scarcity give the same bytes on every machine: nothing
but `random.Random` decides, and coordinates are rounded before they are used.
"""

import argparse
import json
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Json = dict[str, Any]

METRES_PER_DEGREE = 111_195.0
ORIGIN = (36.0, 120.3)
COMMUNITY_SPACING = 1_300.0
ELDERS_PER_COMMUNITY = 75
FACES_PER_ELDER = 3
LUNCH = (645, 735)


@dataclass(frozen=True, slots=True)
class Size:
    """How many of each a week has; `active` is the share of volunteers with any free window."""

    elders: int
    volunteers: int
    visits: int
    active: float
    scarce: float


SIZES = {
    "T": Size(20, 14, 110, 1.0, 0.6),
    "S": Size(70, 40, 450, 1.0, 0.7),
    "M": Size(600, 600, 4_500, 0.75, 0.5),
    "L": Size(1_600, 6_327, 12_000, 0.28, 0.12),
    "XL": Size(4_000, 9_000, 30_000, 0.35, 0.2),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of help that is no meal: its need, its length, its hours and how often it is asked for."""

    name: str
    skills: tuple[str, ...]
    minutes: int
    weight: int
    hours: tuple[tuple[int, int], ...]
    days: tuple[int, int]
    share: int
    crew: int = 1
    same_gender: float = 0.0


KINDS = (
    Kind("company", ("company",), 45, 8, ((510, 690), (840, 1020)), (2, 4), 30),
    Kind("shopping", ("errand",), 45, 10, ((510, 720), (840, 1050)), (2, 3), 20),
    Kind("cleaning", ("clean",), 90, 9, ((510, 720), (840, 1080)), (2, 4), 15),
    Kind("escort", ("escort",), 150, 14, ((480, 720),), (1, 1), 8),
    Kind("bloodcheck", ("nurse",), 20, 12, ((480, 660),), (1, 2), 8),
    Kind("haircut", ("barber",), 40, 8, ((540, 720), (840, 1020)), (2, 5), 5),
    Kind("bath", ("care",), 60, 18, ((510, 720), (840, 1020)), (1, 3), 14, crew=2, same_gender=0.3),
)

SKILLS = (
    ("meal", 0.75),
    ("errand", 0.6),
    ("company", 0.6),
    ("clean", 0.3),
    ("escort", 0.4),
    ("care", 0.25),
    ("nurse", 0.1),
    ("barber", 0.08),
)


@dataclass(slots=True)
class Town:
    """What has been built so far while a week is made."""

    rng: random.Random
    days: int = 7
    places: list[Json] = field(default_factory=list)
    canteens: list[Json] = field(default_factory=list)
    compounds: list[list[list[tuple[float, float]]]] = field(default_factory=list)
    neighbours: dict[str, int] = field(default_factory=dict)

    def place(self, name: str, point: tuple[float, float], access: int) -> str:
        """Add a place at metres east and north of the origin."""
        lat = ORIGIN[0] + point[1] / METRES_PER_DEGREE
        lon = ORIGIN[1] + point[0] / (METRES_PER_DEGREE * math.cos(math.radians(ORIGIN[0])))
        self.places.append({"id": name, "lat": round(lat, 6), "lon": round(lon, 6), "access": access})
        return name


def _around(rng: random.Random, point: tuple[float, float], spread: float) -> tuple[float, float]:
    return point[0] + rng.gauss(0, spread), point[1] + rng.gauss(0, spread)


def _build_communities(town: Town, count: int) -> None:
    side = math.ceil(math.sqrt(count))
    for number in range(count):
        centre = (number % side * COMMUNITY_SPACING, number // side * COMMUNITY_SPACING)
        name = f"c{number}"
        canteen = town.place(f"{name}-canteen", _around(town.rng, centre, 60), 1)
        town.canteens.append({"id": f"{name}-kitchen", "place": canteen, "ready": 645, "until": 715, "hot": 45})
        compounds = [_around(town.rng, centre, 320) for _ in range(7)]
        town.compounds.append([[_around(town.rng, one, 70) for _ in range(6)] for one in compounds])


def _door(town: Town, building: tuple[float, float], name: str) -> str:
    floor = town.rng.choice((1, 1, 2, 3, 4, 5))
    tower = town.rng.random() < 0.4
    return town.place(name, building, 2 if tower else floor - 1)


def _pick_building(town: Town, community: int) -> tuple[float, float]:
    return town.rng.choice(town.rng.choice(town.compounds[community]))


def _windows(rng: random.Random, days: int) -> list[list[int]]:
    life = rng.random()
    out: list[list[int]] = []
    if life < 0.55:
        for day in sorted(rng.sample(range(days), min(days, rng.randint(3, 5)))):
            if rng.random() < 0.75:
                out.append([day, rng.choice((480, 510, 540, 600)), rng.choice((735, 750, 765))])
            if rng.random() < 0.4:
                out.append([day, rng.choice((825, 840, 870)), rng.choice((990, 1020, 1080))])
    elif life < 0.8:
        for day in range(days):
            if day < 5 and rng.random() < 0.35:
                out.append([day, rng.choice((660, 675, 690)), rng.choice((750, 765, 780))])
            if day >= 5 and rng.random() < 0.55:
                start = rng.choice((510, 540, 840))
                out.append([day, start, start + rng.choice((150, 210, 240))])
    else:
        for day in sorted(rng.sample(range(days), min(days, rng.randint(2, 3)))):
            start = rng.choice((510, 600, 840, 900))
            out.append([day, start, start + rng.choice((120, 150, 180))])
    return out


def _volunteers(town: Town, size: Size, *, scarce: bool) -> list[Json]:
    rng = town.rng
    active = round(size.volunteers * (size.scarce if scarce else size.active))
    out: list[Json] = []
    for number in range(size.volunteers):
        community = rng.randrange(len(town.compounds))
        town.neighbours[f"v{number}"] = community
        home = town.place(f"home-{number}", _pick_building(town, community), rng.choice((0, 1, 2)))
        ebike = rng.random() < 0.35
        out.append(
            {
                "id": f"v{number}",
                "place": home,
                "gender": rng.choice("FFFMM"),
                "skills": [skill for skill, share in SKILLS if rng.random() < share] or ["company"],
                "mode": "ebike" if ebike else "walk",
                "boxes": rng.randint(8, 12) if ebike else rng.randint(3, 8),
                "trips": rng.choice((1, 2, None)),
                "radius": 3_000 if ebike else rng.choice((800, 1_200, None)),
                "windows": _windows(rng, town.days) if number < active else [],
                "max_day": rng.choice((150, 180, 240, 300)),
                "max_week": rng.choice((300, 420, 480, 720)),
            }
        )
    return out


def _meal(number: int, day: int, canteen: object, boxes: int, elder: str) -> Json:
    return {
        "id": f"x{number}",
        "elder": elder,
        "kind": "meal",
        "skills": ["meal"],
        "days": [day],
        "window": list(LUNCH),
        "minutes": 3,
        "crew": 1,
        "weight": 15,
        "gender": None,
        "canteen": canteen,
        "boxes": boxes,
    }


def _other(rng: random.Random, number: int, elder: str, gender: str, days: int) -> Json:
    kind = rng.choices(KINDS, [one.share for one in KINDS])[0]
    chosen = sorted(rng.sample(range(days), min(days, rng.randint(*kind.days))))
    hours = rng.choice(kind.hours)
    visit: Json = {
        "id": f"x{number}",
        "elder": elder,
        "kind": kind.name,
        "skills": list(kind.skills),
        "days": chosen,
        "window": list(hours),
        "minutes": kind.minutes,
        "crew": kind.crew,
        "weight": kind.weight,
        "gender": gender if rng.random() < kind.same_gender else None,
        "canteen": None,
        "boxes": 0,
    }
    if kind.crew == 2:
        visit["second"] = {"skills": [], "gender": None}
    return visit


def _visits(town: Town, size: Size, homes: Sequence[int]) -> list[Json]:
    rng = town.rng
    meals = round(size.visits * 0.62)
    eaters = [elder for elder in range(size.elders) if rng.random() < 0.75] or [0]
    boxes = {elder: 2 if rng.random() < 0.15 else 1 for elder in eaters}
    slots = [(elder, day) for elder in eaters for day in range(town.days)]
    rng.shuffle(slots)
    out: list[Json] = []
    for elder, day in sorted(slots[:meals]):
        canteen = town.canteens[homes[elder]]["id"]
        out.append(_meal(len(out), day, canteen, boxes[elder], f"e{elder}"))
    genders = [rng.choice("FFFMM") for _ in range(size.elders)]
    while len(out) < size.visits:
        elder = rng.randrange(size.elders)
        out.append(_other(rng, len(out), f"e{elder}", genders[elder], town.days))
    return out


def _history(
    town: Town, volunteers: Sequence[Json], visits: Sequence[Json], elders: Sequence[str], homes: Sequence[int]
) -> list[list[str]]:
    """Give who has served whom: neighbours with the skill one of the elder's visits asks for, as in the weeks before."""
    home = dict(zip(elders, homes, strict=True))
    found = set()
    able: dict[tuple[int, str], list[str]] = {}
    for one in volunteers:
        for skill in one["skills"] if one["windows"] else ():
            able.setdefault((town.neighbours[one["id"]], skill), []).append(one["id"])
    for _ in range(FACES_PER_ELDER * len(elders)):
        visit = town.rng.choice(visits)
        people = able.get((home[visit["elder"]], visit["skills"][0]))
        if people:
            found.add((visit["elder"], town.rng.choice(people)))
    return [list(pair) for pair in sorted(found)]


def generate(size: str, seed: int = 1, *, scarce: bool = False) -> Json:
    """Return a week in the contract's form: the size's counts, clustered buildings, three kinds of free time."""
    shape = SIZES[size]
    town = Town(random.Random(f"{size}-{seed}-{scarce}"))
    _build_communities(town, max(1, round(shape.elders / ELDERS_PER_COMMUNITY)))
    homes = [elder % len(town.compounds) for elder in range(shape.elders)]
    doors = [_door(town, _pick_building(town, homes[n]), f"door-{n}") for n in range(shape.elders)]
    volunteers = _volunteers(town, shape, scarce=scarce)
    visits = _visits(town, shape, homes)
    busy = [str(one["id"]) for one in volunteers if one["windows"]] or [str(volunteers[0]["id"])]
    elders = [
        {
            "id": f"e{n}",
            "place": door,
            "preferred": [town.rng.choice(busy)] if town.rng.random() < 0.1 else [],
            "excluded": [town.rng.choice(busy)] if town.rng.random() < 0.08 else [],
        }
        for n, door in enumerate(doors)
    ]
    history = _history(town, volunteers, visits, [f"e{n}" for n in range(shape.elders)], homes)
    return {
        "format": "timebank-week/1",
        "name": f"{size}-{seed}{'-scarce' if scarce else ''}",
        "week_start": "2026-11-23",
        "days": town.days,
        "travel": {"detour": 1.3, "pace": {"walk": 70, "ebike": 200}},
        "weights": {"travel": 1, "new_face": 20, "fairness": 1, "touched": 120},
        "places": town.places,
        "canteens": town.canteens,
        "elders": elders,
        "volunteers": volunteers,
        "visits": visits,
        "history": history,
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Write one week to a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("size", choices=sorted(SIZES))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scarce", action="store_true")
    parser.add_argument("-o", "--output", type=Path, required=True)
    asked = parser.parse_args(arguments)
    week = generate(asked.size, asked.seed, scarce=asked.scarce)
    asked.output.write_text(json.dumps(week, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
