"""Verbs of a session for many: hold one, count those without a name, close it or call it off."""

from dataclasses import dataclass
from datetime import date

from timebank import audit, clock
from timebank.access.models import User
from timebank.db import db
from timebank.errors import Conflict, Invalid
from timebank.places.models import Canteen, Station
from timebank.sentences import Sentence
from timebank.stations import queries
from timebank.stations.actions import hosting, telling
from timebank.stations.models import TAUGHT, Course, Kind, ServiceSession, SessionState, Turn
from timebank.visits.actions.ceilings import must_be_recent
from timebank.volunteers.models import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A session as it is to be held; ``min_age`` is the age it is for, ``chairs`` how many are served at once, ``unit`` who provides it."""

    kind: Kind
    title: str
    day: date
    start: int
    end: int
    seats: int
    chairs: int = 1
    min_age: int | None = None
    station: Station | None = None
    place: str = ""
    canteen: Canteen | None = None
    course: Course | None = None
    unit: Unit | None = None


def hold(community_id: int, draft: Draft) -> ServiceSession:
    """Put a session on the calendar."""
    refuse_timeless(draft.start, draft.end)
    must_be_recent(community_id, draft.day, "day")
    if draft.station is None and not draft.place.strip():
        raise Invalid("在哪里办？请选一个服务站，或者写地方。", fields={"station": Sentence("请选服务站，或者写地方。")})
    if draft.kind in TAUGHT and draft.course is None:
        raise Invalid("课要先有课程和老师。请先建课程，写上老师，再在课程里排课。", fields={"kind": Sentence("请先建课程，再排课。")})
    made = ServiceSession(
        community_id=community_id,
        course=draft.course,
        station=draft.station,
        canteen=draft.canteen,
        unit=draft.unit,
        kind=draft.kind,
        title=draft.title,
        place=draft.place.strip(),
        day=draft.day,
        start=draft.start,
        end=draft.end,
        seats=draft.seats,
        chairs=draft.chairs,
        min_age=draft.min_age,
    )
    db.session.add(made)
    db.session.flush()
    audit.record("hold", "service_session", made.id, seats=made.seats)
    return made


def refuse_timeless(start: int, end: int) -> None:
    """Refuse a session that ends before it begins."""
    if end <= start:
        raise Invalid("结束要晚于开始。请改时间。", fields={"start": Sentence("结束要晚于开始。")})


def count(session: ServiceSession, heads: int, boxes: int) -> None:
    """Write down how many came without giving a name, and how many boxes they took away."""
    if session.state is SessionState.CANCELLED:
        raise Conflict("这一场取消了，没有人数可记。")
    if session.day > clock.today():
        raise Conflict("这一场还没到日子，到了那天再记人数。")
    before = {"head_count": session.head_count, "boxes": session.boxes}
    session.head_count, session.boxes = heads, boxes
    audit.record("count", "service_session", session.id, heads=heads, boxes=boxes, was=before["head_count"])


def close(session: ServiceSession, by: User) -> int:
    """End a session: whoever signed up and never came did not come; return how many that are."""
    refuse_over(session)
    if session.day > clock.today():
        raise Conflict("这一场还没到日子，办完再点结束。不办了请点取消。")
    serving = [each for each in session.attendances if each.turn is Turn.CALLED]
    if serving:
        raise Conflict("%(number)s 号还在服务。先点做完，再结束这一场。", number=serving[0].number)
    absent = [each for each in session.attendances if each.turn is Turn.SIGNED_UP]
    for each in absent:
        each.turn, each.moved_at = Turn.NO_SHOW, clock.now()
    _end(session, SessionState.CLOSED, by)
    audit.record("close", "service_session", session.id, no_shows=len(absent))
    return len(absent)


def reopen(session: ServiceSession) -> None:
    """Open a session again that was closed by mistake, on its own day."""
    if session.state is not SessionState.CLOSED or session.day != clock.today():
        raise Conflict("只有今天结束的场次可以重新打开。")
    session.state, session.ended_at, session.ended_by = SessionState.OPEN, None, None
    db.session.flush()
    audit.record("reopen", "service_session", session.id)


def call_off(session: ServiceSession, reason: str, by: User) -> list[str]:
    """Call a session off: whoever signed up is told; return the names of those who have to be called."""
    refuse_over(session)
    if not reason.strip():
        raise Invalid("请写为什么取消，报了名的人会听到。", fields={"reason": Sentence("请写原因。")})
    if any(each.turn in {Turn.CALLED, Turn.SERVED} for each in session.attendances):
        raise Conflict("已经服务过人了，不能取消。请点结束。")
    session.reason = reason.strip()
    _end(session, SessionState.CANCELLED, by)
    hosting.call_off(session)
    audit.record("call_off", "service_session", session.id)
    return [each.name for each in queries.expected(session) if not telling.tell_off(each)]


def _end(session: ServiceSession, state: SessionState, by: User) -> None:
    """Note that a session is over."""
    session.state, session.ended_at, session.ended_by = state, clock.now(), by.id
    db.session.flush()


def refuse_over(session: ServiceSession) -> None:
    """Refuse to change what is over."""
    if session.state is SessionState.CLOSED:
        raise Conflict("这一场已经结束了。要改，今天的可以先重新打开。")
    if session.state is SessionState.CANCELLED:
        raise Conflict("这一场已经取消了。要办请新开一场。")
