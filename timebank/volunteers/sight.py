"""Whose rows somebody of the office sees: their whole community's, or only what they look after. Nobody else answers this.

A team's lead sees what the people of their teams do on the days they are in them, a building's lead what happens at its doors, a steward the same of all the
buildings of a compound, a kitchen the meals that are fetched from it. Who looks after nothing yet sees nothing.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select

from timebank import clock
from timebank.access.models import Role, User
from timebank.db import db
from timebank.places.models import Building, Canteen, Compound
from timebank.volunteers.models import Charge, Team, TeamMember

PARTIAL = (Role.STEWARD, Role.TEAM_LEAD, Role.BUILDING_LEAD, Role.CANTEEN)
Thing = Compound | Team | Building | Canteen
Span = tuple[date, date | None]


@dataclass(frozen=True, slots=True)
class Sight:
    """A whole community, or of it only some teams' service, some buildings' doors or some canteens' meals; ``names`` says which.

    ``members`` says from which day up to which, not with it, each volunteer was in one of the teams; no last day while they are.
    """

    whole: bool = True
    teams: frozenset[int] = frozenset()
    members: Mapping[int, Sequence[Span]] = field(default_factory=dict)
    buildings: frozenset[int] = frozenset()
    canteens: frozenset[int] = frozenset()
    names: tuple[str, ...] = ()

    @property
    def is_nothing(self) -> bool:
        """Whether the office has not said yet what this reader looks after."""
        return not self.whole and not self.names

    @property
    def people(self) -> frozenset[int]:
        """Who is in the teams today."""
        today = clock.today()
        return frozenset(each for each in self.members if self.has(each, today))

    def has(self, volunteer_id: int | None, day: date) -> bool:
        """Say whether somebody was, or will be, in one of the teams on a day."""
        spans = self.members.get(volunteer_id, ()) if volunteer_id is not None else ()
        return any(first <= day and (after is None or day < after) for first, after in spans)

    def sees(self, people: Iterable[tuple[int, date]], building_id: int, canteen_id: int | None) -> bool:
        """Say whether what these people do on these days at this building, with a meal from this canteen or none, is to be seen."""
        return self.whole or building_id in self.buildings or canteen_id in self.canteens or any(self.has(*each) for each in people)


EVERYTHING = Sight()


def sight_of(user: User) -> Sight:
    """Return whose rows a user sees in their community."""
    if user.role not in PARTIAL:
        return EVERYTHING
    things = things_of(user)
    teams = frozenset(each.id for each in things if isinstance(each, Team))
    return Sight(
        whole=False,
        teams=teams,
        members=_members_of(teams),
        buildings=frozenset(each.id for each in things if isinstance(each, Building))
        | _buildings_of([each.id for each in things if isinstance(each, Compound)]),
        canteens=frozenset(each.id for each in things if isinstance(each, Canteen)),
        names=tuple(name_of(each) for each in things),
    )


def name_of(thing: Thing) -> str:
    """Return what a thing is called; a building by its compound as well."""
    return f"{thing.compound.name} {thing.name}" if isinstance(thing, Building) else thing.name


def _members_of(team_ids: Iterable[int]) -> dict[int, list[Span]]:
    """Return who was or is in some teams, and from when till when."""
    found: dict[int, list[Span]] = {}
    rows = select(TeamMember.volunteer_id, TeamMember.joined, TeamMember.left).where(TeamMember.team_id.in_(list(team_ids)))
    for volunteer_id, joined, left in db.session.execute(rows):
        found.setdefault(volunteer_id, []).append((joined, left))
    return found


def _buildings_of(compound_ids: Sequence[int]) -> frozenset[int]:
    """Return the buildings of some compounds."""
    if not compound_ids:
        return frozenset()
    return frozenset(db.session.scalars(select(Building.id).where(Building.compound_id.in_(compound_ids))))


def things_of(user: User) -> list[Thing]:
    """Return what a user looks after, by name."""
    return things_by_user([user.id])[user.id]


def things_by_user(numbers: Collection[int]) -> dict[int, list[Thing]]:
    """Return what each of some users looks after, compounds, teams, buildings and canteens in turn, by name; read at once."""
    rows = (
        select(Charge.user_id, Compound, Team, Building, Canteen)
        .select_from(Charge)
        .outerjoin(Compound, Compound.id == Charge.compound_id)
        .outerjoin(Team, Team.id == Charge.team_id)
        .outerjoin(Building, Building.id == Charge.building_id)
        .outerjoin(Canteen, Canteen.id == Charge.canteen_id)
        .where(Charge.user_id.in_(numbers))
    )
    found: dict[int, list[Thing]] = {number: [] for number in numbers}
    lines: Iterable[tuple[int, Compound | None, Team | None, Building | None, Canteen | None]] = db.session.execute(rows)
    for number, compound, team, building, canteen in lines:
        thing = compound or team or building or canteen
        found[number] += [thing] if thing is not None else []
    return {number: sorted(things, key=_in_order) for number, things in found.items()}


def _in_order(thing: Thing) -> tuple[int, str, str, int]:
    """Order what somebody looks after: compounds, teams, buildings, canteens; by name, a canteen by its number."""
    if isinstance(thing, Building):
        return 2, thing.compound.name, thing.name, thing.id
    if isinstance(thing, Canteen):
        return 3, "", "", thing.id
    return int(isinstance(thing, Team)), thing.name, "", thing.id


def charges_of(user: User) -> Sequence[Charge]:
    """Return the rows that say what a user looks after."""
    return db.session.scalars(select(Charge).where(Charge.user_id == user.id).order_by(Charge.id)).all()


def leads(community_id: int) -> Sequence[User]:
    """Return who can be given a part of a community to look after, by role and name."""
    mine = (User.community_id == community_id, User.role.in_(PARTIAL), User.active)
    return db.session.scalars(select(User).where(*mine).order_by(User.role, User.name, User.id)).all()


def lead_in(community_id: int, user_id: int) -> User | None:
    """Return a lead, or somebody of a kitchen, of a community."""
    return next((each for each in leads(community_id) if each.id == user_id), None)


def leads_of(thing: Thing) -> Sequence[User]:
    """Return who looks after a compound, a team, a building or a canteen."""
    column = {Compound: Charge.compound_id, Team: Charge.team_id, Building: Charge.building_id, Canteen: Charge.canteen_id}[type(thing)]
    return db.session.scalars(select(User).join(Charge, Charge.user_id == User.id).where(column == thing.id).order_by(User.name)).all()
