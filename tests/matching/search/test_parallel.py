"""Two hands on one plan: whatever they do at once, the plan is whole and clean afterwards, and its sums are true."""

import numpy as np
import pytest

from matching.files import read_week
from matching.model import Week
from matching.proof import ceiling as proof
from matching.proof.ceiling import trivial
from matching.referee.check import check
from matching.search.anneal import no_best, note_best
from matching.search.construct import order
from matching.search.outcome import draft, score
from matching.search.parallel import Parallel
from matching.search.problem import compile_week
from matching.search.recreate import insert_all
from matching.search.state import LOST, MISSING, OWNER, SPOT, WHOSE, empty_state
from matching.solve import solve
from tests.benchmarks.generate import generate
from tests.matching.random_weeks import random_week


def searched(of: Week, rounds: int) -> None:
    """Search a week with two hands and hold the plan against the referee after every round."""
    problem = compile_week(of)
    state = empty_state(problem, 1)
    insert_all(problem.facts, state, np.array(order(problem), dtype=np.int64))
    best = no_best(len(problem.facts.windows), problem.most_stops)
    note_best(problem.facts, state, best)
    hands = Parallel(problem, state, 1)
    for _ in range(rounds):
        hands.anneal(best, 300, 40.0)
        verdict = check(of, draft(problem, state))
        assert verdict.ok, verdict.breaches
        assert verdict.score == score(problem, state)
        unserved = state.visits[: problem.size, SPOT] < 0
        assert state.sums[LOST] == sum(value for value, one in zip(problem.visits.value, unserved, strict=True) if one)
        assert state.sums[MISSING] == int((unserved & (np.array(problem.visits.fits.counts()) > 0)).sum())
        assert not state.windows[:, OWNER].any()
        assert not state.visits[:, WHOSE].any()


@pytest.mark.parametrize("scarce", [False, True])
def test_a_community_searched_by_two_hands_stays_a_clean_plan(scarce: bool) -> None:
    searched(read_week(generate("S", 1, scarce=scarce)), rounds=8)


@pytest.mark.parametrize("seed", range(0, 40, 4))
def test_odd_weeks_searched_by_two_hands_stay_clean_plans(seed: int) -> None:
    of = random_week(seed)
    if of.baseline is None and any(one.windows for one in of.volunteers):
        searched(of, rounds=3)


def test_a_street_is_searched_by_two_hands_and_planned_without_a_breach() -> None:
    of = read_week(generate("M", 1))
    said = []
    plan = solve(of, seconds=6, workers=2, progress=said.append)
    verdict = check(of, plan)
    assert verdict.ok, verdict.breaches
    assert verdict.score == plan.score
    assert {"travel", "new_faces", "fairness"} <= said[-2].keys()
    assert plan.score.served_weight > said[0]["served_weight"]


def test_beside_two_hands_the_hardest_visits_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    of = read_week(generate("S", 1))
    monkeypatch.setattr(proof, "MOST_CANDIDATES", 0)  # a community stands for a street, whose rows take longer to solve
    nothing_known, told = trivial(compile_week(of)), []
    stopped = solve(of, seconds=90, workers=2, progress=told.append, stop=lambda: bool(told) and told[-1]["bound"] < nothing_known)
    assert stopped.bound < nothing_known
