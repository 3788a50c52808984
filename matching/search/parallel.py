"""Two hands on one plan: a big week is parted along a line that is drawn anew each time, and both parts are searched at once.

All goals are sums over volunteers, so whoever keeps to the windows of one side changes nothing on the other. What
crosses the line stays as it is until the next line is drawn. Machine code lets go of the interpreter, so threads do.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from matching.search.anneal import WHOLE, Best, anneal, note_all, note_best
from matching.search.compiled import compiled, door, whole
from matching.search.facts import FITS, FITS_END, NODE, OUT, SLOT, TIES, TIES_END, VOLUNTEER, Facts, Ints
from matching.search.problem import Problem
from matching.search.randomness import dice
from matching.search.state import (
    GAPS,
    HANDS,
    LIMIT,
    LOGS,
    LOST,
    MISSING,
    MISSING_AT,
    MISSING_LIST,
    MOST_LOGGED,
    NEW_FACES,
    NOW,
    OWNER,
    SPOT,
    SPOT_TOO,
    SUM,
    SUMS,
    TOUCHED,
    TRAVELLED,
    TRIAL_TRIPS,
    TRIALS,
    UNFAIR,
    WHO,
    WHOSE,
    State,
    mark,
)

SEED_STEP = 7_919
FAR_OF = 12
LEFT_HAND, RIGHT_HAND, NO_HAND = 1, 2, -1


class Parallel:
    """Two hands that search the plan of one state."""

    def __init__(self, problem: Problem, state: State, seed: int) -> None:
        self.problem = problem
        self.state = state
        self.hands = [self._hand(number, seed) for number in range(1, HANDS + 1)]
        self.pools = np.zeros((HANDS, max(1, problem.size)), dtype=np.int64)
        self.threads = ThreadPoolExecutor(HANDS)
        self.draw = np.random.default_rng(seed)

    def _hand(self, number: int, seed: int) -> State:
        """Return a state that shares the plan and has its own sums, lists, log and dice."""
        whole = self.state
        sums = np.zeros(SUMS, dtype=np.int64)
        windows, offset = len(self.problem.windows.day), (number - 1) * (MOST_LOGGED + TRIAL_TRIPS)
        sums[[LIMIT, NOW, LOGS, TRIALS, GAPS, WHO]] = (
            whole.sums[LIMIT], 1, windows + offset, windows + offset + MOST_LOGGED, whole.sums[GAPS], number,
        )  # fmt: skip
        own = {name: np.zeros_like(getattr(whole, name)) for name in ("reals", "lists", "rows")}
        return whole._replace(sums=sums, dice=dice(seed + SEED_STEP * number), **own)

    def _line(self) -> tuple[int, int, int]:
        """Draw a line: two doors far apart, and how much nearer to the first one the left side lies, so that both sides have as much."""
        f = self.problem.facts
        one, *others = self.draw.choice(f.ways.shape[1], 1 + FAR_OF).tolist()
        two = max(others, key=lambda node: int(f.ways[0, one, node]))
        nearer = f.ways[0, one].astype(np.int64) - f.ways[0, two]
        return one, two, int(np.median(nearer[f.visits[:, NODE]]))

    def anneal(self, best: Best, steps: int, temperature: float) -> None:
        """Search both parts for some steps each, then bring them together again."""
        f, whole, (left, right) = self.problem.facts, self.state, self.hands
        counts = part(f, whole, left, right, self.pools, *self._line())
        shares = [max(1, steps * count // max(1, sum(counts))) for count in counts]
        running = [
            self.threads.submit(anneal, f, hand, best, self.pools[at, : counts[at]], HANDS * shares[at], temperature, temperature)
            for at, hand in enumerate(self.hands)
        ]
        for one in running:
            one.result()
        join(whole, left, right)
        note_all(best)
        note_best(f, whole, best)


@door
def part(f: Facts, s: State, left: State, right: State, pools: Ints, one: int, two: int, line: int) -> tuple[int, int]:
    """Give every window, and every visit that does not cross the line, to one of two hands; return how many visits each has."""
    mark(s)
    _begin(s, left)
    _begin(s, right)
    for window in range(len(f.windows)):
        slot = f.people[f.windows[window, VOLUNTEER], SLOT]
        s.windows[window, OWNER] = LEFT_HAND if f.homes[OUT, one, slot] - f.homes[OUT, two, slot] < line else RIGHT_HAND
    count, count_too = 0, 0
    for visit in range(len(f.visits)):
        if s.visits[visit, SPOT] >= 0:
            whose = _servers(f, s, visit)
        else:
            node = f.visits[visit, NODE]
            # Whatever has ties is put in by one hand alone: two could not see each other's.
            near = f.ways[0, one, node] - f.ways[0, two, node] < line
            whose = LEFT_HAND if near or f.visits[visit, TIES] < f.visits[visit, TIES_END] else RIGHT_HAND
            if s.visits[visit, MISSING_AT] >= 0:
                _hand_over(s, left if whose == LEFT_HAND else right, visit)
        s.visits[visit, WHOSE] = whose
        if f.visits[visit, FITS] < f.visits[visit, FITS_END]:
            if whose == LEFT_HAND:
                pools[0, count] = visit
                count += 1
            elif whose == RIGHT_HAND:
                pools[1, count_too] = visit
                count_too += 1
    return count, count_too


@compiled
def _begin(s: State, hand: State) -> None:
    """Let a hand count from nothing."""
    for at in (LOST, TRAVELLED, NEW_FACES, TOUCHED, MISSING):
        hand.sums[at] = 0
    hand.sums[NOW] = s.sums[NOW]
    hand.reals[SUM, UNFAIR] = 0.0


@compiled
def _servers(f: Facts, s: State, visit: int) -> int:
    """Return whose windows serve a visit; nobody's where the two of a crew are on either side, or where the right one would move ties."""
    whose, other = s.windows[s.visits[visit, SPOT], OWNER], s.visits[visit, SPOT_TOO]
    if (other >= 0 and s.windows[other, OWNER] != whose) or (whose == RIGHT_HAND and f.visits[visit, TIES] < f.visits[visit, TIES_END]):
        return NO_HAND
    return whole(whose)


@compiled
def _hand_over(s: State, hand: State, visit: int) -> None:
    """Write a visit nobody serves on a hand's list."""
    s.visits[visit, MISSING_AT] = hand.sums[MISSING]
    hand.lists[MISSING_LIST, hand.sums[MISSING]] = visit
    hand.sums[MISSING] += 1


@door
def join(s: State, left: State, right: State) -> None:
    """Give everything back to the hand that has the whole plan, with the sums of both parts."""
    s.sums[MISSING] = 0
    _take_over(s, left)
    _take_over(s, right)
    for window in range(len(s.windows)):
        s.windows[window, OWNER] = WHOLE
    for visit in range(len(s.visits)):
        s.visits[visit, WHOSE] = WHOLE
    mark(s)


@compiled
def _take_over(s: State, hand: State) -> None:
    for at in (LOST, TRAVELLED, NEW_FACES, TOUCHED):
        s.sums[at] += hand.sums[at]
    s.reals[SUM, UNFAIR] += hand.reals[SUM, UNFAIR]
    for at in range(hand.sums[MISSING]):
        _hand_over(s, s, hand.lists[MISSING_LIST, at])
    s.sums[NOW] = max(s.sums[NOW], hand.sums[NOW])
