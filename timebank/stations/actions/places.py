"""Verbs of a station itself: a new one, its hours and what it offers."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import delete, select

from timebank import audit
from timebank.clock import hhmm
from timebank.db import db
from timebank.errors import Conflict, Invalid
from timebank.places.models import Building, Station
from timebank.sentences import Sentence
from timebank.stations import queries
from timebank.stations.models import Offered, Opening, Service

Hours = tuple[int, int, int]
"""A weekday (0 = Monday), and the minutes of the day at which a station opens and closes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """What stands on a station's door."""

    name: str
    address: str
    phone: str = ""


def add_station(community_id: int, sign: Sign, building: Building) -> Station:
    """Open a station in or beside a building, whose point is its own."""
    _refuse_same_name(community_id, sign.name)
    made = Station(
        community_id=community_id, name=sign.name, address=sign.address, phone=sign.phone, lat=building.lat, lon=building.lon, hours=""
    )
    db.session.add(made)
    db.session.flush()
    audit.record("add", "station", made.id)
    return made


def _refuse_same_name(community_id: int, name: str) -> None:
    """Refuse a second station of one name."""
    if db.session.scalar(select(Station.id).where(Station.community_id == community_id, Station.name == name)) is not None:
        raise Conflict("已经有一个叫“%(name)s”的服务站。请换个名字，或者打开那一个来改。", name=name)


def set_up(station: Station, hours: Iterable[Hours], services: Iterable[Service]) -> None:
    """Say when a station is open and what it offers, in the place of what was said before."""
    spans = sorted(set(hours))
    _refuse_overlap(spans)
    db.session.execute(delete(Opening).where(Opening.station_id == station.id))
    db.session.execute(delete(Offered).where(Offered.station_id == station.id))
    db.session.add_all(Opening(station_id=station.id, weekday=day, start=start, end=end) for day, start, end in spans)
    db.session.add_all(Offered(station_id=station.id, service=each) for each in dict.fromkeys(services))
    db.session.flush()
    station.hours = queries.in_words(spans)
    audit.record("set_up", "station", station.id, days=len({day for day, *_ in spans}))


def _refuse_overlap(spans: list[Hours]) -> None:
    """Refuse hours that end before they begin, or two of one day that overlap."""
    for day, start, end in spans:
        if end <= start:
            raise Invalid(
                "%(start)s 到 %(end)s：关门要晚于开门。请改时间。",
                fields={f"d{day}": Sentence("关门要晚于开门。")},
                start=hhmm(start),
                end=hhmm(end),
            )
    for one, other in itertools.pairwise(spans):
        if one[0] == other[0] and other[1] < one[2]:
            raise Invalid("同一天的两段时间重叠了。请改成前后两段。", fields={f"d{one[0]}": Sentence("两段时间重叠了。")})
