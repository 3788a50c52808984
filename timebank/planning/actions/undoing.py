"""Steps by hand are taken back and made again, each with its author, as long as they have not gone out; or all of them at once."""

from sqlalchemy import update

from timebank import audit, clock
from timebank.access.models import User
from timebank.db import db
from timebank.errors import Conflict
from timebank.planning import scenes
from timebank.planning.actions import steps
from timebank.planning.actions.steps import Lines, as_line, edits, lines_of
from timebank.planning.actions.weeks import touch
from timebank.planning.models import Plan, PlanEdit
from timebank.sentences import Sentence


def standing(plan: Plan) -> list[PlanEdit]:
    """Return the steps of a plan that stand and have not gone out, the newest first."""
    return [each for each in edits(plan) if each.undone_at is None]


def next_back(plan: Plan) -> PlanEdit | None:
    """Return the step that would be taken back next: the newest that stands."""
    return next(iter(standing(plan)), None)


def next_again(plan: Plan) -> PlanEdit | None:
    """Return the step that would be made again next: of those taken back, the oldest."""
    return next((each for each in reversed(edits(plan)) if each.undone_at is not None), None)


def take_back(plan: Plan, number: int, by: User, *, sure: bool = False) -> PlanEdit:
    """Take the newest step back; somebody else's only when whoever presses is sure."""
    found = next_back(plan)
    if found is None or found.id != number:
        raise Conflict("这一步已经撤销，或者后面又有了新的一步。刷新看看。")
    if found.by != by.id and not sure:
        who = found.author.shown_name if found.author is not None else Sentence.of("planning.take_back", "别人")
        raise Conflict("这一步是%(who)s做的。要撤销，请先打开“撤销”确认一下。", who=who)
    _put(plan, _lines(found.before), _lines(found.after))
    found.undone_at, found.undone_by = clock.now(), by.id
    touch(plan)
    audit.record("take_back", "plan_edit", found.id, plan=plan.id, author=found.by)
    return found


def make_again(plan: Plan, number: int, by: User) -> PlanEdit:
    """Make the step again that was taken back last."""
    found = next_again(plan)
    if found is None or found.id != number:
        raise Conflict("这一步已经重做，或者后面又有了新的一步。刷新看看。")
    _put(plan, _lines(found.after), _lines(found.before))
    found.undone_at = found.undone_by = None
    touch(plan)
    audit.record("make_again", "plan_edit", found.id, plan=plan.id, by=by.id)
    return found


def throw_away(plan: Plan, by: User) -> int:
    """Take all steps back that have not gone out, as one step that can itself be taken back; return how many they were."""
    thrown = standing(plan)
    if not thrown:
        raise Conflict("没有没发的手工改动，不用扔。")
    first: Lines = {}
    last: Lines = {}
    for each in thrown:  # the newest first: what an older one began with wins
        first |= _lines(each.before)
        last = {**_lines(each.after), **last}
    _put(plan, first, last)
    steps.keep(plan, "throw_away", last, first)
    audit.record("throw_away", "plan", plan.id, steps=len(thrown), by=by.id)
    return len(thrown)


def gone_out(plan: Plan) -> None:
    """Note that the steps of a plan have gone out: they are taken back by new steps only."""
    db.session.execute(update(PlanEdit).where(PlanEdit.plan_id == plan.id).values(sent=True))


def _lines(kept: dict[str, list[list[object]]]) -> Lines:
    """Return lines by visit as they were kept."""
    return {int(visit): [as_line(line) for line in mine] for visit, mine in kept.items()}


def _put(plan: Plan, wanted: Lines, expected: Lines) -> None:
    """Put lines in the place of those a step made, judged anew; refuse where somebody or the engine has changed them since."""
    of = scenes.scene(plan)
    coming = {each.id for each in scenes.to_come(of)}
    if not wanted.keys() <= coming:
        raise Conflict("其中有的已经开始或取消了，不能再撤销这一步。")
    now = lines_of(of.assignments, wanted)
    if any(set(now[visit]) != set(expected[visit]) for visit in wanted):
        raise Conflict("这一步之后，同一块又被改过或重新排过，不能直接撤销。请在计划里另改。")
    steps.put(plan, of, wanted)
