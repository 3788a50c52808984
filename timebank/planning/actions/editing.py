"""Hand edits of the plan: each makes a whole new plan, and the referee judges it before anything is stored.

A refused edit says why in one sentence and, where one exists, carries the smallest change that would allow it. Legal
gates (a licence, insurance, do-not-pair) never yield: they come out as missing skills and excluded people.
"""

import json
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any

from matching import model as engine
from matching import reasons
from matching.advice.assign import Insertion, apply, insertions, without
from matching.advice.explain import explain
from matching.advice.rank import Candidate as Ranked
from matching.advice.rank import rank
from matching.files import plan_to_json
from matching.referee.check import check
from timebank import audit, clock
from timebank.errors import Conflict, Invalid, wrong
from timebank.planning import begun, doors, scenes, snapshot
from timebank.planning.actions import runs, steps
from timebank.planning.actions.steps import CannotBe
from timebank.planning.actions.weeks import must_be, touch
from timebank.planning.board import Board, in_time, laid_out, lay_out, only
from timebank.planning.models import Plan, PlanState, Unserved
from timebank.planning.naming import Names
from timebank.sentences import Sentence
from timebank.visits.models import Visit
from timebank.visits.states import TO_COME
from timebank.volunteers.models import Volunteer

OWN_CEILINGS = ("volunteer.max_day", "volunteer.max_week", "volunteer.radius")
TAKEN_UP = (*OWN_CEILINGS, "visit.window", "visit.days", "volunteer.window")
MOST_MORE = 240
GATES = {"no_skill", "not_allowed"}


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who could serve a visit: with whom, when, what it would cost, and whether they know the door."""

    volunteers: list[Volunteer]
    day: date
    start: int
    cost: float
    travel: int
    strangers: int
    serves_now: bool


def candidates(plan: Plan, visit: Visit) -> list[Candidate]:
    """Return who could serve a visit from now on as the plan stands otherwise, the best first."""
    board = lay_out(plan)
    people = {each.id: each for each in board.of.volunteers}
    name = f"x{visit.id}"
    best: dict[tuple[str, ...], Ranked] = {}
    for week in _weeks_to_come(board.week, plan, name):
        for found in rank(week, board.plan, name):
            if in_time(found.insertion, plan):
                best.setdefault(tuple(sorted(found.volunteers)), found)
    return [_candidate(each, people, plan) for each in sorted(best.values(), key=lambda each: each.cost)]


def _candidate(found: Ranked, people: dict[int, Volunteer], plan: Plan) -> Candidate:
    """Return one of the engine's ways in our own words."""
    who = [people[snapshot.number(name)] for name in found.volunteers]
    day = plan.week + timedelta(days=found.day)
    return Candidate(who, day, found.start, found.cost, found.travel, found.new_faces, found.serves_now)


def _weeks_to_come(week: engine.Week, plan: Plan, name: str) -> list[engine.Week]:
    """Return the week as this visit can still be in it: on later days, and on today from now on; none when it is past."""
    now = clock.now()
    today = (now.date() - plan.week).days
    visit = next((each for each in week.visits if each.id == name), None)
    if visit is None:
        return []
    later = tuple(day for day in visit.days if day > today)
    found = [replace(visit, days=later)] if later else []
    start = max(visit.window[0], clock.minute_of(now))
    if today in visit.days and start + visit.minutes <= visit.window[1]:
        found.append(replace(visit, days=(today,), window=(start, visit.window[1])))
    return [replace(week, visits=tuple(each if other.id == name else other for other in week.visits)) for each in found]


def _way_in(week: engine.Week, bare: engine.Plan, plan: Plan, name: str, among: set[str]) -> Insertion | None:
    """Return the cheapest way to put a visit in from now on with all of these people; among none means anybody."""
    found = [each for part in _weeks_to_come(week, plan, name) for each in insertions(part, bare, name)]
    fits = [each for each in found if among <= set(each.volunteers) and in_time(each, plan)]
    return min(fits, key=lambda each: (each.cost_delta, each.day, each.start), default=None)


def assign(
    plan: Plan,
    version: int,
    visit: Visit,
    volunteers: list[Volunteer],
    day: date | None = None,
    start: int | None = None,
    *,
    seen: str = "",
) -> None:
    """Give a visit to these people, on this day and at this minute if they are named; it leaves whoever had it.

    ``seen`` is how the visit stood when it was looked at: then other changes of the plan do not matter, only those of this visit.
    """
    week = _may_edit(plan, version, visit, seen)
    if not volunteers or len(volunteers) > visit.crew:
        raise Invalid(
            "这一件要 %(crew)s 位志愿者，请选好再存。",
            fields={"volunteers": Sentence("请选 %(crew)s 位", crew=visit.crew)},
            crew=visit.crew,
        )
    _may_be_then(plan, visit, day, start)
    people = {each.id for each in volunteers}
    of = steps.around(week, people, [visit.id]) if len(people) == visit.crew else week
    board = laid_out(of)
    name = f"x{visit.id}"
    bare = without(board.plan, name)
    names = {f"v{each}" for each in people}
    asked = _narrowed(board.week, visit, names, (day - plan.week).days if day else None, start)
    found = _way_in(asked, bare, plan, name, names)
    if found is None:
        raise _refused(plan, board, asked, bare, visit, names)
    steps.store(plan, week, steps.differing(of, apply(bare, found), [visit.id]), "assign")
    audit.record("assign", "visit", visit.id, plan=plan.id, volunteers=sorted(people))


def _may_be_then(plan: Plan, visit: Visit, day: date | None, start: int | None) -> None:
    """Refuse a day or time that is not agreed for a visit, or that is past."""
    if day is not None and not plan.week <= day < plan.week + timedelta(days=doors.DAYS):
        raise Conflict("这一天不在这一周里，请选这一周的日子。")
    if day is not None and day.isoformat() not in visit.days:
        raise Conflict("没有约在这一天。先和老人商量好改日子，再来排。")
    if start is not None and not visit.window_from <= start <= visit.window_to - visit.minutes:
        agreed = f"{clock.hhmm(visit.window_from)}–{clock.hhmm(visit.window_to)}"
        raise Conflict(
            "和老人约的是 %(agreed)s，要做 %(visit_minutes)s 分钟，请选这段时间里的钟点。", agreed=agreed, visit_minutes=visit.minutes
        )
    if day is not None and start is not None and clock.at(day, start) < clock.now():
        raise Conflict("这个时间已经过了，请选后面的时间。")


def _narrowed(week: engine.Week, visit: Visit, names: set[str], weekday: int | None, start: int | None) -> engine.Week:
    """Return the week in which this visit can only be at the wished time and only by the named people."""
    name = f"x{visit.id}"
    narrowed = [_at(each, weekday, start) if each.id == name else each for each in week.visits]
    door = f"h{visit.household_id}"
    others = tuple(each.id for each in week.volunteers if each.id not in names) if len(names) == visit.crew else ()
    elders = [replace(each, excluded=(*each.excluded, *others)) if each.id == door else each for each in week.elders]
    return replace(week, visits=tuple(narrowed), elders=tuple(elders))


def _at(visit: engine.Visit, weekday: int | None, start: int | None) -> engine.Visit:
    """Return a visit bound to a day and a minute."""
    days = visit.days if weekday is None else (weekday,)
    window = visit.window if start is None else (start, start + visit.minutes)
    return replace(visit, days=days, window=window)


def _refused(plan: Plan, board: Board, week: engine.Week, bare: engine.Plan, visit: Visit, names: set[str]) -> CannotBe:
    """Return the refusal of an assignment: the engine's reason as if only these people existed, with the way on."""
    name = f"x{visit.id}"
    small = only(board, week, bare, name, names)
    reason = next((each for each in explain(*small) if each.visit == name), None)
    if reason is None or reason.reason in {"search", "pin"}:
        return CannotBe("这样排不行：和这位志愿者的其他安排对不上，或者时间已经过了。")
    known = Names(plan.community_id)
    who = sorted(names - set(reason.who)) if reason.reason == "no_skill" else reason.who
    why = _why_not(known, reason.reason, {"who": who or sorted(names), "skills": _wanted(visit), "visit": name}, visit.crew)
    declined = sorted(names & set(next(each for each in week.visits if each.id == name).excluded))
    if declined and reason.reason == "not_allowed":
        why = known.declined(declined)
    more, whose = _more_minutes(board, reason.fix)
    if reason.reason == "ceiling" and whose is None:
        whose = snapshot.number(min(reason.who or names))
    return CannotBe("这样排不行：%(why)s", why=why, volunteer=whose, minutes=more, gate=reason.reason in GATES)


def _why_not(known: Names, reason: str, fields: dict[str, Any], crew: int) -> tuple[str, str]:
    """Return why the named people cannot go: of a lacking skill as the referee says it, of all else as the engine does."""
    if reason == "no_skill":
        return known.say(reasons.RULES["skill"], fields)
    zh, en = known.say(reasons.reason_words(reason, crew=crew), fields)
    return f"{zh}。", f"{en}."


def _more_minutes(board: Board, fix: Any) -> tuple[int, int | None]:  # noqa: ANN401 - the engine's fix is a table of its own
    """Return how many more minutes whose ceiling would need, nothing when the fix is another one."""
    change = fix["change"] if fix else ""
    if change not in {"volunteer.max_day", "volunteer.max_week"}:
        return 0, None
    field = change.removeprefix("volunteer.")
    now = next(getattr(each, field) for each in board.week.volunteers if each.id == fix["volunteer"])
    return int(fix[field]) - int(now), snapshot.number(fix["volunteer"])


def _wanted(visit: Visit) -> list[str]:
    """Return the skills a visit needs."""
    return [*visit.kind.skills, *([snapshot.INSURED] if visit.kind.insured else [])]


def unassign(plan: Plan, version: int, visit: Visit, *, seen: str = "") -> None:
    """Take a visit off the plan; it stands as unserved with its reason."""
    steps.store(plan, _may_edit(plan, version, visit, seen), {visit.id: []}, "unassign")
    audit.record("unassign", "visit", visit.id, plan=plan.id)


def pin(plan: Plan, version: int, visit: Visit, *, pinned: bool, seen: str = "") -> None:
    """Fix a visit to its people and time, or free it again."""
    of = _may_edit(plan, version, visit, seen)
    mine = steps.lines_of(of.assignments, [visit.id])
    if not mine[visit.id]:
        raise Conflict("这一件还没有排给谁，不能锁定。")
    steps.store(plan, of, {visit.id: [replace(line, pinned=pinned) for line in mine[visit.id]]}, "pin" if pinned else "unpin")
    audit.record("pin" if pinned else "unpin", "visit", visit.id, plan=plan.id)


def can_take_up(unserved: Unserved) -> bool:
    """Say whether the fix of an unserved visit is one a coordinator can make here and now."""
    return unserved.fix is not None and unserved.fix["change"] in TAKEN_UP and not is_over(unserved.visit, unserved.fix)


def needs_reason(unserved: Unserved) -> bool:
    """Say whether taking up a fix goes beyond what a volunteer agreed to, so that a reason is written down."""
    return unserved.fix is not None and unserved.fix["change"] in OWN_CEILINGS


def take_up(plan: Plan, version: int, unserved: Unserved, reason: str = "") -> None:
    """Make the change an unserved visit's fix names, for this week, and put the visit in."""
    _may_edit(plan, version, unserved.visit)
    fix = unserved.fix
    if fix is None or not can_take_up(unserved):
        raise Conflict("这个办法不能在这里一键完成，请按提示去办。")
    if needs_reason(unserved) and not reason.strip():
        raise _no_reason()
    _change(plan, unserved.visit, fix, reason.strip())
    plan.windows = scenes.scene(plan).windows
    board = lay_out(plan)
    found = _way_in(board.week, board.plan, plan, f"x{unserved.visit_id}", set())
    if found is None:
        raise Conflict("计划已经变了，这个办法不再够用。请看最新的原因。")
    audit.record("take_up", "visit", unserved.visit_id, plan=plan.id, change=fix["change"])
    steps.store(plan, board.of, steps.differing(board.of, apply(board.plan, found), [unserved.visit_id]), "take_up")


def _change(plan: Plan, visit: Visit, fix: dict[str, Any], reason: str) -> None:
    """Make one change of this week; what goes beyond a volunteer's own ceiling keeps its reason beside it."""
    change = fix["change"]
    if change == "visit.window":
        visit.window_from, visit.window_to = fix["window"]
    elif change == "visit.days":
        visit.days = [(plan.week + timedelta(days=day)).isoformat() for day in fix["days"]]
    else:
        key = str(snapshot.number(fix["volunteer"]))
        own = dict(plan.ceilings.get(key, {}))
        if change == "volunteer.window":
            own["extra"] = [*own.get("extra", []), list(fix["window"])]
        else:
            field = change.removeprefix("volunteer.")
            own |= {field: fix[field], "reason": reason}
        plan.ceilings = {**plan.ceilings, key: own}


def raise_ceiling(plan: Plan, version: int, volunteer: Volunteer, minutes: int, reason: str) -> None:
    """Let a volunteer be asked for more minutes this week, with a reason (C26)."""
    must_be(plan, version)
    if not reason.strip():
        raise _no_reason()
    if not 0 < minutes <= MOST_MORE:
        raise wrong("minutes", "请填 1 到 %(most)s 分钟。", most=MOST_MORE)
    key = str(volunteer.id)
    own = dict(plan.ceilings.get(key, {}))
    for field, base in (("max_week", volunteer.max_week), ("max_day", volunteer.max_day)):
        own[field] = own.get(field, base) + minutes
    own["reason"] = reason.strip()
    plan.ceilings = {**plan.ceilings, key: own}
    touch(plan)
    audit.record("raise_ceiling", "volunteer", volunteer.id, plan=plan.id, minutes=minutes)


def _no_reason() -> Invalid:
    """Return the refusal of a raised ceiling without a reason."""
    return Invalid("请写一句原因，再放宽上限。", fields={"reason": Sentence("请写原因")})


def is_over(visit: Visit, fix: dict[str, Any] | None = None) -> bool:
    """Say whether no moment is left in which a visit could still begin, with the days and times a fix would add."""
    now = clock.now()
    window_to = max(visit.window_to, fix["window"][1] if fix and fix["change"] == "visit.window" else 0)
    added = [visit.week + timedelta(days=day) for day in fix["days"]] if fix and fix["change"] == "visit.days" else []
    days = [*map(date.fromisoformat, visit.days), *added]
    return all(clock.at(day, window_to - visit.minutes) < now for day in days)


def _may_edit(plan: Plan, version: int, visit: Visit, seen: str = "") -> scenes.Scene:
    """Refuse to edit what is not as it was seen, or what is under way, over or past; return the week as it stands."""
    if not seen:
        must_be(plan, version)
    if plan.state is PlanState.CLOSED:
        raise Conflict("这一周已经结束，不能再改。")
    if visit.state not in TO_COME:
        raise Conflict("这一件已经开始或已经结束，不能再改。")
    if (visit.day is not None and visit.day < clock.today()) or (visit.day is None and is_over(visit) and not _movable(plan, visit)):
        raise Conflict("约好的时间已经过去了，不能再改。")
    of = scenes.scene(plan)
    if seen:
        steps.must_stand(plan, of, [visit.id], seen)
    return of


def _movable(plan: Plan, visit: Visit) -> bool:
    """Say whether a visit that is past can still be moved to a later time by taking up its fix."""
    return any(each.visit_id == visit.id and can_take_up(each) for each in plan.unserved)


def store(plan: Plan, board: Board, made: engine.Plan) -> None:
    """Let the referee judge a plan made by hand; store it with fresh reasons for what it leaves out."""
    verdict = check(board.week, made)
    before = {(each.rule, each.volunteer, each.visit) for each in check(board.week, board.plan).breaches}
    fresh = [each for each in verdict.breaches if (each.rule, each.volunteer, each.visit) not in before]
    if fresh:
        raise CannotBe("这样排不行：%(why)s", why=Names(plan.community_id).breach(fresh[0]))
    routes = json.loads(plan_to_json(made))["routes"]
    coming = {visit.id for visit in scenes.to_come(board.of)}
    plan.windows = board.of.windows
    runs.replace_assignments(plan, routes, coming)
    runs.replace_unserved(plan, [asdict(each) for each in explain(board.week, made)], coming)
    plan.served_weight = verdict.score.served_weight - len(begun.heres(board.of))
    touch(plan)
