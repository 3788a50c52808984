"""Who holds a session: each host is a duty, whose part the session is, so that they sign in by its code and their minutes come on record."""

from sqlalchemy import func, select

from timebank import audit
from timebank.access.models import User
from timebank.catalogue.models import ServiceKind
from timebank.db import db
from timebank.errors import Conflict
from timebank.stations import queries
from timebank.stations.models import Kind, ServiceSession, SessionState
from timebank.visits.actions import duties
from timebank.visits.actions.duties import Turn
from timebank.visits.duties import TO_COME, Duty, DutyState
from timebank.volunteers.models import Volunteer

HOSTING = "STATION"
WORK: dict[Kind, str] = {Kind.HAIRCUT: "STHAIR", Kind.COURSE: "CLASS", Kind.CRAFT: "CLASS", Kind.CHILDREN: "CLASS"}
"""The kind of service whoever holds a session does; of all other sessions it is ``HOSTING``."""


def add_host(session: ServiceSession, volunteer: Volunteer, by: User | None = None, *, agreed: bool = True) -> Duty:
    """Let somebody hold a session who has agreed to, or ask them; ``by`` is who writes it down at the desk."""
    if session.state is SessionState.CANCELLED:
        raise Conflict("这一场已经取消了。要办请新开一场。")
    if any(each.volunteer_id == volunteer.id for each in queries.hosts(session)):
        raise Conflict("%(volunteer)s已经在这一场了。", volunteer=volunteer.name)
    place = _free_place(session)
    if agreed or by is None:
        duties.claim(place, volunteer, by)
    else:
        duties.ask(place, volunteer, by)
    audit.record("add_host", "service_session", session.id, volunteer=volunteer.id)
    return place


def _free_place(session: ServiceSession) -> Duty:
    """Return a place nobody has, a new one where there is none."""
    free = next((each for each in queries.places(session) if each.state is DutyState.OPEN), None)
    if free is not None:
        return free
    mine = (Duty.part_of == queries.PART, Duty.part_id == session.id)
    last = db.session.scalar(select(func.max(Duty.seat)).where(*mine)) or 0
    (made,) = duties.open_seats(_turn(session), last + 1)
    return made


def _turn(session: ServiceSession) -> Turn:
    """Return what somebody is on duty for at a session."""
    return Turn(
        community_id=session.community_id,
        kind=_work(session.kind),
        title=session.title,
        place=session.where,
        day=session.day,
        start=session.start,
        until=session.end,
        part_of=queries.PART,
        part_id=session.id,
    )


def _work(kind: Kind) -> ServiceKind:
    """Return the kind of service whoever holds a session does."""
    code = WORK.get(kind, HOSTING)
    found = db.session.scalar(select(ServiceKind).where(ServiceKind.code == code, ServiceKind.enabled))
    if found is None:
        raise Conflict("服务目录里没有“%(code_)s”，或者停用了。请管理员重新装一遍目录，再写谁来服务。", code_=code)
    return found


def drop_host(session: ServiceSession, duty: Duty) -> None:
    """Take somebody off a session's hosts before they have begun; they are told."""
    if duty.state not in TO_COME:
        raise Conflict("已经到岗或者有记录了，不能去掉。要改请到这一班的页面上改。")
    duties.call_off([duty], session.title)
    audit.record("drop_host", "service_session", session.id, volunteer=duty.volunteer_id)


def call_off(session: ServiceSession) -> None:
    """Call everybody off who was to hold a session."""
    duties.call_off(queries.places(session), session.reason)
