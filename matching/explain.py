"""Why a visit is not served, and one change that would help: contract section 5, both checkable."""

from collections.abc import Iterable, Mapping

import numpy as np

from matching import reasons
from matching.assign import Choices, allowed, choices, spare
from matching.fixes import fix, fits
from matching.ground import Bools, Ground
from matching.model import Plan, Unserved, Visit, Week
from matching.openings import Ask, Openings, ask, open_windows, unused, unused_openings
from matching.standing import Standing

CEILINGS = ("max_day", "max_week")
Pairs = set[frozenset[int]]


def explain(week: Week, plan: Plan) -> tuple[Unserved, ...]:
    """Say for every visit a plan does not serve why, who it turns on, and the least change that would help.

    Parameters
    ----------
    week
        The week.
    plan
        Any plan of it that keeps the hard rules; only its routes are looked at.

    Returns
    -------
    tuple of Unserved
        In the week's order, with the sentences in both languages.
    """
    standing = Standing(Ground(week), plan)
    return tuple(explained(standing, visit) for visit in week.visits if visit.id not in standing.served)


def explained(standing: Standing, visit: Visit) -> Unserved:
    """Explain one visit against a plan that is laid out already."""
    reason, people = reason_of(standing, visit)
    change = None if reason in {"pin", "search"} else fix(standing, visit)
    who = tuple(standing.ground.week.volunteers[person].id for person in people)
    unsaid = Unserved(visit=visit.id, reason=reason, who=who, zh="", en="", fix=change)
    words = sentence(standing.ground.week, unsaid, visit=visit)
    return Unserved(visit=visit.id, reason=reason, who=who, zh=words.zh, en=words.en, fix=change)


def reason_of(standing: Standing, visit: Visit) -> tuple[str, Iterable[int]]:
    """Find the first reason that applies, and the volunteers it turns on by their numbers."""
    ground = standing.ground
    asked = ask(ground, visit)
    people = allowed(ground, asked)
    if fits(standing, asked, people):
        return "search", _people_of(choices(standing, asked, people))
    pin = ground.pins.get(visit.id)
    if pin is not None:
        return "pin", [ground.person[name] for name in pin.volunteers]
    second = visit.second if visit.crew > 1 and visit.second is not None else visit
    skilled = ground.skilled(visit.skills), ground.skilled(second.skills)
    if not _enough(visit, *skilled):
        return "no_skill", np.flatnonzero(skilled[0])
    first, other = ground.seats(visit)
    if not _enough(visit, first & people, other & people):
        return "not_allowed", np.flatnonzero(skilled[0])
    willing = np.flatnonzero((first | other) & people)
    if not _alone(ground, visit, people, meal=False):
        return "no_window", willing
    able = _alone(ground, visit, people, meal=True)
    if not able:
        return "canteen", sorted({person for pair in _alone(ground, visit, people, meal=False) for person in pair})
    lifted = _crews(visit, choices(standing, asked, people, lift=CEILINGS), spare(standing))
    who = sorted({person for crew in able for person in crew})
    return ("ceiling" if able <= lifted else "taken"), who


def _enough(visit: Visit, first: Bools, second: Bools) -> bool:
    """Say whether the seats of the crew can be taken by different people."""
    if visit.crew == 1:
        return bool(first.any())
    return bool(first.any() and second.any() and (first | second).sum() > 1)


def _people_of(made: Choices) -> list[int]:
    return sorted({int(person) for person in made.found.person})


def _alone(ground: Ground, visit: Visit, people: Bools, *, meal: bool) -> Pairs:
    """Find the crews that fit into an empty plan, ceilings aside, with the canteen's rules or without."""
    asked = ask(ground, visit, meal=meal)
    first, second = ground.seats(visit)
    windows = open_windows(ground, asked, people & (first | second))
    found = unused_openings(ground, asked, unused(ground, windows))
    none = np.zeros(len(found), dtype=np.int64)
    made = Choices(found, ground.window_day[found.window], none.astype(float), none, first[found.person],
                   second[found.person])  # fmt: skip
    return _crews(visit, made, 0)


def _crews(visit: Visit, made: Choices, room: int) -> Pairs:
    """Give everybody who can serve alone, or every two who can meet at the door."""
    found = made.found
    if visit.crew == 1:
        return {frozenset([int(person)]) for person in np.unique(found.person[made.first])}
    crews: Pairs = set()
    others = np.flatnonzero(made.second)
    for row in np.flatnonzero(made.first):
        meet = _meeting(found, made, int(row), others) & (made.extra_touched[others] + made.extra_touched[row] <= room)
        crews |= {frozenset([int(found.person[row]), int(one)]) for one in np.unique(found.person[others[meet]])}
    return crews


def _meeting(found: Openings, made: Choices, row: int, others: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> Bools:
    """Say which other openings share a day and a start with one, and are of somebody else."""
    lo, hi = np.maximum(found.lo[row], found.lo[others]), np.minimum(found.hi[row], found.hi[others])
    result: Bools = (lo <= hi) & (made.day[others] == made.day[row]) & (found.person[others] != found.person[row])
    return result


def sentence(
    week: Week, unserved: Unserved, *, visit: Visit | None = None, names: reasons.Names = reasons.ids
) -> reasons.Words:
    """Say why a visit is unserved and what would help.

    Parameters
    ----------
    week
        The week it belongs to.
    unserved
        Its reason, the people it turns on and the fix.
    visit
        The visit itself, if it is at hand.
    names
        Gives names in place of ids, as in `reasons.say`.

    Returns
    -------
    Words
        The sentence in both languages.
    """
    visit = visit or next(one for one in week.visits if one.id == unserved.visit)
    fields = {"who": unserved.who, "skills": visit.skills}
    reason = reasons.say(reasons.REASONS[unserved.reason], fields, names)
    if unserved.reason in {"pin", "search"}:
        return reasons.say(reasons.UNSERVED_PLAIN, {"visit": visit.id, "reason": reason}, names)
    change = reasons.NO_FIX if unserved.fix is None else said_fix(week, visit, unserved.fix, names)
    return reasons.say(reasons.UNSERVED, {"visit": visit.id, "reason": reason, "fix": change}, names)


def said_fix(week: Week, visit: Visit, change: Mapping[str, object], names: reasons.Names) -> reasons.Words:
    """Say what a fix would change, from what to what."""
    kind = str(change["change"])
    fields: dict[str, object] = dict(change)
    fields["old"], fields["new"] = _old_and_new(week, visit, change)
    if kind == "volunteer.window" and "index" not in change:
        kind += ".more"
    if kind == "recruit":
        fields["count"] = change.get("count", 1)
    return reasons.say(reasons.FIXES[kind], fields, names)


def _old_and_new(week: Week, visit: Visit, change: Mapping[str, object]) -> tuple[object, object]:
    """Give the value a fix replaces and the one it sets, as words."""
    kind = str(change["change"])
    key = {"recruit": "window"}.get(kind, kind.partition(".")[2])
    new = change[key]
    volunteer = next((one for one in week.volunteers if one.id == change.get("volunteer")), None)
    if key == "window":
        old = visit.window if kind == "visit.window" else None
        if volunteer is not None and isinstance(index := change.get("index"), int):
            old = volunteer.windows[index]  # type: ignore[assignment]
        return old and reasons.span(old), reasons.span(new)
    if key == "days" and isinstance(new, list):
        added = [day for day in new if day not in visit.days]
        return None, reasons.days(added)
    if key == "skills" and isinstance(new, list):
        return None, reasons.listed(new)
    if kind == "canteen.hot":
        return next(one.hot for one in week.canteens if one.id == change["canteen"]), new
    return (getattr(volunteer, key) if volunteer is not None else visit.crew), new
