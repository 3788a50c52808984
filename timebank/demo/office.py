"""Who works in the office of a demo's community, and what its leads look after."""

from dataclasses import dataclass

from sqlalchemy import func, select

from timebank import clock
from timebank.access import actions as access
from timebank.access.models import Role
from timebank.db import db
from timebank.elders.models import FamilyMember, Household, Said
from timebank.places import queries as places
from timebank.places.models import Building, Community
from timebank.volunteers.actions import add_team, join_team, look_after
from timebank.volunteers.models import Team, TeamMember, Unit, Volunteer
from timebank.volunteers.sight import Thing

HOUSES = 3
Person = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Office:
    """The office of one community, by its code: the coordinator's telephone and name, those of the others by role, a steward a compound."""

    slug: str
    coordinator: Person
    others: tuple[tuple[Role, Person], ...] = ()
    stewards: tuple[Person, ...] = ()


def open_office(office: Office) -> Community:
    """Let the people of an office sign in, give the leads what they look after, and believe the families that are still to be asked."""
    community = places.community_named(office.slug)
    access.add_user(*office.coordinator, Role.COORDINATOR, community_id=community.id)
    for role, (phone, name) in office.others:
        user = access.add_user(phone, name, role, community_id=community.id)
        if things := _things(community, role):
            look_after(user, things)
    for compound, (phone, name) in zip(places.compounds(community.id), office.stewards, strict=False):
        look_after(access.add_user(phone, name, Role.STEWARD, community_id=community.id), [compound])
    for link in db.session.scalars(select(FamilyMember).where(FamilyMember.approved_at.is_(None))):
        link.elder_said, link.approved_at = link.elder_said or Said.FILE, clock.now()
    return community


def _things(community: Community, role: Role) -> list[Thing]:
    """Return what somebody of a role looks after: the greatest team, the buildings with the most doors, the canteens."""
    if role is Role.TEAM_LEAD:
        return [_greatest_team(community) or _team_of_a_unit(community)]
    if role is Role.BUILDING_LEAD:
        return [*_fullest_buildings(community)]
    return [*places.canteens(community.id)] if role is Role.CANTEEN else []


def _greatest_team(community: Community) -> Team | None:
    """Return the team of a community with the most members, if it has teams."""
    mine = select(Team).join(TeamMember).where(Team.community_id == community.id)
    return db.session.scalars(mine.group_by(Team.id).order_by(func.count().desc(), Team.id)).first()


def _team_of_a_unit(community: Community) -> Team:
    """Let the people of the unit with the most volunteers be a team, by the name of whom one asks for there."""
    mine = select(Volunteer.unit_id).where(Volunteer.community_id == community.id, Volunteer.unit_id.is_not(None))
    greatest = db.session.scalars(mine.group_by(Volunteer.unit_id).order_by(func.count().desc(), Volunteer.unit_id)).first()
    unit = db.session.get_one(Unit, greatest)
    team = add_team(community.id, unit.contact or unit.name)
    for person in db.session.scalars(select(Volunteer).where(Volunteer.unit_id == unit.id).order_by(Volunteer.id)):
        join_team(team, person, clock.today(), "单位组队")
    return team


def _fullest_buildings(community: Community) -> list[Building]:
    """Return the buildings of a community with the most doors."""
    doors = select(Building).join(Household, Household.building_id == Building.id).where(Household.community_id == community.id)
    return list(db.session.scalars(doors.group_by(Building.id).order_by(func.count().desc(), Building.id).limit(HOUSES)))
