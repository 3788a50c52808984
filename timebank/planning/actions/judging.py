"""The referee over a plan as it stands: what it breaks, and whose that is; the rest of the week is sound."""

from dataclasses import dataclass, field

from matching import check
from matching.referee.check import Breach
from timebank.planning import scenes, snapshot
from timebank.planning.board import laid_out
from timebank.planning.models import Assignment


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
