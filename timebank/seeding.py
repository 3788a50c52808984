"""What every new database starts with: the catalogue of services and skills, and the calendar.

The files stand in ``seeds/catalogue``. Seeding adds what is missing and never touches what a community has changed.
A demo's community gets its leads here as well: its workbooks name people and places, not who looks after which.
"""

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from sqlalchemy import func, select

from timebank import audit, clock
from timebank.access.actions import add_user
from timebank.access.models import Role
from timebank.catalogue.models import Evidence, ServiceKind, Skill
from timebank.db import db
from timebank.elders.models import Household
from timebank.exchange import cells
from timebank.paths import find
from timebank.places.models import Building, CalendarDay, Community, DayKind
from timebank.places.queries import canteens
from timebank.volunteers.actions import add_team, join_team, look_after
from timebank.volunteers.models import Team, Unit, Volunteer
from timebank.volunteers.sight import Thing

YES = "yes"
LEADS = ((Role.TEAM_LEAD, "18653200005", "邢春霞"), (Role.BUILDING_LEAD, "18653200006", "房德顺"), (Role.CANTEEN, "18653200004", "逄师傅"))
HOUSES = 3


def catalogue_folder() -> Path:
    """Return the folder of the catalogue's files."""
    return find("seeds") / "catalogue"


def community_folder(name: str) -> Path:
    """Return the folder of a community's workbooks, such as ``badaguan``."""
    return find("seeds") / name


def seed_catalogue() -> int:
    """Add the skills, service kinds and calendar days that are missing; return how many were added."""
    added = [*_missing_skills(), *_missing_kinds(), *_missing_days()]
    db.session.add_all(added)
    db.session.flush()
    if added:
        audit.record("seed", "catalogue", "", rows=len(added))
    return len(added)


def import_calendar(path: Path, source: str) -> int:
    """Add or change the calendar days of a file with the columns date, kind and name; return how many rows it has."""
    rows = list(_days(path))
    for day, kind, name in rows:
        db.session.merge(CalendarDay(day=day, kind=kind, name=name, source=source))
    db.session.flush()
    audit.record("import", "calendar", source, rows=len(rows))
    return len(rows)


def _read(name: str) -> list[dict[str, str]]:
    """Return the rows of one of the catalogue's files."""
    with (catalogue_folder() / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _missing_skills() -> Iterator[Skill]:
    """Yield the skills that are not there yet."""
    there = set(db.session.scalars(select(Skill.code)))
    for row in _read("skills.csv"):
        if row["code"] not in there:
            yield Skill(code=row["code"], name=row["name"], name_en=row["name_en"], needs_proof=row["needs_proof"] == YES)


def _missing_kinds() -> Iterator[ServiceKind]:
    """Yield the service kinds that are not there yet."""
    there = set(db.session.scalars(select(ServiceKind.code)))
    for position, row in enumerate(_read("service_kinds.csv")):
        if row["code"] not in there:
            yield _kind(row, position)


def _kind(row: dict[str, str], position: int) -> ServiceKind:
    """Return one service kind from its line."""
    words = {name: row[name] for name in ("code", "name", "name_en", "group", "group_en", "gate", "icon")}
    numbers = {name: int(row[name]) for name in ("minutes", "crew", "weight")}
    switches = {name: row[name] == YES for name in ("insured", "at_door", "from_canteen", "workdays_only")}
    return ServiceKind(
        **words,
        **numbers,
        **switches,
        windows=[list(window) for window in cells.windows(row["windows"])],
        skills=row["skills"].split(),
        second_skills=row["second_skills"].split(),
        evidence=Evidence(row["evidence"]),
        credit_cap=int(row["credit_cap"]) if row["credit_cap"] else None,
        position=position,
    )


def _missing_days() -> Iterator[CalendarDay]:
    """Yield the calendar days that are not there yet."""
    there = set(db.session.scalars(select(CalendarDay.day)))
    for path in sorted(catalogue_folder().glob("holidays_*.csv")):
        for day, kind, name in _days(path):
            if day not in there:
                yield CalendarDay(day=day, kind=kind, name=name, source=path.stem)


def _days(path: Path) -> Iterator[tuple[date, DayKind, str]]:
    """Yield the days of a calendar file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            yield cells.day(row["date"]), DayKind(row["kind"]), row["name"]


def seed_leads(community: Community) -> None:
    """Give a demo's community its leads: the greatest unit as a team, the buildings with the most doors, the canteen."""
    things: dict[Role, list[Thing]] = {
        Role.TEAM_LEAD: [_team_of_a_unit(community)],
        Role.BUILDING_LEAD: [*_fullest_buildings(community)],
        Role.CANTEEN: [*canteens(community.id)],
    }
    for role, phone, name in LEADS:
        look_after(add_user(phone, name, role, community_id=community.id), things[role])


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
