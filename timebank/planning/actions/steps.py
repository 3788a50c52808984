"""Steps by hand: the lines of some visits are judged as they would be, written, and kept beside what they were.

Only those a step touches are laid out and judged: no rule reaches beyond a person's week and a visit's crew. Two hands may work at
once: a step asks whether its own visits are still as its author saw them, not whether anything else in the week has changed.
"""

import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, cast

from sqlalchemy import delete, select

from matching import model as engine
from matching import read_plan
from matching.advice.explain import explain
from matching.referee.check import Breach, check
from timebank import audit, clock
from timebank.db import db
from timebank.errors import Conflict
from timebank.planning import doors, scenes, snapshot
from timebank.planning.actions.weeks import touch
from timebank.planning.begun import heres
from timebank.planning.board import laid_out
from timebank.planning.models import Assignment, Plan, PlanEdit, Unserved
from timebank.planning.naming import Names
from timebank.planning.plain import PlainAssignment, PlainPerson, PlainVisit
from timebank.sentences import Sentence
from timebank.visits.models import Visit
from timebank.volunteers.models import Volunteer

GATES = {"skill", "gender", "excluded"}
CEILINGS = {"max_day", "max_week"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a plan: who goes to a visit, when, in which of their windows, with which pick-up, and whether it is fixed."""

    volunteer: int
    day: date
    window: int
    start: int
    pickup: int | None = None
    pinned: bool = False

    @property
    def first(self) -> int:
        """The minute it takes the volunteer from."""
        return self.start if self.pickup is None else self.pickup

    def kept(self) -> list[Any]:
        """Return the line as it is kept."""
        return [self.volunteer, self.day.isoformat(), self.window, self.start, self.pickup, self.pinned]


Lines = dict[int, list[Line]]


def as_line(kept: list[Any]) -> Line:
    """Return a line that was kept."""
    return Line(kept[0], date.fromisoformat(kept[1]), *kept[2:])


class CannotBe(Conflict):
    """A step by hand that breaks a rule; where minutes are what stands in the way, it says whose and how many more.

    ``could_at`` is the nearest minute at which it could be, None where there is none close by.
    """

    def __init__(
        self, words: str, *, volunteer: int | None = None, minutes: int = 0, gate: bool = False, could_at: int | None = None, **gaps: object
    ) -> None:
        """Keep the sentence, the change of a ceiling that would allow the step, and whether a legal gate is shut."""
        super().__init__(Sentence(words, **gaps))
        self.volunteer = volunteer
        self.minutes = minutes
        self.gate = gate
        self.could_at = could_at


class Overtaken(Conflict):
    """A step about a visit that somebody else has changed since it was looked at: what they made of it, and who."""


def lines_of(rows: Iterable[Assignment], visits: Collection[int]) -> Lines:
    """Return the lines of some visits among the rows of a plan; a visit without any has none."""
    found: Lines = {visit: [] for visit in visits}
    for each in rows:
        if each.visit_id in found:
            found[each.visit_id].append(Line(each.volunteer_id, each.day, each.window, each.start, each.pickup, each.pinned))
    return found


def mark_of(lines: Lines) -> str:
    """Return a word for how some visits stand, for a page to say what its reader saw."""
    said = sorted((visit, sorted(line.kept()[:2] + line.kept()[3:] for line in mine)) for visit, mine in lines.items())
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]


def must_stand(plan: Plan, of: scenes.Scene, visits: Collection[int], seen: str) -> None:
    """Refuse a step about visits that are not as its author saw them: the step of the other person is told, with what stands now."""
    now = lines_of(of.assignments, visits)
    if mark_of(now) == seen:
        return
    last = next((each for each in edits(plan) if set(map(int, each.after)) & set(visits)), None)
    who = last.author.shown_name if last is not None and last.author is not None else Sentence.of("planning.must_stand", "别人")
    at = clock.hhmm(clock.minute_of(last.at)) if last is not None else ""
    stands = "；".join(
        f"{of.people[line.volunteer].name if line.volunteer in of.people else line.volunteer} {clock.hhmm(line.start)}"
        for line in (line for mine in now.values() for line in mine)
    )
    raise Overtaken(
        "你看的时候，%(who)s %(at)s 已经改过这一块：现在是%(stands)s。你填的还在；要照你的来，再按一次。",
        who=who,
        at=at,
        stands=stands or Sentence("还没有排给谁"),
    )


def lines_in(made: engine.Plan, of: scenes.Scene) -> Lines:
    """Return the lines that a plan of the engine holds, those that are fixed staying so."""
    fixed = {(each.visit_id, each.volunteer_id) for each in of.assignments if each.pinned}
    found: Lines = {}
    for route in made.routes:
        who = snapshot.number(route.volunteer)
        day = of.plan.week + timedelta(days=of.windows[str(who)][route.window][0])
        fetched = {name: stop.at for stop in route.stops if isinstance(stop, engine.PickupStop) for name in stop.visits}
        for stop in route.stops:
            if isinstance(stop, engine.VisitStop) and snapshot.is_visit(stop.visit):
                visit = snapshot.number(stop.visit)
                line = Line(who, day, route.window, stop.start, fetched.get(stop.visit), (visit, who) in fixed)
                found.setdefault(visit, []).append(line)
    return found


def differing(of: scenes.Scene, made: engine.Plan, more: Collection[int] = ()) -> Lines:
    """Return the lines of those visits that a plan of the engine has otherwise than a scene, and of some more."""
    wanted = lines_in(made, of)
    stands = lines_of(of.assignments, {*wanted, *more})
    return {visit: wanted.get(visit, []) for visit in stands if set(stands[visit]) != set(wanted.get(visit, []))}


def edits(plan: Plan) -> list[PlanEdit]:
    """Return the steps by hand of a plan that have not gone out, the newest first."""
    rows = select(PlanEdit).where(PlanEdit.plan_id == plan.id, PlanEdit.sent.is_(False))
    return list(db.session.scalars(rows.order_by(PlanEdit.id.desc())))


def around(of: scenes.Scene, people: Collection[int], visits: Collection[int]) -> scenes.Scene:
    """Return a scene of some people and visits, of whoever has these now, and of whoever goes anywhere with them."""
    concerned = {*people, *(each.volunteer_id for each in of.assignments if each.visit_id in visits)}
    shared = {each.visit_id for each in of.assignments if each.volunteer_id in concerned and each.visit.crew > 1}
    mates = {each.volunteer_id for each in of.assignments if each.visit_id in shared}
    return scenes.narrowed(of, concerned | mates, visits)


def people_in(*lines: Lines) -> set[int]:
    """Return everybody whom some lines name."""
    return {line.volunteer for each in lines for mine in each.values() for line in mine}


def breach_of(of: scenes.Scene, wanted: Lines) -> tuple[Breach | None, int]:
    """Judge a narrow scene with other lines for some visits: the first rule it breaks that was kept before, and the weight it adds."""
    laid = laid_out(of)
    before = check(laid.week, laid.plan)
    kept = {(each.rule, each.volunteer, each.visit) for each in before.breaches}
    made = {"format": "timebank-plan/1", "week": doors.week_name(of.plan), "routes": snapshot.routes(_with(of, wanted), heres(of))}
    verdict = check(laid.week, read_plan(made, laid.week))
    fresh = [each for each in verdict.breaches if (each.rule, each.volunteer, each.visit) not in kept]
    return (fresh[0] if fresh else None), verdict.score.served_weight - before.score.served_weight


def _with(of: scenes.Scene, wanted: Lines) -> list[Assignment]:
    """Return the standing lines of a scene with others for some visits."""
    visits = {each.id: cast("PlainVisit", each) for each in of.visits}
    people = {each.id: cast("PlainPerson", each) for each in of.volunteers}
    rows: list[Assignment] = [each for each in scenes.standing(of) if each.visit_id not in wanted]
    for visit, mine in wanted.items():
        rows += [
            cast(
                "Assignment",
                PlainAssignment(
                    0,
                    of.plan.id,
                    visit,
                    line.volunteer,
                    line.day,
                    line.window,
                    line.start,
                    line.pickup,
                    line.pinned,
                    clock.now(),
                    visits[visit],
                    people[line.volunteer],
                ),
            )
            for line in mine
        ]
    return rows


def refusal(plan: Plan, broken: Breach, could_at: int | None = None) -> CannotBe:
    """Return the referee's no in words, with what would allow it."""
    over = broken.rule in CEILINGS
    more = int(str(broken.fields.get("work", 0))) - int(str(broken.fields.get("ceiling", 0))) if over else 0
    whose = snapshot.number(broken.volunteer) if over and broken.volunteer else None
    return CannotBe(
        "这样排不行：%(why)s",
        why=Names(plan.community_id).breach(broken),
        volunteer=whose,
        minutes=more,
        gate=broken.rule in GATES,
        could_at=could_at,
    )


def store(plan: Plan, week: scenes.Scene, wanted: Lines, verb: str) -> None:
    """Judge other lines for some visits of a week, write them, and keep the step; where nothing becomes another, only say why it is so."""
    before = lines_of(week.assignments, wanted)
    if before == wanted:
        _say_why(plan, week, wanted)
        return
    put(plan, week, wanted)
    keep(plan, verb, before, wanted)


def put(plan: Plan, week: scenes.Scene, wanted: Lines) -> None:
    """Judge and write other lines for some visits; what is left without anybody gets its reason, whoever else could go looked at."""
    of = around(week, people_in(wanted), wanted)
    broken, more = breach_of(of, wanted)
    if broken is not None:
        raise refusal(plan, broken)
    _write(plan, wanted)
    plan.windows = {**plan.windows, **of.windows}
    plan.served_weight += more
    _say_why(plan, week, wanted)


def keep(plan: Plan, verb: str, before: Lines, after: Lines) -> None:
    """Note a step that was taken; steps that were taken back before it cannot be made again any more."""
    made = PlanEdit(
        plan_id=plan.id,
        by=audit.acting_user(),
        at=clock.now(),
        verb=verb,
        before={str(visit): [line.kept() for line in mine] for visit, mine in before.items()},
        after={str(visit): [line.kept() for line in mine] for visit, mine in after.items()},
    )
    db.session.execute(delete(PlanEdit).where(PlanEdit.plan_id == plan.id, PlanEdit.undone_at.is_not(None)))
    db.session.add(made)
    touch(plan)


def _write(plan: Plan, after: Lines) -> None:
    """Write the lines of some visits in place of those that stand; what stays the same is left alone."""
    there: dict[int, dict[int, Assignment]] = {}
    for each in db.session.scalars(select(Assignment).where(Assignment.plan_id == plan.id, Assignment.visit_id.in_(list(after)))):
        there.setdefault(each.visit_id, {})[each.volunteer_id] = each
    for visit, mine in after.items():
        stands = there.get(visit, {})
        wanted = {line.volunteer: line for line in mine}
        for who, row in stands.items():
            if who not in wanted:
                db.session.delete(row)
        for who, line in wanted.items():
            row = stands.get(who) or Assignment(plan_id=plan.id, visit_id=visit, volunteer_id=who)
            row.day, row.window, row.start, row.pickup, row.pinned = line.day, line.window, line.start, line.pickup, line.pinned
            row.made_at = clock.now()
            db.session.add(row)
    db.session.flush()
    db.session.expire(plan, ["assignments"])


def _say_why(plan: Plan, week: scenes.Scene, wanted: Lines) -> None:
    """Write why some visits are served by nobody now, and forget why others were."""
    db.session.execute(delete(Unserved).where(Unserved.plan_id == plan.id, Unserved.visit_id.in_(list(wanted))))
    left = {f"x{visit}" for visit, mine in wanted.items() if not mine}
    if left:
        laid = laid_out(replace(week, assignments=_with(week, wanted)))
        asked = left | {stop.visit for route in laid.plan.routes for stop in route.stops if isinstance(stop, engine.VisitStop)}
        some = replace(laid.week, visits=tuple(each for each in laid.week.visits if each.id in asked))
        for each in explain(some, laid.plan):
            if each.visit in left:
                why = {"reason": each.reason, "who": list(each.who), "zh": each.zh, "en": each.en, "fix": each.fix}
                db.session.add(Unserved(plan_id=plan.id, visit_id=snapshot.number(each.visit), **why))
    db.session.flush()
    db.session.expire(plan, ["unserved"])


def person_of(of: scenes.Scene, number: int) -> Volunteer:
    """Return somebody of a scene; refuse who is not there this week."""
    if number not in of.people:
        raise Conflict("这位这一周不在这里服务，请另选一位。")
    return of.people[number]


def visit_of(of: scenes.Scene, number: int) -> Visit:
    """Return a visit of a scene that can still be planned."""
    found = next((each for each in scenes.to_come(of) if each.id == number), None)
    if found is None:
        raise Conflict("这一件已经开始或已经过去，不能再挪。")
    return found
