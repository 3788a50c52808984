"""What people hear of their session or their thing: a message to a mobile number, else somebody has to call."""

from timebank import clock, phones
from timebank.db import db
from timebank.notices.actions import tell_number
from timebank.places.models import Community
from timebank.sentences import Pair, Sentence, the_day
from timebank.stations.models import Attendance, Item, ServiceSession

LONGEST = 12


def _what(session: ServiceSession) -> Pair:
    """Return a session as a message names it."""
    title = session.title if len(session.title) <= LONGEST else f"{session.title[: LONGEST - 1]}…"
    return Sentence("%(day)s %(at)s %(title)s", day=the_day(session.day), at=clock.hhmm(session.start), title=title)


def tell_off(attendance: Attendance) -> bool:
    """Tell somebody that their session is called off; say whether a message went."""
    return _tell(attendance.phone, attendance.session.community_id, "session_off", what=_what(attendance.session))


def tell_seat(attendance: Attendance) -> bool:
    """Tell somebody on the waiting list that there is a seat now; say whether a message went."""
    told = _tell(
        attendance.phone, attendance.session.community_id, "session_seat", what=_what(attendance.session), number=attendance.number
    )
    if told:
        attendance.told_at = clock.now()
    return told


def tell_ready(item: Item, *, mended: bool) -> bool:
    """Tell whose thing it is that it can be fetched; say whether a message went."""
    template = "item_ready" if mended else "item_unmended"
    told = _tell(item.phone, item.community_id, template, number=item.number, place=item.station.name[:LONGEST])
    if told:
        item.told_at = clock.now()
    return told


def _tell(phone: str, community_id: int, template: str, **params: object) -> bool:
    """Write a message to a mobile number; a landline and no number at all want a call instead."""
    number = phones.mobile(phone) if phone else None
    if number is None:
        return False
    station = db.session.get_one(Community, community_id).phone
    tell_number(number, community_id, template, station=station, **params)
    return True
