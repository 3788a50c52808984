"""Why a visit is not served, and one change that would help: contract section 5, both checkable."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from matching import reasons
from matching.advice.apart import Ties
from matching.advice.assign import Choices, may_pair, named_beside, spare, taken_seats
from matching.advice.fixes import Look, fix
from matching.advice.openings import ask, open_windows, unused, unused_openings
from matching.advice.plan_arrays import Standing
from matching.advice.week_arrays import Bools, Ground
from matching.model import Plan, Unserved, Visit, Volunteer, Week

Crews = set[tuple[int, ...]]


def explain(week: Week, plan: Plan) -> tuple[Unserved, ...]:
    """Say for every visit a plan does not serve why, who it turns on, and the least change that would help.

    Parameters
    ----------
    week : Week
        The week.
    plan : Plan
        Any plan of it that keeps the hard rules; only its routes are looked at.

    Returns
    -------
    tuple of Unserved
        One for each unserved visit, in the week's order: `reason` and `fix` by contract section 5 (minutes of the day,
        metres), `who` as ids in the week's order, and the sentence with ids in both languages.

    Raises
    ------
    KeyError
        If the plan names what the week lacks.
    """
    standing = Standing(Ground(week), plan)
    left = [visit for visit in week.visits if visit.id not in standing.served]
    # Door by door, because the ways to a door are found once and kept for a while.
    said = {visit.id: explained(standing, visit) for visit in sorted(left, key=standing.ground.door)}
    return tuple(said[visit.id] for visit in left)


def explained(standing: Standing, visit: Visit) -> Unserved:
    """Explain one visit against a plan that is laid out already."""
    look = Look(standing, visit)
    reason, people = reason_of(look)
    change = None if reason in {"pin", "search"} else fix(look)
    who = tuple(standing.ground.week.volunteers[person].id for person in people)
    unsaid = Unserved(visit=visit.id, reason=reason, who=who, zh="", en="", fix=change)
    changed = standing.ground.person.get(str((change or {}).get("volunteer")))
    volunteer = None if changed is None else standing.ground.week.volunteers[changed]
    words = sentence(standing.ground.week, unsaid, visit=visit, volunteer=volunteer, others=standing.ground.ties.others(visit.id))
    return Unserved(visit=visit.id, reason=reason, who=who, zh=words.zh, en=words.en, fix=change)


def reason_of(look: Look) -> tuple[str, Iterable[int]]:
    """Find the first reason that applies, and the volunteers it turns on by their numbers."""
    ground, visit, people = look.standing.ground, look.visit, look.people
    if look.fits:
        return "search", members(crews(look, look.plain, spare(look.standing)))
    pin = ground.pins.get(visit.id)
    if pin is not None:
        return "pin", [ground.person[name] for name in pin.volunteers]
    second = visit.second if visit.crew > 1 and visit.second is not None else visit
    skilled = ground.skilled(visit.skills), ground.skilled(second.skills)
    if not _enough(visit, *skilled):
        return "no_skill", np.flatnonzero(skilled[0] | skilled[1])
    first, other = look.seats
    if not _enough(visit, first & people, other & people):
        barred = (skilled[0] & ~(first & people)) | (skilled[1] & ~(other & people))
        return "not_allowed", np.flatnonzero(barred)
    able = _alone(look, meal=True)
    if able:
        lifted = crews(look, look.lifted, spare(look.standing))
        return ("ceiling" if able <= lifted else "taken"), members(able)
    hungry = _alone(look, meal=False) if visit.canteen is not None else able
    return ("canteen", members(hungry)) if hungry else ("no_window", np.flatnonzero((first | other) & people))


def members(of: Crews) -> list[int]:
    """Give everybody who is in one of the crews, by their numbers."""
    return sorted({person for crew in of for person in crew})


def _enough(visit: Visit, first: Bools, second: Bools) -> bool:
    """Say whether the seats of the crew can be taken by different people."""
    if visit.crew == 1:
        return bool(first.any())
    return bool(first.any() and second.any() and (first | second).sum() > 1)


def _alone(look: Look, *, meal: bool) -> Crews:
    """Find the crews that fit into an empty plan, ceilings aside, with the canteen's rules or without."""
    ground = look.standing.ground
    asked = ask(ground, look.visit, meal=meal)
    first, second = look.seats
    windows = open_windows(ground, asked, look.people & (first | second))
    found = unused_openings(ground, asked, unused(ground, windows))
    none = np.zeros(len(found.lo), dtype=np.int64)
    made = Choices(found, ground.window_day[found.window], none, *taken_seats(look.visit, (first, second), found))
    return crews(look, made, 0)


def crews(look: Look, made: Choices, room: int) -> Crews:
    """Give everybody who can serve alone, or every two who can meet at the door, whoever is pinned among them."""
    found = made.found
    if look.visit.crew == 1:
        return {(person,) for person in np.unique(found.person[made.first]).tolist()}
    met: Crews = set()
    named, wanted = named_beside(look.standing.ground, look.asked, found)
    others = np.flatnonzero(made.second)
    for row in np.flatnonzero(made.first):
        meet = (found.lo[row] <= found.hi[others]) & (found.lo[others] <= found.hi[row])
        meet &= made.day[others] == made.day[row]
        meet &= may_pair(look.standing.ground, look.visit, int(found.person[row]), found.person[others])
        meet &= (made.extra_touched[others] + made.extra_touched[row] <= room) & (named[others] + named[row] >= wanted)
        mine = int(found.person[row])
        met |= {(mine, one) if mine < one else (one, mine) for one in set(found.person[others[meet]].tolist())}
    return met


def sentence(
    week: Week,
    unserved: Unserved,
    *,
    visit: Visit | None = None,
    volunteer: Volunteer | None = None,
    others: Sequence[str] | None = None,
    names: reasons.Names = reasons.ids,
) -> reasons.Words:
    """Say why a visit is unserved and what would help.

    Parameters
    ----------
    week : Week
        The week it belongs to.
    unserved : Unserved
        Its reason, the people it turns on and the fix.
    visit : Visit or None
        The visit itself, if it is at hand.
    volunteer : Volunteer or None
        The volunteer its fix changes, if they are at hand.
    others : sequence of str or None
        The visits it is to be kept apart from, if they are known.
    names : callable
        Gives names in place of ids, as in `reasons.say`.

    Returns
    -------
    Words
        The sentence in both languages.
    """
    visit = visit or next(one for one in week.visits if one.id == unserved.visit)
    wanted = dict.fromkeys([*visit.skills, *(visit.second.skills if visit.second is not None else ())])
    if others is None:
        others = Ties(week).others(visit.id)
    fields = {"who": unserved.who, "skills": tuple(wanted), "others": others}
    few = week.max_touched is not None
    reason = reasons.say(reasons.reason_words(unserved.reason, crew=visit.crew, few_touched=few, tied=bool(others)), fields, names)
    if unserved.reason in {"pin", "search"}:
        return reasons.say(reasons.UNSERVED_PLAIN, {"visit": visit.id, "reason": reason}, names)
    change = reasons.NO_FIX if unserved.fix is None else said_fix(week, visit, unserved.fix, names, volunteer=volunteer)
    return reasons.say(reasons.UNSERVED, {"visit": visit.id, "reason": reason, "fix": change}, names)


def said_fix(
    week: Week, visit: Visit, change: Mapping[str, object], names: reasons.Names, *, volunteer: Volunteer | None = None
) -> reasons.Words:
    """Say what a fix would change, from what to what."""
    kind = str(change["change"])
    fields: dict[str, object] = dict(change)
    volunteer = volunteer or next((one for one in week.volunteers if one.id == change.get("volunteer")), None)
    fields["old"], fields["new"] = _old_and_new(week, visit, volunteer, change)
    if kind == "volunteer.window" and "index" not in change:
        kind += ".more"
    if kind == "recruit":
        fields["count"] = change.get("count", 1)
        fields["more"] = reasons.more_terms(gender=change.get("gender"), mode=change.get("mode"), boxes=change.get("boxes"))
    return reasons.say(reasons.FIXES[kind], fields, names)


def _old_and_new(week: Week, visit: Visit, volunteer: Volunteer | None, change: Mapping[str, object]) -> tuple[object, object]:
    """Give the value a fix replaces and the one it sets, as words."""
    kind = str(change["change"])
    key = {"recruit": "window"}.get(kind, kind.partition(".")[2])
    new = change[key]
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
