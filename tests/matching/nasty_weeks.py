"""Hypothesis strategies for tiny weeks in which everything the contract allows meets: valid JSON, small, and as nasty as can be."""

from typing import Any

from hypothesis import strategies as st

from tests.matching.weeks import METRES_PER_DEGREE

Json = dict[str, Any]
Draw = st.DrawFn

SKILLS = ("care", "meal", "nurse")
MODES = ("walk", "ebike")


def mostly(*usual: Any, seldom: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    """Usual values four times out of five: a week in which nothing fits proves nothing."""
    return st.integers(0, 4).flatmap(lambda dice: st.sampled_from(seldom if dice == 4 else usual))


@st.composite
def weeks(draw: Draw) -> Json:
    """A week of one to five visits; the minutes lie at midnight, in the morning or, with one day, past midnight."""
    days = draw(st.integers(1, 2))
    opens = draw(st.sampled_from([600, 0, 1400 if days == 1 else 1350]))
    minute = st.integers(opens, opens + 90)
    places = [f"p{number}" for number in range(draw(st.integers(2, 5)))]
    people = [f"v{number}" for number in range(draw(mostly(2, 3, seldom=(1,))))]
    kitchens = [f"c{number}" for number in range(draw(st.integers(0, 2)))]
    elders = [f"e{number}" for number in range(draw(st.integers(1, 3)))]
    place, travel = st.sampled_from(places), draw(st.one_of(st.just(None), given_minutes(len(places))))
    visits = [draw(visit(f"x{number}", elders, kitchens, days, opens)) for number in range(draw(mostly(4, 3, 5, seldom=(1, 2))))]
    week = {
        "format": "timebank-week/1", "name": "tiny", "week_start": "2026-11-23", "days": days,
        "travel": travel or {"detour": draw(st.sampled_from([1, 1.3, 0])), "pace": {"walk": 70, "ebike": 200}},
        "weights": {"travel": 1, "new_face": 20, "fairness": 1, "touched": 120},
        "places": [draw(spot(name, unplaced=travel is not None)) for name in places],
        "canteens": [draw(canteen(name, place, opens)) for name in kitchens],
        "elders": [draw(elder(name, place, people)) for name in elders],
        "volunteers": [draw(volunteer(name, place, days, opens, far=travel is None)) for name in people],
        "visits": visits,
        "history": draw(st.lists(st.tuples(st.sampled_from(elders), st.sampled_from(people)).map(list), max_size=3, unique_by=tuple)),
    }  # fmt: skip
    return week | draw(already_said(week, minute))


@st.composite
def given_minutes(draw: Draw, size: int) -> Json:
    cell = mostly(3, 1, 5, 8, seldom=(0, 20))
    return {"minutes": {mode: [[draw(cell) for _ in range(size)] for _ in range(size)] for mode in MODES}}


@st.composite
def spot(draw: Draw, name: str, *, unplaced: bool) -> Json:
    if unplaced:
        return {"id": name, "lat": None, "lon": None, "access": draw(st.integers(0, 3))}
    return {"id": name, "lat": 36 + draw(st.integers(0, 5)) * 100 / METRES_PER_DEGREE, "lon": 120.3, "access": draw(st.integers(0, 3))}


@st.composite
def canteen(draw: Draw, name: str, place: st.SearchStrategy[str], opens: int) -> Json:
    ready = opens + draw(mostly(0, 10, 20, seldom=(40,)))
    return {
        "id": name, "place": draw(place), "ready": ready, "until": draw(mostly(None, ready + 40, ready + 20, seldom=(ready,))),
        "hot": draw(mostly(None, 20, 25, 30, seldom=(0, 6, 12))),
    }  # fmt: skip


@st.composite
def elder(draw: Draw, name: str, place: st.SearchStrategy[str], people: list[str]) -> Json:
    said = st.lists(st.sampled_from(people), max_size=1)
    return {"id": name, "place": draw(place), "preferred": draw(said), "excluded": draw(said) if draw(st.integers(0, 4)) == 4 else []}


@st.composite
def volunteer(draw: Draw, name: str, place: st.SearchStrategy[str], days: int, opens: int, *, far: bool) -> Json:
    latest = 2000 if days == 1 else 1440
    windows = []
    for day in [*range(days), *([0] if draw(st.booleans()) else [])]:
        start = min(windows[0][2] if day < len(windows) else opens + draw(st.integers(0, 10)), latest)
        windows.append([day, start, min(start + draw(mostly(90, 60, 45, seldom=(25, 0))), latest)])
    return {
        "id": name, "place": draw(place), "gender": draw(mostly("F", seldom=("M", None))),
        "skills": draw(mostly(list(SKILLS), ["care", "meal"], seldom=(["meal", "nurse"], ["care"], []))),
        "mode": draw(st.sampled_from(MODES)), "boxes": draw(mostly(4, 2, seldom=(1, 0))), "trips": draw(mostly(None, 2, 1, seldom=(0,))),
        "radius": draw(mostly(None, 600, seldom=(300, 0))) if far else None, "windows": windows,
        "max_day": draw(mostly(500, 60, 45, seldom=(20, 1))), "max_week": draw(mostly(900, 80, 50, seldom=(30, 1))),
        "used": draw(st.lists(st.tuples(st.integers(0, days - 1), st.integers(0, 30)).map(list), max_size=1)),
    }  # fmt: skip


@st.composite
def visit(draw: Draw, name: str, elders: list[str], kitchens: list[str], days: int, opens: int) -> Json:
    start = opens + draw(st.integers(0, 40))
    end = start + draw(mostly(40, 25, 60, seldom=(10, 0)))
    made = {
        "id": name, "elder": draw(st.sampled_from(elders)), "kind": "help", "skills": draw(mostly([], ["care"], seldom=(["nurse"], ["care", "nurse"]))),
        "days": draw(st.sampled_from([[0], [0, 1], [1]] if days == 2 else [[0]])), "window": [start, end if days == 1 else min(end, 1440)],
        "minutes": draw(mostly(15, 10, 20, seldom=(1, 25))), "crew": 1, "weight": draw(mostly(2, 3, 5, 8, seldom=(1, 1_000_000))),
        "gender": draw(mostly(None, seldom=("F",))), "canteen": None, "boxes": 0,
    }  # fmt: skip
    made["window"][0] = min(made["window"])
    if kitchens and draw(st.booleans()):
        return made | {
            "kind": "meal",
            "skills": ["meal"],
            "canteen": draw(st.sampled_from(kitchens)),
            "boxes": draw(st.sampled_from([1, 2])),
        }
    if draw(st.integers(0, 2)) == 0:
        second = draw(st.sampled_from([None, {"skills": [], "gender": None}, {"skills": ["care"], "gender": "F"}]))
        minutes = draw(mostly(None, 5, 30, seldom=(1,)))
        return made | {"crew": 2, "second": second and second | ({"minutes": minutes} if minutes else {})}
    return made


@st.composite
def already_said(draw: Draw, week: Json, minute: st.SearchStrategy[int]) -> Json:
    """What an office has settled before: pins, the moment to start from, an earlier plan and how far it may be left."""
    said: Json = {}
    if draw(st.integers(0, 2)) == 2:
        said["pins"] = [draw(pin(one, week)) for one in week["visits"] if draw(st.integers(0, 2)) == 2]
    if draw(st.integers(0, 3)) == 3:
        said["from"] = [draw(mostly(0, seldom=(week["days"] - 1,))), draw(minute)]
    if draw(st.integers(0, 2)) == 2:
        said |= {"baseline": draw(baseline(week)), "max_touched": draw(st.sampled_from([None, 2, 1, 0]))}
    return said


@st.composite
def pin(draw: Draw, one: Json, week: Json) -> Json:
    names = st.sampled_from([person["id"] for person in week["volunteers"]])
    people = draw(st.lists(names, max_size=draw(mostly(1, one["crew"], seldom=(2,))), unique=True))
    start = st.integers(*one["window"])
    return {
        "visit": one["id"],
        "volunteers": people,
        "day": draw(mostly(*one["days"], seldom=(0, week["days"] - 1))),
        "start": draw(mostly(None, seldom=(one["window"][0], draw(start)))),
    }


@st.composite
def baseline(draw: Draw, week: Json) -> Json:
    """What is left of an earlier plan: it kept everybody's hours, but much of it need not hold any more, and it names who has left."""
    routes = [{"volunteer": "gone", "window": 3, "stops": [{"visit": "x0", "start": 600}]}]
    for one in week["volunteers"]:
        for at, (_, opens, closes) in enumerate(one["windows"]):
            visits = draw(
                st.lists(st.sampled_from(week["visits"]), max_size=draw(mostly(1, 0, seldom=(2,))), unique_by=lambda visit: visit["id"])
            )
            spans = [(visit["id"], max(opens, visit["window"][0]), min(closes, visit["window"][1]) - visit["minutes"]) for visit in visits]
            stops = [{"visit": name, "start": draw(st.integers(first, last))} for name, first, last in spans if first <= last]
            if stops:
                routes.append({"volunteer": one["id"], "window": at, "stops": stops})
    return {"format": "timebank-plan/1", "week": "tiny", "routes": routes}
