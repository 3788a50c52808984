"""The planner: a first plan at once, then a search beside a proof, then reasons for what is left.

With two workers the other process proves the ceiling first and then searches too, with its own seed; in a big week it
proves what it can of the hardest visits in a quarter of the time, while two hands search here. With one worker and a
number of iterations everything happens in one order that repeats byte for byte.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from matching.advice.explain import explain
from matching.helper import Helper
from matching.model import Plan, Week
from matching.proof.ceiling import can_prove, prove, trivial
from matching.proof.proved import Ceiling, End
from matching.search.baseline import begin_with, keep
from matching.search.construct import construct
from matching.search.finish import fill
from matching.search.improve import Search
from matching.search.outcome import draft, score, status
from matching.search.problem import Problem, compile_week
from matching.search.state import LOST, State, cost, empty_state
from matching.stopwatch import Stopwatch

Progress = Callable[[dict[str, object]], None]
Stop = Callable[[], bool]

TELL_SECONDS = 1.0
STEPS_PER_VISIT = 4_000
LEAST_STEPS = 20_000
PROOF_SHARE = 0.2
CLOSING_SHARE = 0.05
REPAIRS = 5
MOST_BESIDE = 1_000_000
"""A week of more (visit, window) pairs leaves no memory for a second process."""
START_HEAT = 0.5
"""The share of the way from cold to warm at which a search begins that is given a plan: warmer, nothing of it would be left."""
LAST_WORD = 0.5
"""Seconds the first process waits for what the other may still have to say."""


class Run:
    """One solve on its way: the clock, who is told, what is proved, the best plan so far."""

    def __init__(self, week: Week, *, seconds: float, seed: int, progress: Progress | None, stop: Stop | None) -> None:
        self.watch = Stopwatch()
        self.seconds = seconds
        self.seed = seed
        self.progress = progress
        self.stopped = stop or (lambda: False)
        self.problem: Problem = compile_week(week)
        self.state: State = empty_state(self.problem, seed)
        self.ceiling = Ceiling(trivial(self.problem))
        self.told = 0.0
        self.halted = False

    def elapsed(self) -> float:
        """Return the seconds since the run began."""
        return self.watch.elapsed()

    def left(self) -> float:
        """Return the seconds the search may still use, with time kept back for the reasons."""
        return self.seconds * (1 - CLOSING_SHARE) - self.elapsed()

    def halt(self) -> bool:
        """Return whether the caller has asked for an end."""
        self.halted = self.halted or self.stopped()
        return self.halted

    def tell(
        self, phase: str, lost: int | None = None, spent: float | None = None, parts: Mapping[str, float] | None = None, **more: object
    ) -> None:
        """Report where the run stands, with whatever more a phase has to say."""
        self.told = self.elapsed()
        if self.progress is None:
            return
        weight, value = sum(self.problem.visits.weight), sum(self.problem.visits.value)
        lost = int(self.state.sums[LOST]) if lost is None else lost
        bonus = weight + 1
        kept = (value - lost) // bonus
        served = value - lost - kept * bonus
        self.progress(
            {
                "phase": phase,
                "seconds": round(self.told, 2),
                "served_weight": served,
                "cost": round(cost(self.problem.facts, self.state) if spent is None else spent, 1),
                "bound": int(self.ceiling),
                **self.ceiling.beside(served).said(),
                **(parts or {}),
                **more,
            }
        )


def solve(
    week: Week,
    *,
    seconds: float = 60.0,
    iterations: int | None = None,
    workers: int = 2,
    seed: int = 1,
    start: Plan | None = None,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> Plan:
    """Plan a week: keep pins, then serve the most weight, then at the least cost.

    Parameters
    ----------
    week : Week
        What is to be planned.
    seconds : float
        Wall time for everything; small weeks are done sooner.
    iterations : int or None
        Steps of the search; with one worker the plan then repeats exactly.
    workers : int
        How many work side by side: the second proves the ceiling first; in a big week both search and a proof of a part runs beside.
    seed : int
        Where the random numbers begin.
    start : Plan or None
        A plan of an earlier week under the same ids, to begin from: what of it is still lawful. Departing from it costs nothing.
    progress : callable or None
        Told the phase, seconds, served weight, cost, bound, its proof and why that ended (None while it goes on) as they change.
    stop : callable or None
        Asked often; the best plan so far is returned soon after it says True.

    Returns
    -------
    Plan
        A plan that breaks no rule, with score, bound, status and a reason for every visit it does not serve.

    Raises
    ------
    ValueError
        If a start is given for a week with a baseline.
    """
    if start is not None and week.baseline is not None:
        message = "a week with a baseline begins from that: it takes no start"
        raise ValueError(message)
    run = Run(week, seconds=seconds, seed=seed, progress=progress, stop=stop)
    if start is not None:
        begin_with(run.problem, run.state, start)
    if week.baseline is not None:
        keep(run.problem, run.state, week.baseline)
    construct(run.problem, run.state, lambda: run.left() <= 0)
    run.tell("construct")
    search = Search(run.problem, run.state, seed=seed, steady=iterations is not None and workers == 1, parallel=_in_parallel(run, workers))
    improve(run, search, iterations=iterations, workers=workers, heat_share=1.0 if start is None else START_HEAT)
    return finish(run, search)


def _in_parallel(run: Run, workers: int) -> bool:
    """Return whether the second worker searches from the start: where no ceiling of all visits can be proved in the time."""
    return workers > 1 and run.problem.week.baseline is None and not can_prove(run.problem)


def improve(run: Run, search: Search, *, iterations: int | None, workers: int, heat_share: float = 1.0) -> None:
    """Search and prove until time, steps or patience are used up; a plan to begin from is heated only so far."""
    if not len(search.pool):
        return
    steps = LEAST_STEPS + STEPS_PER_VISIT * len(search.pool) if iterations is None else iterations
    helper = None
    if workers > 1 and (not search.is_parallel or len(run.problem.visits.fits.values) <= MOST_BESIDE):
        helper = Helper(
            run.problem,
            search.best_plan(),
            seed=run.seed,
            seconds=run.left(),
            pins=_pins_kept(run, search),
            searches=not search.is_parallel,
        )
    share = 1 - PROOF_SHARE if workers == 1 and can_prove(run.problem) else 1.0
    begins = run.elapsed()
    ends = begins + max(run.left(), 0.0) * share

    def heat(done: int) -> float | None:
        if done >= steps or run.halt() or run.elapsed() >= ends:
            return None
        _look(run, search, helper)
        used = done / steps
        if not search.steady:
            used = max(used, (run.elapsed() - begins) / max(ends - begins, 1e-9))
        return heat_share * max(1 - used, 0.0)

    search.run(heat)
    if helper is not None:
        run.ceiling = helper.close(search, wait=0.0 if run.halted else LAST_WORD)
    elif not run.halted and can_prove(run.problem):
        left = max(run.left(), 0.0)
        pins, served = _pins_kept(run, search), _served(run, search)
        run.ceiling = prove(run.problem, seconds=left, steady=search.steady, pins=pins, served=served, stop=run.halt)


def _look(run: Run, search: Search, helper: Helper | None) -> None:
    """Take in what the helper found and tell how far the search has come."""
    if helper is not None:
        run.ceiling = helper.hear(search)
    if run.elapsed() - run.told >= TELL_SECONDS:
        run.tell("improve", *search.best, parts=search.parts())


def _pins_kept(run: Run, search: Search) -> int:
    visits = run.problem.visits
    return (sum(visits.value) - search.best[0]) // (sum(visits.weight) + 1)


def _served(run: Run, search: Search) -> int:
    visits = run.problem.visits
    return (sum(visits.value) - search.best[0]) % (sum(visits.weight) + 1)


def finish(run: Run, search: Search) -> Plan:
    """Bring back the best plan, serve what can still be put in, and say why the rest is not served."""
    state = run.state
    search.back_to_best()
    if fill(run.problem, state):
        search.polish()
        fill(run.problem, state)
    plan = draft(run.problem, state)
    unserved = explain(run.problem.week, plan)
    for _ in range(REPAIRS):
        if all(one.reason != "search" for one in unserved) or not fill(run.problem, state, thorough=True):
            break
        plan = draft(run.problem, state)
        unserved = explain(run.problem.week, plan)
    reached = score(run.problem, state)
    # A ceiling below a plan at hand would be a mistake of the proof: better to claim nothing.
    if run.ceiling < reached.served_weight:
        run.ceiling = Ceiling(trivial(run.problem))
    run.ceiling = run.ceiling.ending(run.ceiling.ended or End.TIME)
    run.tell("done")
    return replace(
        plan,
        unserved=unserved,
        score=reached,
        bound=int(run.ceiling),
        seed=run.seed,
        status=status(reached, run.ceiling, unserved),
        seconds=round(run.elapsed(), 2),
    )
