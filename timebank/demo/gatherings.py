"""What happens at the stations of a demo: the queue of a session, things that are brought, mended and fetched."""

import math
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta

from sqlalchemy import select

from timebank import clock
from timebank.db import db
from timebank.demo.days import Event
from timebank.demo.neighbours import able, invented
from timebank.demo.week import Week
from timebank.places.models import Station
from timebank.stations import queries
from timebank.stations.actions import hosting, items, queueing, sessions
from timebank.stations.actions.items import Brought
from timebank.stations.actions.people import Person
from timebank.stations.models import Attendance, Item, ServiceSession, SessionState, Sort, Source, Turn
from timebank.volunteers.models import Volunteer

MISSING = 12
"""Every twelfth of those who signed up does not come, where people simply come."""
EARLY = 15
"""So many minutes before their turn people are there."""

Act = Callable[[], object]


def named(week: Week, ending: str) -> Station:
    """Return the station of a community whose name ends so."""
    mine = select(Station).where(Station.community_id == week.community_id, Station.name.endswith(ending))
    return db.session.scalars(mine).one()


def hold(week: Week, draft: sessions.Draft, skill: str = "", hosts: int = 0) -> ServiceSession:
    """Put a session on the calendar, held by so many volunteers who hold a skill."""
    made = sessions.hold(week.community_id, draft)
    for volunteer in able(week, skill, hosts):
        hosting.add_host(made, volunteer)
    return made


def queue(week: Week, day: date, walk_ins: Mapping[str, int]) -> Iterator[Event]:
    """Yield what happens at the sessions of a day, from who comes first to the close; by title, how many walk in unannounced."""
    for session in queries.sessions(week.community_id, day, day):
        if session.state is SessionState.OPEN:
            coming = [each.id for each in session.attendances if each.turn is Turn.SIGNED_UP]
            yield from (
                _called_in(week, session, coming, walk_ins.get(session.title, 0)) if session.calls_in else _just_come(session, coming)
            )
            yield clock.at(day, session.end + 5), _close(week, session.id)


def _called_in(week: Week, session: ServiceSession, coming: list[int], walk_ins: int) -> Iterator[Event]:
    """Yield the queue of a session in which people are called in: who signed up by number, then who walks in."""
    rows = dict(enumerate(coming))
    people = invented(week, 200 + session.id * 20)
    all_turns = len(coming) + walk_ins
    length = (session.end - session.start) / max(1, math.ceil(all_turns / session.chairs))
    for place in range(all_turns):
        begins = clock.at(session.day, session.start) + timedelta(minutes=place // session.chairs * length)
        comes = begins - timedelta(minutes=EARLY if place >= session.chairs else 2)
        yield comes, _arrive(rows, place) if place in rows else _walk_in(session.id, next(people), rows, place)
        yield begins, _move(rows, place, Turn.CALLED)
        yield begins + timedelta(minutes=length, seconds=-40), _move(rows, place, Turn.SERVED)


def _just_come(session: ServiceSession, coming: list[int]) -> Iterator[Event]:
    """Yield who comes to a session where people simply come; some do not."""
    rows = dict(enumerate(coming))
    for place in rows:
        if place % MISSING != MISSING - 1:
            yield clock.at(session.day, session.start) + timedelta(seconds=20 * place), _move(rows, place, Turn.SERVED)


def _arrive(rows: dict[int, int], place: int) -> Act:
    """Return the act of coming to a session one has signed up for."""
    return _move(rows, place, Turn.ARRIVED)


def _walk_in(session_id: int, who: Person, rows: dict[int, int], place: int) -> Act:
    """Return the act of coming without having signed up; the number is kept for what follows."""

    def act() -> None:
        session = db.session.get_one(ServiceSession, session_id)
        rows[place] = queueing.sign_up(session, who, Source.WALK_IN, here=True).id

    return act


def _move(rows: dict[int, int], place: int, turn: Turn) -> Act:
    """Return the act of moving somebody on in the queue."""
    return lambda: queueing.move(db.session.get_one(Attendance, rows[place]), turn)


def _close(week: Week, session_id: int) -> Act:
    """Return the act of closing a session."""
    return lambda: sessions.close(db.session.get_one(ServiceSession, session_id), week.coordinator)


def repairs(week: Week, station: Station, day: date, wares: tuple[tuple[str, str], ...], first: int) -> Iterator[Event]:
    """Yield what is brought to be mended on a day: most are mended within two hours and fetched in the afternoon, one cannot be."""
    menders = [each.id for each in able(week, "repair", 2)]
    for place, ((what, fault), owner) in enumerate(zip(wares, invented(week, first), strict=False)):
        kept: list[int] = []
        begins = clock.at(day, 9 * 60 + 12 * place)
        yield begins, _bring(station.id, Brought(sort=Sort.REPAIR, what=what, fault=fault), owner, kept)
        yield begins + timedelta(minutes=25), _on(kept, items.take_up)
        yield begins + timedelta(minutes=95), _finish(kept, menders[place % len(menders)], mended=place % 7 != 3)
        if place % 4 != 1:
            yield clock.at(day, 15 * 60 + 9 * place), _fetch(week, kept, owner)


def parcels(week: Week, station: Station, day: date, count: int, first: int) -> Iterator[Event]:
    """Yield the parcels kept for people of the neighbourhood on a day; most are fetched in the evening."""
    for place, owner in zip(range(count), invented(week, first), strict=False):
        kept: list[int] = []
        what = ("纸箱一件", "文件袋一件", "米面一袋", "药品一盒")[place % 4]
        yield clock.at(day, 10 * 60 + 3 * place), _bring(station.id, Brought(sort=Sort.PARCEL, what=what), owner, kept)
        if place % 5 != 4:
            yield clock.at(day, 17 * 60 + 4 * place), _fetch(week, kept, owner)


def _bring(station_id: int, brought: Brought, owner: Person, kept: list[int]) -> Act:
    """Return the act of bringing something; its number is kept for what follows."""
    return lambda: kept.append(items.bring(db.session.get_one(Station, station_id), brought, owner).id)


def _on(kept: list[int], act: Callable[[Item], object]) -> Act:
    """Return an act on what was brought."""
    return lambda: act(db.session.get_one(Item, kept[0]))


def _finish(kept: list[int], mender: int, *, mended: bool) -> Act:
    """Return the act of having mended something, or of giving it up."""

    def act() -> None:
        by = db.session.get_one(Volunteer, mender) if mended else None
        items.finish(db.session.get_one(Item, kept[0]), by, "" if mended else "主板烧了，没有配件，建议换新", mended=mended)

    return act


def _fetch(week: Week, kept: list[int], owner: Person) -> Act:
    """Return the act of fetching something with its paper."""
    return lambda: items.hand_out(db.session.get_one(Item, kept[0]), owner.name, week.coordinator, had_ticket=True)
