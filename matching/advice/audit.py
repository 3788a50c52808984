"""The full check of a finished plan: what it says about itself, its reasons and its fixes.

The hard rules are the referee's alone; here the statements are held against the referee's score and against the
functions that explain, and every fix is made and tried.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from matching import reasons
from matching.advice.assign import allowed
from matching.advice.explain import reason_of
from matching.advice.fixes import Look, fits, fix
from matching.advice.openings import ask
from matching.advice.plan_arrays import Standing
from matching.advice.week_arrays import Ground
from matching.model import Plan, Score, Unserved, Visit, Volunteer, Week, Window
from matching.referee.check import Breach, Verdict

TOLERANCE = 0.11
PLENTY = 1_000_000_000


def audit(week: Week, plan: Plan, verdict: Verdict) -> list[Breach]:
    """Find what a plan says that does not hold: status, score, bound, the list of unserved, reasons and fixes.

    Parameters
    ----------
    week : Week
        The week.
    plan : Plan
        A plan of it.
    verdict : Verdict
        What the referee said about the plan's routes.

    Returns
    -------
    list of Breach
        One for each statement that is false or missing.
    """
    said = [*_status(plan, verdict.score), *_score(plan, verdict.score), *_bound(plan, verdict.score)]
    standing = Standing(Ground(week), plan)
    said += _listed(standing, plan)
    if verdict.ok:
        said += [breach for one in plan.unserved if one.visit not in standing.served for breach in _true(standing, one)]
    return said


def _false(rule: str, **fields: object) -> Breach:
    words = reasons.say(reasons.AUDIT[rule], fields)
    visit = fields.get("visit")
    return Breach(rule=rule, zh=words.zh, en=words.en, visit=str(visit) if visit else None, fields=fields)


def _status(plan: Plan, score: Score) -> Iterator[Breach]:
    proved = plan.bound is not None and score.served_weight == plan.bound
    pinned_out = any(one.reason == "pin" for one in plan.unserved)
    stated = "served_optimal" if plan.status == "optimal" else plan.status
    # A plan that leaves a pin out may be best or not: its bound counts plans that keep as many pins.
    if stated != ("served_optimal" if proved else "feasible") and not (proved and pinned_out):
        yield _false("status", stated=plan.status)


def _score(plan: Plan, real: Score) -> Iterator[Breach]:
    if plan.score is None:
        yield _false("score", goal="served_weight", stated=None, real=real.served_weight)
        return
    for goal in Score.__slots__:
        stated, is_ = getattr(plan.score, goal), getattr(real, goal)
        if abs(stated - is_) > (TOLERANCE if goal in {"fairness", "cost"} else 0):
            yield _false("score", goal=goal, stated=stated, real=is_)


def _bound(plan: Plan, score: Score) -> Iterator[Breach]:
    if plan.bound is None or plan.bound < score.served_weight:
        yield _false("bound", stated=plan.bound, real=score.served_weight)


def _listed(standing: Standing, plan: Plan) -> Iterator[Breach]:
    listed = Counter(one.visit for one in plan.unserved)
    for visit in standing.ground.week.visits:
        if listed[visit.id] != (visit.id not in standing.served):
            yield _false("unserved", visit=visit.id)


def _true(standing: Standing, unserved: Unserved) -> Iterator[Breach]:
    """Hold one reason and one fix against the plan."""
    visit = standing.ground.visits[unserved.visit]
    look = Look(standing, visit)
    reason, _ = reason_of(look)
    if reason != unserved.reason:
        yield _false("reason", visit=visit.id, stated=unserved.reason, real=reason)
        return
    expected = None if reason in {"pin", "search"} else fix(look)
    stated = unserved.fix
    if stated is None or expected is None:
        held = stated is None and expected is None
    else:
        held = stated == expected or _as_good(standing, unserved, expected)
    if not held:
        yield _false("fix", visit=visit.id)


def _as_good(standing: Standing, unserved: Unserved, expected: Any) -> bool:  # noqa: ANN401  a fix as it was read
    """Say whether another fix is of the same row of the table, as big a change, and helps too."""
    week, visit, stated = standing.ground.week, standing.ground.visits[unserved.visit], unserved.fix
    try:
        if _row(stated) != _row(expected) or _size(week, visit, stated) != _size(week, visit, expected):
            return False
        changed = fixed(week, stated)
        after = Standing(Ground(changed), standing.plan)
    except (AttributeError, IndexError, KeyError, StopIteration, TypeError, ValueError):
        return False  # whatever else stands in a file under `fix`
    asked = ask(after.ground, after.ground.visits[unserved.visit])
    return fits(after, asked, allowed(after.ground, asked))


def _row(change: Any) -> tuple[str, bool]:  # noqa: ANN401
    """Name the row of the table a fix belongs to; the two ceilings share one."""
    kind = str(change["change"])
    return ("volunteer.max" if kind.startswith("volunteer.max_") else kind), "index" in change


def _size(week: Week, visit: Visit, change: Any) -> float:  # noqa: ANN401
    """Measure a change in the steps of its row."""
    kind, with_index = _row(change)
    key = change["change"].partition(".")[2]
    if kind in {"volunteer.max", "volunteer.radius"} or with_index:
        volunteer = next(one for one in week.volunteers if one.id == change["volunteer"])
        if with_index:
            old = volunteer.windows[change["index"]]
            return float((change["window"][2] - change["window"][1]) - (old.end - old.start))
        return float(change[key] - getattr(volunteer, key))
    if kind == "visit.window":
        sooner, later = visit.window[0] - change["window"][0], change["window"][1] - visit.window[1]
        shared = min(abs(sooner), abs(later)) if sooner * later < 0 else 0
        return float(shared + sooner + later)
    if kind == "volunteer.window":
        return float(change["window"][2] - change["window"][1])
    return float(change["hot"]) if kind == "canteen.hot" else float(change.get("count", 1))


def fixed(week: Week, change: Any) -> Week:  # noqa: ANN401  a fix as it was read
    """Give the week with a fix made.

    Parameters
    ----------
    week : Week
        The week as it is.
    change : dict
        The fix of an unserved visit; its kind stands under `change`.

    Returns
    -------
    Week
        The week in which the visit can be put into the plan the fix was found for.
    """
    kind = change["change"]
    if kind == "recruit":
        return _recruited(week, change)
    subject, key = kind.split(".")
    if subject == "volunteer":
        people = tuple(_changed(one, key, change) if one.id == change["volunteer"] else one for one in week.volunteers)
        return replace(week, volunteers=people)
    if subject == "canteen":
        kitchens = tuple(replace(one, hot=change["hot"]) if one.id == change["canteen"] else one for one in week.canteens)
        return replace(week, canteens=kitchens)
    visits = tuple(_moved(one, key, change) if one.id == change["visit"] else one for one in week.visits)
    return replace(week, visits=visits)


def _moved(visit: Visit, key: str, change: Any) -> Visit:  # noqa: ANN401
    if key == "crew":
        return replace(visit, crew=change["crew"], second=None)
    if key == "days":
        return replace(visit, days=tuple(change["days"]))
    start, end = change["window"]
    return replace(visit, window=(start, end))


def _changed(volunteer: Volunteer, key: str, change: Any) -> Volunteer:  # noqa: ANN401
    if key == "skills":
        return replace(volunteer, skills=(*volunteer.skills, *change["skills"]))
    if key != "window":
        return replace(volunteer, **{key: change[key]})
    windows = list(volunteer.windows)
    if "index" in change:
        windows[change["index"]] = Window(*change["window"])
    else:
        windows.append(Window(*change["window"]))
    return replace(volunteer, windows=tuple(windows))


def _recruited(week: Week, change: Any) -> Week:  # noqa: ANN401
    """Add the volunteers looked for; what the fix does not name limits nothing."""
    modes = tuple(week.travel.pace if week.travel.pace is not None else week.travel.minutes or ())
    taken = {one.id for one in week.volunteers}
    names = (name for number in range(len(taken) + 2) if (name := f"recruit-{number + 1}") not in taken)
    people = tuple(
        Volunteer(
            id=next(names),
            place=change["place"],
            gender=change.get("gender"),
            skills=tuple(change["skills"]),
            mode=change.get("mode", modes[0]),
            boxes=change.get("boxes", PLENTY),
            trips=None,
            radius=None,
            windows=(Window(*change["window"]),),
            max_day=PLENTY,
            max_week=PLENTY,
        )
        for _ in range(change.get("count", 1))
    )
    return replace(week, volunteers=(*week.volunteers, *people))
