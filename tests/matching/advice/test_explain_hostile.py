"""Weeks nobody would make on purpose: whoever judges, explains or advises has an answer for each."""

import pytest

from matching.advice.audit import audit
from matching.advice.explain import explain
from matching.advice.rank import rank
from matching.advise import advise
from matching.compare import compare
from matching.model import Plan
from matching.referee.check import check
from tests.matching.weeks import Json, canteen, elder, meal, place, visit, volunteer, week

POLES = [{"id": "p0", "lat": 90, "lon": 0, "access": 0}, {"id": "p5", "lat": -90, "lon": 180, "access": 1_000_000_000}]
NAME = "王奶奶👵\u3000\u202e"
WEEKS: dict[str, Json] = {
    "nothing at all": {"places": [], "canteens": [], "elders": [], "volunteers": [], "visits": []},
    "nobody to serve": {"volunteers": []},
    "nobody to be served": {"elders": [], "visits": []},
    "no window": {"volunteers": [volunteer(windows=[])]},
    "only withdrawn windows": {"volunteers": [volunteer(windows=[[0, 0, 0], [0, 720, 720], [6, 1440, 1440]])]},
    "everybody in one place": {"places": [place(0)], "elders": [elder(place="p0")], "visits": [visit("x1"), meal("x2")]},
    "no canteen": {"canteens": []},
    "a canteen nobody reaches": {"visits": [meal()], "canteens": [canteen(ready=1_000_000_000)]},
    "food that is cold at once": {"visits": [meal()], "canteens": [canteen(hot=0)]},
    "from pole to pole": {"places": POLES, "canteens": []},
    "no detour": {"travel": {"detour": 0, "pace": {"walk": 0.001}}},
    "nothing costs anything": {"weights": {"travel": 0, "new_face": 0, "fairness": 0, "touched": 0}},
    "everything costs much": {"weights": dict.fromkeys(("travel", "new_face", "fairness", "touched"), 1_000_000_000)},
    "the greatest weights": {"visits": [visit("x1", weight=1_000_000), visit("x2", weight=1_000_000, skills=["none"])]},
    "a visit longer than a day": {"visits": [visit(minutes=1_000_000)]},
    "a visit longer than its window": {"visits": [visit(window=[500, 500])]},
    "a name of any letters": {"visits": [visit(NAME, skills=[NAME])]},
    "a pin for too many": {"pins": [{"visit": "x1", "volunteers": ["v1", "v2"], "day": 0, "start": None}],
                           "volunteers": [volunteer("v1"), volunteer("v2")]},
    "a pin for nobody on another day": {"pins": [{"visit": "x1", "volunteers": [], "day": 6, "start": None}]},
    "the week is over": {"from": [6, 1440]},
    "nobody may be touched": {"baseline": {"format": "timebank-plan/1", "week": "tiny", "routes": []}, "max_touched": 0},
    "a crew of nobody": {"visits": [visit(crew=2, second={"skills": ["x"], "gender": "M"})], "volunteers": []},
    "a day of a million minutes": {"days": 1, "volunteers": [volunteer(windows=[[0, 0, 1_000_000]])],
                                   "visits": [visit(window=[0, 1_000_000_000], skills=["x"])]},
}  # fmt: skip


@pytest.mark.parametrize("name", WEEKS)
def test_every_week_is_judged_explained_ranked_and_advised_on(name: str) -> None:
    of = week(**WEEKS[name])
    made = Plan(week=of.name, routes=())
    verdict = check(of, made)
    said = explain(of, made)
    assert {one.visit for one in said} == {one.id for one in of.visits}
    found = audit(of, Plan(week=of.name, routes=(), unserved=said, score=verdict.score, bound=10**9, status="feasible"), verdict)
    assert found == []
    assert compare(of, made, made)["touched"] == 0
    for one in of.visits:
        assert bool(rank(of, made, one.id)) == any(each.visit == one.id and each.reason == "search" for each in said)
    assert isinstance(advise(of, made, seconds=0.5), list)
