"""Who comes to a demo's stations: the elders of the register, and invented people of the neighbourhood beside them."""

from collections.abc import Iterator, Sequence
from itertools import islice

from sqlalchemy import select

from timebank.catalogue.models import Skill
from timebank.db import db
from timebank.demo.week import Week
from timebank.elders.models import Elder
from timebank.stations.actions.people import Person
from timebank.volunteers.models import HeldSkill, Volunteer

SURNAMES = "阮柯危宫敖冷辜那饶鄢焦滑明车费晏巴宿荀邬"
GIVEN = ("长春", "桂枝", "国良", "小满", "秀屏", "文锦", "德海", "玉棠", "建业", "春禾", "守田", "云舒", "立冬")


def invented(week: Week, first: int = 0) -> Iterator[Person]:
    """Yield people of the neighbourhood without end, none twice, each with a mobile nobody has."""
    index = first
    while True:
        name = SURNAMES[index % len(SURNAMES)] + GIVEN[(index // len(SURNAMES) + 5 * index) % len(GIVEN)]
        yield Person(name, f"{week.phone[:5]}8{week.community_id % 10}{index:04d}")
        index += 1


def of_age(week: Week, age: int, day_year: int) -> Sequence[Elder]:
    """Return the elders of the register who reach an age in a year."""
    mine = select(Elder).where(Elder.community_id == week.community_id, Elder.birth_year <= day_year - age)
    return db.session.scalars(mine.order_by(Elder.id)).all()


def comers(week: Week, count: int, first: int = 0) -> list[Person]:
    """Return so many people: those of the register, then others; ``first`` begins further on, so that another day sees others."""
    elders = db.session.scalars(select(Elder).where(Elder.community_id == week.community_id).order_by(Elder.id).offset(first)).all()
    known = [Person(each.name, each.phone, each) for each in elders[:count]]
    return known + list(islice(invented(week, first), count - len(known)))


def able(week: Week, skill: str, count: int) -> list[Volunteer]:
    """Return so many volunteers with a telephone who hold a skill."""
    mine = select(Volunteer).join(HeldSkill).join(Skill).where(Volunteer.community_id == week.community_id, Skill.code == skill)
    return list(db.session.scalars(mine.where(Volunteer.staff.is_(False), Volunteer.has_phone).order_by(Volunteer.id).limit(count)))
