"""Re-planning after something changed: keep what stands, place what was lost, and disturb as few people as possible.

A visit without anybody goes straight into a trip, or one other visit makes room for it and finds a new place itself.
That is tried with nobody more touched than the change itself touches, then with one, with three, with any number; a
step of the ladder counts only if it serves more. What still waits on the last step may have whole trips emptied for it;
and where the last steps touched more people than those before, the same is tried from each of those with one person fewer, until it serves less.
"""

from matching.model import Plan, Week
from matching.search.baseline import keep
from matching.search.facts import ALWAYS
from matching.search.improve import Search
from matching.search.loading import Stops, restore, stops_of
from matching.search.repair import repair, shuffle_in
from matching.search.state import LIMIT, LOST, MISSING, MISSING_LIST, SPOT, TOUCHED
from matching.solve import Progress, Run, Stop, finish

LADDER = (0, 1, 3, ALWAYS)
NAMES = {0: "0", 1: "1", 3: "3", ALWAYS: "any"}
MOST_TRIALS = 4_000
"""So many exchanges are tried for one visit before it is left unserved on this step of the ladder."""
MOST_SHUFFLES = 500
"""So many times a trip is emptied for a visit at the end."""


def replan(
    week: Week,
    *,
    seconds: float = 60.0,
    iterations: int | None = None,
    workers: int = 1,
    seed: int = 1,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> Plan:
    """Plan a week again around its baseline, touching as few people as can be.

    Parameters
    ----------
    week : Week
        The week as it is now, with the earlier plan as its baseline.
    seconds : float
        Wall time for everything; a usual change takes a fraction of a second.
    iterations : int or None
        The most ejections tried for one visit.
    workers : int
        Not more than one process is ever needed.
    seed : int
        Where the random numbers begin, which only emptying trips draws.
    progress : callable or None
        Told after every step of the ladder, with how many people are touched.
    stop : callable or None
        Asked often; the best plan so far is returned soon after it says True.

    Returns
    -------
    Plan
        A plan that keeps every assignment of the baseline that still holds, unless one had to make room.
    """
    run = Run(week, seconds=seconds, seed=seed, progress=progress, stop=stop)
    if week.baseline is not None:
        keep(run.problem, run.state, week.baseline)
    keep_pins(run)
    run.tell("keep", touched=int(run.state.sums[TOUCHED]))
    climb(run, (MOST_TRIALS if iterations is None else iterations) if workers else 0)
    return finish(run, Search(run.problem, run.state))


def keep_pins(run: Run) -> None:
    """Serve every pinned visit that can be, however little time there is: a plan without it would break a rule. As few as can be are touched."""
    visits, sums = run.problem.visits, run.state.sums
    forced = int(sums[TOUCHED])
    for step in LADDER:
        sums[LIMIT] = min(run.problem.limit, forced + step)
        for visit in [one for one in _waiting(run) if visits.pinned[one]]:
            repair(run.problem.facts, run.state, visit, 0)
    sums[LIMIT] = run.problem.limit


def climb(run: Run, trials: int) -> None:
    """Go up the ladder of people who may be touched; stop where everything is served that can be."""
    sums, most, old = run.state.sums, run.problem.limit, _unserved_before(run)
    forced = int(sums[TOUCHED])
    below: list[Stops] = []
    for step in LADDER:
        sums[LIMIT] = min(most, forced + step)
        mend_all(run, old, trials)
        last = step == ALWAYS or sums[LIMIT] == most < ALWAYS
        if last and trials:
            shuffle_all(run, old, most)
            leave_in_peace(run, old, below, trials)
        if any(visit not in old for visit in _waiting(run)):
            below.append(_standing(run))
        run.tell(f"ladder {NAMES[step]}", touched=int(sums[TOUCHED]))
        if last or run.halt() or run.left() <= 0:
            break


def mend_all(run: Run, old: set[int], trials: int) -> None:
    """Place what can be placed, the weightiest first; nobody makes room for what the baseline did not serve either."""
    problem, state = run.problem, run.state
    for visit in _waiting(run):
        if run.halt() or run.left() <= 0:
            return
        if state.visits[visit, SPOT] < 0:
            repair(problem.facts, state, visit, 0 if visit in old else trials)


def shuffle_all(run: Run, old: set[int], most: int) -> None:
    """Place what one exchange could not, where several visits can change hands for it: with few people more touched if that will do."""
    problem, state = run.problem, run.state
    for visit in _waiting(run):
        for step in LADDER[1:]:
            if run.halt() or run.left() <= 0:
                break
            if state.visits[visit, SPOT] < 0 and visit not in old:
                state.sums[LIMIT] = min(most, int(state.sums[TOUCHED]) + step)
                shuffle_in(problem.facts, state, visit, MOST_SHUFFLES)
    state.sums[LIMIT] = problem.limit


def leave_in_peace(run: Run, old: set[int], below: list[Stops], trials: int) -> None:
    """Touch fewer people for as much served, where that is found from a lower step of the ladder with one person fewer to be touched."""
    problem, state = run.problem, run.state
    from_step, best = len(below) - 1, _standing(run) if below else {}
    while from_step >= 0 and not run.halt() and run.left() > 0:
        lost, touched = int(state.sums[LOST]), int(state.sums[TOUCHED])
        restore(problem, state, below[from_step])
        if state.sums[LOST] > lost and state.sums[TOUCHED] < touched:
            state.sums[LIMIT] = touched - 1
            mend_all(run, old, trials)
            shuffle_all(run, old, touched - 1)
        if state.sums[LOST] <= lost and state.sums[TOUCHED] < touched:
            best = _standing(run)
        else:
            restore(problem, state, best)
            from_step -= 1
    state.sums[LIMIT] = problem.limit


def _standing(run: Run) -> Stops:
    return stops_of(run.state, len(run.problem.facts.windows), max(1, run.problem.size))


def _waiting(run: Run) -> list[int]:
    """Return what nobody serves, the weightiest first."""
    visits, counts = run.problem.visits, run.problem.visits.fits.counts()
    waiting = run.state.lists[MISSING_LIST, : run.state.sums[MISSING]].tolist()
    return sorted(waiting, key=lambda one: (-visits.value[one], counts[one], one))


def _unserved_before(run: Run) -> set[int]:
    """Return the visits the baseline did not serve either."""
    week = run.problem.week
    before = set() if week.baseline is None else {one.visit for one in week.baseline.unserved}
    return {number for number, visit in enumerate(week.visits) if visit.id in before}
