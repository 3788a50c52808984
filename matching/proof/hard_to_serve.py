"""The visits of a week that are hardest to serve, kind by kind: long ones that few windows fit.

What any plan must leave out is mostly of a few kinds. A ceiling of those alone, as if nothing else were asked for,
together with the whole weight of the others, is a ceiling of the week; and so few visits can be bounded far better in
the same time, in a big week at all.
"""

from collections import defaultdict

from matching.search.problem import Problem


def hardest(problem: Problem, most: int) -> frozenset[int]:
    """Return the visits of the hardest kinds whose candidates together are not more than `most`; a kind too big is passed over."""
    chosen: list[int] = []
    for visits in _by_hardness(problem):
        cost = sum(_candidates(problem, visit) for visit in visits)
        if cost <= most:
            chosen += visits
            most -= cost
    return frozenset(chosen)


def _by_hardness(problem: Problem) -> list[list[int]]:
    """Return the visits that fit some window in kinds, those first that ask for the most minutes a window that fits them."""
    fits, kinds = problem.visits.fits.counts(), defaultdict(list)
    for visit, one in enumerate(problem.week.visits):
        if fits[visit]:
            kinds[one.skills, one.minutes, one.crew].append(visit)
    hardness = {kind: -kind[1] * kind[2] * len(visits) / sum(fits[visit] for visit in visits) for kind, visits in kinds.items()}
    return [kinds[kind] for kind in sorted(kinds, key=lambda kind: (hardness[kind], kinds[kind]))]


def _candidates(problem: Problem, visit: int) -> int:
    """Return the windows a visit could have, for a crew about how many pairs of them."""
    visits = problem.visits
    count = len(visits.fits[visit])
    return count if visits.crew[visit] == 1 else count * len(visits.seconds[visit]) // max(1, len(visits.days[visit]))
