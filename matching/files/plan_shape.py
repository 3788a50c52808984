"""The shape of contract section 2: what a plan, its stops, its unserved visits and their fixes must look like in a file."""

from typing import Any

from matching.files.values import BadFile, Reader, at, distinct, keys, listed, mapping, maybe, number, one_of, record, row, text, whole
from matching.model import PLAN_FORMAT, PickupStop, Plan, Route, Score, Unserved, VisitStop, Volunteer, by_id

MINUTE = whole()
SEED = whole(-(2**63), 2**63 - 1)
REASONS = ("pin", "no_skill", "not_allowed", "no_window", "canteen", "ceiling", "taken", "search")
DATED = row(whole(0, 6), MINUTE, MINUTE)


def baseline_of(volunteers: tuple[Volunteer, ...]) -> Reader[Plan]:
    """Read an earlier plan: ids the week no longer has are left standing and mean nothing."""

    def read(value: object) -> Plan:
        plan = earlier_plan(value)
        windows_exist(plan, volunteers)
        return plan

    return read


def earlier_plan(value: object) -> Plan:
    """Read a plan of whatever week: its ids are words."""
    return plan_of(dict.fromkeys(("visit", "volunteer", "canteen", "week"), text))(value)


def windows_exist(plan: Plan, volunteers: tuple[Volunteer, ...]) -> None:
    """Refuse two routes in one window, and windows that a volunteer of the week has not."""
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


def plan_of(names: dict[str, Reader[str]]) -> Reader[Plan]:
    """Give the reader of a plan whose ids are read by these readers."""
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
            "fix": maybe(_fix(names)),
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


def _fix(names: dict[str, Reader[str]]) -> Reader[dict[str, Any]]:
    """Give the reader of a fix, by the table of contract section 5; it stays the object it is."""
    volunteer, visit = names["volunteer"], names["visit"]
    kinds: dict[str, dict[str, Reader[Any]]] = {
        "volunteer.max_day": {"volunteer": volunteer, "max_day": whole(1)},
        "volunteer.max_week": {"volunteer": volunteer, "max_week": whole(1)},
        "visit.window": {"visit": visit, "window": row(MINUTE, MINUTE)},
        "volunteer.window": {"volunteer": volunteer, "window": DATED},
        "visit.days": {"visit": visit, "days": _some(whole(0, 6))},
        "volunteer.radius": {"volunteer": volunteer, "radius": number()},
        "volunteer.skills": {"volunteer": volunteer, "skills": _some(text)},
        "canteen.hot": {"canteen": names["canteen"], "hot": MINUTE},
        "recruit": {"place": text, "skills": listed(text), "window": DATED},
        "visit.crew": {"visit": visit, "crew": whole(1, 2)},
    }
    optional: dict[str, dict[str, Reader[Any]]] = {
        "volunteer.window": {"index": whole()},
        "recruit": {"count": whole(1, 2), "gender": one_of(("F", "M"), "gender"), "mode": text, "boxes": whole()},
    }

    def read(value: object) -> dict[str, Any]:
        kind = at(keys(value, ("change",), mapping(value)), "change", one_of(kinds, "known change"))
        record(dict, {"change": text} | kinds[kind], optional.get(kind))(value)
        return mapping(value)

    return read


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
    parts: dict[str, Reader[Any]] = dict.fromkeys(Score.__slots__, count)
    return record(Score, parts | {"fairness": amount, "cost": amount})(value)
