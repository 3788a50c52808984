"""The published sets as weeks of the contract: same distances, same hours, nothing lost and nothing added.

Distances are truncated to one decimal, as the best known values are, and everything is counted in tenths. All volunteers
and canteens are at the depot, a box is a unit of demand, every visit weighs the same: whoever serves all is left with
travel to save.
"""

import csv
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from matching.model import Canteen, Elder, Place, Travel, Visit, Volunteer, Week, Weights, Window

TENTHS = 10
ALL = "all"
Numbers = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """What the files say: customer 0 is the depot; `released` is when its goods are there; `reloads` if trips are many."""

    name: str
    points: tuple[tuple[float, float], ...]
    demand: Numbers
    opens: Numbers
    closes: Numbers
    service: Numbers
    released: Numbers
    vehicles: int
    capacity: int
    reloads: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """An instance as a week, the class it belongs to, and the best known travel in tenths."""

    name: str
    kind: str
    week: Week
    best: int
    routes: tuple[Numbers, ...] = ()
    """The best known solution where it is published: customers in order, 0 is a return to the depot."""


def read_sets(folder: Path, names: Sequence[str]) -> Iterator[Published]:
    """Read the instances of the sets by name, in the order of their names."""
    readers = {"solomon": _solomon, "mtvrptwr": _multi_trip}
    for name in names:
        yield from readers[name](folder / name)


def _solomon(folder: Path) -> Iterator[Published]:
    with (folder / "best_known.csv").open(encoding="utf-8") as file:
        best = {row["instance"]: round(float(row["bks_dimacs_1dec"]) * TENTHS) for row in csv.DictReader(file)}
    for path in sorted(folder.glob("*.txt")):
        instance = solomon(path.read_text(encoding="utf-8"))
        yield Published(name=instance.name, kind=_class(instance.name), week=week_of(instance), best=best[instance.name])


def _multi_trip(folder: Path) -> Iterator[Published]:
    for path in sorted(folder.glob("*.vrp")):
        instance = multi_trip(path.read_text(encoding="utf-8"))
        routes, best = solution(path.with_suffix(".sol").read_text(encoding="utf-8"))
        yield Published(name=instance.name, kind=f"{_class(instance.name)} trips", week=week_of(instance), best=best, routes=routes)


def _class(name: str) -> str:
    """Give the class of an instance: clustered, random or both, and short or long hours of the depot."""
    found = re.match(r"[A-Z]+\d", name)
    return found[0] if found else name


def solomon(text: str) -> Instance:
    """Read a file of Solomon's set."""
    numbers = [line.split() for line in text.splitlines()[1:] if re.match(r"\s*\d", line)]
    vehicles, capacity = map(int, numbers[0])
    rows = [tuple(map(float, line[1:])) for line in numbers[1:]]
    return Instance(
        name=text.split(maxsplit=1)[0],
        points=tuple((x, y) for x, y, *_ in rows),
        **_tenths(opens=[row[3] for row in rows], closes=[row[4] for row in rows], service=[row[5] for row in rows]),
        demand=tuple(int(row[2]) for row in rows),
        released=(0,) * len(rows),
        vehicles=vehicles,
        capacity=capacity,
        reloads=False,
    )


def multi_trip(text: str) -> Instance:
    """Read a multi-trip file with release times, in VRPLIB form."""
    heads = dict(re.findall(r"^(\w+): (.+)$", text, re.MULTILINE))
    blocks = re.split(r"^(\w+)_SECTION\s*$", text, flags=re.MULTILINE)
    tables = {name: [list(map(float, line.split()[1:])) for line in body.split("\n") if line.strip()] for name, body in _pairs(blocks)}
    count = int(heads["DIMENSION"])
    service = [0.0, *[float(heads["SERVICE_TIME"])] * (count - 1)]
    return Instance(
        name=heads["NAME"],
        points=tuple((x, y) for x, y in tables["NODE_COORD"]),
        **_tenths(
            opens=[row[0] for row in tables["TIME_WINDOW"]],
            closes=[row[1] for row in tables["TIME_WINDOW"]],
            service=service,
            released=[row[0] for row in tables["RELEASE_TIME"]],
        ),
        demand=tuple(int(row[0]) for row in tables["DEMAND"]),
        vehicles=int(heads["VEHICLES"]),
        capacity=int(heads["CAPACITY"]),
        reloads=True,
    )


def _pairs(blocks: Sequence[str]) -> Iterator[tuple[str, str]]:
    for name, body in zip(blocks[1::2], blocks[2::2], strict=True):
        if name != "DEPOT":
            yield name, body


def _tenths(**columns: Sequence[float]) -> dict[str, Numbers]:
    return {name: tuple(round(value * TENTHS) for value in values) for name, values in columns.items()}


def solution(text: str) -> tuple[tuple[Numbers, ...], int]:
    """Read a published solution: its routes and its cost."""
    routes = [tuple(map(int, line.partition(":")[2].split())) for line in text.splitlines() if line.startswith("Route")]
    return tuple(routes), int(re.findall(r"^Cost: (\d+)", text, re.MULTILINE)[0])


def week_of(instance: Instance) -> Week:
    """Make the week: a canteen at the depot for every release time, as many volunteers as vehicles with one window each."""
    end, moments = instance.closes[0], sorted(set(instance.released[1:]))
    kitchen = {moment: f"from-{moment}" for moment in moments}
    return Week(
        name=instance.name,
        week_start=date(2026, 11, 23),
        days=1,
        travel=Travel(minutes={ALL: _matrix(instance.points)}),
        weights=Weights(travel=1, new_face=0, fairness=0, touched=0),
        places=tuple(Place(id=f"p{number}", lat=None, lon=None, access=0) for number in range(len(instance.points))),
        canteens=tuple(Canteen(id=kitchen[moment], place="p0", ready=moment) for moment in moments),
        elders=tuple(Elder(id=f"c{number}", place=f"p{number}") for number in range(1, len(instance.points))),
        volunteers=tuple(_volunteer(instance, number, end) for number in range(instance.vehicles)),
        visits=tuple(_visit(instance, number, kitchen) for number in range(1, len(instance.points))),
        history=frozenset(),
    )


def _matrix(points: Sequence[tuple[float, float]]) -> tuple[Numbers, ...]:
    return tuple(tuple(int(TENTHS * math.dist(here, there)) for there in points) for here in points)


def _volunteer(instance: Instance, number: int, end: int) -> Volunteer:
    return Volunteer(
        id=f"v{number}",
        place="p0",
        gender=None,
        skills=(),
        mode=ALL,
        boxes=instance.capacity,
        trips=None if instance.reloads else 1,
        radius=None,
        windows=(Window(0, instance.opens[0], end),),
        max_day=end,
        max_week=end,
    )


def _visit(instance: Instance, number: int, kitchen: Mapping[int, str]) -> Visit:
    """Make a customer's visit: its window ends when the latest start has been served."""
    minutes = instance.service[number]
    return Visit(
        id=f"x{number}",
        elder=f"c{number}",
        kind="delivery",
        skills=(),
        days=(0,),
        window=(instance.opens[number], instance.closes[number] + minutes),
        minutes=minutes,
        crew=1,
        weight=1,
        gender=None,
        canteen=kitchen[instance.released[number]],
        boxes=instance.demand[number],
    )
