"""The referee over a plan as it stands: what it breaks, and whose that is; the rest of the week is sound."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from matching.referee.check import Breach, check
from timebank.planning import queries, scenes, snapshot
from timebank.planning.board import laid_out
from timebank.planning.models import Assignment
from timebank.visits.actions import homes
from timebank.visits.models import Offer


@dataclass(frozen=True, slots=True)
class Judged:
    """What the referee says of a plan to come: each breach, and the people and visits it is confined to."""

    breaches: tuple[Breach, ...]
    volunteers: dict[int, Breach] = field(default_factory=dict)
    visits: dict[int, Breach] = field(default_factory=dict)

    def of(self, each: Assignment) -> Breach | None:
        """Return the breach that holds an assignment back, None where it is sound."""
        return self.volunteers.get(each.volunteer_id) or self.visits.get(each.visit_id)


def judged(of: scenes.Scene) -> Judged:
    """Judge a plan as it stands; what has been lived is never judged again."""
    laid = laid_out(of)
    verdict = check(laid.week, laid.plan)
    found = Judged(verdict.breaches)
    for breach in verdict.breaches:
        if breach.volunteer is not None:
            found.volunteers.setdefault(snapshot.number(breach.volunteer), breach)
        elif breach.visit is not None and snapshot.is_visit(breach.visit):
            found.visits.setdefault(snapshot.number(breach.visit), breach)
    return found


def judged_of(of: scenes.Scene, people: set[int]) -> Judged:
    """Judge what some people are to do, with whoever goes with them: no rule reaches beyond a person's week and a visit's crew."""
    if not people:
        return Judged(())
    mates = {each.visit_id for each in scenes.standing(of) if each.volunteer_id in people and each.visit.crew > 1}
    mine = people | {each.volunteer_id for each in scenes.standing(of) if each.visit_id in mates}
    return judged(of if len(mine) > len(of.volunteers) // 2 else scenes.narrowed(of, mine))


def cannot_be_kept(live: Sequence[Offer]) -> list[Offer]:
    """Return which of the offers at a door that has moved break a rule of their volunteer's week as it stands now."""
    found: list[Offer] = []
    for community, week in sorted({(made.visit.community_id, made.visit.week) for made in live}):
        mine = [made for made in live if (made.visit.community_id, made.visit.week) == (community, week)]
        plan = queries.plan_of(community, week)
        if plan is not None:
            verdict = judged_of(scenes.scene(plan), {made.volunteer_id for made in mine})
            found += [made for made in mine if made.volunteer_id in verdict.volunteers]
    return found


homes.out_of_reach.append(cannot_be_kept)
