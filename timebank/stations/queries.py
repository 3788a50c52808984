"""Reads of stations: sessions and their queues, courses, things left, check-ups due, and how many people were served."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from timebank import clock
from timebank.access.sorting import sort_key
from timebank.db import db
from timebank.places.models import Station
from timebank.stations.models import (
    GONE,
    SEATED,
    TO_FETCH,
    Attendance,
    CheckUp,
    Course,
    Item,
    Learner,
    Offered,
    Opening,
    ServiceSession,
    SessionState,
    Sort,
    Turn,
)
from timebank.visits import on_duty
from timebank.visits.duties import Duty

WEEKDAYS = "一二三四五六日"
LONG_READY = timedelta(days=7)
"""A thing that waits longer than this to be fetched is asked after."""
SHOWN = 200
PART = "session"
"""The word by which a duty says that it is a part of a session."""


Days = tuple[list[tuple[int, int]], tuple[tuple[int, int], ...]]
"""Runs of weekdays with the same hours, each by its first and its last, and these hours."""


def together(spans: Sequence[tuple[int, int, int]]) -> list[Days]:
    """Return opening hours with the days together that have the same ones, neighbouring days as a run."""
    by_day: dict[int, tuple[tuple[int, int], ...]] = {}
    for day, start, end in spans:
        by_day[day] = (*by_day.get(day, ()), (start, end))
    runs: dict[tuple[tuple[int, int], ...], list[tuple[int, int]]] = {}
    for day, times in sorted(by_day.items()):
        mine = runs.setdefault(times, [])
        if mine and mine[-1][1] == day - 1:
            mine[-1] = (mine[-1][0], day)
        else:
            mine.append((day, day))
    return [(days, times) for times, days in runs.items()]


def in_words(spans: Sequence[tuple[int, int, int]]) -> str:
    """Return opening hours as they stand on a door."""
    return "；".join(
        "、".join(f"周{WEEKDAYS[first]}{f'至周{WEEKDAYS[last]}' if last > first else ''}" for first, last in days)
        + " "
        + "、".join(f"{clock.hhmm(start)}-{clock.hhmm(end)}" for start, end in times)
        for days, times in together(spans)
    )


def stations(community_id: int) -> Sequence[Station]:
    """Return the stations of a community."""
    return db.session.scalars(select(Station).where(Station.community_id == community_id).order_by(Station.id)).all()


def station_in(community_id: int, station_id: int) -> Station | None:
    """Return a station of a community."""
    return db.session.scalars(select(Station).where(Station.id == station_id, Station.community_id == community_id)).first()


def openings(station: Station) -> Sequence[Opening]:
    """Return when a station is open."""
    return db.session.scalars(select(Opening).where(Opening.station_id == station.id).order_by(Opening.weekday, Opening.start)).all()


def services(community_id: int) -> dict[int, list[Offered]]:
    """Return what each station of a community offers."""
    found: dict[int, list[Offered]] = {}
    for each in db.session.scalars(select(Offered).join(Station).where(Station.community_id == community_id).order_by(Offered.id)):
        found.setdefault(each.station_id, []).append(each)
    return found


def open_now(hours: Iterable[Opening]) -> bool:
    """Say whether a station is open at this moment."""
    now = clock.now()
    minute = clock.minute_of(now)
    return any(each.weekday == now.weekday() and each.start <= minute < each.end for each in hours)


def sessions(community_id: int, first: date, last: date, station_id: int | None = None) -> Sequence[ServiceSession]:
    """Return the sessions of some days in the order they are held."""
    rows = (
        select(ServiceSession)
        .where(ServiceSession.community_id == community_id, ServiceSession.day.between(first, last))
        .options(joinedload(ServiceSession.station), joinedload(ServiceSession.unit), selectinload(ServiceSession.attendances))
        .order_by(ServiceSession.day, ServiceSession.start, ServiceSession.id)
    )
    return db.session.scalars(rows if station_id is None else rows.where(ServiceSession.station_id == station_id)).all()


def session_in(community_id: int, session_id: int) -> ServiceSession | None:
    """Return a session of a community."""
    return db.session.scalars(
        select(ServiceSession).where(ServiceSession.id == session_id, ServiceSession.community_id == community_id)
    ).first()


def attendance_in(community_id: int, attendance_id: int) -> Attendance | None:
    """Return somebody's place in a queue of a community."""
    return db.session.scalars(
        select(Attendance).join(Attendance.session).where(Attendance.id == attendance_id, ServiceSession.community_id == community_id)
    ).first()


def seats_taken(session: ServiceSession) -> int:
    """Return how many seats of a session are taken."""
    return sum(each.turn in SEATED for each in session.attendances)


def expected(session: ServiceSession) -> list[Attendance]:
    """Return who is to hear when a session is called off."""
    return [each for each in session.attendances if each.turn in {Turn.SIGNED_UP, Turn.ARRIVED, Turn.WAITING}]


def places(session: ServiceSession) -> list[Duty]:
    """Return the places of whoever holds a session, those nobody has among them."""
    return on_duty.duties_of_part(PART, session.id, session.day, session.day)


def hosts(session: ServiceSession) -> list[Duty]:
    """Return who holds a session, or is asked to."""
    return [each for each in places(session) if each.volunteer is not None]


def next_in(session: ServiceSession) -> Attendance | None:
    """Return who is called in next: of those who are here, the lowest number."""
    return next((each for each in session.attendances if each.turn is Turn.ARRIVED), None)


def courses(community_id: int, *, ended: bool = False) -> Sequence[Course]:
    """Return the courses of a community: those under way, or those that have ended."""
    over = Course.ended.is_not(None) if ended else Course.ended.is_(None)
    rows = select(Course).where(Course.community_id == community_id, over)
    return db.session.scalars(rows.options(joinedload(Course.teacher), joinedload(Course.station)).order_by(Course.title)).all()


def course_in(community_id: int, course_id: int) -> Course | None:
    """Return a course of a community."""
    return db.session.scalars(select(Course).where(Course.id == course_id, Course.community_id == community_id)).first()


def learner_in(community_id: int, learner_id: int) -> Learner | None:
    """Return somebody in a register of a community."""
    rows = select(Learner).join(Learner.course).where(Learner.id == learner_id, Course.community_id == community_id)
    return db.session.scalars(rows).first()


def learners(course: Course) -> list[Learner]:
    """Return who is in the register of a course now, in the order of a register."""
    rows = select(Learner).where(Learner.course_id == course.id, Learner.left.is_(None))
    return sorted(db.session.scalars(rows), key=lambda each: (sort_key(each.name), each.id))


def learner_counts(community_id: int) -> dict[int, int]:
    """Return how many are in the register of each course of a community."""
    rows = select(Learner.course_id, func.count()).join(Learner.course).where(Course.community_id == community_id, Learner.left.is_(None))
    return dict(db.session.execute(rows.group_by(Learner.course_id)).all())


def classes(course: Course) -> Sequence[ServiceSession]:
    """Return the classes of a course in their order."""
    rows = select(ServiceSession).where(ServiceSession.course_id == course.id).options(selectinload(ServiceSession.attendances))
    return db.session.scalars(rows.order_by(ServiceSession.day, ServiceSession.start)).all()


def classes_to_come(course: Course) -> list[ServiceSession]:
    """Return the classes of a course that are still to be held."""
    return [each for each in classes(course) if each.day >= clock.today() and each.state is SessionState.OPEN]


def items(community_id: int, words: str = "", *, gone: bool = False, station_id: int | None = None) -> Sequence[Item]:
    """Return what is left at a community's stations by number, name or telephone, what waits longest first; or what was fetched."""
    rows = select(Item).where(Item.community_id == community_id, Item.progress.in_(GONE) if gone else Item.progress.not_in(GONE))
    for word in words.split():
        fields = (Item.number, Item.name, Item.phone, Item.what)
        rows = rows.where(or_(*(each.icontains(word, autoescape=True) for each in fields)))
    if station_id is not None:
        rows = rows.where(Item.station_id == station_id)
    order = Item.handed_at.desc() if gone else Item.brought_at
    return db.session.scalars(rows.options(joinedload(Item.station), joinedload(Item.mender)).order_by(order, Item.id).limit(SHOWN)).all()


def item_in(community_id: int, item_id: int) -> Item | None:
    """Return a thing left at a station of a community."""
    return db.session.scalars(select(Item).where(Item.id == item_id, Item.community_id == community_id)).first()


def to_call(community_id: int) -> list[Item]:
    """Return the things that can be fetched and whose owners have not heard of it."""
    return [each for each in items(community_id) if each.progress in TO_FETCH and each.told_at is None]


def is_late(item: Item) -> bool:
    """Say whether a thing waits longer than it should: a parcel past its day, anything else ready for long."""
    if item.progress not in TO_FETCH:
        return False
    if item.until is not None:
        return item.until < clock.today()
    return item.ready_at is not None and clock.now() - item.ready_at > LONG_READY


def check_ups(community_id: int, until: date | None = None) -> Sequence[CheckUp]:
    """Return the check-ups of a community that go on, those due first; until a day only those due by it."""
    rows = select(CheckUp).where(CheckUp.community_id == community_id, CheckUp.ended.is_(None))
    if until is not None:
        rows = rows.where(CheckUp.due <= until)
    return db.session.scalars(
        rows.options(joinedload(CheckUp.station), selectinload(CheckUp.recalls)).order_by(CheckUp.due, CheckUp.id)
    ).all()


def check_up_in(community_id: int, check_up_id: int) -> CheckUp | None:
    """Return a check-up of a community."""
    return db.session.scalars(select(CheckUp).where(CheckUp.id == check_up_id, CheckUp.community_id == community_id)).first()


def sign_ups_of(user_id: int, elder_ids: Iterable[int], first: date) -> Sequence[Attendance]:
    """Return what somebody has signed up to from a day on: what they asked for themselves, and what is for their elders."""
    rows = (
        select(Attendance)
        .join(Attendance.session)
        .where(
            or_(Attendance.asked_by == user_id, Attendance.elder_id.in_(list(elder_ids))),
            Attendance.turn != Turn.CANCELLED,
            ServiceSession.day >= first,
        )
        .options(joinedload(Attendance.session).joinedload(ServiceSession.station))
        .order_by(ServiceSession.day, ServiceSession.start, Attendance.id)
    )
    return db.session.scalars(rows).all()


@dataclass(frozen=True, slots=True)
class Waiting:
    """What of the stations waits for somebody today."""

    long_ready: int
    over_date: int
    to_call: int
    due: int


def waiting(community_id: int) -> Waiting:
    """Count what waits: things ready for long, parcels past their day, owners to be called, check-ups due."""
    here = items(community_id)
    late = [each for each in here if is_late(each)]
    return Waiting(
        long_ready=sum(each.sort is not Sort.PARCEL for each in late),
        over_date=sum(each.sort is Sort.PARCEL for each in late),
        to_call=sum(each.progress in TO_FETCH and each.told_at is None for each in here),
        due=len(check_ups(community_id, clock.today())),
    )
