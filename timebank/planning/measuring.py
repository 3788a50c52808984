"""What a plan comes to in figures that people compare: doors reached, familiar faces, minutes on the way, who carries most. Pure."""

from collections.abc import Iterator
from typing import Any

from timebank.planning.lived import HERE

Measures = dict[str, int]


def measured(week: dict[str, Any], plan: dict[str, Any]) -> Measures:
    """Return the figures of a plan of the engine's; stops that only say where somebody is do not count."""
    visits = {each["id"]: each for each in week["visits"] if not _is_here(each["id"])}
    known = {tuple(pair) for pair in week["history"]} | {(each["id"], who) for each in week["elders"] for who in each["preferred"]}
    stops = [stop for stop in _stops(plan) if stop[0] in visits]
    served = {visit for visit, _who in stops}
    work: dict[str, int] = {}
    for visit, who in stops:
        work[who] = work.get(who, 0) + visits[visit]["minutes"]
    return {
        "visits": len(served),
        "visits_needed": len(visits),
        "homes": len({visits[visit]["elder"] for visit in served}),
        "homes_needed": len({each["elder"] for each in visits.values()}),
        "stops": len(stops),
        "familiar": sum(1 for visit, who in stops if (visits[visit]["elder"], who) in known),
        "travel": int(plan["score"]["travel"]),
        "busiest": max(work.values(), default=0),
        "people": len(work),
        "touched": int(plan["score"]["touched"]),
    }


def served(plan: dict[str, Any]) -> set[str]:
    """Return the ids of the visits a plan serves."""
    return {visit for visit, _who in _stops(plan) if not _is_here(visit)}


def given(plan: dict[str, Any], who: str) -> list[str]:
    """Return the visits a plan gives to somebody, in its order."""
    return [visit for visit, each in _stops(plan) if each == who]


def _stops(plan: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Give every door of a plan with who goes there."""
    for route in plan["routes"]:
        for stop in route["stops"]:
            if "visit" in stop:
                yield stop["visit"], route["volunteer"]


def _is_here(visit: str) -> bool:
    """Say whether a visit only says where somebody is already."""
    return str(visit).startswith(HERE)
