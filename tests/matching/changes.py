"""Every change a row of the table of fixes could make, to show that a fix given is the first and the least."""

from collections.abc import Iterator

from matching.model import Visit, Volunteer, Week, Window
from tests.matching.weeks import Json

STEP = 5
ROWS = (
    "volunteer.max", "visit.window", "volunteer.window", "more.window", "visit.days", "volunteer.radius", "volunteer.skills",
    "canteen.hot", "recruit", "visit.crew",
)  # fmt: skip


def row_of(fix: Json) -> str:
    """The row of the table a fix belongs to."""
    change = fix["change"]
    if change in {"volunteer.max_day", "volunteer.max_week"}:
        return "volunteer.max"
    return "more.window" if change == "volunteer.window" and "index" not in fix else str(change)


def size_of(week: Week, visit: Visit, fix: Json) -> int:
    """How big a change is."""
    people = {one.id: one for one in week.volunteers}
    row, mine = row_of(fix), people.get(fix.get("volunteer", ""))
    if row == "volunteer.max":
        key = fix["change"].split(".")[1]
        return fix[key] - getattr(mine, key)
    if row == "visit.window":
        return (fix["window"][1] - fix["window"][0]) - (visit.window[1] - visit.window[0])
    if row == "volunteer.window":
        old = mine.windows[fix["index"]]
        return (fix["window"][2] - fix["window"][1]) - (old.end - old.start)
    if row == "more.window":
        return fix["window"][2] - fix["window"][1]
    if row == "volunteer.radius":
        return int(fix["radius"] - mine.radius)
    if row == "canteen.hot":
        return fix["hot"] - next(one.hot for one in week.canteens if one.id == fix["canteen"])
    return 1


MOST = {"volunteer.max": 60, "visit.window": 180, "volunteer.window": 120, "more.window": 240, "canteen.hot": 15}


def changes(week: Week, visit: Visit, row: str, size: int | None) -> Iterator[Json]:
    """Every change of a row that is as big as `size`, or as the row allows."""
    size = MOST.get(row, 1) if size is None else size
    if row == "visit.window":
        yield from _moved(week, visit, size)
    if row == "visit.days":
        yield from ({"change": row, "visit": visit.id, "days": [*visit.days, day]} for day in range(week.days) if day not in visit.days)
    if row == "canteen.hot" and visit.canteen:
        hot = next(one.hot for one in week.canteens if one.id == visit.canteen)
        if hot is not None:
            yield {"change": row, "canteen": visit.canteen, "hot": hot + size}
    if row == "visit.crew" and visit.crew == 2:
        yield {"change": row, "visit": visit.id, "crew": 1}
    if row == "recruit":
        yield from _anybody(week, visit)
    for one in week.volunteers:
        yield from _of_volunteer(week, visit, one, row, size)


def _anybody(week: Week, visit: Visit) -> Iterator[Json]:
    """One or two at the door who can do and carry everything, free the whole day."""
    place = next(one.place for one in week.elders if one.id == visit.elder)
    skills = [*visit.skills, *(visit.second.skills if visit.second else ())]
    for day in visit.days:
        for mode in week.travel.pace or week.travel.minutes or ():
            for gender in ("F", "M"):
                for count in range(1, visit.crew + 1):
                    yield {
                        "change": "recruit", "place": place, "skills": skills, "window": [day, 0, 1440], "gender": gender,
                        "mode": mode, "count": count,
                    }  # fmt: skip


def _of_volunteer(week: Week, visit: Visit, one: Volunteer, row: str, size: int) -> Iterator[Json]:
    if row == "volunteer.max":
        yield {"change": "volunteer.max_day", "volunteer": one.id, "max_day": one.max_day + size}
        yield {"change": "volunteer.max_week", "volunteer": one.id, "max_week": one.max_week + size}
    if row == "volunteer.radius" and one.radius is not None:
        yield {"change": row, "volunteer": one.id, "radius": one.radius * 2 if size == 1 else one.radius + size}
    if row == "volunteer.skills":
        wanted = {*visit.skills, *(visit.second.skills if visit.second else ())}
        yield from ({"change": row, "volunteer": one.id, "skills": [skill]} for skill in wanted - set(one.skills))
    if row in {"volunteer.window", "more.window"}:
        yield from _windows(week, visit, one, row, size)


def _moved(week: Week, visit: Visit, size: int) -> Iterator[Json]:
    start, end = visit.window
    for sooner in range(0, size + STEP, STEP):
        window = [start - sooner, end + size - sooner]
        if window[0] >= 0 and (week.days == 1 or window[1] <= 1440):
            yield {"change": "visit.window", "visit": visit.id, "window": window}


def _windows(week: Week, visit: Visit, one: Volunteer, row: str, size: int) -> Iterator[Json]:
    held = [window for window in one.windows if window.start < window.end]
    for index, old in enumerate(one.windows):
        if row == "volunteer.window" and old.start < old.end and old.day in visit.days:
            for sooner in range(0, size + STEP, STEP):
                window = [old.day, old.start - sooner, old.end + size - sooner]
                if _free(window, [other for other in held if other != old], week.days):
                    yield {"change": row, "volunteer": one.id, "index": index, "window": window}
    if row == "more.window":
        for day in visit.days:
            for start in range(max(0, visit.window[0] - 60), visit.window[1]):
                window = [day, start, start + size]
                if _free(window, held, week.days):
                    yield {"change": "volunteer.window", "volunteer": one.id, "window": window}


def _free(window: list[int], others: list[Window], days: int) -> bool:
    day, start, end = window
    return (
        start >= 0 and (days == 1 or end <= 1440) and all(other.day != day or end <= other.start or other.end <= start for other in others)
    )
