"""Rows of the places' workbook: community, buildings, canteens, stations."""

from sqlalchemy import select

from timebank.certificates.issuer import ISSUER, hold_back_issuer
from timebank.db import Base, db
from timebank.exchange.loading import Into, building_key, point, put, stored_of, taken
from timebank.exchange.report import Fate
from timebank.exchange.rows import Row
from timebank.places.models import Building, Canteen, Community, Compound, Station, Street

Loaded = tuple[Fate, Base]


def community(line: Row, into: Into) -> Loaded:
    """Put in a community; a coordinator's upload may only name their own."""
    into.must_be_own(line.values["code"], "code")
    row = db.session.scalar(select(Community).where(Community.slug == line.values["code"])) or Community(slug=line.values["code"])
    values = taken(line, stored_of(row, ("issuer_code",)), into)
    street = db.session.scalar(select(Street).where(Street.name == values["street"])) or Street(name=values["street"])
    street_fate = put(street, {})
    wanted = {name: values[name] for name in ("name", *ISSUER)}
    if row in db.session and hold_back_issuer(row, wanted):
        into.remark(
            "issuer", "记录单位、信用代码、电话或负责人和登记的不一样：它们印在证明上，已经提请，要第二个人核准才改，其余的照表里的改。"
        )
        wanted = {name: value for name, value in wanted.items() if name not in ISSUER}
    fate = put(row, wanted | {"street_id": street.id})
    into.add(row)
    return (Fate.CHANGED if street_fate is Fate.NEW and fate is Fate.SAME else fate), row


def building(line: Row, into: Into) -> Loaded:
    """Put in a building, and its compound when that is new."""
    values = line.values
    compound = db.session.scalar(select(Compound).where(Compound.community_id == into.id, Compound.name == values["compound"])) or Compound(
        community_id=into.id, name=values["compound"]
    )
    put(compound, {})
    row = db.session.scalar(select(Building).where(Building.compound_id == compound.id, Building.name == values["building"])) or Building(
        compound_id=compound.id, name=values["building"]
    )
    values = taken(line, stored_of(row, ("lift", "access")), into)
    fate = put(row, {name: values[name] for name in ("floors", "lift", "access")} | point(line, row))
    into.found[Building, building_key(values["compound"], values["building"])] = row
    return fate, row


def canteen(line: Row, into: Into) -> Loaded:
    """Put in a canteen."""
    name = line.values["name"]
    row = db.session.scalar(select(Canteen).where(Canteen.community_id == into.id, Canteen.name == name)) or Canteen(
        community_id=into.id, name=name
    )
    values = taken(line, stored_of(row, ("closes", "hot", "access", "phone")), into)
    ready, until = values["pickup"]
    wanted = {field: values[field] for field in ("address", "closes", "hot", "access", "phone")}
    return put(row, wanted | {"ready": ready, "until": until} | point(line, row)), row


def station(line: Row, into: Into) -> Loaded:
    """Put in a service station."""
    name = line.values["name"]
    row = db.session.scalar(select(Station).where(Station.community_id == into.id, Station.name == name)) or Station(
        community_id=into.id, name=name
    )
    values = taken(line, stored_of(row, ("hours", "phone")), into)
    return put(row, {field: values[field] for field in ("address", "hours", "phone")} | point(line, row)), row
