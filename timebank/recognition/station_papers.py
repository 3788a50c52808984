"""Papers of stations as plain facts: the sign-in sheet of a session, the ticket of a thing left to be mended or kept."""

from dataclasses import dataclass, field
from datetime import date, datetime

from timebank import clock
from timebank.places.models import Community
from timebank.stations import queries, words
from timebank.stations.models import GONE, Item, ServiceSession, Turn

ROOM = 12
"""So many empty lines a sheet has at least, for who walks in."""


@dataclass(frozen=True, slots=True)
class SignLine:
    """One person of a sign-in sheet: of the telephone only its end."""

    number: int
    name: str
    phone_end: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInSheet:
    """The sheet people sign at a session."""

    title: str
    on: date
    start: str
    end: str
    where: str
    unit: str
    hosts: tuple[str, ...]
    lines: tuple[SignLine, ...]
    first_empty: int
    empty: int
    printed_at: datetime
    demo: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What the owner of a thing takes home: its number large, and where it is fetched with it."""

    number: str
    sort_zh: str
    sort_en: str
    what: str
    name: str
    station: str
    address: str
    hours: str
    phone: str
    brought: datetime
    until: date | None
    printed_at: datetime
    unit: str
    demo: bool = field(default=False)


def sign_in_sheet(session: ServiceSession, community: Community) -> SignInSheet:
    """Return the sheet of a session: who signed up by number, and lines for who walks in."""
    rows = [row for row in session.attendances if row.turn not in {Turn.CANCELLED, Turn.WAITING}]
    return SignInSheet(
        title=session.title,
        on=session.day,
        start=clock.hhmm(session.start),
        end=clock.hhmm(session.end),
        where=session.where,
        unit=community.name,
        hosts=tuple(each.volunteer.name for each in queries.hosts(session) if each.volunteer is not None),
        lines=tuple(SignLine(row.number, row.name, row.phone[-4:]) for row in rows),
        first_empty=max((row.number for row in session.attendances), default=0) + 1,
        empty=max(ROOM, 24 - len(rows)),
        printed_at=clock.now(),
        demo=clock.clock.is_demo,
    )


def ticket(item: Item, community: Community) -> Ticket | None:
    """Return the ticket of a thing, None once it was fetched."""
    if item.progress in GONE:
        return None
    sort_zh, sort_en = words.SORTS[item.sort]
    return Ticket(
        number=item.number,
        sort_zh=sort_zh,
        sort_en=sort_en,
        what=item.what,
        name=item.name,
        station=item.station.name,
        address=item.station.address,
        hours=item.station.hours,
        phone=item.station.phone or community.phone,
        brought=item.brought_at,
        until=item.until,
        printed_at=clock.now(),
        unit=community.name,
        demo=clock.clock.is_demo,
    )
