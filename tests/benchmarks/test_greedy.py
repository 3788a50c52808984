"""The first-fit greedy keeps every rule, and the share of known faces counts what it says."""

from dataclasses import replace

import pytest

from matching.files import read_week
from matching.model import Plan, Route, VisitStop
from matching.referee.check import check
from tests.benchmarks.faces import known_share
from tests.benchmarks.generate import generate
from tests.benchmarks.greedy import greedy
from tests.matching.random_weeks import random_week


@pytest.mark.parametrize("scarce", [False, True])
@pytest.mark.parametrize(("size", "seed"), [("T", 1), ("T", 2), ("T", 3), ("S", 1)])
def test_the_referee_accepts_the_greedy_on_generated_weeks(size: str, seed: int, scarce: bool) -> None:
    week = read_week(generate(size, seed, scarce=scarce))
    verdict = check(week, greedy(week))
    assert verdict.breaches == ()
    assert verdict.score.served_weight > 0.5 * sum(visit.weight for visit in week.visits)


@pytest.mark.parametrize("seed", range(100))
def test_the_referee_accepts_the_greedy_on_odd_weeks_without_pins(seed: int) -> None:
    week = replace(random_week(seed), pins=(), baseline=None, max_touched=None)
    assert check(week, greedy(week)).breaches == ()


def test_the_greedy_serves_a_crew_of_two() -> None:
    week = read_week(generate("S", 1))
    pairs = {visit.id for visit in week.visits if visit.crew == 2}
    served = [stop.visit for route in greedy(week).routes for stop in route.stops if isinstance(stop, VisitStop)]
    assert any(served.count(visit) == 2 for visit in pairs)


def test_known_faces_are_counted_only_where_a_known_face_could_come() -> None:
    week = read_week(generate("T", 1))
    visit = next(one for one in week.visits if one.kind == "company")
    elder = next(one for one in week.elders if one.id == visit.elder)
    able = next(one for one in week.volunteers if "company" in one.skills and any(window.day in visit.days for window in one.windows))
    friend = replace(able, id="friend", radius=None, windows=(able.windows[0]._replace(day=visit.days[0], start=480, end=1080),))
    alone = replace(
        week,
        volunteers=(friend, *week.volunteers),
        elders=(replace(elder, preferred=("friend",), excluded=()),),
        visits=(visit,),
        history=frozenset(),
    )
    stop = VisitStop(visit=visit.id, start=visit.window[0])
    by_friend = Plan(week=week.name, routes=(Route(volunteer="friend", window=0, stops=(stop,)),))
    by_stranger = Plan(week=week.name, routes=(Route(volunteer=able.id, window=0, stops=(stop,)),))
    cannot = replace(alone, volunteers=(replace(friend, skills=()), *week.volunteers))
    assert known_share(alone, by_friend) == 1
    assert known_share(alone, by_stranger) == 0
    assert known_share(cannot, by_stranger) is None
