"""Weeks and plans made in Python, taken as their files would be: the same shapes, the same sentences. A week that was read is not read again."""

from collections.abc import Mapping
from dataclasses import is_dataclass, replace
from datetime import date
from typing import Any
from weakref import ReferenceType, ref

from matching.files.documents import is_read, read_week
from matching.files.plan_shape import earlier_plan, plan_of, windows_exist
from matching.files.values import BadFile, one_of, shown, text
from matching.files.writing import plain
from matching.model import PLAN_FORMAT, WEEK_FORMAT, Plan, Week, by_id

LISTS = ("places", "canteens", "elders", "volunteers", "visits", "history", "pins", "apart")


class _Last:
    """The last week that was made in Python, and as it was taken: whoever asks again about the same one does not wait again."""

    given: "ReferenceType[Week] | None" = None
    taken: Week | None = None


def take_arguments(arguments: dict[str, Any]) -> None:
    """Hold what a function of the package was given against the formats, and put it in its place as it was read.

    Parameters
    ----------
    arguments : dict
        By name: `week`, and what there is of `plan`, `old`, `new`, `start`, `visit` and `volunteer`.

    Raises
    ------
    BadFile
        Where something is not what its file could hold: one line, `path: what is wrong`, as for a file.
    """
    week = arguments["week"] = take_week(arguments["week"])
    for name in ("plan", "old", "new", "start"):
        if arguments.get(name) is not None:
            arguments[name] = _take_plan(week, arguments[name], name)
    for name, those in (("visit", week.visits), ("volunteer", week.volunteers)):
        if name in arguments:
            _in_path(name, one_of(by_id(those), name), arguments[name])


def take_week(week: object) -> Week:
    """Give a week as its file would be read; one that was read stands as it is."""
    if not isinstance(week, Week):
        message = f"must be a Week (read_week reads one), not {shown(week)}"
        raise BadFile(message, "week")
    if is_read(week):
        return week
    if _Last.given is None or _Last.given() is not week or _Last.taken is None:
        _Last.taken = read_week(_week_document(week))
        _Last.given = ref(week)
    return _Last.taken


def _take_plan(week: Week, plan: object, name: str) -> Plan:
    """Give a plan with its routes as they would be read: ids must name what the week has only in a plan of this week."""
    if not isinstance(plan, Plan):
        message = f"must be a Plan (read_plan reads one), not {shown(plan)}"
        raise BadFile(message, name)
    document = {"format": PLAN_FORMAT, "week": plan.week, "routes": _document(plan.routes)}
    if name == "start":
        read = _in_path(name, earlier_plan, document)
    else:
        known = {key: one_of(by_id(those), key) for key, those in
                 (("visit", week.visits), ("volunteer", week.volunteers), ("canteen", week.canteens))}  # fmt: skip
        read = _in_path(name, plan_of(known | {"week": text}) if name == "plan" else earlier_plan, document)
        _in_path(name, lambda plan: windows_exist(plan, week.volunteers), read)
    return replace(plan, routes=read.routes)


def _in_path(name: str, reader: Any, value: object) -> Any:  # noqa: ANN401
    try:
        return reader(value)
    except BadFile as bad:
        raise bad.inside(name) from None


def _week_document(week: Week) -> dict[str, Any]:
    """Give a week as what its file would hold; what no file can hold stays as it is, to be refused."""
    return {
        "format": WEEK_FORMAT,
        "name": week.name,
        "week_start": _document(week.week_start),
        "days": week.days,
        "travel": _document(week.travel),
        "weights": _document(week.weights),
        **{key: _document(getattr(week, key)) for key in LISTS},
        "baseline": _baseline(week.baseline),
        "max_touched": week.max_touched,
        "from": _document(week.from_),
    }


def _baseline(plan: object) -> object:
    """Give a baseline as its file: what it says of unserved visits too, which tells what was not served before either."""
    if not isinstance(plan, Plan):
        return _document(plan)
    said = _document(plan)
    said |= {"format": PLAN_FORMAT, "bound": None if plan.bound is None else {"served_weight": plan.bound}}
    return {key: one for key, one in said.items() if one is not None}


def _document(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, set | frozenset):
        return [_document(one) for one in sorted(value, key=str)]
    if isinstance(value, tuple | list):
        return [_document(one) for one in value]
    if isinstance(value, Mapping):
        return {key: _document(one) for key, one in value.items()}
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value):
        return {key: _document(one) for key, one in plain(value).items()}
    return value
