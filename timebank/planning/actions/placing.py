"""A block of the board is put on another row or at another minute: a visit, or the meals of a trip, as they stand.

The referee judges the place before it counts. Where it says no, the nearest minute at which the same person could is looked for.
"""

from dataclasses import dataclass, replace
from datetime import date

from matching.referee.check import Breach
from timebank import audit
from timebank.errors import Conflict
from timebank.planning import scenes
from timebank.planning.actions import steps
from timebank.planning.actions.steps import CEILINGS, GATES, CannotBe, Line, Lines
from timebank.planning.models import Plan, PlanState

NEAR = (5, 10, 15, 20, 30, 45, 60, 90, 120)
"""So many minutes earlier or later a place that holds is looked for."""


@dataclass(frozen=True, slots=True)
class Lifted:
    """What is lifted: the visits of one block, and whose row it stood on; nobody's where it is not served."""

    visits: tuple[int, ...]
    giver: int | None
    seen: str


def place(plan: Plan, lifted: Lifted, taker: int, day: date, first: int) -> None:
    """Put a block on somebody's row, its first minute at ``first``; it leaves whoever had it, and its own people stay together."""
    of = _ready(plan, lifted)
    wanted = _wanted(of, lifted, taker, day, first)
    around = steps.around(of, steps.people_in(wanted), lifted.visits)
    broken, _more = steps.breach_of(around, wanted)
    if broken is not None:
        raise steps.refusal(plan, broken, _could_at(broken, of, around, lifted, taker, day, first))
    steps.store(plan, of, wanted, "place")
    audit.record("place", "plan", plan.id, visits=list(lifted.visits), volunteer=taker)


def look(plan: Plan, lifted: Lifted, taker: int, day: date, first: int) -> CannotBe | None:
    """Say whether a block could be put somewhere, and if not why and when else; nothing is written."""
    of = _ready(plan, lifted)
    try:
        wanted = _wanted(of, lifted, taker, day, first)
    except CannotBe as error:
        return error
    around = steps.around(of, steps.people_in(wanted), lifted.visits)
    broken, _more = steps.breach_of(around, wanted)
    if broken is None:
        return None
    return steps.refusal(plan, broken, _could_at(broken, of, around, lifted, taker, day, first))


def swap(plan: Plan, one: Lifted, other: Lifted) -> None:
    """Let two people change two blocks with each other, each at its own time."""
    if one.giver is None or other.giver is None or one.giver == other.giver:
        raise Conflict("对换要选两位不同的人的两块。")
    of = _ready(plan, one)
    steps.must_stand(plan, of, other.visits, other.seen)
    wanted = _given(of, one, other.giver) | _given(of, other, one.giver)
    steps.store(plan, of, wanted, "swap")
    audit.record("swap", "plan", plan.id, visits=[*one.visits, *other.visits], volunteers=[one.giver, other.giver])


def _ready(plan: Plan, lifted: Lifted) -> scenes.Scene:
    """Read the week and refuse what cannot be moved, or what another hand has changed since."""
    if plan.state is PlanState.CLOSED:
        raise Conflict("这一周已经结束，不能再改。")
    of = scenes.scene(plan)
    for visit in lifted.visits:
        steps.visit_of(of, visit)
    steps.must_stand(plan, of, lifted.visits, lifted.seen)
    return of


def _given(of: scenes.Scene, lifted: Lifted, taker: int) -> Lines:
    """Return the lines of a block with somebody else in the place of its giver, at the same time."""
    mine = steps.lines_of(of.assignments, lifted.visits)
    first = min((line.first for each in mine.values() for line in each if line.volunteer == lifted.giver), default=0)
    day = next((line.day for each in mine.values() for line in each if line.volunteer == lifted.giver), of.plan.week)
    return _wanted(of, lifted, taker, day, first)


def _wanted(of: scenes.Scene, lifted: Lifted, taker: int, day: date, first: int) -> Lines:
    """Return the lines of a block as they would be: all of it shifted alike, its pick-up with it, a crew at one time."""
    steps.person_of(of, taker)
    lines = steps.lines_of(of.assignments, lifted.visits)
    own = [line for mine in lines.values() for line in mine if line.volunteer == lifted.giver]
    if lifted.giver is None:
        return {visit: [*lines[visit], _fresh(of, visit, taker, day, first)] for visit in lifted.visits}
    if not own:
        raise Conflict("这一块已经不在这一行了。刷新看看，再挪。")
    by = first - min(line.first for line in own)
    last = max(line.start + steps.visit_of(of, visit).minutes for visit, mine in lines.items() for line in mine if line in own)
    window = _window(of, taker, day, first, last + by)
    return {
        visit: [_moved(line, lifted.giver, taker, window, day, by) for line in mine if line.volunteer != taker or taker == lifted.giver]
        for visit, mine in lines.items()
    }


def _moved(line: Line, giver: int, taker: int, window: int, day: date, by: int) -> Line:
    """Return one line as it would be; of a crew the other one only changes the time."""
    start, pickup = line.start + by, line.pickup + by if line.pickup is not None else None
    mine = line.volunteer == giver
    return replace(
        line, volunteer=taker if mine else line.volunteer, window=window if mine else line.window, day=day, start=start, pickup=pickup
    )


def _fresh(of: scenes.Scene, visit: int, taker: int, day: date, first: int) -> Line:
    """Return the line of a visit nobody had; a meal is fetched as soon as it can be, straight before."""
    wanted = steps.visit_of(of, visit)
    if wanted.canteen_id is None:
        return Line(taker, day, _window(of, taker, day, first, first + wanted.minutes), first)
    trips = [each for each in of.assignments if each.volunteer_id == taker and each.day == day and each.pickup is not None]
    pickup = max((each.pickup for each in trips if each.pickup is not None and each.pickup <= first), default=first)
    start = max(first, max((each.start + each.visit.minutes for each in trips if each.pickup == pickup), default=first))
    return Line(taker, day, _window(of, taker, day, pickup, start + wanted.minutes), start, pickup)


def _window(of: scenes.Scene, taker: int, day: date, first: int, last: int) -> int:
    """Return which of somebody's windows of a day holds a stretch, the nearest where none does; refuse where they are not free at all."""
    weekday = (day - of.plan.week).days
    if not 0 <= weekday < 7 or not 0 <= first < last <= 1440:
        raise CannotBe("这个时间不在这一天里，请往回挪。")
    windows = [
        (index, start, end) for index, (on, start, end) in enumerate(of.windows.get(str(taker), [])) if on == weekday and start < end
    ]
    if not windows:
        name = steps.person_of(of, taker).name
        raise CannotBe("%(name)s这一天没有报空闲时间。换一位，或者先请他报一段时间。", name=name)
    return min(windows, key=lambda each: (max(0, each[1] - first) + max(0, last - each[2]), each[0]))[0]


def _could_at(broken: Breach, of: scenes.Scene, around: scenes.Scene, lifted: Lifted, taker: int, day: date, first: int) -> int | None:
    """Return the nearest minute at which somebody could take a block on a day; None where there is none close by, or no time helps."""
    if broken.rule in GATES | CEILINGS:
        return None
    for by in NEAR:
        for minute in (first - by, first + by):
            try:
                wanted = _wanted(of, lifted, taker, day, minute)
            except CannotBe:
                continue
            if steps.breach_of(around, wanted)[0] is None:
                return minute
    return None
