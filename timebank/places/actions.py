"""Verbs of places: a community, its buildings and its canteens, written down and changed on pages, without a workbook."""

import re
from dataclasses import asdict, dataclass

from pypinyin import lazy_pinyin
from sqlalchemy import func, select

from timebank import audit
from timebank.db import db
from timebank.errors import wrong
from timebank.places.models import Building, Canteen, Community, Compound, Street
from timebank.places.points import Point, next_spot
from timebank.sentences import Sentence

LONGEST_SLUG = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """What a community is called, and the unit that records its service."""

    street: str
    name: str
    issuer: str
    responsible: str
    phone: str
    issuer_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A building as it is written down; without a ``point`` it stands beside its neighbours on paper."""

    compound: str
    name: str
    floors: int
    lift: bool = False
    access: int = 1
    point: Point | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kitchen:
    """A canteen as it is written down: when meals are fetched, how long they stay hot, until when the day before is ordered."""

    name: str
    address: str
    point: Point
    ready: int
    until: int
    hot: int
    closes: int
    access: int = 1
    phone: str = ""


def add_community(sign: Sign) -> Community:
    """Found a community, and its street where that is new; its code is its name in Latin letters."""
    street = _street(sign.street)
    if db.session.scalar(select(Community.id).where(Community.street_id == street.id, Community.name == sign.name)) is not None:
        raise wrong("name", "%(street)s已经有%(name)s了。请换个名字，或者打开那一个来改。", street=sign.street, name=sign.name)
    fields = asdict(sign) | {"street_id": street.id, "slug": _slug(sign.name)}
    fields.pop("street")
    made = Community(**fields)
    db.session.add(made)
    db.session.flush()
    audit.record("add", "community", made.id)
    return made


def rename_community(community: Community, street: str, name: str) -> None:
    """Change what a community and its street are called; the unit on its papers is changed by two people."""
    with audit.changing("edit", community):
        community.street_id, community.name = _street(street).id, name


def _street(name: str) -> Street:
    """Return the street of this name, a new one where there is none."""
    known = db.session.scalar(select(Street).where(Street.name == name))
    if known is not None:
        return known
    made = Street(name=name)
    db.session.add(made)
    db.session.flush()
    return made


def _slug(name: str) -> str:
    """Return a code for a community that no other has."""
    short = name.removesuffix("社区") or name
    wanted = re.sub(r"[^a-z0-9]", "", "".join(lazy_pinyin(short)).lower())[:LONGEST_SLUG] or "community"
    taken = set(db.session.scalars(select(Community.slug).where(Community.slug.startswith(wanted))))
    return wanted if wanted not in taken else next(f"{wanted}{n}" for n in range(2, len(taken) + 3) if f"{wanted}{n}" not in taken)


def add_building(community_id: int, house: House) -> Building:
    """Write a building down, and its compound where that is new."""
    compound = _compound(community_id, house.compound)
    _must_be_new(compound, house.name)
    point = house.point or _spot(community_id, compound)
    building = Building(
        compound=compound, name=house.name, floors=house.floors, lift=house.lift, access=house.access, lat=point[0], lon=point[1]
    )
    db.session.add(building)
    db.session.flush()
    audit.record("add", "building", building.id)
    return building


def edit_building(building: Building, house: House) -> None:
    """Change a building; without a point it stays where it stands."""
    compound = _compound(building.compound.community_id, house.compound)
    if (compound.id, house.name) != (building.compound_id, building.name):
        _must_be_new(compound, house.name)
    with audit.changing("edit", building):
        building.compound, building.name = compound, house.name
        building.floors, building.lift, building.access = house.floors, house.lift, house.access
        if house.point is not None:
            building.lat, building.lon = house.point


def _compound(community_id: int, name: str) -> Compound:
    """Return the compound of this name, a new one where there is none."""
    known = db.session.scalar(select(Compound).where(Compound.community_id == community_id, Compound.name == name))
    if known is not None:
        return known
    made = Compound(community_id=community_id, name=name)
    db.session.add(made)
    db.session.flush()
    return made


def _must_be_new(compound: Compound, name: str) -> None:
    """Refuse a second building of one name in a compound."""
    if db.session.scalar(select(Building.id).where(Building.compound_id == compound.id, Building.name == name)) is not None:
        raise wrong("name", "%(compound)s已经有%(name)s了。请换个名字，或者在下面的列表里改那一栋。", compound=compound.name, name=name)


def _spot(community_id: int, compound: Compound) -> Point:
    """Return where a building nobody has put on the map stands meanwhile."""
    rows = db.session.execute(
        select(Building.compound_id, Building.lat, Building.lon)
        .join(Compound)
        .where(Compound.community_id == community_id)
        .order_by(Building.id)
    ).all()
    return next_spot([(lat, lon) for number, lat, lon in rows if number == compound.id], [(lat, lon) for _number, lat, lon in rows])


def add_canteen(community_id: int, kitchen: Kitchen) -> Canteen:
    """Write a canteen down."""
    _must_be_the_only(community_id, kitchen.name)
    canteen = Canteen(community_id=community_id)
    _set(canteen, kitchen)
    db.session.add(canteen)
    db.session.flush()
    audit.record("add", "canteen", canteen.id)
    return canteen


def edit_canteen(canteen: Canteen, kitchen: Kitchen) -> None:
    """Change a canteen."""
    if kitchen.name != canteen.name:
        _must_be_the_only(canteen.community_id, kitchen.name)
    with audit.changing("edit", canteen):
        _set(canteen, kitchen)


def _must_be_the_only(community_id: int, name: str) -> None:
    """Refuse a second canteen of one name in a community."""
    known = select(func.count()).select_from(Canteen).where(Canteen.community_id == community_id, Canteen.name == name)
    if db.session.scalar(known):
        raise wrong("name", "已经有一个叫“%(name)s”的食堂。请换个名字。", name=name)


def _set(canteen: Canteen, kitchen: Kitchen) -> None:
    """Put what is written down into a canteen's row; its hours must follow each other."""
    if not kitchen.ready < kitchen.until:
        sentence = Sentence("取餐结束要晚于开始。请改时间。")
        raise wrong("ready", sentence)
    fields = asdict(kitchen)
    canteen.lat, canteen.lon = fields.pop("point")
    for name, value in fields.items():
        setattr(canteen, name, value)
