"""What planning reads of a week, once and at one moment: its visits, people and promises, and what of the plan can still happen."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from timebank import clock
from timebank.db import db
from timebank.places.models import Canteen
from timebank.planning.lived import is_to_come
from timebank.planning.models import Assignment, Plan
from timebank.planning.windows import Window, free_windows, join_windows, less, less_time_off, merge_windows
from timebank.visits import queries as visits
from timebank.visits.actions.scheduling import is_wanted
from timebank.visits.models import Offer, OfferState, Visit, VisitState
from timebank.visits.on_duty import Busy, busy
from timebank.visits.states import LIVE
from timebank.volunteers.lent import serves
from timebank.volunteers.models import HeldSkill, Volunteer

Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Scene:
    """What a snapshot is made of, loaded once: ``live`` are the offers that stand, ``lost`` those that do not, by visit and volunteer.

    It is a look at one moment: what was worked out from it (``memo``) is not worked out again.
    """

    plan: Plan
    visits: list[Visit]
    volunteers: list[Volunteer]
    canteens: list[Canteen]
    live: dict[Key, Offer]
    lost: dict[Key, Offer]
    excluded: dict[int, set[int]]
    on_duty: Busy
    people: dict[int, Volunteer] = field(init=False)
    windows: dict[str, list[Window]] = field(init=False)
    memo: dict[str, Any] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Index the people of the week, with their windows as they are now; ``plan.windows`` are those stored last."""
        object.__setattr__(self, "people", {each.id: each for each in self.volunteers})
        object.__setattr__(self, "windows", windows_now(self))


def scene(plan: Plan) -> Scene:
    """Load a plan's week."""
    people = db.session.scalars(
        select(Volunteer)
        .where(serves(plan.community_id, plan.week), Volunteer.active)
        .options(
            selectinload(Volunteer.availability),
            selectinload(Volunteer.time_off),
            selectinload(Volunteer.skills).joinedload(HeldSkill.skill),
            joinedload(Volunteer.unit),
        )
        .order_by(Volunteer.id)
    )
    canteens = db.session.scalars(select(Canteen).where(Canteen.community_id == plan.community_id).order_by(Canteen.id))
    week = _week_visits(plan)
    made = visits.offers_in_week(plan.community_id, plan.week)
    return Scene(
        plan,
        week,
        list(people),
        list(canteens),
        {key: each for key, each in made.items() if each.state in LIVE},
        {key: each for key, each in made.items() if visits.is_lost(each)},
        visits.ties(plan.community_id)[1],
        busy(plan.community_id, plan.week),
    )


def _week_visits(plan: Plan) -> list[Visit]:
    """Return the visits of a plan's week with their doors and kinds; hundreds share few of these, so each is read once."""
    mine = (Visit.community_id == plan.community_id, Visit.week == plan.week, Visit.state != VisitState.CANCELLED)
    return list(db.session.scalars(visits.lean_visits().where(*mine).order_by(Visit.id)))


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
    for each in of.plan.assignments:
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
    if clock.at(each.day, first) <= clock.now() or not is_wanted(each.visit, each.day):
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
