"""Who of a crew has which seat, as the referee sees it: skills and gender ask for it, and minutes may hang on it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from matching.model import Visit, Volunteer

Order = Sequence[Volunteer]
Seated = frozenset[tuple[str, str]]
"""Visits with the volunteer who is the second there and works for minutes of her own."""


def orders(crew: Order) -> Iterator[Order]:
    """Give the ways to seat a crew: as they stand, and for two the other way round."""
    yield crew
    if len(crew) > 1:
        yield crew[::-1]


def skilled(visit: Visit, order: Iterable[Volunteer]) -> bool:
    """Say whether the first has the visit's skills and the second those of the second."""
    wanted = (visit.skills, visit.second.skills if visit.second else visit.skills)
    return all(set(skills) <= set(one.skills) for skills, one in zip(wanted, order, strict=False))


def of_gender(visit: Visit, order: Iterable[Volunteer]) -> bool:
    """Say whether the first and the second are of the gender asked for."""
    wanted = (visit.gender, visit.second.gender if visit.second else visit.gender)
    return all(sex is None or sex == one.gender for sex, one in zip(wanted, order, strict=False))


def seconds(visits: Mapping[str, Visit], crews: Mapping[str, Order], number: Mapping[str, int]) -> Seated:
    """Find who works the second's minutes; where each of two could be the first, it is who stands first in the week's list."""
    found = set()
    for name, people in crews.items():
        visit = visits[name]
        if visit.is_uneven and len({one.id for one in people}) == len(people) == visit.crew:
            crew = sorted(people, key=lambda one: number[one.id])
            _, second = next((order for order in orders(crew) if skilled(visit, order) and of_gender(visit, order)), crew)
            found.add((name, second.id))
    return frozenset(found)
