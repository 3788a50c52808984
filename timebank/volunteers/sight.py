"""Whose rows somebody of the office sees: their whole community's, or only what they look after. Nobody else answers this.

A team's lead sees what the people of their teams do, a building's lead what happens at its doors, a steward the same of all the
buildings of a compound, a kitchen the meals that are fetched from it. Who looks after nothing yet sees nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from timebank import clock
from timebank.access.models import Role, User
from timebank.db import db
from timebank.places.models import Building, Canteen, Compound
from timebank.volunteers.models import Charge, Team, TeamMember

PARTIAL = (Role.STEWARD, Role.TEAM_LEAD, Role.BUILDING_LEAD, Role.CANTEEN)
Thing = Compound | Team | Building | Canteen


@dataclass(frozen=True, slots=True)
class Sight:
    """A whole community, or of it only some people's service, some buildings' doors or some canteens' meals; ``names`` says which."""

    whole: bool = True
    people: frozenset[int] = frozenset()
    buildings: frozenset[int] = frozenset()
    canteens: frozenset[int] = frozenset()
    names: tuple[str, ...] = ()

    @property
    def is_nothing(self) -> bool:
        """Whether the office has not said yet what this reader looks after."""
        return not self.whole and not self.names

    def sees(self, people: Iterable[int], building_id: int, canteen_id: int | None) -> bool:
        """Say whether what these people do at this building, with a meal from this canteen or none, is to be seen."""
        return self.whole or building_id in self.buildings or canteen_id in self.canteens or not self.people.isdisjoint(people)


EVERYTHING = Sight()


def sight_of(user: User) -> Sight:
    """Return whose rows a user sees in their community."""
    if user.role not in PARTIAL:
        return EVERYTHING
    things = things_of(user)
    return Sight(
        whole=False,
        people=_people_of([each.id for each in things if isinstance(each, Team)]),
        buildings=frozenset(each.id for each in things if isinstance(each, Building))
        | _buildings_of([each.id for each in things if isinstance(each, Compound)]),
        canteens=frozenset(each.id for each in things if isinstance(each, Canteen)),
        names=tuple(name_of(each) for each in things),
    )


def name_of(thing: Thing) -> str:
    """Return what a thing is called; a building by its compound as well."""
    return f"{thing.compound.name} {thing.name}" if isinstance(thing, Building) else thing.name


def _people_of(team_ids: Sequence[int]) -> frozenset[int]:
    """Return who is in some teams today."""
    today = clock.today()
    inside = (TeamMember.team_id.in_(team_ids), TeamMember.joined <= today, or_(TeamMember.left.is_(None), TeamMember.left > today))
    return frozenset(db.session.scalars(select(TeamMember.volunteer_id).where(*inside)))


def _buildings_of(compound_ids: Sequence[int]) -> frozenset[int]:
    """Return the buildings of some compounds."""
    if not compound_ids:
        return frozenset()
    return frozenset(db.session.scalars(select(Building.id).where(Building.compound_id.in_(compound_ids))))


def things_of(user: User) -> list[Thing]:
    """Return what a user looks after, by name."""
    mine = select(Charge).where(Charge.user_id == user.id).subquery()
    compounds = db.session.scalars(select(Compound).join(mine, mine.c.compound_id == Compound.id).order_by(Compound.name))
    teams = db.session.scalars(select(Team).join(mine, mine.c.team_id == Team.id).order_by(Team.name))
    houses = db.session.scalars(
        select(Building)
        .join(mine, mine.c.building_id == Building.id)
        .join(Building.compound)
        .options(joinedload(Building.compound))
        .order_by(Compound.name, Building.name)
    )
    kitchens = db.session.scalars(select(Canteen).join(mine, mine.c.canteen_id == Canteen.id).order_by(Canteen.id))
    return [*compounds, *teams, *houses, *kitchens]


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
