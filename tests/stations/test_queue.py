"""The queue of a session: once each, by number, one chair at a time, full is full, whoever waits moves up."""

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from tests import builders as make
from tests.stations.conftest import Corner, hold, people, sign_up, tomorrow, whoever
from timebank.audit import AuditRow
from timebank.db import db, transaction
from timebank.errors import Conflict, Invalid
from timebank.notices.models import Notice
from timebank.stations import figures, queries
from timebank.stations.actions import queueing, sessions
from timebank.stations.actions.people import Person, person
from timebank.stations.models import Attendance, Kind, ServiceSession, SessionState, Turn


def move(row: Attendance, *turns: Turn) -> None:
    """Move somebody on step by step."""
    for turn in turns:
        queueing.move(row, turn)


def test_a_person_goes_from_signed_up_to_served_in_three_steps(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        row = sign_up(hold(corner), whoever(corner, "孙立"))
        assert (row.number, row.turn) == (1, Turn.SIGNED_UP)
        move(row, Turn.ARRIVED, Turn.CALLED, Turn.SERVED)
        assert row.turn is Turn.SERVED
    assert corner.count(AuditRow, AuditRow.verb == "move", AuditRow.subject == "attendance") == 3


def test_an_elder_is_the_same_person_by_name_and_telephone_and_from_the_register(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        session = hold(corner)
        *_, elder, _young = people(corner)
        sign_up(session, person(corner.community, elder=elder))
        with pytest.raises(Conflict) as refused:
            sign_up(session, whoever(corner, "臧玉梅", "138 1234 0001"))
        assert "1 号" in refused.value.zh
        assert "number 1" in refused.value.en


def test_two_namesakes_without_a_telephone_are_told_apart_by_one(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        session = hold(corner)
        sign_up(session, whoever(corner, "孙立"))
        with pytest.raises(Conflict, match="already"):
            sign_up(session, whoever(corner, "孙 立"))
        assert sign_up(session, whoever(corner, "孙立", "13800138000")).number == 2


def test_nobody_is_refused_with_the_way_on(corner: Corner) -> None:
    with corner.app.app_context(), pytest.raises(Invalid) as refused:
        whoever(corner, "  ")
    assert "名册" in refused.value.zh
    with corner.app.app_context(), pytest.raises(Invalid, match="11 digits"):
        whoever(corner, "孙立", "12")


def test_the_database_keeps_one_person_one_place_and_one_number(corner: Corner) -> None:
    number = corner.session()
    with corner.app.app_context(), transaction():
        row = sign_up(db.session.get_one(ServiceSession, number), whoever(corner, "孙立"))
        same = {"session_id": number, "name": "孙立", "source": row.source, "signed_at": row.signed_at, "moved_at": row.moved_at}
        who = row.who
    for clash in ({"who": who, "number": 9}, {"who": "else", "number": 1}):
        with corner.app.app_context(), pytest.raises(IntegrityError), transaction():
            db.session.add(Attendance(turn=Turn.SIGNED_UP, **same, **clash))


def test_when_every_seat_is_taken_the_next_one_waits_and_moves_up_when_one_is_free(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        session = hold(corner, seats=2)
        rows = [sign_up(session, whoever(corner, f"孙{name}", f"1380013800{at}")) for at, name in enumerate("甲乙丙丁")]
        assert [each.turn for each in rows] == [Turn.SIGNED_UP, Turn.SIGNED_UP, Turn.WAITING, Turn.WAITING]
        assert queueing.move(rows[0], Turn.CANCELLED) == [rows[2]]
        assert [each.turn for each in rows] == [Turn.CANCELLED, Turn.SIGNED_UP, Turn.SIGNED_UP, Turn.WAITING]
        assert rows[2].told_at is not None
    assert corner.count(Notice, Notice.template == "session_seat") == 1


def test_whoever_moves_up_without_a_mobile_is_to_be_called(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        session = hold(corner, seats=1)
        first, second = (sign_up(session, whoever(corner, name)) for name in ("孙甲", "孙乙"))
        queueing.move(first, Turn.NO_SHOW)
        assert (second.turn, second.moved_up, second.told_at) == (Turn.SIGNED_UP, True, None)
        queueing.told(second)
        with pytest.raises(Conflict, match="no need"):
            queueing.told(second)


def test_the_database_gives_no_seat_there_is_not(corner: Corner) -> None:
    number = corner.session(seats=1)
    with corner.app.app_context(), transaction():
        session = db.session.get_one(ServiceSession, number)
        sign_up(session, whoever(corner, "孙甲"))
        waiting = sign_up(session, whoever(corner, "孙乙")).id
    with corner.app.app_context(), pytest.raises(IntegrityError), transaction():
        db.session.execute(update(Attendance).where(Attendance.id == waiting).values(turn=Turn.SIGNED_UP))
    with corner.app.app_context(), transaction():
        queueing.change(db.session.get_one(ServiceSession, number), seats=2, chairs=1, start=540, end=690)
    with corner.app.app_context(), pytest.raises(IntegrityError), transaction():
        db.session.execute(update(ServiceSession).where(ServiceSession.id == number).values(seats=1))


def test_more_seats_let_people_move_up_and_fewer_than_are_taken_are_refused(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        session = hold(corner, seats=1)
        sign_up(session, whoever(corner, "孙甲"))
        second = sign_up(session, whoever(corner, "孙乙"))
        assert queueing.change(session, seats=2, chairs=1, start=540, end=690) == [second]
        with pytest.raises(Invalid, match="2 people have a seat"):
            queueing.change(session, seats=1, chairs=1, start=540, end=690)


def test_nobody_is_called_in_while_every_chair_is_taken(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        session = hold(corner)
        first, second = (sign_up(session, whoever(corner, name), here=True) for name in ("孙甲", "孙乙"))
        assert queries.next_in(session) is first
        queueing.move(first, Turn.CALLED)
        with pytest.raises(Conflict) as refused:
            queueing.move(second, Turn.CALLED)
        assert "1 号" in refused.value.zh
        queueing.change(session, seats=60, chairs=2, start=540, end=690)
        queueing.move(second, Turn.CALLED)


def test_a_wrong_press_can_be_taken_back_and_a_step_that_does_not_fit_is_refused(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        row = sign_up(hold(corner), whoever(corner, "孙甲"), here=True)
        move(row, Turn.CALLED, Turn.SERVED, Turn.CALLED, Turn.ARRIVED)
        with pytest.raises(Conflict, match="step does not fit"):
            queueing.move(row, Turn.SERVED)


def test_at_a_class_people_simply_come(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        session = hold(corner, kind=Kind.CHILDREN, title="四点半")
        row = sign_up(session, whoever(corner, "孙小甲"), here=True)
        assert row.turn is Turn.SERVED
        move(row, Turn.SIGNED_UP, Turn.NO_SHOW, Turn.SERVED)


def test_who_calls_off_and_signs_up_again_gets_a_new_number(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        session = hold(corner)
        first = sign_up(session, whoever(corner, "孙甲"))
        sign_up(session, whoever(corner, "孙乙"))
        queueing.move(first, Turn.CANCELLED)
        again = sign_up(session, whoever(corner, "孙甲"))
        assert (again.id, again.number) == (first.id, 3)


def test_the_day_of_a_session_decides_what_can_be_noted(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        later = hold(corner, day=tomorrow())
        row = sign_up(later, whoever(corner, "孙甲"))
        with pytest.raises(Conflict, match="on the day"):
            queueing.move(row, Turn.ARRIVED)
        with pytest.raises(Conflict, match="on the day"):
            sign_up(later, whoever(corner, "孙乙"), here=True)
        with pytest.raises(Conflict, match="has not come"):
            sessions.count(later, 12, 0)
        with pytest.raises(Conflict, match="has not come"):
            sessions.close(later, corner.user())
        past = hold(corner, day=make.MONDAY)
        with pytest.raises(Conflict, match="past"):
            sign_up(past, whoever(corner, "孙甲"))


def test_only_the_old_sit_down_where_a_session_is_for_them(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        session = hold(corner, kind=Kind.SITTING, title="午饭", min_age=80, seats=40)
        *_, elder, young = people(corner)
        with pytest.raises(Invalid) as refused:
            sign_up(session, person(corner.community, elder=young))
        assert "70 岁" in refused.value.zh
        with pytest.raises(Invalid, match="year of birth"):
            sign_up(session, whoever(corner, "孙甲"))
        assert sign_up(session, person(corner.community, elder=elder)).number == 1


def test_one_meal_a_day_is_counted_once(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        community, _station, _barber, elder, young = people(corner)
        canteen = make.make_canteen(community)
        meal = make.make_request(community, make.make_kind("MEAL"), elder.household, elder=elder)
        make.make_visit(meal, canteen=canteen)
        session = hold(corner, kind=Kind.SITTING, title="午饭", canteen=canteen)
        with pytest.raises(Conflict, match="one meal is counted once"):
            sign_up(session, person(corner.community, elder=elder))
        sign_up(session, person(corner.community, elder=young), here=True, boxes=1)
        assert figures.boxes_carried(canteen.id, session.day) == 1
        assert figures.served(community.id, session.day, session.day).boxes == 1


def test_closing_notes_who_did_not_come_and_counts_persons_and_times_apart(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        session, other = hold(corner), hold(corner, kind=Kind.OTHER, title="讲座")
        here, absent = (sign_up(session, whoever(corner, name, phone)) for name, phone in (("孙甲", "13800138000"), ("孙乙", "")))
        move(here, Turn.ARRIVED, Turn.CALLED)
        with pytest.raises(Conflict, match="still being served"):
            sessions.close(session, corner.user())
        move(here, Turn.SERVED)
        assert sessions.close(session, corner.user()) == 1
        assert absent.turn is Turn.NO_SHOW
        sign_up(other, Person("孙甲", "13800138000"), here=True)
        sessions.count(other, 30, 0)
        found = figures.served(corner.community, session.day, session.day)
        assert (found.persons, found.times, found.unnamed, found.sessions) == (1, 32, 30, 2)
        with pytest.raises(Conflict, match="over"):
            sign_up(session, whoever(corner, "孙丙"))
        sessions.reopen(session)
        assert sign_up(session, whoever(corner, "孙丙"))


def test_calling_off_wants_a_reason_tells_who_has_a_mobile_and_names_the_others(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        session = hold(corner)
        sign_up(session, whoever(corner, "孙甲", "13800138000"))
        sign_up(session, whoever(corner, "孙乙"))
        with pytest.raises(Invalid, match="Say why"):
            sessions.call_off(session, " ", corner.user())
        assert sessions.call_off(session, "停电", corner.user()) == ["孙乙"]
        assert session.state is SessionState.CANCELLED
    assert corner.count(Notice, Notice.template == "session_off") == 1


def test_a_session_is_somewhere_ends_after_it_begins_and_a_class_has_its_course(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        for wrong, words in (
            ({"start": 600, "end": 600}, "end after"),
            ({"station": None}, "Where"),
            ({"kind": Kind.COURSE}, "teacher"),
        ):
            with pytest.raises(Invalid, match=words):
                hold(corner, **wrong)
