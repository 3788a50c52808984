"""Weeks and plans as files: strict reading and deterministic writing of contract sections 1 and 2."""

import json
from operator import attrgetter
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from matching.files.plan_shape import baseline_of, earlier_plan, plan_of, windows_exist
from matching.files.values import BadFile, at, keys, listed, maybe, number, one_of, record, row, shown, text, whole
from matching.files.week_shape import (
    MINUTE,
    apart_of,
    canteen_of,
    elder_of,
    matrices_fit,
    monday,
    pin_of,
    place_of,
    travel_of,
    visit_of,
    volunteer_of,
)
from matching.files.writing import plan_to_json, week_to_json
from matching.model import WEEK_FORMAT, Plan, Week, Weights, by_id

__all__ = ["BadFile", "plan_to_json", "read_plan", "read_start", "read_week", "week_to_json"]

IDENTITY = attrgetter("id")
_read: "WeakValueDictionary[int, Week]" = WeakValueDictionary()
TOP = ("format", "name", "week_start", "days", "travel", "weights", "places", "canteens", "elders", "volunteers", "visits", "history")
TOP_OPTIONAL = ("pins", "apart", "baseline", "max_touched", "from")


def read_week(source: str | Path | dict[str, Any]) -> Week:
    """Read a week and refuse one that is not exactly as the contract says.

    Parameters
    ----------
    source : str, Path or dict
        The path of a JSON file, or its content as a dict.

    Returns
    -------
    Week
        The lists in file order; minutes, metres and days as the file has them.

    Raises
    ------
    BadFile
        The message is one line, `path: what is wrong`.
    """
    top = keys(_loaded(source), TOP, TOP_OPTIONAL)
    at(top, "format", one_of((WEEK_FORMAT,), "known format"))
    days = at(top, "days", whole(1, 7))
    travel = at(top, "travel", travel_of)
    places = at(top, "places", listed(place_of(travel), IDENTITY))
    matrices_fit(travel, len(places))
    place = one_of(by_id(places), "place")
    unplaced = any(spot.lat is None or spot.lon is None for spot in places)
    canteens = at(top, "canteens", listed(canteen_of(place), IDENTITY))
    volunteers = at(top, "volunteers", listed(volunteer_of(place, travel, days, unplaced=unplaced), IDENTITY))
    volunteer = one_of(by_id(volunteers), "volunteer")
    elders = at(top, "elders", listed(elder_of(place, volunteer), IDENTITY))
    elder = one_of(by_id(elders), "elder")
    visits = at(top, "visits", listed(visit_of(elder, one_of(by_id(canteens), "canteen"), volunteer, days), IDENTITY))
    visit = one_of(by_id(visits), "visit")
    pins = at(top, "pins", listed(pin_of(visit, volunteer, days), attrgetter("visit")), ())
    week = Week(
        name=at(top, "name", text),
        week_start=at(top, "week_start", monday),
        days=days,
        travel=travel,
        weights=at(top, "weights", record(Weights, dict.fromkeys(Weights.__slots__, number()))),
        places=places,
        canteens=canteens,
        elders=elders,
        volunteers=volunteers,
        visits=visits,
        history=frozenset(at(top, "history", listed(row(elder, volunteer)))),
        pins=pins,
        apart=at(top, "apart", listed(apart_of(visit)), ()),
        baseline=at(top, "baseline", maybe(baseline_of(volunteers))),
        max_touched=at(top, "max_touched", maybe(whole())),
        from_=at(top, "from", maybe(row(whole(0, days - 1), MINUTE))),
    )
    _read[id(week)] = week
    return week


def is_read(week: Week) -> bool:
    """Say whether this very week came out of `read_week`, so that nothing in it has to be looked at again."""
    return _read.get(id(week)) is week


def read_plan(source: str | Path | dict[str, Any], week: Week) -> Plan:
    """Read a plan of this week, made by the engine or by hand; its ids must name what the week has.

    Parameters
    ----------
    source : str, Path or dict
        The path of a JSON file, or its content as a dict.
    week : Week
        The week the plan is for.

    Returns
    -------
    Plan
        Routes and stops in file order; of a draft, what it leaves out is None or empty.

    Raises
    ------
    BadFile
        The message is one line, `path: what is wrong`.
    """
    names = {
        "visit": one_of(by_id(week.visits), "visit"),
        "volunteer": one_of(by_id(week.volunteers), "volunteer"),
        "canteen": one_of(by_id(week.canteens), "canteen"),
        "week": one_of((week.name,), "such week"),
    }
    plan = plan_of(names)(_loaded(source))
    windows_exist(plan, week.volunteers)
    return plan


def read_start(source: str | Path | dict[str, Any]) -> Plan:
    """Read a plan of an earlier week to begin from; ids and windows that the week to be planned lacks mean nothing.

    Parameters
    ----------
    source : str, Path or dict
        The path of a JSON file, or its content as a dict.

    Returns
    -------
    Plan
        Routes and stops in file order.

    Raises
    ------
    BadFile
        The message is one line, `path: what is wrong`.
    """
    return earlier_plan(_loaded(source))


def _loaded(source: str | Path | dict[str, Any]) -> object:
    if isinstance(source, dict):
        return source
    try:
        return json.loads(Path(source).read_bytes().decode(), object_pairs_hook=_no_twins)
    except BadFile:
        raise
    except OSError as error:
        message = f"cannot be read ({error.strerror})"
    except json.JSONDecodeError as error:
        message = f"is not JSON ({error.msg}, line {error.lineno} column {error.colno})"
    except (ValueError, RecursionError):  # bad UTF-8, a number of thousands of digits, endless nesting
        message = "is not JSON in UTF-8"
    raise BadFile(message, str(source))


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [key for key, _ in pairs]
        twin = next(key for key in names if names.count(key) > 1)
        message = "stands twice in one object"
        raise BadFile(message, f".{shown(twin)}")
    return found
