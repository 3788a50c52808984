"""Courses: a teacher, a register without anybody twice, weekly classes at which the whole register is expected."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from tests.stations.conftest import DAY, Corner, people, whoever
from timebank.db import db, transaction
from timebank.errors import Conflict, Invalid
from timebank.places.models import Station
from timebank.stations import queries
from timebank.stations.actions import courses, queueing, sessions
from timebank.stations.models import Course, Kind, Learner, Turn


def found(corner: Corner, **values: Any) -> Course:
    """Found a course in the open write unit."""
    ordinary: dict[str, Any] = {"title": "书法班", "kind": Kind.COURSE, "seats": 2, "teacher_name": "周老师"}
    return courses.found_course(
        corner.community, courses.Syllabus(**{**ordinary, "station": db.session.get_one(Station, corner.station), **values})
    )


def test_a_course_without_a_teacher_is_refused_and_the_database_refuses_it_too(corner: Corner) -> None:
    with corner.app.app_context(), pytest.raises(Invalid, match="needs a teacher"), transaction():
        found(corner, teacher_name=" ")
    with corner.app.app_context(), pytest.raises(IntegrityError), transaction():
        db.session.add(Course(community_id=corner.community, title="书法班", kind=Kind.COURSE, seats=2, place="活动室"))


def test_a_course_is_somewhere_and_has_a_name_of_its_own(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        with pytest.raises(Invalid, match="Where"):
            found(corner, station=None)
        found(corner)
        with pytest.raises(Conflict, match="another name"):
            found(corner)


def test_nobody_stands_in_a_register_twice_and_full_is_full(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        course = found(corner)
        first = courses.join(course, whoever(corner, "钱甲", "13800138000"))
        with pytest.raises(Conflict, match="already"):
            courses.join(course, whoever(corner, "钱甲", "13800138000"))
        courses.join(course, whoever(corner, "钱乙"))
        with pytest.raises(Conflict, match="seats of this course"):
            courses.join(course, whoever(corner, "钱丙"))
        with pytest.raises(Invalid, match="cannot be fewer"):
            courses.add_seats(course, 1)
        courses.leave(first)
        courses.join(course, whoever(corner, "钱丙"))
        assert [each.name for each in queries.learners(course)] == ["钱丙", "钱乙"]
        number = course.id
    with corner.app.app_context(), pytest.raises(IntegrityError), transaction():
        db.session.add(Learner(course_id=number, name="钱丁", who="x", joined=DAY))


def test_weekly_classes_expect_the_register_and_follow_who_joins_and_leaves(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        _community, _station, barber, *_ = people(corner)
        course = found(corner, seats=3, teacher=barber, teacher_name="")
        early = courses.join(course, whoever(corner, "钱甲"))
        made = courses.schedule(course, DAY, 840, 930, 3)
        assert [each.day for each in made] == [DAY + timedelta(weeks=week) for week in range(3)]
        assert all(queries.hosts(each)[0].volunteer_id == corner.barber for each in made)
        courses.join(course, whoever(corner, "钱乙"))
        db.session.expire_all()
        assert [[row.name for row in each.attendances] for each in made] == [["钱甲", "钱乙"]] * 3
        queueing.move(made[0].attendances[1], Turn.SERVED)
        courses.leave(early)
        assert [row.turn for row in made[1].attendances] == [Turn.CANCELLED, Turn.SIGNED_UP]
        assert courses.schedule(course, DAY, 840, 930, 4)[0].day == DAY + timedelta(weeks=3)
        with pytest.raises(Invalid, match="past"):
            courses.schedule(course, DAY - timedelta(days=1), 840, 930, 1)


def test_a_course_ends_when_its_classes_are_over(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        course = found(corner)
        (only,) = courses.schedule(course, DAY, 840, 930, 1)
        with pytest.raises(Conflict, match="still to come"):
            courses.end(course)
        sessions.close(only, corner.user())
        courses.end(course)
        with pytest.raises(Conflict, match="has ended"):
            courses.join(course, whoever(corner, "钱甲"))
        assert (queries.courses(corner.community), queries.courses(corner.community, ended=True)) == ([], [course])
