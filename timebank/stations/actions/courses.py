"""Verbs of courses: found one with its teacher, let learners join and leave, put its classes on the calendar."""

import contextlib
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from timebank import audit, clock
from timebank.db import db
from timebank.errors import Conflict, Invalid
from timebank.places.models import Station
from timebank.sentences import Sentence
from timebank.stations import queries
from timebank.stations.actions import hosting, queueing, sessions
from timebank.stations.actions.people import Person
from timebank.stations.models import Attendance, Course, Kind, Learner, ServiceSession, Source, Turn
from timebank.volunteers.models import Volunteer

MOST_CLASSES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Syllabus:
    """A course as it is to be founded: its teacher is a volunteer or somebody named."""

    title: str
    kind: Kind
    seats: int
    teacher: Volunteer | None = None
    teacher_name: str = ""
    station: Station | None = None
    place: str = ""


def found_course(community_id: int, plan: Syllabus) -> Course:
    """Found a course; one without a teacher is refused."""
    if plan.teacher is None and not plan.teacher_name.strip():
        raise Invalid(
            "没有老师，课开不了。请选一位志愿者，或者写老师的姓名。", fields={"teacher_name": Sentence("请选志愿者，或者写老师的姓名。")}
        )
    if plan.station is None and not plan.place.strip():
        raise Invalid("在哪里上课？请选一个服务站，或者写地方。", fields={"station": Sentence("请选服务站，或者写地方。")})
    if db.session.scalar(select(Course.id).where(Course.community_id == community_id, Course.title == plan.title)) is not None:
        raise Conflict("已经有“%(plan)s”这门课了。请换个名字，例如加上学期。", plan=plan.title)
    made = Course(
        community_id=community_id,
        kind=plan.kind,
        title=plan.title,
        seats=plan.seats,
        teacher=plan.teacher,
        teacher_name="" if plan.teacher else plan.teacher_name.strip(),
        station=plan.station,
        place=plan.place.strip(),
    )
    db.session.add(made)
    db.session.flush()
    audit.record("found", "course", made.id, seats=made.seats)
    return made


def _lock(course: Course) -> None:
    """Let nobody else change a register meanwhile."""
    db.session.flush()
    db.session.execute(select(Course.id).where(Course.id == course.id).with_for_update())


def join(course: Course, person: Person) -> Learner:
    """Put somebody into the register of a course, and into its classes to come."""
    _lock(course)
    _refuse_ended(course)
    learners = queries.learners(course)
    if any(each.who == person.who for each in learners):
        raise Conflict("%(person)s已经在这门课的名册上了。", person=person.name)
    if len(learners) >= course.seats:
        raise Conflict("这门课 %(seats)s 个名额满了。请先在课程里加名额，或者等有人退课。", seats=course.seats)
    made = Learner(course=course, joined=clock.today(), **person.columns())
    db.session.add(made)
    db.session.flush()
    audit.record("join", "learner", made.id, course=course.id)
    for each in queries.classes_to_come(course):
        _expect(each, [made])
    return made


def leave(learner: Learner) -> None:
    """Take somebody out of a register, and out of the classes to come."""
    if learner.left is not None:
        raise Conflict("这一位已经退课了。")
    learner.left = clock.today()
    for session in queries.classes_to_come(learner.course):
        for row in list(session.attendances):
            if row.who == learner.who and row.turn in {Turn.SIGNED_UP, Turn.WAITING}:
                queueing.move(row, Turn.CANCELLED)
    db.session.flush()
    audit.record("leave", "learner", learner.id, course=learner.course_id)


def add_seats(course: Course, seats: int) -> None:
    """Change how many a course holds."""
    here = len(queries.learners(course))
    if seats < here:
        raise Invalid(
            "名册上有 %(here)s 位，名额不能少于 %(here)s。", fields={"seats": Sentence("不能少于 %(here)s。", here=here)}, here=here
        )
    course.seats = seats
    db.session.flush()
    audit.record("change", "course", course.id, seats=seats)


def end(course: Course) -> None:
    """End a course; its register and its classes stay to be seen."""
    _refuse_ended(course)
    if queries.classes_to_come(course):
        raise Conflict("还有没上的课。请先上完，或者把那几次取消，再结课。")
    course.ended = clock.today()
    audit.record("end", "course", course.id)


def _refuse_ended(course: Course) -> None:
    """Refuse to change a course that is over."""
    if course.ended is not None:
        raise Conflict("这门课已经结课了。要再开，请新建一门。")


def schedule(course: Course, first: date, start: int, end_at: int, times: int) -> list[ServiceSession]:
    """Put a course's classes on the calendar, weekly from a day on; everybody in the register is expected."""
    _refuse_ended(course)
    if first < clock.today():
        raise Invalid("第一次课的日子已经过了。请选今天或以后。", fields={"first": Sentence("日子已经过了。")})
    days = [first + timedelta(weeks=week) for week in range(times)]
    taken = set(db.session.scalars(select(ServiceSession.day).where(ServiceSession.course_id == course.id, ServiceSession.day.in_(days))))
    learners = queries.learners(course)
    made = []
    for day in days:
        if day in taken:
            continue
        session = sessions.hold(course.community_id, _class_of(course, day, start, end_at))
        if course.teacher is not None:
            _let_teach(session, course.teacher)
        _expect(session, learners)
        made.append(session)
    return made


def _let_teach(session: ServiceSession, teacher: Volunteer) -> None:
    """Let the teacher hold a class; one they cannot come to, or are not fit for on paper, stays without a host to be seen."""
    with contextlib.suppress(Conflict):
        hosting.add_host(session, teacher)


def _class_of(course: Course, day: date, start: int, end_at: int) -> sessions.Draft:
    """Return one class of a course as a session."""
    return sessions.Draft(
        kind=course.kind,
        title=course.title,
        day=day,
        start=start,
        end=end_at,
        seats=course.seats,
        station=course.station,
        place=course.place,
        course=course,
    )


def _expect(session: ServiceSession, learners: list[Learner]) -> None:
    """Expect learners at a class, as far as there are seats."""
    here = {each.who for each in session.attendances}
    room = session.seats - queries.seats_taken(session)
    last = max((each.number for each in session.attendances), default=0)
    now = clock.now()
    for place, each in enumerate((one for one in learners if one.who not in here), 1):
        turn = Turn.SIGNED_UP if place <= room else Turn.WAITING
        row = Attendance(
            session=session, number=last + place, turn=turn, source=Source.REGISTER, signed_at=now, moved_at=now,
            name=each.name, phone=each.phone, who=each.who, elder_id=each.elder_id,
        )  # fmt: skip
        db.session.add(row)
    db.session.flush()
