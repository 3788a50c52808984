"""What if: a copy of a week in the engine's file with people or needs taken away or added. Pure, and never the plan.

``p1``, ``p2`` are people who do not exist yet, ``y1`` needs that nobody asked for, ``g1`` their doors; ids of the real week stay.
"""

from typing import Any

from timebank.planning.lived import HERE
from timebank.planning.roads import with_one_more

NEW_PERSON, NEW_NEED, NEW_DOOR = "p", "y", "g"
MOST_WEEK, MOST_DAY, BOXES = 360, 180, 6

Week = dict[str, Any]


def supposed(week: Week, what: dict[str, Any]) -> Week:
    """Return a copy of a week as if: ``leave`` volunteers, ``gone`` doors, ``come`` people, ``need`` visits of what is supposed."""
    found = _without(week, {f"v{each}" for each in what.get("leave", ())}, {f"h{each}" for each in what.get("gone", ())})
    for each in what.get("come", ()):
        _join(found, each)
    for each in what.get("need", ()):
        _ask(found, each)
    return found


def _without(week: Week, people: set[str], doors: set[str]) -> Week:
    """Return a copy without some volunteers and the visits of some doors; what was fixed with them is free."""
    pinned = {pin["visit"] for pin in week["pins"] if people.intersection(pin["volunteers"])}
    own = {each["id"] for each in week["elders"] if each["id"].startswith(HERE) and people.intersection(each["preferred"])}
    homes = doors | own
    dropped = {each["id"] for each in week["visits"] if each["elder"] in homes}
    found = {
        **week,
        "places": list(week["places"]),
        "elders": [_left(each, people, "preferred", "excluded") for each in week["elders"] if each["id"] not in homes],
        "volunteers": [each for each in week["volunteers"] if each["id"] not in people],
        "visits": [_left(each, people, "excluded") for each in week["visits"] if each["id"] not in dropped],
        "history": [[door, who] for door, who in week["history"] if door not in homes and who not in people],
        "pins": [pin for pin in week["pins"] if pin["visit"] not in pinned | dropped],
    }
    lost = dropped | {stop["visit"] for route in week["baseline"]["routes"] if route["volunteer"] in people for stop in _doors(route)}
    routes = ({**each, "stops": _kept(each, lost)} for each in week["baseline"]["routes"] if each["volunteer"] not in people)
    found["baseline"] = {**week["baseline"], "routes": [each for each in routes if each["stops"]]}
    return found


def _left(row: dict[str, Any], people: set[str], *names: str) -> dict[str, Any]:
    """Return a row whose lists name none of some people."""
    return {**row, **{name: [each for each in row[name] if each not in people] for name in names if name in row}}


def _doors(route: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the stops of a route that are doors."""
    return [stop for stop in route["stops"] if "visit" in stop]


def _kept(route: dict[str, Any], lost: set[str]) -> list[dict[str, Any]]:
    """Return the stops of a route without some visits, and without a pick-up that carries nothing any more."""
    stops = []
    for stop in route["stops"]:
        if "visit" in stop:
            stops += [] if stop["visit"] in lost else [stop]
            continue
        visits = [each for each in stop["visits"] if each not in lost]
        stops += [{**stop, "visits": visits}] if visits else []
    return stops


def _join(week: Week, what: dict[str, Any]) -> None:
    """Let some people come who live at one place, with skills, on some weekdays."""
    place = _put(week, what["place"])
    windows = [[day, what["from"], what["to"]] for day in what["days"]]
    length = what["to"] - what["from"]
    for _ in range(what["count"]):
        number = 1 + sum(1 for each in week["volunteers"] if each["id"].startswith(NEW_PERSON))
        week["volunteers"].append(
            {
                "id": f"{NEW_PERSON}{number}",
                "place": place,
                "gender": None,
                "skills": sorted(what["skills"]),
                "mode": "walk",
                "boxes": BOXES,
                "trips": None,
                "radius": None,
                "windows": windows,
                "max_day": min(MOST_DAY, length),
                "max_week": min(MOST_WEEK, length * len(windows)),
            }
        )


def _ask(week: Week, what: dict[str, Any]) -> None:
    """Let some more doors ask for a kind of visit, once on each of some weekdays."""
    place = _put(week, what["place"])
    for _ in range(what["count"]):
        door = f"{NEW_DOOR}{1 + sum(1 for each in week['elders'] if each['id'].startswith(NEW_DOOR))}"
        week["elders"].append({"id": door, "place": place, "preferred": [], "excluded": []})
        for day in what["days"]:
            number = 1 + sum(1 for each in week["visits"] if each["id"].startswith(NEW_NEED))
            week["visits"].append({**what["visit"], "id": f"{NEW_NEED}{number}", "elder": door, "days": [day]})


def _put(week: Week, place: dict[str, Any]) -> str:
    """Put a place into the week unless it is there; return its name."""
    if all(each["id"] != place["id"] for each in week["places"]):
        week["places"].append(place)
        if "minutes" in week["travel"]:
            week["travel"] = {"minutes": with_one_more(week["travel"]["minutes"], week["places"])}
    return str(place["id"])
