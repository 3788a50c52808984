"""What publishing changes as people read it: who takes over what from whom, what moves, what is new, what falls away.

What one person leaves and another takes is one line, both named; the meals of a round are one line.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from timebank import clock
from timebank.planning.actions.differences import Change
from timebank.planning.words import _, elders_of, meals, short_kind, weekday
from timebank.volunteers.models import Volunteer

MOST_NAMED = 3
MOST_SAID = 2
STUCK = ("too_late", "held")
ORDER = ("handed", "moved", "withdrawn", "new", *STUCK)


@dataclass(frozen=True, slots=True)
class Group:
    """Changes that belong together: of one person and day, the same happens to them; ``giver`` is who had them before."""

    word: str
    giver: Volunteer | None
    changes: Sequence[Change]

    @property
    def volunteer(self) -> Volunteer:
        """Who goes, or does not go any more."""
        return self.changes[0].volunteer

    @property
    def stuck(self) -> bool:
        """Whether it cannot be sent."""
        return self.word in STUCK

    @property
    def heard(self) -> bool:
        """Whether anybody is told."""
        return self.changes[0].goes_out and not self.changes[0].small


@dataclass(frozen=True, slots=True)
class Line:
    """One group of changes in words: for whom, which day, what was and what will be."""

    volunteer: Volunteer
    giver: Volunteer | None
    day: date
    word: str
    what: str
    before: str
    after: str
    heard: bool
    visit: int

    @property
    def text(self) -> str:
        """The change in one phrase."""
        day = weekday(self.day)
        if self.word in {"new", "handed"}:
            return _("%(day)s %(what)s %(after)s", day=day, what=self.what, after=self.after)
        if self.word == "withdrawn":
            return _("%(day)s %(what)s不用去了", day=day, what=self.what)
        if self.word in STUCK:
            return _("%(day)s %(what)s 这次不发", day=day, what=self.what)
        return _("%(day)s %(what)s %(before)s 改到 %(after)s", day=day, what=self.what, before=self.before, after=self.after)


def groups(changes: Sequence[Change]) -> list[Group]:
    """Return changes as they belong together: handed over first, by who gives to whom, then moved, taken back, new and stuck ones."""
    givers = _givers(changes)
    grouped: dict[tuple[object, ...], list[Change]] = {}
    taken = set(givers)
    for change in changes:
        if change.word == "withdrawn" and change.visit.id in taken:
            continue
        giver = givers.get(change.visit.id) if change.word == "new" else None
        apart = () if change.visit.canteen_id is not None else (change.visit.id,)
        word = "handed" if giver is not None else change.word
        grouped.setdefault((change.volunteer.id, change.day, word, giver and giver.id, change.small, *apart), []).append(change)
    found = [Group(str(key[2]), givers.get(members[0].visit.id) if key[3] else None, members) for key, members in grouped.items()]
    return sorted(found, key=lambda each: (ORDER.index(each.word), each.giver.sort_key if each.giver else ""))


def _givers(changes: Iterable[Change]) -> dict[int, Volunteer]:
    """Return who leaves each visit that somebody else takes: of those that one person does, and that goes out both ways."""
    leaves: dict[int, Volunteer] = {}
    takes: set[int] = set()
    for change in changes:
        if change.visit.crew == 1 and change.word == "withdrawn":
            leaves[change.visit.id] = change.volunteer
        elif change.word == "new":
            takes.add(change.visit.id)
    return {visit: who for visit, who in leaves.items() if visit in takes}


def line(group: Group) -> Line:
    """Return a group of changes in words."""
    first = group.changes[0]
    meal = first.visit.canteen_id is not None
    count = meals(len(group.changes), sum(each.visit.boxes for each in group.changes)) if meal else ""
    what = short_kind(first.visit.kind) if meal else f"{short_kind(first.visit.kind)} · {elders_of(first.visit)}"
    before = _then(first.offer.day, first.offer.start, count, first.day) if first.offer else ""
    after = _then(first.assignment.day, first.assignment.start, count, first.day) if first.assignment else ""
    return Line(first.volunteer, group.giver, first.day, group.word, what, before, after, group.heard, first.visit.id)


def _then(day: date, start: int, count: str, shown: date) -> str:
    """Return when something is, with its day where that is another one than the line's."""
    when = clock.hhmm(start) if day == shown else f"{weekday(day)} {clock.hhmm(start)}"
    return f"{when}{_('，')}{count}" if count else when


def summary(found: Iterable[Group]) -> list[tuple[str, str]]:
    """Return the first people who hear of something and, in a phrase each, of what."""
    by_person: dict[int, list[Group]] = {}
    for group in found:
        if group.heard and (len(by_person) < MOST_NAMED or group.volunteer.id in by_person):
            by_person.setdefault(group.volunteer.id, []).append(group)
    return [(mine[0].volunteer.name, _said(mine)) for mine in by_person.values()]


def _said(mine: Sequence[Group]) -> str:
    """Return the first changes of one person and how many more there are."""
    text = _("；").join(line(each).text for each in mine[:MOST_SAID])
    more = len(mine) - MOST_SAID
    return _("%(text)s，还有 %(more)s 处", text=text, more=more) if more > 0 else text
