"""Reasons and fixes held against a slow reading of the contract, on random and on generated weeks."""

import json
import random
from collections import Counter
from functools import cache

import pytest

from matching.advice.assign import apply, insertions
from matching.advice.audit import fixed
from matching.advice.explain import explain
from matching.files import read_week, week_to_json
from matching.model import Plan, Unserved, Visit, Week
from matching.reasons import REASONS
from matching.referee.check import check
from tests.benchmarks.generate import generate
from tests.matching.changes import MOST, ROWS, changes, row_of, size_of
from tests.matching.random_weeks import scene, ways
from tests.matching.slow import Truth
from tests.matching.weeks import Json

METRES = 50
MOST_CHANGES = 150
WEEKS = (("T", 1), ("T", 2), ("S", 3))
LOOKED = 5


@cache
def half_planned(size: str, seed: int) -> tuple[Week, Plan]:
    """A scarce week of a size of the contract, in which the dearest ninety visits were put where they cost least."""
    of = read_week(json.loads(json.dumps(generate(size, seed, scarce=True))))
    made = Plan(week=of.name, routes=())
    for one in sorted(of.visits, key=lambda one: (-one.weight, one.id))[:90]:
        found = insertions(of, made, one.id)
        if found:
            made = apply(made, found[0])
    return of, made


def explained(of: Week, made: Plan) -> list[tuple[Visit, Unserved]]:
    visits = {one.id: one for one in of.visits}
    return [(visits[said.visit], said) for said in explain(of, made)]


def lets_in(truth: Truth, change: Json, name: str) -> bool:
    after = Truth(fixed(truth.week, change), truth.plan, truth)
    return bool(after.crews(after.visits[name], one_is=change.get("volunteer")))


def smaller(of: Week, visit: Visit, fix: Json) -> list[Json]:
    """The changes of the same row that are one step smaller."""
    row = row_of(fix)
    if row == "recruit":
        return [change for change in changes(of, visit, row, 1) if change["count"] < fix.get("count", 1)]
    less = size_of(of, visit, fix) - (METRES if row == "volunteer.radius" else 5)
    return list(changes(of, visit, row, less)) if (row in MOST or row == "volunteer.radius") and less > 0 else []


def of_an_earlier_id(of: Week, visit: Visit, fix: Json) -> list[Json]:
    """The changes of the same row and size for somebody whose id comes first."""
    row, name = row_of(fix), fix.get("volunteer", "")
    if row not in {*MOST, "volunteer.radius", "volunteer.skills"}:
        return []
    return [change for change in changes(of, visit, row, size_of(of, visit, fix)) if change.get("volunteer", name) < name]


def earlier(of: Week, visit: Visit, fix: Json | None) -> list[Json]:
    """The changes of every earlier row, as big as the row allows."""
    rows = ROWS if fix is None else ROWS[: ROWS.index(row_of(fix))]
    return [change for row in rows for change in changes(of, visit, row, None)]


def some(dice: random.Random, found: list[Json], most: int) -> list[Json]:
    return dice.sample(found, min(most, len(found)))


def test_the_slow_reading_finds_a_crew_where_the_referee_would_let_one_in() -> None:
    for seed in range(12):
        of, made = scene(seed)
        truth = Truth(of, made)
        for visit, _ in explained(of, made)[:2]:
            assert bool(truth.crews(visit)) == any(True for _ in ways(of, made, visit)), seed


def test_each_reason_on_random_weeks_is_the_contracts_and_names_those_it_turns_on() -> None:
    seen: Counter[str] = Counter()
    for seed in range(300):
        of, made = scene(seed)
        truth = Truth(of, made)
        for visit, said in explained(of, made):
            assert (said.reason, set(said.who)) == truth.reason(visit), (seed, visit.id)
            seen[said.reason] += 1
    assert seen.keys() == REASONS.keys()
    assert min(seen.values()) > 10


@pytest.mark.parametrize(("size", "seed"), WEEKS)
def test_each_reason_on_generated_weeks_is_the_contracts(size: str, seed: int) -> None:
    of, made = half_planned(size, seed)
    truth = Truth(of, made)
    said = explained(of, made)
    assert len(said) > 10
    for visit, one in random.Random(seed).sample(said, min(40, len(said))):
        assert (one.reason, set(one.who)) == truth.reason(visit), visit.id


def test_each_fix_on_random_weeks_works_and_neither_less_nor_an_earlier_row_nor_id_would_do() -> None:
    seen: Counter[str | None] = Counter()
    for seed in range(60):
        of, made = scene(seed)
        truth = Truth(of, made)
        for visit, said in explained(of, made):
            if said.reason in {"pin", "search"}:
                assert said.fix is None
                continue
            seen[said.fix and row_of(said.fix)] += 1
            assert said.fix is None or lets_in(truth, said.fix, visit.id)
            tried = earlier(of, visit, said.fix)
            if said.fix is not None:
                assert size_of(of, visit, said.fix) <= MOST.get(row_of(said.fix), 10**9)
                tried += smaller(of, visit, said.fix) + of_an_earlier_id(of, visit, said.fix)
            assert not [change for change in tried if lets_in(truth, change, visit.id)], (seed, visit.id, said.fix)
    assert len(seen) > 8


@pytest.mark.parametrize(("size", "seed"), WEEKS)
def test_each_fix_on_generated_weeks_works_and_one_step_less_fails(size: str, seed: int) -> None:
    of, made = half_planned(size, seed)
    truth, dice = Truth(of, made), random.Random(seed)
    for visit, said in dice.sample(explained(of, made), LOOKED):
        if said.fix is None:
            continue
        assert lets_in(truth, said.fix, visit.id)
        tried = some(dice, smaller(of, visit, said.fix), MOST_CHANGES) + some(dice, earlier(of, visit, said.fix), MOST_CHANGES)
        assert not [change for change in tried if lets_in(truth, change, visit.id)], (visit.id, said.fix)


@pytest.mark.parametrize(("size", "seed"), WEEKS)
def test_a_week_with_its_fix_made_is_a_week_and_the_referee_accepts_the_visit_in_it(size: str, seed: int) -> None:
    of, made = half_planned(size, seed)
    for visit, said in random.Random(seed).sample(explained(of, made), 10):
        if said.fix is not None:
            after = read_week(json.loads(week_to_json(fixed(of, said.fix))))
            assert check(after, apply(made, insertions(after, made, visit.id)[0])).ok
