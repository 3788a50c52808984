"""The shapes of contract section 1: what a place, a volunteer, a visit and the rest of a week must look like in a file."""

from datetime import date
from itertools import pairwise
from typing import Any

from matching.files.values import (
    MOST,
    BadFile,
    Reader,
    at,
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
    truth,
    whole,
)
from matching.model import (
    DAY,
    Apart,
    Canteen,
    Elder,
    Pin,
    Place,
    Second,
    Travel,
    Visit,
    Volunteer,
    Window,
)

MINUTE = whole()
GENDER = maybe(one_of(("F", "M"), "gender"))


def monday(value: object) -> date:
    """Read the Monday a week begins with."""
    written = text(value)
    try:
        day = date.fromisoformat(written)
    except ValueError:
        day = None
    if day is None or day.isoformat() != value or day.weekday():
        message = f"must be a Monday as YYYY-MM-DD, not {shown(value)}"
        raise BadFile(message)
    return day


def travel_of(value: object) -> Travel:
    """Read one of the two forms of travel."""
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


def matrices_fit(travel: Travel, size: int) -> None:
    """Refuse matrices that have not one row for each place."""
    for mode, matrix in (travel.minutes or {}).items():
        if len(matrix) != size:
            message = f"must be a list of {size}, one row for each place"
            raise BadFile(message, f".travel.minutes.{mode}")


def place_of(travel: Travel) -> Reader[Place]:
    """Give the reader of a place; only given minutes do without coordinates."""
    lat, lon = number(-90, 90), number(-180, 180)
    if travel.minutes is not None:
        return record(Place, {"id": text, "lat": maybe(lat), "lon": maybe(lon), "access": MINUTE})
    return record(Place, {"id": text, "lat": lat, "lon": lon, "access": MINUTE})


def canteen_of(place: Reader[str]) -> Reader[Canteen]:
    """Give the reader of a canteen."""
    return record(Canteen, {"id": text, "place": place, "ready": MINUTE, "hot": maybe(MINUTE)},
                  {"until": maybe(MINUTE)})  # fmt: skip


def elder_of(place: Reader[str], volunteer: Reader[str]) -> Reader[Elder]:
    """Give the reader of an elder."""
    people = listed(volunteer)
    return record(Elder, {"id": text, "place": place, "preferred": people, "excluded": people}, {"at_once": truth})


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
        for (before, _), (after, index) in pairwise(held):
            if before.day == after.day and after.start < before.end:
                message = "overlaps another window of the volunteer"
                raise BadFile(message, f"[{index}]")
        return windows

    return read


def volunteer_of(place: Reader[str], travel: Travel, days: int, *, unplaced: bool) -> Reader[Volunteer]:
    """Give the reader of a volunteer."""
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


def visit_of(elder: Reader[str], canteen: Reader[str], volunteer: Reader[str], days: int) -> Reader[Visit]:
    """Give the reader of a visit."""
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
    second = record(Second, {"skills": listed(text), "gender": GENDER}, {"minutes": whole(1)})
    return record(make, required, {"second": maybe(second), "excluded": listed(volunteer)})


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


def pin_of(visit: Reader[str], volunteer: Reader[str], days: int) -> Reader[Pin]:
    """Give the reader of a pin."""
    return record(
        Pin,
        {
            "visit": visit,
            "volunteers": listed(volunteer, lambda name: name),
            "day": whole(0, days - 1),
            "start": maybe(MINUTE),
        },
    )


def apart_of(visit: Reader[str]) -> Reader[Apart]:
    """Give the reader of two visits that are kept apart."""
    two = row(visit, visit)

    def visits(value: object) -> tuple[str, str]:
        one, other = two(value)
        if one == other:
            message = f"must name two visits, not {shown(one)} twice"
            raise BadFile(message)
        return one, other

    def make(**fields: Any) -> Apart:  # noqa: ANN401
        made = Apart(**fields)
        if not made.people and made.gap is None:
            message = "needs people or gap"
            raise BadFile(message)
        return made

    return record(make, {"visits": visits}, {"people": truth, "gap": maybe(_gap)})


def _gap(value: object) -> tuple[int, int | None]:
    least, most = row(MINUTE, maybe(MINUTE))(value)
    if most is not None and most < least:
        message = f"must not be less than {least}, not {most}"
        raise BadFile(message, "[1]")
    return least, most
