"""What keeps two visits of a week apart, as numbers: by different people, or with a gap of minutes between them, at one door among them."""

from collections import defaultdict

from matching.model import Week
from matching.search.facts import ALWAYS

OTHER, PEOPLE, LEAST, MOST = range(4)
"""Numbers of a tie: the other visit, 1 where nobody serves both, the least gap (`NO_GAP`: none is asked for) and the greatest."""
NUMBERS = 4
NO_GAP = -1


def ties_of(week: Week) -> list[list[int]]:
    """Return the ties of every visit, one after the other in one list each."""
    number = {one.id: at for at, one in enumerate(week.visits)}
    ties: list[list[int]] = [[] for _ in week.visits]
    for each in week.apart:
        least, most = (NO_GAP, NO_GAP) if each.gap is None else (each.gap[0], ALWAYS if each.gap[1] is None else each.gap[1])
        one, two = (number[name] for name in each.visits)
        ties[one] += two, int(each.people), least, most
        ties[two] += one, int(each.people), least, most
    alone = {one.id for one in week.elders if not one.at_once}
    at_door: dict[str, list[int]] = defaultdict(list)
    for at, visit in enumerate(week.visits):
        if visit.elder in alone:
            at_door[visit.elder].append(at)
    for visits in at_door.values():
        for one in visits:
            ties[one] += (part for two in visits if two != one for part in (two, 0, 0, ALWAYS))
    return ties
