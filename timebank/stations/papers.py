"""A session as the sheet people sign, and a thing that was left as the ticket its owner takes home."""

from timebank import clock
from timebank.papers.station import SignInSheet, SignLine, Ticket
from timebank.places.models import Community
from timebank.stations import queries, words
from timebank.stations.models import GONE, Item, ServiceSession, Turn

ROOM = 12
"""So many empty lines a sheet has at least, for who walks in."""


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
