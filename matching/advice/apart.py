"""What keeps an unserved visit apart from others: the minutes of a day they leave it, and whom they leave out."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from matching.model import DAY, Visit, Week, by_id

FAR = 1 << 40


class Moment(NamedTuple):
    """When a visit is served, in minutes of the week, and by whom."""

    begins: int
    ends: int
    people: tuple[str, ...]


class Tie(NamedTuple):
    """One other visit: whether by other people, and the least and the greatest gap (least None: none is asked for)."""

    other: str
    people: bool
    least: int | None
    most: int


class Ties:
    """The ties of all visits of a week."""

    def __init__(self, week: Week) -> None:
        self.of: dict[str, list[Tie]] = defaultdict(list)
        for each in week.apart:
            least, most = (None, None) if each.gap is None else each.gap
            one, two = each.visits
            for name, other in ((one, two), (two, one)):
                self.of[name].append(Tie(other, each.people, least, FAR if most is None else most))
        elders = by_id(week.elders)
        at_door: dict[str, list[str]] = defaultdict(list)
        for visit in week.visits:
            if not elders[visit.elder].at_once:
                at_door[visit.elder].append(visit.id)
        for visits in at_door.values():
            for name in visits:
                self.of[name] += (Tie(other, people=False, least=0, most=FAR) for other in visits if other != name)

    def __bool__(self) -> bool:
        """Say whether there are any."""
        return bool(self.of)

    def others(self, visit: str) -> list[str]:
        """Name the visits one has ties with."""
        return list(dict.fromkeys(tie.other for tie in self.of.get(visit, ())))

    def barred(self, visit: str, served: Mapping[str, Moment]) -> set[str]:
        """Name the volunteers who serve what is to be served by others."""
        return {who for tie in self.of.get(visit, ()) if tie.people and tie.other in served for who in served[tie.other].people}

    def stretches(self, visit: Visit, served: Mapping[str, Moment], day: int) -> list[tuple[int, int]]:
        """Give the stretches of minutes of a day at which a visit may start, in order: the first minute and the last of each."""
        found = [(-FAR, FAR)]
        for tie in self.of.get(visit.id, ()):
            if tie.least is not None and tie.other in served:
                found = list(_both(found, _sides(visit, tie, tie.least, served[tie.other], day)))
        return found


def _sides(visit: Visit, tie: Tie, least: int, other: Moment, day: int) -> list[tuple[int, int]]:
    """Give when a visit may start before another one and behind it."""
    begins, ends = other.begins - day * DAY, other.ends - day * DAY
    return [(begins - tie.most - visit.lasts, begins - least - visit.lasts), (ends + least, ends + tie.most)]


def _both(some: list[tuple[int, int]], others: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Give what two lists of stretches have in common."""
    for first, last in some:
        for opens, closes in others:
            if max(first, opens) <= min(last, closes):
                yield max(first, opens), min(last, closes)
