"""How a week's file begins, and its places by the names it calls them: a floor of a building, a canteen, a home."""

from typing import Any

from timebank import clock
from timebank.elders.models import Household
from timebank.planning.models import Plan
from timebank.planning.roads import travel
from timebank.planning.scenes import Scene
from timebank.visits.models import Visit

DAYS = 7
WEIGHTS = {"travel": 1, "new_face": 20, "fairness": 1, "touched": 120}


def week_name(plan: Plan) -> str:
    """Return the name of a plan's week in files."""
    return f"{plan.community.slug}-{clock.week_name(plan.week)}"


def head(plan: Plan, places: list[dict[str, Any]]) -> dict[str, Any]:
    """Return how a week's file begins: what it is called, its places, how people travel between them, what weighs how much."""
    return {
        "format": "timebank-week/1",
        "name": week_name(plan),
        "week_start": plan.week.isoformat(),
        "days": DAYS,
        "places": places,
        "travel": travel(plan.roads, places),
        "weights": WEIGHTS,
    }


def places(of: Scene, going: list[Visit]) -> list[dict[str, Any]]:
    """Return every door's floor, canteen and home once."""
    found = {f"canteen-{each.id}": _place(f"canteen-{each.id}", each.lat, each.lon, each.access) for each in of.canteens}
    for home in {visit.household_id: visit.household for visit in going}.values():
        name = floor_of(home)
        found[name] = _place(name, home.building.lat, home.building.lon, home.building.minutes_to_floor(home.floor))
    for each in of.volunteers:
        found[f"home-{each.id}"] = _place(f"home-{each.id}", each.lat, each.lon, 0)
    return list(found.values())


def _place(name: str, lat: float, lon: float, access: int) -> dict[str, Any]:
    """Return one place."""
    return {"id": name, "lat": lat, "lon": lon, "access": access}


def door_of(visit: Visit) -> str:
    """Return the place of a visit: an entrance and a floor."""
    return floor_of(visit.household)


def floor_of(home: Household) -> str:
    """Return the place of a home: an entrance and a floor."""
    return f"b{home.building_id}-f{home.floor}"
