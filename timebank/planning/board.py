"""A plan laid out for the engine, whole or as if only some people existed; what a hand edit and a hand-over are tried on."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from matching import model as engine
from matching import read_plan, read_week
from matching.advice.assign import Insertion
from timebank import clock
from timebank.planning import scenes, snapshot
from timebank.planning.models import Plan


@dataclass(frozen=True, slots=True)
class Board:
    """A plan laid out for the engine: the week and the plan as they stand."""

    of: scenes.Scene
    week: engine.Week
    plan: engine.Plan

    def only(self, names: set[str], bare: engine.Plan, wanted: Iterable[str]) -> tuple[engine.Week, engine.Plan]:
        """Return the week and the plan as if only the named people existed, with what they do already and what is wanted of them."""
        return _only(self, self.week, bare, set(wanted), names)


def lay_out(plan: Plan) -> Board:
    """Return a plan, read now, laid out for the engine."""
    return laid_out(scenes.scene(plan))


def laid_out(of: scenes.Scene) -> Board:
    """Return a plan that has been read laid out for the engine, worked out once."""
    if "board" not in of.memo:
        week = read_week(snapshot.board_week(of))
        of.memo["board"] = Board(of, week, read_plan(snapshot.board_plan(of), week))
    found: Board = of.memo["board"]
    return found


def in_time(found: Insertion, plan: Plan) -> bool:
    """Say whether a meal put into a round of today can still be picked up with it."""
    now = clock.now()
    if found.day != (now.date() - plan.week).days:
        return True
    picked = (stop for route in found.new_routes for stop in route.stops if isinstance(stop, engine.PickupStop))
    return all(stop.at >= clock.minute_of(now) for stop in picked if found.visit in stop.visits)


def _only(board: Board, week: engine.Week, bare: engine.Plan, wanted: set[str], names: set[str]) -> tuple[engine.Week, engine.Plan]:
    """Return a week and a plan as if only the named people existed; others of a crew are taken for there."""
    mine = tuple(route for route in bare.routes if route.volunteer in names)
    theirs = {stop.visit for route in mine for stop in route.stops if isinstance(stop, engine.VisitStop)} | wanted
    agreed = {each.id: each.excluded for each in board.week.elders}
    small = replace(
        week,
        volunteers=tuple(each for each in week.volunteers if each.id in names),
        visits=tuple(_alone(each, wanted) for each in week.visits if each.id in theirs),
        elders=tuple(
            replace(
                each,
                preferred=tuple(one for one in each.preferred if one in names),
                excluded=tuple(one for one in agreed[each.id] if one in names),
            )
            for each in week.elders
        ),
        history=frozenset(pair for pair in week.history if pair[1] in names),
        pins=tuple(each for each in week.pins if names.issuperset(each.volunteers) and each.visit in theirs),
        baseline=None,
    )
    return small, replace(bare, routes=mine)


def only(board: Board, week: engine.Week, bare: engine.Plan, name: str, names: set[str]) -> tuple[engine.Week, engine.Plan]:
    """Return a narrowed week and a plan as if only the named people existed, with one visit that is wanted of them."""
    return _only(board, week, bare, {name}, names)


def _alone(visit: engine.Visit, wanted: set[str]) -> engine.Visit:
    """Return another visit of the same people as if nobody else were needed for it."""
    return visit if visit.id in wanted or visit.crew == 1 else replace(visit, crew=1, second=None)
