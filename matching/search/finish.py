"""The last look: no visit stays out that could still be put in, not even with its pick-up far ahead of its door."""

import numpy as np

from matching.search.construct import order
from matching.search.problem import Problem
from matching.search.recreate import insert_all
from matching.search.repair import insert_apart
from matching.search.state import SPOT, State


def fill(problem: Problem, state: State, *, thorough: bool = False) -> int:
    """Serve visits that still fit somewhere; return how many. `thorough` also parts a pick-up from its delivery."""
    waiting = [visit for visit in order(problem) if state.visits[visit, SPOT] < 0]
    added = insert_all(problem.facts, state, np.array(waiting, dtype=np.int64))
    if thorough:
        added += sum(insert_apart(problem.facts, state, visit) for visit in waiting if state.visits[visit, SPOT] < 0)
    return added
