"""Reads of volunteers; each is narrowed to a person or to a community."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Date, Integer, Select, column, func, or_, select, table
from sqlalchemy.orm import aliased, joinedload, selectinload

from timebank.access.models import User
from timebank.access.sorting import spelled_like
from timebank.catalogue.models import Skill
from timebank.db import db
from timebank.volunteers.models import Availability, HeldSkill, Standing, Team, TeamMember, TimeOff, Unit, Volunteer

# Records stand in a room above; of them only this is asked here, until which day somebody has any.
RECORDS = table("service_record", column("volunteer_id", Integer), column("day", Date))


def volunteer_of(user: User) -> Volunteer | None:
    """Return the volunteer a user is, while they still serve."""
    return db.session.scalars(select(Volunteer).where(Volunteer.user_id == user.id, Volunteer.active)).first()


def ever(user: User) -> Volunteer | None:
    """Return the volunteer a user is or was: whoever has left still reads what they did."""
    return db.session.scalars(select(Volunteer).where(Volunteer.user_id == user.id)).first()


def time_off_from(volunteer: Volunteer, first: date) -> Sequence[TimeOff]:
    """Return when a volunteer is away from a day on."""
    return db.session.scalars(
        select(TimeOff).where(TimeOff.volunteer_id == volunteer.id, TimeOff.day >= first).order_by(TimeOff.day, TimeOff.start)
    ).all()


def time_off_of(volunteer: Volunteer, time_off_id: int) -> TimeOff | None:
    """Return a time off of this very volunteer."""
    return db.session.scalars(select(TimeOff).where(TimeOff.id == time_off_id, TimeOff.volunteer_id == volunteer.id)).first()


def availability_of(volunteer: Volunteer) -> dict[int, list[tuple[int, int]]]:
    """Return the free times of a volunteer's ordinary week, by weekday."""
    week: dict[int, list[tuple[int, int]]] = {weekday: [] for weekday in range(7)}
    rows = select(Availability).where(Availability.volunteer_id == volunteer.id).order_by(Availability.weekday, Availability.start)
    for row in db.session.scalars(rows):
        week[row.weekday].append((row.start, row.end))
    return week


def volunteers(community_id: int, words: str = "", *, gone: bool = False) -> list[Volunteer]:
    """Return the volunteers of a community whose name, pinyin, number, phone, unit or skill holds some words, in the order of a register."""
    return list(db.session.scalars(register(community_id, words, gone=gone)))


def register(community_id: int, words: str = "", *, gone: bool = False) -> Select[Volunteer]:
    """Return the statement that reads them."""
    rows = (
        select(Volunteer)
        .outerjoin(Volunteer.unit)
        .where(Volunteer.community_id == community_id, Volunteer.active.is_(not gone))
        .options(joinedload(Volunteer.unit), selectinload(Volunteer.skills).joinedload(HeldSkill.skill), selectinload(Volunteer.time_off))
        .order_by(Volunteer.sort_key, Volunteer.id)
    )
    for word in words.split():
        can = select(HeldSkill.volunteer_id).join(HeldSkill.skill).where(Skill.name.icontains(word, autoescape=True))
        fields = (Volunteer.name, Volunteer.sort_key, Volunteer.number, Volunteer.phone, Unit.name)
        rows = rows.where(
            or_(*(each.icontains(word, autoescape=True) for each in fields), *spelled_like(Volunteer.sort_key, word), Volunteer.id.in_(can))
        )
    return rows


def uninsured(community_id: int, today: date) -> int:
    """Return how many active volunteers of a community have an insurance that is over."""
    mine = (Volunteer.community_id == community_id, Volunteer.active, Volunteer.insured_until < today)
    return db.session.scalar(select(func.count(Volunteer.id)).where(*mine)) or 0


def volunteer_in(community_id: int, volunteer_id: int) -> Volunteer | None:
    """Return a volunteer of a community."""
    return db.session.scalars(select(Volunteer).where(Volunteer.community_id == community_id, Volunteer.id == volunteer_id)).first()


def volunteers_with_phone(community_id: int, phone: str) -> Sequence[Volunteer]:
    """Return the volunteers of a community with this number; those without a smartphone may share one."""
    mine = (Volunteer.community_id == community_id, Volunteer.phone == phone)
    return db.session.scalars(select(Volunteer).where(*mine).order_by(Volunteer.id)).all()


def is_taken(user_id: int) -> bool:
    """Say whether a sign-in is some volunteer's."""
    return db.session.scalar(select(Volunteer.id).where(Volunteer.user_id == user_id)) is not None


def held_skill_of(volunteer: Volunteer, held_id: int) -> HeldSkill | None:
    """Return a skill of this very volunteer."""
    return next((each for each in volunteer.skills if each.id == held_id), None)


def units(community_id: int) -> Sequence[Unit]:
    """Return the units of a community by name, those that are no more as well."""
    return db.session.scalars(select(Unit).where(Unit.community_id == community_id).order_by(Unit.name)).all()


def units_now(community_id: int) -> list[Unit]:
    """Return the units of a community somebody can come to, by name."""
    return [each for each in units(community_id) if each.ended is None]


def unit_in(community_id: int | None, unit_id: int) -> Unit | None:
    """Return a unit of a community (None = all)."""
    mine = () if community_id is None else (Unit.community_id == community_id,)
    return db.session.scalars(select(Unit).where(Unit.id == unit_id, *mine)).first()


def teams(community_id: int) -> Sequence[Team]:
    """Return the teams of a community by name."""
    rows = select(Team).where(Team.community_id == community_id).order_by(Team.name)
    return db.session.scalars(rows.options(selectinload(Team.members).joinedload(TeamMember.volunteer))).all()


def team_names(community_id: int) -> list[tuple[int, str]]:
    """Return the number and the name of each team of a community, by name."""
    rows = db.session.execute(select(Team.id, Team.name).where(Team.community_id == community_id).order_by(Team.name))
    return [(number, name) for number, name in rows]


def team_in(community_id: int | None, team_id: int) -> Team | None:
    """Return a team of a community (None = all)."""
    mine = () if community_id is None else (Team.community_id == community_id,)
    rows = select(Team).where(Team.id == team_id, *mine).options(selectinload(Team.members).joinedload(TeamMember.volunteer))
    return db.session.scalars(rows).first()


def teams_of(volunteer: Volunteer) -> Sequence[Team]:
    """Return the teams a volunteer is in now."""
    rows = select(Team).join(TeamMember).where(TeamMember.volunteer_id == volunteer.id, TeamMember.left.is_(None))
    return db.session.scalars(rows.order_by(Team.name)).all()


def teams_on(volunteer: Volunteer, day: date) -> list[Team]:
    """Return the teams a volunteer was in on a day."""
    inside = (TeamMember.joined <= day, or_(TeamMember.left.is_(None), TeamMember.left > day))
    rows = select(Team).join(TeamMember).where(TeamMember.volunteer_id == volunteer.id, *inside)
    return list(db.session.scalars(rows.order_by(Team.id)).unique())


def mates_of(volunteer: Volunteer) -> list[Volunteer]:
    """Return who is in a team with somebody now, by name."""
    mine = select(TeamMember.team_id).where(TeamMember.volunteer_id == volunteer.id, TeamMember.left.is_(None))
    rows = select(Volunteer).join(TeamMember).where(TeamMember.team_id.in_(mine), TeamMember.left.is_(None), Volunteer.id != volunteer.id)
    return list(db.session.scalars(rows.order_by(Volunteer.sort_key, Volunteer.id).distinct()))


def memberships_of(volunteer: Volunteer) -> Sequence[TeamMember]:
    """Return when a volunteer was in which team, the newest first."""
    rows = select(TeamMember).where(TeamMember.volunteer_id == volunteer.id).options(joinedload(TeamMember.team))
    return db.session.scalars(rows.order_by(TeamMember.joined.desc(), TeamMember.id.desc())).all()


def standings(volunteer: Volunteer) -> Sequence[Standing]:
    """Return what a volunteer was, is and will be, the first standing first."""
    rows = select(Standing).where(Standing.volunteer_id == volunteer.id).options(joinedload(Standing.unit))
    return db.session.scalars(rows.order_by(Standing.id)).all()


def standing_on(volunteer: Volunteer, day: date) -> Standing:
    """Return what a volunteer is on a day: the newest standing whose day has come."""
    rows = select(Standing).where(Standing.volunteer_id == volunteer.id, Standing.from_day <= day)
    return db.session.scalars(rows.order_by(Standing.id.desc()).limit(1)).one()


def last_on_record(*people: Volunteer) -> date | None:
    """Return the last day of which service of a volunteer, or of any of some, is on record, in any version."""
    last: date | None = db.session.scalar(select(func.max(RECORDS.c.day)).where(RECORDS.c.volunteer_id.in_([each.id for each in people])))
    return last


def last_noted(people: Sequence[Volunteer]) -> date | None:
    """Return the latest day from which the last change of any of some people holds."""
    newest = select(func.max(Standing.id)).where(Standing.volunteer_id.in_([each.id for each in people])).group_by(Standing.volunteer_id)
    last: date | None = db.session.scalar(select(func.max(Standing.from_day)).where(Standing.id.in_(newest)))
    return last


def due_to_follow(today: date) -> Sequence[Volunteer]:
    """Return whose lists say something else than the standing that holds today."""
    newer = aliased(Standing)
    later = select(newer.id).where(newer.volunteer_id == Standing.volunteer_id, newer.from_day <= today, newer.id > Standing.id)
    other = or_(
        Volunteer.staff != Standing.paid,
        Volunteer.collective != Standing.collective,
        func.coalesce(Volunteer.unit_id, 0) != func.coalesce(Standing.unit_id, 0),
    )
    rows = select(Volunteer).join(Standing, Standing.volunteer_id == Volunteer.id)
    return db.session.scalars(rows.where(Standing.from_day <= today, ~later.exists(), other).order_by(Volunteer.id)).all()


def people_of_units(units: Sequence[Unit], day: date) -> dict[int, list[Volunteer]]:
    """Return who is of each of some units on a day, or will be by what is noted last; read at once, however many they are."""
    ever = select(Standing.volunteer_id).where(Standing.unit_id.in_([each.id for each in units]))
    noted: dict[int, list[Standing]] = {}
    for each in db.session.scalars(select(Standing).where(Standing.volunteer_id.in_(ever)).order_by(Standing.id)):
        noted.setdefault(each.volunteer_id, []).append(each)
    found: dict[int, list[Volunteer]] = {each.id: [] for each in units}
    people = select(Volunteer).where(Volunteer.id.in_(ever)).order_by(Volunteer.sort_key, Volunteer.id)
    for person in db.session.scalars(people):
        rows = noted[person.id]
        on_the_day = [each for each in rows if each.from_day <= day][-1]
        for number in {on_the_day.unit_id, rows[-1].unit_id}:
            if number is not None and number in found:
                found[number].append(person)
    return found


def people_of_unit(unit: Unit, day: date) -> list[Volunteer]:
    """Return who is of a unit on a day, or will be by what is noted last."""
    return people_of_units([unit], day)[unit.id]


def skills() -> Sequence[Skill]:
    """Return every skill of the catalogue."""
    return db.session.scalars(select(Skill).order_by(Skill.id)).all()


def next_number() -> str:
    """Return the next free number of a volunteer, such as V047; numbers are the whole service's."""
    used = db.session.scalars(select(Volunteer.number).where(Volunteer.number.startswith("V")))
    return f"V{max((int(number[1:]) for number in used if number[1:].isdecimal()), default=0) + 1:03d}"


def unseen(community_id: int) -> Sequence[Volunteer]:
    """Return the volunteers whom only whoever registered them has looked at."""
    rows = select(Volunteer).where(
        Volunteer.community_id == community_id, Volunteer.registered_by.is_not(None), Volunteer.vouched_by.is_(None)
    )
    return db.session.scalars(rows.order_by(Volunteer.sort_key, Volunteer.id)).all()
