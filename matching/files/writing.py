"""Weeks and plans written as files: the contract's layout and key order, the same text for the same value."""

import json
from collections.abc import Iterable
from typing import Any

from matching.model import PLAN_FORMAT, WEEK_FORMAT, Apart, Canteen, Elder, Plan, Route, Second, Travel, Unserved, Visit, Volunteer, Week


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
        "travel": plain(week.travel),
        "weights": plain(week.weights),
    }
    lines = [f"{_dump(key)}: {_dump(value)}" for key, value in top.items()]
    lines += [f"{_dump(key)}: {_lines(map(_dump, map(plain, items)))}" for key, items in lists.items()]
    if week.pins:
        lines.append(f'"pins": {_lines(_dump(plain(pin)) for pin in week.pins)}')
    if week.apart:
        lines.append(f'"apart": {_lines(_dump(plain(one)) for one in week.apart)}')
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
        lines.append(f'"score": {_dump(plain(plan.score))}')
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
    stops = ",\n   ".join(_dump(plain(stop)) for stop in route.stops)
    return f'{{"volunteer": {_dump(route.volunteer)}, "window": {route.window}, "stops": [\n   {stops}]}}'


def _unserved_text(unserved: Unserved) -> str:
    return "{" + ",\n   ".join(f"{_dump(key)}: {_dump(value)}" for key, value in plain(unserved).items()) + "}"


def plain(value: Any) -> Any:  # noqa: ANN401
    """Turn a value of the model into its JSON object; optional keys that hold their default are left out."""
    if isinstance(value, tuple):
        return value
    fields = {key: getattr(value, key) for key in _slots(type(value))}
    for key, default in _LEFT_OUT.get(type(value), ()):
        if fields[key] == default:
            del fields[key]
    if isinstance(value, Visit) and value.second is not None:
        fields["second"] = plain(value.second)
    order = _ORDER.get(type(value))
    return {key: fields[key] for key in order if key in fields} if order else fields


_LEFT_OUT: dict[type, tuple[tuple[str, object], ...]] = {
    Travel: (("detour", None), ("pace", None), ("minutes", None)),
    Canteen: (("until", None),),
    Volunteer: (("used", ()),),
    Elder: (("at_once", True),),
    Visit: (("second", None), ("excluded", ())),
    Second: (("minutes", None),),
    Apart: (("people", False), ("gap", None)),
}
_ORDER: dict[type, tuple[str, ...]] = {
    Visit: ("id", "elder", "kind", "skills", "days", "window", "minutes", "crew", "second", "weight", "gender",
            "canteen", "boxes", "excluded"),
}  # fmt: skip


def _slots(kind: type) -> tuple[str, ...]:
    return tuple(kind.__slots__)  # type: ignore[attr-defined]
