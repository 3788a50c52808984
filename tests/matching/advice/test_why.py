from collections import Counter

import pytest

from matching import reasons
from matching.advice.assign import without
from matching.advice.rank import rank
from matching.advice.why import Fact, facts, why
from matching.model import Plan, VisitStop, Week
from matching.referee.case import Case, work_by_volunteer
from matching.referee.check import check
from tests.matching.random_weeks import scene
from tests.matching.slow import Truth
from tests.matching.weeks import at, elder, meal, pickup, plan, route, visit, volunteer, week

TWO = {"volunteers": [volunteer("v1"), volunteer("v2", place="p20")]}
PIN = {"visit": "x1", "volunteers": ["v1"], "day": 0, "start": None}

# fact, the week, what else stands beside x1 with v1 at 500
CASES = {
    "pinned": ({"pins": [PIN]}, []),
    "preferred": ({"elders": [elder(preferred=["v1"])]}, []),
    "known": ({"history": [["e1", "v1"]]}, []),
    "meets": ({"visits": [visit("x1"), visit("x2")]}, [at("x2", 600)]),
    "only_skill": ({"volunteers": [volunteer("v1"), volunteer("v2", skills=[])]}, []),
    "only": ({"visits": [visit("x1", skills=[])], "volunteers": [volunteer("v1"), volunteer("v2", radius=1, place="p9")]}, []),
    "few": (TWO, []),
    "alone": ({"volunteers": [volunteer("v1"), volunteer("v2", windows=[])]}, []),
    "nearest": (TWO, []),
    "least_way": (TWO, []),
    "fair": ({"volunteers": [volunteer("v1"), volunteer("v2", used=[[3, 100]])]}, []),
    "skill": (TWO, []),
    "near": ({"volunteers": [volunteer("v1"), volunteer("v2", place="p4")]}, []),
    "on_the_way": ({"volunteers": [volunteer("v1"), volunteer("v2", place="p4")]}, []),
    "free": ({}, []),
    "load": ({"volunteers": [volunteer("v1", used=[[3, 100]]), volunteer("v2")]}, []),
}


@pytest.mark.parametrize("name", CASES)
def test_each_fact_is_found_where_it_holds(name: str) -> None:
    changes, beside = CASES[name]
    of = week(**changes)
    found = facts(of, plan(of, route("v1", at("x1", 500), *beside)), "x1", "v1")
    assert name in {fact.name for fact in found}


def test_every_fact_has_a_case() -> None:
    assert list(CASES) == list(reasons.WHY)


def test_the_four_strongest_are_said() -> None:
    of = week(history=[["e1", "v1"]], visits=[meal()], **TWO)
    made = plan(of, route("v1", pickup(600, "x1"), at("x1", 605)))
    words = why(of, made, "x1", "v1", names=lambda kind, name: "王奶奶" if kind == "elder" else name)
    assert (
        words.zh
        == "您以前去过 王奶奶 家，是熟面孔；能上门的只有 2 位；那时抽得出身的 2 位里您住得最近，离您家直线约 500 米；顺路，只多 10 分钟路程，换别人去不会更少。"
    )
    assert words.en.startswith("You have been to 王奶奶 before; only 2 can come at all; of the 2 who are free")
    assert words.en.endswith(".")


def test_somebody_who_is_not_given_the_visit_is_told_nothing_about_a_way() -> None:
    of = week(**TWO)
    found = facts(of, plan(of, route("v1", at("x1", 500))), "x1", "v2")
    assert not {"least_way", "on_the_way", "free"} & {fact.name for fact in found}


def test_every_fact_on_random_weeks_is_true_and_none_that_compares_is_kept_back() -> None:
    seen: Counter[str] = Counter()
    for seed in range(120):
        of, made = scene(seed)
        for each in made.routes:
            for stop in each.stops[:2]:
                if isinstance(stop, VisitStop):
                    found = facts(of, made, stop.visit, each.volunteer)
                    assert_true(of, made, stop.visit, each.volunteer, found)
                    seen.update(fact.name for fact in found)
    assert len(seen) > 12


def assert_true(of: Week, made: Plan, visit_: str, name: str, found: list[Fact]) -> None:
    """Hold every fact against the week, the referee and the slow reading of the contract."""
    said = {fact.name: fact.fields for fact in found}
    bare = without(made, visit_)
    truth, case = Truth(of, bare), Case(of, bare)
    one = truth.visits[visit_]
    home, door = truth.people[name].place, truth.elders[one.elder].place
    pinned = {pin.visit: pin.volunteers for pin in of.pins}
    free = {who for crew in truth.crews(one) for who in crew} if visit_ not in pinned else set()
    assert visit_ in pinned or name in free
    work = work_by_volunteer(case)
    work.update({who.id: sum(minutes for _, minutes in who.used) for who in of.volunteers})
    share = {who: work[who] / truth.people[who].max_week for who in free}
    may_first, may_second = truth.allowed(one)
    came = any(
        stop.visit != visit_ and truth.visits[stop.visit].elder == one.elder
        for each in made.routes
        for stop in each.stops
        if each.volunteer == name and isinstance(stop, VisitStop)
    )
    preferred, known = name in truth.elders[one.elder].preferred, (one.elder, name) in of.history
    assert ("pinned" in said) == (name in pinned.get(visit_, ()))
    assert ("preferred" in said) == preferred
    assert ("known" in said) == (known and not preferred)
    assert ("meets" in said) == (came and not known and not preferred)
    assert ("alone" in said) == (free == {name})
    assert ("fair" in said) == (len(free) > 1 and share[name] <= min(share.values()))
    for fields in (said.get("fair"), said.get("load")):
        assert fields is None or fields == {"work": work[name], "ceiling": truth.people[name].max_week}
    assert said.get("few", {"count": len(may_first | may_second)})["count"] == len(may_first | may_second)
    assert "only" not in said or may_first | may_second == {name}
    if of.travel.minutes is None or truth.places[home].lat is not None:
        metres = {who: truth.metres(truth.people[who].place, door) for who in free}
        assert ("nearest" in said) == (len(free) > 1 and metres[name] <= min(metres.values()) + 1e-6)
        metres[name] = truth.metres(home, door)
        assert abs((said.get("nearest") or said["near"])["metres"] - metres[name]) <= 5 + 1e-6
    for key in {"skill", "only_skill"} & said.keys():
        others = [who for who in of.volunteers if set(said[key]["skills"]) <= set(who.skills)]
        assert name in {who.id for who in others}
        assert (key == "only_skill") == (len(others) == 1)
    if one.crew == 1:
        way = said.get("least_way") or said["on_the_way"]
        assert way["minutes"] == check(of, made).score.travel - check(of, bare).score.travel
        assert ("least_way" in said) == (len(free) > 1 and way["minutes"] <= min(other.travel for other in rank(of, made, visit_)))
