"""Weeks and plans as files: strict reading and deterministic writing of contract sections 1 and 2."""

import json
from collections.abc import Iterable
from datetime import date
from operator import attrgetter
from pathlib import Path
from typing import Any

from matching.model import (
    DAY,
    PLAN_FORMAT,
    WEEK_FORMAT,
    Canteen,
    Elder,
    PickupStop,
    Pin,
    Place,
    Plan,
    Route,
    Score,
    Second,
    Travel,
    Unserved,
    Visit,
    VisitStop,
    Volunteer,
    Week,
    Weights,
    Window,
    by_id,
)
from matching.reading import (
    MOST,
    BadFile,
    Reader,
    at,
    distinct,
    keys,
    listed,
    mapping,
    maybe,
    number,
    one_of,
    record,
    row,
    shown,
    text,
    whole,
)

MINUTE = whole()
GENDER = maybe(one_of(("F", "M"), "gender"))
IDENTITY = attrgetter("id")
SEED = whole(-(2**63), 2**63 - 1)
TOP = ("format", "name", "week_start", "days", "travel", "weights", "places", "canteens", "elders", "volunteers",
       "visits", "history")  # fmt: skip
TOP_OPTIONAL = ("pins", "baseline", "max_touched", "from")
REASONS = ("pin", "no_skill", "not_allowed", "no_window", "canteen", "ceiling", "taken", "search")


def read_week(source: str | Path | dict[str, Any]) -> Week:
    """Read a week and refuse one that is not exactly as the contract says.

    Parameters
    ----------
    source
        The path of a JSON file, or its content as a dict.

    Raises
    ------
    BadFile
        The message is one line, `path: what is wrong`.
    """
    top = keys(_loaded(source), TOP, TOP_OPTIONAL)
    at(top, "format", one_of((WEEK_FORMAT,), "known format"))
    days = at(top, "days", whole(1, 7))
    travel = at(top, "travel", _travel)
    places = at(top, "places", listed(_place(travel), IDENTITY))
    _matrices_fit(travel, len(places))
    place = one_of(by_id(places), "place")
    unplaced = any(spot.lat is None or spot.lon is None for spot in places)
    canteens = at(top, "canteens", listed(_canteen(place), IDENTITY))
    volunteers = at(top, "volunteers", listed(_volunteer(place, travel, days, unplaced=unplaced), IDENTITY))
    volunteer = one_of(by_id(volunteers), "volunteer")
    elders = at(top, "elders", listed(_elder(place, volunteer), IDENTITY))
    elder = one_of(by_id(elders), "elder")
    visits = at(top, "visits", listed(_visit(elder, one_of(by_id(canteens), "canteen"), days), IDENTITY))
    pins = at(top, "pins", listed(_pin(one_of(by_id(visits), "visit"), volunteer, days), attrgetter("visit")), ())
    return Week(
        name=at(top, "name", text),
        week_start=at(top, "week_start", _monday),
        days=days,
        travel=travel,
        weights=at(top, "weights", record(Weights, dict.fromkeys(_slots(Weights), number()))),
        places=places,
        canteens=canteens,
        elders=elders,
        volunteers=volunteers,
        visits=visits,
        history=frozenset(at(top, "history", listed(row(elder, volunteer)))),
        pins=pins,
        baseline=at(top, "baseline", maybe(_baseline(volunteers))),
        max_touched=at(top, "max_touched", maybe(whole())),
        from_=at(top, "from", maybe(row(whole(0, days - 1), MINUTE))),
    )


def read_plan(source: str | Path | dict[str, Any], week: Week) -> Plan:
    """Read a plan of this week, made by the engine or by hand; its ids must name what the week has.

    Parameters
    ----------
    source
        The path of a JSON file, or its content as a dict.
    week
        The week the plan is for.

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
    plan = _plan(names)(_loaded(source))
    _windows_exist(plan, week.volunteers)
    return plan


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


def _slots(kind: type) -> tuple[str, ...]:
    return tuple(kind.__slots__)  # type: ignore[attr-defined]


def _monday(value: object) -> date:
    try:
        day = date.fromisoformat(text(value))
    except ValueError as error:
        if isinstance(error, BadFile):
            raise
        day = None
    if day is None or day.isoformat() != value or day.weekday():
        message = f"must be a Monday as YYYY-MM-DD, not {shown(value)}"
        raise BadFile(message)
    return day


def _travel(value: object) -> Travel:
    found = mapping(value)
    if ("minutes" in found) == ("pace" in found):
        message = "needs either pace and detour or minutes"
        raise BadFile(message)
    if "pace" in found:
        keys(found, ("detour", "pace"))
        return Travel(detour=at(found, "detour", number(0, 1000)), pace=at(found, "pace", _modes(number(0.001, 1e6))))
    keys(found, ("minutes",))
    return Travel(minutes=at(found, "minutes", _modes(_matrix)))


def _modes(reader: Reader[Any]) -> Reader[dict[str, Any]]:
    def read(value: object) -> dict[str, Any]:
        found = mapping(value)
        for mode in found:
            text(mode)
        return {mode: at(found, mode, reader) for mode in found}

    return read


def _matrix(value: object) -> tuple[tuple[int, ...], ...]:
    if type(value) is not list:
        message = f"must be a list, not {shown(value)}"
        raise BadFile(message)
    rows = []
    for index, cells in enumerate(value):
        if type(cells) is not list or len(cells) != len(value):
            message = f"must be a list of {len(value)}"
            raise BadFile(message, f"[{index}]")
        # The diagonal is never read, whatever it holds.
        line = [*cells[:index], 0, *cells[index + 1 :]]
        if any(type(cell) is not int for cell in line) or min(line) < 0 or max(line) > MOST:
            try:
                listed(MINUTE)(line)
            except BadFile as bad:
                raise bad.inside(f"[{index}]") from None
        rows.append(tuple(line))
    return tuple(rows)


def _matrices_fit(travel: Travel, size: int) -> None:
    for mode, matrix in (travel.minutes or {}).items():
        if len(matrix) != size:
            message = f"must be a list of {size}, one row for each place"
            raise BadFile(message, f".travel.minutes.{mode}")


def _place(travel: Travel) -> Reader[Place]:
    lat, lon = number(-90, 90), number(-180, 180)
    if travel.minutes is not None:
        return record(Place, {"id": text, "lat": maybe(lat), "lon": maybe(lon), "access": MINUTE})
    return record(Place, {"id": text, "lat": lat, "lon": lon, "access": MINUTE})


def _canteen(place: Reader[str]) -> Reader[Canteen]:
    return record(Canteen, {"id": text, "place": place, "ready": MINUTE, "hot": maybe(MINUTE)},
                  {"until": maybe(MINUTE)})  # fmt: skip


def _elder(place: Reader[str], volunteer: Reader[str]) -> Reader[Elder]:
    people = listed(volunteer)
    return record(Elder, {"id": text, "place": place, "preferred": people, "excluded": people})


def _span(start: int, end: int, days: int, first: int) -> None:
    """Refuse a window whose end is before its start or, in a week of several days, after midnight."""
    if end < start:
        message = f"must not be before the start {start}, not {end}"
        raise BadFile(message, f"[{first + 1}]")
    if end > DAY and days > 1:
        message = f"must be at most {DAY} in a week of several days, not {end}"
        raise BadFile(message, f"[{first + 1}]")


def _windows(days: int) -> Reader[tuple[Window, ...]]:
    parts = row(whole(0, days - 1), MINUTE, MINUTE)

    def window(value: object) -> Window:
        made = Window(*parts(value))
        _span(made.start, made.end, days, 1)
        return made

    def read(value: object) -> tuple[Window, ...]:
        windows = listed(window)(value)
        # A withdrawn window [day, t, t] lies anywhere and overlaps nothing.
        held = sorted((one, index) for index, one in enumerate(windows) if one.start < one.end)
        for (before, _), (after, index) in zip(held, held[1:], strict=False):
            if before.day == after.day and after.start < before.end:
                message = "overlaps another window of the volunteer"
                raise BadFile(message, f"[{index}]")
        return windows

    return read


def _volunteer(place: Reader[str], travel: Travel, days: int, *, unplaced: bool) -> Reader[Volunteer]:
    modes = travel.pace if travel.pace is not None else travel.minutes

    def radius(value: object) -> float | None:
        if value is not None and unplaced:
            message = "must be null where places have no coordinates"
            raise BadFile(message)
        return maybe(number())(value)

    required: dict[str, Reader[Any]] = {
        "id": text,
        "place": place,
        "gender": GENDER,
        "skills": listed(text),
        "mode": one_of(modes or (), "mode of travel"),
        "boxes": whole(),
        "trips": maybe(whole()),
        "radius": radius,
        "windows": _windows(days),
        "max_day": whole(1),
        "max_week": whole(1),
    }
    return record(Volunteer, required, {"used": listed(row(whole(0, days - 1), MINUTE))})


def _visit(elder: Reader[str], canteen: Reader[str], days: int) -> Reader[Visit]:
    parts = row(MINUTE, MINUTE)

    def window(value: object) -> tuple[int, int]:
        start, end = parts(value)
        _span(start, end, days, 0)
        return start, end

    def make(**fields: Any) -> Visit:  # noqa: ANN401
        visit = Visit(**fields)
        _fits_itself(visit)
        return visit

    required: dict[str, Reader[Any]] = {
        "id": text,
        "elder": elder,
        "kind": text,
        "skills": listed(text),
        "days": _days(days),
        "window": window,
        "minutes": whole(1),
        "crew": whole(1, 2),
        "weight": whole(1, 1_000_000),
        "gender": GENDER,
        "canteen": maybe(canteen),
        "boxes": whole(),
    }
    second = record(Second, {"skills": listed(text), "gender": GENDER})
    return record(make, required, {"second": maybe(second)})


def _days(days: int) -> Reader[tuple[int, ...]]:
    several = listed(whole(0, days - 1), lambda day: day)

    def read(value: object) -> tuple[int, ...]:
        if value == []:
            message = "must name at least one day"
            raise BadFile(message)
        return several(value)

    return read


def _fits_itself(visit: Visit) -> None:
    if visit.second is not None and visit.crew == 1:
        message, key = "is only for a crew of 2", "second"
    elif visit.canteen is not None and visit.crew > 1:
        message, key = "must be 1 for a visit from a canteen", "crew"
    elif visit.canteen is not None and visit.boxes < 1:
        message, key = "must be at least 1 for a visit from a canteen", "boxes"
    elif visit.canteen is None and visit.boxes:
        message, key = "must be 0 without a canteen", "boxes"
    else:
        return
    raise BadFile(message, f".{key}")


def _pin(visit: Reader[str], volunteer: Reader[str], days: int) -> Reader[Pin]:
    return record(
        Pin,
        {
            "visit": visit,
            "volunteers": listed(volunteer, lambda name: name),
            "day": whole(0, days - 1),
            "start": maybe(MINUTE),
        },
    )


def _baseline(volunteers: tuple[Volunteer, ...]) -> Reader[Plan]:
    """Read an earlier plan: ids the week no longer has are left standing and mean nothing."""
    reader = _plan(dict.fromkeys(("visit", "volunteer", "canteen", "week"), text))

    def read(value: object) -> Plan:
        plan = reader(value)
        _windows_exist(plan, volunteers)
        return plan

    return read


def _windows_exist(plan: Plan, volunteers: tuple[Volunteer, ...]) -> None:
    known = by_id(volunteers)
    distinct_routes = [(route.volunteer, route.window) for route in plan.routes]
    try:
        distinct(distinct_routes, lambda pair: pair)
    except BadFile as bad:
        raise bad.inside(".routes") from None
    for index, route in enumerate(plan.routes):
        if route.volunteer in known and route.window >= len(known[route.volunteer].windows):
            message = f"names no window of {route.volunteer}: {route.window}"
            raise BadFile(message, f".routes[{index}].window")


def _plan(names: dict[str, Reader[str]]) -> Reader[Plan]:
    visit_stop = record(VisitStop, {"visit": names["visit"], "start": MINUTE})
    pickup_stop = record(PickupStop, {"pickup": names["canteen"], "at": MINUTE, "visits": _some(names["visit"])})

    def stop(value: object) -> PickupStop | VisitStop:
        return pickup_stop(value) if "pickup" in mapping(value) else visit_stop(value)

    def make(**fields: Any) -> Plan:  # noqa: ANN401
        del fields["format"]
        return Plan(**fields)

    route = record(Route, {"volunteer": names["volunteer"], "window": whole(), "stops": _some(stop)})
    unserved = record(
        Unserved,
        {
            "visit": names["visit"],
            "reason": one_of(REASONS, "reason"),
            "who": listed(names["volunteer"]),
            "zh": text,
            "en": text,
            "fix": maybe(mapping),
        },
    )
    required = {"format": one_of((PLAN_FORMAT,), "known format"), "week": names["week"], "routes": listed(route)}
    optional = {
        "status": one_of(("optimal", "served_optimal", "feasible"), "status"),
        "unserved": listed(unserved),
        "score": _score,
        "bound": lambda value: at(keys(value, ("served_weight",)), "served_weight", whole(0, 2**63 - 1)),
        "seed": SEED,
        "seconds": number(),
    }
    return record(make, required, optional)


def _some(reader: Reader[Any]) -> Reader[tuple[Any, ...]]:
    several = listed(reader)

    def read(value: object) -> tuple[Any, ...]:
        if value == []:
            message = "must not be empty"
            raise BadFile(message)
        return several(value)

    return read


def _score(value: object) -> Score:
    count, amount = whole(0, 2**63 - 1), number(0, float("1e18"))
    parts: dict[str, Reader[Any]] = {key: count for key in _slots(Score)}
    return record(Score, parts | {"fairness": amount, "cost": amount})(value)


def week_to_json(week: Week) -> str:
    """Write a week as its file: the example's layout and key order, the same text for the same week."""
    lists = {
        "places": week.places,
        "canteens": week.canteens,
        "elders": week.elders,
        "volunteers": week.volunteers,
        "visits": week.visits,
        "history": sorted(week.history),
    }
    top = {
        "format": WEEK_FORMAT,
        "name": week.name,
        "week_start": week.week_start.isoformat(),
        "days": week.days,
        "travel": _plain(week.travel),
        "weights": _plain(week.weights),
    }
    lines = [f"{_dump(key)}: {_dump(value)}" for key, value in top.items()]
    lines += [f"{_dump(key)}: {_lines(map(_dump, map(_plain, items)))}" for key, items in lists.items()]
    if week.pins:
        lines.append(f'"pins": {_lines(_dump(_plain(pin)) for pin in week.pins)}')
    if week.baseline is not None:
        lines.append(f'"baseline": {_dump(json.loads(plan_to_json(week.baseline)))}')
    if week.max_touched is not None:
        lines.append(f'"max_touched": {week.max_touched}')
    if week.from_ is not None:
        lines.append(f'"from": {_dump(week.from_)}')
    return "{\n " + ",\n ".join(lines) + "\n}\n"


def plan_to_json(plan: Plan) -> str:
    """Write a plan as its file: the example's layout and key order, the same text for the same plan."""
    lines = [f'"format": {_dump(PLAN_FORMAT)}', f'"week": {_dump(plan.week)}']
    if plan.status is not None:
        lines.append(f'"status": {_dump(plan.status)}')
    lines.append(f'"routes": {_lines(map(_route_text, plan.routes))}')
    if plan.status is not None or plan.unserved:
        lines.append(f'"unserved": {_lines(map(_unserved_text, plan.unserved))}')
    if plan.score is not None:
        lines.append(f'"score": {_dump(_plain(plan.score))}')
    if plan.bound is not None:
        lines.append(f'"bound": {_dump({"served_weight": plan.bound})}')
    lines += [f'"{key}": {_dump(value)}' for key, value in (("seed", plan.seed), ("seconds", plan.seconds))
              if value is not None]  # fmt: skip
    return "{\n " + ",\n ".join(lines) + "\n}\n"


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _lines(items: Iterable[str]) -> str:
    text_of_all = ",\n  ".join(items)
    return f"[\n  {text_of_all}\n ]" if text_of_all else "[]"


def _route_text(route: Route) -> str:
    stops = ",\n   ".join(_dump(_plain(stop)) for stop in route.stops)
    return f'{{"volunteer": {_dump(route.volunteer)}, "window": {route.window}, "stops": [\n   {stops}]}}'


def _unserved_text(unserved: Unserved) -> str:
    return "{" + ",\n   ".join(f"{_dump(key)}: {_dump(value)}" for key, value in _plain(unserved).items()) + "}"


def _plain(value: Any) -> Any:  # noqa: ANN401
    """Turn a value of the model into its JSON object; optional keys that hold their default are left out."""
    if isinstance(value, tuple):
        return value
    fields = {key: getattr(value, key) for key in _slots(type(value))}
    for key, default in _LEFT_OUT.get(type(value), ()):
        if fields[key] == default:
            del fields[key]
    if isinstance(value, Visit) and value.second is not None:
        fields["second"] = _plain(value.second)
    order = _ORDER.get(type(value))
    return {key: fields[key] for key in order if key in fields} if order else fields


_LEFT_OUT: dict[type, tuple[tuple[str, object], ...]] = {
    Travel: (("detour", None), ("pace", None), ("minutes", None)),
    Canteen: (("until", None),),
    Volunteer: (("used", ()),),
    Visit: (("second", None),),
}
_ORDER: dict[type, tuple[str, ...]] = {
    Visit: ("id", "elder", "kind", "skills", "days", "window", "minutes", "crew", "second", "weight", "gender",
            "canteen", "boxes"),
}  # fmt: skip
