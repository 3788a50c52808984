"""What planning reads of a week, once and at one moment: its visits, people and promises, and what of the plan can still happen."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select

from timebank import clock
from timebank.db import db
from timebank.places.models import Building, Canteen
from timebank.planning import plain
from timebank.planning.lived import is_to_come
from timebank.planning.models import Assignment, Plan
from timebank.planning.windows import Window, free_windows, join_windows, less, less_time_off, merge_windows
from timebank.visits import queries as visits
from timebank.visits.actions.scheduling import is_wanted
from timebank.visits.models import Offer, OfferState, Visit
from timebank.visits.on_duty import Busy, busy
from timebank.visits.states import LIVE
from timebank.volunteers.models import Volunteer

Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Scene:
    """What a snapshot is made of, read once and plain: ``live`` are the offers that stand, ``lost`` those that do not, by visit and volunteer.

    ``assignments`` are the plan's lines, ``declined`` who has ever declined which visit, ``usual`` the familiar faces of each door. It is a look at one moment: what was worked
    out from it (``memo``) is not worked out again.
    """

    plan: Plan
    visits: list[Visit]
    volunteers: list[Volunteer]
    canteens: list[Canteen]
    live: dict[Key, Offer]
    lost: dict[Key, Offer]
    excluded: dict[int, set[int]]
    on_duty: Busy
    assignments: list[Assignment]
    declined: dict[int, set[int]]
    houses: list[Building]
    usual: dict[int, set[int]]
    people: dict[int, Volunteer] = field(init=False)
    memo: dict[str, Any] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Index the people of the week."""
        object.__setattr__(self, "people", {each.id: each for each in self.volunteers})

    @property
    def windows(self) -> dict[str, list[Window]]:
        """The windows of everybody as they are now, worked out once; ``plan.windows`` are those stored last."""
        if "windows" not in self.memo:
            self.memo["windows"] = windows_now(self)
        found: dict[str, list[Window]] = self.memo["windows"]
        return found


def scene(plan: Plan) -> Scene:
    """Read a plan's week."""
    canteens = db.session.scalars(select(Canteen).where(Canteen.community_id == plan.community_id).order_by(Canteen.id))
    week = plain.rows(plan)
    usual, excluded = visits.ties(plan.community_id)
    return Scene(
        plan,
        week.visits,
        week.volunteers,
        list(canteens),
        {key: each for key, each in week.offers.items() if each.state in LIVE},
        {key: each for key, each in week.offers.items() if visits.is_lost(each)},
        excluded,
        busy(plan.community_id, plan.week),
        week.assignments,
        week.declined,
        week.houses,
        usual,
    )


def narrowed(of: Scene, people: set[int], more: Collection[int] = ()) -> Scene:
    """Return a scene as if only some people existed, with what they do and were asked, and with some more visits."""
    mine = [each for each in of.assignments if each.volunteer_id in people]
    live = {key: made for key, made in of.live.items() if key[1] in people}
    doors = {each.visit_id for each in mine} | {key[0] for key in live} | set(more)
    return replace(
        of,
        visits=[each for each in of.visits if each.id in doors],
        volunteers=[each for each in of.volunteers if each.id in people],
        live=live,
        lost={key: made for key, made in of.lost.items() if key[1] in people},
        assignments=mine,
    )


def to_come(of: Scene) -> list[Visit]:
    """Return the visits that can still be planned; what has begun is a fact, what nobody can reach in time any more is past."""
    if "to_come" not in of.memo:
        by_visit: dict[int, list[Offer]] = {}
        for (number, _), made in of.live.items():
            by_visit.setdefault(number, []).append(made)
        of.memo["to_come"] = [visit for visit in of.visits if is_to_come(visit, by_visit.get(visit.id, ()))]
    found: list[Visit] = of.memo["to_come"]
    return found


def standing(of: Scene) -> list[Assignment]:
    """Return the assignments that stand: of visits to come, whose whole crew is there and has not been lost."""
    if "standing" not in of.memo:
        of.memo["standing"] = _standing(of)
    found: list[Assignment] = of.memo["standing"]
    return found


def _standing(of: Scene) -> list[Assignment]:
    """Work out which assignments stand."""
    wanted = {visit.id: visit for visit in to_come(of)}
    crews: dict[int, list[Assignment]] = {}
    for each in of.assignments:
        if each.visit_id in wanted and stands(of, each):
            crews.setdefault(each.visit_id, []).append(each)
    whole = (crew for visit, crew in crews.items() if len(crew) == wanted[visit].crew)
    return [each for crew in whole for each in crew if len({(one.day, one.start) for one in crew}) == 1]


def stands(of: Scene, each: Assignment) -> bool:
    """Say whether what the plan says can still happen: its minute is to come, its volunteer is there and was not lost since.

    Somebody is lost who declined, was taken off, is away then or must not come to that door; a plan made after that may ask again.
    """
    person = of.people.get(each.volunteer_id)
    if person is None or person.id in of.excluded.get(each.visit.household_id, ()):
        return False
    gone = of.lost.get((each.visit_id, each.volunteer_id))
    if gone is not None and (gone.over_at is None or gone.over_at >= each.made_at):
        return False
    first = each.start if each.pickup is None else each.pickup
    if clock.has_come(each.day, first) or not is_wanted(each.visit, each.day):
        return False
    end = each.start + each.visit.minutes
    if any(day == each.day and start < end and first < until for day, start, until in of.on_duty.get(person.id, ())):
        return False
    return not any(off.day == each.day and off.start < end and first < off.end for off in person.time_off)


def windows_now(of: Scene) -> dict[str, list[Window]]:
    """Return the windows of every volunteer as they are now, in the places earlier plans gave them.

    What somebody has accepted stays inside a window although their ordinary week has changed since.
    """
    agreed: dict[int, list[Offer]] = {}
    for made in of.live.values():
        if made.state is OfferState.ACCEPTED:
            agreed.setdefault(made.volunteer_id, []).append(made)
    return {str(each.id): _windows_of(of, each, agreed.get(each.id, [])) for each in of.volunteers}


def _windows_of(of: Scene, person: Volunteer, agreed: list[Offer]) -> list[Window]:
    """Return the windows of one volunteer, with what they have agreed to."""
    known: list[Window] = of.plan.windows.get(str(person.id), [])
    kept = [window for window in known if any(_is_in(made, window, of) for made in agreed)]
    extra = of.plan.ceilings.get(str(person.id), {}).get("extra", [])
    free = join_windows(free_windows(person, of.plan.week), [*extra, *less_time_off(person, kept, of.plan.week)])
    return merge_windows(known, less(free, of.on_duty.get(person.id, ()), of.plan.week))


def _is_in(made: Offer, window: Window, of: Scene) -> bool:
    """Say whether an offer lies in a window."""
    return (made.day - of.plan.week).days == window[0] and window[1] <= made.start < window[2]
